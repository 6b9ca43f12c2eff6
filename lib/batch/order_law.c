/* order_law.c - the law of the rank of one order statistic of a batch.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * P(R_z = k) = C(k+z-2, z-1) C(n+m-k-z+1, m-z) / C(n+m, m), k = 1..n+1: negative
 * hypergeometric, unimodal, log-concave. No factor of it is ever computed: the recursion
 *     p(k+1) / p(k) = (k+z-1)(n+1-k) / (k (n+m-k-z+1))
 * runs from the mode outwards until nothing is left to add, and the sum normalises. */
#include "batch/order_law.h"

#include <float.h>
#include <math.h>

#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/sum.h"
#include "conformal/batch.h"

/* What is below this share of the sum adds nothing to it. */
#define NOTHING 1e-19

typedef struct law {
    double n, m, z;
    double mode;
    double total; /* of all p, p(mode) = 1 */
} law;

static double ratio(const law *l, double k) /* p(k + 1) / p(k) */
{
    return (k + l->z - 1.0) * (l->n + 1.0 - k) / (k * (l->n + l->m - k - l->z + 1.0));
}

static double inverse_ratio(const law *l, double k) /* p(k) / p(k + 1) */
{
    return k * (l->n + l->m - k - l->z + 1.0) / ((k + l->z - 1.0) * (l->n + 1.0 - k));
}

/* Terms are added up plainly in short runs, and the runs with care: as accurate as all with
 * care, and several times faster. */
enum { RUN = 64 };

/* Sum of p(k), p(k+1), .., up to p(last), given p(k) = p. */
static double sum_up(const law *l, double k, double p, double last)
{
    cf_sum s = CF_SUM_ZERO;
    while (k <= last) {
        double end = fmin(last, k + (RUN - 1)), run = 0.0;
        for (; k <= end; k += 1.0) {
            run += p;
            p *= ratio(l, k);
        }
        cf_sum_add(&s, run);
        if (p < NOTHING * s.high && ratio(l, k - 1.0) < 1.0)
            break;
    }
    return cf_sum_value(&s);
}

/* Sum of p(k), p(k-1), .., down to p(1). */
static double sum_down(const law *l, double k, double p)
{
    cf_sum s = CF_SUM_ZERO;
    while (k >= 1.0) {
        double end = fmax(1.0, k - (RUN - 1)), run = 0.0;
        for (; k >= end; k -= 1.0) {
            run += p;
            p *= k > 1.0 ? inverse_ratio(l, k - 1.0) : 0.0;
        }
        cf_sum_add(&s, run);
        if (p < NOTHING * s.high)
            break;
    }
    return cf_sum_value(&s);
}

static law law_of(size_t n, size_t m, size_t z)
{
    law l = {(double)n, (double)m, (double)z, 1.0, 1.0};
    if (m > 1)
        l.mode =
            fmin(l.n + 1.0, 1.0 + floor((l.z - 1.0) * (l.n + 1.0) / (l.m - 1.0)));
    l.total = sum_down(&l, l.mode, 1.0);
    if (l.mode <= l.n)
        l.total += sum_up(&l, l.mode + 1.0, ratio(&l, l.mode), l.n + 1.0);
    return l;
}

/* p(k) from p(mode) = 1; 0 when it underflows. */
static double p_at(const law *l, double k)
{
    double p = 1.0;
    for (double j = l->mode; j < k && p > 0.0; j += 1.0)
        p *= ratio(l, j);
    for (double j = l->mode; j > k && p > 0.0; j -= 1.0)
        p *= inverse_ratio(l, j - 1.0);
    return p;
}

double cf_order_tail(size_t n, size_t m, size_t z, size_t k)
{
    if (k == 0 || k > n)
        return k == 0 ? 1.0 : 0.0;
    if (m == 1)
        return ((double)n + 1.0 - (double)k) / ((double)n + 1.0);
    law l = law_of(n, m, z);
    double at = (double)k;
    if (at >= l.mode)
        return sum_up(&l, at + 1.0, p_at(&l, at + 1.0), l.n + 1.0) / l.total;
    return 1.0 - sum_down(&l, at, p_at(&l, at)) / l.total;
}

void cf_order_tails(size_t n, size_t m, size_t z, size_t first, size_t count, double *tails)
{
    if (count == 0)
        return;
    law l = law_of(n, m, z);
    size_t last = first + count - 1;
    double at = (double)last, above = 0.0, p = 0.0;
    if (last <= n) {
        p = p_at(&l, at + 1.0);
        above = at >= l.mode
                    ? sum_up(&l, at + 1.0, p, l.n + 1.0)
                    : l.total - sum_down(&l, at, last > 0 ? p_at(&l, at) : 0.0);
    }
    cf_sum s = {above, 0.0};
    for (size_t k = last;; k--) { /* s is the sum of p(k+1), .. */
        tails[k - first] = k == 0 ? 1.0 : fmin(1.0, cf_sum_value(&s) / l.total);
        if (k == first)
            break;
        p = k == last ? p_at(&l, (double)k) : p * inverse_ratio(&l, (double)k);
        cf_sum_add(&s, p);
    }
}

/* From where nothing is left towards the mode, until the sum is more than alpha allows. */
size_t cf_order_rank(size_t n, size_t m, size_t z, double alpha)
{
    if (alpha <= 0.0 || alpha >= 1.0)
        return alpha <= 0.0 ? n + 1 : 1;
    if (m == 1) {
        size_t k = cf_rank(n, alpha);
        return k > 0 ? k : 1;
    }
    law l = law_of(n, m, z);
    double allowed = alpha * (1.0 + 1e-12) * l.total, k = l.mode, p = 1.0;
    if (allowed < DBL_MIN * 1e20) /* below what the recursion can see */
        return n + 1;
    while (k <= l.n && p > NOTHING * allowed) {
        p *= ratio(&l, k);
        k += 1.0;
    }
    cf_sum tail = CF_SUM_ZERO;
    double run = 0.0, left = allowed;
    for (int i = 1; k > 1.0; k -= 1.0, i++) { /* tail and run: the sum of p(k+1), .. */
        run += p;
        if (run > left)
            break;
        p *= inverse_ratio(&l, k - 1.0);
        if (i % RUN == 0) {
            cf_sum_add(&tail, run);
            left = allowed - cf_sum_value(&tail);
            run = 0.0;
        }
    }
    return (size_t)k;
}

/* ------------------------------------------------------------------ public */

static conformal_status check(size_t n, size_t m, size_t rank, conformal_error *err)
{
    conformal_status status = cf_check_count(m, "m", err);
    if (status != CONFORMAL_OK)
        return status;
    if (n > CF_BATCH_MOST || m > CF_BATCH_MOST)
        return cf_fail(err, CONFORMAL_EDOM, n > CF_BATCH_MOST ? "n" : "m", CF_NO_INDEX,
                       "n and m must be at most 2^51");
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
    law l = law_of(n, m, rank);
    size_t mode = (size_t)l.mode;
    double p = 1.0;
    for (size_t k = mode; k <= n + 1; k++) {
        probabilities[k - 1] = p / l.total;
        p = k <= n ? p * ratio(&l, (double)k) : p;
    }
    p = 1.0;
    for (size_t k = mode; k-- > 1;) {
        p *= inverse_ratio(&l, (double)k);
        probabilities[k - 1] = p / l.total;
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
    size_t low = 0, high = 1; /* too few; how many are enough */
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
