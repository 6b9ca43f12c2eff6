/* cost_law.h - the law of the sum of whole-number costs of the ranks of a batch.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rank k costs costs[k - 1] >= 0; a negative cost means that the rank is not allowed. The
 * generating function over rank vectors is [z^m] prod_k 1 / (1 - z x^costs[k-1]). */
#ifndef CF_COST_LAW_H
#define CF_COST_LAW_H

#include <stdbool.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

/* One stratum. */
typedef struct cf_costs {
    const int32_t *cost; /* n + 1 */
    size_t n, m;
    int32_t least, most; /* of the allowed ones; most < 0: no rank is allowed */
} cf_costs;

/* The least and most of a stratum; costs above 2^24 are refused by the callers. */
cf_costs cf_costs_of(const int32_t *cost, size_t n, size_t m);

/* The law of the sum over all strata: pmf[t] = P(sum = base + t, all ranks allowed). */
typedef struct cf_cost_law {
    double *pmf; /* to be freed */
    size_t n;    /* base .. base + n - 1 */
    int64_t base;
    double miss;  /* P(some rank is not allowed) */
    double noise; /* what a sum of pmf may be off by, absolutely */
} cf_cost_law;

/* Exact where that is small or where `exact` asks for it, else by Fourier transforms. EDOM
 * (the law would be too large), ENOMEM. */
conformal_status cf_cost_law_of(const cf_costs *strata, size_t n_strata, bool exact,
                                const conformal_allocator *allocator, cf_cost_law *law,
                                conformal_error *err);

/* The least budget whose miss, noise included, meets alpha, or -1; *miss: out. */
int64_t cf_cost_law_budget(const cf_cost_law *law, double alpha, double *miss);

/* P(sum < low, or > high, or not allowed). */
double cf_cost_law_outside(const cf_cost_law *law, int64_t low, int64_t high);

/* P(not all of a batch of m are among `allowed` of n + 1 ranks), allowed >= 0. */
double cf_rank_cap_miss(size_t n, size_t m, size_t allowed);

/* ------------------------------------------------------------------ the two ways to it */

/* pmf: m (most - least) + 1 numbers. O(n m^2 (most - least)) multiplications; the relative
 * error is about (n + m) eps. ENOMEM. */
conformal_status cf_cost_law_exact(const cf_costs *c, const conformal_allocator *allocator,
                                   double *pmf, conformal_error *err);

/* All strata together; pmf: `length` numbers, a power of 2 above the largest sum. */
conformal_status cf_cost_law_fourier(const cf_costs *strata, size_t n_strata, size_t length,
                                     const conformal_allocator *allocator, double *pmf,
                                     conformal_error *err);

#endif
