/* evaluate.h - did the intervals keep their promise?
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_EVALUATE_H
#define CONFORMAL_EVALUATE_H

#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* conformal_coverage_interval - exact (Clopper-Pearson) interval of a proportion
 *
 *   k of n      0 <= k <= n, n >= 1
 *   confidence  0 < confidence < 1, two-sided
 *   lower, upper out: 0 when k = 0, 1 when k = n
 *
 * Errors: EINVAL, EDOM. Clopper, Pearson (1934), Biometrika 26:404-413. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_coverage_interval(size_t k, size_t n, double confidence, double *lower,
                            double *upper, conformal_error *err);

typedef struct conformal_interval_metrics {
    size_t n;
    size_t covered;        /* lower <= y <= upper */
    size_t below, above;   /* y < lower, y > upper (an empty interval may count in both) */
    double coverage;       /* covered / n */
    double coverage_lower; /* Clopper-Pearson, 95 % */
    double coverage_upper;
    double mean_width;     /* over all but the infinite; an empty one has width 0 */
    double median_width;   /* over all n, infinite ones included; NaN: n = 0 */
    double winkler;        /* mean interval score where both ends are finite; NaN: none */
    size_t infinite;       /* intervals with an infinite end: never averaged */
    size_t empty;          /* crossed: lower > upper */
} conformal_interval_metrics;

/* conformal_evaluate_intervals - coverage and sharpness of n intervals
 *
 *   y, lower, upper  n outcomes and interval ends
 *   alpha            the nominal miscoverage, for the Winkler score only:
 *                    (upper - lower) + 2/alpha (distance of y outside)
 *   groups           n codes in 0..n_groups-1, or NULL with n_groups = 0
 *   metrics          out: 1 + n_groups, all rows first
 *
 * The median width averages the two middle order statistics when their number is even and
 * both are finite. n = 0 gives zero counts and NaN. Errors: EINVAL, EDOM, ENAN, ENOMEM.
 * O(n); scratch n doubles. Winkler (1972); Gneiting & Raftery (2007), sec. 6.2. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_evaluate_intervals(const double *y, const double *lower, const double *upper,
                             size_t n, double alpha, const int32_t *groups, size_t n_groups,
                             const conformal_allocator *allocator,
                             conformal_interval_metrics *metrics, conformal_error *err);

/* conformal_pinball - mean pinball (quantile) loss of predictions q at level tau */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pinball(const double *y, const double *q, size_t n, double tau, double *loss,
                  conformal_error *err);

CONFORMAL_END_DECLS

#endif
