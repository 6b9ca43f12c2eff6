/* plan.h - calibration size and what coverage to expect from it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Given the calibration scores, the coverage of the next point is itself random. With
 * exchangeable, almost surely distinct scores its law is Beta(k, n + 1 - k), k the
 * conformal rank; ties only make it larger. Vovk (2012), arXiv:1209.2673, prop. 2a. */
#ifndef CONFORMAL_PLAN_H
#define CONFORMAL_PLAN_H

#include <stddef.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* The Beta law of the coverage that one calibration set gives. */
typedef struct conformal_coverage_law {
    size_t n;     /* calibration scores */
    double alpha; /* miscoverage level; 1 - covered / (n + 1) is what is promised */
    size_t rank;  /* scores at or below the threshold: the law is Beta(rank, n + 1 - rank) */
    double mean;  /* rank / (n + 1): the marginal coverage */
    double sd;
    double q05;   /* one calibration set in twenty gives less coverage than this */
    double q95;
} conformal_coverage_law;

/* conformal_plan_law - the law for n scores at level alpha
 *
 * R1. rank = n + 1 (n too small): mean = q05 = q95 = 1. rank = 0: all 0.
 * Errors: EINVAL, EDOM (alpha). O(log(1/eps)) evaluations of the incomplete beta. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_plan_law(size_t n, double alpha, conformal_coverage_law *law, conformal_error *err);

/* conformal_plan_law_ranks - the law of an interval between two order statistics, of
 * ranks lower < upper of 0..n+1: Beta(upper - lower, n + 1 - upper + lower); law->alpha
 * is 1 - mean. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_plan_law_ranks(size_t n, size_t lower, size_t upper, conformal_coverage_law *law,
                         conformal_error *err);

/* conformal_plan_quantile - the p-quantile of the law, 0 <= p <= 1 */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_plan_quantile(size_t n, double alpha, double p, double *coverage,
                        conformal_error *err);

/* Which deviation from 1 - alpha a plan must exclude. */
typedef enum conformal_plan_side {
    CONFORMAL_PLAN_BOTH = 0, /* |coverage - (1 - alpha)| <= margin */
    CONFORMAL_PLAN_LOWER = 1 /* coverage >= 1 - alpha - margin */
} conformal_plan_side;

/* conformal_plan_size - the smallest calibration set that keeps a promise
 *
 *   margin      0 < margin < 1, how far the coverage may stray
 *   confidence  0 < confidence < 1, over calibration sets
 *   n           out: the smallest n such that P(margin kept) >= confidence for every
 *               size in n .. n + 2 ceil(1/alpha): the probability is a sawtooth in n
 *
 * Errors: EINVAL, EDOM (0 < alpha < 1 here; a plan above 1e12 scores). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_plan_size(double alpha, double margin, double confidence, conformal_plan_side side,
                    size_t *n, conformal_error *err);

/* conformal_plan_finite_size - the smallest n whose threshold is finite:
 * ceil(1/alpha) - 1. Errors: EINVAL, EDOM (alpha = 0: no n is enough). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_plan_finite_size(double alpha, size_t *n, conformal_error *err);

/* conformal_plan_pac_rank - the rank of a training-conditional (PAC) threshold
 *
 *   delta   0 < delta < 1
 *   rank    out: the smallest k with P(Bin(n, 1 - alpha) >= k) <= delta, or n + 1: the
 *           k-th smallest score covers at least 1 - alpha in all but a share delta of
 *           calibration sets. Wilks (1941); Park et al. (2020), arXiv:2001.00106 */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_plan_pac_rank(size_t n, double alpha, double delta, size_t *rank,
                        conformal_error *err);

/* conformal_plan_test - was an observed coverage bad luck or a bug?
 *
 *   covered  of n_test intervals, made from n scores at level alpha
 *   p_value  out: two-sided, twice the smaller tail of the Beta-binomial law, at most 1 */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_plan_test(size_t n, double alpha, size_t n_test, size_t covered, double *p_value,
                    conformal_error *err);

CONFORMAL_END_DECLS

#endif
