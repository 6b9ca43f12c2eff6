/* test_sets.c - the sets a session reports, and the orders it may be told to follow.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "problem.h"

static conformal_pursuit_policy *policy(const problem *r)
{
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, 0.2);
    o.temperature = true;
    return policy_of(&o, r->model, &r->first, &r->second, r->chains);
}

START_TEST(sets_are_multiples_of_the_thresholds)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        problem r;
        draw_problem(&r, 11500 + seed);
        conformal_pursuit_policy *p = policy(&r);
        conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
        conformal_pursuit_session *s = session_of(p, 0);
        for (size_t k = 0; k <= r.queries; k++) {
            const double times[4] = {1, c.step[k], c.stop, c.any};
            const double *q = conformal_pursuit_state_of(s).p;
            for (int which = 0; which < 4; which++) {
                unsigned char member[MOST_CLASSES + 1] = {[MOST_CLASSES] = 9};
                size_t want = 0;
                size_t count = set_of(s, (conformal_pursuit_set)which, member);
                for (size_t y = 0; y < r.classes; y++) {
                    bool in = c.tau[k] == 0 || q[y] >= times[which] * c.tau[k] * (1 - 1e-9);
                    ck_assert(member[y] == in);
                    want += in;
                }
                ck_assert_uint_eq(count, want);
                ck_assert_uint_eq(set_of(s, (conformal_pursuit_set)which, NULL), want);
            }
            if (k < r.queries)
                give(s, next_of(s, NULL, NULL).query, 0);
        }
        conformal_pursuit_close(s);
        conformal_pursuit_policy_free(p);
        free_problem(&r);
    }
}
END_TEST

START_TEST(promises_need_a_second_split)
{
    problem r;
    draw_problem(&r, 11600);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.2);
    conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, NULL);
    conformal_pursuit_session *s = session_of(p, 0);
    conformal_error e = {0};
    size_t count = 77;
    ck_assert(conformal_pursuit_calibration_of(p).step == NULL);
    set_of(s, CONFORMAL_PURSUIT_SET_LENGTH, NULL);
    for (int which = 1; which < 4; which++) {
        ck_assert(conformal_pursuit_set_of(s, (conformal_pursuit_set)which, NULL, &count, &e) ==
                  CONFORMAL_ENOTFOUND);
        ck_assert_str_eq(e.argument, "which");
    }
    ck_assert(conformal_pursuit_set_of(s, (conformal_pursuit_set)4, NULL, &count, &e) ==
              CONFORMAL_EINVAL);
    ck_assert(conformal_pursuit_set_of(s, CONFORMAL_PURSUIT_SET_LENGTH, NULL, NULL, &e) ==
              CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "count");
    ck_assert_uint_eq(count, 77);
    ck_assert(conformal_pursuit_next(s, NULL, NULL, NULL, &e) == CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "choice");
    ck_assert(conformal_pursuit_next(NULL, NULL, NULL, NULL, &e) == CONFORMAL_EINVAL);
    ck_assert(conformal_pursuit_answer_query(NULL, 0, 0, &e) == CONFORMAL_EINVAL);
    ck_assert(conformal_pursuit_undo(NULL, &e) == CONFORMAL_EINVAL);
    ck_assert(conformal_pursuit_open(NULL, 0, &s, &e) == CONFORMAL_EINVAL);
    ck_assert(conformal_pursuit_open(p, 0, NULL, &e) == CONFORMAL_EINVAL);
    conformal_pursuit_close(s);
    conformal_pursuit_close(NULL);
    conformal_pursuit_policy_free(p);
    conformal_pursuit_policy_free(NULL);
    free_problem(&r);
}
END_TEST

/* ------------------------------------------------------------------ orders */

START_TEST(orders_are_permutations)
{
    problem r;
    draw_problem(&r, 11700);
    bool differ = false;
    for (int fixed = 0; fixed < 2; fixed++) {
        conformal_pursuit_options o =
            options_of(fixed ? CONFORMAL_PURSUIT_FIXED : CONFORMAL_PURSUIT_RANDOM, 0.2);
        conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, NULL, NULL);
        for (uint64_t case_id = 0; case_id < 20; case_id++) {
            conformal_pursuit_session *s = session_of(p, case_id), *t = session_of(p, case_id);
            for (size_t k = 0; k < r.queries; k++) {
                conformal_pursuit_choice c = next_of(s, NULL, NULL);
                ck_assert(c.query >= 0 && isnan(c.objective) && isnan(c.sd));
                ck_assert_int_eq(next_of(t, NULL, NULL).query, c.query);
                differ = differ || c.query != (int32_t)k;
                ck_assert(!fixed || c.query == (int32_t)k);
                give(s, c.query, -1); /* fails when asked before */
                give(t, c.query, -1);
            }
            conformal_pursuit_close(s);
            conformal_pursuit_close(t);
        }
        conformal_pursuit_policy_free(p);
    }
    ck_assert(differ);
    free_problem(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit sets");
    TCase *tc = tcase_create("pursuit sets");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, sets_are_multiples_of_the_thresholds);
    tcase_add_test(tc, promises_need_a_second_split);
    tcase_add_test(tc, orders_are_permutations);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
