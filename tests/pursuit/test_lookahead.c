/* test_lookahead.c - looking two queries ahead, against all pairs of queries and answers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "problem.h"

static bool is_asked(const conformal_pursuit_answer *h, size_t k, size_t q)
{
    for (size_t i = 0; i < k; i++)
        if ((size_t)h[i].query == q)
            return true;
    return false;
}

/* The expected entropy after `depth` more queries, q first and the others best; limit: queries
 * at the most. */
static double ahead(const problem *r, conformal_pursuit_answer *h, size_t k, size_t q, int depth,
                    size_t limit, const double *gamma)
{
    double now[MOST_CLASSES], p[MOST_CLASSES], sum = 0, total = 0;
    posterior(r, h, k, gamma[k], now);
    for (size_t a = 0; a < r->n_answers[q]; a++) {
        double pa = 0, best = HUGE_VAL;
        for (size_t y = 0; y < r->classes; y++)
            pa += now[y] * r->chance[(r->row[q] + a) * r->classes + y];
        h[k].query = (int32_t)q;
        h[k].answer = (int32_t)a;
        for (size_t next = 0; next < r->queries && depth > 1 && k + 1 < limit; next++)
            if (!is_asked(h, k + 1, next))
                best = fmin(best, ahead(r, h, k + 1, next, depth - 1, limit, gamma));
        posterior(r, h, k + 1, gamma[k + 1], p);
        sum += pa * (best < HUGE_VAL ? best : entropy_of(p, r->classes));
        total += pa;
    }
    return sum / total;
}

START_TEST(two_queries_are_looked_ahead)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        problem r;
        uint64_t at = 2000;
        conformal_pursuit_answer h[MOST_QUERIES + 2];
        double values[MOST_QUERIES], entropy[MOST_QUERIES], least = HUGE_VAL;
        size_t order[MOST_QUERIES];
        draw_problem(&r, 7000 + seed);
        conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_LOOKAHEAD, 0.1);
        o.width = 99;
        o.temperature = seed % 2;
        o.max_length = 1 + draw_below(seed, &at, r.queries);
        size_t k = draw_below(seed, &at, o.max_length);
        conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, r.chains);
        const double *gamma = conformal_pursuit_calibration_of(p).gamma;
        conformal_pursuit_session *s = session_of(p, 0);
        assert_ok(conformal_permutation(seed, 5, r.queries, order, err));
        for (size_t i = 0; i < k; i++) {
            h[i].query = (int32_t)order[i];
            h[i].answer = (int32_t)draw_below(seed, &at, r.n_answers[order[i]] + 1) - 1;
            give(s, h[i].query, h[i].answer);
        }
        conformal_pursuit_choice c = next_of(s, values, entropy);
        for (size_t q = 0; q < r.queries; q++) {
            if (is_asked(h, k, q)) {
                ck_assert(isinf(values[q]));
                continue;
            }
            double want = ahead(&r, h, k, q, 2, o.max_length, gamma);
            assert_near(values[q], want, 1e-11);
            assert_near(entropy[q], ahead(&r, h, k, q, 1, o.max_length, gamma), 1e-11);
            least = fmin(least, want);
        }
        assert_near(c.objective, least, 1e-11);
        assert_near(values[c.query], least, 1e-8);
        conformal_pursuit_close(s);
        conformal_pursuit_policy_free(p);
        free_problem(&r);
    }
}
END_TEST

/* Only the `width` best by themselves are candidates. */
START_TEST(width_limits_the_first_query)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        problem r;
        double all[MOST_QUERIES], some[MOST_QUERIES], entropy[MOST_QUERIES];
        draw_problem(&r, 8000 + seed);
        conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_LOOKAHEAD, 0.1);
        o.width = r.queries;
        conformal_pursuit_policy *wide = policy_of(&o, r.model, &r.first, NULL, r.chains);
        o.width = 2;
        conformal_pursuit_policy *narrow = policy_of(&o, r.model, &r.first, NULL, r.chains);
        conformal_pursuit_session *s = session_of(wide, 0), *t = session_of(narrow, 0);
        next_of(s, all, entropy);
        conformal_pursuit_choice c = next_of(t, some, NULL);
        size_t better = 0, looked = 0;
        for (size_t q = 0; q < r.queries; q++) {
            better += entropy[q] < entropy[c.query];
            looked += some[q] == all[q];
        }
        ck_assert(better < 2 && looked == 2 && some[c.query] == all[c.query]);
        conformal_pursuit_close(s);
        conformal_pursuit_close(t);
        conformal_pursuit_policy_free(wide);
        conformal_pursuit_policy_free(narrow);
        free_problem(&r);
    }
}
END_TEST

/* Whichever of a telling query and two idle ones comes first, both leave the same. */
START_TEST(idle_queries_cost_nothing_when_two_may_be_asked)
{
    static const double base[] = {0, 0}, noise[] = {0.6, 0.4, 0.4, 0.6};
    static const size_t n_answers[] = {2, 2, 2};
    double weights[12], chance[12];
    for (size_t i = 0; i < 12; i++) {
        chance[i] = i < 4 ? noise[i] : 0.5;
        weights[i] = i < 4 ? log(noise[i]) : 0;
    }
    conformal_pursuit_model *m;
    assert_ok(conformal_pursuit_additive(base, weights, chance, 2, 3, n_answers, NULL, &m, err));
    static const int32_t answers[] = {0, 0, 0, 1, 0, 0}, labels[] = {0, 1};
    conformal_pursuit_table first = table_of(2, 3, answers, labels);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_LOOKAHEAD, 0.1);
    conformal_pursuit_policy *p = policy_of(&o, m, &first, NULL, NULL);
    conformal_pursuit_session *s = session_of(p, 0);
    double values[3];
    next_of(s, values, NULL);
    double left = -0.6 * log2(0.6) - 0.4 * log2(0.4);
    for (size_t q = 0; q < 3; q++)
        assert_near(values[q], left, 1e-13);
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
    conformal_pursuit_model_free(m);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit lookahead");
    TCase *tc = tcase_create("pursuit lookahead");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, two_queries_are_looked_ahead);
    tcase_add_test(tc, width_limits_the_first_query);
    tcase_add_test(tc, idle_queries_cost_nothing_when_two_may_be_asked);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
