/* test_deterministic.c - eight classes that answer for certain: three questions suffice.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "made.h"
#include "oracle/pursuit_deterministic.h"

enum { K = DETERMINISTIC_CLASSES, Q = DETERMINISTIC_QUERIES };

static int32_t answers[K * Q], labels[K], chains[K * Q];
static conformal_pursuit_table classes; /* each class once */
static conformal_pursuit_model *model;

/* Chains begin with the queries that single out one class: thresholds are then at most 1/4. */
static void set_up(void)
{
    static const int32_t chain[Q] = {3, 4, 5, 6, 0, 1, 2};
    for (size_t y = 0; y < K; y++) {
        labels[y] = (int32_t)y;
        for (size_t q = 0; q < Q; q++) {
            answers[y * Q + q] = (int32_t)deterministic_yes[y * Q + q];
            chains[y * Q + q] = chain[q];
        }
    }
    classes = table_of(K, Q, answers, labels);
    assert_ok(conformal_pursuit_oracle(deterministic_yes, K, Q, 0, NULL, NULL, &model, err));
}

static void tear_down(void)
{
    conformal_pursuit_model_free(model);
}

static const struct {
    int selector, objective, threshold, score;
} methods[] = {
    {CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_SIZE, CONFORMAL_PURSUIT_PER_LENGTH,
     CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE, CONFORMAL_PURSUIT_PER_LENGTH,
     CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE_NONEMPTY, CONFORMAL_PURSUIT_PER_LENGTH,
     CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE_NONEMPTY, CONFORMAL_PURSUIT_PER_CHAIN,
     CONFORMAL_PURSUIT_LAC},
};
enum { METHODS = sizeof methods / sizeof *methods };

static conformal_pursuit_policy *policy(size_t method)
{
    conformal_pursuit_options o =
        options_of((conformal_pursuit_selector)methods[method].selector, 0.2);
    o.objective = (conformal_pursuit_objective)methods[method].objective;
    o.threshold = (conformal_pursuit_threshold)methods[method].threshold;
    o.score = (conformal_pursuit_score)methods[method].score;
    o.stop = CONFORMAL_PURSUIT_STOP_MAP;
    return policy_of(&o, model, &classes, NULL, chains);
}

START_TEST(every_class_is_found_by_three_queries)
{
    conformal_pursuit_policy *p = policy((size_t)_i);
    for (size_t y = 0; y < K; y++) {
        conformal_pursuit_session *s = session_of(p, y);
        for (size_t k = 0; k < 3; k++) {
            double entropy[Q];
            conformal_pursuit_choice c = next_of(s, NULL, entropy);
            ck_assert(!c.stop);
            ck_assert_int_eq(c.query, code_at(deterministic_plays[y].query, k));
            assert_near(entropy[c.query], deterministic_plays[y].entropy[k], 1e-13);
            if (methods[_i].selector == CONFORMAL_PURSUIT_CIP)
                assert_near(c.objective, log2(deterministic_plays[y].size[k]), 1e-13);
            else
                assert_near(c.objective, deterministic_plays[y].entropy[k], 1e-13);
            give(s, c.query, code_at(deterministic_plays[y].answer, k));
            ck_assert_uint_eq(set_of(s, CONFORMAL_PURSUIT_SET_LENGTH, NULL),
                              (size_t)deterministic_plays[y].size[k]);
        }
        conformal_pursuit_state state = conformal_pursuit_state_of(s);
        ck_assert_uint_eq(state.best, deterministic_plays[y].identified);
        ck_assert(state.p[y] == 1 && state.entropy == 0 && state.followed);
        ck_assert(next_of(s, NULL, NULL).stop);
        conformal_pursuit_close(s);
    }
    conformal_pursuit_policy_free(p);
}
END_TEST

START_TEST(a_contradiction_changes_nothing)
{
    conformal_pursuit_policy *p = policy((size_t)_i);
    conformal_pursuit_session *s = session_of(p, 0);
    double before[K], values[Q], again[Q];
    conformal_error e = {0};
    give(s, 0, 1);
    give(s, 1, 0);
    conformal_pursuit_state state = conformal_pursuit_state_of(s);
    memcpy(before, state.p, sizeof before);
    bool followed = state.followed;
    double entropy = state.entropy;
    conformal_pursuit_choice c = next_of(s, values, NULL);
    /* only class 3 says yes to query 3, and it does not say yes to query 0 */
    ck_assert(conformal_pursuit_answer_query(s, 3, 1, &e) == CONFORMAL_ECORRUPT);
    ck_assert(e.status == CONFORMAL_ECORRUPT);
    ck_assert_str_eq(e.argument, "answer");
    ck_assert(strstr(e.message, "contradiction") != NULL);
    ck_assert(conformal_pursuit_answer_query(s, 3, 1, NULL) == CONFORMAL_ECORRUPT);
    state = conformal_pursuit_state_of(s);
    ck_assert(state.length == 2 && state.followed == followed && state.entropy == entropy);
    ck_assert(memcmp(state.p, before, sizeof before) == 0);
    conformal_pursuit_choice d = next_of(s, again, NULL);
    ck_assert(d.query == c.query && memcmp(values, again, sizeof values) == 0);
    give(s, 3, 0); /* not asked yet, and consistent */
    ck_assert_uint_eq(conformal_pursuit_state_of(s).length, 3);
    ck_assert(memcmp(conformal_pursuit_state_of(s).p, before, sizeof before) == 0);
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
}
END_TEST

/* Whatever is minimised: certain answers, drawn rows that contradict the history, sets that are
 * empty, all give numbers. */
START_TEST(every_objective_stays_a_number)
{
    for (int threshold = 0; threshold < 3; threshold++)
        for (int score = 0; score < (threshold == 0 ? 2 : 1); score++) { /* APS: per length */
            conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, 0.45);
            o.objective = (conformal_pursuit_objective)_i;
            o.threshold = (conformal_pursuit_threshold)threshold;
            o.score = (conformal_pursuit_score)score;
            conformal_pursuit_policy *p = policy_of(&o, model, &classes, &classes, NULL);
            for (size_t y = 0; y < K; y++) {
                conformal_pursuit_session *s = session_of(p, y);
                for (size_t k = 0; k < Q; k++) {
                    double values[Q], entropy[Q];
                    conformal_pursuit_choice c = next_of(s, values, entropy);
                    ck_assert(c.query >= 0 && isfinite(c.objective) && isfinite(c.sd));
                    for (size_t q = 0; q < Q; q++)
                        ck_assert(!isnan(values[q]) && !isnan(entropy[q]));
                    give(s, c.query, answers[y * Q + (size_t)c.query]);
                }
                ck_assert(conformal_pursuit_state_of(s).p[y] == 1);
                conformal_pursuit_close(s);
            }
            conformal_pursuit_policy_free(p);
        }
}
END_TEST

/* A row that contradicts the model: what it then says is taken as not known. */
START_TEST(contradicting_rows_are_played_to_the_end)
{
    static const int32_t label[] = {4}, odd[Q] = {1, 0, 0, 1, 1, 1, 1};
    conformal_pursuit_policy *p = policy((size_t)_i);
    conformal_pursuit_table t = table_of(1, Q, odd, label);
    conformal_pursuit_curves c = CONFORMAL_PURSUIT_CURVES_INIT;
    double accuracy[Q + 1], entropy[Q + 1];
    c.accuracy = accuracy;
    c.entropy = entropy;
    assert_ok(conformal_pursuit_evaluate(p, &t, NULL, NULL, &c, err));
    ck_assert(accuracy[3] == 1 && entropy[3] == 0 && accuracy[Q] == 1 && entropy[Q] == 0);
    ck_assert(c.queries_mean == 3 && c.accuracy_stop == 1);
    conformal_pursuit_policy_free(p);
}
END_TEST

/* Thresholds too: rows that exclude their own class conform least. */
START_TEST(calibration_rows_may_contradict_their_class)
{
    static const int32_t wrong[K] = {7, 6, 5, 4, 3, 2, 1, 0};
    conformal_pursuit_table t = table_of(K, Q, answers, wrong);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, 0.2);
    o.threshold = CONFORMAL_PURSUIT_PER_LAST;
    o.temperature = true;
    conformal_pursuit_policy *p = policy_of(&o, model, &t, &t, chains);
    conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
    for (size_t k = 0; k <= Q; k++)
        ck_assert(isfinite(c.gamma[k]) && c.gamma[k] > 0);
    assert_close(c.tau[0], 1.0 / 8, 1e-14);
    for (size_t k = 5; k <= Q; k++) /* queries 3 .. 6, 0: wrong halves */
        ck_assert(c.tau[k] == 0);
    for (size_t k = 0; k <= Q; k++)
        ck_assert(c.step[k] >= 0);
    conformal_pursuit_policy_free(p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit deterministic");
    TCase *tc = tcase_create("pursuit deterministic");
    tcase_set_timeout(tc, 0);
    tcase_add_unchecked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, every_class_is_found_by_three_queries, 0, METHODS);
    tcase_add_loop_test(tc, a_contradiction_changes_nothing, 0, METHODS);
    tcase_add_loop_test(tc, every_objective_stays_a_number, 0, 8);
    tcase_add_loop_test(tc, contradicting_rows_are_played_to_the_end, 0, METHODS);
    tcase_add_test(tc, calibration_rows_may_contradict_their_class);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
