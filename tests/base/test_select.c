/* test_select.c - selection and sorting against a plain sort.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <string.h>

#include "base/select.h"
#include "base/sum.h"
#include "conformal/random.h"
#include "oom.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Many ties, infinities and signs when kinds is small. */
static void fill(double *x, size_t n, uint64_t seed, int kinds)
{
    for (size_t i = 0; i < n; i++) {
        double u = conformal_uniform(seed, 0, i);
        x[i] = kinds == 0 ? (u - 0.5) * exp(40 * conformal_uniform(seed, 1, i))
                          : floor(kinds * u) - kinds / 2;
        if (u < 0.01)
            x[i] = u < 0.005 ? HUGE_VAL : -HUGE_VAL;
    }
}

START_TEST(every_rank_of_small_arrays_is_found)
{
    double x[64], sorted[64], copy[64];
    for (uint64_t seed = 0; seed < 2000; seed++) {
        size_t n = 1 + (size_t)(63 * conformal_uniform(seed, 9, 0));
        fill(x, n, seed, (int)(seed % 5) * 2);
        memcpy(sorted, x, sizeof x);
        qsort(sorted, n, sizeof *sorted, by_value);
        for (size_t k = 1; k <= n; k++) {
            memcpy(copy, x, sizeof x);
            ck_assert(cf_select(copy, n, k) == sorted[k - 1]);
        }
    }
}
END_TEST

enum { LARGE = 700000 };

START_TEST(large_arrays_are_read_not_moved)
{
    static const size_t ranks[] = {1, LARGE / 2, LARGE - 20000, LARGE};
    double *x = malloc(LARGE * sizeof *x), *sorted = malloc(LARGE * sizeof *x), found[4];
    static const int kinds[] = {0, 2, 1000, 1};
    fill(x, LARGE, 5, kinds[_i]);
    memcpy(sorted, x, LARGE * sizeof *x);
    qsort(sorted, LARGE, sizeof *sorted, by_value);
    assert_ok(cf_select_read(x, LARGE, ranks, 4, NULL, found, err));
    for (int r = 0; r < 4; r++)
        ck_assert(found[r] == sorted[ranks[r] - 1]);
    for (size_t i = 1; i < LARGE; i++) /* an order that samples badly */
        sorted[i] = sorted[i];
    assert_ok(cf_select_read(sorted, LARGE, ranks, 4, NULL, found, err));
    for (int r = 0; r < 4; r++)
        ck_assert(found[r] == sorted[ranks[r] - 1]);
    free(x);
    free(sorted);
}
END_TEST

START_TEST(a_nan_is_noticed_on_the_way)
{
    static const size_t ranks[] = {LARGE / 2};
    static const size_t places[] = {0, 17, LARGE / 2, LARGE - 1};
    double *x = malloc(LARGE * sizeof *x), found = -7.0;
    for (int p = 0; p < 4; p++)
        for (size_t n = 5; n <= LARGE; n += LARGE - 5) {
            fill(x, LARGE, 6, 0);
            x[places[p] % n] = p % 2 ? (double)NAN : -(double)NAN;
            size_t rank = n == LARGE ? ranks[0] : 3;
            ck_assert_int_eq(cf_select_read(x, n, &rank, 1, NULL, &found, NULL), CONFORMAL_ENAN);
            ck_assert(found == -7.0);
        }
    free(x);
}
END_TEST

START_TEST(sorting_agrees_with_a_plain_sort)
{
    static const size_t sizes[] = {0, 1, 2, 24, 25, 511, 512, 5000};
    double x[5000], in_place[5000], want[5000], scratch[5000];
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int kinds = 0; kinds < 8; kinds += 2) {
            size_t n = sizes[s];
            fill(x, n, s + 100, kinds);
            memcpy(in_place, x, sizeof x);
            memcpy(want, x, sizeof x);
            qsort(want, n, sizeof *want, by_value);
            cf_sort(x, n, scratch);
            cf_sort(in_place, n, NULL);
            for (size_t i = 0; i < n; i++)
                ck_assert(x[i] == want[i] && in_place[i] == want[i]);
        }
}
END_TEST

START_TEST(the_order_is_stable)
{
    double x[1000];
    size_t order[1000];
    fill(x, 1000, 3, 6);
    assert_ok(cf_sort_order(x, 1000, order, NULL, err));
    for (size_t i = 1; i < 1000; i++)
        ck_assert(x[order[i - 1]] < x[order[i]] ||
                  (x[order[i - 1]] == x[order[i]] && order[i - 1] < order[i]));
}
END_TEST

START_TEST(counts_in_sorted_arrays)
{
    static const double x[] = {-HUGE_VAL, 1, 2, 2, 2, 5, HUGE_VAL};
    ck_assert_uint_eq(cf_count_below(x, 7, 2), 2);
    ck_assert_uint_eq(cf_count_at_most(x, 7, 2), 5);
    ck_assert_uint_eq(cf_count_below(x, 7, -HUGE_VAL), 0);
    ck_assert_uint_eq(cf_count_at_most(x, 7, HUGE_VAL), 7);
    ck_assert_uint_eq(cf_count_below(x, 0, 2), 0);
}
END_TEST

START_TEST(selection_survives_every_allocation_failure)
{
    enum { N = 300001 };
    double *x = malloc(N * sizeof *x);
    static const size_t ranks[] = {N / 2};
    struct oom oom = OOM_INIT;
    conformal_status status;
    fill(x, N, 8, 0);
    do {
        conformal_allocator a = oom_next(&oom);
        double value = -7.0;
        status = cf_select_read(x, N, ranks, 1, &a, &value, NULL);
        oom_check(&oom, status);
        ck_assert(status == CONFORMAL_OK || value == -7.0);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 2);
    free(x);
}
END_TEST

START_TEST(sums_keep_small_terms)
{
    static const double x[] = {1.0, 1e100, 1.0, -1e100};
    static const double inf[] = {1.0, HUGE_VAL, 2.0};
    assert_close(cf_sum_of(x, 4), 2.0, 0);
    assert_close(cf_sum_of(inf, 3), HUGE_VAL, 0);
    assert_close(cf_sum_of(x, 0), 0.0, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("select");
    TCase *tc = tcase_create("select");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, every_rank_of_small_arrays_is_found);
    tcase_add_loop_test(tc, large_arrays_are_read_not_moved, 0, 4);
    tcase_add_test(tc, a_nan_is_noticed_on_the_way);
    tcase_add_test(tc, sorting_agrees_with_a_plain_sort);
    tcase_add_test(tc, the_order_is_stable);
    tcase_add_test(tc, counts_in_sorted_arrays);
    tcase_add_test(tc, selection_survives_every_allocation_failure);
    tcase_add_test(tc, sums_keep_small_terms);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
