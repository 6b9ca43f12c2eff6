/* linear.h - sums of order statistics with coefficients: the law of a cost, and the maximum.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For sum c_j T_(j), c_j >= 0, a rank vector costs sum round(w c_j base(r_j)). Positions with
 * c_j = 0 before the first and behind the last positive one cost nothing and are not run
 * through: the number of their rank vectors is known. */
#ifndef CF_LINEAR_H
#define CF_LINEAR_H

#include <stdbool.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

typedef struct cf_linear {
    size_t n, m;
    size_t before, kept, behind; /* positions: before + kept + behind = m */
    const double *c;             /* kept coefficients; the first and the last are > 0 */
    double *weight;              /* kept: what a unit of base costs */
    int32_t *base;               /* n + 1, or NULL: 1, 2, .. */
    size_t cap;                  /* ranks allowed where c_j > 0 */
    int64_t budget;              /* -1: not feasible */
    double miss;
} cf_linear;

/* Whether rank costs 1, 2, .. are affordable as they are, not made coarser. */
bool cf_linear_is_fine(const double *coefficients, size_t n, size_t m);

/* Plan one (upper) side. base and coefficients are copied; all coefficients zero: kept = 0.
 * ENOMEM, EDOM (too large). *linear: to be freed. */
conformal_status cf_linear_create(const double *coefficients, size_t n, size_t m,
                                  const int32_t *base, size_t cap, double alpha,
                                  const conformal_allocator *allocator, cf_linear **linear,
                                  conformal_error *err);
void cf_linear_free(cf_linear *linear, const conformal_allocator *allocator);

/* max sum c_j values[r_j - 1] over rank vectors within the budget, rounded up. */
conformal_status cf_linear_max(const cf_linear *linear, const double *values,
                               const conformal_allocator *allocator, double *maximum,
                               conformal_error *err);

#endif
