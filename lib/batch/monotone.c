/* monotone.c - bounds for any monotone statistic of a batch.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whatever the cost h of a rank vector, h(R) and h of B drawn rank vectors are exchangeable:
 * P(h(R) <= the ceil((1 - alpha)(B + 1))-th smallest drawn) >= 1 - alpha, for every B. With
 * h(r) = max_j (r_j - E R_j) / sd R_j the set {h <= q} is a box, in whose upper corner every
 * monotone statistic is largest. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/select.h"
#include "batch/draws.h"
#include "batch/order_law.h"
#include "conformal/batch.h"
#include "conformal/random.h"

enum { USUAL_DRAWS = 9999 };

static conformal_status check_sizes(size_t n, size_t m, double alpha, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_batch(n, m, err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK)
        return status;
    return CONFORMAL_OK;
}

conformal_status conformal_batch_monte_carlo(size_t n, size_t m,
                                             conformal_batch_rank_cost cost, void *user,
                                             double alpha, size_t draws, uint64_t seed,
                                             const conformal_allocator *allocator,
                                             double *quantile, conformal_error *err)
{
    conformal_status status;
    if ((status = check_sizes(n, m, alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(quantile, "quantile", err)) != CONFORMAL_OK)
        return status;
    if (cost == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, "cost", CF_NO_INDEX, "cost is NULL");
    draws = draws > 0 ? draws : USUAL_DRAWS;
    size_t k = cf_rank(draws, alpha);
    double *h = cf_alloc(allocator, draws, sizeof *h);
    size_t *ranks = cf_alloc(allocator, m, sizeof *ranks);
    if (h == NULL || ranks == NULL)
        status = cf_fail_memory(err, draws + m, "costs and ranks");
    for (size_t b = 0; b < draws && status == CONFORMAL_OK; b++) {
        cf_draw_subset(seed, b, n + m, m, ranks);
        for (size_t j = 0; j < m; j++)
            ranks[j] = ranks[j] - j + 1;
        h[b] = cost(user, ranks, m);
        if (isnan(h[b]))
            status = cf_fail(err, CONFORMAL_ENAN, "cost", b, "the cost of draw %zu is NaN", b);
    }
    if (status == CONFORMAL_OK)
        *quantile = k > draws ? HUGE_VAL : cf_select(h, draws, k > 0 ? k : 1);
    cf_free(allocator, ranks);
    cf_free(allocator, h);
    return status;
}

/* E R_j and sd R_j: R_j - 1 is negative hypergeometric. */
typedef struct moments {
    double n, m;
} moments;

static double mean_of(const moments *s, double j)
{
    return 1.0 + j * s->n / (s->m + 1.0);
}

static double sd_of(const moments *s, double j)
{
    return sqrt(j * (s->m + 1.0 - j) * s->n * (s->n + s->m + 1.0) /
                ((s->m + 1.0) * (s->m + 1.0) * (s->m + 2.0)));
}

static double largest_excess(void *user, const size_t *ranks, size_t m)
{
    const moments *s = user;
    double most = -HUGE_VAL;
    for (size_t j = 1; j <= m; j++) {
        double sd = sd_of(s, (double)j);
        if (sd > 0.0)
            most = fmax(most, ((double)ranks[j - 1] - mean_of(s, (double)j)) / sd);
    }
    return most;
}

/* The box {h <= q}: the largest ranks, which rounding may only make larger. */
static size_t corner(const moments *s, size_t j, double q)
{
    double sd = sd_of(s, (double)j); /* 0 without scores: then q may be infinite */
    double r = sd > 0.0 ? floor(mean_of(s, (double)j) + q * sd + 1e-9) : s->n + 1.0;
    return r >= s->n + 1.0 ? (size_t)s->n + 1 : r < 1.0 ? 1 : (size_t)r;
}

/* The statistic at the upper corner of sorted scores; sign -1: of the mirrored problem. */
static conformal_status at_corner(const double *sorted, const moments *s, double q,
                                  double end, double sign, conformal_batch_function function,
                                  void *user, double *batch, double *bound,
                                  conformal_error *err)
{
    size_t n = (size_t)s->n, m = (size_t)s->m;
    for (size_t j = 1; j <= m; j++) {
        size_t k = corner(s, j, q);
        if (sign > 0.0)
            batch[j - 1] = k <= n ? sorted[k - 1] : end;
        else
            batch[m - j] = k <= n ? sorted[n - k] : end;
    }
    *bound = function(user, batch, m);
    return isnan(*bound) ? cf_fail(err, CONFORMAL_ENAN, "function", CF_NO_INDEX,
                                   "the statistic is NaN at a corner of the bounds")
                         : CONFORMAL_OK;
}

conformal_status conformal_batch_monotone(const double *scores, size_t n, size_t m,
                                          conformal_batch_function function, void *user,
                                          double alpha, conformal_batch_side side, double low,
                                          double high, size_t draws, uint64_t seed,
                                          const conformal_allocator *allocator, double *lower,
                                          double *upper, double *coverage,
                                          conformal_error *err)
{
    conformal_status status;
    moments s = {(double)n, (double)m};
    double q, each = side == CONFORMAL_BATCH_BOTH ? 0.5 * alpha : alpha;
    double bounds[2] = {-HUGE_VAL, HUGE_VAL};
    draws = draws > 0 ? draws : USUAL_DRAWS;
    if ((status = check_sizes(n, m, alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_numbers(scores, n, "scores", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(lower, "lower", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(upper, "upper", err)) != CONFORMAL_OK)
        return status;
    if (side < CONFORMAL_BATCH_BOTH || side > CONFORMAL_BATCH_LOWER)
        return cf_fail(err, CONFORMAL_EINVAL, "side", CF_NO_INDEX, "no side has this code");
    if (function == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, "function", CF_NO_INDEX, "function is NULL");
    for (size_t i = 0; i < n; i++)
        if (!(scores[i] >= low && scores[i] <= high))
            return cf_fail(err, CONFORMAL_EDOM, "scores", i,
                           "score %zu is %s, outside the support", i, CF_TEXT(scores[i]));
    status = conformal_batch_monte_carlo(n, m, largest_excess, &s, each, draws, seed, allocator,
                                         &q, err);
    if (status != CONFORMAL_OK)
        return status;
    double *sorted = cf_alloc(allocator, n + m, sizeof *sorted);
    if (sorted == NULL)
        return cf_fail_memory(err, n + m, "scores");
    if (n > 0)
        memcpy(sorted, scores, n * sizeof *sorted);
    cf_sort(sorted, n, NULL);
    if (side != CONFORMAL_BATCH_LOWER)
        status = at_corner(sorted, &s, q, high, 1.0, function, user, sorted + n, &bounds[1],
                           err);
    if (side != CONFORMAL_BATCH_UPPER && status == CONFORMAL_OK)
        status = at_corner(sorted, &s, q, low, -1.0, function, user, sorted + n, &bounds[0],
                           err);
    cf_free(allocator, sorted);
    if (status != CONFORMAL_OK)
        return status;
    double miss = 1.0 - (double)cf_rank(draws, each) / ((double)draws + 1.0);
    *lower = bounds[0];
    *upper = bounds[1];
    if (coverage != NULL)
        *coverage = 1.0 - (side == CONFORMAL_BATCH_BOTH ? 2.0 * miss : miss);
    return CONFORMAL_OK;
}
