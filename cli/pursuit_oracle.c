/* pursuit_oracle.c - a table of classes and what they answer, and cases made up from it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "pursuit_reading.h"
#include "say.h"

conformal_status pursuit_oracle_header(void *user, conformal_csv *csv, conformal_error *err)
{
    reading *r = user;
    size_t label = 0; /* the first column names the classes, unless --label says which */
    r->csv = csv;
    if (r->o->label != NULL) {
        conformal_status status = conformal_csv_find(csv, r->o->label, &label, err);
        if (status != CONFORMAL_OK)
            return status;
    }
    return pursuit_use_columns(r, CONFORMAL_CSV_NUMBER, label, err);
}

static conformal_status take_class(reading *r, const conformal_csv_rows *rows, size_t i,
                                   conformal_error *err)
{
    pursuit_data *d = r->d;
    int32_t code;
    conformal_text name = rows->texts[r->label_use][i];
    if (conformal_dictionary_find(d->labels, name.bytes, name.length) >= 0)
        return pursuit_bad_field(r, i, "class", name, "stands twice", err);
    conformal_status status = conformal_dictionary_encode(d->labels, &name, 1, &code, err);
    for (size_t q = 0; q < d->n_queries && status == CONFORMAL_OK; q++) {
        double p = rows->numbers[r->use[q]][i];
        char text[CONFORMAL_NUMBER_SIZE];
        if (p < 0.0 || p > 1.0) {
            conformal_text t = {text, conformal_number_write(p, text)};
            return pursuit_bad_field(r, i, d->queries[q], t, "is not a probability of yes", err);
        }
        d->yes[(size_t)code * d->n_queries + q] = isnan(p) ? 0.5 : p; /* nothing is known */
    }
    return status;
}

conformal_status pursuit_oracle_rows(void *user, const conformal_csv_rows *rows,
                                       conformal_error *err)
{
    reading *r = user;
    pursuit_data *d = r->d;
    size_t classes = rows->first + rows->n;
    conformal_status status = CONFORMAL_OK;
    double *yes = realloc(d->yes, (classes * d->n_queries + 1) * sizeof *yes);
    if (yes == NULL)
        return pursuit_no_memory(err);
    d->yes = yes;
    for (size_t i = 0; i < rows->n && status == CONFORMAL_OK; i++)
        status = take_class(r, rows, i, err);
    return status;
}

/* no is 0, yes is 1. */
int pursuit_name_answers(const call *c, pursuit_data *d)
{
    static const conformal_text words[] = {{"no", 2}, {"yes", 3}};
    conformal_error err;
    int32_t codes[2];
    for (size_t q = 0; q < d->n_queries; q++)
        if (conformal_dictionary_encode(d->answers[q], words, 2, codes, &err) != CONFORMAL_OK)
            return say_failure(c, NULL, &err);
    return EXIT_DONE;
}

/* Cases of an oracle: a class at random, and its answers, with flips. */
int pursuit_simulate(const call *c, const pursuit_options *o, uint64_t seed, pursuit_data *d)
{
    conformal_error err;
    size_t n = (size_t)o->simulate.value, width = d->n_queries + 1;
    double *u = malloc(width * sizeof *u);
    conformal_status status = u == NULL ? pursuit_no_memory(&err) : pursuit_reserve(d, n, &err);
    for (size_t i = 0; i < n && status == CONFORMAL_OK; i++) {
        status = conformal_uniforms(seed, CONFORMAL_STREAM_CALIBRATION, i * width, width, u,
                                    &err);
        if (status != CONFORMAL_OK)
            break;
        size_t y = (size_t)(u[0] * (double)d->n_classes);
        d->classed[i] = (int32_t)y;
        for (size_t q = 0; q < d->n_queries; q++) {
            double p = o->flip + (1.0 - 2.0 * o->flip) * d->yes[y * d->n_queries + q];
            d->codes[i * d->n_queries + q] = u[q + 1] < p;
        }
    }
    d->rows = n;
    free(u);
    return status == CONFORMAL_OK ? EXIT_DONE : say_failure(c, NULL, &err);
}
