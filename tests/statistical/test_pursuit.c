/* test_pursuit.c - Monte-Carlo coverage of what a pursuit policy reports, with a fixed seed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each repetition draws new calibration rows and new cases. Given them the share that is covered
 * would be Beta(n + 1 - m, m) without ties, and is more with them: the lower bounds come from
 * that law, at 1e-9 in all. The test is tested: multipliers one order statistic too high must
 * be refused, and so are the paper's thresholds on the chain that they chose themselves. */
#include "test.h"

#include "conformal/pursuit.h"
#include "conformal/random.h"
#include "oracle/pursuit_coverage.h"
#include "oracle/pursuit_tiny.h"
#include "statistical/law.h"

enum { MOST_ROWS = 100, K = 4, Q = 5, A = 12, LENGTH = 4, N = 39, CASES = 40 };

static double uniform(uint64_t stream, uint64_t *at)
{
    return conformal_uniform(20261125, stream, (*at)++);
}

/* Rows of a naive Bayes world: chance is by answer, then class. */
typedef struct rows {
    int32_t answers[MOST_ROWS * Q], labels[MOST_ROWS];
    conformal_pursuit_table table;
} rows;

static void draw_rows(rows *r, size_t n, const double *prior, size_t classes,
                      const double *chance, const size_t *n_answers, size_t queries,
                      uint64_t *at)
{
    conformal_pursuit_table t = CONFORMAL_PURSUIT_TABLE_INIT;
    for (size_t i = 0; i < n; i++) {
        size_t y = 0, row = 0;
        for (double u = uniform(0, at) - prior[0]; u > 0 && y + 1 < classes; u -= prior[y])
            y++;
        for (size_t q = 0; q < queries; row += n_answers[q++]) {
            size_t a = 0;
            for (double u = uniform(0, at) - chance[row * classes + y];
                 u > 0 && a + 1 < n_answers[q]; u -= chance[(row + a) * classes + y])
                a++;
            r->answers[i * queries + q] = (int32_t)a;
        }
        r->labels[i] = (int32_t)y;
    }
    t.rows = n;
    t.queries = queries;
    t.answers = r->answers;
    t.labels = r->labels;
    r->table = t;
}

/* ------------------------------------------------------------------ policies promise */

/* Twelve answers a query, so that few probabilities are alike; the model is three times as sure
 * as it should be, which makes the policy chase its own errors. */
static double prior[K], chance[Q * A * K];
static const size_t n_answers[Q] = {A, A, A, A, A};
static conformal_pursuit_model *model;

static void set_up(void)
{
    double base[K], weights[Q * A * K];
    uint64_t at = 0;
    for (size_t y = 0; y < K; y++) {
        prior[y] = 1.0 / K;
        base[y] = log(prior[y]);
        for (size_t q = 0; q < Q; q++) {
            double sum = 0;
            for (size_t a = 0; a < A; a++)
                sum += chance[(q * A + a) * K + y] = pow(uniform(1, &at), 2) + 0.02;
            for (size_t a = 0; a < A; a++)
                chance[(q * A + a) * K + y] /= sum;
        }
    }
    for (size_t i = 0; i < Q * A * K; i++)
        weights[i] = 3 * log(chance[i]);
    assert_ok(conformal_pursuit_additive(base, weights, chance, K, Q, n_answers, NULL, &model,
                                         err));
}

static void tear_down(void)
{
    conformal_pursuit_model_free(model);
}

static const struct {
    int selector, threshold, tie, stop;
    bool temperature;
} policies[] = {
    {CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_TIE_ENTROPY,
     CONFORMAL_PURSUIT_STOP_SIZE, false},
    {CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_PER_LAST, CONFORMAL_PURSUIT_TIE_RANDOM,
     CONFORMAL_PURSUIT_STOP_SIZE, false},
    {CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_TIE_ENTROPY,
     CONFORMAL_PURSUIT_STOP_MAP, true},
    {CONFORMAL_PURSUIT_RANDOM, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_TIE_ENTROPY,
     CONFORMAL_PURSUIT_STOP_MAP, false},
};
enum { POLICIES = sizeof policies / sizeof *policies, REPETITIONS = 800 };

/* Cases covered after k = 1 .. LENGTH queries, at the stop, and throughout. */
typedef struct counts {
    double step[LENGTH + 1], stop, any;
} counts;

static counts simulate(int i, double report_alpha, uint64_t *at)
{
    counts total = {{0}, 0, 0};
    for (size_t r = 0; r < REPETITIONS; r++) {
        static rows first, second, fresh;
        conformal_pursuit_options o = CONFORMAL_PURSUIT_INIT;
        conformal_pursuit_curves c = CONFORMAL_PURSUIT_CURVES_INIT;
        conformal_pursuit_policy *p;
        double coverage[LENGTH + 1];
        o.selector = (conformal_pursuit_selector)policies[i].selector;
        o.objective = CONFORMAL_PURSUIT_SIZE;
        o.threshold = (conformal_pursuit_threshold)policies[i].threshold;
        o.tie = (conformal_pursuit_tie)policies[i].tie;
        o.stop = (conformal_pursuit_stop)policies[i].stop;
        o.temperature = policies[i].temperature;
        o.report_alpha = report_alpha;
        o.max_length = LENGTH;
        o.seed = r;
        c.coverage = coverage;
        draw_rows(&first, N, prior, K, chance, n_answers, Q, at);
        draw_rows(&second, N, prior, K, chance, n_answers, Q, at);
        draw_rows(&fresh, CASES, prior, K, chance, n_answers, Q, at);
        assert_ok(conformal_pursuit_policy_create(&o, model, &first.table, &second.table, NULL,
                                                  &p, err));
        assert_ok(conformal_pursuit_evaluate(p, &fresh.table, NULL, NULL, &c, err));
        for (size_t k = 1; k <= LENGTH; k++)
            total.step[k] += coverage[k] * CASES;
        total.stop += c.coverage_stop * CASES;
        total.any += c.coverage_any * CASES;
        conformal_pursuit_policy_free(p);
    }
    return total;
}

/* The least count that 1 - alpha = 0.9 allows. */
static double least_count(void)
{
    double low, high;
    size_t m = 4; /* floor(0.1 (N + 1)) */
    law_bounds(N, N + 1 - m, CASES, REPETITIONS, 1e-9 / (POLICIES * (LENGTH + 2)), &low, &high);
    return low;
}

START_TEST(what_is_reported_covers)
{
    uint64_t at = (uint64_t)_i << 40;
    double least = least_count();
    counts c = simulate(_i, 0.1, &at);
    for (size_t k = 1; k <= LENGTH; k++)
        ck_assert_msg(c.step[k] >= least, "%g after %zu queries, not %g", c.step[k], k, least);
    ck_assert_msg(c.stop >= least, "%g at the stop, not %g", c.stop, least);
    ck_assert_msg(c.any >= least, "%g throughout, not %g", c.any, least);
}
END_TEST

START_TEST(an_off_by_one_is_found) /* the test of the test */
{
    uint64_t at = (uint64_t)_i << 40;
    double least = least_count();
    counts c = simulate(_i, 0.125, &at); /* the fifth smallest ratio instead of the fourth */
    for (size_t k = 2; k <= LENGTH; k++) /* after one query there still are ties */
        ck_assert_msg(c.step[k] < least, "%g after %zu queries", c.step[k], k);
    ck_assert_msg(c.stop < least && c.any < least, "%g at the stop, %g throughout", c.stop,
                  c.any);
}
END_TEST

/* ------------------------------------------------------------------ thresholds do not */

enum { TINY_ROWS = 50, TINY_REPETITIONS = 800 };
static const size_t tiny_answers[] = {2, 2, 3};

/* Shares covered after k = 1, 2, 3 queries on the policy's own chain, and their standard errors:
 * by tau_k, and by c_k tau_k. */
typedef struct shares {
    double length[4], step[4], length_se[4], step_se[4];
} shares;

static shares simulate_tiny(conformal_pursuit_selector selector, size_t n, double alpha,
                            size_t repetitions, uint64_t *at)
{
    shares s = {{0}, {0}, {0}, {0}};
    double base[3], weights[21], R = (double)repetitions;
    conformal_pursuit_model *m;
    for (size_t y = 0; y < 3; y++)
        base[y] = log(tiny_prior[y]);
    for (size_t i = 0; i < 21; i++)
        weights[i] = log(tiny_chance[i]);
    assert_ok(conformal_pursuit_additive(base, weights, tiny_chance, 3, 3, tiny_answers, NULL,
                                         &m, err));
    for (size_t r = 0; r < repetitions; r++) {
        static rows first, second, fresh;
        conformal_pursuit_options o = CONFORMAL_PURSUIT_INIT;
        conformal_pursuit_curves c = CONFORMAL_PURSUIT_CURVES_INIT;
        conformal_pursuit_policy *p;
        double step[4], length[4];
        o.selector = selector;
        o.objective = CONFORMAL_PURSUIT_SIZE;
        o.alpha = alpha;
        o.seed = r;
        c.coverage = step;
        c.length_coverage = length;
        draw_rows(&first, n, tiny_prior, 3, tiny_chance, tiny_answers, 3, at);
        draw_rows(&second, n, tiny_prior, 3, tiny_chance, tiny_answers, 3, at);
        draw_rows(&fresh, CASES, tiny_prior, 3, tiny_chance, tiny_answers, 3, at);
        assert_ok(conformal_pursuit_policy_create(&o, m, &first.table, &second.table, NULL, &p,
                                                  err));
        assert_ok(conformal_pursuit_evaluate(p, &fresh.table, NULL, NULL, &c, err));
        for (size_t k = 1; k <= 3; k++) {
            s.length[k] += length[k] / R;
            s.step[k] += step[k] / R;
            s.length_se[k] += length[k] * length[k] / R;
            s.step_se[k] += step[k] * step[k] / R;
        }
        conformal_pursuit_policy_free(p);
    }
    for (size_t k = 1; k <= 3; k++) {
        s.length_se[k] = sqrt((s.length_se[k] - s.length[k] * s.length[k]) / R);
        s.step_se[k] = sqrt((s.step_se[k] - s.step[k] * s.step[k]) / R);
    }
    conformal_pursuit_model_free(m);
    return s;
}

/* Against the oracle's simulation: means and standard errors of three shares. */
static void compare(const double *share, const double *se, const double oracle[2][3])
{
    for (size_t k = 1; k <= 3; k++) {
        double error = sqrt(se[k] * se[k] + oracle[1][k - 1] * oracle[1][k - 1]);
        ck_assert_msg(fabs(share[k] - oracle[0][k - 1]) <= 4.5 * error,
                      "%g after %zu queries, not %g +- %g", share[k], k, oracle[0][k - 1],
                      error);
    }
}

START_TEST(thresholds_fall_short_on_the_chain_they_chose)
{
    uint64_t at = UINT64_C(9) << 40;
    double least, most;
    shares s = simulate_tiny(CONFORMAL_PURSUIT_CIP, TINY_ROWS, 0.1, TINY_REPETITIONS, &at);
    law_bounds(TINY_ROWS, TINY_ROWS + 1 - 5, CASES, TINY_REPETITIONS, 1e-9, &least, &most);
    least /= (double)CASES * TINY_REPETITIONS;
    ck_assert_msg(s.length[1] < least, "%g is not below %g", s.length[1], least);
    for (size_t k = 1; k <= 3; k++) /* multipliers repair it */
        ck_assert_msg(s.step[k] >= least, "%g after %zu queries", s.step[k], k);
    compare(s.length, s.length_se, coverage_cip_chain_uniform_tau_1);
    compare(s.step, s.step_se, coverage_cip_chain_policy_tau_1);
    s = simulate_tiny(CONFORMAL_PURSUIT_CIP, TINY_ROWS, 0.2, TINY_REPETITIONS, &at);
    compare(s.length, s.length_se, coverage_cip_chain_uniform_tau_2);
    compare(s.step, s.step_se, coverage_cip_chain_policy_tau_2);
    s = simulate_tiny(CONFORMAL_PURSUIT_IP, TINY_ROWS, 0.1, TINY_REPETITIONS, &at);
    compare(s.length, s.length_se, coverage_ip_chain_uniform_tau_1);
}
END_TEST

/* The law of an order statistic with ties gives the exact number. */
START_TEST(thresholds_cover_random_chains)
{
    static const size_t sizes[] = {19, 50, 99};
    uint64_t at = UINT64_C(10) << 40;
    size_t compared = 0;
    for (size_t i = 0; i < 3; i++) {
        shares s = simulate_tiny(CONFORMAL_PURSUIT_RANDOM, sizes[i], 0.1, 500, &at);
        for (size_t j = 0; j < sizeof coverage_exact / sizeof *coverage_exact; j++) {
            size_t k = coverage_exact[j].k;
            if (coverage_exact[j].n != sizes[i] || coverage_exact[j].alpha != 0.1)
                continue;
            ck_assert_msg(fabs(s.length[k] - coverage_exact[j].coverage) <=
                              4.5 * s.length_se[k],
                          "n %zu, %zu queries: %g, not %g +- %g", sizes[i], k, s.length[k],
                          coverage_exact[j].coverage, s.length_se[k]);
            compared++;
        }
    }
    ck_assert_uint_eq(compared, 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit coverage");
    TCase *tc = tcase_create("pursuit coverage");
    tcase_set_timeout(tc, 0);
    tcase_add_unchecked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, what_is_reported_covers, 0, POLICIES);
    tcase_add_loop_test(tc, an_off_by_one_is_found, 0, 2); /* the others take as long */
    tcase_add_test(tc, thresholds_fall_short_on_the_chain_they_chose);
    tcase_add_test(tc, thresholds_cover_random_chains);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
