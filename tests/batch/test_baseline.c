/* test_baseline.c - the baselines that batch bounds are compared with.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/batch.h"
#include "conformal/quantile.h"
#include "enumerate.h"
#include "oracle/batch_baseline.h"

static const conformal_batch_baseline all_baselines[] = {
    CONFORMAL_BATCH_PARTITION, CONFORMAL_BATCH_BONFERRONI, CONFORMAL_BATCH_DIRECT};

/* A monotone statistic of a sorted batch. */
static double mean(void *user, const double *sorted, size_t m)
{
    double sum = 0;
    bool *fine = user;
    for (size_t j = 0; j < m; j++) {
        *fine = *fine && (j == 0 || sorted[j] >= sorted[j - 1]);
        sum += sorted[j];
    }
    return sum / (double)m;
}

static double largest(void *user, const double *sorted, size_t m)
{
    (void)user;
    return sorted[m - 1];
}

static void bounds(conformal_batch_baseline baseline, const double *scores, size_t n, size_t m,
                   double alpha, conformal_batch_side side, double low, double high,
                   double *lower, double *upper)
{
    bool fine = true;
    assert_ok(conformal_batch_baseline_bounds(baseline, scores, n, m, mean, &fine, alpha, side,
                                              low, high, 5, NULL, lower, upper, err));
    ck_assert(fine);
}

START_TEST(small_cases_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof baseline_cases / sizeof *baseline_cases; i++) {
        double lower, upper;
        bounds((conformal_batch_baseline)baseline_cases[i].baseline, baseline_cases[i].scores,
               baseline_cases[i].n, baseline_cases[i].m, baseline_cases[i].alpha,
               CONFORMAL_BATCH_UPPER, -HUGE_VAL, baseline_cases[i].high, &lower, &upper);
        ck_assert_msg(upper == baseline_cases[i].bound ||
                          fabs(upper - baseline_cases[i].bound) <= 1e-12,
                      "%s: %.17g, not %.17g", baseline_cases[i].id, upper,
                      baseline_cases[i].bound);
        ck_assert(lower == -HUGE_VAL);
    }
}
END_TEST

/* The k-th smallest of split conformal, k = ceil((n + 1)(1 - alpha)), `end` beyond n. */
static double split(double *values, size_t n, double alpha, double end)
{
    size_t k;
    assert_ok(conformal_rank(n, alpha, &k, err));
    sort_numbers(values, n);
    return k > n ? end : values[k > 0 ? k - 1 : 0];
}

static double partition(const double *s, size_t n, size_t m, double alpha, double high)
{
    double batches[16];
    bool fine = true;
    for (size_t b = 0; b < n / m; b++) {
        double t[16];
        memcpy(t, s + b * m, m * sizeof *t);
        sort_numbers(t, m);
        batches[b] = mean(&fine, t, m);
    }
    return split(batches, n / m, alpha, high);
}

static double bonferroni(const double *s, size_t n, size_t m, double alpha, double high)
{
    double t[16];
    memcpy(t, s, n * sizeof *t);
    return n > 0 ? split(t, n, alpha / (double)m, high) : high;
}

/* All m-subsets of n scores and m unknown ones at the end of the support: the quantile of all
 * of them, of which the batch is one. */
static double direct(const double *s, size_t n, size_t m, double alpha, double high)
{
    static double values[20000];
    double pool[16], rest[16], t[16];
    size_t subset[8], count = 0;
    bool fine = true;
    memcpy(pool, s, n * sizeof *pool);
    for (size_t j = 0; j < m; j++)
        pool[n + j] = high;
    first_subset(subset, m);
    do {
        divide(pool, n + m, subset, m, rest, t);
        sort_numbers(t, m);
        values[count++] = mean(&fine, t, m);
    } while (next_subset(subset, m, n + m));
    sort_numbers(values, count);
    size_t k = 1;
    while (!allowed((double)(count - k), (double)count, alpha))
        k++;
    return values[k - 1];
}

START_TEST(bounds_follow_from_their_definitions)
{
    uint64_t at = 0;
    for (int round = 0; round < 600; round++) {
        double s[16], negated[16], alpha = 0.99 * draw(&at), low = round % 3 ? -2 : -HUGE_VAL;
        double high = round % 2 ? 4 : HUGE_VAL, lower, upper, other, another;
        size_t n = draw_below(&at, 9), m = 1 + draw_below(&at, 4);
        draw_scores(&at, n, round % 4 < 2, s);
        for (size_t i = 0; i < n; i++)
            negated[i] = -s[i];
        double (*const by[])(const double *, size_t, size_t, double, double) = {
            partition, bonferroni, direct};
        for (int b = 0; b < 3; b++) {
            bounds(all_baselines[b], s, n, m, alpha, CONFORMAL_BATCH_UPPER, low, high, &lower,
                   &upper);
            assert_near(upper, by[b](s, n, m, alpha, high), 1e-14);
            ck_assert(lower == -HUGE_VAL);
            bounds(all_baselines[b], s, n, m, alpha, CONFORMAL_BATCH_LOWER, low, high, &lower,
                   &other);
            assert_near(lower, -by[b](negated, n, m, alpha, -low), 1e-14);
            ck_assert(other == HUGE_VAL);
            bounds(all_baselines[b], s, n, m, alpha, CONFORMAL_BATCH_BOTH, low, high, &lower,
                   &upper);
            bounds(all_baselines[b], s, n, m, alpha / 2, CONFORMAL_BATCH_UPPER, low, high,
                   &another, &other);
            ck_assert(upper == other);
            bounds(all_baselines[b], s, n, m, alpha / 2, CONFORMAL_BATCH_LOWER, low, high,
                   &another, &other);
            ck_assert(lower == another);
        }
    }
}
END_TEST

START_TEST(baselines_are_valid_too)
{
    uint64_t at = 8;
    for (int round = 0; round < 500; round++) {
        size_t n = 2 + draw_below(&at, 5), m = 1 + draw_below(&at, 3), subset[3];
        double pool[10], s[10], t[10], alpha = draw(&at), held[3] = {0}, all = 0;
        bool fine = true;
        draw_scores(&at, n + m, round % 2, pool);
        for (size_t i = n + m - 1; i > 0; i--) { /* PARTITION takes them in their order */
            size_t j = draw_below(&at, i + 1);
            double v = pool[i];
            pool[i] = pool[j];
            pool[j] = v;
        }
        first_subset(subset, m);
        do {
            divide(pool, n + m, subset, m, s, t);
            sort_numbers(t, m);
            for (int b = 1; b < 3; b++) {
                double lower, upper;
                bounds(all_baselines[b], s, n, m, alpha, CONFORMAL_BATCH_UPPER, -2, 5, &lower,
                       &upper);
                held[b] += mean(&fine, t, m) <= upper + 1e-12;
            }
            all++;
        } while (next_subset(subset, m, n + m));
        for (int b = 1; b < 3; b++)
            ck_assert(held[b] / all >= 1 - alpha - 1e-12);
    }
}
END_TEST

/* Five orders of three batches of two: each batch is the new one once. */
START_TEST(partitions_cover_their_share_of_all_batches)
{
    static const double pool[] = {5, 1, 4, 4, 9, 2, 3, 3, 8, 0}; /* 3, 4, 5.5, 3, 4 */
    for (int level = 0; level <= 20; level++) {
        double alpha = level / 20.0, held = 0;
        for (size_t out = 0; out < 5; out++) {
            double s[8], lower, upper;
            size_t n = 0;
            for (size_t i = 0; i < 10; i++)
                if (i / 2 != out)
                    s[n++] = pool[i];
            bounds(CONFORMAL_BATCH_PARTITION, s, 8, 2, alpha, CONFORMAL_BATCH_UPPER, -1, 10,
                   &lower, &upper);
            held += (pool[2 * out] + pool[2 * out + 1]) / 2 <= upper;
        }
        ck_assert(held >= 5 * (1 - alpha) - 1e-9);
    }
}
END_TEST

/* Above 2e5 subsets a sample of them: C(65, 5) is 8 million. */
START_TEST(many_subsets_are_sampled)
{
    double s[60], a, b, c, lower, again;
    bool fine = true;
    uint64_t at = 3;
    draw_scores(&at, 60, false, s);
    bounds(CONFORMAL_BATCH_DIRECT, s, 60, 5, 0.3, CONFORMAL_BATCH_UPPER, -9, 3, &lower, &a);
    bounds(CONFORMAL_BATCH_DIRECT, s, 60, 5, 0.3, CONFORMAL_BATCH_UPPER, -9, 3, &lower,
           &again);
    ck_assert(a == again);
    assert_ok(conformal_batch_baseline_bounds(CONFORMAL_BATCH_DIRECT, s, 60, 5, mean, &fine,
                                              0.3, CONFORMAL_BATCH_UPPER, -9, 3, 6, NULL,
                                              &lower, &b, err));
    ck_assert(a != b && fabs(a - b) < 0.05); /* another sample */
    assert_ok(conformal_batch_baseline_bounds(CONFORMAL_BATCH_DIRECT, s, 60, 5, mean, &fine, 0,
                                              CONFORMAL_BATCH_UPPER, -9, 3, 6, NULL, &lower,
                                              &c, err));
    ck_assert(c == 3);
    ck_assert(b < c && b > 0);
    double top, share = 0; /* the largest of 5 of 65: P(<= S_(k)) = C(k, 5) / C(65, 5) */
    size_t k = 5;
    for (; share < 0.5; k++) {
        share = 1;
        for (size_t j = 0; j < 5; j++)
            share *= ((double)k - (double)j) / (65 - (double)j);
    }
    assert_ok(conformal_batch_baseline_bounds(CONFORMAL_BATCH_DIRECT, s, 60, 5, largest, NULL,
                                              0.5, CONFORMAL_BATCH_UPPER, -9, 3, 6, NULL,
                                              &lower, &top, err));
    sort_numbers(s, 60);
    ck_assert(s[k - 3] <= top && top <= s[k - 1]); /* one rank to either side of S_(k - 1) */
}
END_TEST

START_TEST(levels_at_their_ends_are_the_widest_and_the_narrowest)
{
    static const double s[] = {3, 1, 2, 4};
    for (int b = 0; b < 3; b++) {
        double lower, upper;
        bounds(all_baselines[b], s, 4, 2, 0, CONFORMAL_BATCH_BOTH, 0, 9, &lower, &upper);
        ck_assert(lower == 0 && upper == 9);
        bounds(all_baselines[b], s, 0, 2, 0.5, CONFORMAL_BATCH_BOTH, 0, 9, &lower, &upper);
        ck_assert(lower == 0 && upper == 9);
        bounds(all_baselines[b], s, 4, 1, 1, CONFORMAL_BATCH_UPPER, 0, 9, &lower, &upper);
        ck_assert_msg(upper == 1, "baseline %d: %g", (int)all_baselines[b], upper);
        bounds(all_baselines[b], s, 4, 1, 1, CONFORMAL_BATCH_LOWER, 0, 9, &lower, &upper);
        ck_assert_msg(lower == 4, "baseline %d: %g", (int)all_baselines[b], lower);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("baseline");
    TCase *tc = tcase_create("baseline");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, small_cases_are_the_oracle_s);
    tcase_add_test(tc, bounds_follow_from_their_definitions);
    tcase_add_test(tc, baselines_are_valid_too);
    tcase_add_test(tc, partitions_cover_their_share_of_all_batches);
    tcase_add_test(tc, many_subsets_are_sampled);
    tcase_add_test(tc, levels_at_their_ends_are_the_widest_and_the_narrowest);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
