/* batch_peer.h - batch bounds by the formulas as they are written, to compare with.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nothing here is clever: a term is computed as its formula says, sums run over all of it. All
 * memory is freed; without memory the program ends. */
#ifndef BENCH_BATCH_PEER_H
#define BENCH_BATCH_PEER_H

#include <stddef.h>
#include <stdint.h>

/* n uniform numbers of Park & Miller's generator, the same in R and C, to the last bit. */
void peer_uniform(double *x, size_t n);

/* The least k with sum_{i<=k} C(i+z-2, z-1) C(n+m-i-z+1, m-z) / C(n+m, m) >= 1 - alpha. */
size_t peer_order_rank(size_t n, size_t m, size_t z, double alpha, double *coverage);

/* The region for two order statistics at a common tail, by the double sum of their law. */
void peer_pair_ranks(size_t n, size_t m, const size_t z[2], double alpha, size_t *p,
                     size_t *q, double *coverage);

/* The knapsack over ranks: O(n m T) steps, T = m max(costs). costs < 0: not allowed. */
int64_t peer_cost_budget(const int32_t *costs, size_t n, size_t m, double alpha,
                         double *coverage);

/* max of sum values[k_j - 1] over m ranks of 1..n_ranks with sum k_j <= budget: O(m n_ranks
 * budget). */
double peer_max_sum(const double *values, size_t n_ranks, size_t m, int64_t budget);

#endif
