/* plan_size.c - how many calibration rows a promise needs.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * P(|coverage - (1 - alpha)| <= margin) is a sawtooth in n: the rank jumps where (n + 1) alpha
 * passes an integer. The answer is the smallest n from which on the promise holds for two
 * whole periods, found by doubling and bisection on "holds for every size of two periods",
 * then by walking back. */
#include <math.h>

#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/special.h"
#include "conformal/plan.h"

static const double largest_size = 1e12;

conformal_status conformal_plan_finite_size(double alpha, size_t *n, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(n, "n", err)) != CONFORMAL_OK)
        return status;
    if (alpha < 1.0 / largest_size)
        return cf_fail(err, CONFORMAL_EDOM, "alpha", CF_NO_INDEX,
                       "no calibration set of a size within reach is enough for alpha = %s",
                       CF_TEXT(alpha));
    size_t size = (size_t)cf_ceil_snap(1.0 / alpha, 1.0 / alpha) - 1;
    while (size > 0 && cf_rank(size - 1, alpha) <= size - 1)
        size--;
    while (cf_rank(size, alpha) > size)
        size++;
    *n = size;
    return CONFORMAL_OK;
}

typedef struct promise {
    double alpha, margin, miss; /* miss: 1 - confidence */
    conformal_plan_side side;
} promise;

static int kept(const promise *p, size_t n)
{
    size_t k = cf_rank(n, p->alpha);
    double target = 1.0 - p->alpha, outside = 0.0, upper;
    if (k > n) /* coverage is 1 */
        return p->side == CONFORMAL_PLAN_LOWER || p->alpha <= p->margin * (1.0 + 1e-12);
    if (k == 0)
        return target <= p->margin * (1.0 + 1e-12);
    double a = (double)k, b = (double)(n + 1 - k);
    outside += cf_beta_cdf(a, b, fmax(0.0, target - p->margin), NULL);
    if (p->side == CONFORMAL_PLAN_BOTH) {
        cf_beta_cdf(a, b, fmin(1.0, target + p->margin), &upper);
        outside += upper;
    }
    return outside <= p->miss;
}

/* The last n of from .. from + span at which the promise is broken, plus one; from when it
 * is kept throughout. */
static size_t after_last_break(const promise *p, size_t from, size_t span)
{
    for (size_t i = span + 1; i-- > 0;)
        if (!kept(p, from + i))
            return from + i + 1;
    return from;
}

conformal_status conformal_plan_size(double alpha, double margin, double confidence,
                                     conformal_plan_side side, size_t *n, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_open_unit(alpha, "alpha", err)) != CONFORMAL_OK ||
        (status = cf_check_open_unit(margin, "margin", err)) != CONFORMAL_OK ||
        (status = cf_check_open_unit(confidence, "confidence", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(n, "n", err)) != CONFORMAL_OK)
        return status;
    const promise p = {alpha, margin, 1.0 - confidence, side};
    /* The normal approximation says which sizes are out of reach before they are tried. */
    double z = cf_normal_quantile(1.0 - p.miss / 2),
           guess = z * z * alpha * (1 - alpha) / (margin * margin);
    if (guess > largest_size || 1.0 / alpha > largest_size / 1e4)
        return cf_fail(err, CONFORMAL_EDOM, "margin", CF_NO_INDEX,
                       "a margin of %s needs more than 1e12 calibration rows",
                       CF_TEXT(margin));
    size_t period = (size_t)ceil(1.0 / alpha), span = 2 * period;
    size_t low = 0, high = 1; /* low: broken within its span; high: kept */
    while (after_last_break(&p, high, span) != high) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (after_last_break(&p, middle, span) == middle)
            high = middle;
        else
            low = middle;
    }
    /* Bisection may have stopped at a late stretch: an earlier one may do. */
    size_t first = high > 4 * span ? high - 4 * span : 0;
    for (size_t at = first, next; at < high; at = next) {
        next = after_last_break(&p, at, span);
        if (next == at) {
            high = at;
            break;
        }
    }
    *n = high;
    return CONFORMAL_OK;
}
