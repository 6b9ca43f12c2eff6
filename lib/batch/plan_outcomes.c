/* plan_outcomes.c - statistics of outcomes that are a prediction and a score each.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Outcome i of the batch is a_i + e_i, with a_i known and e_i a score; nothing is known of which
 * score goes with which prediction. With a and e sorted, whatever the pairing,
 *     (a + e)_(z) <= a_(i) + e_(m+z-i)   for every i = z..m,
 * since at most m - i predictions are above a_(i) and i - z scores above e_(m+z-i), which leaves
 * z outcomes below their sum. Upper bounds V_l for several e_(l), l >= z, that hold jointly give
 * min_i a_(i) + V_(m+z-i): where predictions differ much, the largest scores at z's own
 * prediction win; where they hardly differ, e_(z)'s own bound does. Lower bounds mirror it. */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/round.h"
#include "batch/joint_law.h"
#include "batch/plan.h"

/* Order statistics that are bounded between z and the end; more would help little. */
enum { MOST_ORDERS = 16 };

/* z, the end, and evenly spaced ones between, into orders; returns how many. */
static size_t spread(size_t from, size_t to, conformal_batch_side side,
                     conformal_batch_order *orders)
{
    size_t count = to - from + 1 < MOST_ORDERS ? to - from + 1 : MOST_ORDERS, kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t z = count == 1 ? from : from + (to - from) * i / (count - 1);
        conformal_batch_order o = {z, side, 1, 0};
        orders[kept++] = o;
    }
    return kept;
}

/* The lowest and highest position of the batch that the statistic reads. */
static void positions(const conformal_batch_plan *p, size_t *first, size_t *last)
{
    *first = p->m_all;
    *last = 1;
    for (size_t i = 0; i < p->o.n_ranks; i++) {
        *first = p->ranks[i] < *first ? p->ranks[i] : *first;
        *last = p->ranks[i] > *last ? p->ranks[i] : *last;
    }
    if (p->o.statistic == CONFORMAL_BATCH_PAIR) { /* below the first, above the second */
        *first = p->ranks[1];
        *last = p->ranks[0];
    }
    for (size_t j = 0; j < p->m_all && p->o.statistic == CONFORMAL_BATCH_LINEAR; j++)
        if (p->coefficients[j] > 0.0) {
            *first = j + 1 < *first ? j + 1 : *first;
            *last = j + 1 > *last ? j + 1 : *last;
        }
}

conformal_status cf_plan_outcomes(conformal_batch_plan *p, conformal_error *err)
{
    size_t first, last;
    double miss;
    positions(p, &first, &last);
    p->orders = cf_alloc(p->allocator, 2 * MOST_ORDERS, sizeof *p->orders);
    if (p->orders == NULL)
        return cf_fail_memory(err, 2 * MOST_ORDERS, "order statistics");
    if (cf_side_wanted(&p->o, CF_UPPER))
        p->n_orders = spread(first, p->m_all, CONFORMAL_BATCH_UPPER, p->orders);
    if (cf_side_wanted(&p->o, CF_LOWER))
        p->n_orders += spread(1, last, CONFORMAL_BATCH_LOWER, p->orders + p->n_orders);
    conformal_status status = cf_joint_ranks(p->n_all, p->m_all, p->orders, p->n_orders,
                                             p->o.alpha, p->allocator, &miss, err);
    if (status != CONFORMAL_OK)
        return status;
    bool *finite[2] = {&p->promise.upper_finite, &p->promise.lower_finite};
    for (size_t i = 0; i < p->n_orders; i++) {
        const conformal_batch_order *o = &p->orders[i];
        *finite[0] = *finite[0] || (o->side == CONFORMAL_BATCH_UPPER && o->upper <= p->n_all);
        *finite[1] = *finite[1] || (o->side == CONFORMAL_BATCH_LOWER && o->lower > 1);
    }
    p->promise.coverage = 1.0 - miss;
    p->promise.upper_coverage = p->promise.lower_coverage = 1.0 - miss; /* of both together */
    return CONFORMAL_OK;
}

/* V_l, an upper bound of e_(l): that of the next order statistic that has one. */
static double upper_of(const conformal_batch_plan *p, const cf_sorted *s, size_t l)
{
    double bound = p->o.high;
    for (size_t i = 0; i < p->n_orders; i++)
        if (p->orders[i].side == CONFORMAL_BATCH_UPPER && p->orders[i].rank >= l)
            bound = fmin(bound, s->values[p->orders[i].upper]);
    return bound;
}

static double lower_of(const conformal_batch_plan *p, const cf_sorted *s, size_t l)
{
    double bound = p->o.low;
    for (size_t i = 0; i < p->n_orders; i++)
        if (p->orders[i].side == CONFORMAL_BATCH_LOWER && p->orders[i].rank <= l)
            bound = fmax(bound, s->values[p->orders[i].lower - 1]);
    return bound;
}

/* Bounds of the z-th smallest outcome; up and down: those of every e_(l), l = 1..m. */
static double outcome_upper(const double *a, const double *up, size_t m, size_t z)
{
    double bound = HUGE_VAL;
    for (size_t i = z; i <= m; i++)
        bound = fmin(bound, cf_add_up(a[i - 1], up[m + z - i - 1]));
    return bound;
}

static double outcome_lower(const double *a, const double *down, size_t z)
{
    double bound = -HUGE_VAL;
    for (size_t i = 1; i <= z; i++)
        bound = fmax(bound, cf_add_down(a[i - 1], down[z - i]));
    return bound;
}

static void linear(const conformal_batch_plan *p, const double *a, const double *up,
                   const double *down, conformal_batch_bound *bound)
{
    double high = 0.0, low = 0.0;
    size_t m = p->m_all;
    for (size_t j = 0; j < m; j++) {
        double c = p->coefficients[j];
        if (!(c > 0.0))
            continue;
        high = cf_add_up(high, cf_mul_up(c, outcome_upper(a, up, m, j + 1)));
        low = cf_add_down(low, cf_mul_down(c, outcome_lower(a, down, j + 1)));
    }
    bound->upper = high;
    bound->lower = low;
}

conformal_status cf_bound_outcomes(const conformal_batch_plan *p, const cf_sorted *s,
                                   const double *predictions, conformal_batch_bound *bounds,
                                   conformal_error *err)
{
    size_t m = p->m_all;
    conformal_batch_bound none = {-HUGE_VAL, HUGE_VAL, 0, 0, CONFORMAL_BATCH_EXACT};
    double *up = cf_alloc(p->allocator, 2 * m, sizeof *up), *down = up != NULL ? up + m : NULL;
    if (up == NULL)
        return cf_fail_memory(err, 2 * m, "bounds");
    for (size_t l = 1; l <= m; l++) {
        up[l - 1] = upper_of(p, s, l);
        down[l - 1] = lower_of(p, s, l);
    }
    bounds[0] = none;
    if (p->o.statistic == CONFORMAL_BATCH_LINEAR)
        linear(p, predictions, up, down, bounds);
    for (size_t i = 0; i < p->o.n_ranks; i++) {
        bool pair = p->o.statistic == CONFORMAL_BATCH_PAIR;
        conformal_batch_bound *b = &bounds[pair ? 0 : i];
        if (!pair)
            *b = none;
        if (!pair || i == 1)
            b->upper = outcome_upper(predictions, up, m, p->ranks[i]);
        if (!pair || i == 0)
            b->lower = outcome_lower(predictions, down, p->ranks[i]);
    }
    for (size_t i = 0; i < p->o.n_ranks || i == 0; i++) {
        if (!cf_side_wanted(&p->o, CF_UPPER))
            bounds[i].upper = HUGE_VAL;
        if (!cf_side_wanted(&p->o, CF_LOWER))
            bounds[i].lower = -HUGE_VAL;
        if (p->o.statistic == CONFORMAL_BATCH_PAIR)
            break;
    }
    cf_free(p->allocator, up);
    return CONFORMAL_OK;
}
