/* test_traces.c - every choice, set and stop of 22 policies on 25 rows, against the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The oracle asks a naive Bayes model of 120 rows, plainly and as if it were three times as
 * sure; calibrates on 60 others with given chains; and plays 25 with some answers missing. */
#include "test.h"

#include "made.h"
#include "oracle/pursuit_trace.h"

enum {
    K = TRACE_CLASSES,
    Q = TRACE_QUERIES,
    L = TRACE_LENGTH,
    TRAIN = 120,
    CAL = 60,
    ROWS = 25,
    PLAYS = sizeof trace_plays / sizeof *trace_plays,
    METHODS = PLAYS / 2
};

/* What the oracle's names mean, in its order. */
static const struct {
    const char *name;
    int selector, objective, threshold, score, tie;
} methods[METHODS] = {
    {"ip+index", CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_SIZE, CONFORMAL_PURSUIT_PER_LENGTH,
     CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_INDEX},
    {"cip+index", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE, CONFORMAL_PURSUIT_PER_LENGTH,
     CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_INDEX},
    {"cip+entropy", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE, CONFORMAL_PURSUIT_PER_LENGTH,
     CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_ENTROPY},
    {"cip_elog+entropy", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_LOGSIZE,
     CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_ENTROPY},
    {"cip_ek+entropy", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE_NONEMPTY,
     CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_ENTROPY},
    {"cip_fano+entropy", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_FANO,
     CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_ENTROPY},
    {"cip_ff+entropy", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_FANO_LOCAL,
     CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_ENTROPY},
    {"cip_aps+entropy", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE,
     CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_APS, CONFORMAL_PURSUIT_TIE_ENTROPY},
    {"cip_last+entropy", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE,
     CONFORMAL_PURSUIT_PER_LAST, CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_ENTROPY},
    {"cip_sump+index", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_PVALUES,
     CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_INDEX},
    {"cip_chain+entropy", CONFORMAL_PURSUIT_CIP, CONFORMAL_PURSUIT_SIZE,
     CONFORMAL_PURSUIT_PER_CHAIN, CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_ENTROPY},
};

static int32_t train_answers[TRAIN * Q], train_labels[TRAIN];
static int32_t cal_answers[CAL * Q], cal_labels[CAL], chains[CAL * Q];
static int32_t test_answers[ROWS * Q], test_labels[ROWS];
static conformal_pursuit_table train, cal, test;
static conformal_pursuit_model *models[2]; /* by sharpness */

static conformal_pursuit_table read_table(const char *const *rows, size_t n, int32_t *answers,
                                          int32_t *labels)
{
    for (size_t i = 0; i < n; i++) {
        labels[i] = code_at(rows[i], 0);
        read_codes(rows[i] + 1, Q, answers + i * Q);
    }
    return table_of(n, Q, answers, labels);
}

static void set_up(void)
{
    train = read_table(trace_train, TRAIN, train_answers, train_labels);
    cal = read_table(trace_cal, CAL, cal_answers, cal_labels);
    test = read_table(trace_test, ROWS, test_answers, test_labels);
    for (size_t i = 0; i < CAL; i++)
        read_codes(trace_chains[i], Q, chains + i * Q);
    assert_ok(conformal_pursuit_bayes(&train, K, trace_n_answers, 0.5, NULL, &models[0], err));
    double base[K], weights[TRACE_ANSWERS * K];
    for (size_t y = 0; y < K; y++)
        base[y] = trace_gamma[1] * trace_prior[y];
    for (size_t i = 0; i < TRACE_ANSWERS * K; i++)
        weights[i] = trace_gamma[1] * log(trace_theta[i]);
    assert_ok(conformal_pursuit_additive(base, weights, trace_theta, K, Q, trace_n_answers, NULL,
                                         &models[1], err));
}

static void tear_down(void)
{
    conformal_pursuit_model_free(models[0]);
    conformal_pursuit_model_free(models[1]);
}

static conformal_pursuit_options options_for(size_t method, conformal_pursuit_stop stop)
{
    conformal_pursuit_options o = CONFORMAL_PURSUIT_INIT;
    o.selector = (conformal_pursuit_selector)methods[method].selector;
    o.objective = (conformal_pursuit_objective)methods[method].objective;
    o.threshold = (conformal_pursuit_threshold)methods[method].threshold;
    o.score = (conformal_pursuit_score)methods[method].score;
    o.tie = (conformal_pursuit_tie)methods[method].tie;
    o.report_alpha = 0.2;
    o.max_length = L;
    o.stop = stop;
    return o;
}

START_TEST(the_model_is_the_oracle_s)
{
    const double *base = conformal_pursuit_base(models[0]);
    const double *weights = conformal_pursuit_weights(models[0]);
    const double *chance = conformal_pursuit_chance(models[0]);
    for (size_t y = 0; y < K; y++)
        assert_close(base[y], trace_prior[y], 1e-14);
    for (size_t i = 0; i < TRACE_ANSWERS * K; i++) {
        assert_close(chance[i], trace_theta[i], 1e-14);
        assert_close(weights[i], log(trace_theta[i]), 1e-13);
    }
}
END_TEST

START_TEST(thresholds_are_the_oracle_s)
{
    conformal_pursuit_options o = options_for(8, CONFORMAL_PURSUIT_STOP_NEVER);
    conformal_pursuit_policy *p = policy_of(&o, models[_i], &cal, NULL, chains);
    conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
    ck_assert(c.max_length == L && c.queries == Q && c.n_first == CAL && c.n_second == 0);
    ck_assert(c.step == NULL);
    for (size_t k = 0; k <= L; k++) {
        assert_close(c.gamma[k], 1, 0);
        assert_close(c.tau[k], trace_tau[_i][k], 1e-12);
        for (size_t q = 0; q < Q; q++)
            assert_close(c.tau_last[k * Q + q], trace_tau_last[_i][k][q], 1e-12);
    }
    conformal_pursuit_policy_free(p);
}
END_TEST

/* ------------------------------------------------------------------ played to the end */

typedef struct expected {
    size_t play, seen;
    const char *stop;
} expected;

static conformal_status compare(void *user, const conformal_pursuit_trace *t,
                                conformal_error *err)
{
    expected *e = user;
    size_t row = t->row;
    (void)err;
    ck_assert_uint_eq(row, e->seen++);
    for (size_t k = 0; k < L; k++)
        ck_assert_msg(t->query[k] == code_at(trace_plays[e->play].query[row], k),
                      "%s, gamma %g, row %zu, step %zu: query %d, not %c",
                      trace_plays[e->play].name, trace_gamma[trace_plays[e->play].sharp], row, k,
                      (int)t->query[k], trace_plays[e->play].query[row][k]);
    for (size_t k = 0; k <= L; k++) {
        ck_assert_int_eq((int)t->best[k], code_at(trace_plays[e->play].best[row], k));
        ck_assert_int_eq((int)t->length_size[k], code_at(trace_plays[e->play].size[row], k));
    }
    ck_assert_int_eq((int)t->stop, code_at(e->stop, row));
    for (size_t k = 0; k <= L && row < TRACE_DETAILED; k++)
        assert_near(t->p_true[k], trace_plays[e->play].p_true[row][k], 1e-12);
    for (size_t k = 0; k < L && row < TRACE_DETAILED; k++) {
        assert_near(t->objective[k], trace_plays[e->play].objective[row][k], 1e-11);
        assert_near(t->sd[k], trace_plays[e->play].sd[row][k], 1e-10);
    }
    return CONFORMAL_OK;
}

static void play(size_t i, conformal_pursuit_stop stop, const char *stops, bool calibrated)
{
    size_t method = i % METHODS;
    ck_assert_str_eq(methods[method].name, trace_plays[i].name);
    conformal_pursuit_options o = options_for(method, stop);
    conformal_pursuit_policy *p = policy_of(&o, models[trace_plays[i].sharp], &cal,
                                            calibrated ? &test : NULL, chains);
    conformal_pursuit_curves curves = CONFORMAL_PURSUIT_CURVES_INIT;
    expected e = {i, 0, stops};
    assert_ok(conformal_pursuit_evaluate(p, &test, compare, &e, &curves, err));
    ck_assert_uint_eq(e.seen, ROWS);
    conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
    for (size_t k = 0; k <= L && calibrated; k++)
        assert_close(c.step[k], trace_plays[i].step[k], 1e-11);
    if (calibrated) {
        assert_close(c.stop, trace_plays[i].stop, 1e-11);
        assert_close(c.any, trace_plays[i].any, 1e-11);
        assert_close(c.mean_length, curves.queries_mean, 1e-14);
        ck_assert_uint_eq(c.n_second, ROWS);
    }
    conformal_pursuit_policy_free(p);
}

START_TEST(choices_sets_and_multipliers_are_the_oracle_s)
{
    play((size_t)_i, CONFORMAL_PURSUIT_STOP_SIZE, trace_plays[_i].stop_size, true);
}
END_TEST

START_TEST(stops_by_probability_are_the_oracle_s)
{
    play((size_t)_i, CONFORMAL_PURSUIT_STOP_MAP, trace_plays[_i].stop_map, false);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit traces");
    TCase *tc = tcase_create("pursuit traces");
    tcase_set_timeout(tc, 0);
    tcase_add_unchecked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_model_is_the_oracle_s);
    tcase_add_loop_test(tc, thresholds_are_the_oracle_s, 0, 2);
    tcase_add_loop_test(tc, choices_sets_and_multipliers_are_the_oracle_s, 0, PLAYS);
    tcase_add_loop_test(tc, stops_by_probability_are_the_oracle_s, 0, PLAYS);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
