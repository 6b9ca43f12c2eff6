/* cmd_predict.c - conformal predict: the input's columns and the intervals, row by row.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibration.h"
#include "out.h"
#include "prediction.h"
#include "record.h"
#include "say.h"

typedef struct options {
    common_options common;
    calibration_options calibration;
    const char *name;
    const char *file; /* --calibration */
    const char *keep;
} options;

static const char *const keep_choices[] = {"rows", NULL};

static const opt table[] = {
    {OPT_TEXT, 0, "name", offsetof(options, name), "NAME",
     "use the calibrator kept under NAME", NULL},
    {OPT_TEXT, 0, "calibration", offsetof(options, file), "FILE",
     "calibrate on FILE first, in one step and without a store", NULL},
    CALIBRATION_OPTIONS(options, calibration),
    {OPT_CHOICE, 0, "keep", offsetof(options, keep), "WHAT", "also keep in the store",
     keep_choices},
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END,
};

static int load(const call *c, const options *o, conformal_calibrator **k)
{
    conformal_store *store = NULL;
    conformal_error err;
    int status = EXIT_DONE;
    if (conformal_store_open(record_path(c, true), CONFORMAL_STORE_READ, NULL, &store, &err) !=
            CONFORMAL_OK ||
        conformal_store_load(store, o->name, NULL, k, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    conformal_store_close(store);
    return status;
}

/* A kept calibrator remembers its columns; options override them. */
static void name_columns(const conformal_calibrator *k, column_options *named)
{
    for (int r = 0; r < N_ROLES; r++) {
        char key[32];
        snprintf(key, sizeof key, "column.%s", role_names[r]);
        if (named->name[r] == NULL)
            named->name[r] = conformal_calibrator_note(k, key);
    }
}

static int make_or_load(const call *c, const options *o, in_file *file,
                        conformal_calibrator **k)
{
    conformal_score score;
    if ((o->file == NULL) == (o->name == NULL))
        return say_usage(c,
                         "--name NAME (a kept calibrator) or --calibration FILE (one step) is "
                         "needed, and not both");
    if (o->file == NULL)
        return load(c, o, k);
    if (strcmp(o->file, "-") == 0 && in_operand(c, 0) == NULL)
        return say_usage(c, "standard input cannot be both the calibration and the test file");
    int status = calibration_check(c, &o->calibration, &score);
    if (status != EXIT_DONE)
        return status;
    file->path = strcmp(o->file, "-") == 0 ? NULL : o->file;
    status = calibration_read(c, &o->calibration, score, file, k);
    if (status == EXIT_DONE)
        calibration_note_infinite(c, *k);
    return status;
}

/* Which of the calibrator's levels: all, or those of --alpha. */
static int choose_levels(const call *c, const options *o, const conformal_calibrator *k,
                         prediction *p)
{
    const double *alphas;
    const opt_reals *wanted = &o->calibration.alphas;
    size_t n = conformal_calibrator_alphas(k, &alphas);
    p->n_levels = 0;
    if (o->file != NULL || wanted->n == 0) {
        for (; p->n_levels < n && p->n_levels < OPT_MOST_REALS; p->n_levels++)
            p->levels[p->n_levels] = p->n_levels;
        return EXIT_DONE;
    }
    for (size_t w = 0; w < wanted->n; w++) {
        size_t a = 0;
        char number[CONFORMAL_NUMBER_SIZE], list[256] = "";
        while (a < n && alphas[a] != wanted->values[w])
            a++;
        if (a < n) {
            p->levels[p->n_levels++] = a;
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            size_t at = strlen(list);
            conformal_number_write(alphas[i], number);
            snprintf(list + at, sizeof list - at, "%s%s", i > 0 ? ", " : "", number);
        }
        conformal_number_write(wanted->values[w], number);
        return say_usage(c,
                         "the calibrator '%s' has no threshold for alpha = %s, only for %s "
                         "(calibrate again with --alpha %s)",
                         o->name, number, list, number);
    }
    return EXIT_DONE;
}

static void say_counts(const call *c, const in_file *file, const prediction *p)
{
    const conformal_predict_counts *n = &p->counts;
    if (n->unseen > 0)
        say_note(c,
                 "%s: %zu of %zu rows are of a group that calibration has never seen: their "
                 "intervals are infinite",
                 file->name, n->unseen / p->n_levels, file->rows);
    if (p->missing > 0)
        say_note(c, "%s: %zu of %zu rows have a missing value: their intervals are infinite",
                 file->name, p->missing, file->rows);
    if (n->crossed > 0)
        say_note(
            c,
            "%s: lower and upper predictions cross in %zu rows, which were read the other "
            "way round",
            file->name, n->crossed / p->n_levels);
    if (n->empty > 0)
        say_note(c, "%s: %zu intervals are empty (lower > upper): no outcome conforms",
                 file->name, n->empty);
}

static int store_run(const call *c, record *rec, const in_file *calibration,
                     const in_file *test, prediction *p)
{
    uint64_t n = test->rows;
    conformal_report *r = NULL;
    conformal_error err;
    if (rec->store == NULL)
        return EXIT_DONE;
    int status = record_begin(c, rec, &n);
    if (status == EXIT_DONE && calibration->name != NULL)
        status = record_input(c, rec, "calibration", calibration);
    if (status == EXIT_DONE)
        status = record_input(c, rec, "test", test);
    if (status == EXIT_DONE && conformal_report_create(NULL, &r, &err) == CONFORMAL_OK) {
        conformal_report_unsigned(r, "n", n);
        conformal_report_unsigned(r, "infinite", p->counts.infinite);
        conformal_report_unsigned(r, "empty", p->counts.empty);
        conformal_report_unsigned(r, "unseen", p->counts.unseen);
        conformal_report_unsigned(r, "missing", p->missing);
        status = record_results(c, rec, r);
    }
    for (size_t l = 0; l < 2 * p->n_levels && p->keep && status == EXIT_DONE; l++)
        if (conformal_store_rows(rec->store, p->names[l], 0, p->kept[l], p->n_kept, &err) !=
            CONFORMAL_OK)
            status = say_failure(c, NULL, &err);
    conformal_report_free(r);
    return status == EXIT_DONE ? record_finish(c, rec) : status;
}

static int run(const call *c)
{
    const options *o = c->options;
    in_file calibration = {.digest = false}, test = {.path = in_operand(c, 0)};
    column_options named = o->calibration.columns;
    conformal_calibrator *k = NULL;
    record rec;
    if (common_of(c)->format != NULL && strcmp(common_of(c)->format, "csv") != 0)
        return say_usage(c, "--format: predict writes CSV only");
    int status = record_open(c, o->keep != NULL, o->name != NULL, &rec);
    calibration.digest = test.digest = rec.store != NULL;
    if (status == EXIT_DONE)
        status = make_or_load(c, o, &calibration, &k);
    prediction *p = status == EXIT_DONE ? prediction_create(c, k, &named) : NULL;
    if (status == EXIT_DONE && p == NULL)
        status = EXIT_MEMORY;
    if (status == EXIT_DONE) {
        name_columns(k, &named);
        p->keep = o->keep != NULL;
        status = choose_levels(c, o, k, p);
    }
    if (status == EXIT_DONE && (p->out = out_open(c)) == NULL)
        status = EXIT_IO;
    if (status == EXIT_DONE) {
        status = prediction_run(p, &test);
        if (status == EXIT_DONE) {
            say_counts(c, &test, p);
            status = store_run(c, &rec, &calibration, &test, p);
        }
        status = out_close(c, p->out, status);
    }
    prediction_free(p);
    record_close(&rec);
    conformal_calibrator_free(k);
    return status;
}

static const options defaults = {.calibration = {.method = "split", .score = "absolute"}};

const command cmd_predict = {
    "predict",
    "[FILE]",
    "Add prediction intervals to the rows of a CSV file",
    "The input's columns as they stand, and lower and upper (lower_0.1, upper_0.1, ... for "
    "several\n"
    "levels). The calibrator comes from the store (--name) or is made in one step "
    "(--calibration\n"
    "with the options of calibrate). Any number of rows in constant memory. A group that\n"
    "calibration has never seen, and a row with a missing value, get an infinite interval.",
    "  conformal predict --name housing new.csv > intervals.csv\n"
    "  conformal predict --calibration cal.csv --y y --yhat yhat --alpha 0.1 new.csv",
    table,
    sizeof(options),
    &defaults,
    0,
    1,
    run};
