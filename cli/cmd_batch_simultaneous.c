/* cmd_batch_simultaneous.c - conformal batch simultaneous: intervals that hold for all members of
 * a batch at once, or for all but a few.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "prediction.h"
#include "say.h"
#include "spool.h"

/* Which score the columns mean: --score: none, the column is one. */
static int choose_score(const call *c, const batch_options *o, conformal_score *score)
{
    const char *const *k = o->columns.name;
    bool band = k[ROLE_LOWER] != NULL || k[ROLE_UPPER] != NULL;
    *score = band                     ? CONFORMAL_SCORE_CQR
             : k[ROLE_SCALE] != NULL ? CONFORMAL_SCORE_NORMALIZED
                                     : CONFORMAL_SCORE_ABSOLUTE;
    if (o->score != NULL && (k[ROLE_Y] != NULL || k[ROLE_YHAT] != NULL || band))
        return say_usage(c, "--score COL and the columns of outcome and predictions exclude each "
                            "other");
    if (o->score != NULL)
        return EXIT_DONE;
    if (band && k[ROLE_YHAT] != NULL)
        return say_usage(c, "--yhat COL and --lower COL --upper COL exclude each other");
    return columns_check(c, &o->columns, columns_of_score(*score, true),
                         band ? "a set around a predicted band"
                              : "a set around a prediction (or --score COL)");
}

static int check_allowed(const call *c, const batch_options *o)
{
    if (o->allow.given && !isnan(o->fraction))
        return say_usage(c, "--allow and --fraction exclude each other");
    if (!isnan(o->fraction) && !(o->fraction > 0.0 && o->fraction <= 1.0))
        return say_usage(c, "--fraction must be above 0 and at most 1");
    return EXIT_DONE;
}

static int make_scores(const call *c, conformal_score score, batch_rows *b)
{
    frame_column *k = b->in.seen.columns;
    conformal_data d = CONFORMAL_DATA_INIT;
    conformal_error err;
    b->scores = malloc((b->in.n + 1) * sizeof *b->scores);
    if (b->scores == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    if (k[BATCH_AT_SCORE].numbers != NULL) {
        memcpy(b->scores, k[BATCH_AT_SCORE].numbers, b->in.n * sizeof *b->scores);
        return EXIT_DONE;
    }
    d.n = b->in.n;
    d.y = k[BATCH_AT_Y].numbers;
    d.yhat = k[BATCH_AT_YHAT].numbers;
    d.scale = k[BATCH_AT_SCALE].numbers;
    d.lower = k[BATCH_AT_LOWER].numbers;
    d.upper = k[BATCH_AT_UPPER].numbers;
    if (d.n > 0 && conformal_score_rows(score, &d, 0.0, NULL, b->scores, NULL, &err) !=
                       CONFORMAL_OK)
        return say_failure(c, b->in.calibration.name, &err);
    return EXIT_DONE;
}

/* A calibrator with these thresholds, for the code that predicts. */
static int make_calibrator(const call *c, const batch_options *o, conformal_score score,
                           const batch_rows *b, conformal_calibrator **k)
{
    const batch_input *in = &b->in;
    conformal_split_options s = CONFORMAL_SPLIT_INIT;
    conformal_error err;
    conformal_threshold *cells = calloc(in->n_strata, sizeof *cells);
    if (cells == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    s.score = score;
    s.alphas = &o->alpha;
    s.n_alphas = 1;
    if (in->groups != NULL) {
        s.group_names = conformal_dictionary_names(in->groups);
        s.n_groups = in->n_strata;
    }
    for (size_t g = 0; g < in->n_strata; g++) {
        conformal_threshold t = {o->alpha, in->n_of[g], b->ranks[g], b->thresholds[g],
                                 b->thresholds[g]};
        cells[g] = t;
    }
    int status = EXIT_DONE;
    if (conformal_calibrator_restore(&s, in->n, cells, k, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    free(cells);
    return status;
}

static int write_rows(const call *c, const batch_options *o, conformal_score score,
                      batch_rows *b)
{
    conformal_calibrator *k = NULL;
    in_file again = {.path = b->in.test.path};
    int status = make_calibrator(c, o, score, b, &k);
    prediction *p = status == EXIT_DONE ? prediction_create(c, k, &o->columns) : NULL;
    if (status == EXIT_DONE && p == NULL)
        status = EXIT_MEMORY;
    if (status == EXIT_DONE && (p->out = out_open(c)) == NULL)
        status = EXIT_IO;
    if (status == EXIT_DONE) {
        p->n_levels = 1;
        p->levels[0] = 0;
        status = prediction_run(p, &again);
        if (status == EXIT_DONE && again.rows != b->in.m) {
            say_error(c, "%s: the file changed while it was read", again.name);
            status = EXIT_IO;
        }
        status = out_close(c, p->out, status);
    }
    if (status == EXIT_DONE && p->missing > 0)
        say_note(c, "%s: %zu of %zu rows have a missing value: their intervals are infinite",
                 again.name, p->missing, again.rows);
    prediction_free(p);
    conformal_calibrator_free(k);
    return status;
}

/* Beside it: every member at level alpha / m, and split conformal at the share that may be
 * missed, with the probability that it really keeps the promise. */
static int compare(const call *c, const batch_options *o, const batch_rows *b,
                   conformal_report *r)
{
    size_t n = b->in.n, m = b->in.m, ranks[3];
    const char *const names[] = {"batch", "bonferroni", "split"};
    double share = 1.0 - (double)b->rank / (double)m;
    conformal_error err;
    ranks[0] = b->ranks[0];
    if (b->in.n_strata > 1)
        return say_usage(c, "--compare: the other methods know no strata");
    if (conformal_rank(n, o->alpha / (double)m, &ranks[1], &err) != CONFORMAL_OK ||
        conformal_rank(n, share, &ranks[2], &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    conformal_report_begin_array(r, "compare");
    for (int i = 0; i < 3; i++) {
        double missed = 1.0, threshold = HUGE_VAL;
        size_t k = ranks[i] > 0 ? ranks[i] : 1;
        if (conformal_batch_order_tail(n, m, b->rank, k, &missed, &err) != CONFORMAL_OK ||
            (k <= n && conformal_quantile(b->scores, n, 1.0 - (double)k / ((double)n + 1.0),
                                          NULL, &threshold, &err) != CONFORMAL_OK))
            return say_failure(c, NULL, &err);
        conformal_report_begin_object(r, NULL);
        conformal_report_text(r, "method", names[i]);
        conformal_report_unsigned(r, "upper_rank", k);
        conformal_report_number(r, "threshold", threshold);
        conformal_report_number(r, "coverage", 1.0 - missed);
        conformal_report_end_object(r);
    }
    conformal_report_end_array(r);
    return EXIT_DONE;
}

static int finish(const call *c, const batch_options *o, conformal_score score, record *rec,
                  batch_rows *b)
{
    conformal_report *r = out_new_report(c);
    int status = EXIT_DONE;
    if (r == NULL)
        return EXIT_MEMORY;
    batch_rows_report(r, o, b, rec, "simultaneous");
    conformal_report_unsigned(r, "allowed", b->in.m - b->rank);
    batch_rows_report_strata(r, b);
    if (o->compare)
        status = compare(c, o, b, r);
    if (status == EXIT_DONE && !batch_rows_summary(c, o))
        status = write_rows(c, o, score, b);
    if (status == EXIT_DONE)
        status = batch_record(c, rec, &b->in, r);
    if (status == EXIT_DONE && batch_rows_summary(c, o))
        status = out_report(c, r, EXIT_DONE);
    conformal_report_free(r);
    return status;
}

static int run(const call *c)
{
    const batch_options *o = c->options;
    batch_rows b = {.scores = NULL};
    conformal_score score;
    record rec;
    int status = batch_check(c, o);
    if (status != EXIT_DONE || (status = choose_score(c, o, &score)) != EXIT_DONE ||
        (status = check_allowed(c, o)) != EXIT_DONE)
        return status;
    if (o->compare && !batch_rows_summary(c, o))
        return say_usage(c, "--compare goes with --format json or table: rows have no place for it");
    if ((status = record_open(c, false, false, &rec)) != EXIT_DONE)
        return status;
    if ((status = batch_rows_read(c, o, &rec, &b)) == EXIT_DONE &&
        (status = make_scores(c, score, &b)) == EXIT_DONE) {
        b.rank = isnan(o->fraction) ? b.in.m : batch_rank_of(o->fraction, b.in.m);
        if (o->allow.given && o->allow.value >= b.in.m)
            status = say_usage(c, "--allow must be below the size of the batch, %zu", b.in.m);
        b.rank -= status == EXIT_DONE && o->allow.given ? (size_t)o->allow.value : 0;
    }
    if (status == EXIT_DONE && (status = batch_rows_thresholds(c, o, &b)) == EXIT_DONE)
        status = finish(c, o, score, &rec, &b);
    record_close(&rec);
    batch_rows_free(&b);
    return status;
}

static const opt table[] = {
    {OPT_COUNT, 0, "allow", offsetof(batch_options, allow), "J",
     "all members but J are covered (default 0: all)", NULL},
    {OPT_REAL, 0, "fraction", offsetof(batch_options, fraction), "F",
     "or a share F of them", NULL},
    BATCH_CALIBRATION_OPTIONS,
    COLUMN_OPTION(batch_options, columns, ROLE_SCALE, "scale",
                  "with --yhat: the predicted scale"),
    COLUMN_OPTION(batch_options, columns, ROLE_LOWER, "lower",
                  "or the predicted lower quantile, and"),
    COLUMN_OPTION(batch_options, columns, ROLE_UPPER, "upper", "the predicted upper quantile"),
    BATCH_SIZE_OPTIONS,
    BATCH_GROUP_OPTION,
    BATCH_SHIFT_OPTIONS,
    {OPT_FLAG, 0, "compare", offsetof(batch_options, compare), NULL,
     "add what Bonferroni and split conformal give", NULL},
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END};

const command cmd_batch_simultaneous = {
    "batch simultaneous",
    "[FILE]",
    "Add intervals that cover the whole batch at once",
    "FILE's columns as they stand, and lower and upper: with probability 1 - alpha all intervals\n"
    "hold, or all but J, or a share F of them. The score is that of the columns named: the\n"
    "absolute residual, that over --scale, or the distance from the band --lower, --upper. With\n"
    "--score COL, --m M, or --format json or table a summary is printed instead: the threshold.",
    "  conformal batch simultaneous --calibration cal.csv --y y --yhat yhat --allow 2 batch.csv\n"
    "  conformal batch simultaneous --calibration cal.csv --score s --m 100 --fraction 0.9",
    table,
    sizeof(batch_options),
    &batch_defaults,
    0,
    1,
    run};
