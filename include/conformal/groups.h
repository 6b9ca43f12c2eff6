/* groups.h - one threshold per group (Mondrian) or per cluster of groups.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_GROUPS_H
#define CONFORMAL_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* conformal_group_quantiles - the conformal thresholds of each group of scores
 *
 *   scores      n scores, as in conformal_quantile()
 *   groups      n group codes, each in 0..n_groups-1
 *   n_groups    >= 1
 *   alphas      n_alphas levels
 *   counts      out: n_groups scores per group; may be NULL
 *   thresholds  out: n_groups x n_alphas numbers, row by row; +infinity where a group is
 *               too small for alpha, and in particular where it is empty
 *
 * P(Y in C | group) >= 1 - alpha for every group of a taxonomy fixed in advance.
 * Errors: EINVAL, EDOM (a group code or alpha), ENAN, ENOMEM.
 * O(n n_alphas); scratch: n doubles and n_groups sizes. Vovk (2012), arXiv:1209.2673. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_group_quantiles(const double *scores, const int32_t *groups, size_t n,
                          size_t n_groups, const double *alphas, size_t n_alphas,
                          const conformal_allocator *allocator, size_t *counts,
                          double *thresholds, conformal_error *err);

/* conformal_cluster_groups - which groups share a threshold, from scores set apart for it
 *
 *   scores, groups   n scores and their codes in 0..n_groups-1, not used for thresholds
 *   n_clusters       >= 1
 *   min_count        groups with fewer scores go to the null cluster, -1
 *   levels           n_levels quantile levels that describe a group
 *   cluster          out: n_groups codes in -1..n_clusters-1
 *
 * Weighted k-means on the groups' quantiles, deterministic: groups sorted by mean
 * coordinate start in blocks of equal count, ties to the lower cluster, an empty cluster
 * keeps its centre. Ding et al. (2023), arXiv:2306.09335, sec. 2.2.
 * Errors: EINVAL, EDOM, ENAN, ENOMEM. O(n log n + iterations). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_cluster_groups(const double *scores, const int32_t *groups, size_t n,
                         size_t n_groups, size_t n_clusters, size_t min_count,
                         const double *levels, size_t n_levels,
                         const conformal_allocator *allocator, int32_t *cluster,
                         conformal_error *err);

/* conformal_cluster_quantiles - the threshold of each group, by its cluster
 *
 *   cluster     n_groups codes of conformal_cluster_groups(); a group of the null cluster
 *               gets the threshold of all n scores together
 *   thresholds  out: n_groups numbers */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_cluster_quantiles(const double *scores, const int32_t *groups, size_t n,
                            const int32_t *cluster, size_t n_groups, double alpha,
                            const conformal_allocator *allocator, double *thresholds,
                            conformal_error *err);

CONFORMAL_END_DECLS

#endif
