/* test_refused.c - what is refused, why, and that nothing has been written then.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "refused.h"

START_TEST(wrong_order_laws_are_refused)
{
    double p[4] = {-7, -7, -7, -7}, *law = p;
    size_t k = 77;
    REFUSED(EINVAL, "m", NONE, conformal_batch_order_law(3, 0, 1, law, &e));
    REFUSED(EINVAL, "probabilities", NONE, conformal_batch_order_law(3, 2, 1, NULL, &e));
    REFUSED(EDOM, "rank", NONE, conformal_batch_order_law(3, 2, 0, law, &e));
    REFUSED(EDOM, "rank", NONE, conformal_batch_order_law(3, 2, 3, law, &e));
    REFUSED(EDOM, "n", NONE, conformal_batch_order_law(MANY, 2, 1, law, &e));
    REFUSED(EDOM, "m", NONE, conformal_batch_order_law(2, MANY, 1, law, &e));
    REFUSED(EDOM, "k", NONE, conformal_batch_order_tail(3, 2, 1, 5, law, &e));
    REFUSED(EINVAL, "probability", NONE, conformal_batch_order_tail(3, 2, 1, 4, NULL, &e));
    for (int i = 0; i < 2; i++) {
        double alpha = i ? 1 + 1e-9 : -1e-300;
        REFUSED(EDOM, "alpha", NONE,
                conformal_batch_order_rank(3, 2, 1, alpha, CONFORMAL_BATCH_UPPER, &k, p, &e));
        REFUSED(EDOM, "alpha", NONE,
                conformal_batch_order_size(2, 1, alpha, CONFORMAL_BATCH_UPPER, &k, &e));
    }
    REFUSED(
        EDOM, "alpha", NONE,
        conformal_batch_order_rank(3, 2, 1, (double)NAN, CONFORMAL_BATCH_UPPER, &k, p, &e));
    REFUSED(EINVAL, "side", NONE,
            conformal_batch_order_rank(3, 2, 1, 0.1, CONFORMAL_BATCH_BOTH, &k, p, &e));
    REFUSED(EINVAL, "side", NONE,
            conformal_batch_order_rank(3, 2, 1, 0.1, SIDE_9, &k, p, &e));
    REFUSED(EINVAL, "bound", NONE,
            conformal_batch_order_rank(3, 2, 1, 0.1, CONFORMAL_BATCH_LOWER, NULL, p, &e));
    REFUSED(EINVAL, "side", NONE, conformal_batch_order_size(2, 1, 0.1, SIDE_9, &k, &e));
    REFUSED(EDOM, "rank", NONE,
            conformal_batch_order_size(2, 3, 0.1, CONFORMAL_BATCH_UPPER, &k, &e));
    ck_assert(p[0] == -7 && p[3] == -7 && k == 77);
}
END_TEST

START_TEST(wrong_joint_laws_are_refused)
{
    const conformal_batch_side both = CONFORMAL_BATCH_BOTH;
    conformal_batch_order o[2] = {{1, both, 1, 4}, {2, both, 1, 4}}, rank = {3, both, 1, 4};
    conformal_batch_order low = {1, both, 0, 4}, high = {1, both, 1, 5},
                          cross = {1, both, 3, 2};
    conformal_batch_order code = {1, SIDE_9, 1, 4};
    double c = -7;
    size_t p = 77, q = 77;
    conformal_batch_region region = CONFORMAL_BATCH_EQUAL;
#define COVERAGE(n, m, o, count, c) conformal_batch_joint_coverage(n, m, o, count, NULL, c, &e)
#define RANKS(n, m, o, count, alpha) \
    conformal_batch_joint_ranks(n, m, o, count, alpha, NULL, &c, &e)
#define PAIR(first, second, alpha, p, q) \
    conformal_batch_pair_ranks(3, 2, first, second, alpha, region, NULL, p, q, &c, &e)
    REFUSED(EINVAL, "m", NONE, COVERAGE(3, 0, o, 2, &c));
    REFUSED(EINVAL, "n_orders", NONE, COVERAGE(3, 2, o, 0, &c));
    REFUSED(EINVAL, "orders", NONE, COVERAGE(3, 2, NULL, 2, &c));
    REFUSED(EINVAL, "coverage", NONE, COVERAGE(3, 2, o, 2, NULL));
    REFUSED(EDOM, "n", NONE, COVERAGE(MANY, 2, o, 2, &c));
    REFUSED(EDOM, "orders", 0, COVERAGE(3, 2, &rank, 1, &c));
    REFUSED(EDOM, "orders", 0, COVERAGE(3, 2, &low, 1, &c));
    REFUSED(EDOM, "orders", 0, COVERAGE(3, 2, &high, 1, &c));
    REFUSED(EDOM, "orders", 0, COVERAGE(3, 2, &cross, 1, &c));
    o[1].rank = 3;
    REFUSED(EDOM, "orders", 1, RANKS(3, 2, o, 2, 0.1));
    o[1].rank = 2;
    REFUSED(EDOM, "alpha", NONE, RANKS(3, 2, o, 2, 1.1));
    REFUSED(EINVAL, "n_orders", NONE, RANKS(3, 2, o, 0, 0.1));
    REFUSED(EINVAL, "orders", 0, RANKS(3, 2, &code, 1, 0.1));
    ck_assert(o[0].lower == 1 && o[0].upper == 4 && o[1].lower == 1 && o[1].upper == 4);
    ck_assert(code.lower == 1 && code.upper == 4);
    REFUSED(EDOM, "first", NONE, PAIR(0, 2, 0.1, &p, &q));
    REFUSED(EDOM, "first", NONE, PAIR(2, 2, 0.1, &p, &q));
    REFUSED(EDOM, "first", NONE, PAIR(1, 3, 0.1, &p, &q));
    REFUSED(EDOM, "alpha", NONE, PAIR(1, 2, -1, &p, &q));
    REFUSED(EINVAL, "p", NONE, PAIR(1, 2, 0.1, NULL, &q));
    REFUSED(EINVAL, "q", NONE, PAIR(1, 2, 0.1, &p, NULL));
    region = (conformal_batch_region)9;
    REFUSED(EINVAL, "region", NONE, PAIR(1, 2, 0.1, &p, &q));
    ck_assert(c == -7 && p == 77 && q == 77);
}
END_TEST

START_TEST(wrong_strata_are_refused)
{
    const conformal_batch_side up = CONFORMAL_BATCH_UPPER;
    double c = -7;
    size_t zero[] = {0, 0}, some[] = {3, 3}, bounds[2] = {77, 77};
#define STRATA(n, m, strata, rank, alpha, side, bounds) \
    conformal_batch_strata_ranks(n, m, strata, rank, alpha, side, NULL, bounds, &c, &e)
    REFUSED(EINVAL, "n_strata", NONE, STRATA(some, some, 0, 1, 0.1, up, bounds));
    REFUSED(EINVAL, "n", NONE, STRATA(NULL, some, 2, 1, 0.1, up, bounds));
    REFUSED(EINVAL, "m", NONE, STRATA(some, NULL, 2, 1, 0.1, up, bounds));
    REFUSED(EDOM, "rank", NONE, STRATA(some, some, 2, 7, 0.1, up, bounds));
    REFUSED(EDOM, "rank", NONE, STRATA(some, zero, 2, 1, 0.1, up, bounds));
    REFUSED(EDOM, "alpha", NONE, STRATA(some, some, 2, 1, 2, up, bounds));
    REFUSED(EINVAL, "side", NONE, STRATA(some, some, 2, 1, 0.1, SIDE_9, bounds));
    REFUSED(EINVAL, "bounds", NONE, STRATA(some, some, 2, 1, 0.1, up, NULL));
    ck_assert(c == -7 && bounds[0] == 77 && bounds[1] == 77);
}
END_TEST

START_TEST(wrong_sums_are_refused)
{
    int32_t costs[] = {1, 2, 3, 4}, large[] = {0, 1 << 30, 0, 0};
    int64_t q = 77;
    double c = -7;
#define RANK_SUM(n, m, cap, alpha, q) \
    conformal_batch_rank_sum(n, m, cap, alpha, NULL, q, &c, &e)
#define COST_SUM(costs, n, m, alpha, q) \
    conformal_batch_cost_sum(costs, n, m, alpha, NULL, q, &c, &e)
    REFUSED(EINVAL, "m", NONE, RANK_SUM(3, 0, 4, 0.1, &q));
    REFUSED(EDOM, "alpha", NONE, RANK_SUM(3, 2, 4, 1.5, &q));
    REFUSED(EDOM, "cap", NONE, RANK_SUM(3, 2, 0, 0.1, &q));
    REFUSED(EDOM, "cap", NONE, RANK_SUM(3, 2, 5, 0.1, &q));
    REFUSED(EINVAL, "budget", NONE, RANK_SUM(3, 2, 4, 0.1, NULL));
    REFUSED(EDOM, "n", NONE, RANK_SUM((size_t)1 << 40, (size_t)1 << 13, 1, 0.1, &q));
    REFUSED(EDOM, "n", NONE, RANK_SUM((size_t)1 << 40, 2, (size_t)1 << 40, 0.1, &q));
    REFUSED(EINVAL, "m", NONE, COST_SUM(costs, 3, 0, 0.1, &q));
    REFUSED(EDOM, "alpha", NONE, COST_SUM(costs, 3, 2, -0.5, &q));
    REFUSED(EINVAL, "costs", NONE, COST_SUM(NULL, 3, 2, 0.1, &q));
    REFUSED(EINVAL, "budget", NONE, COST_SUM(costs, 3, 2, 0.1, NULL));
    REFUSED(EDOM, "costs", NONE, COST_SUM(large, 3, 2, 0.1, &q));
    ck_assert(q == 77 && c == -7);
}
END_TEST

START_TEST(wrong_claims_are_refused)
{
    static const double x[] = {1, 2, 3}, nan[] = {1, (double)NAN, 3};
    static const unsigned char null[3] = {0};
    const conformal_batch_side up = CONFORMAL_BATCH_UPPER;
    size_t low = 77, high = 77;
    double p = -7, t = -7;
    REFUSED(EINVAL, "m", NONE, conformal_batch_count(1, 3, 0, 0.1, up, &low, &high, &e));
    REFUSED(EDOM, "above", NONE, conformal_batch_count(4, 3, 2, 0.1, up, &low, &high, &e));
    REFUSED(EDOM, "alpha", NONE, conformal_batch_count(1, 3, 2, 7, up, &low, &high, &e));
    REFUSED(EDOM, "n", NONE, conformal_batch_count(1, MANY, 2, 0.1, up, &low, &high, &e));
    REFUSED(EINVAL, "side", NONE,
            conformal_batch_count(1, 3, 2, 0.1, SIDE_9, &low, &high, &e));
    REFUSED(EINVAL, "lower", NONE, conformal_batch_count(1, 3, 2, 0.1, up, NULL, &high, &e));
    REFUSED(EINVAL, "upper", NONE, conformal_batch_count(1, 3, 2, 0.1, up, &low, NULL, &e));
#define SELECT(x, null, n, m, mistakes, alpha, t) \
    conformal_batch_select(x, null, n, m, mistakes, alpha, NULL, t, &low, &p, &e)
    REFUSED(EINVAL, "prediction", NONE, SELECT(NULL, null, 3, 2, 0, 0.1, &t));
    REFUSED(ENAN, "prediction", 1, SELECT(nan, null, 3, 2, 0, 0.1, &t));
    REFUSED(EINVAL, "null", NONE, SELECT(x, NULL, 3, 2, 0, 0.1, &t));
    REFUSED(EINVAL, "m", NONE, SELECT(x, null, 3, 0, 0, 0.1, &t));
    REFUSED(EDOM, "mistakes", NONE, SELECT(x, null, 3, 2, 2, 0.1, &t));
    REFUSED(EDOM, "alpha", NONE, SELECT(x, null, 3, 2, 0, -0.1, &t));
    REFUSED(EDOM, "m", NONE, SELECT(x, null, 3, MANY, 0, 0.1, &t));
    REFUSED(EINVAL, "threshold", NONE, SELECT(x, null, 3, 2, 0, 0.1, NULL));
#define PVALUE(scores, n, batch, m, z, p) \
    conformal_batch_pvalue(scores, n, batch, m, z, NULL, &low, p, &e)
    REFUSED(ENAN, "scores", 1, PVALUE(nan, 3, x, 3, 0, &p));
    REFUSED(EINVAL, "scores", NONE, PVALUE(NULL, 3, x, 3, 0, &p));
    REFUSED(ENAN, "batch", 1, PVALUE(x, 3, nan, 3, 0, &p));
    REFUSED(EINVAL, "batch", NONE, PVALUE(x, 3, NULL, 3, 0, &p));
    REFUSED(EINVAL, "m", NONE, PVALUE(x, 3, x, 0, 0, &p));
    REFUSED(EDOM, "rank", NONE, PVALUE(x, 3, x, 3, 4, &p));
    REFUSED(EINVAL, "p_value", NONE, PVALUE(x, 3, x, 3, 0, NULL));
    ck_assert(low == 77 && high == 77 && p == -7 && t == -7);
}
END_TEST

/* Statistics and costs that may fail. */
static double first(void *user, const double *sorted, size_t m)
{
    (void)user;
    return m > 0 ? sorted[0] : 0;
}

static double not_a_number(void *user, const double *sorted, size_t m)
{
    (void)user;
    return sorted[m - 1] >= 0 ? (double)NAN : 1;
}

static double rank_cost(void *user, const size_t *ranks, size_t m)
{
    (void)user;
    return ranks[m - 1] > 1 ? (double)NAN : 1;
}

START_TEST(wrong_monotone_statistics_are_refused)
{
    static const double x[] = {1, 2, 3}, nan[] = {1, (double)NAN, 3};
    const conformal_batch_side up = CONFORMAL_BATCH_UPPER;
    double l = -7, u = -7, c = -7;
#define MONOTONE(x, n, m, f, alpha, side, low, lower, upper) \
    conformal_batch_monotone(x, n, m, f, NULL, alpha, side, low, 9, 9, 1, NULL, lower, upper, \
                             &c, &e)
    REFUSED(ENAN, "scores", 1, MONOTONE(nan, 3, 2, first, 0.5, up, 0, &l, &u));
    REFUSED(EINVAL, "scores", NONE, MONOTONE(NULL, 3, 2, first, 0.5, up, 0, &l, &u));
    REFUSED(EDOM, "scores", 0, MONOTONE(x, 3, 2, first, 0.5, up, 1.5, &l, &u));
    REFUSED(EINVAL, "m", NONE, MONOTONE(x, 3, 0, first, 0.5, up, 0, &l, &u));
    REFUSED(EINVAL, "function", NONE, MONOTONE(x, 3, 2, NULL, 0.5, up, 0, &l, &u));
    REFUSED(ENAN, "function", NONE, MONOTONE(x, 3, 2, not_a_number, 0.5, up, 0, &l, &u));
    REFUSED(EDOM, "alpha", NONE, MONOTONE(x, 3, 2, first, 2, up, 0, &l, &u));
    REFUSED(EINVAL, "side", NONE, MONOTONE(x, 3, 2, first, 0.5, SIDE_9, 0, &l, &u));
    REFUSED(EINVAL, "lower", NONE, MONOTONE(x, 3, 2, first, 0.5, up, 0, NULL, &u));
    REFUSED(EINVAL, "upper", NONE, MONOTONE(x, 3, 2, first, 0.5, up, 0, &l, NULL));
#define CARLO(n, m, cost, alpha, q) \
    conformal_batch_monte_carlo(n, m, cost, NULL, alpha, 9, 1, NULL, q, &e)
    REFUSED(EINVAL, "m", NONE, CARLO(3, 0, rank_cost, 0.5, &c));
    REFUSED(EDOM, "n", NONE, CARLO(MANY, 2, rank_cost, 0.5, &c));
    REFUSED(EINVAL, "cost", NONE, CARLO(3, 2, NULL, 0.5, &c));
    REFUSED(EDOM, "alpha", NONE, CARLO(3, 2, rank_cost, -1, &c));
    REFUSED(EINVAL, "quantile", NONE, CARLO(3, 2, rank_cost, 0.5, NULL));
    REFUSED(ENAN, "cost", 0, CARLO(1000, 2, rank_cost, 0.5, &c));
    ck_assert(l == -7 && u == -7 && c == -7);
}
END_TEST

START_TEST(wrong_baselines_and_weights_are_refused)
{
    static const double x[] = {1, 2, 3}, nan[] = {1, (double)NAN, 3}, less[] = {1, -1, 3};
    static const double infinite[] = {1, 2, HUGE_VAL};
    const conformal_batch_side up = CONFORMAL_BATCH_UPPER;
    double l = -7, u = -7;
    unsigned char keep[3] = {9, 9, 9};
    size_t kept = 77;
#define BASELINE(code, x, m, f, alpha, side, lower, upper)                              \
    conformal_batch_baseline_bounds((conformal_batch_baseline)(code), x, 3, m, f, NULL, \
                                    alpha, side, 0, 9, 1, NULL, lower, upper, &e)
    for (int code = 1; code <= 3; code++) {
        REFUSED(ENAN, "scores", 1, BASELINE(code, nan, 2, first, 0.5, up, &l, &u));
        REFUSED(EINVAL, "scores", NONE, BASELINE(code, NULL, 2, first, 0.5, up, &l, &u));
        REFUSED(EINVAL, "m", NONE, BASELINE(code, x, 0, first, 0.5, up, &l, &u));
        REFUSED(EINVAL, "function", NONE, BASELINE(code, x, 2, NULL, 0.5, up, &l, &u));
        REFUSED(ENAN, "function", NONE, BASELINE(code, x, 2, not_a_number, 0.5, up, &l, &u));
        REFUSED(EDOM, "alpha", NONE, BASELINE(code, x, 2, first, 1.5, up, &l, &u));
        REFUSED(EINVAL, "lower", NONE, BASELINE(code, x, 2, first, 0.5, up, NULL, &u));
        REFUSED(EINVAL, "upper", NONE, BASELINE(code, x, 2, first, 0.5, up, &l, NULL));
        REFUSED(EINVAL, "side", NONE, BASELINE(code, x, 2, first, 0.5, SIDE_9, &l, &u));
    }
    REFUSED(EINVAL, "baseline", NONE, BASELINE(0, x, 2, first, 0.5, up, &l, &u));
    REFUSED(EINVAL, "baseline", NONE, BASELINE(4, x, 2, first, 0.5, up, &l, &u));
    REFUSED(ENAN, "weights", 1, conformal_batch_reject(nan, 3, 3, 1, keep, &kept, &e));
    REFUSED(EINVAL, "weights", NONE, conformal_batch_reject(NULL, 3, 3, 1, keep, &kept, &e));
    REFUSED(EDOM, "weights", 1, conformal_batch_reject(less, 3, 3, 1, keep, &kept, &e));
    REFUSED(EDOM, "weights", 2, conformal_batch_reject(x, 3, 2.5, 1, keep, &kept, &e));
    REFUSED(EDOM, "weights", 2, conformal_batch_reject(infinite, 3, 9, 1, keep, &kept, &e));
    REFUSED(EDOM, "most", NONE, conformal_batch_reject(x, 3, 0, 1, keep, &kept, &e));
    REFUSED(EDOM, "most", NONE, conformal_batch_reject(x, 3, HUGE_VAL, 1, keep, &kept, &e));
    REFUSED(EDOM, "most", NONE, conformal_batch_reject(x, 3, (double)NAN, 1, keep, &kept, &e));
    REFUSED(EINVAL, "keep", NONE, conformal_batch_reject(x, 3, 3, 1, NULL, &kept, &e));
    ck_assert(l == -7 && u == -7 && keep[0] == 9 && keep[2] == 9 && kept == 77);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refused");
    TCase *tc = tcase_create("refused");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, wrong_order_laws_are_refused);
    tcase_add_test(tc, wrong_joint_laws_are_refused);
    tcase_add_test(tc, wrong_strata_are_refused);
    tcase_add_test(tc, wrong_sums_are_refused);
    tcase_add_test(tc, wrong_claims_are_refused);
    tcase_add_test(tc, wrong_monotone_statistics_are_refused);
    tcase_add_test(tc, wrong_baselines_and_weights_are_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
