/* bounds.c - from a plan and a calibration set to bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "base/round.h"
#include "base/select.h"
#include "base/sum.h"
#include "batch/plan.h"
#include "calibrate/scores.h"

/* A compensated sum is off by an eps of itself and n eps^2 of the absolute sum at most. */
static double sum_slack(const double *x, size_t n, double sum)
{
    double all = 0.0;
    for (size_t i = 0; i < n; i++)
        all += fabs(x[i]);
    return DBL_EPSILON * fabs(sum) + 2.0 * (double)n * DBL_EPSILON * DBL_EPSILON * all;
}

double cf_sum_up(const double *x, size_t n)
{
    double sum = cf_sum_of(x, n);
    return n > 1 ? cf_add_up(sum, sum_slack(x, n, sum)) : sum;
}

double cf_sum_down(const double *x, size_t n)
{
    double sum = cf_sum_of(x, n);
    return n > 1 ? cf_add_down(sum, -sum_slack(x, n, sum)) : sum;
}

conformal_status cf_mirror(const conformal_batch_plan *p, const cf_sorted *s, size_t g,
                           double **values, conformal_error *err)
{
    size_t n = p->n[g];
    const double *from = s->values + s->start[g];
    double *to = cf_alloc(p->allocator, n + 1, sizeof *to);
    if (to == NULL)
        return cf_fail_memory(err, n + 1, "mirrored scores");
    for (size_t k = 1; k <= n + 1; k++)
        to[k - 1] = -from[n + 1 - k];
    *values = to;
    return CONFORMAL_OK;
}

static conformal_status check_data(const conformal_batch_plan *p,
                                   const conformal_batch_data *d, conformal_error *err)
{
    conformal_status status;
    if (d->n != p->n_all)
        return cf_fail(err, CONFORMAL_EDIM, "n", CF_NO_INDEX,
                       "%zu scores, but the plan is for %zu", d->n, p->n_all);
    if ((status = cf_check_numbers(d->scores, d->n, "scores", err)) != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < d->n; i++)
        if (!(d->scores[i] >= p->o.low && d->scores[i] <= p->o.high))
            return cf_fail(err, CONFORMAL_EDOM, "scores", i,
                           "score %zu is %s, outside the support %s..%s", i,
                           CF_TEXT(d->scores[i]), CF_TEXT(p->o.low), CF_TEXT(p->o.high));
    if (p->n_strata > 1) {
        if ((status = cf_check_array(d->strata, d->n, "strata", err)) != CONFORMAL_OK)
            return status;
        for (size_t i = 0; i < d->n; i++)
            if (d->strata[i] < 0 || (size_t)d->strata[i] >= p->n_strata)
                return cf_fail(err, CONFORMAL_EDOM, "strata", i,
                               "stratum %d of score %zu is not in 0..%zu", (int)d->strata[i], i,
                               p->n_strata - 1);
    }
    if (!p->o.outcomes)
        return CONFORMAL_OK;
    if ((status = cf_check_numbers(d->predictions, p->m_all, "predictions", err)) !=
        CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < p->m_all; i++)
        if (isinf(d->predictions[i]))
            return cf_fail(err, CONFORMAL_EDOM, "predictions", i, "prediction %zu is infinite",
                           i);
    return CONFORMAL_OK;
}

/* Scores by stratum, sorted, with the ends of the support around them. */
static conformal_status sort_scores(const conformal_batch_plan *p,
                                    const conformal_batch_data *d, cf_sorted *s,
                                    conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    size_t room = p->n_all + 2 * p->n_strata;
    s->values = cf_alloc(p->allocator, room, sizeof *s->values);
    s->start = cf_alloc(p->allocator, p->n_strata, sizeof *s->start);
    size_t *fill = cf_alloc(p->allocator, p->n_strata, sizeof *fill);
    double *scratch = cf_alloc(p->allocator, p->n_all, sizeof *scratch);
    if (s->values == NULL || s->start == NULL || fill == NULL || scratch == NULL) {
        status = cf_fail_memory(err, room, "sorted scores");
        goto done;
    }
    for (size_t g = 0, at = 0; g < p->n_strata; at += p->n[g] + 2, g++) {
        s->start[g] = at;
        fill[g] = 0;
        s->values[at] = p->o.low;
        s->values[at + p->n[g] + 1] = p->o.high;
    }
    for (size_t i = 0; i < d->n; i++) {
        size_t g = p->n_strata > 1 ? (size_t)d->strata[i] : 0;
        if (fill[g] < p->n[g])
            s->values[s->start[g] + 1 + fill[g]] = d->scores[i];
        fill[g]++;
    }
    for (size_t g = 0; g < p->n_strata && status == CONFORMAL_OK; g++) {
        if (fill[g] != p->n[g])
            status = cf_fail(err, CONFORMAL_EDIM, "strata", g,
                             "stratum %zu has %zu scores, but the plan is for %zu", g, fill[g],
                             p->n[g]);
        else
            cf_sort(s->values + s->start[g] + 1, p->n[g], scratch);
    }
done:
    cf_free(p->allocator, scratch);
    cf_free(p->allocator, fill);
    return status;
}

static conformal_status bound_by_statistic(const conformal_batch_plan *p, const cf_sorted *s,
                                           const double *predictions,
                                           conformal_batch_bound *bounds,
                                           conformal_error *err)
{
    conformal_status status;
    switch (p->o.statistic) {
    case CONFORMAL_BATCH_MEAN:
    case CONFORMAL_BATCH_SUM:
        if (!p->envelope)
            return cf_bound_sum(p, s, predictions, bounds, err);
        if ((status = cf_bound_envelope(p, s, bounds, err)) == CONFORMAL_OK) {
            bounds->upper = cf_sum_finish(p, bounds->upper, predictions, 1.0);
            bounds->lower = cf_sum_finish(p, -bounds->lower, predictions, -1.0);
        }
        return status;
    case CONFORMAL_BATCH_LINEAR:
        if (predictions == NULL && p->envelope)
            return cf_bound_envelope(p, s, bounds, err);
        return predictions != NULL ? cf_bound_outcomes(p, s, predictions, bounds, err)
                                   : cf_bound_linear(p, s, bounds, err);
    default:
        if (predictions != NULL)
            return cf_bound_outcomes(p, s, predictions, bounds, err);
        cf_bound_strata(p, s, bounds);
        return CONFORMAL_OK;
    }
}

/* Order statistics of one stratum need no sorting. */
static conformal_status select_scores(const conformal_batch_plan *p,
                                      const conformal_batch_data *d,
                                      conformal_batch_bound *bounds, conformal_error *err)
{
    size_t *ranks = cf_alloc(p->allocator, 2 * p->n_orders, sizeof *ranks);
    double *values = cf_alloc(p->allocator, 2 * p->n_orders, sizeof *values);
    conformal_status status;
    if (ranks == NULL || values == NULL) {
        status = cf_fail_memory(err, 2 * p->n_orders, "ranks");
        goto done;
    }
    for (size_t i = 0; i < p->n_orders; i++) {
        ranks[2 * i] = p->orders[i].lower - 1;
        ranks[2 * i + 1] = p->orders[i].upper;
    }
    status = cf_order_statistics(d->scores, d->n, ranks, 2 * p->n_orders, p->allocator, values,
                                 err);
    for (size_t i = 0; i < p->n_orders && status == CONFORMAL_OK; i++) {
        conformal_batch_bound b = {fmax(values[2 * i], p->o.low),
                                   fmin(values[2 * i + 1], p->o.high), p->orders[i].lower,
                                   p->orders[i].upper, CONFORMAL_BATCH_EXACT};
        if (p->o.statistic == CONFORMAL_BATCH_PAIR && i == 1) {
            bounds->upper = b.upper;
            bounds->upper_rank = b.upper_rank;
        } else {
            bounds[i] = b;
        }
    }
done:
    cf_free(p->allocator, values);
    cf_free(p->allocator, ranks);
    return status;
}

conformal_status conformal_batch_bounds(const conformal_batch_plan *plan,
                                        const conformal_batch_data *data,
                                        conformal_batch_bound *bounds, conformal_error *err)
{
    conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
    cf_sorted s = {NULL, NULL};
    double *predictions = NULL;
    conformal_status status;
    if ((status = cf_check_pointer(plan, "plan", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(data, "data", err)) != CONFORMAL_OK ||
        (status = cf_options_read(&d, sizeof d, data, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(bounds, "bounds", err)) != CONFORMAL_OK ||
        (status = check_data(plan, &d, err)) != CONFORMAL_OK)
        return status;
    bool order = plan->o.statistic == CONFORMAL_BATCH_ORDER ||
                 plan->o.statistic == CONFORMAL_BATCH_PAIR;
    if (order && plan->n_strata == 1 && !plan->o.outcomes)
        return select_scores(plan, &d, bounds, err);
    if (plan->o.outcomes) {
        predictions = cf_alloc(plan->allocator, plan->m_all, sizeof *predictions);
        if (predictions == NULL)
            return cf_fail_memory(err, plan->m_all, "predictions");
        memcpy(predictions, d.predictions, plan->m_all * sizeof *predictions);
        cf_sort(predictions, plan->m_all, NULL);
    }
    if ((status = sort_scores(plan, &d, &s, err)) == CONFORMAL_OK)
        status = bound_by_statistic(plan, &s, predictions, bounds, err);
    cf_free(plan->allocator, s.start);
    cf_free(plan->allocator, s.values);
    cf_free(plan->allocator, predictions);
    return status;
}
