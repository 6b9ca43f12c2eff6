/* cmd_batch_count.c - conformal batch count: how many of a batch are above a threshold.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "batch.h"
#include "say.h"

static conformal_batch_side side_of(const batch_options *o)
{
    return o->side[0] == 'b'   ? CONFORMAL_BATCH_BOTH
           : o->side[0] == 'u' ? CONFORMAL_BATCH_UPPER
                               : CONFORMAL_BATCH_LOWER;
}

typedef struct counted {
    size_t lower, upper;
    double coverage;
} counted;

static int count_scores(const call *c, const batch_options *o, const batch_input *in,
                        counted *found)
{
    size_t above = 0;
    conformal_error err;
    for (size_t i = 0; i < in->n; i++)
        above += in->up[i] > o->above;
    found->coverage = 1.0 - o->alpha; /* at least, and nearly */
    if (conformal_batch_count(above, in->n, in->m, o->alpha, side_of(o), &found->lower,
                              &found->upper, &err) != CONFORMAL_OK)
        return say_failure(c, in->calibration.name, &err);
    return EXIT_DONE;
}

/* Joint bounds for every order statistic of the outcomes: one whose upper bound is not above
 * the threshold is not above it, one whose lower bound is above it is. */
static conformal_status count_outcomes(const batch_options *o, const batch_input *in,
                                       size_t *ranks, conformal_batch_bound *bounds,
                                       counted *found, conformal_error *err)
{
    conformal_batch_options want = CONFORMAL_BATCH_INIT;
    conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
    conformal_batch_plan *plan = NULL;
    conformal_status status;
    for (size_t j = 0; j < in->m; j++)
        ranks[j] = j + 1;
    want.statistic = CONFORMAL_BATCH_ORDER;
    want.alpha = o->alpha;
    want.side = side_of(o);
    want.ranks = ranks;
    want.n_ranks = in->m;
    want.low = in->low;
    want.high = in->high;
    want.outcomes = true;
    d.n = in->n;
    d.scores = in->up;
    d.predictions = in->predictions;
    found->lower = 0;
    found->upper = in->m;
    if ((status = conformal_batch_plan_create(&want, &in->n, &in->m, 1, &plan, err)) !=
        CONFORMAL_OK)
        return status;
    if ((status = conformal_batch_bounds(plan, &d, bounds, err)) == CONFORMAL_OK) {
        for (size_t j = 0; j < in->m && want.side != CONFORMAL_BATCH_LOWER; j++)
            found->upper -= bounds[j].upper <= o->above;
        d.scores = in->down;
        status = conformal_batch_bounds(plan, &d, bounds, err);
    }
    for (size_t j = 0; j < in->m && status == CONFORMAL_OK; j++)
        found->lower += want.side != CONFORMAL_BATCH_UPPER && bounds[j].lower > o->above;
    found->coverage = conformal_batch_plan_promise(plan).coverage;
    conformal_batch_plan_free(plan);
    return status;
}

static int count(const call *c, const batch_options *o, const batch_input *in, counted *found)
{
    conformal_error err;
    if (!in->residuals)
        return count_scores(c, o, in, found);
    size_t *ranks = malloc(in->m * sizeof *ranks);
    conformal_batch_bound *bounds = malloc(in->m * sizeof *bounds);
    int status = EXIT_DONE;
    if (ranks == NULL || bounds == NULL) {
        say_error(c, "out of memory");
        status = EXIT_MEMORY;
    } else if (count_outcomes(o, in, ranks, bounds, found, &err) != CONFORMAL_OK) {
        status = say_failure(c, in->calibration.name, &err);
    }
    free(bounds);
    free(ranks);
    return status;
}

static int finish(const call *c, const batch_options *o, batch_input *in, record *rec,
                  const counted *found)
{
    batch_statistic s = {0, 0, NULL, 1.0, o->above};
    conformal_report *r = out_new_report(c);
    if (r == NULL)
        return EXIT_MEMORY;
    if (o->compare)
        record_seed(c, rec);
    batch_report_head(r, o, in, rec);
    conformal_report_text(r, "statistic", "count");
    conformal_report_unsigned(r, "m", in->m);
    conformal_report_number(r, "above", o->above);
    conformal_report_unsigned(r, "lower", found->lower);
    conformal_report_unsigned(r, "upper", found->upper);
    conformal_report_number(r, "coverage", found->coverage);
    int status = EXIT_DONE;
    if (o->compare)
        status = batch_compare(c, o, in, rec, &s, &s, (double)found->lower,
                               (double)found->upper, r);
    if (status == EXIT_DONE)
        status = batch_record(c, rec, in, r);
    if (status == EXIT_DONE)
        status = out_report(c, r, EXIT_DONE);
    conformal_report_free(r);
    return status;
}

static int run(const call *c)
{
    const batch_options *o = c->options;
    batch_input in;
    record rec;
    counted found;
    int status = batch_check(c, o);
    if (status != EXIT_DONE || (status = batch_check_score(c, o)) != EXIT_DONE)
        return status;
    if (isnan(o->above))
        return say_usage(c, "--above T is needed: members above T are counted");
    if (o->compare && o->score == NULL)
        return say_usage(c, "--compare with --y and --yhat is for the mean and the sum only");
    if ((status = record_open(c, false, false, &rec)) != EXIT_DONE)
        return status;
    if ((status = batch_read(c, o, &rec, &in)) == EXIT_DONE &&
        (status = count(c, o, &in, &found)) == EXIT_DONE)
        status = finish(c, o, &in, &rec, &found);
    record_close(&rec);
    batch_free(&in);
    return status;
}

static const opt table[] = {
    {OPT_REAL, 0, "above", offsetof(batch_options, above), "T", "members above T are counted",
     NULL},
    BATCH_CALIBRATION_OPTIONS,
    BATCH_SIZE_OPTIONS,
    BATCH_SIDE_OPTIONS,
    BATCH_SHIFT_OPTIONS,
    BATCH_COMPARE_OPTION,
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END};

const command cmd_batch_count = {
    "batch count",
    "[FILE]",
    "Bound how many of a batch are above a threshold",
    "P(lower <= number of members above T <= upper) >= 1 - alpha. With --y and --yhat it is the\n"
    "outcomes that are counted, and FILE holds their predictions.",
    "  conformal batch count --above 3.5 --calibration cal.csv --score s --m 20\n"
    "  conformal batch count --above 5 --calibration cal.csv --y y --yhat yhat batch.csv",
    table,
    sizeof(batch_options),
    &batch_defaults,
    0,
    1,
    run};
