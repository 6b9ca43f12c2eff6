/* test_callback.c - a model that is asked: it chooses as the additive one, or fails in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "problem.h"

enum mistake { NO_MISTAKE, GIVES_NAN, GIVES_NEGATIVE, GIVES_INFINITY, SUMS_TO_LESS, FAILS };

typedef struct answering {
    const problem *r;
    enum mistake mistake;
    size_t calls, histories;
} answering;

/* The additive model's posterior; the last history's is spoilt. */
static conformal_status answer(void *user, const conformal_pursuit_history *h, size_t n,
                               double *p, conformal_error *err)
{
    answering *a = user;
    size_t k = a->r->classes;
    (void)err;
    a->calls++;
    a->histories += n;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < h[i].length; j++) {
            ck_assert(h[i].answers[j].query >= 0 &&
                      (size_t)h[i].answers[j].query < a->r->queries);
            ck_assert(h[i].answers[j].answer >= -1);
        }
        posterior(a->r, h[i].answers, h[i].length, 1, p + i * k);
    }
    double *last = p + (n - 1) * k;
    if (a->mistake == GIVES_NAN)
        last[0] = NAN;
    if (a->mistake == GIVES_INFINITY)
        last[1] = HUGE_VAL;
    if (a->mistake == SUMS_TO_LESS)
        last[0] *= 0.99;
    if (a->mistake == GIVES_NEGATIVE) {
        last[1] += last[0] + 0.01;
        last[0] = -0.01;
    }
    return a->mistake == FAILS ? CONFORMAL_EIO : CONFORMAL_OK;
}

static conformal_pursuit_model *model_of(answering *a, const problem *r)
{
    conformal_pursuit_model *m;
    a->r = r;
    a->mistake = NO_MISTAKE;
    a->calls = a->histories = 0;
    assert_ok(conformal_pursuit_callback(answer, a, r->chance, r->classes, r->queries,
                                         r->n_answers, NULL, &m, err));
    return m;
}

/* ------------------------------------------------------------------ the same choices */

static const struct {
    int selector, objective, threshold, score, tie, stop;
    bool temperature;
} settings[] = {
    {CONFORMAL_PURSUIT_IP, 0, 0, 0, 0, CONFORMAL_PURSUIT_STOP_MAP, false},
    {CONFORMAL_PURSUIT_IP, 0, 0, 0, 0, CONFORMAL_PURSUIT_STOP_GAIN, true},
    {CONFORMAL_PURSUIT_CIP, 0, 0, 0, 0, CONFORMAL_PURSUIT_STOP_SIZE, false},
    {CONFORMAL_PURSUIT_CIP, 1, 1, 0, 0, CONFORMAL_PURSUIT_STOP_SD, false},
    {CONFORMAL_PURSUIT_CIP, 2, 1, 0, 1, CONFORMAL_PURSUIT_STOP_SIZE, true},
    {CONFORMAL_PURSUIT_CIP, 3, 0, 0, 0, CONFORMAL_PURSUIT_STOP_SIZE, true},
    {CONFORMAL_PURSUIT_CIP, 4, 0, 1, 0, CONFORMAL_PURSUIT_STOP_SIZE, false},
    {CONFORMAL_PURSUIT_CIP, 5, 0, 0, 2, CONFORMAL_PURSUIT_STOP_EQUAL, false},
    {CONFORMAL_PURSUIT_RANDOM, 0, 0, 0, 0, CONFORMAL_PURSUIT_STOP_STABILITY, false},
    {CONFORMAL_PURSUIT_FIXED, 0, 0, 0, 0, CONFORMAL_PURSUIT_STOP_NEVER, true},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

typedef struct seen {
    double p_true[MOST_ROWS][MOST_QUERIES + 1], objective[MOST_ROWS][MOST_QUERIES];
    int32_t query[MOST_ROWS][MOST_QUERIES];
    size_t stop[MOST_ROWS], length;
} seen;

static conformal_status note(void *user, const conformal_pursuit_trace *t, conformal_error *err)
{
    seen *s = user;
    (void)err;
    s->stop[t->row] = t->stop;
    memcpy(s->query[t->row], t->query, s->length * sizeof *t->query);
    memcpy(s->objective[t->row], t->objective, s->length * sizeof *t->objective);
    memcpy(s->p_true[t->row], t->p_true, (s->length + 1) * sizeof *t->p_true);
    return CONFORMAL_OK;
}

static void play(const conformal_pursuit_options *o, const problem *r,
                 const conformal_pursuit_model *m, seen *s)
{
    conformal_pursuit_policy *p = policy_of(o, m, &r->first, &r->second, r->chains);
    conformal_pursuit_curves c = CONFORMAL_PURSUIT_CURVES_INIT;
    s->length = conformal_pursuit_calibration_of(p).max_length;
    assert_ok(conformal_pursuit_evaluate(p, &r->second, note, s, &c, err));
    conformal_pursuit_policy_free(p);
}

START_TEST(a_callback_chooses_as_its_additive_twin)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        static seen one, two;
        problem r;
        answering a;
        draw_problem(&r, 9000 + seed);
        conformal_pursuit_model *m = model_of(&a, &r);
        conformal_pursuit_options o =
            options_of((conformal_pursuit_selector)settings[_i].selector, 0.15);
        o.objective = (conformal_pursuit_objective)settings[_i].objective;
        o.threshold = (conformal_pursuit_threshold)settings[_i].threshold;
        o.score = (conformal_pursuit_score)settings[_i].score;
        o.tie = (conformal_pursuit_tie)settings[_i].tie;
        o.stop = (conformal_pursuit_stop)settings[_i].stop;
        o.temperature = settings[_i].temperature;
        o.seed = seed;
        play(&o, &r, r.model, &one);
        play(&o, &r, m, &two);
        ck_assert(a.calls > 0 && a.histories > a.calls);
        for (size_t i = 0; i < r.second.rows; i++) {
            ck_assert_uint_eq(one.stop[i], two.stop[i]);
            for (size_t k = 0; k < one.length; k++) {
                ck_assert_int_eq(one.query[i][k], two.query[i][k]);
                ck_assert(isnan(one.objective[i][k]) == isnan(two.objective[i][k]));
                if (!isnan(one.objective[i][k]))
                    assert_near(one.objective[i][k], two.objective[i][k], 1e-11);
            }
            for (size_t k = 0; k <= one.length; k++)
                assert_near(one.p_true[i][k], two.p_true[i][k], 1e-11);
        }
        conformal_pursuit_model_free(m);
        free_problem(&r);
    }
}
END_TEST

/* ------------------------------------------------------------------ mistakes */

static const struct {
    enum mistake mistake;
    conformal_status status;
} mistakes[] = {
    {GIVES_NAN, CONFORMAL_ENAN},      {GIVES_NEGATIVE, CONFORMAL_EDOM},
    {GIVES_INFINITY, CONFORMAL_EDOM}, {SUMS_TO_LESS, CONFORMAL_EDOM},
    {FAILS, CONFORMAL_EIO},
};
enum { MISTAKES = sizeof mistakes / sizeof *mistakes };

static void check(conformal_status status, const conformal_error *e, int i)
{
    ck_assert_int_eq(status, mistakes[i].status);
    if (mistakes[i].mistake == FAILS)
        return;
    ck_assert_int_eq(e->status, mistakes[i].status);
    ck_assert_str_eq(e->argument, "posterior");
    ck_assert(strstr(e->message, "the model") != NULL);
}

START_TEST(mistakes_are_named_and_change_nothing)
{
    problem r;
    answering a;
    draw_problem(&r, 9100);
    conformal_pursuit_model *m = model_of(&a, &r);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.15);
    conformal_error e = {0};
    conformal_pursuit_policy *p = NULL;
    conformal_pursuit_session *s = NULL;
    conformal_pursuit_curves curves = CONFORMAL_PURSUIT_CURVES_INIT;
    a.mistake = mistakes[_i].mistake;
    check(conformal_pursuit_policy_create(&o, m, &r.first, NULL, NULL, &p, &e), &e, _i);
    ck_assert(p == NULL);
    a.mistake = NO_MISTAKE;
    p = policy_of(&o, m, &r.first, NULL, NULL);
    a.mistake = mistakes[_i].mistake;
    check(conformal_pursuit_open(p, 0, &s, &e), &e, _i);
    check(conformal_pursuit_evaluate(p, &r.second, NULL, NULL, &curves, &e), &e, _i);
    ck_assert(s == NULL);
    a.mistake = NO_MISTAKE;
    s = session_of(p, 0);
    give(s, 0, 0);
    double before[MOST_CLASSES];
    memcpy(before, conformal_pursuit_state_of(s).p, r.classes * sizeof *before);
    conformal_pursuit_state old = conformal_pursuit_state_of(s);
    conformal_pursuit_choice c = {true, -7, -7, -7};
    a.mistake = mistakes[_i].mistake;
    check(conformal_pursuit_next(s, &c, NULL, NULL, &e), &e, _i);
    ck_assert(c.query == -7 && c.objective == -7);
    check(conformal_pursuit_answer_query(s, 1, 0, &e), &e, _i);
    check(conformal_pursuit_undo(s, &e), &e, _i);
    a.mistake = NO_MISTAKE;
    c = next_of(s, NULL, NULL);
    a.mistake = mistakes[_i].mistake;
    check(conformal_pursuit_answer_query(s, 1, 0, &e), &e, _i); /* now its choice is known */
    conformal_pursuit_state state = conformal_pursuit_state_of(s);
    ck_assert(state.length == 1 && state.answers[0].query == 0 && state.answers[0].answer == 0);
    ck_assert(state.followed == old.followed && state.entropy == old.entropy);
    ck_assert(memcmp(state.p, before, r.classes * sizeof *before) == 0);
    a.mistake = NO_MISTAKE; /* and it goes on where it stopped */
    ck_assert_int_eq(next_of(s, NULL, NULL).query, c.query);
    give(s, 1, 0);
    ck_assert_uint_eq(conformal_pursuit_state_of(s).length, 2);
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
    conformal_pursuit_model_free(m);
    free_problem(&r);
}
END_TEST

START_TEST(sums_may_be_off_by_a_rounding)
{
    static const size_t n_answers[] = {2};
    static const int32_t answers[] = {0}, labels[] = {0};
    conformal_pursuit_model *m;
    problem r = {.classes = 2, .queries = 1, .n_answers = {2}, .row = {0, 2}};
    answering a = {&r, NO_MISTAKE, 0, 0};
    conformal_pursuit_table t = table_of(1, 1, answers, labels);
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.15);
    assert_ok(
        conformal_pursuit_callback(answer, &a, NULL, 2, 1, n_answers, NULL, &m, err));
    conformal_pursuit_policy *p = policy_of(&o, m, &t, &t, NULL);
    conformal_pursuit_session *s = session_of(p, 0);
    ck_assert(conformal_pursuit_state_of(s).p[0] == 0.5); /* chance: all answers alike */
    assert_close(next_of(s, NULL, NULL).objective, 1, 1e-14);
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
    conformal_pursuit_model_free(m);
}
END_TEST

START_TEST(what_needs_scores_is_refused)
{
    problem r;
    answering a;
    draw_problem(&r, 9200);
    conformal_pursuit_model *m = model_of(&a, &r), *none = NULL;
    conformal_error e = {0};
    for (int i = 0; i < 4; i++) {
        static const char *const arguments[] = {"selector", "threshold", "objective",
                                                "objective"};
        conformal_pursuit_policy *p = NULL;
        conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, 0.15);
        o.selector = i == 0 ? CONFORMAL_PURSUIT_LOOKAHEAD : CONFORMAL_PURSUIT_CIP;
        o.threshold = i == 1 ? CONFORMAL_PURSUIT_PER_CHAIN : CONFORMAL_PURSUIT_PER_LENGTH;
        o.objective = i == 2   ? CONFORMAL_PURSUIT_PAPER
                      : i == 3 ? CONFORMAL_PURSUIT_PAPER_ENTROPY
                               : CONFORMAL_PURSUIT_SIZE;
        ck_assert(conformal_pursuit_policy_create(&o, m, &r.first, NULL, NULL, &p, &e) ==
                  CONFORMAL_EINVAL);
        ck_assert_str_eq(e.argument, arguments[i]);
        ck_assert(p == NULL && a.calls == 0);
    }
    ck_assert(conformal_pursuit_callback(NULL, NULL, NULL, 2, 1, r.n_answers, NULL, &none, &e) ==
              CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "posterior");
    ck_assert(conformal_pursuit_base(m) == NULL && conformal_pursuit_weights(m) == NULL &&
              conformal_pursuit_chance(m) == NULL);
    conformal_pursuit_model_free(m);
    free_problem(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit callback");
    TCase *tc = tcase_create("pursuit callback");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, a_callback_chooses_as_its_additive_twin, 0, SETTINGS);
    tcase_add_loop_test(tc, mistakes_are_named_and_change_nothing, 0, MISTAKES);
    tcase_add_test(tc, sums_may_be_off_by_a_rounding);
    tcase_add_test(tc, what_needs_scores_is_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
