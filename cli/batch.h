/* batch.h - what the batch commands share: options, calibration scores, the batch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "columns.h"
#include "frame.h"
#include "out.h"
#include "record.h"

typedef struct batch_options {
    common_options common;
    const char *calibration, *score;
    column_options columns;
    opt_count m;
    double alpha;
    const char *side;
    opt_reals support;
    const char *ranks, *pilot, *engine;
    opt_count grid, cap;
    bool compare;
    const char *weight, *propensity;
    double max_weight;
    /* of single commands */
    opt_reals rank, prob;
    const char *region, *coefficients, *batch;
    double trim, above, fraction;
    opt_count top, allow, mistakes;
} batch_options;

extern const batch_options batch_defaults;
extern const char *const batch_sides[], *const batch_rank_choices[], *const batch_engines[],
    *const batch_regions[];

#define BATCH_TEXT(member, name, metavar, help) \
    {OPT_TEXT, 0, name, offsetof(batch_options, member), metavar, help, NULL}
#define BATCH_CALIBRATION_OPTIONS \
    BATCH_TEXT(calibration, "calibration", "FILE", "the calibration rows (needed)"), \
    BATCH_TEXT(score, "score", "COL", "the column whose statistic is bounded, or"), \
    COLUMN_OPTION(batch_options, columns, ROLE_Y, "y", "the outcome, with"), \
    COLUMN_OPTION(batch_options, columns, ROLE_YHAT, "yhat", \
                  "its prediction, also in the batch")
#define BATCH_SIZE_OPTIONS \
    {OPT_COUNT, 'm', "m", offsetof(batch_options, m), "M", \
     "the batch: M rows still unseen (default: the rows of FILE)", NULL}, \
    {OPT_REAL, 'a', "alpha", offsetof(batch_options, alpha), "A", \
     "miscoverage level of the whole statement (default 0.1)", NULL}
#define BATCH_GROUP_OPTION \
    COLUMN_OPTION(batch_options, columns, ROLE_GROUP, "group", \
                  "strata, whose mixture may differ in the batch")
#define BATCH_SHIFT_OPTIONS \
    BATCH_TEXT(weight, "weight", "COL", \
               "likelihood ratio of batch to calibration: keep rows at random by it"), \
    BATCH_TEXT(propensity, "propensity", "COL", \
               "or the probability of belonging to the batch's population"), \
    {OPT_REAL, 0, "max-weight", offsetof(batch_options, max_weight), "W", \
     "the largest weight there can be (default 1 with --propensity)", NULL}
#define BATCH_SIDE_OPTIONS \
    {OPT_CHOICE, 0, "side", offsetof(batch_options, side), "S", \
     "which side is bounded; both share alpha (default both)", batch_sides}, \
    {OPT_REALS, 0, "support", offsetof(batch_options, support), "LO,HI", \
     "what score (or outcome) can be at the least and most: narrower where it is true", NULL}
#define BATCH_COMPARE_OPTION \
    {OPT_FLAG, 0, "compare", offsetof(batch_options, compare), NULL, \
     "add what partition, Bonferroni and direct extension give", NULL}
#define BATCH_SUM_OPTIONS \
    {OPT_CHOICE, 0, "ranks", offsetof(batch_options, ranks), "R", \
     "what a rank costs (default pilot with --pilot, heavy for residuals and without a "\
     "support, else linear)", batch_rank_choices}, \
    BATCH_TEXT(pilot, "pilot", "FILE", \
               "rows used for nothing else, whose scores shape the costs: for light tails"), \
    {OPT_COUNT, 0, "grid", offsetof(batch_options, grid), "G", \
     "the range of costs, if not linear (default 400 or more)", NULL}, \
    {OPT_COUNT, 0, "cap", offsetof(batch_options, cap), "R", \
     "ranks above R are left out (default n without an upper end of the support)", NULL}, \
    {OPT_CHOICE, 0, "engine", offsetof(batch_options, engine), "E", \
     "how the largest sum is found (default: exact unless too slow)", batch_engines}

/* Where the columns of the calibration file stand in its frame. */
enum {
    BATCH_AT_SCORE,
    BATCH_AT_Y,
    BATCH_AT_YHAT,
    BATCH_AT_GROUP,
    BATCH_AT_WEIGHT,
    BATCH_AT_SCALE,
    BATCH_AT_LOWER,
    BATCH_AT_UPPER
};

/* Calibration scores and the batch. */
typedef struct batch_input {
    in_file calibration, test, pilot;
    frame seen;          /* the calibration file's columns */
    size_t n, n_rows;    /* scores; rows before any were rejected */
    double *up, *down;   /* scores rounded up and down; one array unless they are residuals */
    int32_t *codes;      /* strata, or NULL */
    conformal_dictionary *groups;
    size_t n_strata, *n_of, *m_of; /* at least 1 */
    size_t m;
    bool residuals;      /* scores are y - yhat */
    frame batch;         /* the test file's columns: yhat, group */
    double *predictions; /* m, with residuals */
    double low, high;    /* the support of a score */
} batch_input;

/* Whether options that all batch commands share make sense, and those that say what the scores
 * are. Return an exit status. */
int batch_check(const call *c, const batch_options *o);
int batch_check_score(const call *c, const batch_options *o);

/* Read calibration file and batch. rec: for the seed, and whether inputs are digested. Returns
 * an exit status. */
int batch_read(const call *c, const batch_options *o, record *rec, batch_input *in);
/* The calibration half of it: all but the batch, with scores (up, down) or without. */
int batch_read_calibration(const call *c, const batch_options *o, record *rec,
                           bool with_scores, batch_input *in);
/* n_of and m_of, from the codes of both. Returns an exit status. */
int batch_count_strata(const call *c, batch_input *in);
void batch_free(batch_input *in);

/* The inputs and results of a run into the store, if it is recorded. */
int batch_record(const call *c, record *rec, const batch_input *in,
                 const conformal_report *r);

/* n, alpha and, where randomness was used, rows and seed. */
void batch_report_head(conformal_report *r, const batch_options *o, const batch_input *in,
                       const record *rec);

/* Rank costs, n + 1 a stratum, for upper and for lower bounds; NULL for linear ones. To be
 * freed. */
typedef struct batch_costs {
    const char *name; /* linear, heavy, pilot */
    int32_t *up, *low;
} batch_costs;
/* As --ranks and --pilot say. Returns an exit status. */
int batch_make_costs(const call *c, const batch_options *o, batch_input *in,
                     batch_costs *costs);

/* ------------------------------------------------------------------ rows of the batch */

/* Calibration columns, the size of the batch, and the thresholds that at least `rank` of its
 * members are at or below, one a stratum. */
typedef struct batch_rows {
    batch_input in;
    double *scores; /* of calibration; to be set between read and thresholds */
    size_t rank;
    size_t *ranks;  /* per stratum */
    double *thresholds;
    double coverage;
} batch_rows;

/* The first pass over the batch counts its rows; standard input is kept aside for a second.
 * Returns an exit status. */
int batch_rows_read(const call *c, const batch_options *o, record *rec, batch_rows *b);
/* From scores and rank; says so where a threshold is infinite. */
int batch_rows_thresholds(const call *c, const batch_options *o, batch_rows *b);
/* The threshold of a group by its name; +infinity for one that calibration has not seen. */
double batch_rows_threshold(const batch_rows *b, const conformal_text *group);
void batch_rows_report(conformal_report *r, const batch_options *o, const batch_rows *b,
                       const record *rec, const char *statistic);
/* The thresholds of the strata, as an array "groups". */
void batch_rows_report_strata(conformal_report *r, const batch_rows *b);
void batch_rows_free(batch_rows *b);

/* Is a summary wanted instead of rows? */
bool batch_rows_summary(const call *c, const batch_options *o);

/* One statistic of a sorted batch, for the baselines and for clipping. */
typedef struct batch_statistic {
    conformal_batch_statistic kind; /* ORDER: the rank-th; LINEAR: sum c T / divisor; 0: count */
    size_t rank;
    const double *coefficients;
    double divisor, above;
} batch_statistic;
double batch_statistic_of(void *user, const double *sorted, size_t m);

/* What other methods give, as rows of the report's array "compare". ours: the method's own
 * bounds. Returns an exit status. */
int batch_compare(const call *c, const batch_options *o, const batch_input *in, record *rec,
                  const batch_statistic *first, const batch_statistic *second, double lower,
                  double upper, conformal_report *r);

/* ceil(p m) in 1..m, as the decimal p was meant. */
size_t batch_rank_of(double p, size_t m);

#endif
