/* plan_outcomes.c - the envelope of a batch, and outcomes that are a prediction and a score each.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The envelope: many order statistics bounded jointly. In the box that they span every monotone
 * statistic is largest at the upper corner.
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
enum { MOST_ORDERS = 64 };

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
    if (p->o.statistic == CONFORMAL_BATCH_MEAN || p->o.statistic == CONFORMAL_BATCH_SUM) {
        *first = 1;
        *last = p->m_all;
    }
    for (size_t j = 0; j < p->m_all && p->o.statistic == CONFORMAL_BATCH_LINEAR; j++)
        if (p->coefficients[j] > 0.0) {
            *first = j + 1 < *first ? j + 1 : *first;
            *last = j + 1 > *last ? j + 1 : *last;
        }
}

conformal_status cf_plan_envelope(conformal_batch_plan *p, conformal_error *err)
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

/* a NULL: of the scores themselves; coefficients NULL: all 1. */
static void linear(const conformal_batch_plan *p, const double *a, const double *up,
                   const double *down, conformal_batch_bound *bound)
{
    double high = 0.0, low = 0.0;
    size_t m = p->m_all;
    for (size_t j = 0; j < m; j++) {
        double c = p->coefficients != NULL ? p->coefficients[j] : 1.0;
        if (!(c > 0.0))
            continue;
        double above = a != NULL ? outcome_upper(a, up, m, j + 1) : up[j];
        double below = a != NULL ? outcome_lower(a, down, j + 1) : down[j];
        high = cf_add_up(high, cf_mul_up(c, above));
        low = cf_add_down(low, cf_mul_down(c, below));
    }
    bound->upper = isnan(high) ? HUGE_VAL : high;
    bound->lower = isnan(low) ? -HUGE_VAL : low;
}

/* Up and down: bounds of every score e_(1) .. e_(m), to be freed. */
static conformal_status envelope(const conformal_batch_plan *p, const cf_sorted *s, double **up,
                                 double **down, conformal_error *err)
{
    size_t m = p->m_all;
    *up = cf_alloc(p->allocator, 2 * m, sizeof **up);
    if (*up == NULL)
        return cf_fail_memory(err, 2 * m, "bounds");
    *down = *up + m;
    for (size_t l = 0; l < m; l++) {
        (*up)[l] = p->o.high;
        (*down)[l] = p->o.low;
    }
    for (size_t i = 0; i < p->n_orders; i++) {
        const conformal_batch_order *o = &p->orders[i];
        if (o->side == CONFORMAL_BATCH_UPPER)
            (*up)[o->rank - 1] = fmin((*up)[o->rank - 1], s->values[o->upper]);
        else
            (*down)[o->rank - 1] = fmax((*down)[o->rank - 1], s->values[o->lower - 1]);
    }
    for (size_t l = m; l-- > 1;) /* one without a bound of its own has its neighbour's */
        (*up)[l - 1] = fmin((*up)[l - 1], (*up)[l]);
    for (size_t l = 1; l < m; l++)
        (*down)[l] = fmax((*down)[l], (*down)[l - 1]);
    return CONFORMAL_OK;
}

conformal_status cf_bound_envelope(const conformal_batch_plan *p, const cf_sorted *s,
                                   conformal_batch_bound *bound, conformal_error *err)
{
    double *up, *down;
    conformal_batch_bound b = {-HUGE_VAL, HUGE_VAL, 0, 0, CONFORMAL_BATCH_ENVELOPE};
    conformal_status status = envelope(p, s, &up, &down, err);
    if (status != CONFORMAL_OK)
        return status;
    linear(p, NULL, up, down, &b);
    if (!cf_side_wanted(&p->o, CF_UPPER))
        b.upper = HUGE_VAL;
    if (!cf_side_wanted(&p->o, CF_LOWER))
        b.lower = -HUGE_VAL;
    *bound = b;
    cf_free(p->allocator, up);
    return CONFORMAL_OK;
}

conformal_status cf_bound_outcomes(const conformal_batch_plan *p, const cf_sorted *s,
                                   const double *predictions, conformal_batch_bound *bounds,
                                   conformal_error *err)
{
    size_t m = p->m_all;
    conformal_batch_bound none = {-HUGE_VAL, HUGE_VAL, 0, 0, CONFORMAL_BATCH_ENVELOPE};
    double *up, *down;
    conformal_status status = envelope(p, s, &up, &down, err);
    if (status != CONFORMAL_OK)
        return status;
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
