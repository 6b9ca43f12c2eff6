/* quantile.c - the conformal threshold, plain and weighted.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "conformal/quantile.h"

#include <math.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/select.h"
#include "base/sum.h"
#include "calibrate/scores.h"

conformal_status cf_check_scores(const double *scores, size_t n, conformal_error *err)
{
    conformal_error nan;
    conformal_status status = cf_check_numbers(scores, n, "scores", &nan);
    if (status == CONFORMAL_ENAN)
        return cf_fail(err, status, "scores", nan.index, "score %zu is NaN", nan.index);
    return status == CONFORMAL_OK ? status : cf_check_array(scores, n, "scores", err);
}

conformal_status cf_check_alphas(const double *alphas, size_t n_alphas, conformal_error *err)
{
    conformal_status status = cf_check_array(alphas, n_alphas, "alphas", err);
    for (size_t a = 0; status == CONFORMAL_OK && a < n_alphas; a++)
        status = cf_check_alpha(alphas[a], err);
    return status;
}

double cf_order_statistic_limit(size_t n, size_t rank)
{
    return rank == 0 ? -HUGE_VAL : rank > n ? HUGE_VAL : 0.0;
}

conformal_status conformal_rank(size_t n, double alpha, size_t *rank, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(rank, "rank", err)) != CONFORMAL_OK)
        return status;
    *rank = cf_rank(n, alpha);
    return CONFORMAL_OK;
}

conformal_status conformal_lower_rank(size_t n, double alpha, size_t *rank,
                                      conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(rank, "rank", err)) != CONFORMAL_OK)
        return status;
    *rank = cf_lower_rank(n, alpha);
    return CONFORMAL_OK;
}

/* The order statistics of the given ranks, of which 0 and n + 1 are the infinities. */
conformal_status cf_order_statistics(const double *scores, size_t n, const size_t *ranks,
                                     size_t n_ranks, const conformal_allocator *allocator,
                                     double *values, conformal_error *err)
{
    size_t inner = 0;
    size_t *which = cf_alloc(allocator, n_ranks, sizeof *which);
    double *found = cf_alloc(allocator, n_ranks, sizeof *found);
    conformal_status status = CONFORMAL_OK;
    if (which == NULL || found == NULL) {
        status = cf_fail_memory(err, n_ranks, "thresholds");
        goto done;
    }
    for (size_t r = 0; r < n_ranks; r++)
        if (ranks[r] >= 1 && ranks[r] <= n)
            which[inner++] = ranks[r];
    status = inner > 0 ? cf_select_read(scores, n, which, inner, allocator, found, err)
                       : cf_check_scores(scores, n, err);
    if (status == CONFORMAL_ENAN)
        status = cf_check_scores(scores, n, err); /* says which one */
    if (status != CONFORMAL_OK)
        goto done;
    for (size_t r = 0, i = 0; r < n_ranks; r++)
        values[r] = ranks[r] >= 1 && ranks[r] <= n ? found[i++]
                                                   : cf_order_statistic_limit(n, ranks[r]);
done:
    cf_free(allocator, found);
    cf_free(allocator, which);
    return status;
}

static conformal_status one_quantile(const double *scores, size_t n, double alpha,
                                     size_t (*rank_of)(size_t, double),
                                     const conformal_allocator *allocator, double *threshold,
                                     conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_array(scores, n, "scores", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(threshold, "threshold", err)) != CONFORMAL_OK)
        return status;
    size_t rank = rank_of(n, alpha);
    return cf_order_statistics(scores, n, &rank, 1, allocator, threshold, err);
}

conformal_status conformal_quantile(const double *scores, size_t n, double alpha,
                                    const conformal_allocator *allocator, double *threshold,
                                    conformal_error *err)
{
    return one_quantile(scores, n, alpha, cf_rank, allocator, threshold, err);
}

conformal_status conformal_lower_quantile(const double *scores, size_t n, double alpha,
                                          const conformal_allocator *allocator,
                                          double *threshold, conformal_error *err)
{
    return one_quantile(scores, n, alpha, cf_lower_rank, allocator, threshold, err);
}

conformal_status conformal_quantiles(const double *scores, size_t n, const double *alphas,
                                     size_t n_alphas, const conformal_allocator *allocator,
                                     double *thresholds, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alphas(alphas, n_alphas, err)) != CONFORMAL_OK ||
        (status = cf_check_array(scores, n, "scores", err)) != CONFORMAL_OK ||
        (status = cf_check_array(thresholds, n_alphas, "thresholds", err)) != CONFORMAL_OK)
        return status;
    size_t *ranks = cf_alloc(allocator, n_alphas, sizeof *ranks);
    if (ranks == NULL)
        return cf_fail_memory(err, n_alphas, "ranks");
    for (size_t a = 0; a < n_alphas; a++)
        ranks[a] = cf_rank(n, alphas[a]);
    status = cf_order_statistics(scores, n, ranks, n_alphas, allocator, thresholds, err);
    cf_free(allocator, ranks);
    return status;
}
