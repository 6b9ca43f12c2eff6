/* count.c - how many of a batch have a property.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Let k calibration scores lack the property. At most u members of the batch have it iff the
 * (m - u)-th smallest lacks it, when scores without it sort first. P(R_(m-u) > k) <= alpha
 * therefore makes u an upper bound: u is chosen from k, but the event that it fails is one
 * event for each number of the pool that has the property, and at the u where it fails the
 * bound of that rank has failed. The lower bound is the upper bound of the opposite. */
#include "base/check.h"
#include "base/error.h"
#include "batch/order_law.h"
#include "conformal/batch.h"

static size_t upper_count(size_t lacking, size_t n, size_t m, double alpha)
{
    size_t low = 0, high = m; /* m members are never too few */
    while (low < high) {
        size_t u = low + (high - low) / 2;
        if (cf_order_rank(n, m, m - u, alpha) <= lacking)
            high = u;
        else
            low = u + 1;
    }
    return high;
}

conformal_status conformal_batch_count(size_t above, size_t n, size_t m, double alpha,
                                       conformal_batch_side side, size_t *lower,
                                       size_t *upper, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_batch(n, m, err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(lower, "lower", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(upper, "upper", err)) != CONFORMAL_OK)
        return status;
    if (side < CONFORMAL_BATCH_BOTH || side > CONFORMAL_BATCH_LOWER)
        return cf_fail(err, CONFORMAL_EINVAL, "side", CF_NO_INDEX, "no side has this code");
    if (above > n)
        return cf_fail(err, CONFORMAL_EDOM, "above", CF_NO_INDEX,
                       "%zu of %zu calibration scores cannot be above", above, n);
    double each = side == CONFORMAL_BATCH_BOTH ? 0.5 * alpha : alpha;
    size_t most = m, least = 0;
    if (side != CONFORMAL_BATCH_LOWER)
        most = upper_count(n - above, n, m, each);
    if (side != CONFORMAL_BATCH_UPPER)
        least = m - upper_count(above, n, m, each);
    *upper = most;
    *lower = least < most ? least : most; /* they can cross at alpha near 1 only */
    return CONFORMAL_OK;
}
