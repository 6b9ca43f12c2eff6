/* max_sum.c - the largest sum of m values whose costs fit a budget.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Infinite values are dealt with here; what remains is finite. */
#include "batch/max_sum.h"

#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/round.h"
#include "batch/cost_law.h"
#include "batch/order_law.h"

/* Additions that AUTO may spend on the exact maximum: about a tenth of a second. */
#define AUTO_WORK 5e8

/* Half an eps of m times the largest number: what one rounding of a sum may be off by. */
static double one_rounding(const cf_best *p)
{
    double largest = fmax(fabs(p->b[0]), fabs(p->b[p->range]));
    return 0.5 * DBL_EPSILON * (double)p->m * largest;
}

/* Of finite values; p->budget < m range. */
static conformal_status solve(const cf_best *p, conformal_batch_engine engine,
                              const conformal_allocator *allocator, double *maximum,
                              conformal_batch_engine *used, conformal_error *err)
{
    cf_hull hull = {NULL, 0};
    size_t i, j;
    bool finished = false;
    double exact = 0.0, one = one_rounding(p);
    conformal_status status = cf_hull_of(p->b, p->range, allocator, &hull, err);
    if (status != CONFORMAL_OK)
        return status;
    cf_hull_segment(&hull, p, &i, &j);
    cf_free(allocator, hull.vertex);
    double bound = cf_hull_value(p, i, j);
    if (engine != CONFORMAL_BATCH_HULL)
        status = cf_max_halving(p, i, j, engine == CONFORMAL_BATCH_AUTO ? AUTO_WORK : 0.0,
                                allocator, &exact, &finished, err);
    if (status != CONFORMAL_OK)
        return status;
    *maximum = cf_add_up(bound, 10.0 * one); /* seven roundings, of numbers up to twice as large */
    if (finished) /* a tree of additions, as deep as halving goes */
        *maximum = fmin(*maximum,
                        cf_add_up(exact, (ceil(log2((double)p->m)) + 1.0) * one));
    *used = finished ? CONFORMAL_BATCH_EXACT : CONFORMAL_BATCH_HULL;
    return CONFORMAL_OK;
}

conformal_status cf_values_by_cost(const double *values, const int32_t *costs, size_t n_ranks,
                                   const conformal_allocator *allocator, double **best,
                                   size_t *range, int64_t *least, conformal_error *err)
{
    cf_costs c = cf_costs_of(costs, n_ranks - 1, 1);
    size_t n = c.most < 0 ? 0 : (size_t)(c.most - c.least) + 1;
    double *b = cf_alloc(allocator, n, sizeof *b);
    if (b == NULL)
        return cf_fail_memory(err, n, "values by cost");
    for (size_t t = 0; t < n; t++)
        b[t] = -HUGE_VAL;
    for (size_t k = 0; k < n_ranks; k++)
        if (costs[k] >= 0)
            b[costs[k] - c.least] = fmax(b[costs[k] - c.least], values[k]);
    for (size_t t = 1; t < n; t++)
        b[t] = fmax(b[t], b[t - 1]);
    *best = b;
    *range = n > 0 ? n - 1 : 0;
    *least = c.most < 0 ? -1 : c.least;
    return CONFORMAL_OK;
}

/* Leave out what only an infinite value makes special; then there is at most a finite problem. */
conformal_status cf_max_sum(const double *b, size_t range, size_t m, uint64_t budget,
                                  conformal_batch_engine engine,
                                  const conformal_allocator *allocator, double *maximum,
                                  conformal_batch_engine *used, conformal_error *err)
{
    size_t first = 0, infinite = 0;
    *used = CONFORMAL_BATCH_EXACT;
    while (first <= range && b[first] == -HUGE_VAL)
        first++;
    if (first > range || (double)budget < (double)first * (double)m) {
        *maximum = -HUGE_VAL; /* some member must be -infinity */
        return CONFORMAL_OK;
    }
    b += first;
    range -= first;
    budget -= (uint64_t)first * m;
    if (budget < range)
        range = (size_t)budget;
    while (infinite <= range && b[infinite] < HUGE_VAL)
        infinite++;
    if (infinite <= range) { /* one member can be +infinity, the others cost nothing */
        *maximum = HUGE_VAL;
        return CONFORMAL_OK;
    }
    if (m == 1 || (double)budget >= (double)m * (double)range) {
        *maximum = m == 1 ? b[range] : cf_mul_up((double)m, b[range]);
        return CONFORMAL_OK;
    }
    cf_best p = {b, range, m, budget};
    return solve(&p, engine, allocator, maximum, used, err);
}

static conformal_status check(const double *values, size_t n_ranks, size_t m,
                              conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_count(n_ranks, "n_ranks", err)) != CONFORMAL_OK ||
        (status = cf_check_count(m, "m", err)) != CONFORMAL_OK ||
        (status = cf_check_numbers(values, n_ranks, "values", err)) != CONFORMAL_OK)
        return status;
    if (n_ranks > CF_BATCH_MOST || m > CF_BATCH_MOST)
        return cf_fail(err, CONFORMAL_EDOM, "m", CF_NO_INDEX,
                       "n_ranks and m must be at most 2^51");
    for (size_t k = 1; k < n_ranks; k++)
        if (values[k] < values[k - 1])
            return cf_fail(err, CONFORMAL_EDOM, "values", k, "value %zu is below value %zu", k,
                           k - 1);
    return CONFORMAL_OK;
}

conformal_status conformal_batch_max_sum(const double *values, const int32_t *costs,
                                         size_t n_ranks, size_t m, int64_t budget,
                                         conformal_batch_engine engine,
                                         const conformal_allocator *allocator, double *maximum,
                                         conformal_batch_engine *used, conformal_error *err)
{
    conformal_batch_engine by = CONFORMAL_BATCH_EXACT;
    double *best = NULL, found = -HUGE_VAL;
    conformal_status status = check(values, n_ranks, m, err);
    if (status != CONFORMAL_OK ||
        (status = cf_check_pointer(maximum, "maximum", err)) != CONFORMAL_OK)
        return status;
    int64_t least = 1;
    size_t range = n_ranks - 1;
    if (engine < CONFORMAL_BATCH_AUTO || engine > CONFORMAL_BATCH_HULL)
        return cf_fail(err, CONFORMAL_EINVAL, "engine", CF_NO_INDEX, "no engine has this code");
    if (costs != NULL && (status = cf_values_by_cost(values, costs, n_ranks, allocator, &best,
                                                     &range, &least, err)) != CONFORMAL_OK)
        return status;
    if ((double)m * (double)range > 0x1p52)
        status = cf_fail(err, CONFORMAL_EDOM, "m", CF_NO_INDEX,
                         "sums of m costs must be at most 2^52");
    else if (least >= 0 && budget >= 0 && (double)budget >= (double)m * (double)least)
        status = cf_max_sum(costs != NULL ? best : values, range, m,
                            (uint64_t)budget - (uint64_t)least * m, engine, allocator, &found,
                            &by, err);
    cf_free(allocator, best);
    if (status != CONFORMAL_OK)
        return status;
    *maximum = found;
    if (used != NULL)
        *used = by;
    return CONFORMAL_OK;
}
