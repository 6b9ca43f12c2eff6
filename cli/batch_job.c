/* batch_job.c - one statistic of a batch, from files to a report.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "batch_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

static int no_memory(const batch_job *j)
{
    say_error(j->c, "out of memory");
    return EXIT_MEMORY;
}

/* ------------------------------------------------------------------ bounds */

static int set_common(batch_job *j)
{
    const batch_options *o = j->o;
    j->want.alpha = o->alpha;
    j->want.side = o->side[0] == 'b'   ? CONFORMAL_BATCH_BOTH
                   : o->side[0] == 'u' ? CONFORMAL_BATCH_UPPER
                                       : CONFORMAL_BATCH_LOWER;
    j->want.low = j->in.low;
    j->want.high = j->in.high;
    j->want.outcomes = j->in.residuals;
    if (o->engine != NULL)
        j->want.engine = strcmp(o->engine, "hull") == 0       ? CONFORMAL_BATCH_HULL
                         : strcmp(o->engine, "envelope") == 0 ? CONFORMAL_BATCH_ENVELOPE
                                                              : CONFORMAL_BATCH_EXACT;
    if (o->cap.given && (o->cap.value < 1 || o->cap.value > j->in.n + 1))
        return say_usage(j->c, "--cap must be a rank, 1 to %zu here", j->in.n + 1);
    if (o->cap.given && j->in.n_strata > 1)
        return say_usage(j->c, "--cap and --group exclude each other");
    j->want.cap = o->cap.given ? (size_t)o->cap.value : 0;
    return EXIT_DONE;
}

static bool is_sum(const batch_job *j)
{
    return j->want.statistic == CONFORMAL_BATCH_MEAN ||
           j->want.statistic == CONFORMAL_BATCH_SUM;
}

static int check_strata(const batch_job *j)
{
    if (j->in.n_strata == 1 || is_sum(j))
        return EXIT_DONE;
    if (j->want.statistic != CONFORMAL_BATCH_ORDER || j->want.n_ranks > 1)
        return say_usage(j->c, "--group is for the mean, the sum, the median and one quantile");
    if (j->in.residuals)
        return say_usage(j->c, "--group with --y and --yhat is for the mean and the sum");
    return EXIT_DONE;
}

/* x / d, one step outwards unless it is exact. */
static double divide(double x, double d, double outwards)
{
    double q = x / d;
    if (d == 1.0 || !isfinite(q) || fma(q, d, -x) == 0.0)
        return q;
    return nextafter(q, outwards);
}

/* An outcome within its support has a statistic within what that allows. */
static void clip(batch_job *j, conformal_batch_bound *b)
{
    double scale = j->want.statistic == CONFORMAL_BATCH_SUM ? (double)j->in.m : 1.0;
    if (!j->in.residuals || j->o->support.n != 2)
        return;
    if (j->want.statistic == CONFORMAL_BATCH_LINEAR) {
        scale = 0.0;
        for (size_t i = 0; i < j->in.m; i++)
            scale += j->coefficients[i];
    }
    b->lower = fmax(b->lower, scale * j->o->support.values[0]);
    b->upper = fmin(b->upper, scale * j->o->support.values[1]);
}

static int find_bounds(batch_job *j)
{
    conformal_batch_plan *plan = NULL;
    conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
    conformal_error err;
    size_t n_bounds = j->want.statistic == CONFORMAL_BATCH_ORDER ? j->want.n_ranks : 1;
    int status = EXIT_DONE;
    conformal_batch_bound *up = calloc(n_bounds, sizeof *up);
    j->bounds = calloc(n_bounds, sizeof *j->bounds);
    if (up == NULL || j->bounds == NULL) {
        free(up);
        return no_memory(j);
    }
    d.n = j->in.n;
    d.strata = j->in.codes;
    d.predictions = j->in.predictions;
    d.scores = j->in.down;
    if (conformal_batch_plan_create(&j->want, j->in.n_of, j->in.m_of, j->in.n_strata, &plan,
                                    &err) != CONFORMAL_OK ||
        conformal_batch_bounds(plan, &d, j->bounds, &err) != CONFORMAL_OK)
        status = say_failure(j->c, j->in.calibration.name, &err);
    if (status == EXIT_DONE) {
        d.scores = j->in.up; /* rounded for the other side */
        memcpy(up, j->bounds, n_bounds * sizeof *up);
        if (j->in.residuals && conformal_batch_bounds(plan, &d, up, &err) != CONFORMAL_OK)
            status = say_failure(j->c, j->in.calibration.name, &err);
    }
    for (size_t i = 0; i < n_bounds && status == EXIT_DONE; i++) {
        conformal_batch_bound *b = &j->bounds[i];
        b->upper = up[i].upper;
        clip(j, b);
        b->lower = divide(b->lower, j->divisor, -HUGE_VAL);
        b->upper = divide(b->upper, j->divisor, HUGE_VAL);
        b->engine = up[i].engine == CONFORMAL_BATCH_HULL ? up[i].engine : b->engine;
    }
    if (status == EXIT_DONE)
        j->promise = conformal_batch_plan_promise(plan);
    conformal_batch_plan_free(plan);
    free(up);
    return status;
}

/* ------------------------------------------------------------------ what is said */

/* The order statistic whose own bound must be finite for this one to be. */
static size_t deciding_rank(const batch_job *j, conformal_batch_side side)
{
    size_t m = j->in.m, rank = side == CONFORMAL_BATCH_UPPER ? m : 1;
    if (j->want.statistic == CONFORMAL_BATCH_LINEAR) {
        for (size_t i = 0; i < m; i++)
            if (j->coefficients[side == CONFORMAL_BATCH_UPPER ? m - 1 - i : i] > 0.0)
                return side == CONFORMAL_BATCH_UPPER ? m - i : i + 1;
    }
    for (size_t i = 0; i < j->want.n_ranks; i++)
        if (i == 0 || (side == CONFORMAL_BATCH_UPPER ? j->ranks[i] > rank : j->ranks[i] < rank))
            rank = j->ranks[i];
    return rank;
}

static void note_infinite(const batch_job *j, conformal_batch_side side)
{
    size_t needed, shares = j->want.n_ranks > 1 ? j->want.n_ranks : 1;
    double alpha = j->o->alpha / (double)(j->want.side == CONFORMAL_BATCH_BOTH ? 2 : 1);
    char number[CONFORMAL_NUMBER_SIZE];
    const char *which = side == CONFORMAL_BATCH_UPPER ? "upper" : "lower";
    bool pair = j->want.statistic == CONFORMAL_BATCH_PAIR;
    conformal_number_write(j->o->alpha, number);
    if (j->o->alpha == 0.0)
        say_note(j->c, "alpha = 0 promises certainty: the %s bound is infinite", which);
    else if (j->in.n_strata > 1 || j->in.residuals ||
             conformal_batch_order_size(j->in.m, deciding_rank(j, side),
                                        alpha / (double)(pair ? 1 : shares), side, &needed,
                                        NULL) != CONFORMAL_OK ||
             needed <= j->in.n)
        say_note(j->c,
                 "%zu calibration rows are too few for a batch of %zu at alpha = %s: the %s "
                 "bound is infinite (more rows would do, or --support LO,HI)",
                 j->in.n, j->in.m, number, which);
    else
        say_note(j->c,
                 "%zu calibration rows are too few for a batch of %zu at alpha = %s: the %s "
                 "bound is infinite (%zu rows would do, or --support LO,HI)",
                 j->in.n, j->in.m, number, which, needed);
}

static void say_notes(const batch_job *j)
{
    size_t n_bounds = j->want.statistic == CONFORMAL_BATCH_ORDER ? j->want.n_ranks : 1;
    bool upper = false, lower = false;
    for (size_t i = 0; i < n_bounds; i++) {
        upper = upper || isinf(j->bounds[i].upper);
        lower = lower || isinf(j->bounds[i].lower);
    }
    if (upper && j->want.side != CONFORMAL_BATCH_LOWER)
        note_infinite(j, CONFORMAL_BATCH_UPPER);
    if (lower && j->want.side != CONFORMAL_BATCH_UPPER)
        note_infinite(j, CONFORMAL_BATCH_LOWER);
    if (is_sum(j) && j->o->engine == NULL && j->bounds[0].engine == CONFORMAL_BATCH_HULL)
        say_note(j->c, "the exact maximum would take too long: the bound is the hull's, which is "
                       "valid and a little wider (--engine exact insists)");
}

static void report_bound(conformal_report *r, const conformal_batch_bound *b)
{
    conformal_report_number(r, "lower", b->lower);
    conformal_report_number(r, "upper", b->upper);
}

static void report_ranks(conformal_report *r, const conformal_batch_bound *b)
{
    if (b->upper_rank == 0)
        return;
    conformal_report_unsigned(r, "lower_rank", b->lower_rank);
    conformal_report_unsigned(r, "upper_rank", b->upper_rank);
}

static const char *engine_name(conformal_batch_engine engine)
{
    return engine == CONFORMAL_BATCH_HULL       ? "hull"
           : engine == CONFORMAL_BATCH_ENVELOPE ? "envelope"
                                                : "exact";
}

static void fill_report(const batch_job *j, conformal_report *r)
{
    bool several = j->want.statistic == CONFORMAL_BATCH_ORDER && j->want.n_ranks > 1;
    bool one = j->want.statistic == CONFORMAL_BATCH_ORDER && j->want.n_ranks == 1;
    batch_report_head(r, j->o, &j->in, &j->rec);
    conformal_report_text(r, "statistic", j->c->command->name + strlen("batch "));
    conformal_report_unsigned(r, "m", j->in.m);
    if (j->in.n_strata > 1)
        conformal_report_unsigned(r, "strata", j->in.n_strata);
    if (one)
        conformal_report_unsigned(r, "rank", j->ranks[0]);
    if (!several)
        report_bound(r, &j->bounds[0]);
    conformal_report_number(r, "coverage", j->promise.coverage);
    if (!several && j->want.statistic != CONFORMAL_BATCH_LINEAR && !is_sum(j))
        report_ranks(r, &j->bounds[0]);
    if (is_sum(j) || j->want.statistic == CONFORMAL_BATCH_LINEAR) {
        conformal_report_text(r, "engine", engine_name(j->bounds[0].engine));
        if (j->bounds[0].engine != CONFORMAL_BATCH_ENVELOPE)
            conformal_report_text(r, "ranks", j->costs.name);
    }
    if (!several)
        return;
    conformal_report_begin_array(r, "quantiles");
    for (size_t i = 0; i < j->want.n_ranks; i++) {
        conformal_report_begin_object(r, NULL);
        conformal_report_unsigned(r, "rank", j->ranks[i]);
        report_bound(r, &j->bounds[i]);
        report_ranks(r, &j->bounds[i]);
        conformal_report_end_object(r);
    }
    conformal_report_end_array(r);
}

static int compare(batch_job *j, conformal_report *r)
{
    batch_statistic first = {j->want.statistic, 0, j->coefficients, j->divisor, 0.0}, second;
    bool pair = j->want.statistic == CONFORMAL_BATCH_PAIR;
    if (j->in.n_strata > 1)
        return say_usage(j->c, "--compare: the other methods know no strata");
    if (j->in.residuals && !is_sum(j))
        return say_usage(j->c,
                         "--compare with --y and --yhat is for the mean and the sum only");
    if (j->want.n_ranks > 1 && !pair)
        return say_usage(j->c, "--compare is for one quantile at a time");
    if (j->want.n_ranks > 0) {
        first.kind = CONFORMAL_BATCH_ORDER;
        first.rank = j->ranks[0];
    }
    second = first;
    if (pair)
        second.rank = j->ranks[1];
    return batch_compare(j->c, j->o, &j->in, &j->rec, &first, &second, j->bounds[0].lower,
                         j->bounds[0].upper, r);
}

static int finish(batch_job *j)
{
    conformal_report *r = out_new_report(j->c);
    if (r == NULL)
        return EXIT_MEMORY;
    say_notes(j);
    if (j->o->compare)
        record_seed(j->c, &j->rec); /* the direct extension may sample */
    fill_report(j, r);
    int status = j->o->compare ? compare(j, r) : EXIT_DONE;
    if (status == EXIT_DONE)
        status = batch_record(j->c, &j->rec, &j->in, r);
    if (status == EXIT_DONE)
        status = out_report(j->c, r, EXIT_DONE);
    conformal_report_free(r);
    return status;
}

int batch_job_run(const call *c, int (*want)(batch_job *j))
{
    conformal_batch_options usual = CONFORMAL_BATCH_INIT;
    batch_job j = {.c = c, .o = c->options, .want = usual, .divisor = 1.0};
    int status = batch_check(c, j.o);
    if (status != EXIT_DONE || (status = batch_check_score(c, j.o)) != EXIT_DONE ||
        (status = record_open(c, false, false, &j.rec)) != EXIT_DONE)
        return status;
    if ((status = batch_read(c, j.o, &j.rec, &j.in)) == EXIT_DONE &&
        (status = set_common(&j)) == EXIT_DONE && (status = want(&j)) == EXIT_DONE &&
        (status = check_strata(&j)) == EXIT_DONE &&
        (status = batch_make_costs(c, j.o, &j.in, &j.costs)) == EXIT_DONE) {
        j.want.costs = j.costs.up;
        j.want.costs_low = j.costs.low;
        status = find_bounds(&j);
    }
    if (status == EXIT_DONE)
        status = finish(&j);
    record_close(&j.rec);
    batch_free(&j.in);
    free(j.ranks);
    free(j.coefficients);
    free(j.costs.up);
    free(j.costs.low);
    free(j.bounds);
    return status;
}
