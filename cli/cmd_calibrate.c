/* cmd_calibrate.c - conformal calibrate: a calibrator made and kept.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "calibration.h"
#include "out.h"
#include "record.h"
#include "say.h"

typedef struct options {
    common_options common;
    calibration_options calibration;
    const char *name;
} options;

static const opt table[] = {
    CALIBRATION_OPTIONS(options, calibration),
    {OPT_TEXT, 0, "name", offsetof(options, name), "NAME",
     "keep the calibrator under NAME (default \"default\")", NULL},
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END,
};

/* One threshold, or one a side: {"lower": .., "upper": ..}. */
static void add_threshold(conformal_report *r, const conformal_threshold *t, bool two_sides)
{
    if (!two_sides) {
        conformal_report_number(r, "threshold", t->upper);
        return;
    }
    conformal_report_begin_object(r, "threshold");
    conformal_report_number(r, "lower", t->lower);
    conformal_report_number(r, "upper", t->upper);
    conformal_report_end_object(r);
}

static conformal_status add_cell(conformal_report *r, const conformal_calibrator *k,
                                 size_t group, size_t a, conformal_error *err)
{
    conformal_coverage_law law;
    const conformal_threshold *t = conformal_calibrator_threshold(k, group, a);
    conformal_status status = conformal_calibrator_law(k, group, a, &law, err);
    add_threshold(r, t, conformal_score_sides(conformal_calibrator_score(k)) == 2);
    conformal_report_unsigned(r, "rank", t->rank);
    if (status != CONFORMAL_OK)
        return status;
    conformal_report_begin_object(r, "coverage_law");
    conformal_report_number(r, "mean", law.mean);
    conformal_report_number(r, "q05", law.q05);
    conformal_report_number(r, "q95", law.q95);
    conformal_report_end_object(r);
    return CONFORMAL_OK;
}

/* The thresholds of one level: inline, or an array of groups. */
static conformal_status add_level(conformal_report *r, const conformal_calibrator *k, size_t a,
                                  conformal_error *err)
{
    size_t n_groups = conformal_calibrator_groups(k);
    conformal_status status = CONFORMAL_OK;
    if (n_groups == 0)
        return add_cell(r, k, 0, a, err);
    conformal_report_begin_array(r, "groups");
    for (size_t g = 0; g < n_groups && status == CONFORMAL_OK; g++) {
        conformal_report_begin_object(r, NULL);
        conformal_report_text(r, "group", conformal_calibrator_group_name(k, g));
        conformal_report_unsigned(r, "n", conformal_calibrator_threshold(k, g, a)->n);
        status = add_cell(r, k, g, a, err);
        conformal_report_end_object(r);
    }
    conformal_report_end_array(r);
    return status;
}

static conformal_status fill(conformal_report *r, const conformal_calibrator *k,
                             const char *name, const char *store, conformal_error *err)
{
    const double *alphas;
    size_t n_alphas = conformal_calibrator_alphas(k, &alphas);
    conformal_status status;
    conformal_report_unsigned(r, "n", conformal_calibrator_rows(k));
    conformal_report_number(r, "alpha", alphas[0]);
    conformal_report_text(r, "method", "split");
    conformal_report_text(r, "score", conformal_score_name(conformal_calibrator_score(k)));
    conformal_report_text(r, "name", name);
    conformal_report_text(r, "store", store);
    if ((status = add_level(r, k, 0, err)) != CONFORMAL_OK || n_alphas == 1)
        return status;
    conformal_report_begin_array(r, "levels");
    for (size_t a = 0; a < n_alphas && status == CONFORMAL_OK; a++) {
        conformal_report_begin_object(r, NULL);
        conformal_report_number(r, "alpha", alphas[a]);
        status = add_level(r, k, a, err);
        conformal_report_end_object(r);
    }
    conformal_report_end_array(r);
    return status;
}

static int keep(const call *c, record *rec, const in_file *file, const conformal_calibrator *k,
                const char *name, const conformal_report *r)
{
    uint64_t n = conformal_calibrator_rows(k);
    conformal_error err;
    int status = record_begin(c, rec, &n);
    if (status == EXIT_DONE)
        status = record_input(c, rec, "calibration", file);
    if (status == EXIT_DONE)
        status = record_results(c, rec, r);
    if (status == EXIT_DONE &&
        conformal_store_save(rec->store, name, k, true, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    return status == EXIT_DONE ? record_finish(c, rec) : status;
}

static int run(const call *c)
{
    const options *o = c->options;
    in_file file = {.path = in_operand(c, 0), .digest = true};
    conformal_calibrator *k = NULL;
    conformal_report *r = NULL;
    conformal_score score;
    conformal_error err;
    record rec;
    int status = calibration_check(c, &o->calibration, &score);
    if (status != EXIT_DONE)
        return status;
    if (o->name[0] == '\0')
        return say_usage(c, "--name needs at least one letter");
    status = record_open(c, true, false, &rec);
    if (status == EXIT_DONE)
        status = calibration_read(c, &o->calibration, score, &file, &k);
    if (status == EXIT_DONE && (r = out_new_report(c)) == NULL)
        status = EXIT_MEMORY;
    if (status == EXIT_DONE && fill(r, k, o->name, rec.path, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    if (status == EXIT_DONE)
        status = keep(c, &rec, &file, k, o->name, r);
    record_close(&rec);
    if (status == EXIT_DONE) {
        calibration_note_infinite(c, k);
        status = out_report(c, r, EXIT_DONE);
    }
    conformal_report_free(r);
    conformal_calibrator_free(k);
    return status;
}

static const options defaults = {
    .calibration = {.method = "split", .score = "absolute"}, .name = "default"};

const command cmd_calibrate = {
    "calibrate",
    "[FILE]",
    "Fit a calibrator to a CSV file and keep it in the store",
    "FILE holds outcomes and the predictions of a model that was fitted on other data. The\n"
    "calibrator is kept in the store under --name (an older one of that name is replaced), "
    "its\n"
    "thresholds are printed, and what coverage to expect from them. Too few rows give "
    "infinite\n"
    "thresholds and a note, not an error.",
    "  conformal calibrate --y y --yhat yhat --alpha 0.1 --name housing cal.csv\n"
    "  conformal calibrate --y y --score cqr --lower q05 --upper q95 --group region cal.csv",
    table,
    sizeof(options),
    &defaults,
    0,
    1,
    run};
