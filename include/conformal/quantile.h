/* quantile.h - the order statistic every conformal method is built on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_QUANTILE_H
#define CONFORMAL_QUANTILE_H

#include <stddef.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* conformal_rank - which order statistic gives coverage 1 - alpha
 *
 *   n       number of calibration scores; 0 is allowed
 *   alpha   miscoverage level, 0 <= alpha <= 1
 *   rank    out: k = ceil((n + 1)(1 - alpha)), in 0..n+1 [1, sec. 1.1]
 *
 * R1. k = n + 1 means that n is too small for this alpha: the threshold is
 *     +infinity. k = 0 (alpha = 1) means -infinity. Results, not errors.
 * R2. alpha is taken as the decimal it was written as: (9, 0.7) gives 3,
 *     although 10 * (1 - 0.7) is 3.0000000000000004 in binary64.
 *
 * Errors: EINVAL (rank is NULL), EDOM (alpha). O(1), no allocation.
 *
 * [1] A. N. Angelopoulos, S. Bates (2023). Conformal Prediction: A Gentle
 *     Introduction. Found. Trends Mach. Learn. 16(4):494-591. arXiv:2107.07511 */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_rank(size_t n, double alpha, size_t *rank, conformal_error *err);

/* conformal_lower_rank - the mirror image: floor(alpha (n + 1)), in 0..n+1
 *
 * R3. conformal_rank() + conformal_lower_rank() = n + 1, always. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_lower_rank(size_t n, double alpha, size_t *rank, conformal_error *err);

/* conformal_quantile - the conformal threshold of a set of scores
 *
 *   scores     n scores, larger is less conforming; not modified; infinities
 *              are ordinary values, NaN is ENAN with err->index set
 *   n, alpha   as in conformal_rank()
 *   allocator  for scratch (at most n doubles), or NULL for malloc()
 *   threshold  out: the conformal_rank()-th smallest score; +infinity when the rank
 *              is n + 1, -infinity when it is 0
 *
 * Errors: as conformal_rank(), ENAN (a score), ENOMEM. O(n). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_quantile(const double *scores, size_t n, double alpha,
                   const conformal_allocator *allocator, double *threshold,
                   conformal_error *err);

/* conformal_lower_quantile - the conformal_lower_rank()-th smallest score; -infinity
 * when that rank is 0, +infinity when it is n + 1. Equals -quantile(-scores). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_lower_quantile(const double *scores, size_t n, double alpha,
                         const conformal_allocator *allocator, double *threshold,
                         conformal_error *err);

/* conformal_quantiles - conformal_quantile() at several levels, sharing the work
 *
 *   alphas      n_alphas levels, any order
 *   thresholds  out: n_alphas numbers
 *
 * O(n + n_alphas) passes for few levels, one sort for many. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_quantiles(const double *scores, size_t n, const double *alphas, size_t n_alphas,
                    const conformal_allocator *allocator, double *thresholds,
                    conformal_error *err);

/* conformal_weighted_quantile - the threshold under covariate shift
 *
 *   weights      n weights, finite and >= 0, proportional to the likelihood ratio
 *   test_weight  the weight of the test point, finite and >= 0
 *   threshold    out: the smallest score v such that the weight of {scores <= v} is at
 *                least (1 - alpha)(sum of weights + test_weight); +infinity if none is
 *                or if all weights are 0; -infinity when alpha = 1
 *
 * R4. Equal weights give conformal_quantile() to the last bit.
 * Errors: EDOM (a weight), ENAN, ENOMEM. O(n log n); scratch 2 n doubles.
 * Tibshirani, Barber, Candes, Ramdas (2019), arXiv:1904.06019, sec. 2. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_weighted_quantile(const double *scores, const double *weights, size_t n,
                            double test_weight, double alpha,
                            const conformal_allocator *allocator, double *threshold,
                            conformal_error *err);

CONFORMAL_END_DECLS

#endif
