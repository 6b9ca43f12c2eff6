/* test_pursuit_oom.c - every allocation of information pursuit fails once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "oom.h"
#include "problem.h"

static const struct {
    int selector, threshold;
    size_t least; /* allocations of policy, session and evaluation */
} settings[] = {
    {CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_PER_LENGTH, 60},
    {CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_PER_LAST, 60},
    {CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_PER_CHAIN, 60},
    {CONFORMAL_PURSUIT_RANDOM, CONFORMAL_PURSUIT_PER_LENGTH, 60},
    {CONFORMAL_PURSUIT_LOOKAHEAD, CONFORMAL_PURSUIT_PER_LENGTH, 60},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* Policy, a session that is played and taken back, an evaluation; all that was made is freed. */
static conformal_status run(const conformal_pursuit_options *o,
                            const conformal_pursuit_model *m, const problem *r)
{
    conformal_pursuit_policy *p = NULL;
    conformal_pursuit_session *s = NULL;
    conformal_pursuit_choice c = {true, -7, -7, -7};
    conformal_pursuit_curves curves = CONFORMAL_PURSUIT_CURVES_INIT;
    conformal_error e = {0};
    conformal_pursuit_table few = r->second;
    few.rows = 2; /* a session per row, each with the same allocations */
    conformal_status status =
        conformal_pursuit_policy_create(o, m, &r->first, &few, NULL, &p, &e);
    ck_assert((p != NULL) == (status == CONFORMAL_OK));
    if (status == CONFORMAL_OK)
        status = conformal_pursuit_open(p, 0, &s, &e);
    ck_assert((s != NULL) == (status == CONFORMAL_OK));
    if (status == CONFORMAL_OK) {
        status = conformal_pursuit_next(s, &c, NULL, NULL, &e);
        ck_assert((c.query == -7) == (status != CONFORMAL_OK));
    }
    if (status == CONFORMAL_OK)
        status = conformal_pursuit_answer_query(s, c.query, 0, &e);
    if (status == CONFORMAL_OK) /* has to find out what would have been asked */
        status = conformal_pursuit_answer_query(s, c.query == 0 ? 1 : 0, 0, &e);
    if (status == CONFORMAL_OK)
        status = conformal_pursuit_undo(s, &e);
    if (s != NULL && status != CONFORMAL_OK) { /* a failure leaves it usable */
        conformal_pursuit_state state = conformal_pursuit_state_of(s);
        ck_assert(state.length <= 2 && state.p[state.best] > 0);
    }
    conformal_pursuit_close(s);
    if (status == CONFORMAL_OK)
        status = conformal_pursuit_evaluate(p, &few, NULL, NULL, &curves, &e);
    ck_assert(e.status == status || status == CONFORMAL_OK);
    conformal_pursuit_policy_free(p);
    return status;
}

static conformal_pursuit_options options_for(int i, const conformal_allocator *a)
{
    conformal_pursuit_options o =
        options_of((conformal_pursuit_selector)settings[i].selector, 0.3);
    o.threshold = (conformal_pursuit_threshold)settings[i].threshold;
    if (o.threshold == CONFORMAL_PURSUIT_PER_LENGTH && i % 2 == 1)
        o.score = CONFORMAL_PURSUIT_APS;
    o.temperature = true;
    o.max_length = 3;
    o.allocator = a;
    return o;
}

START_TEST(policies_sessions_and_evaluations_survive)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    problem r;
    draw_problem(&r, 18000);
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_pursuit_options o = options_for(_i, &a);
        status = run(&o, r.model, &r);
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, settings[_i].least);
    free_problem(&r);
}
END_TEST

static conformal_status answer(void *user, const conformal_pursuit_history *h, size_t n,
                               double *p, conformal_error *err)
{
    const problem *r = user;
    (void)err;
    for (size_t i = 0; i < n; i++)
        posterior(r, h[i].answers, h[i].length, 1, p + i * r->classes);
    return CONFORMAL_OK;
}

START_TEST(callbacks_survive)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    problem r;
    draw_problem(&r, 18001);
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_pursuit_options o = options_for(0, &a);
        conformal_pursuit_model *m = NULL;
        status = conformal_pursuit_callback(answer, &r, r.chance, r.classes, r.queries,
                                            r.n_answers, &a, &m, NULL);
        ck_assert((m != NULL) == (status == CONFORMAL_OK));
        if (m != NULL)
            status = run(&o, m, &r);
        conformal_pursuit_model_free(m);
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 100);
    free_problem(&r);
}
END_TEST

START_TEST(models_survive)
{
    static const double yes[] = {0, 1, 0.5, 0.5};
    problem r;
    draw_problem(&r, 18002);
    for (int kind = 0; kind < 3; kind++) {
        struct oom oom = OOM_INIT;
        conformal_status status;
        do {
            conformal_allocator a = oom_next(&oom);
            conformal_pursuit_model *m = NULL;
            if (kind == 0)
                status = conformal_pursuit_bayes(&r.first, r.classes, r.n_answers, 0.5, &a, &m,
                                                 NULL);
            else if (kind == 1)
                status = conformal_pursuit_oracle(yes, 2, 2, 0.1, NULL, &a, &m, NULL);
            else
                status = conformal_pursuit_additive(r.base, r.weights, r.chance, r.classes,
                                                    r.queries, r.n_answers, &a, &m, NULL);
            ck_assert((m != NULL) == (status == CONFORMAL_OK));
            conformal_pursuit_model_free(m);
            oom_check(&oom, status);
        } while (status == CONFORMAL_ENOMEM);
        oom_done(&oom, 4);
    }
    free_problem(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit oom");
    TCase *tc = tcase_create("pursuit oom");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, policies_sessions_and_evaluations_survive, 0, SETTINGS);
    tcase_add_test(tc, callbacks_survive);
    tcase_add_test(tc, models_survive);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
