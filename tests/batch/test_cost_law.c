/* test_cost_law.c - the law of any whole-number cost of the ranks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "base/fft.h"
#include "batch/cost_law.h"
#include "conformal/batch.h"
#include "enumerate.h"

/* counts[t]: how many rank vectors of allowed ranks cost t. */
static double count_costs(const int32_t *costs, size_t n, size_t m, double *counts,
                          size_t room)
{
    size_t r[8];
    double all = 0;
    memset(counts, 0, room * sizeof *counts);
    first_ranks(r, m);
    do {
        size_t sum = 0;
        bool fine = true;
        for (size_t j = 0; j < m; j++) {
            int32_t c = costs[r[j] - 1];
            fine = fine && c >= 0;
            sum += c >= 0 ? (size_t)c : 0;
        }
        all++;
        if (fine)
            counts[sum]++;
    } while (next_ranks(r, n, m));
    return all;
}

/* Costs up to `most`, some of them not allowed; irregular, not even rising. */
static void draw_costs(uint64_t *at, size_t n, size_t most, bool forbid, int32_t *costs)
{
    for (size_t k = 0; k <= n; k++)
        costs[k] = forbid && draw_below(at, 4) == 0 ? -1 - (int32_t)draw_below(at, 9)
                                                    : (int32_t)draw_below(at, most + 1);
}

START_TEST(budgets_are_the_least_of_all_rank_vectors)
{
    static double counts[200];
    uint64_t at = 0;
    for (int round = 0; round < 1500; round++) {
        size_t n = draw_below(&at, 8), m = 1 + draw_below(&at, 5), top = 0, least = 199;
        int32_t costs[8];
        draw_costs(&at, n, draw_below(&at, 36), round % 2 == 0, costs);
        double all = count_costs(costs, n, m, counts, 200), inside = 0;
        for (size_t t = 0; t < 200; t++) {
            inside += counts[t];
            top = counts[t] > 0 ? t : top;
            least = counts[t] > 0 && t < least ? t : least;
        }
        for (int level = 0; level <= 20; level++) {
            double alpha = level / 20.0, missed = all - inside, coverage;
            int64_t budget, want = -1;
            size_t q = top;
            if (inside > 0 && alpha >= 1) {
                want = (int64_t)least;
                missed = all - counts[least];
            } else if (inside > 0 && allowed(missed, all, alpha)) {
                for (; q > 0 && allowed(missed + counts[q], all, alpha); q--)
                    missed += counts[q];
                want = (int64_t)q;
            }
            assert_ok(conformal_batch_cost_sum(costs, n, m, alpha, NULL, &budget, &coverage,
                                               err));
            ck_assert_msg(budget == want, "round %d, n %zu, m %zu, alpha %g: %d, not %d",
                          round, n, m, alpha, (int)budget, (int)want);
            assert_near(coverage, 1 - missed / all, 1e-14);
        }
    }
}
END_TEST

START_TEST(ranks_as_costs_are_the_rank_sum)
{
    static int32_t costs[302];
    static const double levels[] = {0, 1e-12, 1e-6, 0.01, 0.05, 0.1, 0.3, 0.7, 1};
    for (size_t n = 0; n <= 300; n += 50)
        for (size_t m = 1; m <= 21; m += 5)
            for (size_t cap = n + 1; cap + 30 > n + 1 && cap > 0; cap -= cap > 7 ? 7 : 1)
                for (size_t i = 0; i < 9; i++) {
                    int64_t a, b;
                    double p, q;
                    for (size_t k = 0; k <= n; k++)
                        costs[k] = k < cap ? (int32_t)k + 1 : -1;
                    assert_ok(conformal_batch_cost_sum(costs, n, m, levels[i], NULL, &a, &p,
                                                       err));
                    assert_ok(
                        conformal_batch_rank_sum(n, m, cap, levels[i], NULL, &b, &q, err));
                    ck_assert_int_eq(a, b);
                    assert_near(p, q, 1e-12);
                }
}
END_TEST

static double tails(const double *pmf, size_t n, double *tail)
{
    double sum = 0;
    for (size_t t = n; t-- > 0;) {
        tail[t] = sum;
        sum += pmf[t];
    }
    return sum;
}

/* Sizes and largest costs; the last numbers: how many of the ranks are forbidden, from the
 * top. */
static const size_t fourier_sizes[][4] = {
    {200, 10, 100, 0}, {60, 80, 40, 0},   {400, 30, 90, 0}, {100, 20, 150, 1},
    {5, 200, 60, 0},   {300, 3, 2000, 5}, {0, 4, 10, 0},    {64, 64, 64, 3},
                                          {300, 150, 40, 0}, {1000, 60, 60, 2}};

START_TEST(fourier_transforms_give_the_exact_law)
{
    size_t n = fourier_sizes[_i][0], m = fourier_sizes[_i][1], most = fourier_sizes[_i][2];
    uint64_t at = (uint64_t)_i;
    int32_t *costs = calloc(n + 1, sizeof *costs);
    draw_costs(&at, n, most, false, costs);
    for (size_t k = n + 1 - fourier_sizes[_i][3]; k <= n; k++)
        costs[k] = -1;
    cf_costs c = cf_costs_of(costs, n, m);
    size_t span = m * (size_t)(c.most - c.least) + 1, length = cf_fft_length(span);
    double *a = calloc(4 * length, sizeof *a), *b = a + length, *ta = b + length;
    double *tb = ta + length;
    assert_ok(cf_cost_law_exact(&c, NULL, a, err));
    assert_ok(cf_cost_law_fourier(&c, 1, length, NULL, b, err));
    double kept = tails(a, span, ta);
    tails(b, span, tb);
    for (size_t t = 0; t < span; t++)
        ck_assert_msg(fabs(ta[t] - tb[t]) <= 1e-13, "P(> %zu): %g off", t, ta[t] - tb[t]);
    for (size_t t = span; t < length; t++)
        ck_assert(fabs(b[t]) <= 1e-15);
    assert_close(kept, 1 - cf_rank_cap_miss(n, m, n + 1 - fourier_sizes[_i][3]), 1e-13);
    free(a);
    free(costs);
}
END_TEST

START_TEST(strata_multiply_and_both_ways_agree)
{
    static const size_t n[] = {9, 60, 25}, m[] = {4, 8, 11};
    static double want[3000], next[3000], one[3000], by_fourier[4096], x[4096], y[4096];
    int32_t costs[3][61];
    cf_costs strata[3];
    uint64_t at = 77;
    size_t so_far = 0;
    memset(want, 0, sizeof want);
    want[0] = 1;
    for (size_t g = 0; g < 3; g++) {
        draw_costs(&at, n[g], 50, g == 1, costs[g]);
        strata[g] = cf_costs_of(costs[g], n[g], m[g]);
        size_t more = m[g] * (size_t)(strata[g].most - strata[g].least);
        assert_ok(cf_cost_law_exact(&strata[g], NULL, one, err));
        memset(next, 0, sizeof next);
        for (size_t t = 0; t <= so_far; t++)
            for (size_t v = 0; v <= more; v++)
                next[t + v] += want[t] * one[v];
        so_far += more;
        memcpy(want, next, sizeof want);
    }
    cf_cost_law law;
    assert_ok(cf_cost_law_of(strata, 3, true, NULL, &law, err));
    ck_assert_uint_eq(law.n, so_far + 1);
    for (size_t t = 0; t <= so_far; t++)
        assert_close(law.pmf[t], want[t], 1e-13);
    assert_near(tails(want, so_far + 1, x), 1 - law.miss, 1e-14);
    assert_ok(
        cf_cost_law_fourier(strata, 3, cf_fft_length(so_far + 1), NULL, by_fourier, err));
    tails(by_fourier, so_far + 1, y);
    for (size_t t = 0; t <= so_far; t++)
        ck_assert(fabs(x[t] - y[t]) <= 1e-13);
    int64_t low = law.base + (int64_t)so_far / 3, high = law.base + (int64_t)so_far / 2;
    double inside = x[so_far / 3 - 1] - x[so_far / 2];
    assert_near(cf_cost_law_outside(&law, low, high), 1 - inside, 1e-14);
    free(law.pmf);
}
END_TEST

/* Large enough for transforms, small enough to check by adding up. */
START_TEST(budgets_by_transforms_are_the_exact_ones)
{
    static const double levels[] = {0.5, 0.1, 0.01, 1e-4, 1e-8, 1e-12, 0};
    static const size_t n = 400, m = 30;
    static double pmf[30 * 200 + 1], tail[30 * 200 + 1];
    int32_t costs[401];
    for (size_t k = 0; k <= n; k++)
        costs[k] = (int32_t)(5 + 200 * k * k / (n * n));
    cf_costs c = cf_costs_of(costs, n, m);
    assert_ok(cf_cost_law_exact(&c, NULL, pmf, err));
    tails(pmf, sizeof pmf / sizeof *pmf, tail);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        int64_t budget;
        double coverage;
        assert_ok(conformal_batch_cost_sum(costs, n, m, levels[i], NULL, &budget, &coverage,
                                           err));
        size_t q = (size_t)budget - 5 * m;
        ck_assert(tail[q] <= levels[i] * (1 + 1e-12));
        ck_assert(tail[q - 1] > levels[i] - (levels[i] > 1e-9 ? 2e-13 : 0));
        assert_near(coverage, 1 - tail[q], 1e-13);
    }
}
END_TEST

START_TEST(caps_are_missed_as_often_as_the_largest_rank_exceeds_them)
{
    for (size_t n = 0; n <= 40; n += 5)
        for (size_t m = 1; m <= 20; m += 3) {
            ck_assert(cf_rank_cap_miss(n, m, 0) == 1);
            ck_assert(cf_rank_cap_miss(n, 0, 0) == 0);
            for (size_t cap = 1; cap <= n + 1; cap++) {
                double tail;
                assert_ok(conformal_batch_order_tail(n, m, m, cap, &tail, err));
                assert_near(cf_rank_cap_miss(n, m, cap), tail, 1e-14);
            }
        }
    assert_close(cf_rank_cap_miss(1000000, 3, 1000000), 3.0 / 1000003, 1e-14);
}
END_TEST

START_TEST(a_shift_of_the_costs_shifts_the_budget)
{
    uint64_t at = 5;
    for (int round = 0; round < 200; round++) {
        int32_t costs[13], other[13];
        size_t n = draw_below(&at, 13), m = 1 + draw_below(&at, 9);
        int64_t a, b, c;
        draw_costs(&at, n, 20, false, costs);
        for (size_t k = 0; k <= n; k++)
            other[k] = costs[k] + 1000;
        assert_ok(conformal_batch_cost_sum(costs, n, m, 0.2, NULL, &a, NULL, err));
        assert_ok(conformal_batch_cost_sum(other, n, m, 0.2, NULL, &b, NULL, err));
        for (size_t k = 0; k <= n; k++)
            other[k] = costs[k] * 7;
        assert_ok(conformal_batch_cost_sum(other, n, m, 0.2, NULL, &c, NULL, err));
        ck_assert(b == a + 1000 * (int64_t)m && c == 7 * a);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cost law");
    TCase *tc = tcase_create("cost law");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, budgets_are_the_least_of_all_rank_vectors);
    tcase_add_test(tc, ranks_as_costs_are_the_rank_sum);
    tcase_add_loop_test(tc, fourier_transforms_give_the_exact_law, 0,
                        sizeof fourier_sizes / sizeof *fourier_sizes);
    tcase_add_test(tc, strata_multiply_and_both_ways_agree);
    tcase_add_test(tc, budgets_by_transforms_are_the_exact_ones);
    tcase_add_test(tc, caps_are_missed_as_often_as_the_largest_rank_exceeds_them);
    tcase_add_test(tc, a_shift_of_the_costs_shifts_the_budget);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
