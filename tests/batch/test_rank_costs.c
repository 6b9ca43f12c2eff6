/* test_rank_costs.c - rank costs from a pilot, and for scores of which nothing is known.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/batch.h"
#include "enumerate.h"

static const conformal_batch_side sides[] = {CONFORMAL_BATCH_BOTH, CONFORMAL_BATCH_UPPER,
                                             CONFORMAL_BATCH_LOWER};

static void heavy(size_t n, conformal_batch_side side, size_t grid, int32_t *costs)
{
    assert_ok(conformal_batch_heavy_costs(n, side, grid, costs, err));
}

/* Costs are legal, rise, and start at 0. */
static void check_costs(const int32_t *costs, size_t n)
{
    ck_assert_int_eq(costs[0], 0);
    for (size_t k = 1; k <= n; k++)
        ck_assert(costs[k] >= costs[k - 1] && costs[k] <= 1 << 24);
}

START_TEST(heavy_costs_are_student_quantiles)
{
    static int32_t costs[401];
    for (size_t n = 2; n <= 400; n += 57)
        for (size_t grid = 10; grid <= 1000; grid *= 10)
            for (int floored = 0; floored < 2; floored++) {
                double ranks = (double)n + 1, t[401];
                heavy(n, sides[floored], grid, costs);
                check_costs(costs, n);
                ck_assert_int_eq(costs[n - 1], (int32_t)grid); /* rank n */
                for (size_t k = 0; k <= n;
                     k++) { /* t2, unlike a mean, has a quantile in closed form */
                    double p = ((double)k + 0.5) / ranks;
                    t[k] = (2 * p - 1) / sqrt(2 * p * (1 - p));
                    if (floored)
                        t[k] = fmax(t[k], (2 * 0.05 - 1) / sqrt(2 * 0.05 * 0.95));
                }
                for (size_t k = 0; k <= n; k++) {
                    double want = (double)grid * (t[k] - t[0]) / (t[n - 1] - t[0]);
                    ck_assert(fabs(costs[k] - want) <= 0.5 + 1e-9);
                }
            }
}
END_TEST

START_TEST(lower_costs_mirror_upper_ones)
{
    static int32_t upper[301], lower[301], pilot_upper[301], pilot_lower[301];
    static double pilot[200], negated[200];
    uint64_t at = 3;
    for (size_t i = 0; i < 200; i++)
        negated[i] = -(pilot[i] = -log(draw(&at)));
    for (size_t n = 0; n <= 300; n += 25) {
        double origin[2] = {0, 0}, step[2] = {0, 0};
        heavy(n, CONFORMAL_BATCH_UPPER, 500, upper);
        heavy(n, CONFORMAL_BATCH_LOWER, 500, lower);
        assert_ok(conformal_batch_pilot_costs(pilot, 200, n, CONFORMAL_BATCH_UPPER, 500,
                                              &origin[0], &step[0], NULL, pilot_upper, err));
        assert_ok(conformal_batch_pilot_costs(negated, 200, n, CONFORMAL_BATCH_LOWER, 500,
                                              &origin[1], &step[1], NULL, pilot_lower, err));
        ck_assert(origin[0] == origin[1] && step[0] == step[1]);
        for (size_t k = 0; k <= n; k++) {
            ck_assert_int_eq(lower[k], upper[n] - upper[n - k]);
            ck_assert_int_eq(pilot_lower[k], pilot_upper[n] - pilot_upper[n - k]);
        }
    }
}
END_TEST

START_TEST(few_ranks_have_costs_too)
{
    static const double pilot[] = {1, 2, 4};
    for (int s = 0; s < 3; s++)
        for (size_t n = 0; n <= 3; n++) {
            int32_t costs[4];
            double origin = 0, step = 0;
            heavy(n, sides[s], 7, costs);
            check_costs(costs, n);
            ck_assert((costs[n] > 0) == (n > 0));
            assert_ok(conformal_batch_pilot_costs(pilot, 3, n, sides[s], 7, &origin, &step,
                                                  NULL, costs, err));
            check_costs(costs, n);
            ck_assert((costs[n] > 0) == (n > 0));
        }
}
END_TEST

/* 4 scores: the quantile at p lies between order statistics at 4p - 1/2. */
START_TEST(pilot_costs_count_steps_from_a_given_origin)
{
    static const double pilot[] = {4, 1, 3, 2};
    static const int32_t want[] = {0, 2, 5, 8, 10};
    int32_t costs[5];
    double origin = 1, step = 0.3;
    assert_ok(conformal_batch_pilot_costs(pilot, 4, 4, CONFORMAL_BATCH_BOTH, 0, &origin, &step,
                                          NULL, costs, err));
    for (size_t k = 0; k < 5; k++) /* 1, 1.7, 2.5, 3.3, 4 */
        ck_assert_int_eq(costs[k], want[k]);
    ck_assert(origin == 1 && step == 0.3);
    origin = 2; /* below the origin nothing is left to count */
    assert_ok(conformal_batch_pilot_costs(pilot, 4, 4, CONFORMAL_BATCH_BOTH, 0, &origin, &step,
                                          NULL, costs, err));
    ck_assert(costs[0] == 0 && costs[1] == 0 && costs[4] == 7);
}
END_TEST

START_TEST(plain_pilot_costs_are_the_pilot_s_quantiles)
{
    static double pilot[399];
    static int32_t costs[400];
    double origin = 0, step = 0;
    for (size_t i = 0; i < 399;
         i++) /* in some order */
        pilot[(i * 8) % 399] = -log1p(-((double)i + 0.5) / 399);
    assert_ok(conformal_batch_pilot_costs(pilot, 399, 398, CONFORMAL_BATCH_BOTH, 1000, &origin,
                                          &step, NULL, costs, err));
    check_costs(costs, 398);
    ck_assert_int_eq(costs[397], 1000);
    for (size_t k = 0; k <= 398; k++) {
        double want = -log1p(-((double)k + 0.5) / 399);
        ck_assert(fabs(origin + step * costs[k] - want) <= 0.5001 * step);
    }
}
END_TEST

/* The lowest 5 % cost alike; above the highest tenth the Pareto tail of Hill's index, measured
 * from the median, goes on beyond what has been seen. */
START_TEST(upper_pilot_costs_have_a_floor_and_a_tail)
{
    static double pilot[999];
    static int32_t plain[5000], upper[5000];
    double origin = -1, step = 0.001, index = 0;
    for (size_t i = 0; i < 999; i++)
        pilot[i] = 1 / sqrt(1 - ((double)i + 0.5) / 999);
    double middle = pilot[499], base = pilot[899] - middle, share = 99.0 / 999;
    for (size_t i = 900; i < 999; i++)
        index += log((pilot[i] - middle) / base) / 99;
    ck_assert(index > 0.5 && index < 1);
    assert_ok(conformal_batch_pilot_costs(pilot, 999, 4999, CONFORMAL_BATCH_BOTH, 0, &origin,
                                          &step, NULL, plain, err));
    assert_ok(conformal_batch_pilot_costs(pilot, 999, 4999, CONFORMAL_BATCH_UPPER, 0, &origin,
                                          &step, NULL, upper, err));
    for (size_t k = 0; k < 5000; k++) {
        double p = ((double)k + 0.5) / 5000;
        double tail = middle + base * pow(share / (1 - p), index);
        if (p < 0.0499)
            ck_assert_int_eq(upper[k], upper[0]);
        else if (p > 0.0505 && p < 1 - share - 0.001)
            ck_assert_int_eq(upper[k], plain[k]);
        else if (p > 1 - share + 0.001)
            ck_assert(fabs(upper[k] - (tail + 1) / step) <= 0.51);
    }
    ck_assert(upper[0] > plain[0]);
    ck_assert_int_eq(plain[4999], plain[4998]); /* the largest that was seen */
    ck_assert(upper[4999] > upper[4998]);
}
END_TEST

START_TEST(infinite_pilot_scores_are_left_out)
{
    static const double with[] = {-HUGE_VAL, 1, 2, 3, 5, HUGE_VAL, HUGE_VAL, 4};
    static const double without[] = {1, 2, 3, 5, 4};
    for (int s = 0; s < 3; s++) {
        int32_t a[8], b[8];
        double origin[2] = {0, 0}, step[2] = {0, 0};
        assert_ok(conformal_batch_pilot_costs(with, 8, 7, sides[s], 100, &origin[0], &step[0],
                                              NULL, a, err));
        assert_ok(conformal_batch_pilot_costs(without, 5, 7, sides[s], 100, &origin[1],
                                              &step[1], NULL, b, err));
        ck_assert(origin[0] == origin[1] && step[0] == step[1]);
        for (size_t k = 0; k < 8; k++)
            ck_assert_int_eq(a[k], b[k]);
    }
}
END_TEST

START_TEST(extreme_pilots_give_legal_costs)
{
    static const double same[] = {2, 2, 2, 2, 2, 2, 2, 2};
    static const double wide[] = {-1.7e308, -1e308, -1, 0, 1, 2, 3, 1.7e308};
    static const double tiny[] = {0, 0, 0, 0, 0, 0, 5e-324, 1e-323};
    static const double jump[] = {0, 0, 0, 0, 0, 0, 0, 1e300};
    const double *pilots[] = {same, wide, tiny, jump};
    for (int i = 0; i < 4; i++)
        for (int s = 0; s < 3; s++) {
            int32_t costs[10];
            double origin = 0, step = 0;
            assert_ok(conformal_batch_pilot_costs(pilots[i], 8, 9, sides[s], 10, &origin,
                                                  &step, NULL, costs, err));
            ck_assert(step > 0 && step < HUGE_VAL && isfinite(origin));
            check_costs(costs, 9);
            ck_assert(i > 0 || costs[9] == 0);
            ck_assert(i != 1 || costs[9] > 0);
        }
}
END_TEST

START_TEST(wrong_pilots_are_refused)
{
    static const double fine[] = {1, 2}, nan[] = {1, (double)NAN},
                        all[] = {HUGE_VAL, -HUGE_VAL};
    static const struct {
        const double *pilot;
        size_t n, grid;
        double origin, step;
        int side;
        const char *argument;
        conformal_status status;
    } wrong[] = {{fine, 0, 9, 0, 0, 0, "n_pilot", CONFORMAL_EINVAL},
                 {NULL, 2, 9, 0, 0, 0, "pilot", CONFORMAL_EINVAL},
                 {nan, 2, 9, 0, 0, 0, "pilot", CONFORMAL_ENAN},
                 {all, 2, 9, 0, 0, 0, "pilot", CONFORMAL_EDOM},
                 {fine, 2, 0, 0, 0, 0, "grid", CONFORMAL_EINVAL},
                 {fine, 2, 9, 0, -1, 0, "step", CONFORMAL_EDOM},
                 {fine, 2, 9, 0, HUGE_VAL, 0, "step", CONFORMAL_EDOM},
                 {fine, 2, 9, HUGE_VAL, 1, 0, "step", CONFORMAL_EDOM},
                 {fine, 2, 9, 0, 0, 9, "side", CONFORMAL_EINVAL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int32_t costs[3] = {-5, -5, -5};
        double origin = wrong[i].origin, step = wrong[i].step;
        conformal_error err;
        ck_assert_int_eq(conformal_batch_pilot_costs(wrong[i].pilot, wrong[i].n, 2,
                                                     (conformal_batch_side)wrong[i].side,
                                                     wrong[i].grid, &origin, &step, NULL,
                                                     costs, &err),
                         wrong[i].status);
        ck_assert_str_eq(err.argument, wrong[i].argument);
        ck_assert(wrong[i].status != CONFORMAL_ENAN || err.index == 1);
        ck_assert(costs[0] == -5 && origin == wrong[i].origin && step == wrong[i].step);
    }
    int32_t costs[3] = {-5, -5, -5};
    ck_assert_int_eq(conformal_batch_heavy_costs(2, CONFORMAL_BATCH_UPPER, 0, costs, NULL),
                     CONFORMAL_EINVAL);
    ck_assert_int_eq(conformal_batch_heavy_costs(2, CONFORMAL_BATCH_UPPER, 9, NULL, NULL),
                     CONFORMAL_EINVAL);
    ck_assert_int_eq(conformal_batch_heavy_costs(2, (conformal_batch_side)9, 9, costs, NULL),
                     CONFORMAL_EINVAL);
    ck_assert(costs[0] == -5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rank costs");
    TCase *tc = tcase_create("rank costs");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, heavy_costs_are_student_quantiles);
    tcase_add_test(tc, lower_costs_mirror_upper_ones);
    tcase_add_test(tc, few_ranks_have_costs_too);
    tcase_add_test(tc, pilot_costs_count_steps_from_a_given_origin);
    tcase_add_test(tc, plain_pilot_costs_are_the_pilot_s_quantiles);
    tcase_add_test(tc, upper_pilot_costs_have_a_floor_and_a_tail);
    tcase_add_test(tc, infinite_pilot_scores_are_left_out);
    tcase_add_test(tc, extreme_pilots_give_legal_costs);
    tcase_add_test(tc, wrong_pilots_are_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
