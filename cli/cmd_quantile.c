/* cmd_quantile.c - conformal quantile: the threshold of a column of scores.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "in.h"
#include "out.h"
#include "record.h"
#include "say.h"

typedef struct options {
    common_options common;
    opt_reals alphas;
    const char *score;
} options;

static const opt table[] = {
    {OPT_REALS, 'a', "alpha", offsetof(options, alphas), "A",
     "miscoverage level, several for several thresholds (default 0.1)", NULL},
    {OPT_TEXT, 0, "score", offsetof(options, score), "COL",
     "the scores (default: the only column, or the one named score)", NULL},
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END,
};

typedef struct scores {
    const options *o;
    size_t use, n, room, dropped;
    double *values;
} scores;

static conformal_status on_header(void *user, conformal_csv *csv, conformal_error *err)
{
    scores *s = user;
    const char *name = s->o->score, *only = conformal_csv_column_name(csv, 0);
    double x;
    size_t column = 0;
    conformal_status status = CONFORMAL_OK;
    if (conformal_number_read(only, strlen(only), &x, NULL) == CONFORMAL_OK) {
        memset(err, 0, sizeof *err);
        err->status = CONFORMAL_ESYNTAX;
        err->line = 1;
        snprintf(err->message, sizeof err->message,
                 "the header is the number %.40s: a line with column names must come first "
                 "(sed '1i score')", only);
        return err->status;
    }
    if (name != NULL || conformal_csv_columns(csv) > 1)
        status = conformal_csv_find(csv, name != NULL ? name : "score", &column, err);
    return status == CONFORMAL_OK
               ? conformal_csv_use(csv, column, CONFORMAL_CSV_NUMBER, &s->use, err)
               : status;
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows,
                                conformal_error *err)
{
    scores *s = user;
    const double *x = rows->numbers[s->use];
    if (s->n + rows->n > s->room) {
        size_t room = (s->n + rows->n) + (s->n + rows->n) / 2;
        double *grown = realloc(s->values, room * sizeof *grown);
        if (grown == NULL) {
            err->status = CONFORMAL_ENOMEM;
            err->line = 0;
            snprintf(err->message, sizeof err->message, "no memory for %zu scores", room);
            return CONFORMAL_ENOMEM;
        }
        s->values = grown;
        s->room = room;
    }
    for (size_t i = 0; i < rows->n; i++) {
        s->values[s->n] = x[i];
        if (isnan(x[i]))
            s->dropped++;
        else
            s->n++;
    }
    return CONFORMAL_OK;
}

static conformal_status fill(conformal_report *r, const scores *s, const double *alphas,
                             size_t n_alphas, conformal_error *err)
{
    double thresholds[OPT_MOST_REALS];
    size_t rank;
    conformal_status status =
        conformal_quantiles(s->values, s->n, alphas, n_alphas, NULL, thresholds, err);
    if (status != CONFORMAL_OK)
        return status;
    conformal_report_unsigned(r, "n", s->n);
    for (size_t a = 0; a < n_alphas && status == CONFORMAL_OK; a++) {
        status = conformal_rank(s->n, alphas[a], &rank, err);
        if (n_alphas > 1 && a == 0)
            conformal_report_begin_array(r, "levels");
        if (n_alphas > 1)
            conformal_report_begin_object(r, NULL);
        conformal_report_number(r, "alpha", alphas[a]);
        conformal_report_unsigned(r, "rank", rank);
        conformal_report_number(r, "threshold", thresholds[a]);
        if (n_alphas > 1)
            conformal_report_end_object(r);
    }
    if (n_alphas > 1)
        conformal_report_end_array(r);
    return status;
}

static int finish(const call *c, const scores *s, const in_file *file, record *rec)
{
    static const double usual[] = {0.1};
    const options *o = c->options;
    const double *alphas = o->alphas.n > 0 ? o->alphas.values : usual;
    size_t n_alphas = o->alphas.n > 0 ? o->alphas.n : 1;
    uint64_t n = s->n;
    conformal_error err;
    conformal_report *r = out_new_report(c);
    if (r == NULL)
        return EXIT_MEMORY;
    int status = EXIT_DONE;
    if (fill(r, s, alphas, n_alphas, &err) != CONFORMAL_OK)
        status = say_failure(c, file->name, &err);
    if (status == EXIT_DONE && rec->store != NULL) {
        status = record_begin(c, rec, &n);
        if (status == EXIT_DONE)
            status = record_input(c, rec, "scores", file);
        if (status == EXIT_DONE)
            status = record_results(c, rec, r);
        if (status == EXIT_DONE)
            status = record_finish(c, rec);
    }
    for (size_t a = 0; a < n_alphas && status == EXIT_DONE; a++) {
        size_t needed, rank = 0;
        char number[CONFORMAL_NUMBER_SIZE];
        conformal_number_write(alphas[a], number);
        if (conformal_rank(s->n, alphas[a], &rank, NULL) == CONFORMAL_OK && rank > s->n &&
            conformal_plan_finite_size(alphas[a], &needed, NULL) == CONFORMAL_OK)
            say_note(
                c,
                "%zu scores are too few for alpha = %s: the threshold is infinite (%zu would "
                "do)",
                s->n, number, needed);
    }
    if (status == EXIT_DONE)
        status = out_report(c, r, EXIT_DONE);
    conformal_report_free(r);
    return status;
}

static int run(const call *c)
{
    const options *o = c->options;
    in_file file = {.path = in_operand(c, 0)};
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    scores s = {.o = o};
    record rec;
    for (size_t a = 0; a < o->alphas.n; a++)
        if (!(o->alphas.values[a] >= 0.0 && o->alphas.values[a] <= 1.0)) {
            char number[CONFORMAL_NUMBER_SIZE];
            conformal_number_write(o->alphas.values[a], number);
            return say_usage(c, "alpha must be between 0 and 1, not %s", number);
        }
    int status = record_open(c, false, false, &rec);
    if (status != EXIT_DONE)
        return status;
    file.digest = rec.store != NULL;
    callbacks.on_header = on_header;
    callbacks.on_rows = on_rows;
    callbacks.no_lines = 1;
    callbacks.user = &s;
    status = in_csv(c, &file, &callbacks, NULL);
    if (status == EXIT_DONE && s.dropped > 0)
        say_note(c, "%s: %zu of %zu rows have a missing value and were left out", file.name,
                 s.dropped, file.rows);
    if (status == EXIT_DONE)
        status = finish(c, &s, &file, &rec);
    record_close(&rec);
    free(s.values);
    return status;
}

static const options defaults;

const command cmd_quantile = {
    "quantile",
    "[FILE]",
    "Print the conformal threshold of a column of scores",
    "The ceil((n + 1)(1 - alpha))-th smallest score: with exchangeable scores the next one is "
    "at\n"
    "most that large with probability at least 1 - alpha. Infinite when there are too few.",
    "  conformal quantile --score residual --alpha 0.1 scores.csv",
    table,
    sizeof(options),
    &defaults,
    0,
    1,
    run};
