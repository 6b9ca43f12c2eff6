/* batch_peer.c - batch bounds by the formulas as they are written.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The laws of ranks, the knapsack over ranks and the maximum over budgets as in Y. Lee, E.
 * Tchetgen Tchetgen, E. Dobriban (2024), arXiv:2409.13990, and docs/methods/batch.md. */
#include "batch_peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void *memory(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL) {
        fprintf(stderr, "batch: no memory for %zu numbers\n", n);
        exit(1);
    }
    return p;
}

void peer_uniform(double *x, size_t n)
{
    uint64_t state = 20240913;
    for (size_t i = 0; i < n; i++) {
        state = 16807 * state % 2147483647;
        x[i] = (double)state / 2147483647.0;
    }
}

static double log_choose(double n, double k)
{
    return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

/* ------------------------------------------------------------------ order statistics */

static double order_term(size_t n, size_t m, size_t z, size_t k)
{
    double dn = (double)n, dm = (double)m, dz = (double)z, dk = (double)k;
    return exp(log_choose(dk + dz - 2.0, dz - 1.0) +
               log_choose(dn + dm - dk - dz + 1.0, dm - dz) - log_choose(dn + dm, dm));
}

size_t peer_order_rank(size_t n, size_t m, size_t z, double alpha, double *coverage)
{
    double sum = 0.0;
    size_t k = 0;
    while (k <= n && sum < 1.0 - alpha)
        sum += order_term(n, m, z, ++k);
    *coverage = sum;
    return k;
}

/* P(R_first > p, R_second <= q) = sum_{p < a <= b <= q} C(a+z1-2, z1-1)
 * C(b-a+z2-z1-1, z2-z1-1) C(n+m-b-z2+1, m-z2) / C(n+m, m). */
static double pair_sum(size_t n, size_t m, const size_t z[2], size_t p, size_t q)
{
    double dn = (double)n, dm = (double)m, z1 = (double)z[0], z2 = (double)z[1], sum = 0.0;
    double *inner = memory(q + 1, sizeof *inner), all = log_choose(dn + dm, dm);
    for (size_t d = 0; d <= q; d++)
        inner[d] = log_choose((double)d + z2 - z1 - 1.0, z2 - z1 - 1.0);
    for (size_t b = p + 1; b <= q; b++) {
        double last = log_choose(dn + dm - (double)b - z2 + 1.0, dm - z2) - all;
        for (size_t a = p + 1; a <= b; a++)
            sum += exp(log_choose((double)a + z1 - 2.0, z1 - 1.0) + inner[b - a] + last);
    }
    free(inner);
    return sum;
}

void peer_pair_ranks(size_t n, size_t m, const size_t z[2], double alpha, size_t *p,
                     size_t *q, double *coverage)
{
    double *below = memory(n + 2, sizeof *below), *above = memory(n + 2, sizeof *above);
    for (size_t k = 1; k <= n + 1; k++) /* P(R_first <= k) */
        below[k] = below[k - 1] + order_term(n, m, z[0], k);
    for (size_t k = n + 1; k > 0; k--) /* P(R_second > k - 1) */
        above[k - 1] = above[k] + order_term(n, m, z[1], k);
    *p = 0;
    *q = n + 1;
    while (*p < n && below[*p + 1] <= alpha)
        ++*p;
    while (*q > 1 && above[*q - 1] <= alpha)
        --*q;
    while ((*coverage = pair_sum(n, m, z, *p, *q)) < 1.0 - alpha && (*p > 0 || *q <= n)) {
        double a = below[*p], b = above[*q]; /* the larger tail gives way, both if equal */
        *p -= *p > 0 && a >= b * (1.0 - 1e-9);
        *q += *q <= n && b >= a * (1.0 - 1e-9);
    }
    free(above);
    free(below);
}

/* ------------------------------------------------------------------ sums */

/* W[j][t] counts how j members cost t in all, a rank after the other: W[j][t] += j / (n + j)
 * W[j-1][t - cost]; the factors multiply to 1 / C(n+m, m). */
static void add_rank(double *w, size_t n, size_t m, size_t most, size_t cost)
{
    for (size_t j = 1; j <= m; j++) {
        double f = (double)j / ((double)n + (double)j);
        double *restrict to = w + j * (most + 1) + cost;
        const double *restrict from = w + (j - 1) * (most + 1);
        for (size_t t = 0; t + cost <= most; t++)
            to[t] += f * from[t];
    }
}

int64_t peer_cost_budget(const int32_t *costs, size_t n, size_t m, double alpha,
                         double *coverage)
{
    size_t most = 0, q;
    for (size_t k = 0; k <= n; k++)
        most = costs[k] > (int32_t)most ? (size_t)costs[k] : most;
    most *= m;
    double *w = memory((m + 1) * (most + 1), sizeof *w), sum = 0.0;
    w[0] = 1.0;
    for (size_t k = 0; k <= n; k++)
        if (costs[k] >= 0)
            add_rank(w, n, m, most, (size_t)costs[k]);
    for (q = 0; q <= most; q++)
        if ((sum += w[m * (most + 1) + q]) >= 1.0 - alpha)
            break;
    free(w);
    *coverage = sum;
    return q <= most ? (int64_t)q : -1;
}

double peer_max_sum(const double *values, size_t n_ranks, size_t m, int64_t budget)
{
    size_t most = (size_t)budget;
    double *v = memory(most + 1, sizeof *v), *next = memory(most + 1, sizeof *next);
    for (size_t t = 1; t <= most; t++)
        v[t] = -HUGE_VAL;
    for (size_t j = 1; j <= m; j++) {
        for (size_t t = 0; t <= most; t++)
            next[t] = -HUGE_VAL;
        for (size_t k = 1; k <= n_ranks && k <= most; k++) {
            double x = values[k - 1], *restrict to = next + k;
            const double *restrict from = v;
            for (size_t t = 0; t + k <= most; t++)
                to[t] = from[t] + x > to[t] ? from[t] + x : to[t];
        }
        double *swap = v;
        v = next;
        next = swap;
    }
    double best = -HUGE_VAL;
    for (size_t t = 0; t <= most; t++)
        best = v[t] > best ? v[t] : best;
    free(next);
    free(v);
    return best;
}
