/* split.c - split conformal calibration: scores to thresholds.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Papadopoulos et al. (2002); Lei et al. (2018), arXiv:1604.04173, theorem 2.2; by groups:
 * Vovk (2012), arXiv:1209.2673. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "base/rank.h"
#include "calibrate/calibrator.h"
#include "calibrate/scores.h"
#include "conformal/groups.h"
#include "conformal/quantile.h"

/* R2: a score of two sides spends alpha/2 on each. Halving a double is exact. */
static double side_alpha(const conformal_calibrator *c, size_t a)
{
    return c->alphas[a] / (double)c->kind->sides;
}

/* One side's thresholds for all cells, group by group; counts: scores of each group. */
static conformal_status side_thresholds(const conformal_calibrator *c, const double *scores,
                                        const int32_t *group, size_t n, double *thresholds,
                                        size_t *counts, conformal_error *err)
{
    conformal_status status;
    double *alphas = cf_alloc(c->allocator, c->n_alphas, sizeof *alphas);
    if (alphas == NULL)
        return cf_fail_memory(err, c->n_alphas, "levels");
    for (size_t a = 0; a < c->n_alphas; a++)
        alphas[a] = side_alpha(c, a);
    if (c->n_groups > 0) {
        status = conformal_group_quantiles(scores, group, n, c->n_groups, alphas, c->n_alphas,
                                           c->allocator, counts, thresholds, err);
    } else {
        counts[0] = n;
        status = conformal_quantiles(scores, n, alphas, c->n_alphas, c->allocator, thresholds,
                                     err);
    }
    cf_free(c->allocator, alphas);
    return status;
}

/* The quantiles check scores and groups: no second pass over them here. */
static conformal_status fill_cells(conformal_calibrator *c, const double *lower,
                                   const double *upper, const int32_t *group, size_t n,
                                   conformal_error *err)
{
    size_t n_cells = c->n_groups > 0 ? c->n_groups : 1;
    size_t *counts = cf_alloc(c->allocator, n_cells, sizeof *counts);
    double *below = cf_alloc(c->allocator, n_cells, c->n_alphas * sizeof *below);
    double *above = cf_alloc(c->allocator, n_cells, c->n_alphas * sizeof *above);
    conformal_status status;
    if (counts == NULL || below == NULL || above == NULL)
        status = cf_fail_memory(err, n_cells, "thresholds");
    else
        status = side_thresholds(c, upper, group, n, above, counts, err);
    if (status == CONFORMAL_OK && c->kind->sides == 2)
        status = side_thresholds(c, lower, group, n, below, counts, err);
    for (size_t i = 0; status == CONFORMAL_OK && i < n_cells * c->n_alphas; i++) {
        size_t m = counts[i / c->n_alphas], a = i % c->n_alphas;
        conformal_threshold cell = {c->alphas[a], m, cf_rank(m, side_alpha(c, a)),
                                    c->kind->sides == 2 ? below[i] : above[i], above[i]};
        c->cells[i] = cell;
    }
    cf_free(c->allocator, above);
    cf_free(c->allocator, below);
    cf_free(c->allocator, counts);
    return status;
}

conformal_status conformal_split_fit_scores(const conformal_split_options *options,
                                            const double *lower, const double *upper,
                                            const int32_t *group, size_t n,
                                            conformal_calibrator **calibrator,
                                            conformal_error *err)
{
    conformal_split_options o;
    conformal_calibrator *c = NULL;
    conformal_status status;
    if ((status = cf_split_options_read(options, &o, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(calibrator, "calibrator", err)) != CONFORMAL_OK ||
        (status = cf_check_array(upper, n, "upper", err)) != CONFORMAL_OK ||
        (conformal_score_sides(o.score) == 2 &&
         (status = cf_check_array(lower, n, "lower", err)) != CONFORMAL_OK) ||
        (o.n_groups > 0 &&
         (status = cf_check_array(group, n, "group", err)) != CONFORMAL_OK) ||
        (status = cf_calibrator_create(&o, n, &c, err)) != CONFORMAL_OK)
        return status;
    status = fill_cells(c, lower, upper, group, n, err);
    if (status == CONFORMAL_OK)
        *calibrator = c;
    else
        conformal_calibrator_free(c);
    return status;
}

conformal_status conformal_split_fit(const conformal_split_options *options,
                                     const conformal_data *data,
                                     conformal_calibrator **calibrator, conformal_error *err)
{
    conformal_split_options o;
    conformal_data rows = CONFORMAL_DATA_INIT;
    conformal_status status;
    double *lower = NULL, *upper = NULL;
    if ((status = cf_split_options_read(options, &o, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(data, "data", err)) != CONFORMAL_OK ||
        (status = cf_options_read(&rows, sizeof rows, data, err)) != CONFORMAL_OK)
        return status;
    upper = cf_alloc(o.allocator, rows.n, sizeof *upper);
    if (conformal_score_sides(o.score) == 2)
        lower = cf_alloc(o.allocator, rows.n, sizeof *lower);
    if (upper == NULL || (conformal_score_sides(o.score) == 2 && lower == NULL))
        status = cf_fail_memory(err, rows.n, "scores");
    else
        status = conformal_score_rows(o.score, &rows, o.beta, lower, upper, NULL, err);
    if (status == CONFORMAL_OK)
        status =
            conformal_split_fit_scores(&o, lower, upper, rows.group, rows.n, calibrator, err);
    cf_free(o.allocator, lower);
    cf_free(o.allocator, upper);
    return status;
}

conformal_status conformal_calibrator_restore(const conformal_split_options *options, size_t n,
                                              const conformal_threshold *thresholds,
                                              conformal_calibrator **calibrator,
                                              conformal_error *err)
{
    conformal_split_options o;
    conformal_calibrator *c = NULL;
    conformal_status status;
    if ((status = cf_split_options_read(options, &o, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(thresholds, "thresholds", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(calibrator, "calibrator", err)) != CONFORMAL_OK)
        return status;
    size_t n_cells = (o.n_groups > 0 ? o.n_groups : 1) * o.n_alphas;
    for (size_t i = 0; i < n_cells; i++) {
        const conformal_threshold *t = &thresholds[i];
        if (isnan(t->lower) || isnan(t->upper))
            return cf_fail(err, CONFORMAL_ENAN, "thresholds", i, "threshold %zu is NaN", i);
        if (t->alpha != o.alphas[i % o.n_alphas] || t->n > n || t->rank > t->n + 1)
            return cf_fail(
                err, CONFORMAL_EDOM, "thresholds", i,
                "threshold %zu is not of its level, or counts more rows than there are", i);
    }
    if ((status = cf_calibrator_create(&o, n, &c, err)) != CONFORMAL_OK)
        return status;
    memcpy(c->cells, thresholds, n_cells * sizeof *c->cells);
    *calibrator = c;
    return CONFORMAL_OK;
}

/* The union bound: 1 - 2 (1 - U) with U the Beta law of one side; its 5 % point by giving
 * each side 2.5 %. */
static conformal_status union_law(const conformal_threshold *t, conformal_coverage_law *law,
                                  conformal_error *err)
{
    double alpha = t->alpha / 2, q;
    conformal_coverage_law side;
    conformal_status status;
    if ((status = conformal_plan_law(t->n, alpha, &side, err)) != CONFORMAL_OK ||
        (status = conformal_plan_quantile(t->n, alpha, 0.025, &q, err)) != CONFORMAL_OK)
        return status;
    law->n = t->n;
    law->rank = t->rank;
    law->mean = fmax(0.0, 1.0 - 2.0 * (1.0 - side.mean));
    law->sd = (double)NAN;
    law->q05 = fmax(0.0, 1.0 - 2.0 * (1.0 - q));
    law->q95 = 1.0;
    return CONFORMAL_OK;
}

conformal_status conformal_calibrator_law(const conformal_calibrator *c, size_t group,
                                          size_t alpha_index, conformal_coverage_law *law,
                                          conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(c, "calibrator", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(law, "law", err)) != CONFORMAL_OK)
        return status;
    const conformal_threshold *t = conformal_calibrator_threshold(c, group, alpha_index);
    if (t == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, "group", group,
                       "no threshold for group %zu at level %zu", group, alpha_index);
    if (c->kind->sides == 1)
        status = conformal_plan_law(t->n, t->alpha, law, err);
    else if (c->kind->code == CONFORMAL_SCORE_SIGNED && 2 * t->rank > t->n + 1)
        status = conformal_plan_law_ranks(t->n, t->n + 1 - t->rank, t->rank, law, err);
    else
        status = union_law(t, law, err);
    if (status == CONFORMAL_OK)
        law->alpha = t->alpha;
    return status;
}
