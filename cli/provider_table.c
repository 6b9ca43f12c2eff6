/* provider_table.c - a model that is a table: history, p_<class>, ..
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "provider_inside.h"
#include "say.h"

typedef struct reading {
    provider *p;
    conformal_csv *csv;
    size_t history;
    size_t *use;
} reading;

static conformal_status on_header(void *user, conformal_csv *csv, conformal_error *err)
{
    reading *r = user;
    size_t column;
    char name[300];
    r->csv = csv;
    conformal_status status = conformal_csv_find(csv, "history", &column, err);
    if (status == CONFORMAL_OK)
        status = conformal_csv_use(csv, column, CONFORMAL_CSV_TEXT, &r->history, err);
    for (size_t y = 0; y < r->p->d->n_classes && status == CONFORMAL_OK; y++) {
        snprintf(name, sizeof name, "p_%.250s", r->p->d->classes[y]);
        if ((status = conformal_csv_find(csv, name, &column, err)) == CONFORMAL_OK)
            status = conformal_csv_use(csv, column, CONFORMAL_CSV_NUMBER, &r->use[y], err);
    }
    return status;
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows, conformal_error *err)
{
    reading *r = user;
    size_t classes = r->p->d->n_classes;
    conformal_status status = CONFORMAL_OK;
    for (size_t i = 0; i < rows->n && status == CONFORMAL_OK; i++) {
        conformal_text key = rows->texts[r->history][i];
        int32_t code;
        double sum = 0.0;
        status = provider_encode(r->p, key.bytes, key.length, &code, err);
        for (size_t y = 0; y < classes && status == CONFORMAL_OK; y++) {
            double x = rows->numbers[r->use[y]][i];
            r->p->p[(size_t)code * classes + y] = x;
            sum += x >= 0.0 ? x : (double)NAN;
        }
        if (status == CONFORMAL_OK && !(fabs(sum - 1.0) <= 1e-6)) {
            status = provider_fail(err, CONFORMAL_EDOM, "the probabilities are not 0 or more with sum 1");
            err->line = conformal_csv_line(r->csv, i);
        }
    }
    return status;
}

int provider_read_table(const call *c, provider *p, const char *path)
{
    reading r = {.p = p};
    in_file file = {.path = path};
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    r.use = malloc(p->d->n_classes * sizeof *r.use);
    if (r.use == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    callbacks.on_header = on_header;
    callbacks.on_rows = on_rows;
    callbacks.no_lines = 1;
    callbacks.user = &r;
    int status = in_csv(c, &file, &callbacks, NULL);
    free(r.use);
    return status;
}
