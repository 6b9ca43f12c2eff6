/* groups.c - one threshold per group of scores.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A counting sort lays the scores of each group side by side; each run is then a
 * conformal quantile of its own. Vovk (2012), arXiv:1209.2673. */
#include "conformal/groups.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "calibrate/runs.h"
#include "calibrate/scores.h"

conformal_status cf_runs_make(const double *scores, const int32_t *groups, size_t n,
                              size_t n_groups, const conformal_allocator *allocator,
                              cf_runs *runs, conformal_error *err)
{
    size_t *end = cf_alloc(allocator, n_groups + 1, sizeof *end);
    double *sorted = cf_alloc(allocator, n, sizeof *sorted);
    if (end == NULL || sorted == NULL) {
        cf_free(allocator, sorted);
        cf_free(allocator, end);
        return cf_fail(err, CONFORMAL_ENOMEM, "scores", CF_NO_INDEX,
                       "no memory for %zu scores in %zu groups", n, n_groups);
    }
    memset(end, 0, (n_groups + 1) * sizeof *end);
    for (size_t i = 0; i < n; i++)
        end[(size_t)groups[i] + 1]++;
    for (size_t g = 0; g < n_groups; g++)
        end[g + 1] += end[g];
    /* Filling moves each start to its end; start of g is then the end of g - 1. */
    for (size_t i = 0; i < n; i++)
        sorted[end[groups[i]]++] = scores[i];
    memmove(end + 1, end, n_groups * sizeof *end);
    end[0] = 0;
    runs->scores = sorted;
    runs->start = end;
    return CONFORMAL_OK;
}

void cf_runs_free(const conformal_allocator *allocator, cf_runs *runs)
{
    cf_free(allocator, runs->scores);
    cf_free(allocator, runs->start);
}

conformal_status conformal_group_quantiles(const double *scores, const int32_t *groups,
                                           size_t n, size_t n_groups, const double *alphas,
                                           size_t n_alphas,
                                           const conformal_allocator *allocator,
                                           size_t *counts, double *thresholds,
                                           conformal_error *err)
{
    conformal_status status;
    cf_runs runs = {NULL, NULL};
    double *cells = NULL;

    if ((status = cf_check_count(n_groups, "n_groups", err)) != CONFORMAL_OK ||
        (status = cf_check_alphas(alphas, n_alphas, err)) != CONFORMAL_OK ||
        (status = cf_check_scores(scores, n, err)) != CONFORMAL_OK ||
        (status = cf_check_groups(groups, n, n_groups, err)) != CONFORMAL_OK ||
        (status = cf_check_array(thresholds, n_alphas, "thresholds", err)) != CONFORMAL_OK)
        return status;

    size_t *ranks = cf_alloc(allocator, n_alphas, sizeof *ranks);
    cells = cf_alloc(allocator, n_groups, n_alphas * sizeof *cells);
    if (ranks == NULL || cells == NULL) {
        status = cf_fail_memory(err, n_groups, "groups");
        goto done;
    }
    status = cf_runs_make(scores, groups, n, n_groups, allocator, &runs, err);
    for (size_t g = 0; status == CONFORMAL_OK && g < n_groups; g++) {
        size_t m = runs.start[g + 1] - runs.start[g];
        for (size_t a = 0; a < n_alphas; a++)
            ranks[a] = cf_rank(m, alphas[a]);
        status = cf_order_statistics(runs.scores + runs.start[g], m, ranks, n_alphas,
                                     allocator, cells + g * n_alphas, err);
    }
    if (status != CONFORMAL_OK)
        goto done;
    memcpy(thresholds, cells, n_groups * n_alphas * sizeof *cells);
    for (size_t g = 0; counts != NULL && g < n_groups; g++)
        counts[g] = runs.start[g + 1] - runs.start[g];
done:
    cf_runs_free(allocator, &runs);
    cf_free(allocator, cells);
    cf_free(allocator, ranks);
    return status;
}
