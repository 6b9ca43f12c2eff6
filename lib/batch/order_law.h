/* order_law.h - the law of the rank of one order statistic of a batch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_ORDER_LAW_H
#define CF_ORDER_LAW_H

#include <stddef.h>

#include "batch/level.h"

/* P(R_z > k) for 0 <= k <= n + 1. */
double cf_order_tail(size_t n, size_t m, size_t z, size_t k);
/* P(R_z > k) for k = first..first + count - 1, within 0..n + 1. */
void cf_order_tails(size_t n, size_t m, size_t z, size_t first, size_t count, double *tails);
/* min{k in 1..n+1: P(R_z > k) meets alpha} */
size_t cf_order_rank(size_t n, size_t m, size_t z, double alpha);

#endif
