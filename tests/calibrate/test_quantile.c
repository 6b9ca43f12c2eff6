/* test_quantile.c - conformal thresholds, plain, by level and weighted.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <string.h>

#include "conformal/quantile.h"
#include "conformal/random.h"
#include "oom.h"
#include "oracle/core_split.h"
#include "oracle/core_weighted.h"

enum { N_VALUES = sizeof quantile_values_v / sizeof(double),
       N_LEVELS = sizeof quantile_values_alpha / sizeof(double) };

START_TEST(thresholds_are_the_oracle_s)
{
    double several[N_LEVELS];
    for (int a = 0; a < N_LEVELS; a++) {
        double q = 7, mirrored[N_VALUES], minus;
        assert_ok(conformal_quantile(quantile_values_v, N_VALUES, quantile_values_alpha[a],
                                     NULL, &q, err));
        assert_close(q, quantile_values_want_q_hi[a], 0);
        assert_ok(conformal_lower_quantile(quantile_values_v, N_VALUES,
                                           quantile_values_alpha[a], NULL, &q, err));
        assert_close(q, quantile_values_want_q_lo[a], 0);
        for (int i = 0; i < N_VALUES; i++)
            mirrored[i] = -quantile_values_v[i];
        assert_ok(conformal_quantile(mirrored, N_VALUES, quantile_values_alpha[a], NULL,
                                     &minus, err));
        assert_close(q, -minus, 0);
    }
    assert_ok(conformal_quantiles(quantile_values_v, N_VALUES, quantile_values_alpha, N_LEVELS,
                                  NULL, several, err));
    for (int a = 0; a < N_LEVELS; a++)
        assert_close(several[a], quantile_values_want_q_hi[a], 0);
}
END_TEST

START_TEST(no_scores_promise_nothing_finite)
{
    double q = 7;
    assert_ok(conformal_quantile(NULL, 0, 0.1, NULL, &q, err));
    assert_close(q, HUGE_VAL, 0);
    assert_ok(conformal_quantile(NULL, 0, 1.0, NULL, &q, err));
    assert_close(q, -HUGE_VAL, 0);
}
END_TEST

START_TEST(infinite_scores_are_ordinary)
{
    static const double scores[] = {1, 2, HUGE_VAL};
    double q;
    assert_ok(conformal_quantile(scores, 3, 0.5, NULL, &q, err));
    assert_close(q, 2, 0);
    assert_ok(conformal_quantile(scores, 3, 0.25, NULL, &q, err));
    assert_close(q, HUGE_VAL, 0);
}
END_TEST

START_TEST(a_nan_score_is_an_error_that_names_the_score)
{
    static const double scores[] = {2.385, 1.75, (double)NAN, 0.5};
    conformal_error err;
    double q = -1.0;
    ck_assert_int_eq(conformal_quantile(scores, 4, 0.5, NULL, &q, &err), CONFORMAL_ENAN);
    ck_assert_str_eq(err.argument, "scores");
    ck_assert_uint_eq(err.index, 2);
    ck_assert_str_eq(err.message, "score 2 is NaN");
    assert_close(q, -1.0, 0);
    ck_assert_int_eq(conformal_quantile(NULL, 4, 0.5, NULL, &q, &err), CONFORMAL_EINVAL);
    ck_assert_int_eq(conformal_quantile(scores, 2, 1.5, NULL, &q, &err), CONFORMAL_EDOM);
    ck_assert_str_eq(err.message, "alpha must be between 0 and 1, not 1.5");
}
END_TEST

/* Conservative p-value of a score among n. */
static double p_value(const double *scores, size_t n, double s)
{
    size_t at_least = 1;
    for (size_t i = 0; i < n; i++)
        at_least += scores[i] >= s;
    return (double)at_least / (double)(n + 1);
}

START_TEST(set_from_threshold_is_set_from_p_value) /* ties and all */
{
    double scores[30];
    for (uint64_t seed = 0; seed < 400; seed++) {
        size_t n = (size_t)(30 * conformal_uniform(seed, 0, 1000));
        for (size_t i = 0; i < n; i++)
            scores[i] = floor(8 * conformal_uniform(seed, 1, i));
        for (int j = 0; j <= 20; j++) {
            double q, alpha = j / 20.0;
            assert_ok(conformal_quantile(scores, n, alpha, NULL, &q, err));
            for (double s = -0.5; s < 8; s += 0.5)
                ck_assert((s <= q) == (p_value(scores, n, s) > alpha + 1e-12));
        }
    }
}
END_TEST

/* All orders of the pool: each element once the new one. Coverage is a count. */
START_TEST(coverage_is_exact_over_all_orders)
{
    static const double pools[][7] = {
        {3, 1, 4, 1.5, 9, 2, 6}, {1, 1, 2, 2, 2, 3, 3}, {5, 5, 5, 5, 5, 5, 5}};
    for (size_t m = 2; m <= 7; m++) /* m = n + 1 */
        for (int j = 0; j <= 40; j++) {
            double alpha = j / 40.0;
            size_t covered = 0, rank;
            for (size_t out = 0; out < m; out++) {
                double others[6], q;
                for (size_t i = 0, k = 0; i < m; i++)
                    if (i != out)
                        others[k++] = pools[_i][i];
                assert_ok(conformal_quantile(others, m - 1, alpha, NULL, &q, err));
                covered += pools[_i][out] <= q;
            }
            assert_ok(conformal_rank(m - 1, alpha, &rank, err));
            ck_assert((double)covered >= (1.0 - alpha) * (double)m - 1e-9);
            if (_i == 0) /* no ties: exactly rank / (n + 1) */
                ck_assert_uint_eq(covered, rank);
        }
}
END_TEST

START_TEST(weighted_thresholds_are_the_oracle_s)
{
    size_t n = sizeof covshift_score_cal / sizeof(double);
    for (size_t t = 0; t < sizeof covshift_w_test / sizeof(double); t++) {
        double q;
        assert_ok(conformal_weighted_quantile(covshift_score_cal, covshift_w_cal, n,
                                              covshift_w_test[t], covshift_alpha[0], NULL, &q,
                                              err));
        assert_close(q, covshift_want_q[t], 0);
    }
}
END_TEST

START_TEST(equal_weights_are_no_weights) /* R4 */
{
    size_t n = sizeof equal_weights_equals_split_score_cal / sizeof(double);
    const double *scores = equal_weights_equals_split_score_cal;
    for (int j = 0; j <= 1000; j++) {
        double q, plain, alpha = j / 1000.0;
        assert_ok(conformal_weighted_quantile(scores, equal_weights_equals_split_w_cal, n, 3.7,
                                              alpha, NULL, &q, err));
        assert_ok(conformal_quantile(scores, n, alpha, NULL, &plain, err));
        assert_close(q, plain, 0);
    }
    double zero[2] = {0, 0}, q;
    assert_ok(conformal_weighted_quantile(scores, zero, 2, 0, 0.1, NULL, &q, err));
    assert_close(q, HUGE_VAL, 0);
    static const double bad[] = {1, -1};
    q = 7;
    ck_assert_int_eq(conformal_weighted_quantile(scores, bad, 2, 1, 0.1, NULL, &q, NULL),
                     CONFORMAL_EDOM);
    assert_close(q, 7, 0);
    assert_ok(
        conformal_weighted_quantile(scores, covshift_w_cal, 5, 1e-20, 0.0, NULL, &q, err));
    assert_close(q, HUGE_VAL, 0);
}
END_TEST

START_TEST(every_allocation_failure_is_survived)
{
    static const double scores[] = {2.385, 1.75, 0.125}, weights[] = {1, 2, 3};
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        double t = -1.0;
        status = conformal_quantile(scores, 3, 0.5, &a, &t, NULL);
        oom_check(&oom, status);
        assert_close(t, status == CONFORMAL_OK ? 1.75 : -1.0, 0);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 1);
    struct oom weighted = OOM_INIT;
    do {
        conformal_allocator a = oom_next(&weighted);
        double t = -1.0;
        status = conformal_weighted_quantile(scores, weights, 3, 1.5, 0.5, &a, &t, NULL);
        oom_check(&weighted, status);
        ck_assert(status == CONFORMAL_OK || t == -1.0);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&weighted, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantile");
    TCase *tc = tcase_create("quantile");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, thresholds_are_the_oracle_s);
    tcase_add_test(tc, no_scores_promise_nothing_finite);
    tcase_add_test(tc, infinite_scores_are_ordinary);
    tcase_add_test(tc, a_nan_score_is_an_error_that_names_the_score);
    tcase_add_test(tc, set_from_threshold_is_set_from_p_value);
    tcase_add_loop_test(tc, coverage_is_exact_over_all_orders, 0, 3);
    tcase_add_test(tc, weighted_thresholds_are_the_oracle_s);
    tcase_add_test(tc, equal_weights_are_no_weights);
    tcase_add_test(tc, every_allocation_failure_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
