/* test_intervals.c - coverage and sharpness.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/evaluate.h"
#include "conformal/random.h"
#include "oom.h"
#include "oracle/core_metrics.h"

START_TEST(metrics_are_the_oracle_s)
{
    size_t n = sizeof interval_basic_y / sizeof(double);
    conformal_interval_metrics m;
    double loss;
    assert_ok(conformal_evaluate_intervals(interval_basic_y, interval_basic_lo,
                                           interval_basic_hi, n, interval_basic_alpha[0], NULL,
                                           0, NULL, &m, err));
    assert_near(m.coverage, interval_basic_want_coverage[0], interval_basic_tol);
    assert_near(m.coverage_lower, interval_basic_want_clopper_pearson[0], interval_basic_tol);
    assert_near(m.coverage_upper, interval_basic_want_clopper_pearson[1], interval_basic_tol);
    assert_near(m.mean_width, interval_basic_want_mean_width[0], interval_basic_tol);
    assert_near(m.median_width, interval_basic_want_median_width[0], interval_basic_tol);
    assert_near(m.winkler, interval_basic_want_winkler_mean[0], interval_basic_tol);
    assert_ok(conformal_pinball(interval_basic_y, interval_basic_lo, n, 0.05, &loss, err));
    assert_near(loss, interval_basic_want_pinball_lo[0], interval_basic_tol);
    assert_ok(conformal_pinball(interval_basic_y, interval_basic_hi, n, 0.95, &loss, err));
    assert_near(loss, interval_basic_want_pinball_hi[0], interval_basic_tol);
}
END_TEST

START_TEST(coverage_by_group_is_the_oracle_s)
{
    enum { N = sizeof stratified_covered / sizeof(double) };
    double y[N], lower[N], upper[N];
    int32_t group[N];
    conformal_interval_metrics m[5];
    for (int i = 0; i < N; i++) {
        y[i] = stratified_covered[i] != 0.0 ? 0.5 : 2.0;
        lower[i] = 0.0;
        upper[i] = 1.0;
        group[i] = (int32_t)stratified_group[i];
    }
    assert_ok(conformal_evaluate_intervals(y, lower, upper, N, 0.1, group, 4, NULL, m, err));
    for (int g = 0; g < 4; g++)
        assert_near(m[1 + g].coverage, stratified_want_fsc[g], stratified_tol);
}
END_TEST

START_TEST(infinite_and_empty_intervals_are_counted_never_averaged)
{
    static const double y[] = {1, 1, 1, 1, 5, 1};
    static const double lower[] = {0, -HUGE_VAL, -HUGE_VAL, 3, 0, HUGE_VAL};
    static const double upper[] = {2, HUGE_VAL, 4, 2, 4, -HUGE_VAL};
    conformal_interval_metrics m;
    assert_ok(conformal_evaluate_intervals(y, lower, upper, 6, 0.5, NULL, 0, NULL, &m, err));
    ck_assert_uint_eq(m.infinite, 2);
    ck_assert_uint_eq(m.empty, 2);
    ck_assert_uint_eq(m.covered, 3);
    ck_assert_uint_eq(m.below, 2);
    ck_assert_uint_eq(m.above, 2);
    assert_close(m.mean_width, (2 + 0 + 4 + 0) / 4.0, 0);
    assert_close(m.median_width, 3, 0);                       /* 0 0 2 4 inf inf */
    assert_close(m.winkler, (2 + (0 + 4 * 2) + (4 + 4)) / 3.0, 1e-15); /* the bounded rows */
}
END_TEST

START_TEST(half_infinite_widths_have_an_infinite_median)
{
    static const double y[] = {1, 1, 1}, lower[] = {0, -HUGE_VAL, 0},
                        upper[] = {1, 1, HUGE_VAL};
    conformal_interval_metrics m;
    assert_ok(conformal_evaluate_intervals(y, lower, upper, 3, 0.1, NULL, 0, NULL, &m, err));
    assert_close(m.median_width, HUGE_VAL, 0);
    assert_ok(conformal_evaluate_intervals(y, lower, upper, 0, 0.1, NULL, 0, NULL, &m, err));
    ck_assert(m.n == 0 && isnan(m.coverage) && isnan(m.mean_width));
}
END_TEST

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

START_TEST(groups_agree_with_a_plain_count)
{
    enum { N = 400, G = 5 };
    double y[N], lower[N], upper[N], widths[N];
    int32_t group[N];
    conformal_interval_metrics m[G + 1];
    for (size_t i = 0; i < N; i++) {
        y[i] = conformal_uniform(3, 0, i);
        lower[i] = conformal_uniform(3, 1, i) - 0.3;
        upper[i] = lower[i] + conformal_uniform(3, 2, i);
        group[i] = (int32_t)(G * conformal_uniform(3, 3, i));
    }
    assert_ok(conformal_evaluate_intervals(y, lower, upper, N, 0.2, group, G, NULL, m, err));
    for (int g = 0; g < G; g++) {
        size_t n = 0, covered = 0;
        for (int i = 0; i < N; i++) {
            if (group[i] != g)
                continue;
            covered += lower[i] <= y[i] && y[i] <= upper[i];
            widths[n++] = upper[i] - lower[i];
        }
        qsort(widths, n, sizeof *widths, by_value);
        ck_assert_uint_eq(m[1 + g].n, n);
        ck_assert_uint_eq(m[1 + g].covered, covered);
        assert_close(m[1 + g].median_width,
                     n % 2 ? widths[n / 2] : (widths[n / 2 - 1] + widths[n / 2]) / 2, 1e-15);
    }
}
END_TEST

START_TEST(faults_are_named_and_nothing_is_written)
{
    static const double good[] = {1, 2}, bad[] = {1, (double)NAN};
    conformal_interval_metrics m = {.n = 77};
    conformal_error err;
    ck_assert_int_eq(
        conformal_evaluate_intervals(good, good, bad, 2, 0.1, NULL, 0, NULL, &m, &err),
        CONFORMAL_ENAN);
    ck_assert_str_eq(err.argument, "upper");
    ck_assert_uint_eq(err.index, 1);
    ck_assert_int_eq(
        conformal_evaluate_intervals(good, good, good, 2, 2, NULL, 0, NULL, &m, &err),
        CONFORMAL_EDOM);
    ck_assert_uint_eq(m.n, 77);
}
END_TEST

START_TEST(every_allocation_failure_is_survived)
{
    static const double y[] = {1, 2, 3}, lower[] = {0, 0, 0}, upper[] = {4, 4, 1};
    static const int32_t group[] = {0, 1, 0};
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_interval_metrics m[3] = {{.n = 77}};
        status = conformal_evaluate_intervals(y, lower, upper, 3, 0.1, group, 2, &a, m, NULL);
        oom_check(&oom, status);
        ck_assert_uint_eq(m[0].n, status == CONFORMAL_OK ? 3 : 77);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("intervals");
    TCase *tc = tcase_create("intervals");
    tcase_add_test(tc, metrics_are_the_oracle_s);
    tcase_add_test(tc, coverage_by_group_is_the_oracle_s);
    tcase_add_test(tc, infinite_and_empty_intervals_are_counted_never_averaged);
    tcase_add_test(tc, half_infinite_widths_have_an_infinite_median);
    tcase_add_test(tc, groups_agree_with_a_plain_count);
    tcase_add_test(tc, faults_are_named_and_nothing_is_written);
    tcase_add_test(tc, every_allocation_failure_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
