/* rank_costs.c - what a rank should cost, for a sharp bound of a mean or a sum.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The largest sum of scores under a budget of costs is sharp where the scores are concave in
 * the costs and nearly linear: a rank should cost what a score of that rank is expected to be.
 * Whole numbers are costs like any others, so that rounding them loses no validity. Two things
 * make an upper bound much sharper on real scores (docs/methods/batch-mean.md has the figures):
 *  - a floor: were the lowest ranks as cheap as their scores are low, then a few of them would
 *    pay for many of the highest;
 *  - a long upper tail: a score that is larger than its cost foresaw is worth choosing many
 *    times, so that costs of the highest ranks must be too large rather than too small. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/select.h"
#include "conformal/batch.h"

#define MOST_COST ((double)(1 << 24))
/* The share of ranks that cost the floor, and of pilot scores that shape the upper tail. */
#define FLOOR 0.05
#define TAIL 0.1

/* ------------------------------------------------------------------ expected scores */

/* What a score with a share p below it is expected to be. */
typedef struct expectation {
    const double *sorted; /* n pilot scores; NULL: Student's t with 2 degrees of freedom */
    size_t n;
    double floor;         /* nothing is expected below */
    double middle, base, share, index; /* above base, of which a share is: a Pareto tail from */
                                       /* middle; index 0: none */
} expectation;

/* The pilot's quantile at p, between order statistics where it falls between them. */
static double quantile(const double *sorted, size_t n, double p)
{
    double at = p * (double)n - 0.5, low = floor(at);
    if (low < 0.0)
        return sorted[0];
    if (low >= (double)n - 1.0)
        return sorted[n - 1];
    size_t i = (size_t)low;
    return sorted[i] + (at - low) * (sorted[i + 1] - sorted[i]);
}

static double expected(const expectation *e, double p)
{
    double x;
    if (e->sorted == NULL)
        x = (2.0 * p - 1.0) / sqrt(2.0 * p * (1.0 - p));
    else if (e->index > 0.0 && 1.0 - p < e->share)
        x = e->middle + e->base * pow(e->share / (1.0 - p), e->index);
    else
        x = quantile(e->sorted, e->n, p);
    return fmax(x, e->floor);
}

/* Hill (1975), Ann. Stat. 3:1163: the tail index from the largest TAIL of the pilot, measured
 * from its median. */
static void fit_tail(expectation *e)
{
    size_t k = (size_t)(TAIL * (double)e->n);
    k = k > 5 ? k : 5;
    if (k >= e->n)
        return;
    e->middle = quantile(e->sorted, e->n, 0.5);
    e->base = e->sorted[e->n - k - 1] - e->middle;
    e->share = (double)k / (double)e->n;
    if (!(e->base > 0.0 && isfinite(e->base)))
        return;
    double sum = 0.0;
    for (size_t i = e->n - k; i < e->n; i++)
        sum += log((e->sorted[i] - e->middle) / e->base);
    e->index = fmin(sum / (double)k, 1.0);
}

/* Costs of the ranks 1..n+1 in steps from the origin; *step 0: chosen so that rank n costs
 * `grid`. */
static void set_costs(const expectation *e, size_t n, size_t grid, double *origin, double *step,
                      int32_t *costs)
{
    double ranks = (double)n + 1.0;
    int32_t least = 0;
    if (*step == 0.0) {
        double low = expected(e, 0.5 / ranks), high = expected(e, (ranks - 1.5) / ranks);
        high = n > 1 ? high : expected(e, (ranks - 0.5) / ranks);
        *origin = low;
        *step = high > low ? (high - low) / (double)grid : 1.0;
        if (!(*step > 0.0 && *step < HUGE_VAL)) /* the range under- or overflows */
            *step = fmax(high / (double)grid - low / (double)grid, 1e-300);
    }
    for (size_t k = 0; k <= n; k++) {
        double cost = nearbyint((expected(e, ((double)k + 0.5) / ranks) - *origin) / *step);
        cost = fmin(fmax(cost, (double)least), MOST_COST); /* false for NaN */
        costs[k] = least = (int32_t)cost;
    }
}

/* The costs of the mirrored problem, for the problem itself. */
static void mirror(int32_t *costs, size_t n)
{
    int32_t most = costs[n];
    for (size_t k = 0; 2 * k <= n; k++) {
        int32_t t = most - costs[k];
        costs[k] = most - costs[n - k];
        costs[n - k] = t;
    }
}

/* ------------------------------------------------------------------ public */

conformal_status conformal_batch_heavy_costs(size_t n, conformal_batch_side side, size_t grid,
                                             int32_t *costs, conformal_error *err)
{
    conformal_status status;
    double origin = 0.0, step = 0.0;
    expectation e = {NULL, 0, -HUGE_VAL, 0.0, 0.0, 0.0, 0.0};
    if ((status = cf_check_count(grid, "grid", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(costs, "costs", err)) != CONFORMAL_OK)
        return status;
    if (side < CONFORMAL_BATCH_BOTH || side > CONFORMAL_BATCH_LOWER)
        return cf_fail(err, CONFORMAL_EINVAL, "side", CF_NO_INDEX, "no side has this code");
    if (side != CONFORMAL_BATCH_BOTH)
        e.floor = expected(&e, FLOOR);
    set_costs(&e, n, grid, &origin, &step, costs);
    if (side == CONFORMAL_BATCH_LOWER)
        mirror(costs, n);
    return CONFORMAL_OK;
}

/* The finite ones, which are together. */
static void leave_out_infinite(expectation *e)
{
    while (e->n > 0 && e->sorted[0] == -HUGE_VAL) {
        e->sorted++;
        e->n--;
    }
    while (e->n > 0 && e->sorted[e->n - 1] == HUGE_VAL)
        e->n--;
}

static conformal_status check(const double *pilot, size_t n_pilot, size_t grid,
                              const double *origin, const double *step, const int32_t *costs,
                              conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_count(n_pilot, "n_pilot", err)) != CONFORMAL_OK ||
        (status = cf_check_numbers(pilot, n_pilot, "pilot", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(origin, "origin", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(step, "step", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(costs, "costs", err)) != CONFORMAL_OK ||
        (*step == 0.0 && (status = cf_check_count(grid, "grid", err)) != CONFORMAL_OK))
        return status;
    if (!(*step >= 0.0 && *step < HUGE_VAL) || !isfinite(*origin))
        return cf_fail(err, CONFORMAL_EDOM, "step", CF_NO_INDEX,
                       "the step must be positive and finite, or 0, not %s", CF_TEXT(*step));
    return CONFORMAL_OK;
}

conformal_status conformal_batch_pilot_costs(const double *pilot, size_t n_pilot, size_t n,
                                             conformal_batch_side side, size_t grid,
                                             double *origin, double *step,
                                             const conformal_allocator *allocator,
                                             int32_t *costs, conformal_error *err)
{
    conformal_status status = check(pilot, n_pilot, grid, origin, step, costs, err);
    if (status != CONFORMAL_OK)
        return status;
    if (side < CONFORMAL_BATCH_BOTH || side > CONFORMAL_BATCH_LOWER)
        return cf_fail(err, CONFORMAL_EINVAL, "side", CF_NO_INDEX, "no side has this code");
    double *copy = cf_alloc(allocator, n_pilot, sizeof *copy);
    double *scratch = cf_alloc(allocator, n_pilot, sizeof *scratch);
    if (copy == NULL || scratch == NULL) {
        cf_free(allocator, scratch);
        cf_free(allocator, copy);
        return cf_fail_memory(err, n_pilot, "pilot scores");
    }
    for (size_t i = 0; i < n_pilot; i++)
        copy[i] = side == CONFORMAL_BATCH_LOWER ? -pilot[i] : pilot[i];
    cf_sort(copy, n_pilot, scratch);
    expectation e = {copy, n_pilot, -HUGE_VAL, 0.0, 0.0, 0.0, 0.0};
    leave_out_infinite(&e);
    if (e.n == 0) {
        status = cf_fail(err, CONFORMAL_EDOM, "pilot", CF_NO_INDEX, "no pilot score is finite");
    } else {
        if (side != CONFORMAL_BATCH_BOTH) {
            e.floor = quantile(e.sorted, e.n, FLOOR);
            fit_tail(&e);
        }
        set_costs(&e, n, grid, origin, step, costs);
        if (side == CONFORMAL_BATCH_LOWER)
            mirror(costs, n);
    }
    cf_free(allocator, scratch);
    cf_free(allocator, copy);
    return status;
}
