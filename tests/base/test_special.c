/* test_special.c - the incomplete beta function and its relatives.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <gsl/gsl_errno.h>

#include "base/special.h"
#include "conformal/evaluate.h"
#include "conformal/random.h"
#include "oracle/beta.h"
#include "oracle/core_extra.h"
#include "oracle/core_metrics.h"

static int gsl_errors;

static void count_error(const char *reason, const char *file, int line, int number)
{
    (void)reason;
    (void)file;
    (void)line;
    (void)number;
    gsl_errors++;
}

START_TEST(the_incomplete_beta_is_r_s_in_both_tails_up_to_a_billion)
{
    double upper,
        lower = cf_beta_cdf(beta_cases[_i][0], beta_cases[_i][1], beta_cases[_i][2], &upper);
    ck_assert_msg(fabs(lower - beta_cases[_i][3]) <= 1e-13 + 1e-10 * beta_cases[_i][3] ||
                      fabs(lower / beta_cases[_i][3] - 1.0) <= 1e-9,
                  "I_x(%g, %g) at %.17g is %.17g, not %.17g", beta_cases[_i][0],
                  beta_cases[_i][1], beta_cases[_i][2], lower, beta_cases[_i][3]);
    ck_assert_msg(fabs(upper - beta_cases[_i][4]) <= 1e-13 + 1e-10 * beta_cases[_i][4],
                  "upper tail (%g, %g) at %.17g is %.17g, not %.17g", beta_cases[_i][0],
                  beta_cases[_i][1], beta_cases[_i][2], upper, beta_cases[_i][4]);
}
END_TEST

START_TEST(small_tails_keep_their_relative_accuracy)
{
    double lower = cf_beta_cdf(beta_cases[_i][0], beta_cases[_i][1], beta_cases[_i][2], NULL);
    double want = beta_cases[_i][3];
    ck_assert_msg(want < 1e-290 || fabs(lower / want - 1.0) < 2e-9, "%.17g, not %.17g", lower,
                  want);
}
END_TEST

START_TEST(the_inverse_inverts)
{
    double p = beta_cases[_i][3], q = beta_cases[_i][4], a = beta_cases[_i][0],
           b = beta_cases[_i][1];
    double upper;
    if (p < 1e-290 || q < 1e-290)
        return;
    double x = p <= q ? cf_beta_quantile(a, b, p) : cf_beta_quantile_upper(a, b, q);
    double back = cf_beta_cdf(a, b, x, &upper);
    if (p <= q)
        ck_assert_msg(fabs(back / p - 1.0) < 1e-6, "(%g, %g) %g: %g", a, b, p, back);
    else
        ck_assert_msg(fabs(upper / q - 1.0) < 1e-6, "(%g, %g) %g: %g", a, b, q, upper);
}
END_TEST

START_TEST(binomial_tails_are_the_exact_sums)
{
    for (size_t n = 1; n <= 20; n++)
        for (int j = 1; j < 20; j++) {
            double p = j / 20.0, term = pow(1.0 - p, (double)n), cdf = 0.0;
            for (size_t k = 0; k <= n; k++) {
                cdf += term;
                assert_near(cf_binomial_cdf(k, n, p), cdf, 1e-13);
                assert_near(cf_binomial_tail(k, n, p), 1.0 - cdf + term, 1e-13);
                term *= (double)(n - k) / (double)(k + 1) * p / (1.0 - p);
            }
        }
    assert_near(exp(cf_log_choose(60, 30)), 118264581564861424.0, 1e-12);
    assert_near(exp(cf_log_beta(3, 4)), 1.0 / 60, 1e-14);
}
END_TEST

START_TEST(edges_are_exact)
{
    assert_close(cf_beta_quantile(3, 4, 0.0), 0.0, 0);
    assert_close(cf_beta_quantile(3, 4, 1.0), 1.0, 0);
    assert_close(cf_beta_cdf(3, 4, 0.0, NULL), 0.0, 0);
    assert_close(cf_beta_cdf(3, 4, 1.0, NULL), 1.0, 0);
    assert_near(cf_beta_quantile(1, 1, 0.37), 0.37, 1e-15);
    assert_near(cf_beta_quantile(1, 1e6, 1e-200), 1e-206, 1e-12 * 1e-206);
    assert_close(cf_normal_quantile(0.0), -HUGE_VAL, 0);
    assert_close(cf_normal_quantile(1.0), HUGE_VAL, 0);
}
END_TEST

START_TEST(clopper_pearson_is_the_oracle_s)
{
    for (size_t i = 0; i < sizeof clopper_edges_k_n / sizeof(double) / 2; i++) {
        double lower, upper;
        assert_ok(conformal_coverage_interval((size_t)clopper_edges_k_n[2 * i],
                                              (size_t)clopper_edges_k_n[2 * i + 1],
                                              clopper_edges_conf[0], &lower, &upper, err));
        assert_near(lower, clopper_edges_want_ci[2 * i], clopper_edges_tol);
        assert_near(upper, clopper_edges_want_ci[2 * i + 1], clopper_edges_tol);
    }
}
END_TEST

START_TEST(clopper_pearson_works_where_ready_made_inverses_fail)
{
    double lower, upper;
    assert_ok(conformal_coverage_interval(255, 10000, 0.95, &lower, &upper, err));
    assert_near(upper, 0.0287813, 1e-6); /* gsl_cdf_beta_Pinv(.975, 256, 9745) fails */
    assert_ok(conformal_coverage_interval(900000000, 1000000000, 0.95, &lower, &upper, err));
    ck_assert(lower < 0.9 && upper > 0.9 && upper - lower < 4e-5);
}
END_TEST

START_TEST(clopper_pearson_covers_whatever_the_proportion) /* exact sums over all outcomes */
{
    for (size_t n = 1; n <= 60; n += 7) {
        double lower[61], upper[61];
        for (size_t k = 0; k <= n; k++)
            assert_ok(conformal_coverage_interval(k, n, 0.95, &lower[k], &upper[k], err));
        for (int j = 1; j < 200; j++) {
            double p = j / 200.0, term = pow(1.0 - p, (double)n), covered = 0.0;
            for (size_t k = 0; k <= n; k++) {
                covered += lower[k] <= p && p <= upper[k] ? term : 0.0;
                term *= (double)(n - k) / (double)(k + 1) * p / (1.0 - p);
            }
            ck_assert_msg(covered >= 0.95 - 1e-12, "n = %zu, p = %g: %g", n, p, covered);
        }
    }
}
END_TEST

START_TEST(a_proportion_of_nothing_is_refused)
{
    double lower = 7, upper = 7;
    ck_assert_int_eq(conformal_coverage_interval(0, 0, 0.95, &lower, &upper, NULL),
                     CONFORMAL_EINVAL);
    ck_assert_int_eq(conformal_coverage_interval(3, 2, 0.95, &lower, &upper, NULL),
                     CONFORMAL_EDOM);
    ck_assert_int_eq(conformal_coverage_interval(1, 2, 1.0, &lower, &upper, NULL),
                     CONFORMAL_EDOM);
    ck_assert(lower == 7 && upper == 7);
}
END_TEST

START_TEST(uniforms_normals_and_permutations_are_the_oracle_s)
{
    static const struct { uint64_t seed, stream, index; double u; } counter[] = {
        {1, 0, 0, 0.3681895156516696},
        {1, 0, 1, 0.9435642308648545},
        {42, 3, 7, 0.48706373316641616},
        {0, 0, 0, 0.6524484863740322},
        {UINT64_MAX, 9, 123456789, 0.2026768948604759},
    };
    size_t order[10];
    for (size_t i = 0; i < sizeof counter / sizeof *counter; i++)
        assert_close(conformal_uniform(counter[i].seed, counter[i].stream, counter[i].index),
                     counter[i].u, 0);
    for (size_t i = 0; i < 5; i++)
        assert_near(cf_normal_quantile(conformal_uniform(7, 0, i)), normals_want_z[i],
                    normals_tol);
    assert_ok(conformal_permutation(5, 2, 5, order, err));
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(order[i], (size_t)fisher_yates_want_perm[i]);
    assert_ok(conformal_permutation(5, 2, 10, order, err));
    for (size_t i = 0; i < 10; i++)
        ck_assert_uint_eq(order[i], (size_t)fisher_yates_want_perm[5 + i]);
}
END_TEST

START_TEST(uniforms_do_not_depend_on_the_chunking)
{
    double all[100], part[100];
    assert_ok(conformal_uniforms(9, 4, 0, 100, all, err));
    assert_ok(conformal_uniforms(9, 4, 0, 33, part, err));
    assert_ok(conformal_uniforms(9, 4, 33, 67, part + 33, err));
    for (size_t i = 0; i < 100; i++)
        ck_assert(all[i] == part[i] && all[i] > 0.0 && all[i] < 1.0);
}
END_TEST

START_TEST(gsl_never_has_to_complain)
{
    ck_assert_int_eq(gsl_errors, 0);
}
END_TEST

int main(void)
{
    int n_cases = (int)(sizeof beta_cases / sizeof *beta_cases);
    Suite *suite = suite_create("special");
    TCase *tc = tcase_create("special");
    gsl_set_error_handler(count_error);
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, the_incomplete_beta_is_r_s_in_both_tails_up_to_a_billion, 0,
                        n_cases);
    tcase_add_loop_test(tc, small_tails_keep_their_relative_accuracy, 0, n_cases);
    tcase_add_loop_test(tc, the_inverse_inverts, 0, n_cases);
    tcase_add_test(tc, binomial_tails_are_the_exact_sums);
    tcase_add_test(tc, edges_are_exact);
    tcase_add_test(tc, clopper_pearson_is_the_oracle_s);
    tcase_add_test(tc, clopper_pearson_works_where_ready_made_inverses_fail);
    tcase_add_test(tc, clopper_pearson_covers_whatever_the_proportion);
    tcase_add_test(tc, a_proportion_of_nothing_is_refused);
    tcase_add_test(tc, uniforms_normals_and_permutations_are_the_oracle_s);
    tcase_add_test(tc, uniforms_do_not_depend_on_the_chunking);
    tcase_add_test(tc, gsl_never_has_to_complain);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
