/* cost_law.c - the law of a sum of rank costs, and its quantile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "batch/cost_law.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/fft.h"
#include "base/sum.h"
#include "batch/order_law.h"
#include "conformal/batch.h"

/* Multiplications up to which the exact law is the faster one. */
#define EXACT_WORK 2e7
/* Costs that a law may span. */
#define MOST_STATES ((size_t)1 << 28)
/* What the Fourier transforms may be off by in a sum of probabilities: measured below 4e-15. */
#define FOURIER_NOISE 1e-13

cf_costs cf_costs_of(const int32_t *cost, size_t n, size_t m)
{
    cf_costs c = {cost, n, m, 0, -1};
    for (size_t k = 0; k <= n; k++) {
        if (cost[k] < 0)
            continue;
        c.least = c.most < 0 || cost[k] < c.least ? cost[k] : c.least;
        c.most = cost[k] > c.most ? cost[k] : c.most;
    }
    return c;
}

double cf_rank_cap_miss(size_t n, size_t m, size_t allowed)
{
    if (m == 0)
        return 0.0;
    double miss = 0.0; /* 1 - prod_{j=allowed}^{n} j / (j + m) */
    for (size_t j = n; j >= allowed && j > 0 && miss < 1.0; j--)
        miss += (1.0 - miss) * ((double)m / ((double)j + (double)m));
    return allowed == 0 ? 1.0 : miss;
}

static size_t allowed_ranks(const cf_costs *c)
{
    size_t allowed = 0;
    for (size_t k = 0; k <= c->n; k++)
        allowed += c->cost[k] >= 0;
    return allowed;
}

static size_t span_of(const cf_costs *c)
{
    return c->most < 0 ? 0 : c->m * (size_t)(c->most - c->least);
}

static double work_of(const cf_costs *strata, size_t n_strata)
{
    double work = 0.0, so_far = 1.0;
    for (size_t g = 0; g < n_strata; g++) {
        double span = (double)span_of(&strata[g]) + 1.0;
        work += 0.5 * ((double)strata[g].n + 1.0) * (double)strata[g].m * span;
        if (g > 0)
            work += so_far * span;
        so_far += span;
    }
    return work;
}

/* One stratum after the other, convolved. room: as many numbers as law->pmf. */
static conformal_status exact(const cf_costs *strata, size_t n_strata,
                              const conformal_allocator *allocator, cf_cost_law *law,
                              conformal_error *err)
{
    size_t total = law->n, so_far = span_of(&strata[0]);
    conformal_status status = cf_cost_law_exact(&strata[0], allocator, law->pmf, err);
    if (n_strata == 1 || status != CONFORMAL_OK)
        return status;
    double *one = cf_alloc(allocator, total, sizeof *one);
    double *next = cf_alloc(allocator, total, sizeof *next);
    if (one == NULL || next == NULL)
        status = cf_fail_memory(err, total, "probabilities");
    for (size_t g = 1; g < n_strata && status == CONFORMAL_OK; g++) {
        size_t more = span_of(&strata[g]);
        if ((status = cf_cost_law_exact(&strata[g], allocator, one, err)) != CONFORMAL_OK)
            break;
        memset(next, 0, (so_far + more + 1) * sizeof *next);
        for (size_t t = 0; t <= so_far; t++) {
            double p = law->pmf[t], *to = next + t;
            for (size_t v = 0; v <= more; v++)
                to[v] += p * one[v];
        }
        so_far += more;
        memcpy(law->pmf, next, (so_far + 1) * sizeof *next);
    }
    cf_free(allocator, next);
    cf_free(allocator, one);
    return status;
}

conformal_status cf_cost_law_of(const cf_costs *strata, size_t n_strata, bool want_exact,
                                const conformal_allocator *allocator, cf_cost_law *law,
                                conformal_error *err)
{
    double span = 0.0, kept = 1.0;
    bool none = false;
    law->base = 0;
    law->noise = 0.0;
    for (size_t g = 0; g < n_strata; g++) {
        const cf_costs *c = &strata[g];
        none = none || c->most < 0;
        span += c->most < 0 ? 0.0 : (double)c->m * (double)(c->most - c->least);
        law->base += (int64_t)c->m * c->least;
        kept *= 1.0 - cf_rank_cap_miss(c->n, c->m, allowed_ranks(c));
    }
    /* of one stratum without the detour over what is kept, which would round */
    law->miss = n_strata == 1
                    ? cf_rank_cap_miss(strata[0].n, strata[0].m, allowed_ranks(&strata[0]))
                    : 1.0 - kept;
    if (span >= (double)MOST_STATES)
        return cf_fail(err, CONFORMAL_EDOM, "costs", CF_NO_INDEX,
                       "the costs of %zu ranks may add up to %.0f, more than 2^28: use coarser "
                       "costs",
                       strata[0].m, span);
    bool by_exact = want_exact || none || work_of(strata, n_strata) <= EXACT_WORK;
    law->n = (size_t)span + 1;
    size_t length = by_exact ? law->n : cf_fft_length(law->n);
    law->pmf = cf_alloc(allocator, length, sizeof *law->pmf);
    if (law->pmf == NULL)
        return cf_fail_memory(err, length, "probabilities");
    conformal_status status = CONFORMAL_OK;
    if (none) {
        memset(law->pmf, 0, law->n * sizeof *law->pmf);
    } else if (by_exact) {
        status = exact(strata, n_strata, allocator, law, err);
    } else {
        status = cf_cost_law_fourier(strata, n_strata, length, allocator, law->pmf, err);
        law->noise = FOURIER_NOISE;
    }
    if (status != CONFORMAL_OK) {
        cf_free(allocator, law->pmf);
        law->pmf = NULL;
    }
    return status;
}

int64_t cf_cost_law_budget(const cf_cost_law *law, double alpha, double *miss)
{
    cf_sum above = {law->miss, 0.0};
    size_t q = law->n;
    *miss = law->miss;
    if (alpha >= 1.0) { /* the narrowest set there is, as for order statistics */
        size_t least = 0;
        while (least + 1 < law->n && law->pmf[least] <= law->noise)
            least++;
        *miss = cf_cost_law_outside(law, law->base, law->base + (int64_t)least);
        return law->miss < 1.0 ? law->base + (int64_t)least : -1;
    }
    if (!cf_meets(law->miss + law->noise, alpha))
        return -1;
    while (q > 0 && cf_meets(cf_sum_value(&above) + law->noise, alpha)) {
        *miss = cf_sum_value(&above);
        q--;
        cf_sum_add(&above, fmax(law->pmf[q], 0.0));
    }
    return law->base + (int64_t)q;
}

double cf_cost_law_outside(const cf_cost_law *law, int64_t low, int64_t high)
{
    cf_sum out = {law->miss, 0.0};
    int64_t from = low - law->base, to = high - law->base;
    for (size_t t = 0; t < law->n; t++)
        if ((int64_t)t < from || (int64_t)t > to)
            cf_sum_add(&out, fmax(law->pmf[t], 0.0));
    return fmin(1.0, cf_sum_value(&out));
}

/* ------------------------------------------------------------------ public */

conformal_status conformal_batch_cost_sum(const int32_t *costs, size_t n, size_t m,
                                          double alpha, const conformal_allocator *allocator,
                                          int64_t *budget, double *coverage,
                                          conformal_error *err)
{
    conformal_status status;
    cf_cost_law law;
    double miss;
    if ((status = cf_check_batch(n, m, err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(costs, "costs", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(budget, "budget", err)) != CONFORMAL_OK)
        return status;
    cf_costs c = cf_costs_of(costs, n, m);
    if ((status = cf_cost_law_of(&c, 1, alpha < 1e-9, allocator, &law, err)) != CONFORMAL_OK)
        return status;
    *budget = cf_cost_law_budget(&law, alpha, &miss);
    if (coverage != NULL)
        *coverage = 1.0 - miss;
    cf_free(allocator, law.pmf);
    return CONFORMAL_OK;
}
