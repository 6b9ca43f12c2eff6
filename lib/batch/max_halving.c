/* max_halving.c - the exact largest sum, by halves.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sort the best m costs and deal them out in turn: the two halves differ in size by at most
 * one, and in sum by at most the range K. So V_z(x), the best sum of z members at total cost
 * x, needs the two halves' V only within K/2 of half of x, and one V_m(budget) needs windows
 * of about 2K at every one of log m levels:
 *     V_z(x) = max_y V_A(y) + V_B(x - y),   A = ceil(z/2), B = floor(z/2).
 *
 * The hull says more. Let d(t) >= 0 be how far b[t] is under the line through the hull's
 * segment over budget / m. A selection at the budget falls short of the hull's value by its
 * sum of d. Some selection falls short by G; in the best one, therefore, no part falls short
 * by more than G, and every V_z(x) that does is left out. Smooth b leave a small share. */
#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "batch/max_sum.h"

/* The sizes of one level of halving: at most two, neighbours. */
typedef struct level {
    cf_part parts[2];
    size_t n;
} level;

enum { MOST_LEVELS = 64 };

typedef struct halving {
    const cf_best *p;
    const conformal_allocator *allocator;
    cf_line line;
    bool all; /* V_m at every cost up to the budget, not only at it */
    cf_effort *effort;
    level levels[MOST_LEVELS];
    size_t n_levels;
} halving;

static double shortfall(const cf_line *line, double base, int64_t x, double v)
{
    return base + line->slope * (double)x - v;
}

double cf_line_gap(const cf_best *p, const cf_line *line, size_t i, size_t j)
{
    uint64_t over = p->budget - (uint64_t)i * p->m, width = j - i;
    uint64_t at_j = over / width;
    double least = HUGE_VAL;
    for (uint64_t back = 0; back <= 2; back++) {
        if (at_j < back || at_j - back > p->m - 2)
            continue;
        uint64_t total = 2 * (uint64_t)i + over - (at_j - back) * width; /* of the free two */
        size_t first = total > p->range ? (size_t)(total - p->range) : 0;
        if (total > 2 * (uint64_t)p->range)
            continue;
        for (size_t t = first; 2 * (uint64_t)t <= total; t++) {
            double both = shortfall(line, line->at_zero, (int64_t)t, p->b[t]) +
                          shortfall(line, line->at_zero, (int64_t)(total - t),
                                    p->b[total - t]);
            least = both < least ? both : least;
        }
    }
    return least;
}

/* Widen the window of size z at a level to hold low..high. */
static void need(level *l, size_t z, int64_t low, int64_t high, size_t range)
{
    int64_t most = (int64_t)(z * range);
    size_t i = 0;
    low = low > 0 ? low : 0;
    high = high < most ? high : most;
    while (i < l->n && l->parts[i].z != z)
        i++;
    cf_part *w = &l->parts[i];
    if (i == l->n) {
        cf_part fresh = {z, low, high, NULL, NULL, 0};
        *w = fresh;
        l->n++;
        return;
    }
    w->low = low < w->low ? low : w->low;
    w->high = high > w->high ? high : w->high;
}

/* Which windows are needed, from the whole down to single members. */
static void plan_levels(halving *h)
{
    int64_t range = (int64_t)h->p->range, budget = (int64_t)h->p->budget;
    h->levels[0].n = 0;
    need(&h->levels[0], h->p->m, h->all ? 0 : budget, budget, h->p->range);
    for (h->n_levels = 1;; h->n_levels++) {
        const level *upper = &h->levels[h->n_levels - 1];
        level *lower = &h->levels[h->n_levels];
        lower->n = 0;
        for (size_t i = 0; i < upper->n; i++) {
            const cf_part *w = &upper->parts[i];
            size_t a = (w->z + 1) / 2, b = w->z / 2;
            if (w->z == 1)
                continue;
            if (h->all) {
                need(lower, a, 0, budget, h->p->range);
                need(lower, b, 0, budget, h->p->range);
            } else if (a == b) {
                need(lower, a, (w->low - range) / 2 - 1, (w->high + range + 1) / 2,
                     h->p->range);
            } else {
                need(lower, a, w->low / 2, (w->high + range + 1) / 2, h->p->range);
                need(lower, b, (w->low - range) / 2 - 1, (w->high + 1) / 2, h->p->range);
            }
        }
        if (lower->n == 0)
            return;
    }
}

void cf_part_free(cf_part *w, const conformal_allocator *allocator)
{
    cf_free(allocator, w->v);
    cf_free(allocator, w->alive);
    w->v = NULL;
    w->alive = NULL;
}

conformal_status cf_part_reserve(cf_part *w, const conformal_allocator *allocator,
                                 conformal_error *err)
{
    size_t n = (size_t)(w->high - w->low) + 1;
    w->v = cf_alloc(allocator, n, sizeof *w->v);
    w->alive = cf_alloc(allocator, n, sizeof *w->alive);
    if (w->v == NULL || w->alive == NULL)
        return cf_fail_memory(err, n, "sums");
    for (size_t x = 0; x < n; x++)
        w->v[x] = -HUGE_VAL;
    return CONFORMAL_OK;
}

void cf_part_prune(cf_part *w, const cf_line *line, double base)
{
    size_t n = (size_t)(w->high - w->low) + 1;
    w->n_alive = 0;
    for (size_t x = 0; x < n; x++) {
        if (!(shortfall(line, base, w->low + (int64_t)x, w->v[x]) <= line->gap))
            w->v[x] = -HUGE_VAL;
        else
            w->alive[w->n_alive++] = x;
    }
}

/* to[x] = max(to[x], v + from[x]) */
static void raise(double *restrict to, const double *restrict from, size_t n, double v)
{
    for (size_t x = 0; x < n; x++) {
        double c = v + from[x];
        to[x] = to[x] > c ? to[x] : c;
    }
}

/* One row of the max-plus convolution: y of a against all of b that lands in w. */
static double combine_row(cf_part *w, const cf_part *b, int64_t y, double v)
{
    int64_t first = w->low - y > b->low ? w->low - y : b->low;
    int64_t last = w->high - y < b->high ? w->high - y : b->high;
    if (first > last)
        return 1.0;
    double *to = w->v + (y + first - w->low);
    size_t n = (size_t)(last - first) + 1;
    if (b->n_alive > n / 8) {
        raise(to, b->v + (first - b->low), n, v);
        return (double)n;
    }
    for (size_t i = 0; i < b->n_alive; i++) {
        int64_t x = (int64_t)b->alive[i] + b->low;
        if (x < first || x > last)
            continue;
        double c = v + b->v[b->alive[i]], *at = to + (x - first);
        *at = *at > c ? *at : c;
    }
    return 4.0 * (double)b->n_alive + 1.0;
}

bool cf_part_combine(cf_part *w, const cf_part *a, const cf_part *b, cf_effort *effort)
{
    double width = fmin((double)(w->high - w->low), (double)(b->high - b->low)) + 1.0;
    double row = fmin(width, 4.0 * (double)b->n_alive); /* at most, and about */
    if (effort->limit > 0.0 && effort->spent + (double)a->n_alive * row > effort->limit)
        return false; /* at once, rather than after most of it */
    for (size_t i = 0; i < a->n_alive; i++) {
        size_t y = a->alive[i];
        effort->spent += combine_row(w, b, a->low + (int64_t)y, a->v[y]);
    }
    return true;
}

/* Fill one level from the one below it. */
static conformal_status fill(halving *h, size_t l, bool *finished, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    level *lower = l + 1 < h->n_levels ? &h->levels[l + 1] : NULL;
    for (size_t i = 0; i < h->levels[l].n && status == CONFORMAL_OK && *finished; i++) {
        cf_part *w = &h->levels[l].parts[i], *a = NULL, *b = NULL;
        if ((status = cf_part_reserve(w, h->allocator, err)) != CONFORMAL_OK)
            return status;
        if (w->z == 1) {
            for (int64_t x = w->low; x <= w->high; x++)
                w->v[x - w->low] = h->p->b[x];
        } else {
            for (size_t k = 0; lower != NULL && k < lower->n; k++) {
                a = lower->parts[k].z == (w->z + 1) / 2 ? &lower->parts[k] : a;
                b = lower->parts[k].z == w->z / 2 ? &lower->parts[k] : b;
            }
            *finished = cf_part_combine(w, a, b, h->effort);
        }
        cf_part_prune(w, &h->line, (double)w->z * h->line.at_zero);
    }
    for (size_t k = 0; lower != NULL && k < lower->n; k++)
        cf_part_free(&lower->parts[k], h->allocator);
    return status;
}

conformal_status cf_halve(const cf_best *p, const cf_line *line, bool all, cf_effort *effort,
                          const conformal_allocator *allocator, cf_part *whole,
                          bool *finished, conformal_error *err)
{
    halving h = {.p = p, .allocator = allocator, .line = *line, .all = all, .effort = effort};
    conformal_status status = CONFORMAL_OK;
    plan_levels(&h);
    *finished = true;
    for (size_t l = h.n_levels; l-- > 0 && status == CONFORMAL_OK && *finished;)
        status = fill(&h, l, finished, err);
    if (status == CONFORMAL_OK && *finished) {
        cf_part nothing = {0, 0, 0, NULL, NULL, 0};
        *whole = h.levels[0].parts[0];
        h.levels[0].parts[0] = nothing;
    }
    for (size_t l = 0; l < h.n_levels; l++)
        for (size_t i = 0; i < h.levels[l].n; i++)
            cf_part_free(&h.levels[l].parts[i], allocator);
    return status;
}

double cf_line_noise(const cf_best *p, const cf_line *line)
{
    double scale = fabs(line->at_zero) + line->slope * (double)p->range +
                   fmax(fabs(p->b[0]), fabs(p->b[p->range]));
    return 64.0 * DBL_EPSILON * (double)p->m * scale;
}

conformal_status cf_max_halving(const cf_best *p, size_t i, size_t j, double limit,
                                const conformal_allocator *allocator, double *maximum,
                                bool *finished, conformal_error *err)
{
    cf_effort effort = {0.0, limit};
    cf_line line;
    cf_part whole;
    line.slope = (p->b[j] - p->b[i]) / (double)(j - i);
    line.at_zero = p->b[i] - line.slope * (double)i;
    line.gap = cf_line_gap(p, &line, i, j) + cf_line_noise(p, &line);
    conformal_status status =
        cf_halve(p, &line, false, &effort, allocator, &whole, finished, err);
    if (status != CONFORMAL_OK || !*finished)
        return status;
    *maximum = whole.v[0];
    cf_part_free(&whole, allocator);
    return CONFORMAL_OK;
}
