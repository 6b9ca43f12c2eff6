/* test_thresholds.c - thresholds by length, by last query and by chain; temperatures.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/random.h"
#include "made.h"
#include "oracle/pursuit_quantile.h"
#include "problem.h"

enum { CASES = sizeof quantile_cases / sizeof *quantile_cases };

/* One query with an answer per row, after which the row's class has the wanted probability. */
static conformal_status look_up(void *user, const conformal_pursuit_history *h, size_t n,
                                double *p, conformal_error *err)
{
    const double *scores = user;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        p[2 * i] = h[i].length > 0 ? scores[h[i].answers[0].answer] : 0.5;
        p[2 * i + 1] = 1 - p[2 * i];
    }
    return CONFORMAL_OK;
}

START_TEST(thresholds_are_the_oracle_s_order_statistics)
{
    static int32_t answers[200], labels[200];
    size_t n = quantile_cases[_i].n;
    double scores[200];
    memcpy(scores, quantile_cases[_i].scores, n * sizeof *scores);
    for (size_t i = 0; i < n; i++)
        answers[i] = (int32_t)i;
    conformal_pursuit_table t = table_of(n, 1, answers, labels);
    conformal_pursuit_model *m;
    assert_ok(conformal_pursuit_callback(look_up, scores, NULL, 2, 1, &n, NULL, &m, err));
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, quantile_cases[_i].alpha);
    conformal_pursuit_policy *p = policy_of(&o, m, &t, NULL, NULL);
    assert_close(conformal_pursuit_calibration_of(p).tau[1], quantile_cases[_i].tau, 1e-14);
    /* the set has exactly the classes that conform, ties with the threshold among them */
    for (size_t i = 0; i < n; i++) {
        conformal_pursuit_session *s = session_of(p, i);
        unsigned char in[2];
        give(s, 0, (int32_t)i);
        size_t count = set_of(s, CONFORMAL_PURSUIT_SET_LENGTH, in);
        double least = quantile_cases[_i].tau * (1 - 1e-9);
        ck_assert(in[0] == (scores[i] >= least) && in[1] == (1 - scores[i] >= least));
        ck_assert_uint_eq(count, (size_t)in[0] + in[1]);
        ck_assert(quantile_cases[_i].m > 0 || count == 2);
        conformal_pursuit_close(s);
    }
    conformal_pursuit_policy_free(p);
    conformal_pursuit_model_free(m);
}
END_TEST

/* ------------------------------------------------------------------ by definition */

/* p(true) of a row after the given queries. */
static double p_true(const problem *r, const int32_t *queries, size_t k, size_t row, double gamma)
{
    conformal_pursuit_answer h[MOST_QUERIES];
    double p[MOST_CLASSES];
    for (size_t i = 0; i < k; i++) {
        h[i].query = queries[i];
        h[i].answer = r->answers[row * r->queries + (size_t)queries[i]];
    }
    posterior(r, h, k, gamma, p);
    return p[r->labels[row]];
}

START_TEST(thresholds_per_length_follow_the_chains)
{
    problem r;
    draw_problem(&r, 100 + (uint64_t)_i);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.13);
    conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, r.chains);
    const double *tau = conformal_pursuit_calibration_of(p).tau;
    for (size_t k = 0; k <= r.queries; k++) {
        double scores[MOST_ROWS];
        for (size_t i = 0; i < r.first.rows; i++)
            scores[i] = p_true(&r, r.chains + i * r.queries, k, i, 1);
        assert_close(tau[k], order_statistic(scores, r.first.rows, 0.13), 1e-12);
    }
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

START_TEST(thresholds_per_last_query_end_with_it)
{
    problem r;
    draw_problem(&r, 200 + (uint64_t)_i);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, 0.2);
    o.threshold = CONFORMAL_PURSUIT_PER_LAST;
    conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, r.chains);
    conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
    for (size_t k = 1; k <= r.queries; k++)
        for (size_t q = 0; q < r.queries; q++) {
            double scores[MOST_ROWS];
            for (size_t i = 0; i < r.first.rows; i++) {
                int32_t chain[MOST_QUERIES];
                size_t kept = 0;
                for (size_t j = 0; kept + 1 < k; j++)
                    if ((size_t)r.chains[i * r.queries + j] != q)
                        chain[kept++] = r.chains[i * r.queries + j];
                chain[k - 1] = (int32_t)q;
                scores[i] = p_true(&r, chain, k, i, 1);
            }
            assert_close(c.tau_last[k * r.queries + q],
                         order_statistic(scores, r.first.rows, 0.2), 1e-12);
        }
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

START_TEST(sets_are_nested_in_the_level)
{
    problem r;
    draw_problem(&r, 300);
    double before[MOST_QUERIES + 1] = {0};
    for (int level = 0; level <= 20; level++) {
        conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, level / 20.0);
        conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, r.chains);
        const double *tau = conformal_pursuit_calibration_of(p).tau;
        for (size_t k = 0; k <= r.queries; k++) {
            ck_assert(tau[k] >= before[k]);
            ck_assert(level > 0 || tau[k] == 0);
            before[k] = tau[k];
        }
        conformal_pursuit_policy_free(p);
    }
    free_problem(&r);
}
END_TEST

/* Chains that nobody gave depend on the seed and the row's number alone. */
START_TEST(drawn_chains_are_those_of_the_seed)
{
    problem r;
    draw_problem(&r, 400);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.1);
    for (uint64_t seed = 0; seed < 3; seed++) {
        o.seed = seed;
        conformal_pursuit_policy *drawn = policy_of(&o, r.model, &r.first, NULL, NULL);
        for (size_t i = 0; i < r.first.rows; i++) {
            size_t order[MOST_QUERIES];
            assert_ok(conformal_permutation(
                seed,
                (2 * CONFORMAL_PURSUIT_MOST_CASES + 1 + i) << 8 | CONFORMAL_STREAM_PURSUIT,
                r.queries, order, err));
            for (size_t j = 0; j < r.queries; j++)
                r.chains[i * r.queries + j] = (int32_t)order[j];
        }
        conformal_pursuit_policy *given = policy_of(&o, r.model, &r.first, NULL, r.chains);
        ck_assert(memcmp(conformal_pursuit_calibration_of(drawn).tau,
                         conformal_pursuit_calibration_of(given).tau,
                         (r.queries + 1) * sizeof(double)) == 0);
        conformal_pursuit_policy_free(given);
        conformal_pursuit_policy_free(drawn);
    }
    free_problem(&r);
}
END_TEST

/* ------------------------------------------------------------------ temperatures */

static double loss(const problem *r, size_t k, double gamma)
{
    double sum = 0;
    for (size_t i = 0; i < r->first.rows; i++)
        sum -= log(p_true(r, r->chains + i * r->queries, k, i, gamma));
    return sum;
}

START_TEST(temperatures_fit_best)
{
    problem r;
    draw_problem(&r, 500 + (uint64_t)_i);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.1);
    o.temperature = true;
    conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, r.chains);
    conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
    for (size_t k = 0; k <= r.queries; k++) {
        double at = loss(&r, k, c.gamma[k]), scores[MOST_ROWS];
        ck_assert(c.gamma[k] >= exp(-4.2) * (1 - 1e-9) && c.gamma[k] <= exp(2.1) * (1 + 1e-9));
        for (double log_gamma = -4.2; log_gamma <= 2.1; log_gamma += 0.1)
            ck_assert(at <= loss(&r, k, exp(log_gamma)) + 1e-9);
        for (size_t i = 0; i < r.first.rows; i++)
            scores[i] = p_true(&r, r.chains + i * r.queries, k, i, c.gamma[k]);
        assert_close(c.tau[k], order_statistic(scores, r.first.rows, 0.1), 1e-12);
    }
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit thresholds");
    TCase *tc = tcase_create("pursuit thresholds");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, thresholds_are_the_oracle_s_order_statistics, 0, CASES);
    tcase_add_loop_test(tc, thresholds_per_length_follow_the_chains, 0, 20);
    tcase_add_loop_test(tc, thresholds_per_last_query_end_with_it, 0, 20);
    tcase_add_test(tc, sets_are_nested_in_the_level);
    tcase_add_test(tc, drawn_chains_are_those_of_the_seed);
    tcase_add_loop_test(tc, temperatures_fit_best, 0, 10);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
