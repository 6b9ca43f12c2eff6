/* weighted_quantile.c - the threshold under covariate shift.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tibshirani, Barber, Candes, Ramdas (2019), arXiv:1904.06019, sec. 2: the test point's own
 * weight sits at +infinity and belongs in the total. */
#include <math.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/select.h"
#include "base/sum.h"
#include "calibrate/scores.h"
#include "conformal/quantile.h"

/* Sums of weights carry roundings; a target missed by so little was reached. */
#define SLACK 1e-12

static conformal_status check_weight(double w, size_t index, conformal_error *err)
{
    if (w >= 0.0 && w < HUGE_VAL)
        return CONFORMAL_OK;
    const char *what = index == CF_NO_INDEX ? "test_weight" : "weights";
    if (isnan(w))
        return cf_fail(err, CONFORMAL_ENAN, what, index, "a weight is NaN");
    return cf_fail(err, CONFORMAL_EDOM, what, index,
                   "a weight must be finite and not negative, not %s", CF_TEXT(w));
}

static int all_equal(const double *weights, size_t n, double test_weight)
{
    for (size_t i = 0; i < n; i++)
        if (weights[i] != test_weight)
            return 0;
    return test_weight > 0.0;
}

conformal_status conformal_weighted_quantile(const double *scores, const double *weights,
                                             size_t n, double test_weight, double alpha,
                                             const conformal_allocator *allocator,
                                             double *threshold, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_scores(scores, n, err)) != CONFORMAL_OK ||
        (status = cf_check_array(weights, n, "weights", err)) != CONFORMAL_OK ||
        (status = check_weight(test_weight, CF_NO_INDEX, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(threshold, "threshold", err)) != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        if ((status = check_weight(weights[i], i, err)) != CONFORMAL_OK)
            return status;
    if (all_equal(weights, n, test_weight)) /* R4: the exact ranks */
        return conformal_quantile(scores, n, alpha, allocator, threshold, err);

    /* Scaled by the largest, so that huge weights cannot overflow the total. */
    double largest = test_weight;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, weights[i]);
    if (largest == 0.0 || (alpha == 0.0 && test_weight > 0.0)) {
        *threshold = HUGE_VAL;
        return CONFORMAL_OK;
    }
    cf_sum all = CF_SUM_ZERO, running = CF_SUM_ZERO;
    for (size_t i = 0; i < n; i++)
        cf_sum_add(&all, weights[i] / largest);
    cf_sum_add(&all, test_weight / largest);
    double total = cf_sum_value(&all), target = (1.0 - alpha) * total;
    if (target <= SLACK * total) {
        *threshold = -HUGE_VAL;
        return CONFORMAL_OK;
    }
    size_t *order = cf_alloc(allocator, n, sizeof *order);
    if (order == NULL)
        return cf_fail_memory(err, n, "indices");
    status = cf_sort_order(scores, n, order, allocator, err);
    if (status == CONFORMAL_OK) {
        double reached = HUGE_VAL;
        for (size_t i = 0; i < n && reached == HUGE_VAL; i++) {
            cf_sum_add(&running, weights[order[i]] / largest);
            if (cf_sum_value(&running) >= target - SLACK * total) {
                reached = scores[order[i]];
                break;
            }
        }
        *threshold = reached;
    }
    cf_free(allocator, order);
    return status;
}
