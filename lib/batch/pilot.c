/* pilot.c - rank costs from a sample that is used for nothing else.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The largest sum of scores under a budget of costs is sharp where the scores are nearly
 * linear in the costs: a rank should cost what a score of that rank is expected to be. Whole
 * numbers are costs like any others, so that rounding them loses no validity. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/select.h"
#include "conformal/batch.h"

#define MOST_COST ((double)(1 << 24))

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

/* The finite ones, which are together. */
static void leave_out_infinite(const double **sorted, size_t *n)
{
    while (*n > 0 && (*sorted)[0] == -HUGE_VAL) {
        (*sorted)++;
        (*n)--;
    }
    while (*n > 0 && (*sorted)[*n - 1] == HUGE_VAL)
        (*n)--;
}

static void set_costs(const double *sorted, size_t n_pilot, size_t n, double origin,
                      double step, int32_t *costs)
{
    int32_t least = 0;
    for (size_t k = 0; k <= n; k++) {
        double q = quantile(sorted, n_pilot, ((double)k + 0.5) / ((double)n + 1.0));
        double cost = nearbyint((q - origin) / step);
        cost = fmin(fmax(cost, (double)least), MOST_COST);
        costs[k] = least = (int32_t)cost;
    }
}

conformal_status conformal_batch_pilot_costs(const double *pilot, size_t n_pilot, size_t n,
                                             size_t grid, double *origin, double *step,
                                             const conformal_allocator *allocator,
                                             int32_t *costs, conformal_error *err)
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
    double *copy = cf_alloc(allocator, n_pilot, sizeof *copy);
    if (copy == NULL)
        return cf_fail_memory(err, n_pilot, "pilot scores");
    memcpy(copy, pilot, n_pilot * sizeof *copy);
    cf_sort(copy, n_pilot, NULL);
    const double *sorted = copy;
    leave_out_infinite(&sorted, &n_pilot);
    if (n_pilot == 0) {
        cf_free(allocator, copy);
        return cf_fail(err, CONFORMAL_EDOM, "pilot", CF_NO_INDEX,
                       "no pilot score is finite");
    }
    if (*step == 0.0) {
        double ends = 0.5 / ((double)n + 1.0);
        double low = quantile(sorted, n_pilot, ends), high = quantile(sorted, n_pilot, 1.0 - ends);
        *origin = low;
        *step = high > low ? (high - low) / (double)grid : 1.0;
        if (!(*step > 0.0 && *step < HUGE_VAL)) /* the range under- or overflows */
            *step = fmax(high / (double)grid - low / (double)grid, 1e-300);
    }
    set_costs(sorted, n_pilot, n, *origin, *step, costs);
    cf_free(allocator, copy);
    return CONFORMAL_OK;
}
