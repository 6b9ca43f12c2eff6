/* rank_sum.h - the law of the sum of the ranks of a batch, or of several batches.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * U = sum (R_j - 1) counts the pairs of a calibration score below a batch member: the
 * Mann-Whitney statistic, with the Gaussian binomial coefficient as generating function:
 *     sum over rank vectors of x^U = prod_{i=1}^{b} (1 - x^(a+i)) / (1 - x^i),
 * a = max(n, m), b = min(n, m). Strata are independent, so their U add. */
#ifndef CF_RANK_SUM_H
#define CF_RANK_SUM_H

#include <stdbool.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

/* A law of U: strata of n calibration scores and m members. */
typedef struct cf_rank_sum {
    const size_t *n, *m;
    size_t n_strata;
} cf_rank_sum;

/* The largest U: sum of n m. */
uint64_t cf_rank_sum_most(const cf_rank_sum *s);

/* min{u: P(U > u) <= allowed}, and that tail; allowed > 0. ENOMEM. */
conformal_status cf_rank_sum_quantile(const cf_rank_sum *s, double allowed,
                                      const conformal_allocator *allocator, uint64_t *u,
                                      double *tail, conformal_error *err);

/* P(U > u), for the coverage of two sides. ENOMEM. */
conformal_status cf_rank_sum_tail(const cf_rank_sum *s, uint64_t u,
                                  const conformal_allocator *allocator, double *tail,
                                  conformal_error *err);

/* The least u whose P(a rank is not allowed, or U > u) meets alpha, where the former is
 * cap_miss and s the law of U among allowed ranks; *miss: out, that probability (cap_miss
 * when no u is feasible). */
conformal_status cf_rank_sum_budget(const cf_rank_sum *s, double cap_miss, double alpha,
                                    const conformal_allocator *allocator, bool *feasible,
                                    uint64_t *u, double *miss, conformal_error *err);

/* ------------------------------------------------------------------ the two ways to it */

/* All P(U = u), u = 0..most, of one stratum: O(n m min(n, m)). pmf: n m + 1 numbers. */
void cf_rank_sum_exact(size_t n, size_t m, double *pmf);

/* From the characteristic function, tilted so that the saddle point is at u; relative error
 * near 1e-12 for u within a few standard deviations of it. For laws that are near normal:
 * the sum over strata of log10 C(n + m, m) at least CF_RANK_SUM_SMOOTH. */
#define CF_RANK_SUM_SMOOTH 45.0
conformal_status cf_rank_sum_tilted(const cf_rank_sum *s, double allowed,
                                    const conformal_allocator *allocator, uint64_t *u,
                                    double *tail, conformal_error *err);
conformal_status cf_rank_sum_tilted_tail(const cf_rank_sum *s, uint64_t u,
                                         const conformal_allocator *allocator, double *tail,
                                         conformal_error *err);

#endif
