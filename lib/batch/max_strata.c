/* max_strata.c - the largest sum of members of several strata under one budget.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hulls' segments of all strata, steepest first, fill the budget; the segment in which it
 * runs out has the slope of the common line, which touches every stratum's hull. What falls
 * short of that line by more than a simple selection does is left out, in every stratum and in
 * every sum of strata (max_halving.c). */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/round.h"
#include "batch/max_sum.h"

/* Costs that all strata together may span before the hull is used. */
#define MOST_STATES 0x1p24
#define AUTO_WORK 5e8

/* Members of stratum g may move from vertex i to vertex j of its hull. */
typedef struct segment {
    size_t g, i, j;
    double slope;
} segment;

typedef struct problem {
    const conformal_allocator *allocator;
    cf_best *strata; /* finite, with members */
    size_t n;
    uint64_t budget;
    segment *segments;
    size_t n_segments;
    size_t *vertex; /* per stratum: where the common line touches */
} problem;

static conformal_status list_segments(problem *p, conformal_error *err)
{
    size_t room = 0;
    for (size_t g = 0; g < p->n; g++)
        room += p->strata[g].range;
    p->segments = cf_alloc(p->allocator, room, sizeof *p->segments);
    if (p->segments == NULL)
        return cf_fail_memory(err, room, "segments");
    for (size_t g = 0; g < p->n; g++) {
        cf_hull hull;
        const double *b = p->strata[g].b;
        conformal_status status =
            cf_hull_of(b, p->strata[g].range, p->allocator, &hull, err);
        if (status != CONFORMAL_OK)
            return status;
        for (size_t v = 0; v + 1 < hull.n; v++) {
            size_t i = hull.vertex[v], j = hull.vertex[v + 1];
            segment s = {g, i, j, (b[j] - b[i]) / (double)(j - i)};
            p->segments[p->n_segments++] = s;
        }
        cf_free(p->allocator, hull.vertex);
    }
    return CONFORMAL_OK;
}

/* Heap sort by falling slope; of one stratum's equal slopes, the earlier first. */
static bool before(const segment *a, const segment *b)
{
    if (a->slope != b->slope)
        return a->slope > b->slope;
    return a->g != b->g ? a->g < b->g : a->i < b->i;
}

static void sift_down(segment *s, size_t root, size_t n)
{
    segment v = s[root];
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && before(&s[child], &s[child + 1]))
            child++;
        if (!before(&v, &s[child]))
            break;
        s[root] = s[child];
    }
    s[root] = v;
}

static void sort_segments(segment *s, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift_down(s, i, n);
    for (size_t last = n; last-- > 1;) {
        segment t = s[0];
        s[0] = s[last];
        s[last] = t;
        sift_down(s, 0, last);
    }
}

/* Fill the budget; returns the segment where it runs out, and the budget left for it. */
static const segment *fill(problem *p, uint64_t *left)
{
    *left = p->budget;
    for (size_t g = 0; g < p->n; g++)
        p->vertex[g] = 0;
    for (size_t s = 0; s < p->n_segments; s++) {
        const segment *at = &p->segments[s];
        uint64_t cost = (uint64_t)(at->j - at->i) * p->strata[at->g].m;
        if (cost > *left)
            return at;
        *left -= cost;
        p->vertex[at->g] = at->j;
    }
    return NULL; /* the budget is enough for everything: the caller excludes it */
}

static double scale_of(const problem *p)
{
    double scale = 0.0;
    for (size_t g = 0; g < p->n; g++) {
        const cf_best *s = &p->strata[g];
        scale += (double)s->m * fmax(fabs(s->b[0]), fabs(s->b[s->range]));
    }
    return scale;
}

/* How deep the tree of additions is. */
static double roundings(const problem *p)
{
    double most = 1.0;
    for (size_t g = 0; g < p->n; g++)
        most = fmax(most, (double)p->strata[g].m);
    return ceil(log2(most)) + (double)p->n + 1.0;
}

static double hull_value(const problem *p, const segment *last, uint64_t left)
{
    double value = last->slope * (double)left;
    for (size_t g = 0; g < p->n; g++)
        value += (double)p->strata[g].m * p->strata[g].b[p->vertex[g]];
    return value;
}

/* What the greedy selection with two free members of the last stratum falls short by. */
static double gap_of(const problem *p, const segment *last, uint64_t left, double at_zero)
{
    cf_best s = p->strata[last->g];
    cf_line line = {at_zero, last->slope, 0.0};
    s.budget = (uint64_t)last->i * s.m + left;
    if (s.m > 1)
        return cf_line_gap(&s, &line, last->i, last->j);
    return at_zero + last->slope * (double)s.budget - s.b[s.budget];
}

/* sum so far = sum so far + this stratum's, pruned. */
static conformal_status add_stratum(problem *p, size_t g, const cf_line *common, double *base,
                                    cf_part *sum, cf_effort *effort, bool *finished,
                                    conformal_error *err)
{
    cf_best s = p->strata[g];
    cf_line line = *common;
    cf_part own, next;
    uint64_t most = (uint64_t)s.m * s.range;
    s.budget = most < p->budget ? most : p->budget;
    line.at_zero = s.b[p->vertex[g]] - line.slope * (double)p->vertex[g];
    *base += (double)s.m * line.at_zero;
    conformal_status status =
        cf_halve(&s, &line, true, effort, p->allocator, &own, finished, err);
    if (status != CONFORMAL_OK || !*finished)
        return status;
    if (g == 0) {
        *sum = own;
        return CONFORMAL_OK;
    }
    next = own;
    next.high = sum->high + own.high;
    next.high = next.high < (int64_t)p->budget ? next.high : (int64_t)p->budget;
    next.low = 0;
    next.v = NULL;
    next.alive = NULL;
    if ((status = cf_part_reserve(&next, p->allocator, err)) == CONFORMAL_OK)
        *finished = cf_part_combine(&next, sum, &own, effort);
    if (status == CONFORMAL_OK && *finished)
        cf_part_prune(&next, &line, *base);
    cf_part_free(&own, p->allocator);
    cf_part_free(sum, p->allocator);
    *sum = next;
    return status;
}

static conformal_status solve(problem *p, conformal_batch_engine engine, double *maximum,
                              conformal_batch_engine *used, conformal_error *err)
{
    uint64_t left;
    double span = 0.0, base = 0.0, scale = scale_of(p);
    bool finished = true;
    cf_part sum = {0, 0, 0, NULL, NULL, 0};
    cf_effort effort = {0.0, engine == CONFORMAL_BATCH_AUTO ? AUTO_WORK : 0.0};
    conformal_status status = list_segments(p, err);
    if (status != CONFORMAL_OK)
        return status;
    sort_segments(p->segments, p->n_segments);
    const segment *last = fill(p, &left);
    const cf_best *s = &p->strata[last->g];
    cf_line line = {0.0, last->slope, 0.0};
    double bound = hull_value(p, last, left);
    line.gap = gap_of(p, last, left, s->b[last->i] - last->slope * (double)last->i);
    for (size_t g = 0; g < p->n; g++) {
        line.gap += cf_line_noise(&p->strata[g], &line);
        span += (double)p->strata[g].m * (double)p->strata[g].range;
    }
    *maximum = cf_add_up(bound, (8.0 + (double)p->n) * DBL_EPSILON * scale);
    *used = CONFORMAL_BATCH_HULL;
    if (engine == CONFORMAL_BATCH_HULL ||
        (engine == CONFORMAL_BATCH_AUTO && span > MOST_STATES))
        return CONFORMAL_OK;
    for (size_t g = 0; g < p->n && status == CONFORMAL_OK && finished; g++)
        status = add_stratum(p, g, &line, &base, &sum, &effort, &finished, err);
    if (status == CONFORMAL_OK && finished && sum.high == (int64_t)p->budget) {
        double exact = sum.v[p->budget];
        *maximum = fmin(*maximum, cf_add_up(exact, roundings(p) * 0.5 * DBL_EPSILON * scale));
        *used = CONFORMAL_BATCH_EXACT;
    }
    cf_part_free(&sum, p->allocator);
    return status;
}

/* Take infinities out; *decided: nothing is left to solve. */
static double simplify(problem *p, bool *decided)
{
    double most = 0.0, all = 0.0;
    *decided = true;
    for (size_t g = 0; g < p->n; g++) { /* forced costs first */
        cf_best *s = &p->strata[g];
        size_t first = 0;
        while (first <= s->range && s->b[first] == -HUGE_VAL)
            first++;
        if (first > s->range || (double)p->budget < (double)first * (double)s->m)
            return -HUGE_VAL;
        s->b += first;
        s->range -= first;
        p->budget -= (uint64_t)first * s->m;
    }
    for (size_t g = 0; g < p->n; g++) {
        cf_best *s = &p->strata[g];
        if (p->budget < s->range)
            s->range = (size_t)p->budget;
        for (size_t t = 0; t <= s->range; t++)
            if (s->b[t] == HUGE_VAL)
                return HUGE_VAL;
        most += (double)s->m * (double)s->range;
        all = cf_add_up(all, cf_mul_up((double)s->m, s->b[s->range]));
    }
    *decided = (double)p->budget >= most;
    return all;
}

conformal_status cf_max_strata(const cf_best *strata, size_t n_strata, uint64_t budget,
                               conformal_batch_engine engine,
                               const conformal_allocator *allocator, double *maximum,
                               conformal_batch_engine *used, conformal_error *err)
{
    bool decided;
    problem p = {.allocator = allocator, .budget = budget};
    conformal_status status = CONFORMAL_OK;
    if (n_strata == 1)
        return cf_max_sum(strata[0].b, strata[0].range, strata[0].m, budget, engine, allocator,
                          maximum, used, err);
    p.strata = cf_alloc(allocator, n_strata, sizeof *p.strata);
    p.vertex = cf_alloc(allocator, n_strata, sizeof *p.vertex);
    if (p.strata == NULL || p.vertex == NULL) {
        status = cf_fail_memory(err, n_strata, "strata");
        goto done;
    }
    for (size_t g = 0; g < n_strata; g++)
        if (strata[g].m > 0)
            p.strata[p.n++] = strata[g];
    *used = CONFORMAL_BATCH_EXACT;
    *maximum = simplify(&p, &decided);
    if (!decided)
        status = solve(&p, engine, maximum, used, err);
done:
    cf_free(allocator, p.segments);
    cf_free(allocator, p.vertex);
    cf_free(allocator, p.strata);
    return status;
}
