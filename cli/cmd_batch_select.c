/* cmd_batch_select.c - conformal batch select: claims about members of a batch, with few mistakes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "say.h"
#include "spool.h"

typedef struct selection {
    const call *c;
    const batch_options *o;
    batch_rows b;
    conformal_csv *csv;
    out *out; /* NULL: rows are only counted */
    size_t use_yhat, use_group;
    double *flags;
    size_t room, selected, missing;
} selection;

/* The null score: the prediction where a claim is a mistake, else -infinity. */
static int make_scores(const call *c, const batch_options *o, batch_rows *b)
{
    const double *y = b->in.seen.columns[BATCH_AT_Y].numbers,
                 *yhat = b->in.seen.columns[BATCH_AT_YHAT].numbers;
    b->scores = malloc((b->in.n + 1) * sizeof *b->scores);
    if (b->scores == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    for (size_t i = 0; i < b->in.n; i++)
        b->scores[i] = y[i] <= o->above ? yhat[i] : -HUGE_VAL;
    return EXIT_DONE;
}

static conformal_status use(conformal_csv *csv, const char *name, conformal_csv_kind kind,
                            size_t *index, conformal_error *err)
{
    size_t column;
    conformal_status status = conformal_csv_find(csv, name, &column, err);
    return status == CONFORMAL_OK ? conformal_csv_use(csv, column, kind, index, err) : status;
}

static conformal_status write_header(selection *s, conformal_error *err)
{
    conformal_text header = conformal_csv_header(s->csv);
    char ending[] = {conformal_csv_delimiter(s->csv), 's', 'e', 'l', 'e', 'c', 't', 'e', 'd',
                     '\n'};
    conformal_status status = out_write(s->out, header.bytes, header.length, err);
    return status == CONFORMAL_OK ? out_write(s->out, ending, sizeof ending, err) : status;
}

static conformal_status on_header(void *user, conformal_csv *csv, conformal_error *err)
{
    selection *s = user;
    size_t there;
    const char *const *names = s->o->columns.name;
    conformal_status status = use(csv, names[ROLE_YHAT], CONFORMAL_CSV_NUMBER, &s->use_yhat, err);
    s->csv = csv;
    if (status == CONFORMAL_OK && names[ROLE_GROUP] != NULL)
        status = use(csv, names[ROLE_GROUP], CONFORMAL_CSV_TEXT, &s->use_group, err);
    if (status != CONFORMAL_OK || s->out == NULL)
        return status;
    if (conformal_csv_find(csv, "selected", &there, NULL) == CONFORMAL_OK) {
        err->status = CONFORMAL_EEXISTS;
        err->line = 0;
        err->argument[0] = '\0';
        snprintf(err->message, sizeof err->message,
                 "there is a column 'selected' already: leave it out or rename it");
        return err->status;
    }
    return write_header(s, err);
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows,
                                conformal_error *err)
{
    selection *s = user;
    const double *yhat = rows->numbers[s->use_yhat];
    if (rows->n > s->room) {
        free(s->flags);
        s->flags = malloc(rows->n * sizeof *s->flags);
        s->room = s->flags != NULL ? rows->n : 0;
    }
    if (s->flags == NULL) {
        err->status = CONFORMAL_ENOMEM;
        err->line = 0;
        snprintf(err->message, sizeof err->message, "no memory for %zu rows", rows->n);
        return err->status;
    }
    for (size_t i = 0; i < rows->n; i++) {
        const conformal_text *group =
            s->b.in.groups != NULL ? &rows->texts[s->use_group][i] : NULL;
        bool claimed = yhat[i] > batch_rows_threshold(&s->b, group); /* false for NaN */
        s->missing += isnan(yhat[i]) != 0;
        s->selected += claimed;
        s->flags[i] = claimed;
    }
    if (s->out == NULL)
        return CONFORMAL_OK;
    const double *flags[] = {s->flags};
    return conformal_csv_write_rows(rows->lines, flags, 1, rows->n,
                                    conformal_csv_delimiter(s->csv), in_threads(), NULL,
                                    out_write, s->out, err);
}

/* The second pass: claims, written or only counted. */
static int claim(selection *s)
{
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    in_file again = {.path = s->b.in.test.path};
    callbacks.on_header = on_header;
    callbacks.on_rows = on_rows;
    callbacks.user = s;
    if (!batch_rows_summary(s->c, s->o) && (s->out = out_open(s->c)) == NULL)
        return EXIT_IO;
    int status = in_csv(s->c, &again, &callbacks, NULL);
    if (status == EXIT_DONE && again.rows != s->b.in.m) {
        say_error(s->c, "%s: the file changed while it was read", again.name);
        status = EXIT_IO;
    }
    if (s->out != NULL)
        status = out_close(s->c, s->out, status);
    if (status == EXIT_DONE && s->missing > 0)
        say_note(s->c, "%s: %zu of %zu rows have no prediction and are not selected", again.name,
                 s->missing, again.rows);
    return status;
}

static int finish(selection *s, record *rec)
{
    char number[CONFORMAL_NUMBER_SIZE];
    size_t mistakes = (size_t)s->o->mistakes.value;
    conformal_report *r = out_new_report(s->c);
    if (r == NULL)
        return EXIT_MEMORY;
    int status = s->o->m.given ? EXIT_DONE : claim(s);
    batch_rows_report(r, s->o, &s->b, rec, "select");
    conformal_report_number(r, "above", s->o->above);
    conformal_report_unsigned(r, "false", mistakes);
    if (!s->o->m.given)
        conformal_report_unsigned(r, "selected", s->selected);
    batch_rows_report_strata(r, &s->b);
    /* for people: four decimals, downwards */
    conformal_number_write(floor(1e4 * s->b.coverage + 1e-6) / 1e4, number);
    if (status == EXIT_DONE && !s->o->m.given)
        say_note(s->c, "%zu of %zu rows are selected; with probability %s at most %zu of these "
                       "claims are false",
                 s->selected, s->b.in.m, number, mistakes);
    if (status == EXIT_DONE)
        status = batch_record(s->c, rec, &s->b.in, r);
    if (status == EXIT_DONE && batch_rows_summary(s->c, s->o))
        status = out_report(s->c, r, EXIT_DONE);
    conformal_report_free(r);
    return status;
}

static int run(const call *c)
{
    selection s = {.c = c, .o = c->options};
    record rec;
    int status = batch_check(c, s.o);
    if (status != EXIT_DONE)
        return status;
    if (isnan(s.o->above))
        return say_usage(c, "--above C is needed: the claim is that an outcome is above C");
    status = columns_check(c, &s.o->columns, 1u << ROLE_Y | 1u << ROLE_YHAT, "selection");
    if (status != EXIT_DONE || (status = record_open(c, false, false, &rec)) != EXIT_DONE)
        return status;
    if ((status = batch_rows_read(c, s.o, &rec, &s.b)) == EXIT_DONE &&
        (status = make_scores(c, s.o, &s.b)) == EXIT_DONE) {
        if (s.o->mistakes.value >= s.b.in.m)
            status = say_usage(c, "--false must be below the size of the batch, %zu", s.b.in.m);
        else
            s.b.rank = s.b.in.m - (size_t)s.o->mistakes.value;
    }
    if (status == EXIT_DONE && (status = batch_rows_thresholds(c, s.o, &s.b)) == EXIT_DONE)
        status = finish(&s, &rec);
    record_close(&rec);
    free(s.flags);
    batch_rows_free(&s.b);
    return status;
}

static const opt table[] = {
    {OPT_REAL, 0, "above", offsetof(batch_options, above), "C",
     "the claim: the outcome is above C", NULL},
    {OPT_COUNT, 0, "false", offsetof(batch_options, mistakes), "K",
     "how many false claims are allowed (default 0)", NULL},
    BATCH_TEXT(calibration, "calibration", "FILE", "the calibration rows (needed)"),
    COLUMN_OPTION(batch_options, columns, ROLE_Y, "y", "the outcome"),
    COLUMN_OPTION(batch_options, columns, ROLE_YHAT, "yhat",
                  "its prediction (or any number that tends to be large with it)"),
    BATCH_SIZE_OPTIONS,
    BATCH_GROUP_OPTION,
    BATCH_SHIFT_OPTIONS,
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END};

const command cmd_batch_select = {
    "batch select",
    "[FILE]",
    "Select members of a batch, with few mistakes",
    "FILE's columns as they stand, and selected: 1 where it is claimed that the outcome is above\n"
    "C, else 0. With probability 1 - alpha at most K of the claims are false. With --m M, or\n"
    "--format json or table, a summary is printed instead: the threshold of the predictions.",
    "  conformal batch select --calibration cal.csv --y y --yhat yhat --above 5 --false 3 "
    "batch.csv",
    table,
    sizeof(batch_options),
    &batch_defaults,
    0,
    1,
    run};
