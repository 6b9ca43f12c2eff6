/* cmd_evaluate.c - conformal evaluate: did the intervals keep their promise?
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "in.h"
#include "out.h"
#include "record.h"
#include "say.h"

typedef struct options {
    common_options common;
    column_options columns;
    double alpha;
    double require;
} options;

static const opt table[] = {
    COLUMN_OPTION(options, columns, ROLE_Y, "y", "the outcome"),
    COLUMN_OPTION(options, columns, ROLE_LOWER, "lower",
                  "lower ends (default lower, or lower_*)"),
    COLUMN_OPTION(options, columns, ROLE_UPPER, "upper",
                  "upper ends (default upper, or upper_*)"),
    COLUMN_OPTION(options, columns, ROLE_GROUP, "group", "also by the values of this column"),
    {OPT_REAL, 'a', "alpha", offsetof(options, alpha), "A",
     "nominal miscoverage, for the Winkler score (default 0.1, or the column's)", NULL},
    {OPT_REAL, 0, "require-coverage", offsetof(options, require), "C",
     "exit with status 1 when the coverage is below C", NULL},
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END,
};

/* One pair of columns with interval ends. */
typedef struct band {
    char names[2][64];
    double alpha; /* NaN: not in the name */
    size_t use[2];
    double *ends[2];
} band;

typedef struct evaluation {
    const call *c;
    const options *o;
    conformal_csv *csv;
    band bands[OPT_MOST_REALS];
    size_t n_bands;
    size_t use_y, use_group;
    double *y;
    conformal_dictionary *groups;
    int32_t *codes;
    size_t n, room, dropped;
    conformal_text *texts; /* groups of the complete rows of a block */
    size_t text_room;
} evaluation;

/* lower_0.1 and upper_0.1: the levels that predict wrote. */
static void find_levels(evaluation *e, conformal_csv *csv)
{
    for (size_t c = 0; c < conformal_csv_columns(csv); c++) {
        const char *name = conformal_csv_column_name(csv, c);
        size_t other;
        band *b = &e->bands[e->n_bands];
        if (strncmp(name, "lower_", 6) != 0 || strlen(name) >= sizeof b->names[0] ||
            e->n_bands == OPT_MOST_REALS ||
            conformal_number_read(name + 6, strlen(name) - 6, &b->alpha, NULL) != CONFORMAL_OK)
            continue;
        snprintf(b->names[0], sizeof b->names[0], "%s", name);
        snprintf(b->names[1], sizeof b->names[1], "upper_%s", name + 6);
        e->n_bands += conformal_csv_find(csv, b->names[1], &other, NULL) == CONFORMAL_OK;
    }
}

static conformal_status use(conformal_csv *csv, const char *name, conformal_csv_kind kind,
                            size_t *index, conformal_error *err)
{
    size_t column;
    conformal_status status = conformal_csv_find(csv, name, &column, err);
    return status == CONFORMAL_OK ? conformal_csv_use(csv, column, kind, index, err) : status;
}

static conformal_status on_header(void *user, conformal_csv *csv, conformal_error *err)
{
    evaluation *e = user;
    const char *const *names = e->o->columns.name;
    size_t column;
    conformal_status status = CONFORMAL_OK;
    e->csv = csv;
    if (names[ROLE_LOWER] == NULL && names[ROLE_UPPER] == NULL &&
        conformal_csv_find(csv, "lower", &column, NULL) != CONFORMAL_OK)
        find_levels(e, csv);
    if (e->n_bands == 0) {
        band *b = &e->bands[e->n_bands++];
        b->alpha = (double)NAN;
        snprintf(b->names[0], sizeof b->names[0], "%s",
                 names[ROLE_LOWER] != NULL ? names[ROLE_LOWER] : "lower");
        snprintf(b->names[1], sizeof b->names[1], "%s",
                 names[ROLE_UPPER] != NULL ? names[ROLE_UPPER] : "upper");
    }
    status = use(csv, names[ROLE_Y], CONFORMAL_CSV_NUMBER, &e->use_y, err);
    for (size_t b = 0; b < e->n_bands; b++)
        for (int s = 0; s < 2 && status == CONFORMAL_OK; s++)
            status =
                use(csv, e->bands[b].names[s], CONFORMAL_CSV_NUMBER, &e->bands[b].use[s], err);
    if (status == CONFORMAL_OK && names[ROLE_GROUP] != NULL)
        status = use(csv, names[ROLE_GROUP], CONFORMAL_CSV_TEXT, &e->use_group, err);
    return status;
}

static bool grow(void *array, size_t room, size_t size)
{
    void **at = array, *grown = realloc(*at, room * size);
    if (grown != NULL)
        *at = grown;
    return grown != NULL;
}

static conformal_status reserve(evaluation *e, size_t more, conformal_error *err)
{
    bool all = true;
    if (e->n + more > e->room) {
        size_t room = (e->n + more) + (e->n + more) / 2;
        all = grow(&e->y, room, sizeof *e->y) && grow(&e->codes, room, sizeof *e->codes);
        for (size_t b = 0; b < e->n_bands; b++)
            for (int s = 0; s < 2; s++)
                all = all && grow(&e->bands[b].ends[s], room, sizeof(double));
        e->room = all ? room : 0;
    }
    if (all && more > e->text_room) {
        all = grow(&e->texts, more, sizeof *e->texts);
        e->text_room = all ? more : 0;
    }
    if (all)
        return CONFORMAL_OK;
    err->status = CONFORMAL_ENOMEM;
    err->line = 0;
    snprintf(err->message, sizeof err->message, "no memory for %zu intervals", e->n + more);
    return CONFORMAL_ENOMEM;
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows,
                                conformal_error *err)
{
    evaluation *e = user;
    size_t n = e->n, at = e->n;
    conformal_status status = reserve(e, rows->n, err);
    if (status != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < rows->n; i++) {
        bool complete = !isnan(rows->numbers[e->use_y][i]);
        e->y[at] = rows->numbers[e->use_y][i];
        for (size_t b = 0; b < e->n_bands; b++)
            for (int s = 0; s < 2; s++) {
                double x = rows->numbers[e->bands[b].use[s]][i];
                e->bands[b].ends[s][at] = x;
                complete = complete && !isnan(x);
            }
        if (e->groups != NULL)
            e->texts[at - n] = rows->texts[e->use_group][i];
        at += complete;
    }
    e->dropped += rows->n - (at - n);
    e->n = at;
    if (e->groups != NULL)
        status = conformal_dictionary_encode(e->groups, e->texts, at - n, e->codes + n, err);
    return status;
}

static void add_metrics(conformal_report *r, const conformal_interval_metrics *m)
{
    conformal_report_number(r, "coverage", m->coverage);
    conformal_report_number(r, "coverage_lower", m->coverage_lower);
    conformal_report_number(r, "coverage_upper", m->coverage_upper);
    conformal_report_number(r, "mean_width", m->mean_width);
    conformal_report_number(r, "median_width", m->median_width);
    conformal_report_number(r, "winkler", m->winkler);
    conformal_report_unsigned(r, "infinite", m->infinite);
    conformal_report_unsigned(r, "empty", m->empty);
    conformal_report_unsigned(r, "below", m->below);
    conformal_report_unsigned(r, "above", m->above);
}

static double alpha_of(const evaluation *e, size_t b)
{
    if (!isnan(e->o->alpha))
        return e->o->alpha;
    return isnan(e->bands[b].alpha) ? 0.1 : e->bands[b].alpha;
}

/* The metrics of one band; the lowest coverage so far in *least. */
static conformal_status add_band(conformal_report *r, const evaluation *e, size_t b,
                                 double *least, conformal_error *err)
{
    size_t n_groups = e->groups != NULL ? conformal_dictionary_size(e->groups) : 0;
    const char *const *names =
        e->groups != NULL ? conformal_dictionary_names(e->groups) : NULL;
    conformal_interval_metrics *m = calloc(n_groups + 1, sizeof *m);
    if (m == NULL) {
        err->status = CONFORMAL_ENOMEM;
        snprintf(err->message, sizeof err->message, "no memory for %zu groups", n_groups);
        return CONFORMAL_ENOMEM;
    }
    conformal_status status =
        conformal_evaluate_intervals(e->y, e->bands[b].ends[0], e->bands[b].ends[1], e->n,
                                     alpha_of(e, b), e->codes, n_groups, NULL, m, err);
    if (status == CONFORMAL_OK) {
        add_metrics(r, &m[0]);
        *least = fmin(*least, m[0].coverage);
    }
    if (status == CONFORMAL_OK && n_groups > 0) {
        conformal_report_begin_array(r, "groups");
        for (size_t g = 0; g < n_groups; g++) {
            conformal_report_begin_object(r, NULL);
            conformal_report_text(r, "group", names[g]);
            conformal_report_unsigned(r, "n", m[1 + g].n);
            add_metrics(r, &m[1 + g]);
            conformal_report_end_object(r);
        }
        conformal_report_end_array(r);
    }
    free(m);
    return status;
}

static conformal_status fill(conformal_report *r, const evaluation *e, double *least,
                             conformal_error *err)
{
    conformal_status status;
    conformal_report_unsigned(r, "n", e->n);
    conformal_report_number(r, "alpha", alpha_of(e, 0));
    status = add_band(r, e, 0, least, err);
    if (status != CONFORMAL_OK || e->n_bands == 1)
        return status;
    conformal_report_begin_array(r, "levels");
    for (size_t b = 0; b < e->n_bands && status == CONFORMAL_OK; b++) {
        conformal_report_begin_object(r, NULL);
        conformal_report_number(r, "alpha", alpha_of(e, b));
        status = add_band(r, e, b, least, err);
        conformal_report_end_object(r);
    }
    conformal_report_end_array(r);
    return status;
}

static int check(const call *c, const options *o)
{
    if (!isnan(o->alpha) && !(o->alpha > 0.0 && o->alpha <= 1.0))
        return say_usage(
            c, "alpha must be above 0 and at most 1 here: the Winkler score divides by it");
    if (!isnan(o->require) && !(o->require >= 0.0 && o->require <= 1.0))
        return say_usage(c, "--require-coverage must be between 0 and 1");
    if ((o->columns.name[ROLE_LOWER] == NULL) != (o->columns.name[ROLE_UPPER] == NULL))
        return say_usage(c, "--lower and --upper go together");
    return columns_check(c, &o->columns, 1u << ROLE_Y, "evaluation");
}

static int judge(const call *c, const options *o, double least)
{
    char required[CONFORMAL_NUMBER_SIZE], found[CONFORMAL_NUMBER_SIZE];
    if (isnan(o->require) || least >= o->require)
        return EXIT_DONE;
    conformal_number_write(o->require, required);
    conformal_number_write(least, found);
    say_error(c, "the coverage is %s, below the required %s", found, required);
    return EXIT_NEGATIVE;
}

static int keep(const call *c, record *rec, const in_file *file, const conformal_report *r)
{
    uint64_t n = file->rows;
    int status = record_begin(c, rec, &n);
    if (status == EXIT_DONE)
        status = record_input(c, rec, "evaluation", file);
    if (status == EXIT_DONE)
        status = record_results(c, rec, r);
    return status == EXIT_DONE ? record_finish(c, rec) : status;
}

static int report(const call *c, const options *o, evaluation *e, const in_file *file,
                  record *rec)
{
    conformal_error err;
    double least = 1.0;
    if (e->n == 0) {
        say_error(c, "%s: there is no row to evaluate", file->name);
        return EXIT_DATA;
    }
    if (e->dropped > 0)
        say_note(c, "%s: %zu of %zu rows have a missing value and were left out", file->name,
                 e->dropped, file->rows);
    conformal_report *r = out_new_report(c);
    if (r == NULL)
        return EXIT_MEMORY;
    int status = fill(r, e, &least, &err) == CONFORMAL_OK ? EXIT_DONE
                                                          : say_failure(c, file->name, &err);
    if (status == EXIT_DONE && rec->store != NULL)
        status = keep(c, rec, file, r);
    if (status == EXIT_DONE)
        status = out_report(c, r, judge(c, o, least));
    conformal_report_free(r);
    return status;
}

static int run(const call *c)
{
    const options *o = c->options;
    in_file file = {.path = in_operand(c, 0)};
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    conformal_error err;
    record rec;
    int status = check(c, o);
    if (status != EXIT_DONE || (status = record_open(c, false, false, &rec)) != EXIT_DONE)
        return status;
    evaluation *e = calloc(1, sizeof *e);
    if (e == NULL) {
        record_close(&rec);
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    e->c = c;
    e->o = o;
    file.digest = rec.store != NULL;
    callbacks.on_header = on_header;
    callbacks.on_rows = on_rows;
    callbacks.no_lines = 1;
    callbacks.user = e;
    if (o->columns.name[ROLE_GROUP] != NULL &&
        conformal_dictionary_create(NULL, &e->groups, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    if (status == EXIT_DONE)
        status = in_csv(c, &file, &callbacks, NULL);
    if (status == EXIT_DONE)
        status = report(c, o, e, &file, &rec);
    record_close(&rec);
    conformal_dictionary_free(e->groups);
    for (size_t b = 0; b < e->n_bands; b++)
        for (int s = 0; s < 2; s++)
            free(e->bands[b].ends[s]);
    free(e->y);
    free(e->codes);
    free(e->texts);
    free(e);
    return status;
}

static const options defaults = {.alpha = (double)NAN, .require = (double)NAN};

const command cmd_evaluate = {
    "evaluate",
    "[FILE]",
    "Measure the coverage and width of intervals",
    "FILE holds outcomes and intervals, e.g. what predict has written. Coverage comes with "
    "its\n"
    "exact 95 % (Clopper-Pearson) interval; infinite and empty intervals are counted, never\n"
    "averaged. With --require-coverage the exit status says whether the coverage is high "
    "enough.",
    "  conformal evaluate --y y intervals.csv --format json\n"
    "  conformal evaluate --y y --lower q05 --upper q95 --group region test.csv",
    table,
    sizeof(options),
    &defaults,
    0,
    1,
    run};
