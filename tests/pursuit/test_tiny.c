/* test_tiny.c - three classes, three queries: every history against exact numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All probabilities are tenths, so 10^4 rows hold the joint law of class and answers; with each
 * of the six orders of the queries they are the population, whose thresholds are the oracle's. */
#include "test.h"

#include "made.h"
#include "oracle/pursuit_tiny.h"

enum { K = 3, Q = 3, ROWS = 60000, HISTORIES = sizeof tiny_histories / sizeof *tiny_histories };

static const size_t n_answers[Q] = {2, 2, 3}, first_row[Q] = {0, 2, 4};
static int32_t answers[ROWS * Q], labels[ROWS], chains[ROWS * Q];
static conformal_pursuit_table population;
static conformal_pursuit_model *model;

static double chance(size_t q, size_t a, size_t y)
{
    return tiny_chance[(first_row[q] + a) * K + y];
}

static void add_rows(size_t *at, const int32_t *row, size_t y, size_t copies)
{
    static const int32_t orders[6][Q] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < copies; i++)
        for (size_t o = 0; o < 6; o++, ++*at) {
            memcpy(answers + *at * Q, row, Q * sizeof *row);
            memcpy(chains + *at * Q, orders[o], Q * sizeof *row);
            labels[*at] = (int32_t)y;
        }
}

static void set_up(void)
{
    double base[K], weights[7 * K];
    size_t rows = 0;
    for (size_t y = 0; y < K; y++)
        base[y] = log(tiny_prior[y]);
    for (size_t i = 0; i < 7 * K; i++)
        weights[i] = log(tiny_chance[i]);
    assert_ok(conformal_pursuit_additive(base, weights, tiny_chance, K, Q, n_answers, NULL,
                                         &model, err));
    for (int32_t a = 0; a < 2; a++)
        for (int32_t b = 0; b < 2; b++)
            for (int32_t c = 0; c < 3; c++)
                for (size_t y = 0; y < K; y++) {
                    const int32_t row[Q] = {a, b, c};
                    double p = tiny_prior[y] * chance(0, (size_t)a, y) *
                               chance(1, (size_t)b, y) * chance(2, (size_t)c, y);
                    add_rows(&rows, row, y, (size_t)lround(1e4 * p));
                }
    ck_assert_uint_eq(rows, ROWS);
    population = table_of(ROWS, Q, answers, labels);
}

static void tear_down(void)
{
    conformal_pursuit_model_free(model);
}

/* The level of the next rank: the population threshold is the largest that leaves out at most
 * alpha, where exactly alpha may be. */
static conformal_pursuit_policy *policy(conformal_pursuit_selector selector,
                                        conformal_pursuit_objective objective, size_t level)
{
    conformal_pursuit_options o = options_of(selector, tiny_alpha[level] + 2e-5);
    o.objective = objective;
    return policy_of(&o, model, &population, NULL, chains);
}

static conformal_pursuit_session *session_at(const conformal_pursuit_policy *p, size_t i)
{
    conformal_pursuit_session *s = session_of(p, 0);
    for (size_t k = 0; k < strlen(tiny_histories[i].query); k++)
        give(s, code_at(tiny_histories[i].query, k), code_at(tiny_histories[i].answer, k));
    return s;
}

START_TEST(information_pursuit_is_exact)
{
    conformal_pursuit_policy *p =
        policy(CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_SIZE, 0);
    for (size_t i = 0; i < HISTORIES; i++) {
        conformal_pursuit_session *s = session_at(p, i);
        conformal_pursuit_state state = conformal_pursuit_state_of(s);
        double values[Q], entropy[Q], least = HUGE_VAL;
        for (size_t y = 0; y < K; y++)
            assert_close(state.p[y], tiny_histories[i].posterior[y], 1e-13);
        assert_close(state.entropy, tiny_histories[i].entropy, 1e-13);
        conformal_pursuit_choice c = next_of(s, values, entropy);
        ck_assert_int_eq(c.query, tiny_histories[i].ip);
        for (size_t q = 0; q < Q; q++) {
            assert_close(values[q], tiny_histories[i].expected[q], 1e-13);
            assert_close(entropy[q], tiny_histories[i].expected[q], 1e-13);
            least = fmin(least, values[q]);
        }
        ck_assert(c.query < 0 ? isnan(c.objective) : c.objective == least);
        ck_assert(c.stop == (c.query < 0)); /* all asked */
        conformal_pursuit_close(s);
    }
    conformal_pursuit_policy_free(p);
}
END_TEST

START_TEST(conformal_pursuit_is_exact)
{
    conformal_pursuit_policy *p =
        policy(CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE, (size_t)_i);
    conformal_pursuit_policy *logs =
        policy(CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_LOGSIZE, (size_t)_i);
    const double *tau = conformal_pursuit_calibration_of(p).tau;
    for (size_t k = 0; k <= Q; k++)
        assert_close(tau[k], tiny_tau[_i][k], 1e-13);
    for (size_t i = 0; i < HISTORIES; i++) {
        conformal_pursuit_session *s = session_at(p, i), *t = session_at(logs, i);
        double values[Q], log_values[Q], entropy[Q];
        ck_assert_int_eq(next_of(s, values, entropy).query, tiny_histories[i].cip[_i]);
        next_of(t, log_values, NULL);
        for (size_t q = 0; q < Q; q++) {
            double size = tiny_histories[i].size[_i][q];
            /* an empty set after every answer has no finite logarithm */
            if (size > 0)
                assert_near(values[q], log2(size), 1e-13);
            else
                ck_assert(values[q] < -900);
            assert_near(log_values[q], tiny_histories[i].log_size[_i][q], 1e-13);
            assert_close(entropy[q], tiny_histories[i].expected[q], 1e-13);
        }
        if (i > 0)
            ck_assert_int_eq((int)set_of(s, CONFORMAL_PURSUIT_SET_LENGTH, NULL),
                             tiny_histories[i].count[_i]);
        conformal_pursuit_close(s);
        conformal_pursuit_close(t);
    }
    conformal_pursuit_policy_free(p);
    conformal_pursuit_policy_free(logs);
}
END_TEST

/* A correct model's entropy never rises on average, and every row of chance is one answer. */
START_TEST(expected_entropy_is_at_most_the_entropy)
{
    conformal_pursuit_policy *p =
        policy(CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_SIZE, 0);
    for (size_t i = 0; i < HISTORIES; i++) {
        conformal_pursuit_session *s = session_at(p, i);
        double values[Q];
        next_of(s, values, NULL);
        for (size_t q = 0; q < Q; q++)
            ck_assert(isinf(values[q]) ||
                      (values[q] >= 0 &&
                       values[q] <= conformal_pursuit_state_of(s).entropy + 1e-14));
        conformal_pursuit_close(s);
    }
    conformal_pursuit_policy_free(p);
}
END_TEST

/* P(these answers), if their queries are asked. */
static double chance_of(size_t i)
{
    double sum = 0;
    for (size_t y = 0; y < K; y++) {
        double p = tiny_prior[y];
        for (size_t k = 0; k < strlen(tiny_histories[i].query); k++)
            p *= chance((size_t)code_at(tiny_histories[i].query, k),
                        (size_t)code_at(tiny_histories[i].answer, k), y);
        sum += p;
    }
    return sum;
}

static double binary_entropy(double p)
{
    return -p * log2(p) - (1 - p) * log2(1 - p);
}

/* Both bounds from sets and posteriors as the library gives them, over all histories of a length
 * after random queries, and that they are bounds. */
START_TEST(sets_bound_the_entropy)
{
    static const double subsets[Q + 1] = {1, 3, 3, 1};
    size_t k = (size_t)tiny_bounds[_i].k, level = (size_t)tiny_bounds[_i].level;
    double alpha = tiny_alpha[level], entropy = 0, covered = 0, size = 0, in = 0, out = 0;
    conformal_pursuit_policy *p = policy(CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_SIZE, level);
    for (size_t i = 0; i < HISTORIES; i++) {
        unsigned char member[K];
        if (strlen(tiny_histories[i].query) != k)
            continue;
        conformal_pursuit_session *s = session_at(p, i);
        conformal_pursuit_state state = conformal_pursuit_state_of(s);
        double weight = chance_of(i) / subsets[k], inside = 0;
        double count = (double)set_of(s, CONFORMAL_PURSUIT_SET_LENGTH, member);
        for (size_t y = 0; y < K; y++)
            inside += member[y] ? state.p[y] : 0;
        entropy += weight * state.entropy;
        covered += weight * inside;
        size += weight * count;
        in += weight * inside * log2(fmax(count, 1));
        out += weight * (1 - inside) * log2(fmax(K - count, 1));
        conformal_pursuit_close(s);
    }
    assert_close(entropy, tiny_bounds[_i].entropy, 1e-13);
    assert_close(covered, tiny_bounds[_i].coverage, 1e-13);
    assert_close(size, tiny_bounds[_i].size, 1e-13);
    double fano = binary_entropy(covered) + in + out;
    double simple = binary_entropy(alpha) + alpha * log2(K) +
                    covered * (log2(size) - log2(1 - alpha));
    assert_close(fano, tiny_bounds[_i].fano, 1e-12);
    assert_close(simple, tiny_bounds[_i].simple, 1e-12);
    ck_assert(entropy <= fano && fano <= simple);
    conformal_pursuit_policy_free(p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit tiny");
    TCase *tc = tcase_create("pursuit tiny");
    tcase_set_timeout(tc, 0);
    tcase_add_unchecked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, information_pursuit_is_exact);
    tcase_add_loop_test(tc, conformal_pursuit_is_exact, 0, 3);
    tcase_add_loop_test(tc, sets_bound_the_entropy, 0, sizeof tiny_bounds / sizeof *tiny_bounds);
    tcase_add_test(tc, expected_entropy_is_at_most_the_entropy);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
