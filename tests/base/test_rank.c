/* test_rank.c - ranks against integer arithmetic.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "base/rank.h"
#include "conformal/quantile.h"
#include "oracle/core_split.h"

START_TEST(ranks_are_exact_for_all_n_to_2000_and_thousandths) /* R1, R2, R3 */
{
    size_t naive_wrong = 0, wrong = 0; /* an assertion a pair would cost most of the time */
    for (size_t n = 0; n <= 2000; n++)
        for (size_t j = 0; j <= 1000; j++) {
            double alpha = (double)j / 1000.0; /* the double nearest to the decimal */
            size_t lower = (n + 1) * j / 1000, upper = ((n + 1) * (1000 - j) + 999) / 1000;
            wrong += cf_lower_rank(n, alpha) != lower || cf_rank(n, alpha) != upper;
            naive_wrong += (size_t)ceil((double)(n + 1) * (1.0 - alpha)) != upper;
        }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_gt(naive_wrong, 1000); /* or this test would prove nothing */
}
END_TEST

START_TEST(ranks_are_those_of_the_oracle)
{
    size_t n_cases = sizeof quantile_index_table_want_k_hi / sizeof(double);
    for (size_t i = 0; i < n_cases; i++) {
        size_t n = (size_t)quantile_index_table_n_alpha[2 * i], rank;
        double alpha = quantile_index_table_n_alpha[2 * i + 1];
        assert_ok(conformal_rank(n, alpha, &rank, err));
        ck_assert_uint_eq(rank, (size_t)quantile_index_table_want_k_hi[i]);
        assert_ok(conformal_lower_rank(n, alpha, &rank, err));
        ck_assert_uint_eq(rank, (size_t)quantile_index_table_want_k_lo[i]);
    }
}
END_TEST

START_TEST(halves_of_decimals_are_exact_too) /* alpha/2 of two-sided scores */
{
    size_t wrong = 0;
    for (size_t n = 0; n <= 2000; n++)
        for (size_t j = 0; j <= 1000; j++)
            wrong += cf_lower_rank(n, (double)j / 1000.0 / 2.0) != (n + 1) * j / 2000;
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(large_n_keeps_its_digits)
{
    ck_assert_uint_eq(cf_rank(999999999, 0.1), 900000000);
    ck_assert_uint_eq(cf_rank(999999999999, 0.001), 999000000000);
    ck_assert_uint_eq(cf_rank(1000000000, 0.1), 900000001);
}
END_TEST

START_TEST(an_alpha_outside_0_to_1_is_refused)
{
    static const double bad[] = {-0.1, 1.2, (double)NAN, HUGE_VAL};
    conformal_error err;
    size_t rank = 77;
    ck_assert_int_eq(conformal_rank(9, bad[_i], &rank, &err), CONFORMAL_EDOM);
    ck_assert_str_eq(err.argument, "alpha");
    ck_assert_uint_eq(rank, 77);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rank");
    TCase *tc = tcase_create("rank");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, ranks_are_exact_for_all_n_to_2000_and_thousandths);
    tcase_add_test(tc, ranks_are_those_of_the_oracle);
    tcase_add_test(tc, halves_of_decimals_are_exact_too);
    tcase_add_test(tc, large_n_keeps_its_digits);
    tcase_add_loop_test(tc, an_alpha_outside_0_to_1_is_refused, 0, 4);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
