/* cluster.c - groups that share a threshold.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ding, Angelopoulos, Bates, Jordan, Tibshirani (2023), Class-conditional conformal
 * prediction with many classes, arXiv:2306.09335, sec. 2.2: a group is described by quantiles
 * of its scores; k-means with weights sqrt(n_g) joins groups that look alike. Here k-means is
 * deterministic: groups sorted by their mean coordinate start in blocks of equal count. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/select.h"
#include "calibrate/runs.h"
#include "calibrate/scores.h"
#include "conformal/groups.h"
#include "conformal/quantile.h"

enum { NULL_CLUSTER = -1, MAX_ROUNDS = 100 };

/* The groups that take part, and where each is. */
typedef struct clustering {
    size_t n_points;   /* groups with enough scores */
    size_t n_levels;
    size_t n_clusters;
    size_t *group;     /* n_points: which group a point is */
    double *point;     /* n_points x n_levels quantiles */
    double *weight;    /* n_points: sqrt of the number of scores */
    double *mean;      /* n_points: mean coordinate */
    size_t *order;     /* n_points: by mean coordinate, ties by group */
    int32_t *label;    /* n_points */
    double *centre;    /* n_clusters x n_levels */
    double *mass;      /* n_clusters */
} clustering;

static void release(const conformal_allocator *a, clustering *c)
{
    cf_free(a, c->group);
    cf_free(a, c->point);
    cf_free(a, c->weight);
    cf_free(a, c->mean);
    cf_free(a, c->order);
    cf_free(a, c->label);
    cf_free(a, c->centre);
    cf_free(a, c->mass);
}

static conformal_status reserve(const conformal_allocator *a, size_t n_groups, clustering *c,
                                conformal_error *err)
{
    c->group = cf_alloc(a, n_groups, sizeof *c->group);
    c->point = cf_alloc(a, n_groups, c->n_levels * sizeof *c->point);
    c->weight = cf_alloc(a, n_groups, sizeof *c->weight);
    c->mean = cf_alloc(a, n_groups, sizeof *c->mean);
    c->order = cf_alloc(a, n_groups, sizeof *c->order);
    c->label = cf_alloc(a, n_groups, sizeof *c->label);
    c->centre = cf_alloc(a, c->n_clusters, c->n_levels * sizeof *c->centre);
    c->mass = cf_alloc(a, c->n_clusters, sizeof *c->mass);
    if (c->group == NULL || c->point == NULL || c->weight == NULL || c->mean == NULL ||
        c->order == NULL || c->label == NULL || c->centre == NULL || c->mass == NULL)
        return cf_fail_memory(err, n_groups, "groups to cluster");
    return CONFORMAL_OK;
}

/* Groups of at least min_count scores become points: the ceil(level n)-th smallest score
 * for each level. */
static void embed(clustering *c, const cf_runs *runs, size_t n_groups, size_t min_count,
                  const double *levels)
{
    for (size_t g = 0; g < n_groups; g++) {
        size_t n = runs->start[g + 1] - runs->start[g];
        if (n == 0 || n < min_count)
            continue;
        size_t p = c->n_points++;
        double *scores = runs->scores + runs->start[g], sum = 0.0;
        c->group[p] = g;
        c->weight[p] = sqrt((double)n);
        for (size_t l = 0; l < c->n_levels; l++) {
            size_t rank = (size_t)cf_ceil_snap(levels[l] * (double)n, (double)n);
            double q = cf_select(scores, n, rank > 0 ? rank : 1);
            c->point[p * c->n_levels + l] = q;
            sum += q;
        }
        c->mean[p] = sum / (double)c->n_levels;
    }
}

/* An empty cluster keeps its centre. */
static void move_centres(clustering *c)
{
    size_t d = c->n_levels;
    for (size_t k = 0; k < c->n_clusters; k++) {
        double mass = 0.0;
        for (size_t p = 0; p < c->n_points; p++)
            mass += (size_t)c->label[p] == k ? c->weight[p] : 0.0;
        if (mass == 0.0)
            continue;
        for (size_t l = 0; l < d; l++) {
            double sum = 0.0;
            for (size_t p = 0; p < c->n_points; p++)
                if ((size_t)c->label[p] == k)
                    sum += c->weight[p] * c->point[p * d + l];
            c->centre[k * d + l] = sum / mass;
        }
    }
}

/* Ties go to the lower cluster. Returns whether any point moved. */
static int assign(clustering *c)
{
    size_t d = c->n_levels;
    int moved = 0;
    for (size_t p = 0; p < c->n_points; p++) {
        int32_t best = 0;
        double nearest = HUGE_VAL;
        for (size_t k = 0; k < c->n_clusters; k++) {
            double distance = 0.0;
            for (size_t l = 0; l < d; l++) {
                double step = c->point[p * d + l] - c->centre[k * d + l];
                distance += step * step;
            }
            if (distance < nearest) {
                nearest = distance;
                best = (int32_t)k;
            }
        }
        moved |= best != c->label[p];
        c->label[p] = best;
    }
    return moved;
}

static conformal_status check_levels(const double *levels, size_t n, conformal_error *err)
{
    conformal_status status = cf_check_count(n, "n_levels", err);
    if (status == CONFORMAL_OK)
        status = cf_check_pointer(levels, "levels", err);
    for (size_t l = 0; status == CONFORMAL_OK && l < n; l++)
        if (!(levels[l] >= 0.0 && levels[l] <= 1.0))
            status = cf_fail(err, CONFORMAL_EDOM, "levels", l,
                             "a level must be between 0 and 1, not %s", CF_TEXT(levels[l]));
    return status;
}

conformal_status conformal_cluster_groups(const double *scores, const int32_t *groups,
                                          size_t n, size_t n_groups, size_t n_clusters,
                                          size_t min_count, const double *levels,
                                          size_t n_levels,
                                          const conformal_allocator *allocator,
                                          int32_t *cluster, conformal_error *err)
{
    conformal_status status;
    clustering c = {.n_levels = n_levels, .n_clusters = n_clusters};
    cf_runs runs = {NULL, NULL};

    if ((status = cf_check_count(n_groups, "n_groups", err)) != CONFORMAL_OK ||
        (status = cf_check_count(n_clusters, "n_clusters", err)) != CONFORMAL_OK ||
        (status = check_levels(levels, n_levels, err)) != CONFORMAL_OK ||
        (status = cf_check_scores(scores, n, err)) != CONFORMAL_OK ||
        (status = cf_check_groups(groups, n, n_groups, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(cluster, "cluster", err)) != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        if (isinf(scores[i])) /* distances between quantiles must be numbers */
            return cf_fail(err, CONFORMAL_EDOM, "scores", i,
                           "score %zu is infinite; clusters need finite scores", i);

    if ((status = reserve(allocator, n_groups, &c, err)) != CONFORMAL_OK ||
        (status = cf_runs_make(scores, groups, n, n_groups, allocator, &runs, err)) !=
            CONFORMAL_OK)
        goto done;
    embed(&c, &runs, n_groups, min_count, levels);
    status = cf_sort_order(c.mean, c.n_points, c.order, allocator, err);
    if (status != CONFORMAL_OK)
        goto done;
    memset(c.centre, 0, n_clusters * n_levels * sizeof *c.centre);
    for (size_t r = 0; r < c.n_points; r++)
        c.label[c.order[r]] = (int32_t)(r * n_clusters / c.n_points);
    for (int round = 0; round < MAX_ROUNDS; round++) {
        move_centres(&c);
        if (!assign(&c))
            break;
    }
    for (size_t g = 0; g < n_groups; g++)
        cluster[g] = NULL_CLUSTER;
    for (size_t p = 0; p < c.n_points; p++)
        cluster[c.group[p]] = c.label[p];
done:
    cf_runs_free(allocator, &runs);
    release(allocator, &c);
    return status;
}

conformal_status conformal_cluster_quantiles(const double *scores, const int32_t *groups,
                                             size_t n, const int32_t *cluster, size_t n_groups,
                                             double alpha,
                                             const conformal_allocator *allocator,
                                             double *thresholds, conformal_error *err)
{
    conformal_status status;
    double everywhere, *per_cluster = NULL;
    int32_t *code = NULL;
    size_t n_clusters = 1;

    if ((status = cf_check_count(n_groups, "n_groups", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(cluster, "cluster", err)) != CONFORMAL_OK ||
        (status = cf_check_groups(groups, n, n_groups, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(thresholds, "thresholds", err)) != CONFORMAL_OK ||
        (status = conformal_quantile(scores, n, alpha, allocator, &everywhere, err)) !=
            CONFORMAL_OK)
        return status;
    for (size_t g = 0; g < n_groups; g++) {
        if (cluster[g] < NULL_CLUSTER)
            return cf_fail(err, CONFORMAL_EDOM, "cluster", g,
                           "cluster %ld of group %zu is below -1", (long)cluster[g], g);
        if (cluster[g] >= 0 && (size_t)cluster[g] + 1 > n_clusters)
            n_clusters = (size_t)cluster[g] + 1;
    }
    /* Rows of the null cluster get a code of their own, whose threshold nobody uses. */
    code = cf_alloc(allocator, n, sizeof *code);
    per_cluster = cf_alloc(allocator, n_clusters + 1, sizeof *per_cluster);
    if (code == NULL || per_cluster == NULL) {
        status = cf_fail_memory(err, n, "cluster codes");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        int32_t c = cluster[groups[i]];
        code[i] = c >= 0 ? c : (int32_t)n_clusters;
    }
    status = conformal_group_quantiles(scores, code, n, n_clusters + 1, &alpha, 1, allocator,
                                       NULL, per_cluster, err);
    for (size_t g = 0; status == CONFORMAL_OK && g < n_groups; g++)
        thresholds[g] = cluster[g] >= 0 ? per_cluster[cluster[g]] : everywhere;
done:
    cf_free(allocator, per_cluster);
    cf_free(allocator, code);
    return status;
}
