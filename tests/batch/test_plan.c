/* test_plan.c - plans of order statistics, what they promise, and what all plans have in
 * common.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "bound.h"
#include "conformal/quantile.h"
#include "enumerate.h"
#include "oracle/batch_order.h"
#include "oracle/batch_pair.h"

static const conformal_batch_side sides[] = {CONFORMAL_BATCH_BOTH, CONFORMAL_BATCH_UPPER,
                                             CONFORMAL_BATCH_LOWER};

static conformal_batch_options order_of(const size_t *ranks, size_t n_ranks,
                                        conformal_batch_side side, double alpha)
{
    conformal_batch_options o = options_of(CONFORMAL_BATCH_ORDER, side, alpha);
    o.ranks = ranks;
    o.n_ranks = n_ranks;
    return o;
}

START_TEST(order_statistics_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof order_cases / sizeof *order_cases; i++) {
        bool upper = order_cases[i].upper;
        size_t z = order_cases[i].rank, bound = order_cases[i].bound_rank;
        conformal_batch_options o =
            order_of(&z, 1, upper ? CONFORMAL_BATCH_UPPER : CONFORMAL_BATCH_LOWER,
                     order_cases[i].alpha);
        conformal_batch_bound b;
        o.low = order_cases[i].low;
        o.high = order_cases[i].high;
        conformal_batch_promise p =
            bounds_of(&o, order_cases[i].n, order_cases[i].m, order_cases[i].scores, NULL, &b);
        assert_close(upper ? b.upper : b.lower, order_cases[i].bound, 0);
        assert_close(upper ? b.lower : b.upper, upper ? o.low : o.high, 0);
        ck_assert_uint_eq(upper ? b.upper_rank : b.lower_rank, bound);
        ck_assert_uint_eq(upper ? p.upper_rank : p.lower_rank, bound);
        ck_assert((upper ? p.upper_finite : p.lower_finite) ==
                  (upper ? bound <= order_cases[i].n : bound > 1));
        assert_near(p.coverage, order_cases[i].coverage, 1e-13);
        assert_near(upper ? p.upper_coverage : p.lower_coverage, p.coverage, 1e-15);
        assert_close(upper ? p.lower_coverage : p.upper_coverage, 1, 0);
    }
}
END_TEST

START_TEST(pairs_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof pair_cases / sizeof *pair_cases; i++) {
        size_t ranks[2] = {pair_cases[i].first, pair_cases[i].second};
        conformal_batch_options o =
            options_of(CONFORMAL_BATCH_PAIR, CONFORMAL_BATCH_BOTH, pair_cases[i].alpha);
        conformal_batch_bound b;
        if (pair_cases[i].scores == NULL)
            continue;
        o.ranks = ranks;
        o.n_ranks = 2;
        o.region = (conformal_batch_region)pair_cases[i].region;
        conformal_batch_promise p =
            bounds_of(&o, pair_cases[i].n, pair_cases[i].m, pair_cases[i].scores, NULL, &b);
        assert_close(b.lower, pair_cases[i].lower, 0);
        assert_close(b.upper, pair_cases[i].upper, 0);
        ck_assert(b.lower_rank == pair_cases[i].p + 1 && b.upper_rank == pair_cases[i].q);
        ck_assert(p.lower_rank == b.lower_rank && p.upper_rank == b.upper_rank);
        ck_assert(p.lower_finite == (pair_cases[i].p > 0));
        ck_assert(p.upper_finite == (pair_cases[i].q <= pair_cases[i].n));
        assert_near(p.coverage, pair_cases[i].coverage, 1e-12);
    }
}
END_TEST

/* Of all rank vectors: how often S_(lower - 1) <= T_(z) (or only T_(z) <= S_(upper)) of all
 * the orders, or both. */
static double share(size_t n, size_t m, const conformal_batch_order *orders, size_t n_orders,
                    bool below, bool above)
{
    size_t r[8];
    double held = 0, all = 0;
    first_ranks(r, m);
    do {
        bool fine = true;
        for (size_t i = 0; i < n_orders; i++) {
            size_t rank = r[orders[i].rank - 1];
            fine = fine && (!below || rank >= orders[i].lower);
            fine = fine && (!above || rank <= orders[i].upper);
        }
        held += fine;
        all++;
    } while (next_ranks(r, n, m));
    return held / all;
}

/* R3, and each side's own promise, for one, a few and a pair of order statistics. */
START_TEST(promises_are_the_shares_of_all_rank_vectors)
{
    uint64_t at = 0;
    for (int round = 0; round < 4000; round++) {
        size_t n = draw_below(&at, 8), m = 2 + draw_below(&at, 4), ranks[3];
        size_t count = 1 + draw_below(&at, 3);
        bool pair = draw_below(&at, 4) == 0;
        double s[8];
        conformal_batch_bound b[3];
        conformal_batch_order orders[3];
        for (size_t i = 0; i < 3; i++)
            ranks[i] = 1 + draw_below(&at, m);
        if (pair) {
            ranks[0] = 1 + draw_below(&at, m - 1);
            ranks[1] = ranks[0] + 1 + draw_below(&at, m - ranks[0]);
            count = 2;
        }
        conformal_batch_options o = order_of(ranks, count, sides[draw_below(&at, 3)],
                                             0.02 + 0.96 * draw(&at));
        o.statistic = pair ? CONFORMAL_BATCH_PAIR : CONFORMAL_BATCH_ORDER;
        o.region = (conformal_batch_region)draw_below(&at, 3);
        draw_scores(&at, n, false, s);
        conformal_batch_promise p = bounds_of(&o, n, m, s, NULL, b);
        sort_numbers(s, n);
        for (size_t i = 0; i < count; i++) {
            conformal_batch_order one = {ranks[i], o.side, 1, n + 1};
            one.lower = pair ? (i == 0 ? b[0].lower_rank : 1) : b[i].lower_rank;
            one.upper = pair ? (i == 1 ? b[0].upper_rank : n + 1) : b[i].upper_rank;
            orders[i] = one;
            if (!pair || i == 0) {
                size_t low = b[i].lower_rank, high = b[i].upper_rank;
                assert_close(b[i].lower, low > 1 ? s[low - 2] : -HUGE_VAL, 0);
                assert_close(b[i].upper, high <= n ? s[high - 1] : HUGE_VAL, 0);
            }
        }
        assert_near(p.coverage, share(n, m, orders, count, true, true), 1e-13);
        ck_assert(p.coverage >= 1 - o.alpha - 1e-12);
        double lower = share(n, m, orders, count, true, false);
        double upper = share(n, m, orders, count, false, true);
        ck_assert_msg(p.lower_coverage <= lower + 1e-13,
                      "round %d: the lower side holds with %.17g, promised is %.17g", round,
                      lower, p.lower_coverage);
        ck_assert_msg(p.upper_coverage <= upper + 1e-13,
                      "round %d: the upper side holds with %.17g, promised is %.17g", round,
                      upper, p.upper_coverage);
        ck_assert(p.lower_coverage >= p.coverage - 1e-13);
        ck_assert(p.upper_coverage >= p.coverage - 1e-13);
    }
}
END_TEST

/* ------------------------------------------------------------------ one member */

START_TEST(one_member_is_split_conformal_to_the_last_bit)
{
    static const double levels[] = {0.001, 0.01, 0.03, 0.05, 0.07, 0.1,  0.15, 0.2, 0.29,
                                    0.3,   0.41, 0.55, 0.57, 0.7,  0.83, 0.9,  0.93, 0.99};
    static const double one = 1;
    static const size_t rank = 1;
    uint64_t at = 1;
    for (size_t n = 0; n <= 120; n += n < 25 ? 1 : 19)
        for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
            for (int statistic = 1; statistic <= 5; statistic++) {
                double s[120], q;
                size_t k;
                conformal_batch_bound b;
                conformal_batch_options o =
                    options_of((conformal_batch_statistic)statistic, CONFORMAL_BATCH_UPPER,
                               levels[i]);
                if (statistic == CONFORMAL_BATCH_PAIR)
                    continue;
                o.ranks = &rank;
                o.n_ranks = 1;
                o.coefficients = &one;
                draw_scores(&at, n, i % 2, s);
                assert_ok(conformal_quantile(s, n, levels[i], NULL, &q, err));
                assert_ok(conformal_rank(n, levels[i], &k, err));
                conformal_batch_promise p = bounds_of(&o, n, 1, s, NULL, &b);
                ck_assert_msg(b.upper == q, "statistic %d, n %zu, alpha %g: %.17g, not %.17g",
                              statistic, n, levels[i], b.upper, q);
                if (k <= n)
                    assert_near(p.coverage, (double)k / ((double)n + 1), 1e-13);
                o.side = CONFORMAL_BATCH_LOWER;
                assert_ok(conformal_lower_quantile(s, n, levels[i], NULL, &q, err));
                bounds_of(&o, n, 1, s, NULL, &b);
                ck_assert(b.lower == q);
                o.side = CONFORMAL_BATCH_BOTH;
                assert_ok(conformal_quantile(s, n, levels[i] / 2, NULL, &q, err));
                bounds_of(&o, n, 1, s, NULL, &b);
                ck_assert(b.upper == q);
            }
}
END_TEST

/* ------------------------------------------------------------------ all statistics */

/* The upper bounds at a level: the largest of 6 members, a pair up to it, mean, sum, top 2. */
static double upper_of(int statistic, size_t n, double alpha, double high,
                       conformal_batch_promise *p)
{
    static const double s[] = {3, 1, 2, 6, 5, 4, 7, 9, 8, 10}, top[] = {0, 0, 0, 0, 1, 1};
    static const size_t ranks[] = {6, 0}, pair[] = {1, 6};
    conformal_batch_options o =
        options_of((conformal_batch_statistic)statistic, CONFORMAL_BATCH_UPPER, alpha);
    conformal_batch_bound b;
    o.ranks = statistic == CONFORMAL_BATCH_PAIR ? pair : ranks;
    o.n_ranks = statistic == CONFORMAL_BATCH_PAIR ? 2 : 1;
    o.coefficients = top;
    o.high = high;
    *p = bounds_of(&o, n, 6, s, NULL, &b);
    return b.upper;
}

static double end_of(int statistic, double high)
{
    return statistic == CONFORMAL_BATCH_SUM      ? 6 * high
           : statistic == CONFORMAL_BATCH_LINEAR ? 2 * high
                                                 : high;
}

START_TEST(bounds_become_finite_at_alpha_m_over_n_plus_m)
{
    for (int statistic = 1; statistic <= 5; statistic++)
        for (size_t n = 0; n <= 10; n++) {
            conformal_batch_promise p;
            double alpha = 6.0 / (6 + (double)n);
            if (n > 0) {
                double bound = upper_of(statistic, n, alpha, HUGE_VAL, &p);
                ck_assert_msg(bound <= end_of(statistic, 10 + 1e-13),
                              "statistic %d, n %zu: %g", statistic, n, bound);
                ck_assert(p.upper_finite);
                assert_near(p.coverage, 1 - alpha, 1e-11);
            }
            alpha = n > 0 ? alpha * (1 - 1e-9) : 0.999;
            ck_assert(upper_of(statistic, n, alpha, HUGE_VAL, &p) == HUGE_VAL);
            ck_assert(!p.upper_finite && p.coverage == 1);
        }
}
END_TEST

START_TEST(without_enough_scores_the_end_of_the_support_is_the_bound)
{
    for (int statistic = 1; statistic <= 5; statistic++) {
        conformal_batch_promise p;
        assert_outward(upper_of(statistic, 0, 0.999, 12.5, &p), end_of(statistic, 12.5), 1,
                       75);
        ck_assert(p.coverage >= 1 - 0.999);
        assert_outward(upper_of(statistic, 10, 0, 12.5, &p), end_of(statistic, 12.5), 1, 75);
        assert_close(p.coverage, 1, 0);
        ck_assert(upper_of(statistic, 10, 0, HUGE_VAL, &p) == HUGE_VAL);
        assert_close(p.coverage, 1, 0);
        double narrow = upper_of(statistic, 10, 1, 12.5, &p);
        assert_outward(narrow, end_of(statistic, 1), 1, 10);
    }
}
END_TEST

START_TEST(more_confidence_is_never_a_smaller_bound)
{
    for (int statistic = 1; statistic <= 5; statistic++)
        for (int finite = 0; finite < 2; finite++) {
            double before = HUGE_VAL, end = finite ? 11 : HUGE_VAL;
            for (int level = 0; level <= 200; level++) {
                conformal_batch_promise p;
                double bound = upper_of(statistic, 10, level / 200.0, end, &p);
                ck_assert(bound <= before + 1e-13);
                ck_assert(p.coverage >= 1 - level / 200.0 - 1e-12);
                before = bound;
            }
        }
}
END_TEST

/* What rounds outwards ends there: all members at the end is certain. */
START_TEST(bounds_stay_within_the_support)
{
    for (int statistic = 1; statistic <= 5; statistic++)
        for (size_t n = 0; n <= 10; n++)
            for (int level = 0; level <= 20; level++) {
                conformal_batch_promise p;
                double bound = upper_of(statistic, n, level / 20.0, 10.125, &p);
                ck_assert_msg(bound <= end_of(statistic, 10.125),
                              "statistic %d, n %zu, alpha %g: %.17g above %.17g", statistic, n,
                              level / 20.0, bound, end_of(statistic, 10.125));
            }
}
END_TEST

START_TEST(infinite_scores_are_order_statistics_like_any_other)
{
    static const double s[] = {HUGE_VAL, 1, -HUGE_VAL, 2, -HUGE_VAL, 3, HUGE_VAL};
    static const double sorted[] = {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL, 1,       2,
                                    3,         HUGE_VAL,  HUGE_VAL,  HUGE_VAL};
    for (size_t z = 1; z <= 3; z++)
        for (int level = 0; level <= 20; level++) {
            conformal_batch_options o = order_of(&z, 1, CONFORMAL_BATCH_BOTH, level / 20.0);
            conformal_batch_bound b;
            bounds_of(&o, 7, 3, s, NULL, &b);
            assert_close(b.lower, sorted[b.lower_rank - 1], 0);
            assert_close(b.upper, sorted[b.upper_rank], 0);
        }
}
END_TEST

START_TEST(alpha_1_gives_bounds_that_do_not_cross)
{
    static const double s[] = {1, 2, 3, 4, 5, 6};
    for (size_t n = 0; n <= 6; n++)
        for (size_t m = 1; m <= 5; m++)
            for (size_t z = 1; z <= m; z++) {
                conformal_batch_options o = order_of(&z, 1, CONFORMAL_BATCH_BOTH, 1);
                conformal_batch_bound b;
                conformal_batch_promise p = bounds_of(&o, n, m, s, NULL, &b);
                ck_assert(b.lower_rank <= b.upper_rank && b.lower <= b.upper);
                conformal_batch_order one = {z, o.side, b.lower_rank, b.upper_rank};
                assert_near(p.coverage, share(n, m, &one, 1, true, true), 1e-14);
            }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *tc = tcase_create("plan");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, order_statistics_are_the_oracle_s);
    tcase_add_test(tc, pairs_are_the_oracle_s);
    tcase_add_test(tc, promises_are_the_shares_of_all_rank_vectors);
    tcase_add_test(tc, one_member_is_split_conformal_to_the_last_bit);
    tcase_add_test(tc, bounds_become_finite_at_alpha_m_over_n_plus_m);
    tcase_add_test(tc, without_enough_scores_the_end_of_the_support_is_the_bound);
    tcase_add_test(tc, more_confidence_is_never_a_smaller_bound);
    tcase_add_test(tc, bounds_stay_within_the_support);
    tcase_add_test(tc, infinite_scores_are_order_statistics_like_any_other);
    tcase_add_test(tc, alpha_1_gives_bounds_that_do_not_cross);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
