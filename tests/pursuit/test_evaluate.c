/* test_evaluate.c - curves and multipliers from sessions played by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "problem.h"

enum { MOST = MOST_QUERIES + 1 };

/* A row as a session of its own, with the numbers that curves are made of. */
typedef struct played {
    double p_true[MOST], entropy[MOST];
    size_t best[MOST], sizes[4][MOST], stop;
} played;

static played play(const conformal_pursuit_policy *p, const conformal_pursuit_table *t,
                   size_t row, bool calibrated)
{
    size_t length = conformal_pursuit_calibration_of(p).max_length;
    conformal_pursuit_session *s = session_of(p, row);
    played r = {.stop = length};
    for (size_t k = 0; k <= length; k++) {
        conformal_pursuit_state state = conformal_pursuit_state_of(s);
        r.p_true[k] = state.p[t->labels[row]];
        r.entropy[k] = state.entropy;
        r.best[k] = state.best;
        for (int which = 0; which < (calibrated ? 4 : 1); which++)
            r.sizes[which][k] = set_of(s, (conformal_pursuit_set)which, NULL);
        if (k == length)
            break;
        conformal_pursuit_choice c = next_of(s, NULL, NULL);
        if (c.stop && r.stop == length)
            r.stop = k;
        give(s, c.query, t->answers[row * t->queries + (size_t)c.query]);
    }
    conformal_pursuit_close(s);
    return r;
}

static bool is_in(double p, double c, double tau)
{
    return tau == 0 || p >= c * tau * (1 - 1e-9);
}

typedef struct curves {
    double accuracy[MOST], hit[MOST], set_size[MOST], coverage[MOST], entropy[MOST];
    double length_size[MOST], length_coverage[MOST], any_size[MOST];
} curves;

static conformal_pursuit_curves view(curves *c)
{
    conformal_pursuit_curves v = CONFORMAL_PURSUIT_CURVES_INIT;
    v.accuracy = c->accuracy;
    v.hit = c->hit;
    v.set_size = c->set_size;
    v.coverage = c->coverage;
    v.entropy = c->entropy;
    v.length_size = c->length_size;
    v.length_coverage = c->length_coverage;
    v.any_size = c->any_size;
    return v;
}

static conformal_pursuit_policy *policy(const problem *r, uint64_t seed, bool calibrated)
{
    conformal_pursuit_options o =
        options_of((conformal_pursuit_selector)(seed % 5), 0.15);
    o.stop = (conformal_pursuit_stop)(seed % 7);
    o.max_length = 1 + (size_t)(seed % 6);
    o.seed = seed;
    o.report_alpha = seed % 2 ? 0.3 : (double)NAN;
    o.temperature = seed % 3 == 0;
    return policy_of(&o, r->model, &r->first, calibrated ? &r->second : NULL, r->chains);
}

START_TEST(curves_are_averages_over_sessions)
{
    bool calibrated = _i;
    for (uint64_t seed = 0; seed < 70; seed++) {
        problem r;
        curves got, want;
        draw_problem(&r, 14000 + seed);
        conformal_pursuit_policy *p = policy(&r, seed, calibrated);
        conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
        conformal_pursuit_curves v = view(&got), w = CONFORMAL_PURSUIT_CURVES_INIT;
        memset(&want, 0, sizeof want);
        memset(&got, 7, sizeof got); /* whatever was there */
        assert_ok(conformal_pursuit_evaluate(p, &r.first, NULL, NULL, &v, err));
        size_t length = c.max_length;
        double n = (double)r.first.rows;
        for (size_t i = 0; i < r.first.rows; i++) {
            played row = play(p, &r.first, i, calibrated);
            size_t y = (size_t)r.labels[i];
            bool hit = false, any = true;
            for (size_t k = 0; k <= length; k++) {
                double at = row.p_true[k];
                hit = hit || row.best[k] == y;
                any = any && (k == 0 || is_in(at, calibrated ? c.any : 1, c.tau[k]));
                want.accuracy[k] += (row.best[k] == y) / n;
                want.hit[k] += hit / n;
                want.entropy[k] += row.entropy[k] / n;
                want.length_size[k] += (double)row.sizes[0][k] / n;
                want.set_size[k] += (double)row.sizes[calibrated ? 1 : 0][k] / n;
                want.any_size[k] += (double)row.sizes[calibrated ? 3 : 0][k] / n;
                want.length_coverage[k] += is_in(at, 1, c.tau[k]) / n;
                want.coverage[k] += is_in(at, calibrated ? c.step[k] : 1, c.tau[k]) / n;
                w.auc += k > 0 ? (row.best[k] == y) / n / (double)length : 0;
            }
            w.queries_mean += (double)row.stop / n;
            w.accuracy_stop += (row.best[row.stop] == y) / n;
            w.size_stop += (double)row.sizes[calibrated ? 2 : 0][row.stop] / n;
            w.coverage_stop +=
                is_in(row.p_true[row.stop], calibrated ? c.stop : 1, c.tau[row.stop]) / n;
            w.coverage_any += any / n;
        }
        for (size_t k = 0; k <= length; k++) {
            assert_close(got.accuracy[k], want.accuracy[k], 1e-12);
            assert_close(got.hit[k], want.hit[k], 1e-12);
            assert_close(got.entropy[k], want.entropy[k], 1e-12);
            assert_close(got.length_size[k], want.length_size[k], 1e-12);
            assert_close(got.set_size[k], want.set_size[k], 1e-12);
            assert_close(got.any_size[k], want.any_size[k], 1e-12);
            assert_close(got.length_coverage[k], want.length_coverage[k], 1e-12);
            assert_close(got.coverage[k], want.coverage[k], 1e-12);
        }
        assert_close(v.auc, w.auc, 1e-12);
        assert_close(v.queries_mean, w.queries_mean, 1e-12);
        assert_close(v.accuracy_stop, w.accuracy_stop, 1e-12);
        assert_close(v.size_stop, w.size_stop, 1e-12);
        assert_close(v.coverage_stop, w.coverage_stop, 1e-12);
        assert_close(v.coverage_any, w.coverage_any, 1e-12);
        conformal_pursuit_policy_free(p);
        free_problem(&r);
    }
}
END_TEST

/* Of policies that draw nothing, so that a replayed row is a session like any other. */
START_TEST(multipliers_are_order_statistics_of_replayed_rows)
{
    for (uint64_t seed = 0; seed < 70; seed++) {
        problem r;
        double ratio[MOST_ROWS], stop[MOST_ROWS], any[MOST_ROWS], asked = 0;
        draw_problem(&r, 15000 + seed);
        uint64_t which = seed % 5 == CONFORMAL_PURSUIT_RANDOM ? seed + 1 : seed;
        conformal_pursuit_policy *p = policy(&r, which, true);
        conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
        double alpha = which % 2 ? 0.3 : 0.15;
        size_t n = r.second.rows;
        static played rows[MOST_ROWS];
        for (size_t i = 0; i < n; i++) {
            rows[i] = play(p, &r.second, i, true);
            any[i] = HUGE_VAL;
            asked += (double)rows[i].stop / (double)n;
        }
        for (size_t k = 0; k <= c.max_length; k++) {
            for (size_t i = 0; i < n; i++) {
                ratio[i] = c.tau[k] > 0 ? rows[i].p_true[k] / c.tau[k] : HUGE_VAL;
                any[i] = k > 0 ? fmin(any[i], ratio[i]) : any[i];
                if (rows[i].stop == k)
                    stop[i] = ratio[i];
            }
            assert_close(c.step[k], order_statistic(ratio, n, alpha), 1e-12);
        }
        assert_close(c.stop, order_statistic(stop, n, alpha), 1e-12);
        assert_close(c.any, order_statistic(any, n, alpha), 1e-12);
        assert_close(c.mean_length, asked, 1e-12);
        conformal_pursuit_policy_free(p);
        free_problem(&r);
    }
}
END_TEST

/* Calibration rows draw other random numbers than sessions do: else a new case would share its
 * own with one of them, and they would not be exchangeable. */
START_TEST(replayed_rows_draw_numbers_of_their_own)
{
    size_t differ = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        problem r;
        double ratio[MOST_ROWS];
        draw_problem(&r, 15500 + seed);
        conformal_pursuit_options o = options_of(CONFORMAL_PURSUIT_RANDOM, 0.3);
        conformal_pursuit_policy *p = policy_of(&o, r.model, &r.first, &r.second, r.chains);
        conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
        for (size_t i = 0; i < r.second.rows; i++)
            ratio[i] = play(p, &r.second, i, true).p_true[1] / c.tau[1];
        differ += c.step[1] != order_statistic(ratio, r.second.rows, 0.3);
        conformal_pursuit_policy_free(p);
        free_problem(&r);
    }
    ck_assert(differ > 0);
}
END_TEST

/* ------------------------------------------------------------------ repeated, stopped, refused */

START_TEST(the_same_again_is_the_same)
{
    for (uint64_t seed = 0; seed < 35; seed++) {
        problem r;
        curves c[2];
        conformal_pursuit_curves v[2];
        conformal_pursuit_calibration k[2];
        conformal_pursuit_policy *p[2];
        draw_problem(&r, 16000 + seed);
        memset(c, 0, sizeof c);
        for (int i = 0; i < 2; i++) {
            conformal_pursuit_options o =
                options_of((conformal_pursuit_selector)(seed % 5), 0.15);
            o.tie = CONFORMAL_PURSUIT_TIE_RANDOM;
            o.objective = (conformal_pursuit_objective)(seed % 8);
            o.threshold = (conformal_pursuit_threshold)(seed % 3);
            o.temperature = true;
            o.seed = 5;
            p[i] = policy_of(&o, r.model, &r.first, &r.second, NULL);
            k[i] = conformal_pursuit_calibration_of(p[i]);
            v[i] = view(&c[i]);
            assert_ok(conformal_pursuit_evaluate(p[i], &r.first, NULL, NULL, &v[i], err));
        }
        size_t bytes = (r.queries + 1) * sizeof(double);
        ck_assert(memcmp(k[0].tau, k[1].tau, bytes) == 0);
        ck_assert(memcmp(k[0].gamma, k[1].gamma, bytes) == 0);
        ck_assert(memcmp(k[0].step, k[1].step, bytes) == 0);
        ck_assert(k[0].stop == k[1].stop && k[0].any == k[1].any);
        ck_assert(memcmp(&c[0], &c[1], sizeof *c) == 0);
        ck_assert(v[0].auc == v[1].auc && v[0].size_stop == v[1].size_stop);
        conformal_pursuit_policy_free(p[0]);
        conformal_pursuit_policy_free(p[1]);
        free_problem(&r);
    }
}
END_TEST

static conformal_status second_is_enough(void *user, const conformal_pursuit_trace *t,
                                         conformal_error *err)
{
    size_t *seen = user;
    (void)err;
    ck_assert_uint_eq(t->row, (*seen)++);
    return t->row == 1 ? CONFORMAL_ECANCELLED : CONFORMAL_OK;
}

START_TEST(a_visitor_may_stop_it)
{
    problem r;
    size_t seen = 0;
    draw_problem(&r, 17000);
    conformal_pursuit_policy *p = policy(&r, 0, false);
    conformal_pursuit_curves v = CONFORMAL_PURSUIT_CURVES_INIT;
    conformal_error e = {0};
    ck_assert(conformal_pursuit_evaluate(p, &r.first, second_is_enough, &seen, &v, &e) ==
              CONFORMAL_ECANCELLED);
    ck_assert_uint_eq(seen, 2);
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

START_TEST(bad_tables_are_refused)
{
    problem r;
    draw_problem(&r, 17001);
    conformal_pursuit_policy *p = policy(&r, 0, false);
    conformal_pursuit_curves v = CONFORMAL_PURSUIT_CURVES_INIT;
    conformal_pursuit_table none = table_of(0, r.queries, NULL, NULL), t = r.first;
    conformal_error e = {0};
    ck_assert(conformal_pursuit_evaluate(p, &none, NULL, NULL, &v, &e) == CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "rows");
    ck_assert(conformal_pursuit_evaluate(p, NULL, NULL, NULL, &v, &e) == CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "table");
    ck_assert(conformal_pursuit_evaluate(NULL, &t, NULL, NULL, &v, &e) == CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "policy");
    ck_assert(conformal_pursuit_evaluate(p, &t, NULL, NULL, NULL, &e) == CONFORMAL_EINVAL);
    ck_assert_str_eq(e.argument, "curves");
    t.queries--;
    ck_assert(conformal_pursuit_evaluate(p, &t, NULL, NULL, &v, &e) == CONFORMAL_EDIM);
    ck_assert_str_eq(e.argument, "table");
    conformal_pursuit_policy_free(p);
    free_problem(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit evaluate");
    TCase *tc = tcase_create("pursuit evaluate");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, curves_are_averages_over_sessions, 0, 2);
    tcase_add_test(tc, multipliers_are_order_statistics_of_replayed_rows);
    tcase_add_test(tc, replayed_rows_draw_numbers_of_their_own);
    tcase_add_test(tc, the_same_again_is_the_same);
    tcase_add_test(tc, a_visitor_may_stop_it);
    tcase_add_test(tc, bad_tables_are_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
