/* joint_rank.c - which ranks bound several order statistics of a batch at once.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every side gets the same tail probability tau: the ranks are those of each order statistic
 * alone at level tau. By the union bound tau = alpha / sides is enough, and no tau above alpha
 * can be; between them the joint law decides. Only tails that some rank attains matter. */
#include "batch/joint_law.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/select.h"
#include "batch/order_law.h"

typedef struct problem {
    size_t n, m;
    conformal_batch_order *orders;
    size_t n_orders;
    double alpha;
    const conformal_allocator *allocator;
} problem;

static size_t sides_of(const problem *p)
{
    size_t sides = 0;
    for (size_t i = 0; i < p->n_orders; i++)
        sides += p->orders[i].side == CONFORMAL_BATCH_BOTH ? 2 : 1;
    return sides;
}

/* The bounds at one tail probability. */
static void set_bounds(const problem *p, double tau)
{
    for (size_t i = 0; i < p->n_orders; i++) {
        conformal_batch_order *o = &p->orders[i];
        o->upper = o->side == CONFORMAL_BATCH_LOWER
                       ? p->n + 1
                       : cf_order_rank(p->n, p->m, o->rank, tau);
        o->lower = o->side == CONFORMAL_BATCH_UPPER
                       ? 1
                       : p->n + 2 - cf_order_rank(p->n, p->m, p->m + 1 - o->rank, tau);
    }
}

/* Bounds that cross, as at alpha = 1, are no bounds: the lower one gives way. */
static bool uncross(const problem *p)
{
    bool crossed = false;
    for (size_t i = 0; i < p->n_orders; i++) {
        conformal_batch_order *o = &p->orders[i];
        crossed = crossed || o->lower > o->upper;
        o->lower = o->lower < o->upper ? o->lower : o->upper;
    }
    return crossed;
}

/* The joint miss at tau. */
static conformal_status miss_at(const problem *p, double tau, double *miss,
                                conformal_error *err)
{
    set_bounds(p, tau);
    uncross(p);
    return cf_joint_miss(p->n, p->m, p->orders, p->n_orders, p->allocator, miss, err);
}

/* The attained tails of the z-th smallest in (least, most], into taus; returns how many. With
 * taus NULL: how many there may be. */
static size_t attained(const problem *p, size_t z, double least, double most, double *taus)
{
    size_t from = cf_order_rank(p->n, p->m, z, most), to = cf_order_rank(p->n, p->m, z, least);
    size_t count = to - from + 1, kept = 0;
    if (taus == NULL)
        return count;
    cf_order_tails(p->n, p->m, z, from, count, taus);
    for (size_t i = 0; i < count; i++)
        if (taus[i] > least && taus[i] <= most * (1.0 + 1e-12))
            taus[kept++] = taus[i];
    return kept;
}

static conformal_status list_taus(const problem *p, double least, double **taus,
                                  size_t *n_taus, conformal_error *err)
{
    size_t room = 0, count = 0;
    for (int fill = 0; fill < 2; fill++) {
        for (size_t i = 0; i < p->n_orders; i++) {
            const conformal_batch_order *o = &p->orders[i];
            for (int side = 0; side < 2; side++) {
                if (o->side == (side ? CONFORMAL_BATCH_UPPER : CONFORMAL_BATCH_LOWER))
                    continue;
                size_t z = side ? p->m + 1 - o->rank : o->rank;
                if (fill)
                    count += attained(p, z, least, p->alpha, *taus + count);
                else
                    room += attained(p, z, least, p->alpha, NULL);
            }
        }
        if (!fill && (*taus = cf_alloc(p->allocator, 2 * room, sizeof **taus)) == NULL)
            return cf_fail_memory(err, 2 * room, "tail probabilities");
    }
    cf_sort(*taus, count, *taus + room);
    *n_taus = count;
    return CONFORMAL_OK;
}

conformal_status cf_joint_ranks(size_t n, size_t m, conformal_batch_order *orders,
                                size_t n_orders, double alpha,
                                const conformal_allocator *allocator, double *miss,
                                conformal_error *err)
{
    problem p = {n, m, orders, n_orders, alpha, allocator};
    size_t sides = sides_of(&p), low = 0, high = 0;
    double least = alpha / (double)sides, best = least, at = 1.0, *taus = NULL;
    conformal_status status = CONFORMAL_OK;
    if (sides > 1 && alpha > 0.0) {
        if ((status = list_taus(&p, least, &taus, &high, err)) != CONFORMAL_OK)
            return status;
        while (low < high && status == CONFORMAL_OK) { /* how many of them are good */
            size_t middle = low + (high - low) / 2;
            set_bounds(&p, taus[middle]);
            bool crossed = uncross(&p);
            status = cf_joint_miss(n, m, orders, n_orders, allocator, &at, err);
            if (status == CONFORMAL_OK && !crossed && cf_meets(at, alpha)) {
                low = middle + 1;
                best = taus[middle];
            } else {
                high = middle;
            }
        }
    } else {
        best = alpha;
    }
    cf_free(allocator, taus);
    return status == CONFORMAL_OK ? miss_at(&p, best, miss, err) : status;
}

static conformal_status check(size_t n, size_t m, double alpha, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_batch(n, m, err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK)
        return status;
    return CONFORMAL_OK;
}

conformal_status conformal_batch_joint_ranks(size_t n, size_t m,
                                             conformal_batch_order *orders, size_t n_orders,
                                             double alpha,
                                             const conformal_allocator *allocator,
                                             double *coverage, conformal_error *err)
{
    conformal_status status;
    double miss;
    if ((status = check(n, m, alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_count(n_orders, "n_orders", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(orders, "orders", err)) != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < n_orders; i++)
        if (orders[i].rank < 1 || orders[i].rank > m)
            return cf_fail(err, CONFORMAL_EDOM, "orders", i,
                           "the rank %zu is not in 1..%zu, the batch", orders[i].rank, m);
        else if (orders[i].side < CONFORMAL_BATCH_BOTH || orders[i].side > CONFORMAL_BATCH_LOWER)
            return cf_fail(err, CONFORMAL_EINVAL, "orders", i, "no side has this code");
    conformal_batch_order *found = cf_alloc(allocator, n_orders, sizeof *found);
    if (found == NULL)
        return cf_fail_memory(err, n_orders, "orders");
    memcpy(found, orders, n_orders * sizeof *found);
    status = cf_joint_ranks(n, m, found, n_orders, alpha, allocator, &miss, err);
    if (status == CONFORMAL_OK) {
        memcpy(orders, found, n_orders * sizeof *found);
        if (coverage != NULL)
            *coverage = 1.0 - miss;
    }
    cf_free(allocator, found);
    return status;
}

/* ------------------------------------------------------------------ one region for two */

/* The region [S_(p), S_(q)]: R_first >= p + 1 and R_second <= q. */
static conformal_status region_miss(const problem *pr, size_t p, size_t q, double *miss,
                                    conformal_error *err)
{
    pr->orders[0].lower = p + 1;
    pr->orders[0].upper = pr->n + 1;
    pr->orders[1].lower = 1;
    pr->orders[1].upper = q;
    if (p >= q) {
        *miss = 1.0;
        return CONFORMAL_OK;
    }
    return cf_joint_miss(pr->n, pr->m, pr->orders, 2, pr->allocator, miss, err);
}

typedef struct region {
    size_t p, q;
    double miss;
} region;

/* The least q for this p, at most `most`; q = most + 1: none. It grows with p. */
static conformal_status least_q(const problem *pr, size_t p, size_t least, size_t most,
                                region *found, conformal_error *err)
{
    size_t low = least, high = most + 1;
    double miss;
    conformal_status status = CONFORMAL_OK;
    found->p = p;
    found->miss = 1.0;
    while (low < high && status == CONFORMAL_OK) {
        size_t middle = low + (high - low) / 2;
        status = region_miss(pr, p, middle, &miss, err);
        if (status == CONFORMAL_OK && cf_meets(miss, pr->alpha)) {
            high = middle;
            found->miss = miss;
        } else {
            low = middle + 1;
        }
    }
    found->q = high;
    return status;
}

/* p from the largest that its own tail allows downwards: the region for a smaller p needs a
 * q that is not larger, but never one below what its own tail asks for; so the search ends as
 * soon as even that q makes the region too long. */
static conformal_status shortest(const problem *pr, region *best, conformal_error *err)
{
    size_t n = pr->n, m = pr->m;
    size_t q_least = cf_order_rank(n, m, pr->orders[1].rank, pr->alpha);
    size_t p = n + 1 - cf_order_rank(n, m, m + 1 - pr->orders[0].rank, pr->alpha);
    size_t most = n;
    conformal_status status = CONFORMAL_OK;
    best->p = 0;
    best->q = n + 1;
    best->miss = 0.0;
    bool any = false;
    for (p = p < n ? p : n; p >= 1 && status == CONFORMAL_OK; p--) {
        region r;
        size_t from = q_least > p + 1 ? q_least : p + 1;
        if (any && from - p > best->q - best->p)
            break;
        if (from > n)
            continue;
        status = least_q(pr, p, from, most, &r, err);
        if (status != CONFORMAL_OK || r.q > most)
            continue;
        most = r.q;
        bool better = !any || r.q - r.p < best->q - best->p ||
                      (r.q - r.p == best->q - best->p && r.miss <= best->miss * (1.0 + 1e-12));
        if (better)
            *best = r;
        any = true;
    }
    return status;
}

static conformal_status widen(const problem *pr, region *r, conformal_error *err)
{
    size_t n = pr->n;
    conformal_status status;
    r->p = (size_t)nearbyint(0.25 * (double)n);
    r->q = (size_t)nearbyint(0.75 * (double)n);
    for (;;) {
        if ((status = region_miss(pr, r->p, r->q, &r->miss, err)) != CONFORMAL_OK ||
            (r->p < r->q && cf_meets(r->miss, pr->alpha)) || (r->p == 0 && r->q == n + 1))
            return status;
        r->p -= r->p > 0;
        r->q += r->q < n + 1;
    }
}

conformal_status conformal_batch_pair_ranks(size_t n, size_t m, size_t first, size_t second,
                                            double alpha, conformal_batch_region rule,
                                            const conformal_allocator *allocator, size_t *p,
                                            size_t *q, double *coverage, conformal_error *err)
{
    conformal_batch_order orders[2] = {{first, CONFORMAL_BATCH_LOWER, 1, n + 1},
                                       {second, CONFORMAL_BATCH_UPPER, 1, n + 1}};
    problem pr = {n, m, orders, 2, alpha, allocator};
    region r = {0, n + 1, 0.0};
    conformal_status status;
    if ((status = check(n, m, alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(p, "p", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(q, "q", err)) != CONFORMAL_OK)
        return status;
    if (first < 1 || first >= second || second > m)
        return cf_fail(err, CONFORMAL_EDOM, "first", CF_NO_INDEX,
                       "ranks must be 1 <= first < second <= m = %zu, not %zu and %zu", m,
                       first, second);
    switch (rule) {
    case CONFORMAL_BATCH_EQUAL:
        status = cf_joint_ranks(n, m, orders, 2, alpha, allocator, &r.miss, err);
        r.q = orders[1].upper;
        r.p = orders[0].lower <= r.q ? orders[0].lower - 1 : r.q - 1;
        if (status == CONFORMAL_OK && orders[0].lower > r.q)
            status = region_miss(&pr, r.p, r.q, &r.miss, err);
        break;
    case CONFORMAL_BATCH_SHORTEST:
        status = shortest(&pr, &r, err);
        break;
    case CONFORMAL_BATCH_WIDEN:
        status = widen(&pr, &r, err);
        break;
    default:
        return cf_fail(err, CONFORMAL_EINVAL, "region", CF_NO_INDEX, "no region has the code %d",
                       (int)rule);
    }
    if (status != CONFORMAL_OK)
        return status;
    *p = r.p;
    *q = r.q;
    if (coverage != NULL)
        *coverage = 1.0 - r.miss;
    return CONFORMAL_OK;
}
