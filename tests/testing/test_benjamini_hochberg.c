/* test_benjamini_hochberg.c - which of many hypotheses are rejected.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <string.h>

#include "conformal/random.h"
#include "conformal/testing.h"
#include "oom.h"

static size_t reject(const double *p, size_t n, double alpha, unsigned char *rejected)
{
    size_t count = 77, set = 0;
    assert_ok(conformal_benjamini_hochberg(p, n, alpha, NULL, rejected, &count, err));
    for (size_t i = 0; i < n; i++) {
        ck_assert(rejected[i] <= 1);
        set += rejected[i];
    }
    ck_assert_uint_eq(set, count);
    return count;
}

/* Benjamini and Hochberg (1995): 15 hypotheses on myocardial infarction, of which
 * the procedure rejects the first 4 at 0.05. At 0.064 the sixth, 0.0278, is above 6 / 15 0.064
 * = 0.0256, but the seventh, 0.0298, is not above its 0.02987: the first 7 are rejected. */
START_TEST(the_paper_s_example_has_its_four_rejections)
{
    static const double p[] = {0.3240, 0.0001, 0.0201, 0.0004, 0.4262, 0.0019, 0.5719, 0.0095,
                               0.0278, 0.6528, 0.0298, 0.7590, 0.0344, 1.0000, 0.0459};
    unsigned char rejected[15];
    ck_assert_uint_eq(reject(p, 15, 0.05, rejected), 4);
    for (size_t i = 0; i < 15; i++)
        ck_assert(rejected[i] == (p[i] <= 0.0095));
    ck_assert_uint_eq(reject(p, 15, 0.064, rejected), 7);
    for (size_t i = 0; i < 15; i++)
        ck_assert(rejected[i] == (p[i] <= 0.0298));
}
END_TEST

/* The largest k with p_(k) <= k alpha / n, by trying every k; ties are rejected together. */
START_TEST(rejections_are_those_of_the_definition)
{
    uint64_t at = 0;
    for (int round = 0; round < 3000; round++) {
        double p[12], alpha, limit = -1;
        unsigned char rejected[12];
        size_t n = 1 + (size_t)(12 * conformal_uniform(7, 1, at++));
        alpha = round % 7 == 0 ? 1 : conformal_uniform(7, 1, at++);
        for (size_t i = 0; i < n; i++) {
            double u = conformal_uniform(7, 1, at++);
            p[i] = round % 2 ? floor(8 * u) / 8 : u * u;
        }
        for (size_t k = 1; k <= n; k++) { /* at least k are <= k alpha / n */
            size_t count = 0;
            double bound = alpha * (double)k / (double)n * (1 + 1e-12);
            for (size_t i = 0; i < n; i++)
                count += p[i] <= bound;
            if (count >= k)
                limit = bound;
        }
        reject(p, n, alpha, rejected);
        for (size_t i = 0; i < n; i++)
            ck_assert(rejected[i] == (p[i] <= limit));
    }
}
END_TEST

/* Independent p-values, each of them any of 1/30, 2/30, .., 1: all 27,000 together. With n0
 * true hypotheses (the others have p = 0) the false discovery rate is alpha n0 / n, exactly,
 * when all k alpha / n are attained (Benjamini, Hochberg 1995, theorem 1; Simes 1986). */
START_TEST(the_false_discovery_rate_is_exact_where_it_can_be)
{
    enum { GRID = 30 };
    static const double alphas[] = {0.1, 0.2, 0.3, 0.5, 1};
    for (size_t a = 0; a < sizeof alphas / sizeof *alphas; a++)
        for (size_t n0 = 1; n0 <= 3; n0++) {
            double rate = 0, all = 0;
            size_t x[3] = {1, 1, 1}, n = 3;
            for (;;) {
                double p[3] = {0, 0, 0};
                unsigned char rejected[3];
                size_t wrong = 0, count;
                for (size_t i = 0; i < n0; i++)
                    p[i] = (double)x[i] / GRID;
                if (conformal_benjamini_hochberg(p, n, alphas[a], NULL, rejected, &count,
                                                 NULL) != CONFORMAL_OK)
                    ck_abort();
                for (size_t i = 0; i < n0; i++)
                    wrong += rejected[i];
                rate += count > 0 ? (double)wrong / (double)count : 0;
                all++;
                size_t i = 0;
                while (i < n0 && x[i] == GRID)
                    x[i++] = 1;
                if (i == n0)
                    break;
                x[i]++;
            }
            assert_close(rate / all, alphas[a] * (double)n0 / (double)n, 1e-12);
        }
}
END_TEST

START_TEST(levels_at_their_ends_reject_zeros_and_everything)
{
    static const double p[] = {0.5, 0, 1, 1e-300, 0};
    unsigned char rejected[5];
    ck_assert_uint_eq(reject(p, 5, 0, rejected), 2);
    ck_assert(rejected[1] && rejected[4] && !rejected[3]);
    ck_assert_uint_eq(reject(p, 5, 1, rejected), 5);
    ck_assert_uint_eq(reject(p, 0, 0.5, NULL), 0);
    ck_assert_uint_eq(reject(p, 1, 0.5, rejected), 1);
    ck_assert_uint_eq(reject(p, 1, 0.49, rejected), 0);
    assert_ok(conformal_benjamini_hochberg(p, 5, 0.5, NULL, rejected, NULL, err));
}
END_TEST

/* 4 of 4 at 0.4 need p <= 0.3 at k = 3, which is 3 0.4 / 4 in decimals. */
START_TEST(products_are_taken_as_the_decimals_they_are)
{
    static const double p[] = {0.1, 0.2, 0.3, 0.3};
    unsigned char rejected[4];
    ck_assert_uint_eq(reject(p, 4, 0.4, rejected), 4);
    for (size_t n = 1; n <= 200; n++)
        for (size_t k = 1; k <= n; k += 1 + n / 7) {
            double q[200];
            unsigned char flags[200];
            for (size_t i = 0; i < n; i++)
                q[i] = i < k ? (double)k * 0.1 / (double)n * (1 + 2e-16) : 1;
            ck_assert_uint_eq(reject(q, n, 0.1, flags), k);
            q[0] *= 1 + 1e-11;
            for (size_t i = 1; i < k; i++)
                q[i] = q[0];
            ck_assert_uint_eq(reject(q, n, 0.1, flags), 0);
        }
}
END_TEST

static const struct {
    double p;
    double alpha;
    conformal_status status;
    const char *argument;
} wrong[] = {{(double)NAN, 0.1, CONFORMAL_ENAN, "p_values"},
             {-1e-9, 0.1, CONFORMAL_EDOM, "p_values"},
             {1.0000001, 0.1, CONFORMAL_EDOM, "p_values"},
             {HUGE_VAL, 0.1, CONFORMAL_EDOM, "p_values"},
             {0.5, -0.1, CONFORMAL_EDOM, "alpha"},
             {0.5, 1.1, CONFORMAL_EDOM, "alpha"}};

START_TEST(wrong_numbers_are_refused)
{
    double p[] = {0.1, 0.2, wrong[_i].p};
    unsigned char rejected[] = {9, 9, 9};
    size_t count = 77;
    conformal_error err;
    ck_assert_int_eq(
        conformal_benjamini_hochberg(p, 3, wrong[_i].alpha, NULL, rejected, &count, &err),
        wrong[_i].status);
    ck_assert_str_eq(err.argument, wrong[_i].argument);
    ck_assert(strcmp(err.argument, "alpha") == 0 || err.index == 2);
    ck_assert(rejected[0] == 9 && rejected[2] == 9 && count == 77);
    p[2] = 0.5;
    ck_assert_int_eq(conformal_benjamini_hochberg(NULL, 3, 0.1, NULL, rejected, &count, &err),
                     CONFORMAL_EINVAL);
    ck_assert_int_eq(conformal_benjamini_hochberg(p, 3, 0.1, NULL, NULL, &count, &err),
                     CONFORMAL_EINVAL);
}
END_TEST

START_TEST(every_allocation_failure_is_survived)
{
    static const double p[] = {0.01, 0.5, 0.02, 0.9};
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        unsigned char rejected[] = {9, 9, 9, 9};
        size_t count = 77;
        status = conformal_benjamini_hochberg(p, 4, 0.1, &a, rejected, &count, NULL);
        oom_check(&oom, status);
        ck_assert((rejected[0] == 9 && count == 77) == (status != CONFORMAL_OK));
        ck_assert(status != CONFORMAL_OK || count == 2);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("benjamini hochberg");
    TCase *tc = tcase_create("benjamini hochberg");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, the_paper_s_example_has_its_four_rejections);
    tcase_add_test(tc, rejections_are_those_of_the_definition);
    tcase_add_test(tc, the_false_discovery_rate_is_exact_where_it_can_be);
    tcase_add_test(tc, levels_at_their_ends_reject_zeros_and_everything);
    tcase_add_test(tc, products_are_taken_as_the_decimals_they_are);
    tcase_add_loop_test(tc, wrong_numbers_are_refused, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(tc, every_allocation_failure_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
