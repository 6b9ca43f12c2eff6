/* order_law.h - the law of the rank of one order statistic of a batch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_ORDER_LAW_H
#define CF_ORDER_LAW_H

#include <stdbool.h>
#include <stddef.h>

/* A probability `miss` meets the level alpha, the decimal that it was written as. */
static inline bool cf_meets(double miss, double alpha)
{
    return miss <= alpha * (1.0 + 1e-12);
}

/* n + m above which whole numbers are no longer exact in the recursions. */
#define CF_BATCH_MOST ((size_t)1 << 51)

/* P(R_z > k) for 0 <= k <= n + 1. */
double cf_order_tail(size_t n, size_t m, size_t z, size_t k);
/* P(R_z > k) for k = first..first + count - 1, within 0..n + 1. */
void cf_order_tails(size_t n, size_t m, size_t z, size_t first, size_t count, double *tails);
/* min{k in 1..n+1: P(R_z > k) meets alpha} */
size_t cf_order_rank(size_t n, size_t m, size_t z, double alpha);

#endif
