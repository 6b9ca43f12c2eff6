/* test_joint_law.c - several order statistics together, and regions for two.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/batch.h"
#include "enumerate.h"
#include "oracle/batch_pair.h"

static bool inside(const size_t *r, const conformal_batch_order *orders, size_t n_orders)
{
    for (size_t i = 0; i < n_orders; i++) {
        size_t rank = r[orders[i].rank - 1];
        if (rank < orders[i].lower || rank > orders[i].upper)
            return false;
    }
    return true;
}

/* The share of all rank vectors that is outside. */
static double missed_by(size_t n, size_t m, const conformal_batch_order *orders,
                        size_t n_orders)
{
    size_t r[8];
    double missed = 0, all = 0;
    first_ranks(r, m);
    do {
        missed += !inside(r, orders, n_orders);
        all++;
    } while (next_ranks(r, n, m));
    return missed / all;
}

START_TEST(boxes_have_the_coverage_of_all_rank_vectors)
{
    uint64_t at = 0;
    for (size_t n = 0; n <= 7; n++)
        for (size_t m = 1; m <= 6; m++)
            for (int round = 0; round < 60; round++) {
                conformal_batch_order orders[4];
                size_t count = 1 + draw_below(&at, 4);
                double coverage;
                for (size_t i = 0; i < count; i++) {
                    size_t a = 1 + draw_below(&at, n + 1), b = 1 + draw_below(&at, n + 1);
                    orders[i].rank = 1 + draw_below(&at, m);
                    orders[i].side = CONFORMAL_BATCH_BOTH;
                    orders[i].lower = round % 3 == 0 ? 1 : a < b ? a : b;
                    orders[i].upper = round % 3 == 1 ? n + 1 : a < b ? b : a;
                }
                assert_ok(conformal_batch_joint_coverage(n, m, orders, count, NULL, &coverage,
                                                         err));
                assert_near(coverage, 1 - missed_by(n, m, orders, count), 1e-14);
            }
}
END_TEST

/* The side that is not bounded is 1 or n + 1; false: bounds of one order statistic cross. */
static bool bounds_at(size_t n, size_t m, double tau, conformal_batch_order *orders,
                      size_t n_orders)
{
    bool fine = true;
    for (size_t i = 0; i < n_orders; i++) {
        conformal_batch_order *o = &orders[i];
        o->lower = 1;
        o->upper = n + 1;
        if (o->side != CONFORMAL_BATCH_LOWER)
            assert_ok(conformal_batch_order_rank(n, m, o->rank, tau, CONFORMAL_BATCH_UPPER,
                                                 &o->upper, NULL, err));
        if (o->side != CONFORMAL_BATCH_UPPER)
            assert_ok(conformal_batch_order_rank(n, m, o->rank, tau, CONFORMAL_BATCH_LOWER,
                                                 &o->lower, NULL, err));
        fine = fine && o->lower <= o->upper;
    }
    return fine;
}

/* The largest attained tail whose box covers enough, by trying them all. */
static void best_bounds(size_t n, size_t m, double alpha, conformal_batch_order *orders,
                        size_t n_orders)
{
    double best = 0, tail;
    for (size_t i = 0; i < n_orders; i++)
        for (size_t k = 0; k <= n + 1; k++)
            for (size_t side = 0; side < 2; side++) {
                size_t z = side ? m + 1 - orders[i].rank : orders[i].rank;
                assert_ok(conformal_batch_order_tail(n, m, z, k, &tail, err));
                if (tail > best && bounds_at(n, m, tail, orders, n_orders) &&
                    allowed(missed_by(n, m, orders, n_orders), 1, alpha))
                    best = tail;
            }
    bounds_at(n, m, best, orders, n_orders);
}

START_TEST(joint_bounds_are_at_the_largest_common_tail)
{
    uint64_t at = 0;
    for (int round = 0; round < 3000; round++) {
        conformal_batch_order orders[3], want[3];
        size_t n = draw_below(&at, 8), m = 1 + draw_below(&at, 5), count = round % 2 ? 3 : 2;
        double alpha = round % 5 ? draw(&at) : (double)draw_below(&at, 10) / 10, coverage;
        for (size_t i = 0; i < count; i++) {
            orders[i].rank = 1 + draw_below(&at, m);
            orders[i].side = (conformal_batch_side)draw_below(&at, 3);
            want[i] = orders[i];
        }
        best_bounds(n, m, alpha, want, count);
        assert_ok(conformal_batch_joint_ranks(n, m, orders, count, alpha, NULL, &coverage,
                                              err));
        for (size_t i = 0; i < count; i++) {
            ck_assert_uint_eq(orders[i].lower, want[i].lower);
            ck_assert_uint_eq(orders[i].upper, want[i].upper);
        }
        double missed = missed_by(n, m, orders, count);
        assert_near(coverage, 1 - missed, 1e-14);
        ck_assert(allowed(missed, 1, alpha));
    }
}
END_TEST

START_TEST(one_side_of_one_order_statistic_is_its_own_rank)
{
    static const double levels[] = {0, 0.01, 0.1, 0.3, 1.0 / 3, 0.7, 1};
    for (size_t n = 0; n <= 40; n += 5)
        for (size_t m = 1; m <= 20; m += 3)
            for (size_t z = 1; z <= m; z++)
                for (size_t i = 0; i < 7; i++) {
                    size_t bound;
                    double coverage, joint;
                    conformal_batch_side side = z % 2 ? CONFORMAL_BATCH_UPPER
                                                      : CONFORMAL_BATCH_LOWER;
                    conformal_batch_order o = {z, side, 9, 9};
                    assert_ok(conformal_batch_order_rank(n, m, z, levels[i], side, &bound,
                                                         &coverage, err));
                    assert_ok(conformal_batch_joint_ranks(n, m, &o, 1, levels[i], NULL, &joint,
                                                          err));
                    ck_assert_uint_eq(side == CONFORMAL_BATCH_UPPER ? o.upper : o.lower,
                                      bound);
                    ck_assert_uint_eq(side == CONFORMAL_BATCH_UPPER ? o.lower : o.upper,
                                      side == CONFORMAL_BATCH_UPPER ? 1 : n + 1);
                    assert_near(joint, coverage, 1e-12);
                }
}
END_TEST

START_TEST(alpha_0_is_everything_and_bounds_never_cross)
{
    for (int level = 0; level <= 20; level++)
        for (size_t n = 0; n <= 7; n++)
            for (size_t m = 2; m <= 5; m++) {
                conformal_batch_order o[2] = {{1, CONFORMAL_BATCH_BOTH, 0, 0},
                                              {m, CONFORMAL_BATCH_BOTH, 0, 0}};
                double coverage;
                assert_ok(conformal_batch_joint_ranks(n, m, o, 2, level / 20.0, NULL,
                                                      &coverage, err));
                assert_near(coverage, 1 - missed_by(n, m, o, 2), 1e-14);
                for (size_t i = 0; i < 2; i++) {
                    ck_assert(o[i].lower <= o[i].upper);
                    ck_assert(level > 0 || (o[i].lower == 1 && o[i].upper == n + 1));
                }
            }
}
END_TEST

/* One bound is a tail, from its small end, also where it is tiny; two bounds of one order
 * statistic are two tails. */
START_TEST(large_boxes_have_the_coverage_of_their_tails)
{
    static const size_t sizes[][3] = {{1000, 100, 50}, {100000, 1000, 500}, {50, 3000, 1500},
                                      {1000000, 10000, 9000}, {20000, 7, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i][0], m = sizes[i][1], z = sizes[i][2];
        for (int level = 1; level <= 8; level++) {
            double alpha = pow(10, -level), above, below, coverage;
            conformal_batch_order o = {z, CONFORMAL_BATCH_BOTH, 1, n + 1};
            assert_ok(conformal_batch_order_rank(n, m, z, alpha, CONFORMAL_BATCH_UPPER,
                                                 &o.upper, NULL, err));
            assert_ok(conformal_batch_order_rank(n, m, z, alpha / 3, CONFORMAL_BATCH_LOWER,
                                                 &o.lower, NULL, err));
            assert_ok(conformal_batch_order_tail(n, m, z, o.upper, &above, err));
            assert_ok(conformal_batch_order_tail(n, m, m + 1 - z, n + 2 - o.lower, &below,
                                                 err));
            assert_ok(conformal_batch_joint_coverage(n, m, &o, 1, NULL, &coverage, err));
            assert_near(coverage, 1 - above - below, 1e-12);
        }
    }
}
END_TEST

/* One rank less on both sides is not enough any more. */
START_TEST(large_joint_bounds_meet_alpha_and_no_wider_tail_does)
{
    static const size_t sizes[][2] = {{1000, 100}, {5000, 600}, {100000, 1000}};
    for (size_t i = 0; i < 3; i++) {
        size_t n = sizes[i][0], m = sizes[i][1];
        conformal_batch_order o[2] = {{m / 4, CONFORMAL_BATCH_LOWER, 0, 0},
                                      {3 * m / 4, CONFORMAL_BATCH_UPPER, 0, 0}};
        double coverage, less;
        assert_ok(conformal_batch_joint_ranks(n, m, o, 2, 0.1, NULL, &coverage, err));
        ck_assert(coverage >= 0.9 - 1e-12 && coverage < 0.91);
        o[0].lower++;
        o[1].upper--;
        assert_ok(conformal_batch_joint_coverage(n, m, o, 2, NULL, &less, err));
        ck_assert(less < 0.9);
    }
}
END_TEST

/* ------------------------------------------------------------------ regions for two */

START_TEST(regions_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof pair_cases / sizeof *pair_cases; i++) {
        size_t p, q;
        double coverage;
        assert_ok(conformal_batch_pair_ranks(
            pair_cases[i].n, pair_cases[i].m, pair_cases[i].first, pair_cases[i].second,
            pair_cases[i].alpha, (conformal_batch_region)pair_cases[i].region, NULL, &p, &q,
            &coverage, err));
        ck_assert_msg(p == pair_cases[i].p && q == pair_cases[i].q, "%s: %zu %zu",
                      pair_cases[i].id, p, q);
        assert_close(coverage, pair_cases[i].coverage, 1e-12);
    }
    for (size_t i = 0; i < sizeof pair_coverages / sizeof *pair_coverages; i++) {
        size_t n = pair_coverages[i].n;
        conformal_batch_order o[2] = {
            {pair_coverages[i].first, CONFORMAL_BATCH_LOWER, pair_coverages[i].p + 1, n + 1},
            {pair_coverages[i].second, CONFORMAL_BATCH_UPPER, 1, pair_coverages[i].q}};
        double coverage;
        assert_ok(conformal_batch_joint_coverage(n, pair_coverages[i].m, o, 2, NULL, &coverage,
                                                 err));
        assert_close(coverage, pair_coverages[i].coverage, 1e-12);
    }
}
END_TEST

static double region_missed(size_t n, size_t m, size_t first, size_t second, size_t p,
                            size_t q)
{
    conformal_batch_order o[2] = {{first, CONFORMAL_BATCH_LOWER, p + 1, n + 1},
                                  {second, CONFORMAL_BATCH_UPPER, 1, q}};
    return missed_by(n, m, o, 2);
}

/* The smallest q - p with 1 <= p < q <= n, then the most probable, then the smallest p. */
static void shortest(size_t n, size_t m, size_t first, size_t second, double alpha, size_t *p,
                     size_t *q)
{
    double least = HUGE_VAL;
    size_t length = n + 1;
    *p = 0;
    *q = n + 1;
    for (size_t a = 1; a < n; a++)
        for (size_t b = a + 1; b <= n; b++) {
            double missed = region_missed(n, m, first, second, a, b);
            if (!allowed(missed, 1, alpha) || b - a > length ||
                (b - a == length && missed >= least * (1 - 1e-9)))
                continue;
            length = b - a;
            least = missed;
            *p = a;
            *q = b;
        }
}

static void widened(size_t n, size_t m, size_t first, size_t second, double alpha, size_t *p,
                    size_t *q)
{
    *p = (size_t)nearbyint((double)n / 4);
    *q = (size_t)nearbyint(3 * (double)n / 4);
    while (!(*p < *q && allowed(region_missed(n, m, first, second, *p, *q), 1, alpha)) &&
           (*p > 0 || *q < n + 1)) {
        *p -= *p > 0;
        *q += *q < n + 1;
    }
}

START_TEST(regions_follow_their_rules)
{
    for (size_t n = 0; n <= 8; n++)
        for (size_t m = 2; m <= 4; m++)
            for (size_t pair = 0; pair < m * m; pair++)
                for (int level = 0; level <= 10; level++) {
                    size_t first = 1 + pair / m, second = 1 + pair % m, p, q, want_p, want_q;
                    double alpha = level / 10.0, coverage;
                    if (first >= second)
                        continue;
                    for (int rule = 0; rule < 3; rule++) {
                        assert_ok(conformal_batch_pair_ranks(n, m, first, second, alpha,
                                                             (conformal_batch_region)rule,
                                                             NULL, &p, &q, &coverage, err));
                        double missed = region_missed(n, m, first, second, p, q);
                        ck_assert_msg(fabs(coverage - (1 - missed)) <= 1e-14,
                                      "rule %d, n %zu, m %zu, ranks %zu %zu, alpha %g: [%zu, "
                                      "%zu] covers %.17g, not %.17g",
                                      rule, n, m, first, second, alpha, p, q, 1 - missed,
                                      coverage);
                        ck_assert(allowed(missed, 1, alpha));
                        if (rule == CONFORMAL_BATCH_EQUAL)
                            continue;
                        (rule == CONFORMAL_BATCH_SHORTEST ? shortest : widened)(
                            n, m, first, second, alpha, &want_p, &want_q);
                        ck_assert_uint_eq(p, want_p);
                        ck_assert_uint_eq(q, want_q);
                    }
                }
}
END_TEST

START_TEST(the_equal_region_is_that_of_joint_ranks)
{
    for (size_t n = 1; n <= 60; n += 7)
        for (size_t m = 2; m <= 20; m += 5)
            for (int level = 1; level <= 9; level++) {
                conformal_batch_order o[2] = {{1 + m / 4, CONFORMAL_BATCH_LOWER, 0, 0},
                                              {m, CONFORMAL_BATCH_UPPER, 0, 0}};
                size_t p, q;
                double a, b;
                assert_ok(
                    conformal_batch_joint_ranks(n, m, o, 2, level / 10.0, NULL, &a, err));
                assert_ok(conformal_batch_pair_ranks(n, m, 1 + m / 4, m, level / 10.0,
                                                     CONFORMAL_BATCH_EQUAL, NULL, &p, &q, &b,
                                                     err));
                ck_assert(p + 1 == o[0].lower && q == o[1].upper && a == b);
            }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("joint law");
    TCase *tc = tcase_create("joint law");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, boxes_have_the_coverage_of_all_rank_vectors);
    tcase_add_test(tc, joint_bounds_are_at_the_largest_common_tail);
    tcase_add_test(tc, one_side_of_one_order_statistic_is_its_own_rank);
    tcase_add_test(tc, alpha_0_is_everything_and_bounds_never_cross);
    tcase_add_test(tc, large_boxes_have_the_coverage_of_their_tails);
    tcase_add_test(tc, large_joint_bounds_meet_alpha_and_no_wider_tail_does);
    tcase_add_test(tc, regions_are_the_oracle_s);
    tcase_add_test(tc, regions_follow_their_rules);
    tcase_add_test(tc, the_equal_region_is_that_of_joint_ranks);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
