/* test_session.c - answers taken and taken back, refused ones, and what is remembered.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "problem.h"

/* All that can be seen of a session. */
typedef struct snapshot {
    double p[MOST_CLASSES], entropy, values[MOST_QUERIES], expected[MOST_QUERIES];
    conformal_pursuit_answer answers[MOST_QUERIES];
    size_t length, best, sizes[4];
    bool followed;
    int32_t query;
} snapshot;

static snapshot look(conformal_pursuit_session *s, const problem *r)
{
    snapshot now;
    conformal_pursuit_state state = conformal_pursuit_state_of(s);
    memset(&now, 0, sizeof now); /* padding too: snapshots are compared as bytes */
    memcpy(now.p, state.p, r->classes * sizeof *now.p);
    if (state.length > 0)
        memcpy(now.answers, state.answers, state.length * sizeof *now.answers);
    now.entropy = state.entropy;
    now.length = state.length;
    now.best = state.best;
    now.followed = state.followed;
    now.query = next_of(s, now.values, now.expected).query;
    for (int which = 0; which < 4; which++)
        now.sizes[which] = set_of(s, (conformal_pursuit_set)which, NULL);
    return now;
}

static conformal_pursuit_policy *policy(const problem *r, conformal_pursuit_selector selector,
                                        conformal_pursuit_threshold threshold)
{
    conformal_pursuit_options o = options_of(selector, 0.2);
    o.threshold = threshold;
    o.temperature = true;
    return policy_of(&o, r->model, &r->first, &r->second, r->chains);
}

START_TEST(what_is_taken_back_leaves_no_trace)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        problem r;
        snapshot before[MOST_QUERIES + 1];
        uint64_t at = 3000;
        draw_problem(&r, 11000 + seed);
        conformal_pursuit_policy *p =
            policy(&r, (conformal_pursuit_selector)(seed % 5),
                   (conformal_pursuit_threshold)(seed % 3));
        conformal_pursuit_session *s = session_of(p, seed);
        for (size_t round = 0; round < 20; round++) {
            size_t k = conformal_pursuit_state_of(s).length;
            before[k] = look(s, &r);
            if (k < r.queries && (k == 0 || draw(seed, &at) < 0.6)) {
                int32_t q = before[k].query; /* the proposed one: else followed would change */
                give(s, q, (int32_t)draw_below(seed, &at, r.n_answers[q] + 1) - 1);
            } else {
                assert_ok(conformal_pursuit_undo(s, err));
                snapshot now = look(s, &r);
                ck_assert(memcmp(&now, &before[k - 1], sizeof now) == 0);
            }
        }
        conformal_pursuit_close(s);
        conformal_pursuit_policy_free(p);
        free_problem(&r);
    }
}
END_TEST

START_TEST(nothing_can_be_taken_back_at_the_start)
{
    problem r;
    conformal_error e = {0};
    draw_problem(&r, 11100);
    conformal_pursuit_policy *p =
        policy(&r, CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_PER_LENGTH);
    conformal_pursuit_session *s = session_of(p, 0);
    snapshot before = look(s, &r);
    ck_assert(conformal_pursuit_undo(s, &e) == CONFORMAL_ENOTFOUND);
    ck_assert_str_eq(e.argument, "session");
    snapshot now = look(s, &r);
    ck_assert(memcmp(&now, &before, sizeof now) == 0);
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

START_TEST(bad_answers_are_refused_and_change_nothing)
{
    problem r;
    draw_problem(&r, 11200);
    conformal_pursuit_policy *p =
        policy(&r, CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_PER_LENGTH);
    conformal_pursuit_session *s = session_of(p, 0);
    give(s, 1, 0);
    snapshot before = look(s, &r);
    const struct {
        int32_t query, answer;
        conformal_status status;
        const char *argument;
    } bad[] = {
        {1, 0, CONFORMAL_EEXISTS, "query"},
        {1, -1, CONFORMAL_EEXISTS, "query"},
        {-1, 0, CONFORMAL_EDOM, "query"},
        {(int32_t)r.queries, 0, CONFORMAL_EDOM, "query"},
        {INT32_MAX, 0, CONFORMAL_EDOM, "query"},
        {INT32_MIN, 0, CONFORMAL_EDOM, "query"},
        {0, -2, CONFORMAL_EDOM, "answer"},
        {0, (int32_t)r.n_answers[0], CONFORMAL_EDOM, "answer"},
        {0, INT32_MAX, CONFORMAL_EDOM, "answer"},
        {0, INT32_MIN, CONFORMAL_EDOM, "answer"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        conformal_error e = {0};
        conformal_status status =
            conformal_pursuit_answer_query(s, bad[i].query, bad[i].answer, &e);
        ck_assert_msg(status == bad[i].status, "%zu: %s", i, conformal_status_name(status));
        ck_assert_str_eq(e.argument, bad[i].argument);
        ck_assert(e.message[0] != '\0');
        snapshot now = look(s, &r);
        ck_assert(memcmp(&now, &before, sizeof now) == 0);
    }
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

START_TEST(what_is_not_known_counts_as_asked)
{
    problem r;
    draw_problem(&r, 11300);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.2);
    conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, r.chains);
    conformal_pursuit_session *s = session_of(p, 0);
    snapshot start;
    memcpy(start.p, conformal_pursuit_state_of(s).p, r.classes * sizeof *start.p);
    for (size_t k = 0; k < r.queries; k++) {
        conformal_pursuit_choice c = next_of(s, NULL, NULL);
        ck_assert(c.query >= 0 && !c.stop);
        give(s, c.query, -1);
        conformal_pursuit_state state = conformal_pursuit_state_of(s);
        ck_assert(state.length == k + 1 && state.answers[k].answer == -1 && state.followed);
        ck_assert(memcmp(state.p, start.p, r.classes * sizeof *start.p) == 0);
        ck_assert(conformal_pursuit_answer_query(s, c.query, 0, NULL) == CONFORMAL_EEXISTS);
    }
    conformal_pursuit_choice c = next_of(s, NULL, NULL);
    ck_assert(c.stop && c.query == -1 && isnan(c.objective) && isnan(c.sd));
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

/* A promise of the policy holds for the policy's own queries. */
START_TEST(other_queries_are_noticed)
{
    problem r;
    draw_problem(&r, 11400);
    for (int asked = 0; asked < 2; asked++) /* noticed whether or not next() was called */
        for (size_t q = 0; q < r.queries; q++) {
            conformal_pursuit_policy *p =
                policy(&r, CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_PER_LENGTH);
            conformal_pursuit_session *s = session_of(p, 0), *t = session_of(p, 0);
            int32_t proposed = next_of(t, NULL, NULL).query;
            if (asked)
                next_of(s, NULL, NULL);
            give(s, (int32_t)q, 0);
            ck_assert(conformal_pursuit_state_of(s).followed == ((int32_t)q == proposed));
            if (r.queries > 1 && (int32_t)q != proposed) { /* and until it is taken back */
                give(s, next_of(s, NULL, NULL).query, 0);
                ck_assert(!conformal_pursuit_state_of(s).followed);
                assert_ok(conformal_pursuit_undo(s, err));
                ck_assert(!conformal_pursuit_state_of(s).followed);
                assert_ok(conformal_pursuit_undo(s, err));
                ck_assert(conformal_pursuit_state_of(s).followed);
                give(s, proposed, 0);
                ck_assert(conformal_pursuit_state_of(s).followed);
            }
            conformal_pursuit_close(s);
            conformal_pursuit_close(t);
            conformal_pursuit_policy_free(p);
        }
    free_problem(&r);
}
END_TEST

START_TEST(the_first_stop_is_remembered)
{
    problem r;
    draw_problem(&r, 11453);
    ck_assert(r.queries >= 3);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.2);
    o.stop = CONFORMAL_PURSUIT_STOP_STABILITY; /* by one answer that is not known */
    o.stop_repeats = 1;
    conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, r.chains);
    conformal_pursuit_session *s = session_of(p, 0);
    ck_assert(!next_of(s, NULL, NULL).stop);
    ck_assert_uint_eq(conformal_pursuit_state_of(s).stopped, SIZE_MAX);
    give(s, next_of(s, NULL, NULL).query, -1);
    ck_assert_uint_eq(conformal_pursuit_state_of(s).stopped, SIZE_MAX); /* nobody has asked */
    ck_assert(next_of(s, NULL, NULL).stop);
    ck_assert_uint_eq(conformal_pursuit_state_of(s).stopped, 1);
    give(s, next_of(s, NULL, NULL).query, -1);
    next_of(s, NULL, NULL);
    ck_assert_uint_eq(conformal_pursuit_state_of(s).stopped, 1);
    assert_ok(conformal_pursuit_undo(s, err));
    ck_assert_uint_eq(conformal_pursuit_state_of(s).stopped, 1);
    assert_ok(conformal_pursuit_undo(s, err));
    ck_assert_uint_eq(conformal_pursuit_state_of(s).stopped, SIZE_MAX);
    conformal_pursuit_close(s);
    s = session_of(p, 0);
    int32_t other = next_of(s, NULL, NULL).query == 0 ? 1 : 0; /* not the policy's: its stop */
    give(s, other, -1);                                        /* is not one */
    ck_assert(next_of(s, NULL, NULL).stop);
    ck_assert_uint_eq(conformal_pursuit_state_of(s).stopped, SIZE_MAX);
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

START_TEST(case_numbers_are_limited)
{
    problem r;
    conformal_error e = {0};
    draw_problem(&r, 11460);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_RANDOM, 0.2);
    conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, r.chains);
    conformal_pursuit_session *s = session_of(p, CONFORMAL_PURSUIT_MOST_CASES - 1), *none = NULL;
    ck_assert(conformal_pursuit_open(p, CONFORMAL_PURSUIT_MOST_CASES, &none, &e) ==
              CONFORMAL_EDOM);
    ck_assert_str_eq(e.argument, "case_id");
    ck_assert(none == NULL);
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit session");
    TCase *tc = tcase_create("pursuit session");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, what_is_taken_back_leaves_no_trace);
    tcase_add_test(tc, nothing_can_be_taken_back_at_the_start);
    tcase_add_test(tc, bad_answers_are_refused_and_change_nothing);
    tcase_add_test(tc, what_is_not_known_counts_as_asked);
    tcase_add_test(tc, other_queries_are_noticed);
    tcase_add_test(tc, the_first_stop_is_remembered);
    tcase_add_test(tc, case_numbers_are_limited);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
