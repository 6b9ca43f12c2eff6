/* plan.c - all about batch bounds that depends on sizes, level and costs only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "batch/plan.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "batch/order_law.h"

static conformal_status refuse(conformal_error *err, const char *argument, size_t index,
                               const char *what)
{
    return cf_fail(err, CONFORMAL_EINVAL, argument, index, "%s", what);
}

/* ------------------------------------------------------------------ checks */

static conformal_status check_sizes(const size_t *n, const size_t *m, size_t n_strata,
                                    size_t *n_all, size_t *m_all, conformal_error *err)
{
    conformal_status status;
    double most = 0.0, dn = 0.0, dm = 0.0;
    if ((status = cf_check_count(n_strata, "n_strata", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(n, "n", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(m, "m", err)) != CONFORMAL_OK)
        return status;
    for (size_t g = 0; g < n_strata; g++) {
        dn += (double)n[g];
        dm += (double)m[g];
        most += (double)n[g] * (double)m[g];
    }
    if (!(dn <= (double)CF_BATCH_MOST && dm <= (double)CF_BATCH_MOST && most <= 0x1p52))
        return cf_fail(err, CONFORMAL_EDOM, "n", CF_NO_INDEX,
                       "n and m must be at most 2^51, n m at most 2^52");
    if (dm == 0.0)
        return cf_fail(err, CONFORMAL_EINVAL, "m", CF_NO_INDEX, "the batch is empty");
    *n_all = (size_t)dn;
    *m_all = (size_t)dm;
    return CONFORMAL_OK;
}

static conformal_status check_ranks(const conformal_batch_options *o, size_t m,
                                    size_t n_strata, conformal_error *err)
{
    conformal_status status;
    size_t wanted = o->statistic == CONFORMAL_BATCH_PAIR ? 2 : o->n_ranks;
    if (o->n_ranks != wanted || wanted == 0)
        return refuse(err, "n_ranks", CF_NO_INDEX,
                      o->statistic == CONFORMAL_BATCH_PAIR ? "a pair has two ranks"
                                                           : "a rank is needed");
    if ((status = cf_check_pointer(o->ranks, "ranks", err)) != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < o->n_ranks; i++)
        if (o->ranks[i] < 1 || o->ranks[i] > m)
            return cf_fail(err, CONFORMAL_EDOM, "ranks", i,
                           "the rank %zu is not in 1..%zu, the batch", o->ranks[i], m);
    if (o->statistic == CONFORMAL_BATCH_PAIR && o->ranks[0] >= o->ranks[1])
        return cf_fail(err, CONFORMAL_EDOM, "ranks", 0, "the ranks of a pair must rise");
    if (n_strata > 1 && o->n_ranks > 1)
        return refuse(err, "n_strata", CF_NO_INDEX,
                      "several strata allow one order statistic at a time");
    return CONFORMAL_OK;
}

static conformal_status check_costs(const conformal_batch_options *o, const size_t *n,
                                    size_t n_strata, conformal_error *err)
{
    size_t count = n_strata;
    for (size_t g = 0; g < n_strata; g++)
        count += n[g];
    const int32_t *const all[] = {o->costs, o->costs_low};
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; all[i] != NULL && k < count; k++)
            if (all[i][k] < 0 || all[i][k] > 1 << 24)
                return cf_fail(err, CONFORMAL_EDOM, i == 0 ? "costs" : "costs_low", k,
                               "cost %zu is %d, not in 0..2^24", k, (int)all[i][k]);
    if (o->costs_low != NULL && o->costs == NULL)
        return refuse(err, "costs", CF_NO_INDEX, "costs_low needs costs");
    if (o->cap > 0 && n_strata > 1)
        return refuse(err, "cap", CF_NO_INDEX, "a cap is for one stratum");
    if (o->cap > n[0] + 1)
        return cf_fail(err, CONFORMAL_EDOM, "cap", CF_NO_INDEX,
                       "the cap %zu is not in 1..%zu, the ranks", o->cap, n[0] + 1);
    return CONFORMAL_OK;
}

static conformal_status check_coefficients(const conformal_batch_options *o, size_t m,
                                           size_t n_strata, conformal_error *err)
{
    conformal_status status = cf_check_pointer(o->coefficients, "coefficients", err);
    if (status != CONFORMAL_OK)
        return status;
    if (n_strata > 1)
        return refuse(err, "n_strata", CF_NO_INDEX,
                      "sums of order statistics are for one stratum");
    for (size_t j = 0; j < m; j++)
        if (!(o->coefficients[j] >= 0.0 && o->coefficients[j] < HUGE_VAL))
            return cf_fail(err, CONFORMAL_EDOM, "coefficients", j,
                           "coefficient %zu is %s, not a finite number >= 0", j,
                           CF_TEXT(o->coefficients[j]));
    return CONFORMAL_OK;
}

static conformal_status check_options(const conformal_batch_options *o, const size_t *n,
                                      size_t m, size_t n_strata, conformal_error *err)
{
    conformal_status status = cf_check_alpha(o->alpha, err);
    if (status != CONFORMAL_OK)
        return status;
    if (o->side < CONFORMAL_BATCH_BOTH || o->side > CONFORMAL_BATCH_LOWER)
        return refuse(err, "side", CF_NO_INDEX, "no side has this code");
    if (o->engine < CONFORMAL_BATCH_AUTO || o->engine > CONFORMAL_BATCH_ENVELOPE)
        return refuse(err, "engine", CF_NO_INDEX, "no engine has this code");
    if (!(o->low <= o->high))
        return cf_fail(err, CONFORMAL_EDOM, "low", CF_NO_INDEX,
                       "the support must be low <= high, not %s and %s", CF_TEXT(o->low),
                       CF_TEXT(o->high));
    switch (o->statistic) {
    case CONFORMAL_BATCH_ORDER:
    case CONFORMAL_BATCH_PAIR:
        status = check_ranks(o, m, n_strata, err);
        break;
    case CONFORMAL_BATCH_MEAN:
    case CONFORMAL_BATCH_SUM:
        status = check_costs(o, n, n_strata, err);
        break;
    case CONFORMAL_BATCH_LINEAR:
        if ((status = check_costs(o, n, n_strata, err)) == CONFORMAL_OK)
            status = check_coefficients(o, m, n_strata, err);
        break;
    default:
        return refuse(err, "statistic", CF_NO_INDEX, "no statistic has this code");
    }
    bool sum = o->statistic == CONFORMAL_BATCH_MEAN || o->statistic == CONFORMAL_BATCH_SUM;
    if (status == CONFORMAL_OK && n_strata > 1 && o->engine == CONFORMAL_BATCH_ENVELOPE)
        return refuse(err, "engine", CF_NO_INDEX, "the envelope is for one stratum");
    if (status == CONFORMAL_OK && o->outcomes && !sum && n_strata > 1)
        return refuse(err, "n_strata", CF_NO_INDEX,
                      "with predictions, several strata allow the mean and the sum only");
    return status;
}

/* ------------------------------------------------------------------ making */

static void *copy_of(const conformal_allocator *a, const void *from, size_t n, size_t size)
{
    void *to = cf_alloc(a, n, size);
    if (to != NULL && n > 0)
        memcpy(to, from, n * size);
    return to;
}

/* The plan's own copies of all arrays that it needs later. */
static conformal_status adopt(conformal_batch_plan *p, const size_t *n, const size_t *m,
                              conformal_error *err)
{
    size_t g = p->n_strata;
    p->n = copy_of(p->allocator, n, g, sizeof *n);
    p->m = copy_of(p->allocator, m, g, sizeof *m);
    p->ranks = copy_of(p->allocator, p->o.ranks, p->o.n_ranks, sizeof *p->ranks);
    bool linear = p->o.statistic == CONFORMAL_BATCH_LINEAR;
    if (linear)
        p->coefficients =
            copy_of(p->allocator, p->o.coefficients, p->m_all, sizeof *p->coefficients);
    if (p->n == NULL || p->m == NULL || p->ranks == NULL ||
        (linear && p->coefficients == NULL))
        return cf_fail_memory(err, g + p->o.n_ranks, "sizes and ranks");
    p->o.ranks = p->ranks;
    p->o.coefficients = p->coefficients;
    return CONFORMAL_OK;
}

/* One member is an order statistic, and its exact rank the best bound there is; a cap would
 * ask for something else. */
static void simplify(conformal_batch_plan *p)
{
    static const size_t one = 1;
    bool sum =
        p->o.statistic == CONFORMAL_BATCH_MEAN || p->o.statistic == CONFORMAL_BATCH_SUM;
    if (!sum || p->m_all != 1 || p->o.cap != 0 || p->o.outcomes || p->n_strata != 1)
        return;
    p->o.statistic = CONFORMAL_BATCH_ORDER;
    p->o.ranks = &one;
    p->o.n_ranks = 1;
    p->o.costs = p->o.costs_low = NULL;
}

static conformal_status make(conformal_batch_plan *p, conformal_error *err)
{
    bool sum =
        p->o.statistic == CONFORMAL_BATCH_MEAN || p->o.statistic == CONFORMAL_BATCH_SUM;
    bool linear = p->o.statistic == CONFORMAL_BATCH_LINEAR;
    p->envelope = p->o.engine == CONFORMAL_BATCH_ENVELOPE ||
                  (linear && p->o.engine == CONFORMAL_BATCH_AUTO &&
                   !cf_linear_is_fine(p->coefficients, p->n_all, p->m_all));
    if (sum)
        return p->envelope ? cf_plan_envelope(p, err) : cf_plan_sum(p, err);
    if (p->o.outcomes || (linear && p->envelope))
        return cf_plan_envelope(p, err);
    return linear ? cf_plan_linear(p, err) : cf_plan_orders(p, err);
}

conformal_status conformal_batch_plan_create(const conformal_batch_options *options,
                                             const size_t *n, const size_t *m,
                                             size_t n_strata, conformal_batch_plan **plan,
                                             conformal_error *err)
{
    conformal_batch_options o = CONFORMAL_BATCH_INIT;
    size_t n_all = 0, m_all = 0;
    conformal_status status;
    if ((status = cf_options_read(&o, sizeof o, options, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(plan, "plan", err)) != CONFORMAL_OK ||
        (status = check_sizes(n, m, n_strata, &n_all, &m_all, err)) != CONFORMAL_OK ||
        (status = check_options(&o, n, m_all, n_strata, err)) != CONFORMAL_OK)
        return status;
    conformal_batch_plan *p = cf_alloc(o.allocator, 1, sizeof *p);
    if (p == NULL)
        return cf_fail_memory(err, 1, "plan");
    memset(p, 0, sizeof *p);
    if (o.allocator != NULL) {
        p->own_allocator = *o.allocator;
        p->allocator = &p->own_allocator;
    }
    p->o = o;
    p->n_strata = n_strata;
    p->n_all = n_all;
    p->m_all = m_all;
    p->promise.lower_coverage = p->promise.upper_coverage = 1.0;
    p->promise.lower_budget = p->promise.upper_budget = -1;
    if (p->o.statistic != CONFORMAL_BATCH_ORDER && p->o.statistic != CONFORMAL_BATCH_PAIR)
        p->o.n_ranks = 0;
    simplify(p);
    if ((status = adopt(p, n, m, err)) == CONFORMAL_OK)
        status = make(p, err);
    p->o.costs = p->o.costs_low = NULL; /* the caller's */
    if (status == CONFORMAL_OK)
        *plan = p;
    else
        conformal_batch_plan_free(p);
    return status;
}

void conformal_batch_plan_free(conformal_batch_plan *p)
{
    if (p == NULL)
        return;
    conformal_allocator copy = p->own_allocator; /* p goes before its allocator does */
    const conformal_allocator *a = p->allocator != NULL ? &copy : NULL;
    for (int s = 0; s < 2; s++) {
        cf_free(a, p->sides[s].cap);
        cf_free(a, p->sides[s].costs);
        cf_free(a, p->strata_ranks[s]);
        cf_linear_free(p->linear[s], a);
    }
    cf_free(a, p->coefficients);
    cf_free(a, p->orders);
    cf_free(a, p->ranks);
    cf_free(a, p->m);
    cf_free(a, p->n);
    cf_free(a, p);
}

conformal_batch_promise conformal_batch_plan_promise(const conformal_batch_plan *plan)
{
    return plan->promise;
}
