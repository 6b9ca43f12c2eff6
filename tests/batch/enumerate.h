/* enumerate.h - all rank vectors and all choices of a batch: what every proof here counts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_BATCH_ENUMERATE_H
#define TEST_BATCH_ENUMERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/round.h"
#include "conformal/random.h"

/* r_1 <= .. <= r_m in 1..n+1: each is as likely as any other, when nothing is tied. */
static inline void first_ranks(size_t *r, size_t m)
{
    for (size_t j = 0; j < m; j++)
        r[j] = 1;
}

static inline bool next_ranks(size_t *r, size_t n, size_t m)
{
    size_t j = m;
    while (j > 0 && r[j - 1] == n + 1)
        j--;
    if (j == 0)
        return false;
    size_t rank = r[j - 1] + 1;
    for (j--; j < m; j++)
        r[j] = rank;
    return true;
}

/* All m-subsets of 0..size-1, ascending. */
static inline void first_subset(size_t *s, size_t m)
{
    for (size_t j = 0; j < m; j++)
        s[j] = j;
}

static inline bool next_subset(size_t *s, size_t m, size_t size)
{
    size_t j = m;
    while (j > 0 && s[j - 1] == size - m + j - 1)
        j--;
    if (j == 0)
        return false;
    s[j - 1]++;
    for (; j < m; j++)
        s[j] = s[j - 1] + 1;
    return true;
}

/* The pool's members in the subset become the batch, the others calibration; order is kept. */
static inline void divide(const double *pool, size_t size, const size_t *subset, size_t m,
                          double *calibration, double *batch)
{
    size_t j = 0, c = 0;
    for (size_t i = 0; i < size; i++) {
        if (j < m && subset[j] == i)
            batch[j++] = pool[i];
        else
            calibration[c++] = pool[i];
    }
}

static inline void sort_numbers(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double v = x[i];
        size_t j = i;
        for (; j > 0 && x[j - 1] > v; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

/* `missed` of `all` equally likely cases are no more than alpha allows. */
static inline bool allowed(double missed, double all, double alpha)
{
    return missed <= alpha * (1.0 + 1e-12) * all;
}

/* Random numbers of a test: *at counts them. */
static inline double draw(uint64_t *at)
{
    return conformal_uniform(20240921, CONFORMAL_STREAM_TEST, (*at)++);
}

static inline size_t draw_below(uint64_t *at, size_t n)
{
    return (size_t)(draw(at) * (double)n);
}

/* n scores: continuous, or (ties) of five values. */
static inline void draw_scores(uint64_t *at, size_t n, bool ties, double *scores)
{
    for (size_t i = 0; i < n; i++)
        scores[i] = ties ? (double)draw_below(at, 5) - 1.0 : 3.0 * draw(at) - 1.0;
}

/* Is the exact sum of n finite numbers (n <= 64) above the bound? The numbers and the bound
 * become one expansion without rounding, whose last part has the sign of the whole: Shewchuk
 * (1997), Discrete Comput. Geom. 18:305, sec. 2.4. */
static inline bool sum_exceeds(const double *x, size_t n, double bound)
{
    double parts[65];
    for (size_t i = 0; i <= n; i++) {
        double q = i < n ? x[i] : -bound;
        for (size_t k = 0; k < i; k++) {
            double s = q + parts[k], error = cf_sum_error(q, parts[k], s);
            parts[k] = error;
            q = s;
        }
        parts[i] = q;
    }
    for (size_t k = n + 1; k-- > 0;)
        if (parts[k] != 0.0)
            return parts[k] > 0.0;
    return false;
}

/* The least budget that enough of `all` rank vectors keep to, of which `kept` have the allowed
 * ranks and the given costs, and the share of the vectors that does not. False: there is none. */
static inline bool find_budget(const int64_t *costs, size_t kept, double all, double alpha,
                               int64_t *budget, double *missed)
{
    int64_t most = 0, least = INT64_MAX;
    double out = all - (double)kept;
    *budget = -1;
    *missed = 0;
    if (kept == 0 || !allowed(out, all, alpha))
        return false;
    for (size_t i = 0; i < kept; i++) {
        most = costs[i] > most ? costs[i] : most;
        least = costs[i] < least ? costs[i] : least;
    }
    for (int64_t q = most; q >= least; q--) {
        double here = 0;
        for (size_t i = 0; i < kept; i++)
            here += costs[i] == q;
        *budget = q;
        if (alpha < 1 ? !allowed(out + here, all, alpha) : q == least)
            break;
        out += here;
    }
    *missed = out / all;
    return true;
}

#endif
