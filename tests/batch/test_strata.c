/* test_strata.c - batches whose strata mix otherwise than those of calibration.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "bound.h"
#include "enumerate.h"
#include "oracle/batch_sum.h"

enum { STRATA = 3, MOST = 1 << 16 };

/* Rank vectors of all strata: r[g] has m[g] of 1..n[g]+1. */
typedef struct sizes {
    size_t n[STRATA], m[STRATA], strata, n_all, m_all;
} sizes;

typedef struct vectors {
    size_t r[STRATA][6];
} vectors;

static void first_vectors(vectors *v, const sizes *z)
{
    for (size_t g = 0; g < z->strata; g++)
        first_ranks(v->r[g], z->m[g]);
}

static bool next_vectors(vectors *v, const sizes *z)
{
    for (size_t g = 0; g < z->strata; g++) {
        if (next_ranks(v->r[g], z->n[g], z->m[g]))
            return true;
        first_ranks(v->r[g], z->m[g]);
    }
    return false;
}

static sizes draw_sizes(uint64_t *at, size_t most_n, size_t most_m)
{
    sizes z = {{0}, {0}, 1 + draw_below(at, STRATA), 0, 0};
    for (size_t g = 0; g < z.strata; g++) {
        z.n[g] = draw_below(at, most_n + 1);
        z.m[g] = draw_below(at, most_m + 1);
        z.n_all += z.n[g];
        z.m_all += z.m[g];
    }
    z.m[0] += z.m_all == 0;
    z.m_all += z.m_all == 0;
    return z;
}

/* ------------------------------------------------------------------ order statistics */

/* P(fewer than `least` members are at or below their stratum's rank; (upper false) at or
 * above it). */
static double fewer(const sizes *z, const size_t *bounds, size_t least, bool upper)
{
    vectors v;
    double missed = 0, all = 0;
    first_vectors(&v, z);
    do {
        size_t count = 0;
        for (size_t g = 0; g < z->strata; g++)
            for (size_t j = 0; j < z->m[g]; j++)
                count += upper ? v.r[g][j] <= bounds[g] : v.r[g][j] >= bounds[g];
        missed += count < least;
        all++;
    } while (next_vectors(&v, z));
    return missed / all;
}

/* Ranks at u: the nearest whole number to u (n + 1), and at most n where that is enough. */
static void ranks_at(const sizes *z, double u, bool beyond, size_t *bounds)
{
    for (size_t g = 0; g < z->strata; g++) {
        size_t most = z->n[g] + (beyond || z->n[g] == 0);
        double k = floor(u * ((double)z->n[g] + 1) + 0.5);
        bounds[g] = k < 1 ? 1 : k > (double)most ? most : (size_t)k;
    }
}

/* The least u that is enough, of all those at which a rank changes. */
static void best_ranks(const sizes *z, size_t rank, double alpha, size_t *bounds)
{
    double u[64];
    size_t count = 0;
    ranks_at(z, 1, false, bounds);
    bool beyond = !allowed(fewer(z, bounds, rank, true), 1, alpha);
    u[count++] = 0;
    for (size_t g = 0; g < z->strata; g++)
        for (size_t k = 2; k <= z->n[g] + 1; k++)
            u[count++] = ((double)k - 0.5) / ((double)z->n[g] + 1) + 1e-9;
    sort_numbers(u, count);
    for (size_t i = 0; i < count; i++) {
        ranks_at(z, u[i], beyond, bounds);
        if (alpha >= 1 || allowed(fewer(z, bounds, rank, true), 1, alpha))
            return;
    }
}

START_TEST(ranks_are_the_least_that_are_enough)
{
    uint64_t at = 0;
    for (int round = 0; round < 1500; round++) {
        sizes z = draw_sizes(&at, 6, 3);
        size_t rank = 1 + draw_below(&at, z.m_all), bounds[STRATA], want[STRATA];
        double alpha = round % 4 ? draw(&at) : (double)draw_below(&at, 11) / 10, coverage;
        best_ranks(&z, rank, alpha, want);
        assert_ok(conformal_batch_strata_ranks(z.n, z.m, z.strata, rank, alpha,
                                               CONFORMAL_BATCH_UPPER, NULL, bounds, &coverage,
                                               err));
        for (size_t g = 0; g < z.strata; g++)
            ck_assert_uint_eq(bounds[g], want[g]);
        double missed = fewer(&z, bounds, rank, true);
        assert_near(coverage, 1 - missed, 1e-14);
        ck_assert(allowed(missed, 1, alpha));
        size_t mirrored = z.m_all + 1 - rank;
        assert_ok(conformal_batch_strata_ranks(z.n, z.m, z.strata, mirrored, alpha,
                                               CONFORMAL_BATCH_LOWER, NULL, bounds, &coverage,
                                               err));
        for (size_t g = 0; g < z.strata; g++)
            ck_assert_uint_eq(bounds[g], z.n[g] + 2 - want[g]);
        assert_near(coverage, 1 - fewer(&z, bounds, rank, false), 1e-14);
    }
}
END_TEST

START_TEST(one_stratum_is_the_plain_order_statistic)
{
    for (size_t n = 1; n <= 60; n += 3)
        for (size_t m = 1; m <= 20; m += 3)
            for (size_t z = 1; z <= m; z++)
                for (int level = 0; level <= 20; level++) {
                    size_t a, b;
                    double p, q;
                    assert_ok(conformal_batch_strata_ranks(&n, &m, 1, z, level / 20.0,
                                                           CONFORMAL_BATCH_UPPER, NULL, &a, &p,
                                                           err));
                    assert_ok(conformal_batch_order_rank(n, m, z, level / 20.0,
                                                         CONFORMAL_BATCH_UPPER, &b, &q, err));
                    ck_assert_uint_eq(a, b);
                    assert_near(p, q, 1e-12);
                }
}
END_TEST

/* Scores and their strata, shuffled; s[g]: low, sorted scores of stratum g, high. */
typedef struct pool {
    double s[STRATA][10], scores[24];
    int32_t strata[24];
} pool;

static pool draw_pool(uint64_t *at, const sizes *z, double low, double high)
{
    static const pool zero;
    pool p = zero;
    size_t i = 0;
    for (size_t g = 0; g < z->strata; g++) {
        draw_scores(at, z->n[g], draw_below(at, 2), p.s[g] + 1);
        for (size_t k = 1; k <= z->n[g]; k++, i++) {
            size_t j = draw_below(at, i + 1);
            p.scores[i] = p.scores[j];
            p.strata[i] = p.strata[j];
            p.scores[j] = p.s[g][k];
            p.strata[j] = (int32_t)g;
        }
        sort_numbers(p.s[g] + 1, z->n[g]);
        p.s[g][0] = low;
        p.s[g][z->n[g] + 1] = high;
    }
    return p;
}

START_TEST(order_statistics_are_the_extremes_of_the_strata_s_bounds)
{
    uint64_t at = 40;
    for (int round = 0; round < 2000; round++) {
        sizes z = draw_sizes(&at, 7, 3);
        size_t rank = 1 + draw_below(&at, z.m_all), up[STRATA], down[STRATA];
        double low = round % 3 ? -1.5 : -HUGE_VAL, high = round % 2 ? 3.5 : HUGE_VAL;
        double want_up = low, want_down = high, above = 0, below = 0;
        pool p = draw_pool(&at, &z, low, high);
        conformal_batch_options o = options_of(
            CONFORMAL_BATCH_ORDER, (conformal_batch_side)draw_below(&at, 3), draw(&at));
        conformal_batch_bound b;
        o.ranks = &rank;
        o.n_ranks = 1;
        o.low = low;
        o.high = high;
        if (z.strata == 1)
            continue;
        double each = o.side == CONFORMAL_BATCH_BOTH ? o.alpha / 2 : o.alpha;
        conformal_batch_promise promise =
            strata_bounds(&o, z.n, z.m, z.strata, p.scores, p.strata, NULL, &b);
        assert_ok(conformal_batch_strata_ranks(z.n, z.m, z.strata, rank, each,
                                               CONFORMAL_BATCH_UPPER, NULL, up, &above, err));
        assert_ok(conformal_batch_strata_ranks(
            z.n, z.m, z.strata, rank, each, CONFORMAL_BATCH_LOWER, NULL, down, &below, err));
        for (size_t g = 0; g < z.strata; g++) {
            want_up = z.m[g] > 0 ? fmax(want_up, p.s[g][up[g]]) : want_up;
            want_down = z.m[g] > 0 ? fmin(want_down, p.s[g][down[g] - 1]) : want_down;
        }
        bool upper = o.side != CONFORMAL_BATCH_LOWER, lower = o.side != CONFORMAL_BATCH_UPPER;
        assert_close(b.upper, upper ? want_up : high, 0);
        assert_close(b.lower, lower ? want_down : low, 0);
        assert_near(promise.upper_coverage, upper ? above : 1, 1e-14);
        assert_near(promise.lower_coverage, lower ? below : 1, 1e-14);
        ck_assert(promise.coverage >= 1 - o.alpha - 1e-12);
        assert_near(promise.coverage, promise.upper_coverage + promise.lower_coverage - 1,
                    1e-14);
        ck_assert(promise.upper_finite == (upper && want_up < high) || want_up == high ||
                  !upper);
    }
}
END_TEST

/* ------------------------------------------------------------------ means */

typedef struct side {
    bool wanted, feasible;
    int64_t budget;
    double missed, bound;
} side;

/* Costs and caps of one side, stratum by stratum; the lower side's are mirrored. */
static bool cost_of(const sizes *z, const conformal_batch_options *o, bool upper,
                    const vectors *v, int64_t *cost)
{
    double end = upper ? o->high : -o->low;
    const int32_t *costs = o->costs;
    bool fine = true;
    *cost = 0;
    for (size_t g = 0; g < z->strata; g++) {
        size_t cap = end == HUGE_VAL && z->m_all > 1 ? z->n[g] : z->n[g] + 1;
        int32_t most = 0;
        for (size_t k = 0; k <= z->n[g] && costs != NULL; k++)
            most = costs[k] > most ? costs[k] : most;
        for (size_t j = 0; j < z->m[g]; j++) {
            size_t rank = upper ? v->r[g][j] : z->n[g] + 2 - v->r[g][j];
            fine = fine && rank <= cap;
            if (costs == NULL)
                *cost += (int64_t)rank;
            else
                *cost += upper ? costs[v->r[g][j] - 1] : most - costs[v->r[g][j] - 1];
        }
        costs = costs != NULL ? costs + z->n[g] + 1 : NULL;
    }
    return fine;
}

static side define(const sizes *z, const pool *p, const conformal_batch_options *o, bool upper)
{
    static int64_t costs[MOST];
    static const side zero;
    side s = zero;
    vectors v;
    double alpha = o->side == CONFORMAL_BATCH_BOTH ? o->alpha / 2 : o->alpha, all = 0;
    double sign = upper ? 1 : -1;
    size_t kept = 0;
    int64_t cost;
    s.wanted = o->side != (upper ? CONFORMAL_BATCH_LOWER : CONFORMAL_BATCH_UPPER);
    first_vectors(&v, z);
    do {
        if (cost_of(z, o, upper, &v, &cost))
            costs[kept++] = cost;
        all++;
    } while (next_vectors(&v, z));
    s.budget = -1;
    s.feasible = s.wanted && find_budget(costs, kept, all, alpha, &s.budget, &s.missed);
    s.bound = s.feasible ? -sign * HUGE_VAL : (upper ? o->high : o->low) * (double)z->m_all;
    first_vectors(&v, z);
    do {
        double sum = 0;
        if (!s.feasible || !cost_of(z, o, upper, &v, &cost) || cost > s.budget)
            continue;
        for (size_t g = 0; g < z->strata; g++)
            for (size_t j = 0; j < z->m[g]; j++)
                sum += p->s[g][v.r[g][j] - !upper];
        s.bound = sign * sum > sign * s.bound ? sum : s.bound;
    } while (next_vectors(&v, z));
    s.bound /= (double)z->m_all;
    return s;
}

START_TEST(means_are_those_of_all_rank_vectors)
{
    uint64_t at = 90;
    for (int round = 0; round < 1200; round++) {
        sizes z = draw_sizes(&at, 5, 2);
        double low = round % 3 ? -1.5 : -HUGE_VAL, high = round % 2 ? 3.5 : HUGE_VAL;
        pool p = draw_pool(&at, &z, low, high);
        conformal_batch_options o = options_of(
            CONFORMAL_BATCH_MEAN, (conformal_batch_side)draw_below(&at, 3), 0.99 * draw(&at));
        int32_t costs[24];
        conformal_batch_bound b, hull;
        for (size_t k = 0; k < z.n_all + z.strata; k++)
            costs[k] = (int32_t)draw_below(&at, 30);
        o.costs = round % 4 < 2 && (z.m_all > 1 || z.strata > 1) ? costs : NULL;
        o.low = low;
        o.high = high;
        side up = define(&z, &p, &o, true), down = define(&z, &p, &o, false);
        conformal_batch_promise promise =
            strata_bounds(&o, z.n, z.m, z.strata, p.scores, p.strata, NULL, &b);
        if (z.m_all > 1 || z.strata > 1) {
            ck_assert_int_eq(promise.upper_budget, up.budget);
            ck_assert_int_eq(promise.lower_budget, down.budget);
        }
        assert_near(promise.upper_coverage, 1 - up.missed, 1e-14);
        assert_near(promise.lower_coverage, 1 - down.missed, 1e-14);
        if (up.wanted)
            assert_outward(b.upper, up.bound, 1, 10);
        if (down.wanted)
            assert_outward(b.lower, down.bound, -1, 10);
        double held = 0, all = 0;
        vectors v;
        first_vectors(&v, &z);
        do {
            int64_t cost;
            bool fine =
                !up.feasible || (cost_of(&z, &o, true, &v, &cost) && cost <= up.budget);
            held += fine && (!down.feasible ||
                             (cost_of(&z, &o, false, &v, &cost) && cost <= down.budget));
            all++;
        } while (next_vectors(&v, &z));
        assert_near(promise.coverage, held / all, 1e-13);
        ck_assert(held / all >= 1 - o.alpha - 1e-12);
        o.engine = CONFORMAL_BATCH_HULL;
        strata_bounds(&o, z.n, z.m, z.strata, p.scores, p.strata, NULL, &hull);
        ck_assert(hull.upper >= b.upper && hull.lower <= b.lower);
    }
}
END_TEST

START_TEST(the_mean_of_strata_is_the_oracle_s)
{
    for (size_t i = 0; i < sizeof sum_strata / sizeof *sum_strata; i++) {
        conformal_batch_options o =
            options_of(CONFORMAL_BATCH_MEAN, CONFORMAL_BATCH_UPPER, sum_strata[i].alpha);
        conformal_batch_bound b;
        o.high = sum_strata[i].high;
        conformal_batch_promise p =
            strata_bounds(&o, sum_strata[i].n, sum_strata[i].m, sum_strata[i].n_strata,
                          sum_strata[i].scores, sum_strata[i].strata, NULL, &b);
        ck_assert_int_eq(p.upper_budget, sum_strata[i].budget);
        assert_near(p.coverage, sum_strata[i].coverage, 1e-13);
        assert_outward(b.upper, sum_strata[i].bound, 1, 1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("strata");
    TCase *tc = tcase_create("strata");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, ranks_are_the_least_that_are_enough);
    tcase_add_test(tc, one_stratum_is_the_plain_order_statistic);
    tcase_add_test(tc, order_statistics_are_the_extremes_of_the_strata_s_bounds);
    tcase_add_test(tc, means_are_those_of_all_rank_vectors);
    tcase_add_test(tc, the_mean_of_strata_is_the_oracle_s);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
