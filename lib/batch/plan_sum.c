/* plan_sum.c - plans and bounds for the sum and the mean of a batch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/round.h"
#include "base/sum.h"
#include "batch/cost_law.h"
#include "batch/max_sum.h"
#include "batch/order_law.h"
#include "batch/plan.h"
#include "batch/rank_sum.h"

/* ------------------------------------------------------------------ the plan */

static size_t cost_count(const conformal_batch_plan *p)
{
    return p->n_all + p->n_strata;
}

/* Without a finite end of the support the largest score would make the bound infinite: leave
 * its gap out, at the price of the chance that a member falls into it. */
static size_t default_cap(const conformal_batch_plan *p, int side, size_t g)
{
    double end = side == CF_UPPER ? p->o.high : -p->o.low;
    if (p->o.cap > 0)
        return p->o.cap;
    return end == HUGE_VAL && p->m_all > 1 ? p->n[g] : p->n[g] + 1;
}

/* Rank k costs what rank n + 2 - k costs less than the dearest. */
static void mirror_costs(const int32_t *costs, size_t n, int32_t *mirrored)
{
    int32_t most = 0;
    for (size_t k = 0; k <= n; k++)
        most = costs[k] > most ? costs[k] : most;
    for (size_t k = 0; k <= n; k++)
        mirrored[k] = most - costs[n - k];
}

static conformal_status prepare_side(conformal_batch_plan *p, int side, conformal_error *err)
{
    cf_sum_side *s = &p->sides[side];
    s->wanted = true;
    s->alpha = cf_side_alpha(&p->o);
    s->cap = cf_alloc(p->allocator, p->n_strata, sizeof *s->cap);
    const int32_t *costs = cf_side_costs(&p->o, side);
    if (costs != NULL)
        s->costs = cf_alloc(p->allocator, cost_count(p), sizeof *s->costs);
    if (s->cap == NULL || (costs != NULL && s->costs == NULL))
        return cf_fail_memory(err, cost_count(p), "costs");
    size_t at = 0;
    for (size_t g = 0; g < p->n_strata; g++) {
        s->cap[g] = default_cap(p, side, g);
        if (s->costs != NULL && side == CF_UPPER)
            memcpy(s->costs + at, costs + at, (p->n[g] + 1) * sizeof *s->costs);
        else if (s->costs != NULL)
            mirror_costs(costs + at, p->n[g], s->costs + at);
        for (size_t k = s->cap[g]; k <= p->n[g] && s->costs != NULL; k++)
            s->costs[at + k] = -1;
        at += p->n[g] + 1;
    }
    return CONFORMAL_OK;
}

/* P(not all ranks in low..cap) over all strata. */
static double cap_miss(const conformal_batch_plan *p, const size_t *allowed)
{
    double missed = 0.0;
    for (size_t g = 0; g < p->n_strata; g++)
        missed += (1.0 - missed) * cf_rank_cap_miss(p->n[g], p->m[g], allowed[g]);
    return missed;
}

static conformal_status linear_side(conformal_batch_plan *p, cf_sum_side *s,
                                    conformal_error *err)
{
    uint64_t u = 0;
    size_t *below = cf_alloc(p->allocator, p->n_strata, sizeof *below);
    if (below == NULL)
        return cf_fail_memory(err, p->n_strata, "sizes");
    for (size_t g = 0; g < p->n_strata; g++)
        below[g] = s->cap[g] > 0 ? s->cap[g] - 1 : 0;
    cf_rank_sum law = {below, p->m, p->n_strata};
    conformal_status status = cf_rank_sum_budget(&law, cap_miss(p, s->cap), s->alpha,
                                                 p->allocator, &s->feasible, &u, &s->miss, err);
    s->budget = s->feasible ? (int64_t)(u + p->m_all) : -1;
    cf_free(p->allocator, below);
    return status;
}

static conformal_status cost_law_of(const conformal_batch_plan *p, const int32_t *costs,
                                    cf_cost_law *law, conformal_error *err)
{
    cf_costs *strata = cf_alloc(p->allocator, p->n_strata, sizeof *strata);
    if (strata == NULL)
        return cf_fail_memory(err, p->n_strata, "strata");
    size_t at = 0, used = 0;
    for (size_t g = 0; g < p->n_strata; at += p->n[g] + 1, g++)
        if (p->m[g] > 0)
            strata[used++] = cf_costs_of(costs + at, p->n[g], p->m[g]);
    conformal_status status = cf_cost_law_of(strata, used, cf_side_alpha(&p->o) < 1e-9,
                                             p->allocator, law, err);
    cf_free(p->allocator, strata);
    return status;
}

static conformal_status cost_side(conformal_batch_plan *p, cf_sum_side *s,
                                  conformal_error *err)
{
    cf_cost_law law;
    conformal_status status = cost_law_of(p, s->costs, &law, err);
    if (status != CONFORMAL_OK)
        return status;
    s->budget = cf_cost_law_budget(&law, s->alpha, &s->miss);
    s->feasible = s->budget >= 0;
    cf_free(p->allocator, law.pmf);
    return CONFORMAL_OK;
}

/* Both sides hold: all ranks allowed on both, and the sum between both budgets. Without caps
 * the two misses exclude each other. */
static conformal_status linear_both(const conformal_batch_plan *p, double *coverage,
                                    conformal_error *err)
{
    const cf_sum_side *up = &p->sides[CF_UPPER], *down = &p->sides[CF_LOWER];
    double above = 0.0, below = 0.0, missed;
    int64_t low_ranks = 0, mirror = 0; /* sum of m times the lowest allowed rank; of n + 2 */
    conformal_status status = CONFORMAL_OK;
    size_t *inner = cf_alloc(p->allocator, p->n_strata, sizeof *inner);
    if (inner == NULL)
        return cf_fail_memory(err, p->n_strata, "sizes");
    for (size_t g = 0; g < p->n_strata; g++) {
        size_t low = p->n[g] + 2 - down->cap[g];
        inner[g] = up->cap[g] >= low ? up->cap[g] - low + 1 : 0;
        low_ranks += (int64_t)(p->m[g] * low);
        mirror += (int64_t)(p->m[g] * (p->n[g] + 2));
    }
    missed = cap_miss(p, inner);
    for (size_t g = 0; g < p->n_strata; g++)
        inner[g] -= inner[g] > 0;
    cf_rank_sum law = {inner, p->m, p->n_strata};
    int64_t high = up->budget - low_ranks, low = mirror - down->budget - low_ranks;
    int64_t most = (int64_t)cf_rank_sum_most(&law);
    if (high < 0)
        above = 1.0;
    else
        status = cf_rank_sum_tail(&law, (uint64_t)high, p->allocator, &above, err);
    if (status == CONFORMAL_OK && low > most)
        below = 1.0;
    else if (status == CONFORMAL_OK && low > 0) /* U is symmetric */
        status = cf_rank_sum_tail(&law, (uint64_t)(most - low), p->allocator, &below, err);
    cf_free(p->allocator, inner);
    *coverage = fmax(0.0, (1.0 - missed) * (1.0 - above - below));
    return status;
}

static conformal_status cost_both(const conformal_batch_plan *p, double *coverage,
                                  conformal_error *err)
{
    const cf_sum_side *up = &p->sides[CF_UPPER], *down = &p->sides[CF_LOWER];
    cf_cost_law law;
    int64_t mirror = 0;
    size_t at = 0;
    int32_t *costs = cf_alloc(p->allocator, cost_count(p), sizeof *costs);
    if (costs == NULL)
        return cf_fail_memory(err, cost_count(p), "costs");
    for (size_t g = 0; g < p->n_strata; at += p->n[g] + 1, g++) {
        int32_t most = 0;
        for (size_t k = 0; k <= p->n[g]; k++) {
            most = p->o.costs[at + k] > most ? p->o.costs[at + k] : most;
            costs[at + k] = down->costs[at + p->n[g] - k] < 0 ? -1 : up->costs[at + k];
        }
        mirror += (int64_t)p->m[g] * most;
    }
    conformal_status status = cost_law_of(p, costs, &law, err);
    cf_free(p->allocator, costs);
    if (status != CONFORMAL_OK)
        return status;
    *coverage = 1.0 - cf_cost_law_outside(&law, mirror - down->budget, up->budget);
    cf_free(p->allocator, law.pmf);
    return CONFORMAL_OK;
}

conformal_status cf_plan_sum(conformal_batch_plan *p, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    conformal_batch_promise *promise = &p->promise;
    for (int side = 0; side < 2 && status == CONFORMAL_OK; side++) {
        cf_sum_side *s = &p->sides[side];
        if (!cf_side_wanted(&p->o, side))
            continue;
        if ((status = prepare_side(p, side, err)) == CONFORMAL_OK)
            status = s->costs != NULL ? cost_side(p, s, err) : linear_side(p, s, err);
        if (!s->feasible) /* then the end of the support is the bound, which never fails */
            s->miss = 0.0;
    }
    if (status != CONFORMAL_OK)
        return status;
    const cf_sum_side *up = &p->sides[CF_UPPER], *down = &p->sides[CF_LOWER];
    promise->upper_coverage = 1.0 - up->miss;
    promise->lower_coverage = 1.0 - down->miss;
    promise->upper_finite = up->feasible;
    promise->lower_finite = down->feasible;
    promise->upper_budget = up->wanted ? up->budget : -1;
    promise->lower_budget = down->wanted ? down->budget : -1;
    promise->coverage = 1.0 - (up->miss + down->miss);
    bool same = cf_side_costs(&p->o, CF_UPPER) == cf_side_costs(&p->o, CF_LOWER);
    if (up->feasible && down->feasible && same)
        status = p->o.costs != NULL ? cost_both(p, &promise->coverage, err)
                                    : linear_both(p, &promise->coverage, err);
    return status;
}

/* ------------------------------------------------------------------ the bounds */

/* The largest sum within the budget of one side; values: n + 1 by rising rank, a stratum after
 * the other. */
static conformal_status largest(const conformal_batch_plan *p, const cf_sum_side *s,
                                double *const *values, double *maximum,
                                conformal_batch_engine *used, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    uint64_t budget = (uint64_t)s->budget;
    size_t at = 0, made = 0;
    cf_best *best = cf_alloc(p->allocator, p->n_strata, sizeof *best);
    double **own = cf_alloc(p->allocator, p->n_strata, sizeof *own);
    if (best == NULL || own == NULL) {
        cf_free(p->allocator, own);
        cf_free(p->allocator, best);
        return cf_fail_memory(err, p->n_strata, "strata");
    }
    for (size_t g = 0; g < p->n_strata && status == CONFORMAL_OK; g++, made++) {
        cf_best b = {values[g], s->cap[g] > 0 ? s->cap[g] - 1 : 0, p->m[g], 0};
        int64_t least = 1;
        own[g] = NULL;
        if (s->costs != NULL && p->m[g] > 0) {
            status = cf_values_by_cost(values[g], s->costs + at, p->n[g] + 1, p->allocator,
                                       &own[g], &b.range, &least, err);
            b.b = own[g];
        }
        best[g] = b;
        budget -= (uint64_t)least * p->m[g];
        at += p->n[g] + 1;
    }
    if (status == CONFORMAL_OK)
        status = cf_max_strata(best, p->n_strata, budget, p->o.engine, p->allocator, maximum,
                               used, err);
    for (size_t g = 0; g < made; g++)
        cf_free(p->allocator, own[g]);
    cf_free(p->allocator, own);
    cf_free(p->allocator, best);
    return status;
}

double cf_sum_finish(const conformal_batch_plan *p, double sum, const double *predictions,
                     double sign)
{
    double m = (double)p->m_all;
    if (predictions != NULL) {
        double shift = sign > 0.0 ? cf_sum_up(predictions, p->m_all)
                                  : -cf_sum_down(predictions, p->m_all);
        sum = fabs(sum) == HUGE_VAL ? sum : cf_add_up(sum, shift);
    }
    double bound = p->o.statistic == CONFORMAL_BATCH_MEAN ? cf_div_up(sum, m) : sum;
    double end = sign > 0.0 ? p->o.high : -p->o.low;
    if (predictions == NULL && isfinite(end) && bound < HUGE_VAL)
        bound = fmin(bound, p->o.statistic == CONFORMAL_BATCH_MEAN ? end : cf_mul_up(m, end));
    return sign * bound;
}

conformal_status cf_bound_sum(const conformal_batch_plan *p, const cf_sorted *s,
                              const double *predictions, conformal_batch_bound *bound,
                              conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    double **values = cf_alloc(p->allocator, p->n_strata, sizeof *values), m = (double)p->m_all;
    if (values == NULL)
        return cf_fail_memory(err, p->n_strata, "strata");
    conformal_batch_bound b = {-HUGE_VAL, HUGE_VAL, 0, 0, CONFORMAL_BATCH_EXACT};
    for (int side = 0; side < 2 && status == CONFORMAL_OK; side++) {
        const cf_sum_side *one = &p->sides[side];
        conformal_batch_engine used = CONFORMAL_BATCH_EXACT;
        size_t made = 0;
        double end = side == CF_UPPER ? p->o.high : -p->o.low;
        double sum = fabs(end) == HUGE_VAL ? end : cf_mul_up(m, end);
        if (!one->wanted) {
            sum = HUGE_VAL;
        } else if (one->feasible) {
            for (; made < p->n_strata && status == CONFORMAL_OK; made++) {
                values[made] = s->values + s->start[made] + 1;
                if (side == CF_LOWER)
                    status = cf_mirror(p, s, made, &values[made], err);
            }
            if (status == CONFORMAL_OK)
                status = largest(p, one, values, &sum, &used, err);
            else
                made--;
        }
        for (size_t g = 0; g < made && side == CF_LOWER; g++)
            cf_free(p->allocator, values[g]);
        if (side == CF_UPPER)
            b.upper = cf_sum_finish(p, sum, predictions, 1.0);
        else
            b.lower = cf_sum_finish(p, sum, predictions, -1.0);
        if (used == CONFORMAL_BATCH_HULL)
            b.engine = used;
    }
    cf_free(p->allocator, values);
    if (status == CONFORMAL_OK)
        *bound = b;
    return status;
}
