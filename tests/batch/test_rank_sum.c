/* test_rank_sum.c - the law of the sum of the ranks, exact and by its characteristic function.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "batch/rank_sum.h"
#include "conformal/batch.h"
#include "conformal/quantile.h"
#include "enumerate.h"
#include "oracle/batch_rank_sum.h"

static double tail_of_exact(const double *pmf, size_t most, size_t u)
{
    double tail = 0;
    for (size_t v = most; v > u; v--)
        tail += pmf[v];
    return tail;
}

/* P(R_m <= cap) = prod_{j=cap}^{n} j / (j + m) */
static double cap_share(size_t n, size_t m, size_t cap)
{
    double p = 1;
    for (size_t j = cap; j <= n; j++)
        p *= (double)j / (double)(j + m);
    return p;
}

/* Where alpha is m / (n + m) exactly, all that the cap leaves must be covered; doubles cannot
 * say so, and any budget that is only short of it by rounding will do (spec, 1). */
START_TEST(quantiles_are_the_oracle_s)
{
    static double pmf[200001];
    size_t inexact = 0;
    for (size_t i = 0; i < sizeof rank_sum_quantiles / sizeof *rank_sum_quantiles; i++) {
        size_t n = rank_sum_quantiles[i].n, m = rank_sum_quantiles[i].m;
        size_t cap = rank_sum_quantiles[i].cap;
        double alpha = rank_sum_quantiles[i].alpha, coverage;
        int64_t budget;
        assert_ok(conformal_batch_rank_sum(n, m, cap, alpha, NULL, &budget, &coverage, err));
        if (budget != rank_sum_quantiles[i].budget) {
            ck_assert(cap == n && alpha == (double)m / (double)(n + m) && budget > (int64_t)m);
            cf_rank_sum_exact(cap - 1, m, pmf);
            double tail = tail_of_exact(pmf, (cap - 1) * m, (size_t)budget - m);
            ck_assert(cap_share(n, m, cap) * (1 - tail) >= 1 - alpha - 1e-11);
            inexact++;
        } else if (budget < 0) {
            assert_close(coverage, cap_share(n, m, cap), 1e-13);
        } else {
            assert_close(coverage, rank_sum_quantiles[i].coverage, 1e-12);
        }
    }
    ck_assert_uint_le(inexact, 2);
}
END_TEST

static size_t sum_of(const size_t *r, size_t m)
{
    size_t sum = 0;
    for (size_t j = 0; j < m; j++)
        sum += r[j];
    return sum;
}

/* counts[q]: how many rank vectors within the cap have the sum q. */
static double count_sums(size_t n, size_t m, size_t cap, double *counts)
{
    size_t r[8];
    double all = 0;
    memset(counts, 0, ((n + 1) * m + 1) * sizeof *counts);
    first_ranks(r, m);
    do {
        all++;
        if (r[m - 1] <= cap)
            counts[sum_of(r, m)]++;
    } while (next_ranks(r, n, m));
    return all;
}

START_TEST(budgets_are_the_least_of_all_rank_vectors)
{
    for (size_t n = 0; n <= 7; n++)
        for (size_t m = 1; m <= 6; m++)
            for (size_t cap = 1; cap <= n + 1; cap++) {
                double counts[49], all = count_sums(n, m, cap, counts), inside = 0;
                size_t most = cap * m;
                for (size_t q = m; q <= most; q++)
                    inside += counts[q];
                for (int level = 0; level <= 40; level++) {
                    double alpha = level / 40.0, missed = all - inside, coverage;
                    int64_t budget, want = -1;
                    if (allowed(missed, all, alpha) && alpha < 1) {
                        size_t q = most;
                        while (q > m && allowed(missed + counts[q], all, alpha))
                            missed += counts[q--];
                        want = (int64_t)q;
                    } else if (alpha >= 1) {
                        want = (int64_t)m;
                        missed = all - counts[m];
                    }
                    assert_ok(conformal_batch_rank_sum(n, m, cap, alpha, NULL, &budget,
                                                       &coverage, err));
                    ck_assert_msg(budget == want, "n %zu, m %zu, cap %zu, alpha %g: %d not %d",
                                  n, m, cap, alpha, (int)budget, (int)want);
                    assert_near(coverage, 1 - missed / all, 1e-14);
                }
            }
}
END_TEST

/* pmf by the recursion of Mann and Whitney: N(u; n, m) = N(u - m; n - 1, m) + N(u; n, m - 1),
 * with the shares n / (n + m) and m / (n + m). */
static void recursive_law(size_t n, size_t m, double *pmf)
{
    static double rows[26][26 * 40 + 1], next[26][26 * 40 + 1];
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++)
            for (size_t u = 0; u <= n * m; u++) {
                double di = (double)i, dj = (double)j, p = i == 0 || j == 0 ? u == 0 : 0;
                if (i > 0 && j > 0)
                    p = dj / (di + dj) * next[j - 1][u] +
                        (u >= j ? di / (di + dj) * rows[j][u - j] : 0);
                next[j][u] = p;
            }
        memcpy(rows, next, sizeof rows);
    }
    memcpy(pmf, rows[m], (n * m + 1) * sizeof *pmf);
}

START_TEST(the_exact_law_is_the_recursion_s)
{
    static const size_t sizes[][2] = {{0, 5}, {5, 0}, {1, 1}, {12, 5}, {5, 12}, {40, 25},
                                      {25, 25}, {13, 11}, {40, 1}};
    static double want[1601], pmf[1601];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i][0], m = sizes[i][1];
        double sum = 0;
        recursive_law(n, m, want);
        cf_rank_sum_exact(n, m, pmf);
        for (size_t u = 0; u <= n * m; u++) {
            assert_close(pmf[u], want[u], 1e-12);
            sum += pmf[u];
        }
        assert_close(sum, 1, 1e-14);
    }
}
END_TEST

/* (n, m) with log10 C(n + m, m) >= 45: near normal laws. */
static const size_t smooth[][2] = {{200, 50},  {80, 80},  {1000, 25}, {50, 200}, {90, 70},
                                   {300, 100}, {2000, 22}, {400, 34}, {76, 77}};
enum { SMOOTH = sizeof smooth / sizeof *smooth };
static double smooth_pmf[60001];

START_TEST(tilted_tails_are_those_of_the_exact_law)
{
    size_t n = smooth[_i][0], m = smooth[_i][1], most = n * m, u = most;
    cf_rank_sum law = {&n, &m, 1};
    double above = 0;
    cf_rank_sum_exact(n, m, smooth_pmf);
    for (double alpha = 1e-14; alpha < 0.999; alpha *= 3) {
        double tail;
        for (; u > 0 && above + smooth_pmf[u] <= alpha; u--)
            above += smooth_pmf[u];
        assert_ok(cf_rank_sum_tilted_tail(&law, u, NULL, &tail, err));
        assert_close(tail, above, 1e-11);
    }
    ck_assert(u < most / 2); /* the lower half was seen, too */
}
END_TEST

START_TEST(tilted_quantiles_are_those_of_the_exact_law)
{
    size_t n = smooth[_i][0], m = smooth[_i][1];
    cf_rank_sum law = {&n, &m, 1};
    cf_rank_sum_exact(n, m, smooth_pmf);
    for (double alpha = 0.997; alpha > 1e-14; alpha *= 0.41) {
        uint64_t u, want = n * m;
        double tail, above = 0;
        for (; want > 0 && above + smooth_pmf[want] <= alpha; want--)
            above += smooth_pmf[want];
        assert_ok(cf_rank_sum_tilted(&law, alpha, NULL, &u, &tail, err));
        ck_assert_uint_eq(u, want);
        assert_close(tail, above, 1e-11);
    }
}
END_TEST

/* Several strata: the convolution of their exact laws. Small strata whose law is not near
 * normal one by one make every angle count. */
START_TEST(strata_add_up)
{
    static const size_t n[][5] = {{60, 80, 20, 0, 9}, {12, 9, 15, 20, 11}, {200, 3, 0, 0, 0}};
    static const size_t m[][5] = {{40, 30, 10, 4, 0}, {10, 14, 9, 12, 13}, {50, 2, 0, 0, 0}};
    static double law[20001], one[20001], next[20001];
    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        cf_rank_sum sum = {n[i], m[i], 5};
        size_t so_far = 0;
        memset(law, 0, sizeof law);
        law[0] = 1;
        for (size_t g = 0; g < 5; g++) {
            size_t more = n[i][g] * m[i][g];
            cf_rank_sum_exact(n[i][g], m[i][g], one);
            memset(next, 0, sizeof next);
            for (size_t u = 0; u <= so_far; u++)
                for (size_t v = 0; v <= more; v++)
                    next[u + v] += law[u] * one[v];
            so_far += more;
            memcpy(law, next, sizeof law);
        }
        ck_assert_uint_eq(cf_rank_sum_most(&sum), so_far);
        for (size_t u = 0; u < so_far; u += so_far / 97 + 1) {
            double want = tail_of_exact(law, so_far, u), tilted, tail;
            if (want < 1e-14)
                continue;
            assert_ok(cf_rank_sum_tilted_tail(&sum, u, NULL, &tilted, err));
            assert_ok(cf_rank_sum_tail(&sum, u, NULL, &tail, err));
            assert_close(tilted, want, 1e-11);
            assert_close(tail, want, 1e-11);
        }
    }
}
END_TEST

/* Mean and variance of the sum: m (n + 2) / 2 and n m (n + m + 1) / 12. */
START_TEST(large_sizes_give_the_normal_quantile)
{
    static const size_t sizes[][2] = {{100000, 1000}, {1000, 100000}, {20000, 20000},
                                      {1000000, 500}};
    static const double alphas[] = {0.1, 0.001, 1e-6}, z[] = {1.2816, 3.0902, 4.7534};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int j = 0; j < 3; j++) {
            size_t n = sizes[i][0], m = sizes[i][1];
            double dn = (double)n, dm = (double)m, coverage;
            double mean = dm * (dn + 2) / 2, sd = sqrt(dn * dm * (dn + dm + 1) / 12);
            int64_t budget;
            assert_ok(conformal_batch_rank_sum(n, m, n + 1, alphas[j], NULL, &budget,
                                               &coverage, err));
            ck_assert(fabs(((double)budget - mean) / sd - z[j]) < 0.03);
            ck_assert(coverage >= 1 - alphas[j] - 1e-15 && coverage < 1 - 0.99 * alphas[j]);
        }
}
END_TEST

START_TEST(one_member_has_its_own_rank)
{
    static const double levels[] = {0,   0.01,    0.05, 0.07, 0.1, 0.29,
                                    0.3, 1.0 / 3, 0.57, 0.7,  1};
    for (size_t n = 0; n <= 300; n++)
        for (size_t i = 0; i < 11; i++) {
            size_t want;
            int64_t budget;
            assert_ok(conformal_rank(n, levels[i], &want, err));
            assert_ok(conformal_batch_rank_sum(n, 1, n + 1, levels[i], NULL, &budget, NULL,
                                               err));
            ck_assert_int_eq(budget, (int64_t)(want > 0 ? want : 1));
        }
}
END_TEST

START_TEST(budgets_shrink_as_alpha_grows_and_caps_only_forbid)
{
    for (size_t n = 5; n <= 200; n += 39)
        for (size_t m = 2; m <= 40; m += 19) {
            int64_t before = (int64_t)((n + 1) * m);
            for (int level = 0; level <= 50; level++) {
                int64_t budget, capped;
                double alpha = level / 50.0, coverage;
                assert_ok(conformal_batch_rank_sum(n, m, n + 1, alpha, NULL, &budget, NULL,
                                                   err));
                ck_assert(budget <= before && budget >= (int64_t)m);
                before = budget;
                assert_ok(conformal_batch_rank_sum(n, m, n, alpha, NULL, &capped, &coverage,
                                                   err));
                ck_assert((capped >= 0) == (cap_share(n, m, n) >= 1 - alpha - 1e-13));
                ck_assert(capped < 0 || alpha == 1 || capped >= budget);
            }
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rank sum");
    TCase *tc = tcase_create("rank sum");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, quantiles_are_the_oracle_s);
    tcase_add_test(tc, budgets_are_the_least_of_all_rank_vectors);
    tcase_add_test(tc, the_exact_law_is_the_recursion_s);
    tcase_add_loop_test(tc, tilted_tails_are_those_of_the_exact_law, 0, SMOOTH);
    tcase_add_loop_test(tc, tilted_quantiles_are_those_of_the_exact_law, 0, SMOOTH);
    tcase_add_test(tc, strata_add_up);
    tcase_add_test(tc, large_sizes_give_the_normal_quantile);
    tcase_add_test(tc, one_member_has_its_own_rank);
    tcase_add_test(tc, budgets_shrink_as_alpha_grows_and_caps_only_forbid);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
