/* plan_linear.c - plans and bounds for sums of order statistics with coefficients.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/round.h"
#include "batch/plan.h"

/* The mirrored problem has the coefficients in reverse and mirrored costs. */
static conformal_status mirrored_problem(const conformal_batch_plan *p, double **coefficients,
                                         int32_t **costs, conformal_error *err)
{
    size_t n = p->n_all, m = p->m_all;
    const int32_t *given = cf_side_costs(&p->o, CF_LOWER);
    *coefficients = cf_alloc(p->allocator, m, sizeof **coefficients);
    *costs = given != NULL ? cf_alloc(p->allocator, n + 1, sizeof **costs) : NULL;
    if (*coefficients == NULL || (given != NULL && *costs == NULL))
        return cf_fail_memory(err, n + m, "coefficients and costs");
    for (size_t j = 0; j < m; j++)
        (*coefficients)[j] = p->coefficients[m - 1 - j];
    int32_t most = 0;
    for (size_t k = 0; k <= n && *costs != NULL; k++)
        most = given[k] > most ? given[k] : most;
    for (size_t k = 0; k <= n && *costs != NULL; k++)
        (*costs)[k] = most - given[n - k];
    return CONFORMAL_OK;
}

static conformal_status plan_side(conformal_batch_plan *p, int side, conformal_error *err)
{
    size_t n = p->n_all, m = p->m_all;
    double end = side == CF_UPPER ? p->o.high : -p->o.low, *c = NULL;
    size_t cap = p->o.cap > 0 ? p->o.cap : end == HUGE_VAL ? n : n + 1;
    int32_t *costs = NULL;
    conformal_status status = CONFORMAL_OK;
    if (side == CF_LOWER)
        status = mirrored_problem(p, &c, &costs, err);
    if (status == CONFORMAL_OK)
        status = cf_linear_create(side == CF_UPPER ? p->coefficients : c, n, m,
                                  side == CF_UPPER ? p->o.costs : costs, cap,
                                  cf_side_alpha(&p->o), p->allocator, &p->linear[side], err);
    cf_free(p->allocator, costs);
    cf_free(p->allocator, c);
    return status;
}

conformal_status cf_plan_linear(conformal_batch_plan *p, conformal_error *err)
{
    double missed[2] = {0.0, 0.0};
    int64_t budget[2] = {-1, -1};
    bool finite[2] = {false, false};
    for (int side = 0; side < 2; side++) {
        if (!cf_side_wanted(&p->o, side))
            continue;
        conformal_status status = plan_side(p, side, err);
        if (status != CONFORMAL_OK)
            return status;
        const cf_linear *l = p->linear[side];
        budget[side] = l->budget;
        finite[side] = l->kept == 0 || l->budget >= 0;
        missed[side] = l->kept > 0 && l->budget >= 0 ? l->miss : 0.0;
    }
    p->promise.upper_coverage = 1.0 - missed[CF_UPPER];
    p->promise.lower_coverage = 1.0 - missed[CF_LOWER];
    p->promise.coverage = 1.0 - (missed[CF_UPPER] + missed[CF_LOWER]);
    p->promise.upper_finite = finite[CF_UPPER];
    p->promise.lower_finite = finite[CF_LOWER];
    p->promise.upper_budget = budget[CF_UPPER];
    p->promise.lower_budget = budget[CF_LOWER];
    return CONFORMAL_OK;
}

/* All members at the end of the support: what is certain. */
static double at_end(const cf_linear *l, double end)
{
    double total = 0.0;
    for (size_t j = 0; j < l->kept; j++)
        total = cf_add_up(total, l->c[j] > 0.0 ? cf_mul_up(l->c[j], end) : 0.0);
    return total;
}

conformal_status cf_bound_linear(const conformal_batch_plan *p, const cf_sorted *s,
                                 conformal_batch_bound *bound, conformal_error *err)
{
    conformal_batch_bound b = {-HUGE_VAL, HUGE_VAL, 0, 0, CONFORMAL_BATCH_EXACT};
    conformal_status status = CONFORMAL_OK;
    for (int side = 0; side < 2 && status == CONFORMAL_OK; side++) {
        const cf_linear *l = p->linear[side];
        double *values = s->values + 1, found;
        if (l == NULL)
            continue;
        if (l->kept == 0 || l->budget < 0) {
            found = at_end(l, side == CF_UPPER ? p->o.high : -p->o.low);
        } else {
            if (side == CF_LOWER &&
                (status = cf_mirror(p, s, 0, &values, err)) != CONFORMAL_OK)
                return status;
            status = cf_linear_max(l, values, p->allocator, &found, err);
            double end = side == CF_UPPER ? p->o.high : -p->o.low;
            if (status == CONFORMAL_OK && isfinite(end))
                found = fmin(found, at_end(l, end));
            if (side == CF_LOWER)
                cf_free(p->allocator, values);
        }
        if (status == CONFORMAL_OK && side == CF_UPPER)
            b.upper = found;
        else if (status == CONFORMAL_OK)
            b.lower = -found;
    }
    if (status == CONFORMAL_OK)
        *bound = b;
    return status;
}
