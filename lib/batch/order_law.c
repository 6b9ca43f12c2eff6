/* order_law.c - the law of the rank of one order statistic of a batch.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * P(R_z = k) = C(k+z-2, z-1) C(n+m-k-z+1, m-z) / C(n+m, m), k = 1..n+1: negative
 * hypergeometric. R_z > k says that fewer than z of the batch are among the first k + z - 1 of
 * the sorted pool: a hypergeometric tail, whose law is about the root of min(n, m) wide however
 * large n is. No factor of it is ever computed: the recursion
 *     p(x+1) / p(x) = (m-x)(d-x) / ((x+1)(n-d+x+1)),   d = k + z - 1,
 * runs from the mode outwards until nothing is left to add, and the sum normalises. */
#include "batch/order_law.h"

#include <math.h>
#include <stdbool.h>

#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/sum.h"
#include "conformal/batch.h"

/* What is below this share of the sum adds nothing to it. */
#define NOTHING 1e-20

/* How many of the batch are among the first d of the pool. */
typedef struct law {
    double n, m, d;
    double low, high, mode;
} law;

static law law_of(size_t n, size_t m, size_t d)
{
    double dn = (double)n, dm = (double)m, dd = (double)d;
    law l = {dn, dm, dd, fmax(0.0, dd - dn), fmin(dd, dm), 0.0};
    l.mode = floor((dd + 1.0) * (dm + 1.0) / (dn + dm + 2.0));
    l.mode = fmin(fmax(l.mode, l.low), l.high);
    return l;
}

static double up(const law *l, double x) /* p(x + 1) / p(x) */
{
    return (l->m - x) * (l->d - x) / ((x + 1.0) * (l->n - l->d + x + 1.0));
}

static double down(const law *l, double x) /* p(x - 1) / p(x) */
{
    return x * (l->n - l->d + x) / ((l->m - x + 1.0) * (l->d - x + 1.0));
}

/* Sum of p(x), p(x+1), .., given p(x) = p, and of p(x), p(x-1), ... */
static double sum_up(const law *l, double x, double p)
{
    cf_sum s = CF_SUM_ZERO;
    for (; x <= l->high; x += 1.0) {
        cf_sum_add(&s, p);
        p *= up(l, x);
        if (p < NOTHING * s.high && x >= l->mode)
            break;
    }
    return cf_sum_value(&s);
}

static double sum_down(const law *l, double x, double p)
{
    cf_sum s = CF_SUM_ZERO;
    for (; x >= l->low; x -= 1.0) {
        cf_sum_add(&s, p);
        p *= down(l, x);
        if (p < NOTHING * s.high && x <= l->mode)
            break;
    }
    return cf_sum_value(&s);
}

static double total(const law *l)
{
    double above = l->mode < l->high ? sum_up(l, l->mode + 1.0, up(l, l->mode)) : 0.0;
    return sum_down(l, l->mode, 1.0) + above;
}

/* p(x) where p(mode) = 1; 0 when it underflows, or outside the support. */
static double p_at(const law *l, double x)
{
    double p = x >= l->low && x <= l->high ? 1.0 : 0.0;
    for (double at = l->mode; at < x && p > 0.0; at += 1.0)
        p *= up(l, at);
    for (double at = l->mode; at > x && p > 0.0; at -= 1.0)
        p *= down(l, at);
    return p;
}

double cf_order_tail(size_t n, size_t m, size_t z, size_t k)
{
    if (k == 0 || k > n)
        return k == 0 ? 1.0 : 0.0;
    if (m == 1)
        return ((double)n + 1.0 - (double)k) / ((double)n + 1.0);
    law l = law_of(n, m, k + z - 1);
    double x = (double)z - 1.0; /* at most so many: the tail */
    if (x < l.low || x >= l.high)
        return x < l.low ? 0.0 : 1.0;
    if (x <= l.mode)
        return sum_down(&l, x, p_at(&l, x)) / total(&l);
    return 1.0 - sum_up(&l, x + 1.0, p_at(&l, x + 1.0)) / total(&l);
}

/* P(R_z = k): z - 1 of the batch among the first k + z - 2, and the next one another. */
static double probability(size_t n, size_t m, size_t z, size_t k)
{
    law l = law_of(n, m, k + z - 2);
    double left = (double)n + (double)m - l.d;
    return p_at(&l, (double)z - 1.0) / total(&l) * ((double)(m - z + 1) / left);
}

/* P(R_z = k) / P(R_z = k + 1) */
static double rank_ratio(size_t n, size_t m, size_t z, size_t k)
{
    double dk = (double)k, dz = (double)z, dn = (double)n;
    return dk * (dn + (double)m - dk - dz + 1.0) / ((dk + dz - 1.0) * (dn + 1.0 - dk));
}

void cf_order_tails(size_t n, size_t m, size_t z, size_t first, size_t count, double *tails)
{
    if (count == 0)
        return;
    size_t last = first + count - 1;
    cf_sum s = {cf_order_tail(n, m, z, last), 0.0};
    double p = 0.0;
    for (size_t k = last;; k--) { /* s is P(R_z > k) */
        tails[k - first] = k == 0 ? 1.0 : fmin(1.0, cf_sum_value(&s));
        if (k == first)
            break;
        bool known = k < last && k <= n && p > 0.0;
        p = known ? p * rank_ratio(n, m, z, k) : k <= n + 1 ? probability(n, m, z, k) : 0.0;
        cf_sum_add(&s, p);
    }
}

size_t cf_order_rank(size_t n, size_t m, size_t z, double alpha)
{
    if (alpha <= 0.0 || alpha >= 1.0)
        return alpha <= 0.0 ? n + 1 : 1;
    if (m == 1) {
        size_t k = cf_rank(n, alpha);
        return k > 0 ? k : 1;
    }
    size_t low = 0, high = n + 1; /* too low, and never too low */
    while (high - low > 1) {
        size_t k = low + (high - low) / 2;
        if (cf_meets(cf_order_tail(n, m, z, k), alpha))
            high = k;
        else
            low = k;
    }
    return high;
}

/* ------------------------------------------------------------------ public */

static conformal_status check(size_t n, size_t m, size_t rank, conformal_error *err)
{
    conformal_status status = cf_check_batch(n, m, err);
    if (status != CONFORMAL_OK)
        return status;
    if (rank < 1 || rank > m)
        return cf_fail(err, CONFORMAL_EDOM, "rank", CF_NO_INDEX,
                       "the rank %zu is not in 1..%zu, the batch", rank, m);
    return CONFORMAL_OK;
}

static conformal_status check_side(conformal_batch_side side, conformal_error *err)
{
    if (side == CONFORMAL_BATCH_UPPER || side == CONFORMAL_BATCH_LOWER)
        return CONFORMAL_OK;
    return cf_fail(err, CONFORMAL_EINVAL, "side", CF_NO_INDEX,
                   "one side is wanted here, not both");
}

conformal_status conformal_batch_order_law(size_t n, size_t m, size_t rank,
                                           double *probabilities, conformal_error *err)
{
    conformal_status status;
    if ((status = check(n, m, rank, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(probabilities, "probabilities", err)) != CONFORMAL_OK)
        return status;
    /* from the mode outwards */
    double at = m > 1 ? floor(((double)rank - 1.0) * ((double)n + 1.0) / ((double)m - 1.0)) : 0.0;
    size_t mode = at < (double)n ? (size_t)at + 1 : n + 1;
    double p = probability(n, m, rank, mode);
    probabilities[mode - 1] = p;
    for (size_t k = mode; k-- > 1;) {
        p *= rank_ratio(n, m, rank, k);
        probabilities[k - 1] = p;
    }
    p = probabilities[mode - 1];
    for (size_t k = mode; k <= n; k++) {
        p /= rank_ratio(n, m, rank, k);
        probabilities[k] = p;
    }
    return CONFORMAL_OK;
}

conformal_status conformal_batch_order_tail(size_t n, size_t m, size_t rank, size_t k,
                                            double *probability, conformal_error *err)
{
    conformal_status status;
    if ((status = check(n, m, rank, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(probability, "probability", err)) != CONFORMAL_OK)
        return status;
    if (k > n + 1)
        return cf_fail(err, CONFORMAL_EDOM, "k", CF_NO_INDEX, "k = %zu is above n + 1", k);
    *probability = cf_order_tail(n, m, rank, k);
    return CONFORMAL_OK;
}

conformal_status conformal_batch_order_rank(size_t n, size_t m, size_t rank, double alpha,
                                            conformal_batch_side side, size_t *bound,
                                            double *coverage, conformal_error *err)
{
    conformal_status status;
    if ((status = check(n, m, rank, err)) != CONFORMAL_OK ||
        (status = check_side(side, err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(bound, "bound", err)) != CONFORMAL_OK)
        return status;
    size_t z = side == CONFORMAL_BATCH_UPPER ? rank : m + 1 - rank;
    size_t k = cf_order_rank(n, m, z, alpha);
    *bound = side == CONFORMAL_BATCH_UPPER ? k : n + 2 - k;
    if (coverage != NULL)
        *coverage = 1.0 - cf_order_tail(n, m, z, k);
    return CONFORMAL_OK;
}

/* P(R_z = n + 1) = prod_{i=z}^{m} i / (n + i) meets alpha: the upper bound is finite. */
static bool is_finite(size_t n, size_t m, size_t z, double alpha)
{
    double p = 1.0;
    for (size_t i = m; i >= z && !cf_meets(p, alpha); i--)
        p *= (double)i / ((double)n + (double)i);
    return cf_meets(p, alpha);
}

conformal_status conformal_batch_order_size(size_t m, size_t rank, double alpha,
                                            conformal_batch_side side, size_t *n,
                                            conformal_error *err)
{
    conformal_status status;
    if ((status = check(0, m, rank, err)) != CONFORMAL_OK ||
        (status = check_side(side, err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(n, "n", err)) != CONFORMAL_OK)
        return status;
    size_t z = side == CONFORMAL_BATCH_UPPER ? rank : m + 1 - rank;
    size_t low = 0, high = alpha > 0.0 ? 1 : CF_BATCH_MOST; /* too few; how many are enough */
    while (high < CF_BATCH_MOST && !is_finite(high, m, z, alpha))
        high *= 2;
    if (high >= CF_BATCH_MOST)
        return cf_fail(err, CONFORMAL_EDOM, "alpha", CF_NO_INDEX,
                       "no calibration size gives a finite bound at alpha = %s",
                       CF_TEXT(alpha));
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (is_finite(middle, m, z, alpha))
            high = middle;
        else
            low = middle;
    }
    *n = high;
    return CONFORMAL_OK;
}
