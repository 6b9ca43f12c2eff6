/* strata_rank.c - an order statistic of a batch whose strata mix otherwise than calibration's.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of the m_g members of stratum g, the number N_g whose rank within the stratum is at most k_g
 * is beta-binomial (m_g; k_g, n_g + 1 - k_g), and strata are independent. When sum N_g >= z, at
 * least z members of the batch are at or below their stratum's S_(k_g). The k_g are all
 * u (n_g + 1), rounded, with the least u that makes it probable enough, and at most n_g where
 * that can be: all chosen without data. */
#include "batch/plan.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/sum.h"
#include "batch/order_law.h"

typedef struct problem {
    const size_t *n, *m;
    size_t n_strata, all; /* all: the batch */
    size_t *ranks;
    double *law, *one, *next; /* all + 1 */
    size_t beyond; /* ranks are at most n + beyond: 0 keeps every threshold finite */
} problem;

/* P(N = i), i = 0..m, from its mode outwards. */
static void law_of(size_t n, size_t m, size_t k, double *law)
{
    double a = (double)k, b = (double)(n + 1 - k), dm = (double)m;
    memset(law, 0, (m + 1) * sizeof *law);
    if (k > n) {
        law[m] = 1.0;
        return;
    }
    double at = a + b > 2.0 ? (dm + 1.0) * (a - 1.0) / (a + b - 2.0) : 0.5 * dm;
    size_t mode = (size_t)fmin(fmax(at, 0.0), dm);
    cf_sum total = CF_SUM_ZERO;
    law[mode] = 1.0;
    for (size_t i = mode; i < m; i++) {
        double d = (double)i;
        law[i + 1] = law[i] * ((dm - d) * (a + d)) / ((d + 1.0) * (b + dm - d - 1.0));
    }
    for (size_t i = mode; i > 0; i--) {
        double d = (double)i - 1.0;
        law[i - 1] = law[i] * ((d + 1.0) * (b + dm - d - 1.0)) / ((dm - d) * (a + d));
    }
    for (size_t i = 0; i <= m; i++)
        cf_sum_add(&total, law[i]);
    for (size_t i = 0; i <= m; i++)
        law[i] /= cf_sum_value(&total);
}

static size_t rank_at(const problem *p, size_t g, double u)
{
    double k = floor(u * ((double)p->n[g] + 1.0) + 0.5);
    size_t most = p->n[g] + (p->n[g] > 0 ? p->beyond : 1);
    return k < 1.0 ? 1 : k > (double)most ? most : (size_t)k;
}

/* P(sum N_g < z) with the ranks at u. */
static double miss_at(problem *p, double u, size_t z)
{
    size_t so_far = 0;
    p->law[0] = 1.0;
    for (size_t g = 0; g < p->n_strata; g++) {
        size_t m = p->m[g];
        p->ranks[g] = rank_at(p, g, u);
        law_of(p->n[g], m, p->ranks[g], p->one);
        memset(p->next, 0, (so_far + m + 1) * sizeof *p->next);
        for (size_t i = 0; i <= so_far; i++)
            for (size_t j = 0; j <= m; j++)
                p->next[i + j] += p->law[i] * p->one[j];
        so_far += m;
        memcpy(p->law, p->next, (so_far + 1) * sizeof *p->law);
    }
    cf_sum miss = CF_SUM_ZERO;
    for (size_t i = 0; i < z; i++)
        cf_sum_add(&miss, p->law[i]);
    return fmin(1.0, cf_sum_value(&miss));
}

conformal_status cf_strata_ranks(const size_t *n, const size_t *m, size_t n_strata, size_t z,
                                 double alpha, const conformal_allocator *allocator,
                                 size_t *ranks, double *miss, conformal_error *err)
{
    problem p = {n, m, n_strata, 0, ranks, NULL, NULL, NULL, 0};
    conformal_status status = CONFORMAL_OK;
    for (size_t g = 0; g < n_strata; g++)
        p.all += m[g];
    p.law = cf_alloc(allocator, p.all + 1, sizeof *p.law);
    p.one = cf_alloc(allocator, p.all + 1, sizeof *p.one);
    p.next = cf_alloc(allocator, p.all + 1, sizeof *p.next);
    if (p.law == NULL || p.one == NULL || p.next == NULL) {
        status = cf_fail_memory(err, p.all + 1, "probabilities");
    } else {
        double low = 0.0, high = 1.0;
        if (alpha < 1.0 && !cf_meets(miss_at(&p, 1.0, z), alpha))
            p.beyond = 1; /* then at 1 everything is covered */
        if (alpha >= 1.0)
            high = 0.0;
        for (int round = 0; round < 60 && high - low > 1e-13 && alpha < 1.0; round++) {
            double u = 0.5 * (low + high);
            if (cf_meets(miss_at(&p, u, z), alpha))
                high = u;
            else
                low = u;
        }
        *miss = miss_at(&p, high, z);
    }
    cf_free(allocator, p.next);
    cf_free(allocator, p.one);
    cf_free(allocator, p.law);
    return status;
}

conformal_status conformal_batch_strata_ranks(const size_t *n, const size_t *m,
                                              size_t n_strata, size_t rank, double alpha,
                                              conformal_batch_side side,
                                              const conformal_allocator *allocator,
                                              size_t *bounds, double *coverage,
                                              conformal_error *err)
{
    conformal_status status;
    double miss, all = 0.0;
    if ((status = cf_check_count(n_strata, "n_strata", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(n, "n", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(m, "m", err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(bounds, "bounds", err)) != CONFORMAL_OK)
        return status;
    if (side != CONFORMAL_BATCH_UPPER && side != CONFORMAL_BATCH_LOWER)
        return cf_fail(err, CONFORMAL_EINVAL, "side", CF_NO_INDEX,
                       "one side is wanted here, not both");
    for (size_t g = 0; g < n_strata; g++)
        all += (double)m[g];
    if (rank < 1 || (double)rank > all)
        return cf_fail(err, CONFORMAL_EDOM, "rank", CF_NO_INDEX,
                       "the rank %zu is not in 1..%.0f, the batch", rank, all);
    bool upper = side == CONFORMAL_BATCH_UPPER;
    status = cf_strata_ranks(n, m, n_strata, upper ? rank : (size_t)all + 1 - rank, alpha,
                             allocator, bounds, &miss, err);
    if (status != CONFORMAL_OK)
        return status;
    for (size_t g = 0; g < n_strata && !upper; g++)
        bounds[g] = n[g] + 2 - bounds[g];
    if (coverage != NULL)
        *coverage = 1.0 - miss;
    return CONFORMAL_OK;
}
