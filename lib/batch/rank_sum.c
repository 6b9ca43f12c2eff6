/* rank_sum.c - quantiles of the sum of the ranks: which way to the law.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mann, Whitney (1947), Ann. Math. Stat. 18:50-60. The exact law multiplies the generating
 * function out, factor by factor, scaled so that all coefficients stay probabilities; the
 * divisions are running sums, and the subtractions lose nothing: the lower half, all that is
 * computed, keeps a relative error of a few 1e-15 (it was compared with whole numbers). */
#include "batch/rank_sum.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/special.h"
#include "base/sum.h"
#include "batch/cost_law.h"
#include "batch/order_law.h"
#include "conformal/batch.h"

/* Multiplications above which the characteristic function is faster. */
#define EXACT_WORK 4e5
/* What an exact law may need at most where the characteristic function is no use. */
#define EXACT_MOST 2e9

uint64_t cf_rank_sum_most(const cf_rank_sum *s)
{
    uint64_t most = 0;
    for (size_t g = 0; g < s->n_strata; g++)
        most += (uint64_t)s->n[g] * s->m[g];
    return most;
}

/* Times (1 - x^(a+i)) i / (a+i), over (1 - x^i): in place, up to degree d. */
static void multiply(double *c, size_t a, size_t i, size_t d)
{
    size_t k = a + i;
    double f = (double)i / (double)k;
    for (size_t t = d; t >= k; t--)
        c[t] = (c[t] - c[t - k]) * f;
    size_t end = k - 1 < d ? k - 1 : d;
    for (size_t t = 0; t <= end; t++)
        c[t] *= f;
    if (i < 8) {
        for (size_t t = i; t <= d; t++)
            c[t] += c[t - i];
        return;
    }
    for (size_t t = i; t <= d; t += i) { /* a block of i, none of which needs another */
        size_t count = d - t + 1 < i ? d - t + 1 : i;
        double *restrict to = c + t;
        const double *restrict from = c + t - i;
        for (size_t j = 0; j < count; j++)
            to[j] += from[j];
    }
}

void cf_rank_sum_exact(size_t n, size_t m, double *pmf)
{
    size_t a = n > m ? n : m, b = n > m ? m : n, half = n * m / 2;
    memset(pmf, 0, (n * m + 1) * sizeof *pmf);
    pmf[0] = 1.0;
    for (size_t i = 1; i <= b; i++) {
        size_t d = a * i < half ? a * i : half;
        multiply(pmf, a, i, d);
    }
    for (size_t u = half + 1; u <= n * m; u++)
        pmf[u] = pmf[n * m - u];
}

static double work_of(const cf_rank_sum *s)
{
    double work = 0.0, most = 0.0;
    for (size_t g = 0; g < s->n_strata; g++) {
        double n = (double)s->n[g], m = (double)s->m[g];
        work += n * m * fmin(n, m) + most * n * m;
        most += n * m;
    }
    return work;
}

static bool is_smooth(const cf_rank_sum *s)
{
    double log_states = 0.0;
    for (size_t g = 0; g < s->n_strata; g++)
        log_states += cf_log_choose((double)s->n[g] + (double)s->m[g], (double)s->m[g]);
    return log_states >= CF_RANK_SUM_SMOOTH * log(10.0);
}

/* The exact law of all strata together; *pmf is to be freed. */
static conformal_status exact_law(const cf_rank_sum *s, const conformal_allocator *allocator,
                                  double **pmf, conformal_error *err)
{
    uint64_t most = cf_rank_sum_most(s);
    size_t size = (size_t)most + 1;
    if (work_of(s) > EXACT_MOST || (double)most > 1e9)
        return cf_fail(err, CONFORMAL_EDOM, "n", CF_NO_INDEX,
                       "a rank sum of %zu strata up to %.0f is too large for its exact law, and "
                       "too coarse for an approximate one",
                       s->n_strata, (double)most);
    double *law = cf_alloc(allocator, size, sizeof *law);
    double *one = cf_alloc(allocator, s->n_strata > 1 ? size : 1, sizeof *one);
    double *next = cf_alloc(allocator, s->n_strata > 1 ? size : 1, sizeof *next);
    if (law == NULL || one == NULL || next == NULL) {
        cf_free(allocator, next);
        cf_free(allocator, one);
        cf_free(allocator, law);
        return cf_fail_memory(err, size, "probabilities");
    }
    cf_rank_sum_exact(s->n[0], s->m[0], law);
    size_t so_far = s->n[0] * s->m[0];
    for (size_t g = 1; g < s->n_strata; g++) {
        size_t more = s->n[g] * s->m[g];
        cf_rank_sum_exact(s->n[g], s->m[g], one);
        memset(next, 0, (so_far + more + 1) * sizeof *next);
        for (size_t u = 0; u <= so_far; u++)
            for (size_t v = 0; v <= more; v++)
                next[u + v] += law[u] * one[v];
        so_far += more;
        memcpy(law, next, (so_far + 1) * sizeof *law);
    }
    cf_free(allocator, next);
    cf_free(allocator, one);
    *pmf = law;
    return CONFORMAL_OK;
}

/* From the top: the tail is summed from its small end. */
static void exact_quantile(const double *pmf, uint64_t most, double allowed, uint64_t *u,
                           double *tail)
{
    cf_sum above = CF_SUM_ZERO;
    uint64_t q = most;
    *tail = 0.0;
    for (; q > 0; q--) { /* above is P(U > q) */
        cf_sum next = above;
        cf_sum_add(&next, pmf[q]);
        if (cf_sum_value(&next) > allowed)
            break;
        above = next;
        *tail = cf_sum_value(&above);
    }
    *u = q;
}

static bool by_exact_law(const cf_rank_sum *s)
{
    return work_of(s) <= EXACT_WORK || !is_smooth(s);
}

conformal_status cf_rank_sum_quantile(const cf_rank_sum *s, double allowed,
                                      const conformal_allocator *allocator, uint64_t *u,
                                      double *tail, conformal_error *err)
{
    double *pmf;
    if (!by_exact_law(s))
        return cf_rank_sum_tilted(s, allowed, allocator, u, tail, err);
    conformal_status status = exact_law(s, allocator, &pmf, err);
    if (status != CONFORMAL_OK)
        return status;
    exact_quantile(pmf, cf_rank_sum_most(s), allowed, u, tail);
    cf_free(allocator, pmf);
    return CONFORMAL_OK;
}

conformal_status cf_rank_sum_tail(const cf_rank_sum *s, uint64_t u,
                                  const conformal_allocator *allocator, double *tail,
                                  conformal_error *err)
{
    double *pmf;
    uint64_t most = cf_rank_sum_most(s);
    if (u >= most) {
        *tail = 0.0;
        return CONFORMAL_OK;
    }
    if (!by_exact_law(s))
        return cf_rank_sum_tilted_tail(s, u, allocator, tail, err);
    conformal_status status = exact_law(s, allocator, &pmf, err);
    if (status != CONFORMAL_OK)
        return status;
    cf_sum sum = CF_SUM_ZERO;
    for (uint64_t v = most; v > u; v--)
        cf_sum_add(&sum, pmf[v]);
    *tail = fmin(1.0, cf_sum_value(&sum));
    cf_free(allocator, pmf);
    return CONFORMAL_OK;
}

conformal_status cf_rank_sum_budget(const cf_rank_sum *s, double cap_miss, double alpha,
                                    const conformal_allocator *allocator, bool *feasible,
                                    uint64_t *u, double *miss, conformal_error *err)
{
    double tail = 0.0, kept = 1.0 - cap_miss;
    *feasible = kept > 0.0 && cf_meets(cap_miss, alpha);
    *miss = cap_miss;
    if (!*feasible)
        return CONFORMAL_OK;
    if (alpha >= 1.0) { /* the narrowest set there is, as for order statistics */
        *u = 0;
        conformal_status status = cf_rank_sum_tail(s, 0, allocator, &tail, err);
        *miss = cap_miss + kept * tail;
        return status;
    }
    double allowed = (alpha * (1.0 + 1e-12) - cap_miss) / kept;
    *u = cf_rank_sum_most(s);
    if (allowed <= 0.0)
        return CONFORMAL_OK;
    conformal_status status = cf_rank_sum_quantile(s, allowed, allocator, u, &tail, err);
    *miss = cap_miss + kept * tail;
    return status;
}

/* ------------------------------------------------------------------ public */

conformal_status conformal_batch_rank_sum(size_t n, size_t m, size_t cap, double alpha,
                                          const conformal_allocator *allocator,
                                          int64_t *budget, double *coverage,
                                          conformal_error *err)
{
    conformal_status status;
    uint64_t u = 0;
    double miss;
    bool feasible;
    if ((status = cf_check_count(m, "m", err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(budget, "budget", err)) != CONFORMAL_OK)
        return status;
    if ((double)n * (double)m > 0x1p52 || m > CF_BATCH_MOST)
        return cf_fail(err, CONFORMAL_EDOM, "n", CF_NO_INDEX, "n m must be at most 2^52");
    if (cap < 1 || cap > n + 1)
        return cf_fail(err, CONFORMAL_EDOM, "cap", CF_NO_INDEX,
                       "the cap %zu is not in 1..%zu, the ranks", cap, n + 1);
    size_t below = cap - 1;
    cf_rank_sum s = {&below, &m, 1};
    status = cf_rank_sum_budget(&s, cf_rank_cap_miss(n, m, cap), alpha, allocator, &feasible,
                                &u, &miss, err);
    if (status != CONFORMAL_OK)
        return status;
    *budget = feasible ? (int64_t)(u + m) : -1;
    if (coverage != NULL)
        *coverage = 1.0 - miss;
    return CONFORMAL_OK;
}
