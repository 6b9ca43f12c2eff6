/* test_batch.c - Monte-Carlo coverage of batch bounds, with a fixed seed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A repetition draws calibration scores and a batch and asks whether a statement held. Where
 * the statement's probability is known exactly the count is binomial, and accepted within 1e-9
 * on both sides; where only a lower bound of it is promised, above 1e-9 below. Each test is
 * itself tested: bounds one order statistic too narrow must be refused. */
#include "test.h"

#include <string.h>

#include "base/select.h"
#include "base/special.h"
#include "conformal/batch.h"
#include "conformal/random.h"

enum { MOST = 256, REPETITIONS = 20000 };

/* Continuous, skewed scores: logistic plus a bit. */
static double draw(uint64_t stream, uint64_t index)
{
    double u = conformal_uniform(20261125, stream, index);
    return log(u / (1.0 - u)) + 0.5 * u * u;
}

static void draw_all(double *x, size_t n, uint64_t stream, uint64_t repetition)
{
    for (size_t i = 0; i < n; i++)
        x[i] = draw(stream, repetition * MOST + i);
}

static void draw_batch(double *sorted, size_t m, uint64_t repetition)
{
    draw_all(sorted, m, 11, repetition);
    cf_sort(sorted, m, NULL);
}

static bool exactly(size_t count, double p)
{
    return cf_binomial_cdf(count, REPETITIONS, p) > 0.5e-9 &&
           cf_binomial_tail(count, REPETITIONS, p) > 0.5e-9;
}

static bool at_least(size_t count, double p)
{
    return cf_binomial_cdf(count, REPETITIONS, p) > 1e-9;
}

/* How often S_(low - 1) <= T_(z) <= S_(high). */
static size_t count_order(size_t n, size_t m, size_t z, size_t low, size_t high)
{
    static double seen[MOST], batch[MOST];
    size_t held = 0;
    for (size_t r = 0; r < REPETITIONS; r++) {
        draw_all(seen, n, 10, r);
        cf_sort(seen, n, NULL);
        draw_batch(batch, m, r);
        double lower = low >= 2 ? seen[low - 2] : -HUGE_VAL;
        double upper = high <= n ? seen[high - 1] : HUGE_VAL;
        held += lower <= batch[z - 1] && batch[z - 1] <= upper;
    }
    return held;
}

static const struct {
    size_t n, m, z;
    double alpha;
} orders[] = {{14, 10, 5, 0.2}, {40, 20, 20, 0.4}, {20, 5, 1, 0.3}, {10, 30, 15, 0.2}};

START_TEST(order_statistics_are_covered_exactly)
{
    size_t n = orders[_i].n, m = orders[_i].m;
    conformal_batch_options o = CONFORMAL_BATCH_INIT;
    conformal_batch_plan *plan;
    o.statistic = CONFORMAL_BATCH_ORDER;
    o.ranks = &orders[_i].z;
    o.n_ranks = 1;
    o.alpha = orders[_i].alpha;
    assert_ok(conformal_batch_plan_create(&o, &n, &m, 1, &plan, err));
    conformal_batch_promise p = conformal_batch_plan_promise(plan);
    conformal_batch_plan_free(plan);
    ck_assert(p.coverage >= 1.0 - o.alpha - 1e-11);
    size_t z = orders[_i].z;
    ck_assert(exactly(count_order(n, m, z, p.lower_rank, p.upper_rank), p.coverage));
    ck_assert(!exactly(count_order(n, m, z, p.lower_rank, p.upper_rank - 1), p.coverage));
}
END_TEST

/* Three quantiles at once, and the region for two. */
START_TEST(several_order_statistics_are_covered_jointly)
{
    enum { N = 120, M = 20 };
    static double seen[MOST], batch[MOST];
    conformal_batch_order o[] = {{3, CONFORMAL_BATCH_BOTH, 0, 0},
                                 {10, CONFORMAL_BATCH_BOTH, 0, 0},
                                 {18, CONFORMAL_BATCH_BOTH, 0, 0}};
    double joint, pair;
    size_t p, q, held = 0, held_planted = 0, pairs = 0;
    assert_ok(conformal_batch_joint_ranks(N, M, o, 3, 0.2, NULL, &joint, err));
    assert_ok(conformal_batch_pair_ranks(N, M, 5, 15, 0.2, CONFORMAL_BATCH_EQUAL, NULL, &p, &q,
                                         &pair, err));
    ck_assert(p >= 1 && q <= N);
    for (size_t r = 0; r < REPETITIONS; r++) {
        draw_all(seen, N, 10, r);
        cf_sort(seen, N, NULL);
        draw_batch(batch, M, r);
        bool all = true, planted = true;
        for (int i = 0; i < 3; i++) {
            double t = batch[o[i].rank - 1];
            double low = o[i].lower >= 2 ? seen[o[i].lower - 2] : -HUGE_VAL;
            double high = o[i].upper <= N ? seen[o[i].upper - 1] : HUGE_VAL;
            all = all && low <= t && t <= high;
            planted = planted && seen[o[i].lower - 1] <= t && t <= high;
        }
        held += all;
        held_planted += planted;
        pairs += seen[p - 1] <= batch[4] && batch[14] <= seen[q - 1];
    }
    ck_assert(exactly(held, joint));
    ck_assert(!exactly(held_planted, joint));
    ck_assert(exactly(pairs, pair));
}
END_TEST

static double mean_of(const double *x, size_t m)
{
    double sum = 0.0;
    for (size_t j = 0; j < m; j++)
        sum += x[j];
    return sum / (double)m;
}

typedef enum costs { LINEAR_COSTS, HEAVY_COSTS, PILOT_COSTS } costs;

/* The mean and a trimmed mean through plans; *mean, *trimmed: how often they were covered. */
static void count_means(costs which, conformal_batch_side side, double alpha, size_t *mean,
                        size_t *trimmed)
{
    enum { N = 200, M = 8 };
    static double seen[MOST], batch[MOST], pilot[100];
    static int32_t up[N + 1], low[N + 1];
    static const double c[M] = {0, 1, 1, 1, 1, 1, 1, 0};
    size_t n = N, m = M;
    conformal_batch_options o = CONFORMAL_BATCH_INIT, t;
    conformal_batch_plan *plans[2];
    double origin = 0.0, step = 0.0;
    o.alpha = alpha;
    o.side = side;
    if (which == HEAVY_COSTS) {
        assert_ok(conformal_batch_heavy_costs(N, CONFORMAL_BATCH_UPPER, 200, up, err));
        assert_ok(conformal_batch_heavy_costs(N, CONFORMAL_BATCH_LOWER, 200, low, err));
    } else if (which == PILOT_COSTS) {
        draw_all(pilot, 100, 12, 0);
        assert_ok(conformal_batch_pilot_costs(pilot, 100, N, CONFORMAL_BATCH_BOTH, 200, &origin,
                                              &step, NULL, up, err));
        memcpy(low, up, sizeof low);
    }
    o.costs = which == LINEAR_COSTS ? NULL : up;
    o.costs_low = which == LINEAR_COSTS ? NULL : low;
    t = o;
    t.costs = t.costs_low = NULL;
    t.statistic = CONFORMAL_BATCH_LINEAR;
    t.coefficients = c;
    assert_ok(conformal_batch_plan_create(&o, &n, &m, 1, &plans[0], err));
    assert_ok(conformal_batch_plan_create(&t, &n, &m, 1, &plans[1], err));
    *mean = *trimmed = 0;
    for (size_t r = 0; r < REPETITIONS; r++) {
        conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
        conformal_batch_bound b;
        d.n = N;
        d.scores = seen;
        draw_all(seen, N, 10, r);
        draw_batch(batch, M, r);
        assert_ok(conformal_batch_bounds(plans[0], &d, &b, err));
        *mean += b.lower <= mean_of(batch, M) && mean_of(batch, M) <= b.upper;
        if (r % 8 == 0) { /* dearer: an eighth of the repetitions */
            double sum = 6.0 * mean_of(batch + 1, 6);
            assert_ok(conformal_batch_bounds(plans[1], &d, &b, err));
            *trimmed += b.lower <= sum && sum <= b.upper;
        }
    }
    conformal_batch_plan_free(plans[0]);
    conformal_batch_plan_free(plans[1]);
}

START_TEST(means_are_covered)
{
    size_t mean, trimmed;
    count_means((costs)_i, CONFORMAL_BATCH_BOTH, 0.3, &mean, &trimmed);
    ck_assert(at_least(mean, 0.7));
    ck_assert(cf_binomial_cdf(trimmed, REPETITIONS / 8, 0.7) > 1e-9);
    /* the test can fail: an upper bound that promises next to nothing keeps next to nothing */
    count_means((costs)_i, CONFORMAL_BATCH_UPPER, 0.9999, &mean, &trimmed);
    ck_assert(!at_least(mean, 0.7));
}
END_TEST

START_TEST(claims_counts_and_p_values_keep_their_level)
{
    enum { N = 150, M = 12, MISTAKES = 2 };
    static double y[MOST], prediction[MOST], seen[MOST], batch[MOST];
    static unsigned char null[MOST];
    size_t kept = 0, planted = 0, counted = 0, small = 0, rank;
    double threshold, coverage = 0.0, p_value, attained = 0.0;
    assert_ok(conformal_batch_order_tail(N, M, 6, 120, &attained, err)); /* P(R_6 >= 121) */
    for (size_t r = 0; r < REPETITIONS; r++) {
        for (size_t i = 0; i < N; i++) {
            prediction[i] = draw(13, r * MOST + i);
            y[i] = prediction[i] + 2.0 * draw(14, r * MOST + i);
            null[i] = y[i] <= 1.0;
        }
        assert_ok(conformal_batch_select(prediction, null, N, M, MISTAKES, 0.2, NULL,
                                         &threshold, &rank, &coverage, err));
        size_t wrong = 0, wrong_planted = 0;
        double next = -HUGE_VAL; /* the null score below the threshold */
        for (size_t i = 0; i < N; i++)
            if (null[i] && prediction[i] < threshold)
                next = fmax(next, prediction[i]);
        for (size_t j = 0; j < M; j++) {
            double x = draw(15, r * MOST + j), truth = x + 2.0 * draw(16, r * MOST + j);
            wrong += truth <= 1.0 && x > threshold;
            wrong_planted += truth <= 1.0 && x > next;
        }
        kept += wrong <= MISTAKES;
        planted += wrong_planted <= MISTAKES;
        draw_all(seen, N, 10, r);
        draw_batch(batch, M, r);
        size_t above = 0, truly = 0, low, high;
        for (size_t i = 0; i < N; i++)
            above += seen[i] > 0.7;
        for (size_t j = 0; j < M; j++)
            truly += batch[j] > 0.7;
        assert_ok(conformal_batch_count(above, N, M, 0.2, CONFORMAL_BATCH_BOTH, &low, &high,
                                        err));
        counted += low <= truly && truly <= high;
        assert_ok(conformal_batch_pvalue(seen, N, batch, M, 6, NULL, NULL, &p_value, err));
        small += p_value <= attained * (1.0 + 1e-12);
    }
    ck_assert(exactly(kept, coverage));
    ck_assert(!exactly(planted, coverage));
    ck_assert(at_least(counted, 0.8));
    ck_assert(exactly(small, attained));
}
END_TEST

/* Two strata, of which the batch has much more of the rarer one. */
START_TEST(strata_may_mix_otherwise_in_the_batch)
{
    static double scores[MOST], batch[MOST];
    static int32_t strata[MOST];
    const size_t n[] = {80, 30}, m[] = {4, 8}, z = 9;
    conformal_batch_options o = CONFORMAL_BATCH_INIT;
    conformal_batch_plan *mean_plan, *order_plan;
    size_t bounds[2], held = 0, planted = 0, means = 0, orders_held = 0;
    double coverage;
    o.alpha = 0.3;
    assert_ok(conformal_batch_plan_create(&o, n, m, 2, &mean_plan, err));
    o.statistic = CONFORMAL_BATCH_ORDER;
    o.ranks = &z;
    o.n_ranks = 1;
    assert_ok(conformal_batch_plan_create(&o, n, m, 2, &order_plan, err));
    assert_ok(conformal_batch_strata_ranks(n, m, 2, z, 0.3, CONFORMAL_BATCH_UPPER, NULL, bounds,
                                           &coverage, err));
    for (size_t r = 0; r < REPETITIONS; r++) {
        conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
        conformal_batch_bound b;
        size_t under = 0, under_planted = 0;
        d.n = n[0] + n[1];
        d.scores = scores;
        d.strata = strata;
        for (size_t i = 0; i < d.n; i++) {
            strata[i] = i >= n[0];
            scores[i] = draw(17, r * MOST + i) * (strata[i] ? 3.0 : 1.0) + strata[i];
        }
        for (size_t j = 0; j < 12; j++)
            batch[j] = draw(18, r * MOST + j) * (j >= m[0] ? 3.0 : 1.0) + (j >= m[0]);
        for (size_t g = 0; g < 2; g++) {
            static double own[MOST];
            memcpy(own, scores + (g ? n[0] : 0), n[g] * sizeof *own);
            cf_sort(own, n[g], NULL);
            for (size_t j = g ? m[0] : 0; j < (g ? 12 : m[0]); j++) {
                under += bounds[g] > n[g] || batch[j] <= own[bounds[g] - 1];
                under_planted += batch[j] <= own[bounds[g] - 2];
            }
        }
        held += under >= z;
        planted += under_planted >= z;
        assert_ok(conformal_batch_bounds(mean_plan, &d, &b, err));
        means += b.lower <= mean_of(batch, 12) && mean_of(batch, 12) <= b.upper;
        assert_ok(conformal_batch_bounds(order_plan, &d, &b, err));
        cf_sort(batch, 12, NULL);
        orders_held += b.lower <= batch[z - 1] && batch[z - 1] <= b.upper;
    }
    conformal_batch_plan_free(mean_plan);
    conformal_batch_plan_free(order_plan);
    ck_assert(exactly(held, coverage));
    ck_assert(!exactly(planted, coverage));
    ck_assert(at_least(means, 0.7));
    ck_assert(at_least(orders_held, 0.7));
}
END_TEST

/* Calibration where x is uniform, a batch where large x are more frequent (density 2x): kept with
 * probability x, the rows are the batch's population. Given how many are kept the coverage is
 * exact; over repetitions it is a sum of independent events, within the binomial bounds of their
 * mean (Hoeffding 1956). Without rejection the same bounds must fail. */
START_TEST(rejection_brings_the_batch_s_population)
{
    enum { N = 200, M = 10 };
    static double x[MOST], y[MOST], kept_y[MOST], batch[MOST];
    static unsigned char keep[MOST];
    size_t held = 0, held_without = 0, z = 5;
    double promised = 0.0;
    for (size_t r = 0; r < REPETITIONS; r++) {
        size_t n, k, k_all;
        double coverage;
        for (size_t i = 0; i < N; i++) {
            x[i] = conformal_uniform(20261125, 19, r * MOST + i);
            y[i] = 4.0 * x[i] + draw(20, r * MOST + i);
        }
        for (size_t j = 0; j < M; j++)
            batch[j] = 4.0 * sqrt(conformal_uniform(20261125, 21, r * MOST + j)) +
                       draw(22, r * MOST + j);
        cf_sort(batch, M, NULL);
        assert_ok(conformal_batch_reject(x, N, 1.0, r, keep, &n, err));
        for (size_t i = 0, to = 0; i < N; i++)
            if (keep[i])
                kept_y[to++] = y[i];
        cf_sort(kept_y, n, NULL);
        cf_sort(y, N, NULL);
        assert_ok(conformal_batch_order_rank(n, M, z, 0.2, CONFORMAL_BATCH_UPPER, &k, &coverage,
                                             err));
        assert_ok(conformal_batch_order_rank(N, M, z, 0.2, CONFORMAL_BATCH_UPPER, &k_all, NULL,
                                             err));
        promised += coverage;
        held += k > n || batch[z - 1] <= kept_y[k - 1];
        held_without += batch[z - 1] <= y[k_all - 1];
    }
    ck_assert(exactly(held, promised / REPETITIONS));
    ck_assert(!at_least(held_without, 0.8));
}
END_TEST

static double third_largest_gap_free(void *user, const double *sorted, size_t m)
{
    (void)user;
    return fmax(sorted[m - 3], 0.5 * (sorted[0] + sorted[m - 1]));
}

/* Outcomes that are prediction and score; and a statistic that only a callback knows. */
START_TEST(outcomes_and_any_monotone_statistic_are_covered)
{
    enum { N = 100, M = 9 };
    static double seen[MOST], e[MOST], a[M], y[M];
    size_t n = N, m = M, z = 5, held = 0, monotone = 0, any = 0;
    conformal_batch_options o = CONFORMAL_BATCH_INIT;
    conformal_batch_plan *plan;
    o.statistic = CONFORMAL_BATCH_ORDER;
    o.ranks = &z;
    o.n_ranks = 1;
    o.alpha = 0.3;
    o.outcomes = true;
    assert_ok(conformal_batch_plan_create(&o, &n, &m, 1, &plan, err));
    for (size_t r = 0; r < REPETITIONS; r++) {
        conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
        conformal_batch_bound b;
        double low, high, coverage;
        draw_all(seen, N, 10, r);
        draw_all(e, M, 11, r);
        for (size_t j = 0; j < M; j++) { /* predictions that depend on nothing, as far apart */
            a[j] = 0.5 * (double)(j * j % 7);
            y[j] = a[j] + e[j];
        }
        cf_sort(y, M, NULL);
        d.n = N;
        d.scores = seen;
        d.predictions = a;
        assert_ok(conformal_batch_bounds(plan, &d, &b, err));
        held += b.lower <= y[z - 1] && y[z - 1] <= b.upper;
        if (r % 20 != 0)
            continue;
        cf_sort(e, M, NULL);
        assert_ok(conformal_batch_monotone(seen, N, M, third_largest_gap_free, NULL, 0.3,
                                           CONFORMAL_BATCH_BOTH, -HUGE_VAL, HUGE_VAL, 99, r, NULL,
                                           &low, &high, &coverage, err));
        double t = third_largest_gap_free(NULL, e, M);
        any++;
        monotone += low <= t && t <= high;
    }
    conformal_batch_plan_free(plan);
    ck_assert(at_least(held, 0.7));
    ck_assert(cf_binomial_cdf(monotone, any, 0.7) > 1e-9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batch coverage");
    TCase *t = tcase_create("coverage");
    tcase_set_timeout(t, 0);
    tcase_add_loop_test(t, order_statistics_are_covered_exactly, 0,
                        sizeof orders / sizeof orders[0]);
    tcase_add_test(t, several_order_statistics_are_covered_jointly);
    tcase_add_loop_test(t, means_are_covered, 0, 3);
    tcase_add_test(t, claims_counts_and_p_values_keep_their_level);
    tcase_add_test(t, strata_may_mix_otherwise_in_the_batch);
    tcase_add_test(t, rejection_brings_the_batch_s_population);
    tcase_add_test(t, outcomes_and_any_monotone_statistic_are_covered);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
