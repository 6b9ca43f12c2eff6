/* plan_order.c - plans and bounds for order statistics.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "batch/joint_law.h"
#include "batch/order_law.h"
#include "batch/plan.h"

/* Several strata: a rank per stratum and side. */
static conformal_status plan_strata(conformal_batch_plan *p, conformal_error *err)
{
    double missed = 0.0, alpha = cf_side_alpha(&p->o);
    for (int side = 0; side < 2; side++) {
        double miss;
        size_t z = side == CF_UPPER ? p->ranks[0] : p->m_all + 1 - p->ranks[0];
        if (!cf_side_wanted(&p->o, side))
            continue;
        p->strata_ranks[side] =
            cf_alloc(p->allocator, p->n_strata, sizeof *p->strata_ranks[side]);
        if (p->strata_ranks[side] == NULL)
            return cf_fail_memory(err, p->n_strata, "ranks");
        conformal_status status = cf_strata_ranks(p->n, p->m, p->n_strata, z, alpha,
                                                  p->allocator, p->strata_ranks[side], &miss,
                                                  err);
        if (status != CONFORMAL_OK)
            return status;
        bool finite = true;
        for (size_t g = 0; g < p->n_strata; g++)
            finite = finite && (p->m[g] == 0 || p->strata_ranks[side][g] <= p->n[g]);
        missed += miss;
        if (side == CF_UPPER) {
            p->promise.upper_coverage = 1.0 - miss;
            p->promise.upper_finite = finite;
        } else {
            p->promise.lower_coverage = 1.0 - miss;
            p->promise.lower_finite = finite;
        }
    }
    p->promise.coverage = 1.0 - missed;
    return CONFORMAL_OK;
}

/* One order statistic: each side at its own level, exact for both together. */
static void plan_one(conformal_batch_plan *p)
{
    size_t n = p->n_all, m = p->m_all, z = p->ranks[0];
    double alpha = cf_side_alpha(&p->o), above = 0.0, below = 0.0;
    conformal_batch_order *o = &p->orders[0];
    if (cf_side_wanted(&p->o, CF_UPPER)) {
        o->upper = cf_order_rank(n, m, z, alpha);
        above = cf_order_tail(n, m, z, o->upper);
    }
    if (cf_side_wanted(&p->o, CF_LOWER)) {
        o->lower = n + 2 - cf_order_rank(n, m, m + 1 - z, alpha);
        if (o->lower > o->upper) /* at alpha = 1 only */
            o->lower = o->upper;
        below = cf_order_tail(n, m, m + 1 - z, n + 2 - o->lower);
    }
    p->promise.upper_coverage = 1.0 - above;
    p->promise.lower_coverage = 1.0 - below;
    p->promise.coverage = 1.0 - (above + below);
}

static conformal_status plan_pair(conformal_batch_plan *p, conformal_error *err)
{
    size_t low, high;
    conformal_batch_order *o = p->orders;
    conformal_status status;
    o[0].side = CONFORMAL_BATCH_LOWER;
    o[1].side = CONFORMAL_BATCH_UPPER;
    if (p->o.side != CONFORMAL_BATCH_BOTH) { /* one end only: that of one order statistic */
        conformal_batch_order *one = p->o.side == CONFORMAL_BATCH_LOWER ? &o[0] : &o[1];
        double miss;
        status = cf_joint_ranks(p->n_all, p->m_all, one, 1, p->o.alpha, p->allocator, &miss,
                                err);
        p->promise.coverage = 1.0 - miss;
        *(p->o.side == CONFORMAL_BATCH_LOWER ? &p->promise.lower_coverage
                                             : &p->promise.upper_coverage) = 1.0 - miss;
        return status;
    }
    status = conformal_batch_pair_ranks(p->n_all, p->m_all, p->ranks[0], p->ranks[1],
                                        p->o.alpha, p->o.region, p->allocator, &low, &high,
                                        &p->promise.coverage, err);
    if (status == CONFORMAL_OK) {
        size_t n = p->n_all, m = p->m_all;
        o[0].lower = low + 1;
        o[1].upper = high;
        p->promise.lower_coverage = 1.0 - cf_order_tail(n, m, m + 1 - p->ranks[0], n + 1 - low);
        p->promise.upper_coverage = 1.0 - cf_order_tail(n, m, p->ranks[1], high);
    }
    return status;
}

conformal_status cf_plan_orders(conformal_batch_plan *p, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    if (p->n_strata > 1)
        return plan_strata(p, err);
    p->n_orders = p->o.n_ranks;
    p->orders = cf_alloc(p->allocator, p->n_orders, sizeof *p->orders);
    if (p->orders == NULL)
        return cf_fail_memory(err, p->n_orders, "order statistics");
    for (size_t i = 0; i < p->n_orders; i++) {
        conformal_batch_order o = {p->ranks[i], p->o.side, 1, p->n_all + 1};
        p->orders[i] = o;
    }
    if (p->o.statistic == CONFORMAL_BATCH_PAIR) {
        status = plan_pair(p, err);
    } else if (p->n_orders == 1) {
        plan_one(p);
    } else {
        double miss;
        status = cf_joint_ranks(p->n_all, p->m_all, p->orders, p->n_orders, p->o.alpha,
                                p->allocator, &miss, err);
        p->promise.coverage = 1.0 - miss;
        if (cf_side_wanted(&p->o, CF_UPPER))
            p->promise.upper_coverage = 1.0 - miss;
        if (cf_side_wanted(&p->o, CF_LOWER))
            p->promise.lower_coverage = 1.0 - miss;
    }
    p->promise.lower_rank = p->orders[0].lower;
    p->promise.upper_rank = p->orders[p->n_orders - 1].upper;
    p->promise.lower_finite = p->orders[0].lower > 1;
    p->promise.upper_finite = p->orders[p->n_orders - 1].upper <= p->n_all;
    return status;
}

/* The extreme of the strata's scores at their ranks. */
static double strata_bound(const conformal_batch_plan *p, const cf_sorted *s, int side)
{
    double bound = side == CF_UPPER ? p->o.low : p->o.high;
    for (size_t g = 0; g < p->n_strata; g++) {
        size_t k = p->strata_ranks[side][g];
        if (p->m[g] == 0)
            continue;
        double at = s->values[s->start[g] + (side == CF_UPPER ? k : p->n[g] + 1 - k)];
        bound = side == CF_UPPER ? fmax(bound, at) : fmin(bound, at);
    }
    return bound;
}

void cf_bound_strata(const conformal_batch_plan *p, const cf_sorted *s,
                     conformal_batch_bound *bound)
{
    conformal_batch_bound b = {p->o.low, p->o.high, 0, 0, CONFORMAL_BATCH_EXACT};
    if (cf_side_wanted(&p->o, CF_UPPER))
        b.upper = strata_bound(p, s, CF_UPPER);
    if (cf_side_wanted(&p->o, CF_LOWER))
        b.lower = strata_bound(p, s, CF_LOWER);
    *bound = b;
}
