/* test_models.c - naive Bayes, tables of answers and given scores; what they refuse.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "made.h"

static conformal_error e; /* of the call that must fail */

static void assert_refused(conformal_status status, conformal_status want, const char *argument)
{
    ck_assert_msg(status == want, "wrong %s: %s instead of %s", argument,
                  conformal_status_name(status), conformal_status_name(want));
    ck_assert_int_eq(e.status, want);
    ck_assert_str_eq(e.argument, argument);
    ck_assert(e.message[0] != '\0');
}
#define REFUSED(want, argument, call) assert_refused((call), CONFORMAL_##want, argument)

/* ------------------------------------------------------------------ naive Bayes */

static const size_t three_two[] = {3, 2};
/* Class 2 is never seen, answer 1 of query 0 neither; two answers are missing. */
static const int32_t answers[] = {0, 1, 2, 0, 0, -1, -1, 1, 2, 1}, labels[] = {0, 0, 1, 1, 1};

START_TEST(counts_are_smoothed)
{
    conformal_pursuit_table t = table_of(5, 2, answers, labels);
    conformal_pursuit_model *m;
    static const double base[] = {3.0 / 8, 4.0 / 8, 1.0 / 8}; /* (2, 3, 0 + 1) / (5 + 3) */
    static const double chance[] = {
        1.5 / 3.5, 1.5 / 3.5, 1.0 / 3, 0.5 / 3.5, 0.5 / 3.5, 1.0 / 3, 1.5 / 3.5, 1.5 / 3.5,
        1.0 / 3,   1.5 / 3,   0.5 / 3, 0.5,       1.5 / 3,   2.5 / 3, 0.5,
    };
    assert_ok(conformal_pursuit_bayes(&t, 3, three_two, 0.5, NULL, &m, err));
    ck_assert(conformal_pursuit_classes(m) == 3 && conformal_pursuit_queries(m) == 2);
    ck_assert(conformal_pursuit_answers(m, 0) == 3 && conformal_pursuit_answers(m, 1) == 2 &&
              conformal_pursuit_answers(m, 2) == 0);
    for (size_t y = 0; y < 3; y++)
        assert_close(conformal_pursuit_base(m)[y], log(base[y]), 1e-14);
    for (size_t i = 0; i < 15; i++) {
        assert_close(conformal_pursuit_chance(m)[i], chance[i], 1e-14);
        assert_close(conformal_pursuit_weights(m)[i], log(chance[i]), 1e-14);
    }
    conformal_pursuit_model_free(m);
    conformal_pursuit_model_free(NULL);
}
END_TEST

START_TEST(a_class_never_seen_can_be_played)
{
    static const int32_t label[] = {2}, answer[] = {1, -1};
    conformal_pursuit_table t = table_of(5, 2, answers, labels);
    conformal_pursuit_table rows = table_of(1, 2, answer, label);
    conformal_pursuit_model *m;
    conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_CIP, 0.2);
    conformal_pursuit_curves c = CONFORMAL_PURSUIT_CURVES_INIT;
    double entropy[3];
    c.entropy = entropy;
    assert_ok(conformal_pursuit_bayes(&t, 3, three_two, 0.5, NULL, &m, err));
    conformal_pursuit_policy *p = policy_of(&o, m, &t, &t, NULL);
    assert_ok(conformal_pursuit_evaluate(p, &rows, NULL, NULL, &c, err));
    for (size_t k = 0; k < 3; k++)
        ck_assert(entropy[k] > 0 && entropy[k] < log2(3));
    conformal_pursuit_policy_free(p);
    conformal_pursuit_model_free(m);
}
END_TEST

START_TEST(no_rows_leave_everything_even)
{
    conformal_pursuit_table t = table_of(0, 2, NULL, NULL);
    conformal_pursuit_model *m;
    assert_ok(conformal_pursuit_bayes(&t, 4, three_two, 0.5, NULL, &m, err));
    for (size_t y = 0; y < 4; y++)
        assert_close(conformal_pursuit_base(m)[y], log(0.25), 1e-14);
    for (size_t i = 0; i < 20; i++)
        assert_close(conformal_pursuit_chance(m)[i], i < 12 ? 1.0 / 3 : 0.5, 1e-14);
    conformal_pursuit_model_free(m);
}
END_TEST

START_TEST(bad_tables_are_refused)
{
    static const int32_t high_class[] = {0, 0, 3, 1, 1}, low_class[] = {-1, 0, 1, 1, 1};
    static const int32_t high[] = {0, 1, 2, 0, 0, -1, -1, 2, 2, 1};
    static const int32_t low[] = {0, 1, 2, 0, 0, -2, -1, 1, 2, 1};
    static const size_t none[] = {3, 0};
    conformal_pursuit_table t = table_of(5, 2, answers, labels), u = t;
    conformal_pursuit_model *m = NULL;
    REFUSED(EINVAL, "table", conformal_pursuit_bayes(NULL, 3, three_two, 1, NULL, &m, &e));
    REFUSED(EINVAL, "n_classes", conformal_pursuit_bayes(&t, 0, three_two, 1, NULL, &m, &e));
    REFUSED(EINVAL, "n_answers", conformal_pursuit_bayes(&t, 3, NULL, 1, NULL, &m, &e));
    REFUSED(EDOM, "n_answers", conformal_pursuit_bayes(&t, 3, none, 1, NULL, &m, &e));
    ck_assert_uint_eq(e.index, 1);
    REFUSED(EINVAL, "model", conformal_pursuit_bayes(&t, 3, three_two, 1, NULL, NULL, &e));
    static const double bad[] = {0, -1, HUGE_VAL, NAN};
    for (size_t i = 0; i < 4; i++)
        REFUSED(EDOM, "smoothing",
                conformal_pursuit_bayes(&t, 3, three_two, bad[i], NULL, &m, &e));
    u.labels = high_class;
    REFUSED(EDOM, "labels", conformal_pursuit_bayes(&u, 3, three_two, 1, NULL, &m, &e));
    ck_assert_uint_eq(e.index, 2);
    u.labels = low_class;
    REFUSED(EDOM, "labels", conformal_pursuit_bayes(&u, 3, three_two, 1, NULL, &m, &e));
    u.labels = NULL;
    REFUSED(EINVAL, "labels", conformal_pursuit_bayes(&u, 3, three_two, 1, NULL, &m, &e));
    u = t;
    u.answers = high;
    REFUSED(EDOM, "answers", conformal_pursuit_bayes(&u, 3, three_two, 1, NULL, &m, &e));
    ck_assert_uint_eq(e.index, 3);
    u.answers = low;
    REFUSED(EDOM, "answers", conformal_pursuit_bayes(&u, 3, three_two, 1, NULL, &m, &e));
    ck_assert_uint_eq(e.index, 2);
    u.answers = NULL;
    REFUSED(EINVAL, "answers", conformal_pursuit_bayes(&u, 3, three_two, 1, NULL, &m, &e));
    ck_assert(m == NULL);
}
END_TEST

/* ------------------------------------------------------------------ tables of answers */

static const double yes[] = {1, 0.25, 0, 0.5};

START_TEST(wrong_answers_are_mixed_in)
{
    static const double prior[] = {0.8, 0.2}, flips[] = {0, 0.1};
    for (size_t i = 0; i < 2; i++) {
        conformal_pursuit_model *m;
        assert_ok(conformal_pursuit_oracle(yes, 2, 2, flips[i], i ? prior : NULL, NULL, &m, err));
        for (size_t y = 0; y < 2; y++) {
            assert_close(conformal_pursuit_base(m)[y], log(i ? prior[y] : 0.5), 1e-14);
            for (size_t q = 0; q < 2; q++) {
                double p = flips[i] + (1 - 2 * flips[i]) * yes[y * 2 + q];
                assert_close(conformal_pursuit_chance(m)[2 * (2 * q) + y], 1 - p, 1e-14);
                assert_close(conformal_pursuit_chance(m)[2 * (2 * q + 1) + y], p, 1e-14);
                assert_close(conformal_pursuit_weights(m)[2 * (2 * q) + y], log(1 - p), 1e-14);
                assert_close(conformal_pursuit_weights(m)[2 * (2 * q + 1) + y], log(p), 1e-14);
            }
        }
        conformal_pursuit_model_free(m);
    }
}
END_TEST

START_TEST(bad_probabilities_are_refused)
{
    static const double flips[] = {-0.1, 0.5, NAN}, high[] = {1, 0, 1.5, 0};
    static const double low[] = {1, -0.1, 1, 0}, nan_of[] = {1, 0, 1, NAN};
    static const double priors[][2] = {{0.5, 0.4}, {1.5, -0.5}, {NAN, 0.5}, {HUGE_VAL, 0}};
    conformal_pursuit_model *m = NULL;
    for (size_t i = 0; i < 3; i++)
        REFUSED(EDOM, "flip", conformal_pursuit_oracle(yes, 2, 2, flips[i], NULL, NULL, &m, &e));
    REFUSED(EINVAL, "yes", conformal_pursuit_oracle(NULL, 2, 2, 0, NULL, NULL, &m, &e));
    REFUSED(EDOM, "yes", conformal_pursuit_oracle(high, 2, 2, 0, NULL, NULL, &m, &e));
    ck_assert_uint_eq(e.index, 2);
    REFUSED(EDOM, "yes", conformal_pursuit_oracle(low, 2, 2, 0, NULL, NULL, &m, &e));
    REFUSED(EDOM, "yes", conformal_pursuit_oracle(nan_of, 2, 2, 0, NULL, NULL, &m, &e));
    for (size_t i = 0; i < 4; i++)
        REFUSED(EDOM, "prior", conformal_pursuit_oracle(yes, 2, 2, 0, priors[i], NULL, &m, &e));
    REFUSED(EINVAL, "n_classes", conformal_pursuit_oracle(yes, 0, 2, 0, NULL, NULL, &m, &e));
    ck_assert(m == NULL);
}
END_TEST

/* ------------------------------------------------------------------ given scores */

START_TEST(scores_are_lent_as_given)
{
    static const size_t n_answers[] = {2};
    static const double base[] = {1, -HUGE_VAL}, weights[] = {-3, 2, -HUGE_VAL, 0};
    static const double chance[] = {0.25, 0, 0.75, 1};
    conformal_pursuit_model *m;
    assert_ok(conformal_pursuit_additive(base, weights, chance, 2, 1, n_answers, NULL, &m, err));
    ck_assert(memcmp(conformal_pursuit_base(m), base, sizeof base) == 0);
    ck_assert(memcmp(conformal_pursuit_weights(m), weights, sizeof weights) == 0);
    ck_assert(memcmp(conformal_pursuit_chance(m), chance, sizeof chance) == 0);
    conformal_pursuit_model_free(m);
}
END_TEST

START_TEST(bad_scores_are_refused)
{
    static const size_t n[] = {2};
    static const double good[] = {0, 0, 0, 0}, p[] = {0.5, 0.5, 0.5, 0.5};
    static const double nan_of[] = {0, NAN, 0, 0}, infinite[] = {0, HUGE_VAL, 0, 0};
    conformal_pursuit_model *m = NULL;
    REFUSED(ENAN, "base", conformal_pursuit_additive(nan_of, good, p, 2, 1, n, NULL, &m, &e));
    REFUSED(EDOM, "base", conformal_pursuit_additive(infinite, good, p, 2, 1, n, NULL, &m, &e));
    REFUSED(ENAN, "weights", conformal_pursuit_additive(good, nan_of, p, 2, 1, n, NULL, &m, &e));
    REFUSED(EDOM, "weights",
            conformal_pursuit_additive(good, infinite, p, 2, 1, n, NULL, &m, &e));
    REFUSED(ENAN, "chance",
            conformal_pursuit_additive(good, good, nan_of, 2, 1, n, NULL, &m, &e));
    REFUSED(EDOM, "chance",
            conformal_pursuit_additive(good, good, infinite, 2, 1, n, NULL, &m, &e));
    ck_assert_uint_eq(e.index, 1);
    REFUSED(EINVAL, "base", conformal_pursuit_additive(NULL, good, p, 2, 1, n, NULL, &m, &e));
    REFUSED(EINVAL, "weights", conformal_pursuit_additive(good, NULL, p, 2, 1, n, NULL, &m, &e));
    REFUSED(EINVAL, "chance",
            conformal_pursuit_additive(good, good, NULL, 2, 1, n, NULL, &m, &e));
    ck_assert(m == NULL);
}
END_TEST

/* Scores that would overflow: their sum, or gamma times them, has no order any more. */
START_TEST(huge_scores_are_refused_or_stay_finite)
{
    static const size_t n[] = {2, 2};
    static const int32_t rows[] = {0, 0, 1, 1}, label[] = {0, 1};
    static const double sizes[] = {1e100, 1e200, 1e300, 1e307, 1.7e308};
    double weights[8], chance[8];
    for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
        double most = sizes[j], base[] = {most, -most};
        conformal_pursuit_model *m = NULL;
        for (size_t i = 0; i < 8; i++) {
            weights[i] = i % 2 ? -most : most;
            chance[i] = 0.5;
        }
        if (conformal_pursuit_additive(base, weights, chance, 2, 2, n, NULL, &m, &e) !=
            CONFORMAL_OK) {
            ck_assert(e.status == CONFORMAL_EDOM && most > 1e200);
            continue;
        }
        conformal_pursuit_table t = table_of(2, 2, rows, label);
        conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_IP, 0.4);
        o.temperature = true;
        conformal_pursuit_policy *p = policy_of(&o, m, &t, &t, NULL);
        conformal_pursuit_session *s = session_of(p, 0);
        for (size_t k = 0; k < 2; k++) {
            conformal_pursuit_choice c = next_of(s, NULL, NULL);
            ck_assert(c.query >= 0 && c.objective == 0);
            give(s, c.query, 0);
            ck_assert(conformal_pursuit_state_of(s).p[0] == 1);
        }
        conformal_pursuit_close(s);
        conformal_pursuit_policy_free(p);
        conformal_pursuit_model_free(m);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit models");
    TCase *tc = tcase_create("pursuit models");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, counts_are_smoothed);
    tcase_add_test(tc, a_class_never_seen_can_be_played);
    tcase_add_test(tc, no_rows_leave_everything_even);
    tcase_add_test(tc, bad_tables_are_refused);
    tcase_add_test(tc, wrong_answers_are_mixed_in);
    tcase_add_test(tc, bad_probabilities_are_refused);
    tcase_add_test(tc, scores_are_lent_as_given);
    tcase_add_test(tc, bad_scores_are_refused);
    tcase_add_test(tc, huge_scores_are_refused_or_stay_finite);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
