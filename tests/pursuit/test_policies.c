/* test_policies.c - policies that are refused, that have nothing to do, and stops.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "problem.h"

static conformal_error e; /* of the call that must fail */

static void refused(const conformal_pursuit_options *o, const problem *r, const int32_t *chains,
                    conformal_status want, const char *argument)
{
    conformal_pursuit_policy *p = NULL;
    conformal_status status = conformal_pursuit_policy_create(o, r->model, &r->first, &r->second,
                                                              chains, &p, &e);
    ck_assert_msg(status == want, "wrong %s: %s", argument, conformal_status_name(status));
    ck_assert_str_eq(e.argument, argument);
    ck_assert(p == NULL && e.message[0] != '\0');
}

START_TEST(bad_options_are_refused)
{
    problem r;
    draw_problem(&r, 12000);
    const conformal_pursuit_options usual = options_of(CONFORMAL_PURSUIT_IP, 0.1);
    static const double alphas[] = {-0.1, 1.1, NAN};
    for (size_t i = 0; i < 3; i++) {
        conformal_pursuit_options o = usual;
        o.alpha = alphas[i];
        refused(&o, &r, NULL, CONFORMAL_EDOM, "alpha");
        o = usual;
        o.report_alpha = alphas[i];
        if (!isnan(alphas[i]))
            refused(&o, &r, NULL, CONFORMAL_EDOM, "alpha");
    }
    for (int i = 0; i < 6; i++) {
        conformal_pursuit_options o = usual;
        if (i == 0)
            o.selector = (conformal_pursuit_selector)5;
        if (i == 1)
            o.objective = (conformal_pursuit_objective)8;
        if (i == 2)
            o.threshold = (conformal_pursuit_threshold)3;
        if (i == 3)
            o.score = (conformal_pursuit_score)2;
        if (i == 4)
            o.tie = (conformal_pursuit_tie)3;
        if (i == 5)
            o.stop = (conformal_pursuit_stop)8;
        refused(&o, &r, NULL, CONFORMAL_EINVAL, "options");
    }
    conformal_pursuit_options narrow = usual, mixed = usual;
    narrow.width = 0;
    refused(&narrow, &r, NULL, CONFORMAL_EDOM, "width");
    mixed.selector = CONFORMAL_PURSUIT_CIP;
    mixed.score = CONFORMAL_PURSUIT_APS;
    mixed.threshold = CONFORMAL_PURSUIT_PER_LAST;
    refused(&mixed, &r, NULL, CONFORMAL_EINVAL, "score");
    for (size_t draws = 0; draws < 1000; draws += 257) {
        conformal_pursuit_options o = usual;
        o.draws = draws;
        refused(&o, &r, NULL, CONFORMAL_EDOM, "draws");
    }
    conformal_pursuit_policy *p = NULL;
    ck_assert(conformal_pursuit_policy_create(&usual, NULL, &r.first, NULL, NULL, &p, &e) ==
              CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "model");
    ck_assert(conformal_pursuit_policy_create(&usual, r.model, NULL, NULL, NULL, &p, &e) ==
              CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "first");
    ck_assert(conformal_pursuit_policy_create(&usual, r.model, &r.first, NULL, NULL, NULL, &e) ==
              CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "policy");
    free_problem(&r);
}
END_TEST

START_TEST(bad_rows_and_chains_are_refused)
{
    problem r;
    draw_problem(&r, 12001);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, 0.1);
    o.threshold = CONFORMAL_PURSUIT_PER_LAST;
    size_t at = 3 * r.queries + 1; /* of row 3 */
    const int32_t bad[] = {-1, (int32_t)r.queries, INT32_MAX, INT32_MIN, r.chains[at - 1]};
    for (size_t i = 0; i < 5; i++) { /* the last one: a query twice is no permutation */
        int32_t was = r.chains[at];
        r.chains[at] = bad[i];
        refused(&o, &r, r.chains, CONFORMAL_EDOM, "chains");
        ck_assert_uint_eq(e.index, 3);
        r.chains[at] = was;
    }
    r.labels[2] = (int32_t)r.classes;
    refused(&o, &r, NULL, CONFORMAL_EDOM, "labels");
    r.labels[2] = 0;
    r.other_answers[0] = (int32_t)r.n_answers[0];
    refused(&o, &r, NULL, CONFORMAL_EDOM, "answers");
    r.other_answers[0] = 0;
    r.second.queries--;
    refused(&o, &r, NULL, CONFORMAL_EDIM, "second");
    r.second.queries++;
    r.first.queries--;
    refused(&o, &r, NULL, CONFORMAL_EDIM, "first");
    r.first.queries++;
    r.first.rows = 0;
    o.objective = CONFORMAL_PURSUIT_PAPER; /* draws from rows */
    refused(&o, &r, NULL, CONFORMAL_EINVAL, "first");
    free_problem(&r);
}
END_TEST

/* ------------------------------------------------------------------ nothing to do */

START_TEST(no_rows_promise_everything)
{
    static const double alphas[] = {0, 0.1, 0.9, 1};
    problem r;
    draw_problem(&r, 12002);
    conformal_pursuit_table none = table_of(0, r.queries, NULL, NULL);
    for (int threshold = 0; threshold < 3; threshold++)
        for (int score = 0; score < (threshold == 0 ? 2 : 1); score++) /* APS: per length */
            for (size_t i = 0; i < 4; i++) {
                conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, alphas[i]);
                o.threshold = (conformal_pursuit_threshold)threshold;
                o.score = (conformal_pursuit_score)score;
                o.temperature = true;
                conformal_pursuit_policy *p = policy_of(&o, r.model, &none, &none, NULL);
                conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
                conformal_pursuit_session *s = session_of(p, 0);
                for (size_t k = 0; k <= r.queries; k++) {
                    ck_assert(c.tau[k] == 0 && c.step[k] == 0 && c.gamma[k] == 1);
                    for (int which = 0; which < 4; which++)
                        ck_assert_uint_eq(set_of(s, (conformal_pursuit_set)which, NULL),
                                          r.classes);
                    if (k < r.queries)
                        give(s, next_of(s, NULL, NULL).query, 0);
                }
                ck_assert(c.stop == 0 && c.any == 0 && c.mean_length == 0);
                conformal_pursuit_close(s);
                conformal_pursuit_policy_free(p);
            }
    free_problem(&r);
}
END_TEST

/* Without queries, or with one class, there is nothing to ask; without a first split either. */
START_TEST(there_may_be_nothing_to_ask)
{
    static const double base[] = {0.5, 0.25, 0.25};
    static const int32_t labels[] = {0, 0, 1, 2, 2};
    conformal_pursuit_table t = table_of(5, 0, NULL, labels);
    conformal_pursuit_model *m;
    assert_ok(conformal_pursuit_additive(base, NULL, NULL, 3, 0, NULL, NULL, &m, err));
    for (int selector = 0; selector < 5; selector++) {
        conformal_pursuit_options o = options_of((conformal_pursuit_selector)selector, 0.4);
        o.threshold = CONFORMAL_PURSUIT_PER_LAST;
        conformal_pursuit_policy *p = policy_of(&o, m, &t, &t, NULL);
        conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
        conformal_pursuit_session *s = session_of(p, 0);
        ck_assert(c.max_length == 0 && c.queries == 0 && c.mean_length == 0);
        conformal_pursuit_choice next = next_of(s, NULL, NULL);
        ck_assert(next.stop && next.query == -1);
        ck_assert(conformal_pursuit_answer_query(s, 0, 0, &e) == CONFORMAL_EDOM);
        ck_assert(set_of(s, CONFORMAL_PURSUIT_SET_STOP, NULL) > 0);
        conformal_pursuit_close(s);
        conformal_pursuit_curves curves = CONFORMAL_PURSUIT_CURVES_INIT;
        double accuracy[1];
        curves.accuracy = accuracy;
        assert_ok(conformal_pursuit_evaluate(p, &t, NULL, NULL, &curves, err));
        ck_assert(accuracy[0] == 0.4 && curves.queries_mean == 0 && curves.auc == 0);
        conformal_pursuit_policy_free(p);
    }
    conformal_pursuit_model_free(m);
}
END_TEST

START_TEST(one_class_is_known_from_the_start)
{
    static const double base[] = {-3}, weights[] = {0, 0}, chance[] = {0.5, 0.5};
    static const size_t n_answers[] = {2};
    static const int32_t answers[] = {0, 1, 1}, labels[] = {0, 0, 0};
    conformal_pursuit_table t = table_of(3, 1, answers, labels);
    conformal_pursuit_model *m;
    assert_ok(conformal_pursuit_additive(base, weights, chance, 1, 1, n_answers, NULL, &m, err));
    for (int objective = 0; objective < 8; objective++) {
        conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, 0.3);
        o.objective = (conformal_pursuit_objective)objective;
        o.stop = CONFORMAL_PURSUIT_STOP_SIZE;
        o.temperature = true;
        conformal_pursuit_policy *p = policy_of(&o, m, &t, &t, NULL);
        conformal_pursuit_session *s = session_of(p, 0);
        conformal_pursuit_choice c = next_of(s, NULL, NULL);
        ck_assert(c.stop && c.query == 0 && isfinite(c.objective) && c.sd == 0);
        give(s, 0, 1);
        ck_assert(conformal_pursuit_state_of(s).p[0] == 1);
        ck_assert(conformal_pursuit_state_of(s).entropy == 0);
        ck_assert_uint_eq(set_of(s, CONFORMAL_PURSUIT_SET_ANY, NULL), 1);
        ck_assert(conformal_pursuit_calibration_of(p).mean_length == 0);
        conformal_pursuit_close(s);
        conformal_pursuit_policy_free(p);
    }
    conformal_pursuit_model_free(m);
}
END_TEST

/* ------------------------------------------------------------------ stops */

/* By definition; entropies and sets so far are the session's. */
static bool should_stop(const conformal_pursuit_options *o, conformal_pursuit_session *s,
                        const conformal_pursuit_choice *c, const double *values,
                        const double *entropies, size_t k, size_t queries)
{
    double usual[] = {0, 1, 0.95, 0.05, 0.05, 0.01, 0};
    double value = isnan(o->stop_value) ? usual[o->stop] : o->stop_value;
    conformal_pursuit_state state = conformal_pursuit_state_of(s);
    bool all = true;
    switch (o->stop) {
    case CONFORMAL_PURSUIT_STOP_SIZE:
        return (double)set_of(s, CONFORMAL_PURSUIT_SET_LENGTH, NULL) <= value;
    case CONFORMAL_PURSUIT_STOP_MAP:
        return state.p[state.best] >= value;
    case CONFORMAL_PURSUIT_STOP_SD:
        return c->sd < value;
    case CONFORMAL_PURSUIT_STOP_GAIN:
        return state.entropy - c->objective < value;
    case CONFORMAL_PURSUIT_STOP_STABILITY:
        for (size_t i = 0; i < o->stop_repeats; i++)
            all = all && k > i && fabs(entropies[k - i] - entropies[k - i - 1]) <= value;
        return all;
    case CONFORMAL_PURSUIT_STOP_EQUAL:
        for (size_t q = 0; q < queries; q++)
            all = all && (isinf(values[q]) ||
                          values[q] <= c->objective + 1e-9 * fabs(c->objective) + 1e-12);
        return all;
    default:
        return false;
    }
}

START_TEST(stops_are_their_definitions)
{
    static const double lenient[] = {NAN, 3, 0.6, 0.3, 0.4, 0.5, NAN};
    size_t stopped = 0, played = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        problem r;
        draw_problem(&r, 13000 + seed);
        conformal_pursuit_options o =
            options_of(seed % 2 ? CONFORMAL_PURSUIT_IP : CONFORMAL_PURSUIT_CIP, 0.2);
        o.stop = (conformal_pursuit_stop)_i;
        o.stop_value = seed % 3 ? lenient[_i] : (double)NAN;
        o.stop_repeats = 1 + seed % 4 / 2;
        o.max_length = 1 + (size_t)(seed % 5);
        conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, &r.second, r.chains);
        size_t length = conformal_pursuit_calibration_of(p).max_length;
        ck_assert_uint_eq(length, o.max_length < r.queries ? o.max_length : r.queries);
        for (size_t i = 0; i < 5; i++) {
            conformal_pursuit_session *s = session_of(p, i);
            double entropies[MOST_QUERIES + 1], values[MOST_QUERIES];
            for (size_t k = 0;; k++) {
                entropies[k] = conformal_pursuit_state_of(s).entropy;
                conformal_pursuit_choice c = next_of(s, values, NULL);
                if (k == length) {
                    ck_assert(c.stop && c.query == -1);
                    break;
                }
                ck_assert_msg(c.stop == should_stop(&o, s, &c, values, entropies, k, r.queries),
                              "seed %d, row %zu, %zu queries", (int)seed, i, k);
                stopped += c.stop;
                played += !c.stop;
                give(s, c.query, r.answers[i * r.queries + (size_t)c.query]);
            }
            conformal_pursuit_close(s);
        }
        conformal_pursuit_policy_free(p);
        free_problem(&r);
    }
    ck_assert(played > 0 && (_i == CONFORMAL_PURSUIT_STOP_NEVER) == (stopped == 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit policies");
    TCase *tc = tcase_create("pursuit policies");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, bad_options_are_refused);
    tcase_add_test(tc, bad_rows_and_chains_are_refused);
    tcase_add_test(tc, no_rows_promise_everything);
    tcase_add_test(tc, there_may_be_nothing_to_ask);
    tcase_add_test(tc, one_class_is_known_from_the_start);
    tcase_add_loop_test(tc, stops_are_their_definitions, 0, 7);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
