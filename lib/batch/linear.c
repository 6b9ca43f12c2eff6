/* linear.c - sums of order statistics with coefficients.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The law. Put the batch into the n + 1 gaps between calibration scores by coin tosses: in each
 * gap, another member with probability rho = m / (n + m), else on to the next gap. Given that m
 * members fall into the n + 1 gaps, the rank vector is uniform. Gap after gap, and position
 * after position within a gap, all terms are probabilities: nothing can overflow.
 *
 * The maximum runs through the same gaps and positions with (max, +). Both take
 * O(n kept T) steps, T the largest cost; weights are scaled so that this stays affordable:
 * coarser costs are costs like any others, and lose no validity. */
#include "batch/linear.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/round.h"
#include "base/special.h"
#include "base/sum.h"
#include "batch/order_law.h"

/* Steps that the law may take. */
#define MOST_WORK 4e8
#define MOST_COST (1 << 22)

/* What rank k (1..n+1) costs at kept position j; -1: not allowed there. */
static int64_t cost_at(const cf_linear *l, size_t j, size_t k)
{
    if (!(l->c[j] > 0.0))
        return 0;
    if (k > l->cap)
        return -1;
    double base = l->base != NULL ? (double)l->base[k - 1] : (double)k;
    return (int64_t)floor(l->weight[j] * base + 0.5);
}

/* top[j]: the largest cost of the first j kept positions together. */
static void largest_costs(const cf_linear *l, size_t *top)
{
    top[0] = 0;
    for (size_t j = 0; j < l->kept; j++) {
        int64_t most = 0;
        for (size_t k = 1; k <= l->n + 1; k++) {
            int64_t c = cost_at(l, j, k);
            most = c > most ? c : most;
        }
        top[j + 1] = top[j] + (size_t)most;
    }
}

/* Whole-number weights c_j / min c where that is affordable, else fewer steps. */
static void set_weights(cf_linear *l)
{
    double least = HUGE_VAL, largest = 0.0, total = 0.0;
    int32_t most_base = 1;
    for (size_t j = 0; j < l->kept; j++)
        if (l->c[j] > 0.0) {
            least = fmin(least, l->c[j]);
            largest = fmax(largest, l->c[j]);
        }
    for (size_t k = 0; k <= l->n && l->base != NULL; k++)
        most_base = l->base[k] > most_base ? l->base[k] : most_base;
    double range = l->base != NULL ? (double)most_base : (double)l->n + 1.0;
    for (size_t j = 0; j < l->kept; j++)
        total += l->c[j] / largest * range;
    double work = 0.5 * ((double)l->n + 1.0) * (double)l->kept * total;
    double unit = fmin(MOST_WORK / work, (double)MOST_COST / total);
    for (size_t j = 0; j < l->kept; j++)
        l->weight[j] = largest / least <= unit ? l->c[j] / least : l->c[j] / largest * unit;
}

/* ------------------------------------------------------------------ the law */

typedef struct law {
    const cf_linear *l;
    double rho, log_rho, log_stay;
    size_t *top;
    double *state; /* rows j = 1..kept - 1 of top[j] + 1 numbers, one after the other */
    double *pmf;   /* top[kept] + 1 */
} law;

/* P(the `before` free positions fall into the first k gaps, and gap k is reached with exactly
 * them). */
static double weight_before(const law *w, size_t k)
{
    double b = (double)w->l->before, d = (double)k;
    double log_p = b * w->log_rho + (d - 1.0) * w->log_stay;
    return exp(b > 0.0 ? log_p + cf_log_choose(d + b - 1.0, b) : log_p);
}

/* P(the `behind` free positions fall into gaps k..n+1, all of them used up at the end). */
static double weight_behind(const law *w, size_t k)
{
    double b = (double)w->l->behind, gaps = (double)(w->l->n + 1 - k);
    double log_p = b * w->log_rho + gaps * w->log_stay;
    return exp(b > 0.0 ? log_p + cf_log_choose(gaps + b, b) : log_p);
}

/* to[t] = stay to[t] + move from[t - cost] */
static void step(double *restrict to, size_t n_to, double stay, const double *restrict from,
                 size_t n_from, double move, size_t cost)
{
    size_t end = cost + n_from < n_to ? cost + n_from : n_to;
    for (size_t t = 0; t < cost && t < n_to; t++)
        to[t] *= stay;
    for (size_t t = cost; t < end; t++)
        to[t] = stay * to[t] + move * from[t - cost];
    for (size_t t = end; t < n_to; t++)
        to[t] *= stay;
}

static void run_law(law *w)
{
    const cf_linear *l = w->l;
    double stay = exp(w->log_stay), first;
    for (size_t k = 1; k <= l->n + 1; k++) {
        double *row = w->state, behind = weight_behind(w, k);
        const double *from = &first;
        size_t n_from = 1;
        first = weight_before(w, k);
        for (size_t j = 0; j < l->kept; j++) {
            bool last = j + 1 == l->kept;
            int64_t cost = cost_at(l, j, k);
            size_t n_to = w->top[j + 1] + 1;
            double move = cost < 0 ? 0.0 : last ? w->rho * behind : w->rho;
            step(last ? w->pmf : row, n_to, last ? 1.0 : stay, from, n_from, move,
                 cost < 0 ? 0 : (size_t)cost);
            from = row;
            n_from = n_to;
            row += n_to;
        }
    }
}

/* The largest position that the cap applies to is the last kept one. */
static void find_budget(cf_linear *l, double *pmf, size_t n_pmf, double alpha)
{
    cf_sum total = CF_SUM_ZERO, above;
    size_t q = n_pmf;
    l->miss = l->cap <= l->n ? cf_order_tail(l->n, l->m, l->before + l->kept, l->cap) : 0.0;
    l->budget = -1;
    if (!cf_meets(l->miss, alpha) || l->miss >= 1.0)
        return;
    for (size_t t = 0; t < n_pmf; t++)
        cf_sum_add(&total, pmf[t]);
    double scale = (1.0 - l->miss) / cf_sum_value(&total);
    above.high = l->miss;
    above.low = 0.0;
    if (alpha >= 1.0) { /* the narrowest set there is, as for order statistics */
        for (q = 0; q + 1 < n_pmf && pmf[q] == 0.0;)
            q++;
        l->miss = fmax(0.0, 1.0 - scale * pmf[q]);
    }
    while (alpha < 1.0 && q > 0 && cf_meets(cf_sum_value(&above), alpha)) {
        l->miss = cf_sum_value(&above);
        q--;
        cf_sum_add(&above, scale * pmf[q]);
    }
    l->budget = (int64_t)q;
}

static conformal_status plan_budget(cf_linear *l, double alpha,
                                    const conformal_allocator *allocator, conformal_error *err)
{
    law w = {.l = l};
    size_t room = 0;
    conformal_status status = CONFORMAL_OK;
    w.rho = (double)l->m / ((double)l->n + (double)l->m);
    w.log_rho = log(w.rho);
    w.log_stay = l->n > 0 ? log1p(-w.rho) : 0.0;
    if (l->n == 0)
        w.rho = 1.0;
    w.top = cf_alloc(allocator, l->kept + 1, sizeof *w.top);
    if (w.top == NULL)
        return cf_fail_memory(err, l->kept + 1, "positions");
    largest_costs(l, w.top);
    for (size_t j = 1; j < l->kept; j++)
        room += w.top[j] + 1;
    w.state = cf_alloc(allocator, room, sizeof *w.state);
    w.pmf = cf_alloc(allocator, w.top[l->kept] + 1, sizeof *w.pmf);
    if (w.state == NULL || w.pmf == NULL) {
        status = cf_fail_memory(err, room + w.top[l->kept] + 1, "probabilities");
    } else {
        memset(w.state, 0, room * sizeof *w.state);
        memset(w.pmf, 0, (w.top[l->kept] + 1) * sizeof *w.pmf);
        run_law(&w);
        find_budget(l, w.pmf, w.top[l->kept] + 1, alpha);
    }
    cf_free(allocator, w.pmf);
    cf_free(allocator, w.state);
    cf_free(allocator, w.top);
    return status;
}

bool cf_linear_is_fine(const double *coefficients, size_t n, size_t m)
{
    double least = HUGE_VAL, total = 0.0, first = 0.0, last = 0.0;
    for (size_t j = 0; j < m; j++) {
        if (!(coefficients[j] > 0.0))
            continue;
        least = fmin(least, coefficients[j]);
        total += coefficients[j];
        first = first > 0.0 ? first : (double)j + 1.0;
        last = (double)j + 1.0;
    }
    double ranks = (double)n + 1.0;
    total = total > 0.0 ? total / least * ranks : 0.0;
    return 0.5 * ranks * (last - first + 1.0) * total <= MOST_WORK && total <= MOST_COST;
}

conformal_status cf_linear_create(const double *coefficients, size_t n, size_t m,
                                  const int32_t *base, size_t cap, double alpha,
                                  const conformal_allocator *allocator, cf_linear **linear,
                                  conformal_error *err)
{
    size_t first = 0, end = m;
    conformal_status status = CONFORMAL_OK;
    while (first < m && !(coefficients[first] > 0.0))
        first++;
    while (end > first && !(coefficients[end - 1] > 0.0))
        end--;
    cf_linear *l = cf_alloc(allocator, 1, sizeof *l);
    double *own = cf_alloc(allocator, 2 * (end - first), sizeof *own);
    int32_t *costs = base != NULL ? cf_alloc(allocator, n + 1, sizeof *costs) : NULL;
    if (l == NULL || own == NULL || (base != NULL && costs == NULL)) {
        cf_free(allocator, costs);
        cf_free(allocator, own);
        cf_free(allocator, l);
        return cf_fail_memory(err, n + m, "coefficients and costs");
    }
    cf_linear made = {n, m, first, end - first, m - end, own, own + (end - first),
                      costs, cap, 0, 0.0};
    *l = made;
    if (l->kept > 0) {
        memcpy(own, coefficients + first, l->kept * sizeof *own);
        if (base != NULL)
            memcpy(costs, base, (n + 1) * sizeof *costs);
        set_weights(l);
        status = plan_budget(l, alpha, allocator, err);
    }
    if (status == CONFORMAL_OK)
        *linear = l;
    else
        cf_linear_free(l, allocator);
    return status;
}

void cf_linear_free(cf_linear *l, const conformal_allocator *allocator)
{
    if (l == NULL)
        return;
    cf_free(allocator, l->base);
    cf_free(allocator, (void *)(uintptr_t)l->c);
    cf_free(allocator, l);
}

/* ------------------------------------------------------------------ the maximum */

/* to[t] = max(to[t], from[t - cost] + v) */
static void raise(double *restrict to, const double *restrict from, size_t n, double v)
{
    for (size_t t = 0; t < n && v == HUGE_VAL; t++)
        to[t] = from[t] > -HUGE_VAL ? HUGE_VAL : to[t];
    for (size_t t = 0; t < n && v < HUGE_VAL; t++) {
        double c = from[t] + v;
        to[t] = to[t] > c ? to[t] : c;
    }
}

conformal_status cf_linear_max(const cf_linear *l, const double *values,
                               const conformal_allocator *allocator, double *maximum,
                               conformal_error *err)
{
    double scale = 0.0, best = -HUGE_VAL;
    if (l->kept == 0) {
        *maximum = 0.0;
        return CONFORMAL_OK;
    }
    size_t row = (size_t)l->budget + 1;
    double *v = cf_alloc(allocator, l->kept + 1, row * sizeof *v);
    if (v == NULL)
        return cf_fail_memory(err, (l->kept + 1) * row, "sums");
    for (size_t t = 0; t < (l->kept + 1) * row; t++)
        v[t] = -HUGE_VAL;
    for (size_t t = 0; t < row; t++)
        v[t] = 0.0;
    for (size_t k = 1; k <= l->n + 1; k++)
        for (size_t j = 0; j < l->kept; j++) {
            int64_t cost = cost_at(l, j, k);
            if (cost < 0 || (uint64_t)cost >= row)
                continue;
            double add = l->c[j] > 0.0 ? cf_mul_up(l->c[j], values[k - 1]) : 0.0;
            raise(v + (j + 1) * row + cost, v + j * row, row - (size_t)cost, add);
        }
    best = v[(l->kept + 1) * row - 1]; /* v[0] allows any cost: every row is nondecreasing */
    cf_free(allocator, v);
    for (size_t j = 0; j < l->kept; j++)
        for (size_t k = 0; k <= l->n; k++)
            if (isfinite(values[k]))
                scale = fmax(scale, fabs(l->c[j] * values[k]));
    /* kept - 1 roundings, each of a sum of at most kept such terms */
    double slack = 0.5 * DBL_EPSILON * (double)(l->kept - 1) * (double)l->kept * scale;
    *maximum = isfinite(best) ? cf_add_up(best, slack) : best;
    return CONFORMAL_OK;
}
