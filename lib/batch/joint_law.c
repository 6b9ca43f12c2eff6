/* joint_law.c - the law of several order statistics of a batch together.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the sorted pool of n + m scores the batch is a uniform m-subset. Let C(t) count its
 * members among the first t. Then
 *     R_z <= k  iff  C(k + z - 1) >= z,      R_z >= a  iff  C(a + z - 2) <= z - 1,
 * so that bounds on ranks are bounds on a random walk at a few times. A uniform subset is
 * independent coins of probability rho = m / (n + m), given that m of them fall: between two
 * times the walk takes a binomial step. All terms are positive and at most 1; what leaves its
 * bounds is summed as the miss, what stays as the rest, and the two normalise each other. */
#include "batch/joint_law.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/sum.h"
#include "batch/order_law.h"

/* Terms below this share of the largest are left out. */
#define NOTHING 1e-32

/* One bound on the walk: low <= C(t) <= high. */
typedef struct gate {
    size_t t, low, high;
} gate;

/* Probabilities of low .. low + n - 1. */
typedef struct window {
    double *p;
    size_t low, n;
} window;

/* The walk before and after a step, and the laws of the step and of what is still to come. */
typedef struct walk {
    const conformal_allocator *allocator;
    double rho;
    size_t room;
    window now, next, step, rest;
} walk;

/* Sort by time; gates of one time become one. */
static size_t merge_gates(gate *gates, size_t n_gates)
{
    size_t kept = 0;
    for (size_t i = 1; i < n_gates; i++) {
        gate g = gates[i];
        size_t j = i;
        for (; j > 0 && gates[j - 1].t > g.t; j--)
            gates[j] = gates[j - 1];
        gates[j] = g;
    }
    for (size_t i = 0; i < n_gates; i++) {
        if (kept > 0 && gates[kept - 1].t == gates[i].t) {
            gate *g = &gates[kept - 1];
            g->low = g->low > gates[i].low ? g->low : gates[i].low;
            g->high = g->high < gates[i].high ? g->high : gates[i].high;
        } else {
            gates[kept++] = gates[i];
        }
    }
    return kept;
}

static size_t make_gates(size_t n, size_t m, const conformal_batch_order *orders,
                         size_t n_orders, gate *gates)
{
    size_t n_gates = 0;
    for (size_t i = 0; i < n_orders; i++) {
        size_t z = orders[i].rank;
        if (orders[i].upper <= n) {
            gate g = {orders[i].upper + z - 1, z, m};
            gates[n_gates++] = g;
        }
        if (orders[i].lower > 1) {
            gate g = {orders[i].lower + z - 2, 0, z - 1};
            gates[n_gates++] = g;
        }
    }
    return merge_gates(gates, n_gates);
}

/* The binomial law of `size` coins within 0..most, from its mode outwards. At most w->room
 * terms: the reserve that the caller has made by window_size(). */
static void binomial(window *w, size_t size, double rho, size_t room)
{
    double n = (double)size, odds = rho / (1.0 - rho);
    size_t mode = (size_t)((n + 1.0) * rho);
    mode = mode < size ? mode : size;
    size_t low = mode, high = mode;
    double p = 1.0;
    size_t below_most = size < room ? room : room / 2;
    while (low > 0 && p > NOTHING && mode - low + 1 < below_most) {
        p *= (double)low / ((n - (double)low + 1.0) * odds);
        low--;
    }
    size_t below = mode - low;
    w->p[below] = p = 1.0;
    cf_sum total = {1.0, 0.0};
    for (size_t k = mode; k > low; k--) {
        p *= (double)k / ((n - (double)k + 1.0) * odds);
        w->p[k - 1 - low] = p;
        cf_sum_add(&total, p);
    }
    for (p = 1.0; high < size && p > NOTHING && high - low + 1 < room; high++) {
        p *= (n - (double)high) * odds / ((double)high + 1.0);
        w->p[high + 1 - low] = p;
        cf_sum_add(&total, p);
    }
    w->low = low;
    w->n = high - low + 1;
    double scale = 1.0 / cf_sum_value(&total);
    for (size_t i = 0; i < w->n; i++)
        w->p[i] *= scale;
}

/* Room for the window of the widest of the laws: 24.3 standard deviations a side hold all
 * terms above NOTHING of a law that is steeper than the normal one in its tails; a Poisson-like
 * tail is longer, hence the constant. */
static size_t window_size(size_t n, size_t m)
{
    double rho = (double)m / ((double)n + (double)m);
    double sd = sqrt((double)m * (1.0 - rho));
    double room = 2.0 * (24.3 * sd + 120.0);
    double all = (double)n + (double)m + 1.0;
    return (size_t)(room < all ? room : all) + 2;
}

static double chance(const window *w, size_t k)
{
    return k >= w->low && k - w->low < w->n ? w->p[k - w->low] : 0.0;
}

/* next = now moved by the law of the step. */
static void convolve(walk *w)
{
    window *a = &w->now, *b = &w->step, *out = &w->next;
    out->low = a->low + b->low;
    out->n = a->n + b->n - 1;
    memset(out->p, 0, out->n * sizeof *out->p);
    for (size_t i = 0; i < a->n; i++) {
        double p = a->p[i], *to = out->p + i;
        if (p == 0.0)
            continue;
        for (size_t j = 0; j < b->n; j++)
            to[j] += p * b->p[j];
    }
    window t = w->now;
    w->now = w->next;
    w->next = t;
}

/* What is outside the gate, times the chance that the walk would still have ended at m, is
 * missed. */
static double cut(walk *w, const gate *g, size_t m, double *kept)
{
    cf_sum missed = CF_SUM_ZERO, inside = CF_SUM_ZERO;
    window *a = &w->now;
    size_t low = a->low > g->low ? a->low : g->low, end = a->low + a->n;
    size_t high = end - 1 < g->high ? end - 1 : g->high;
    for (size_t c = a->low; c < end; c++) {
        double p = c <= m ? a->p[c - a->low] * chance(&w->rest, m - c) : 0.0;
        cf_sum_add(c >= low && c <= high ? &inside : &missed, p);
    }
    *kept = cf_sum_value(&inside);
    if (low > high || low >= end) {
        a->n = 1;
        a->p[0] = 0.0;
        return cf_sum_value(&missed);
    }
    memmove(a->p, a->p + (low - a->low), (high - low + 1) * sizeof *a->p);
    a->low = low;
    a->n = high - low + 1;
    return cf_sum_value(&missed);
}

static conformal_status reserve(walk *w, size_t room, conformal_error *err)
{
    w->room = room;
    w->now.p = cf_alloc(w->allocator, 2 * room, sizeof(double));
    w->next.p = cf_alloc(w->allocator, 2 * room, sizeof(double));
    w->step.p = cf_alloc(w->allocator, room, sizeof(double));
    w->rest.p = cf_alloc(w->allocator, room, sizeof(double));
    return w->now.p != NULL && w->next.p != NULL && w->step.p != NULL && w->rest.p != NULL
               ? CONFORMAL_OK
               : cf_fail_memory(err, 6 * room, "probabilities");
}

/* Values that cannot matter any more leave the window, so that it never outgrows its room.
 * Returns what they were, to be counted as missed. */
static double trim(window *w, size_t room)
{
    double largest = 0.0, dropped = 0.0;
    size_t first = 0, last = w->n;
    for (size_t i = 0; i < w->n; i++)
        largest = w->p[i] > largest ? w->p[i] : largest;
    while (last - first > 1) {
        bool at_end = w->p[last - 1] <= w->p[first];
        double least = w->p[at_end ? last - 1 : first];
        if (least > NOTHING * largest && last - first <= room)
            break;
        dropped += least;
        last -= at_end;
        first += !at_end;
    }
    memmove(w->p, w->p + first, (last - first) * sizeof *w->p);
    w->low += first;
    w->n = last - first;
    return dropped;
}

static double run(walk *w, size_t n, size_t m, const gate *gates, size_t n_gates)
{
    size_t before = 0;
    double kept = 1.0;
    cf_sum missed = CF_SUM_ZERO;
    w->now.p[0] = 1.0;
    w->now.low = 0;
    w->now.n = 1;
    for (size_t g = 0; g < n_gates; g++) {
        binomial(&w->step, gates[g].t - before, w->rho, w->room);
        binomial(&w->rest, n + m - gates[g].t, w->rho, w->room);
        convolve(w);
        cf_sum_add(&missed, cut(w, &gates[g], m, &kept));
        cf_sum_add(&missed, trim(&w->now, w->room));
        before = gates[g].t;
    }
    double miss = cf_sum_value(&missed);
    return miss / (miss + kept);
}

conformal_status cf_joint_miss(size_t n, size_t m, const conformal_batch_order *orders,
                               size_t n_orders, const conformal_allocator *allocator,
                               double *miss, conformal_error *err)
{
    walk w = {.allocator = allocator, .rho = (double)m / ((double)n + (double)m)};
    gate *gates = cf_alloc(allocator, 2 * n_orders, sizeof *gates);
    if (gates == NULL)
        return cf_fail_memory(err, 2 * n_orders, "bounds");
    size_t n_gates = make_gates(n, m, orders, n_orders, gates);
    conformal_status status = CONFORMAL_OK;
    if (n_gates == 0)
        *miss = 0.0;
    else if ((status = reserve(&w, window_size(n, m), err)) == CONFORMAL_OK)
        *miss = run(&w, n, m, gates, n_gates);
    cf_free(allocator, w.rest.p);
    cf_free(allocator, w.step.p);
    cf_free(allocator, w.next.p);
    cf_free(allocator, w.now.p);
    cf_free(allocator, gates);
    return status;
}

/* ------------------------------------------------------------------ public */

conformal_status conformal_batch_joint_coverage(size_t n, size_t m,
                                                const conformal_batch_order *orders,
                                                size_t n_orders,
                                                const conformal_allocator *allocator,
                                                double *coverage, conformal_error *err)
{
    conformal_status status;
    double miss;
    if ((status = cf_check_batch(n, m, err)) != CONFORMAL_OK ||
        (status = cf_check_count(n_orders, "n_orders", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(orders, "orders", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(coverage, "coverage", err)) != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < n_orders; i++) {
        const conformal_batch_order *o = &orders[i];
        if (o->rank < 1 || o->rank > m)
            return cf_fail(err, CONFORMAL_EDOM, "orders", i,
                           "the rank %zu is not in 1..%zu, the batch", o->rank, m);
        if (o->lower < 1 || o->upper > n + 1 || o->lower > o->upper)
            return cf_fail(err, CONFORMAL_EDOM, "orders", i,
                           "bounds must be 1 <= lower <= upper <= n + 1, not %zu and %zu",
                           o->lower, o->upper);
    }
    if ((status = cf_joint_miss(n, m, orders, n_orders, allocator, &miss, err)) ==
        CONFORMAL_OK)
        *coverage = 1.0 - miss;
    return status;
}
