/* test_split.c - split conformal regression, from scores to intervals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <string.h>

#include "conformal/calibrate.h"
#include "conformal/predict.h"
#include "conformal/quantile.h"
#include "conformal/random.h"
#include "oom.h"
#include "oracle/core_split.h"

/* Calibrate on one set of columns, predict another, compare with expected ends. */
typedef struct example {
    conformal_split_options options;
    conformal_data cal, test;
    double lower[8], upper[8];
    conformal_predict_counts counts;
} example;

static example make(conformal_score score, const double *alpha)
{
    static const example zero;
    example e = zero;
    conformal_split_options o = CONFORMAL_SPLIT_INIT;
    conformal_data d = CONFORMAL_DATA_INIT;
    e.options = o;
    e.options.score = score;
    e.options.alphas = alpha;
    e.options.n_alphas = 1;
    e.cal = e.test = d;
    return e;
}

static double run(example *e)
{
    conformal_calibrator *c;
    assert_ok(conformal_split_fit(&e->options, &e->cal, &c, err));
    assert_ok(conformal_predict(c, 0, &e->test, e->lower, e->upper, &e->counts, err));
    double q = conformal_calibrator_threshold(c, 0, 0)->upper;
    conformal_calibrator_free(c);
    return q;
}

static void check(const example *e, const double *want, double tol)
{
    for (size_t i = 0; i < e->test.n; i++) {
        assert_near(e->lower[i], want[2 * i], tol);
        assert_near(e->upper[i], want[2 * i + 1], tol);
    }
}

#define COUNT(array) (sizeof(array) / sizeof(double))
#define POINTS(e, name) \
    ((e).cal.n = COUNT(name##_y_cal), (e).cal.y = name##_y_cal, (e).cal.yhat = name##_mu_cal, \
     (e).test.n = COUNT(name##_mu_test), (e).test.yhat = name##_mu_test)
#define BANDS(e, name)                                                    \
    ((e).cal.n = COUNT(name##_y_cal), (e).cal.y = name##_y_cal,           \
     (e).cal.lower = name##_lo_cal, (e).cal.upper = name##_hi_cal,        \
     (e).cal.median = name##_med_cal, (e).test.n = COUNT(name##_lo_test), \
     (e).test.lower = name##_lo_test, (e).test.upper = name##_hi_test,    \
     (e).test.median = name##_med_test)

START_TEST(absolute_is_the_oracle_s)
{
    example e = make(CONFORMAL_SCORE_ABSOLUTE, split_abs_a0_1_alpha);
    POINTS(e, split_abs_a0_1);
    assert_near(run(&e), split_abs_a0_1_want_q[0], split_abs_a0_1_tol);
    check(&e, split_abs_a0_1_want_interval, split_abs_a0_1_tol);
    example f = make(CONFORMAL_SCORE_ABSOLUTE, split_abs_a0_2_alpha);
    POINTS(f, split_abs_a0_2);
    assert_near(run(&f), split_abs_a0_2_want_q[0], split_abs_a0_2_tol);
    check(&f, split_abs_a0_2_want_interval, split_abs_a0_2_tol);
}
END_TEST

START_TEST(normalized_is_the_oracle_s)
{
    example e = make(CONFORMAL_SCORE_NORMALIZED, split_norm_alpha);
    POINTS(e, split_norm);
    e.options.beta = split_norm_beta[0];
    e.cal.scale = split_norm_sigma_cal;
    e.test.scale = split_norm_sigma_test;
    run(&e);
    check(&e, split_norm_want_interval, split_norm_tol);
}
END_TEST

START_TEST(signed_and_one_sided_are_the_oracle_s)
{
    static const double both[] = {0.08}; /* 0.04 on each side */
    example e = make(CONFORMAL_SCORE_SIGNED, both);
    POINTS(e, split_signed_inf);
    run(&e);
    check(&e, split_signed_inf_want_interval, 0);
    ck_assert_uint_eq(e.counts.infinite, e.test.n);
    example lower = make(CONFORMAL_SCORE_LOWER, split_onesided_alpha);
    POINTS(lower, split_onesided);
    run(&lower);
    check(&lower, split_onesided_want_lower, split_onesided_tol);
    example upper = make(CONFORMAL_SCORE_UPPER, split_onesided_alpha);
    POINTS(upper, split_onesided);
    run(&upper);
    check(&upper, split_onesided_want_upper, split_onesided_tol);
}
END_TEST

START_TEST(the_cqr_family_is_the_oracle_s)
{
    example e = make(CONFORMAL_SCORE_CQR, cqr_cqr_alpha);
    BANDS(e, cqr_cqr);
    assert_near(run(&e), cqr_cqr_want_q[0], cqr_cqr_tol);
    check(&e, cqr_cqr_want_interval, cqr_cqr_tol);
    example a = make(CONFORMAL_SCORE_CQR_ASYMMETRIC, cqr_asym_alpha);
    BANDS(a, cqr_asym);
    assert_near(run(&a), cqr_asym_want_q[1], cqr_asym_tol);
    check(&a, cqr_asym_want_interval, cqr_asym_tol);
    example r = make(CONFORMAL_SCORE_CQR_R, cqr_r_alpha);
    BANDS(r, cqr_r);
    assert_near(run(&r), cqr_r_want_q[0], cqr_r_tol);
    check(&r, cqr_r_want_interval, cqr_r_tol);
    example m = make(CONFORMAL_SCORE_CQR_M, cqr_m_alpha);
    BANDS(m, cqr_m);
    assert_near(run(&m), cqr_m_want_q[0], cqr_m_tol);
    check(&m, cqr_m_want_interval, cqr_m_tol);
}
END_TEST

START_TEST(a_band_shrunk_past_itself_is_empty_not_swapped)
{
    example e = make(CONFORMAL_SCORE_CQR, cqr_empty_alpha);
    e.cal.n = COUNT(cqr_empty_y_cal);
    e.cal.y = cqr_empty_y_cal;
    e.cal.lower = cqr_empty_lo_cal;
    e.cal.upper = cqr_empty_hi_cal;
    e.test.n = 2;
    e.test.lower = cqr_empty_lo_test;
    e.test.upper = cqr_empty_hi_test;
    assert_near(run(&e), cqr_empty_want_q[0], cqr_empty_tol);
    check(&e, cqr_empty_want_interval_raw, cqr_empty_tol);
    ck_assert_uint_eq(e.counts.empty, 1);
}
END_TEST

static const conformal_score all_scores[] = {
    CONFORMAL_SCORE_ABSOLUTE, CONFORMAL_SCORE_SIGNED, CONFORMAL_SCORE_NORMALIZED,
    CONFORMAL_SCORE_LOWER,    CONFORMAL_SCORE_UPPER,  CONFORMAL_SCORE_CQR,
    CONFORMAL_SCORE_CQR_ASYMMETRIC, CONFORMAL_SCORE_CQR_R, CONFORMAL_SCORE_CQR_M};
enum { N_SCORES = sizeof all_scores / sizeof *all_scores, POOL = 8 };

/* A pool of rows; row i of column c. decimals: values with one decimal, which ties a lot and
 * makes every rounding matter. */
static void fill_pool(double columns[6][POOL], uint64_t seed, bool decimals)
{
    for (size_t i = 0; i < POOL; i++) {
        double u[6];
        for (uint64_t k = 0; k < 6; k++) {
            u[k] = conformal_uniform(seed, k, i);
            if (decimals)
                u[k] = floor(10 * u[k]) / 10;
        }
        double yhat = 10 * u[1];
        columns[0][i] = yhat + 4 * u[0] - 2;        /* y */
        columns[1][i] = yhat;
        columns[2][i] = 0.1 + u[2];                 /* scale */
        columns[3][i] = yhat - 0.3 - u[3];          /* lower */
        columns[4][i] = yhat + 0.3 + u[4];          /* upper */
        columns[5][i] = yhat;                       /* median */
    }
}

static conformal_data rows_of(double columns[6][POOL], size_t from, size_t n)
{
    conformal_data d = CONFORMAL_DATA_INIT;
    d.n = n;
    d.y = columns[0] + from;
    d.yhat = columns[1] + from;
    d.scale = columns[2] + from;
    d.lower = columns[3] + from;
    d.upper = columns[4] + from;
    d.median = columns[5] + from;
    return d;
}

/* Every row of the pool is the new one once: that is all orders of an exchangeable pool. The
 * interval, not the score, is asked: so the roundings are tested too. */
START_TEST(coverage_over_all_orders_is_as_promised)
{
    conformal_score score = all_scores[_i];
    for (uint64_t seed = 0; seed < 60; seed++) {
        double pool[6][POOL];
        fill_pool(pool, seed, seed % 2 == 1);
        for (int j = 0; j <= 20; j++) {
            double alpha = j / 20.0;
            size_t covered = 0, n = POOL - 1, sides = conformal_score_sides(score);
            for (size_t out = 0; out < POOL; out++) {
                example e = make(score, &alpha);
                double order[6][POOL];
                for (int c = 0; c < 6; c++) {
                    memcpy(order[c], pool[c], sizeof order[c]);
                    order[c][out] = pool[c][n];
                    order[c][n] = pool[c][out];
                }
                e.cal = rows_of(order, 0, n);
                e.test = rows_of(order, n, 1);
                run(&e);
                covered += e.lower[0] <= order[0][n] && order[0][n] <= e.upper[0];
            }
            size_t rank;
            assert_ok(conformal_rank(n, alpha / (double)sides, &rank, err));
            ck_assert_msg((double)covered >= (1.0 - alpha) * POOL - 1e-9,
                          "%s, alpha %g: %zu of %d", conformal_score_name(score), alpha,
                          covered, POOL);
            if (seed % 2 == 0 && sides == 1) /* no ties: exact */
                ck_assert_uint_eq(covered, rank);
            if (seed % 2 == 0 && score == CONFORMAL_SCORE_SIGNED && 2 * rank >= n + 1)
                ck_assert_uint_eq(covered, 2 * rank - n - 1);
        }
    }
}
END_TEST

START_TEST(the_row_at_the_threshold_is_inside_its_own_interval)
{
    for (uint64_t seed = 0; seed < 3000; seed++) {
        double pool[6][POOL], alpha = 0.3;
        example e = make(all_scores[_i], &alpha);
        size_t inside = 0;
        fill_pool(pool, seed, true);
        e.cal = e.test = rows_of(pool, 0, POOL);
        run(&e);
        for (size_t i = 0; i < POOL; i++)
            inside += e.lower[i] <= pool[0][i] && pool[0][i] <= e.upper[i];
        size_t sides = conformal_score_sides(all_scores[_i]), rank;
        assert_ok(conformal_rank(POOL, alpha / (double)sides, &rank, err));
        if (rank > POOL)
            rank = POOL;
        ck_assert_uint_ge(inside, sides == 1 ? rank : 2 * rank - POOL);
    }
}
END_TEST

START_TEST(alpha_0_is_everything_and_alpha_1_nothing)
{
    double pool[6][POOL], alpha = _i / N_SCORES;
    example e = make(all_scores[_i % N_SCORES], &alpha);
    fill_pool(pool, 1, false);
    e.cal = rows_of(pool, 0, POOL);
    e.test = rows_of(pool, 0, 3);
    run(&e);
    for (int i = 0; i < 3; i++) {
        bool two = conformal_score_sides(e.options.score) == 2;
        if (alpha == 0.0)
            ck_assert(e.lower[i] == -HUGE_VAL && e.upper[i] == HUGE_VAL);
        else if (!two) /* of two sides each has alpha/2 = 1/2 */
            ck_assert(e.lower[i] == HUGE_VAL && e.upper[i] == -HUGE_VAL);
    }
}
END_TEST

START_TEST(groups_have_their_own_promise)
{
    static const char *const names[] = {"a", "", "c\xc3\xa9"};
    static const double y[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 40}, yhat[11] = {0};
    static const int32_t group[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2};
    static const int32_t asked[] = {0, 1, 2, -1, 7};
    example e = make(CONFORMAL_SCORE_ABSOLUTE, NULL);
    conformal_calibrator *c;
    e.options.n_alphas = 0; /* the default, 0.1 */
    e.options.group_names = names;
    e.options.n_groups = 3;
    e.cal.n = 11;
    e.cal.y = y;
    e.cal.yhat = yhat;
    e.cal.group = group;
    e.test.n = 5;
    e.test.yhat = yhat;
    e.test.group = asked;
    assert_ok(conformal_split_fit(&e.options, &e.cal, &c, err));
    assert_ok(conformal_predict(c, 0, &e.test, e.lower, e.upper, &e.counts, err));
    assert_close(e.upper[0], 9, 0);
    for (int i = 1; i < 5; i++)
        ck_assert(e.lower[i] == -HUGE_VAL && e.upper[i] == HUGE_VAL);
    ck_assert_uint_eq(e.counts.unseen, 2);
    ck_assert_uint_eq(e.counts.infinite, 4);
    ck_assert_int_eq(conformal_calibrator_group_code(c, "c\xc3\xa9", 3), 2);
    ck_assert_int_eq(conformal_calibrator_group_code(c, "", 0), 1);
    ck_assert_int_eq(conformal_calibrator_group_code(c, "ab", 2), -1);
    ck_assert_int_eq(conformal_calibrator_group_code(c, "a\0b", 3), -1);
    ck_assert_uint_eq(conformal_calibrator_threshold(c, 2, 0)->n, 2);
    ck_assert_ptr_null(conformal_calibrator_threshold(c, 3, 0));
    conformal_calibrator_free(c);
}
END_TEST

static const struct {
    conformal_score score;
    const char *column;
    double y, yhat, scale, lower, upper, median;
    conformal_status status;
} refused[] = {
    {CONFORMAL_SCORE_ABSOLUTE, "y", (double)NAN, 1, 1, 0, 2, 1, CONFORMAL_ENAN},
    {CONFORMAL_SCORE_ABSOLUTE, "yhat", 1, (double)NAN, 1, 0, 2, 1, CONFORMAL_ENAN},
    {CONFORMAL_SCORE_ABSOLUTE, "y", HUGE_VAL, HUGE_VAL, 1, 0, 2, 1, CONFORMAL_ENAN},
    {CONFORMAL_SCORE_CQR, "y", -HUGE_VAL, 1, 1, -HUGE_VAL, 2, 1, CONFORMAL_ENAN},
    {CONFORMAL_SCORE_NORMALIZED, "scale", 1, 1, 0, 0, 2, 1, CONFORMAL_EDOM},
    {CONFORMAL_SCORE_NORMALIZED, "scale", 1, 1, -1, 0, 2, 1, CONFORMAL_EDOM},
    {CONFORMAL_SCORE_NORMALIZED, "scale", 1, 1, HUGE_VAL, 0, 2, 1, CONFORMAL_EDOM},
    {CONFORMAL_SCORE_CQR_R, "upper", 1, 1, 1, 2, 2, 1, CONFORMAL_EDOM},
    {CONFORMAL_SCORE_CQR_M, "median", 1, 1, 1, 0, 2, 2, CONFORMAL_EDOM},
    {CONFORMAL_SCORE_CQR_M, "median", 1, 1, 1, -HUGE_VAL, 2, 1, CONFORMAL_EDOM},
};

START_TEST(rows_outside_a_score_s_domain_are_refused)
{
    double y[] = {1, refused[_i].y}, yhat[] = {1, refused[_i].yhat},
           scale[] = {1, refused[_i].scale};
    double lower[] = {0, refused[_i].lower}, upper[] = {2, refused[_i].upper};
    double median[] = {1, refused[_i].median}, out[2] = {-7, -7}, other[2];
    conformal_data d = CONFORMAL_DATA_INIT;
    conformal_error err;
    d.n = 2;
    d.y = y, d.yhat = yhat, d.scale = scale, d.lower = lower, d.upper = upper,
    d.median = median;
    ck_assert_int_eq(conformal_score_rows(refused[_i].score, &d, 0, other, out, NULL, &err),
                     refused[_i].status);
    ck_assert_str_eq(err.argument, refused[_i].column);
    ck_assert_uint_eq(err.index, 1);
    ck_assert(out[0] == -7 && out[1] == -7);
}
END_TEST

START_TEST(missing_columns_and_wrong_options_are_refused)
{
    conformal_data d = CONFORMAL_DATA_INIT;
    conformal_split_options o = CONFORMAL_SPLIT_INIT;
    static const double x[] = {1}, bad[] = {1.5};
    conformal_calibrator *c = NULL;
    conformal_error err;
    d.n = 1;
    d.y = x;
    ck_assert_int_eq(conformal_split_fit(&o, &d, &c, &err), CONFORMAL_EINVAL);
    ck_assert_str_eq(err.message, "the score absolute needs yhat");
    d.yhat = x;
    o.alphas = bad;
    o.n_alphas = 1;
    ck_assert_int_eq(conformal_split_fit(&o, &d, &c, &err), CONFORMAL_EDOM);
    o.alphas = NULL;
    o.n_alphas = 0;
    o.score = (conformal_score)99;
    ck_assert_int_eq(conformal_split_fit(&o, &d, &c, &err), CONFORMAL_EINVAL);
    o.score = CONFORMAL_SCORE_ABSOLUTE;
    o.beta = -1;
    ck_assert_int_eq(conformal_split_fit(&o, &d, &c, &err), CONFORMAL_EDOM);
    ck_assert_ptr_null(c);
    conformal_score score = CONFORMAL_SCORE_CQR;
    ck_assert_int_eq(conformal_score_find("normalised", &score, &err), CONFORMAL_ENOTFOUND);
    ck_assert_str_eq(err.message, "no score 'normalised'; did you mean 'normalized'?");
}
END_TEST

START_TEST(laws_follow_from_ranks)
{
    double pool[6][POOL], alpha = 0.5;
    for (int s = 0; s < N_SCORES; s++) {
        example e = make(all_scores[s], &alpha);
        conformal_calibrator *c;
        conformal_coverage_law law;
        fill_pool(pool, 3, false);
        e.cal = rows_of(pool, 0, 7);
        assert_ok(conformal_split_fit(&e.options, &e.cal, &c, err));
        assert_ok(conformal_calibrator_law(c, 0, 0, &law, err));
        if (conformal_score_sides(all_scores[s]) == 1)
            assert_near(law.mean, 4.0 / 8, 1e-15);
        else /* each side has rank 6 of 7: 6 + 6 - 8 of 8 */
            assert_near(law.mean, 4.0 / 8, 1e-15);
        ck_assert(law.q05 < law.mean && law.mean < law.q95);
        conformal_calibrator_free(c);
    }
}
END_TEST

START_TEST(restoring_gives_the_same_calibrator)
{
    double pool[6][POOL], alpha[] = {0.2, 0.01}, a[4], b[4], c2[4], d2[4];
    example e = make(CONFORMAL_SCORE_CQR_ASYMMETRIC, alpha);
    conformal_threshold cells[2];
    conformal_calibrator *c, *again;
    const double *alphas;
    fill_pool(pool, 4, false);
    e.options.n_alphas = 2;
    e.cal = rows_of(pool, 0, POOL);
    e.test = rows_of(pool, 0, 4);
    assert_ok(conformal_split_fit(&e.options, &e.cal, &c, err));
    for (size_t i = 0; i < 2; i++)
        cells[i] = *conformal_calibrator_threshold(c, 0, i);
    assert_ok(conformal_calibrator_restore(&e.options, POOL, cells, &again, err));
    ck_assert_uint_eq(conformal_calibrator_alphas(again, &alphas), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_ok(conformal_predict(c, i, &e.test, a, b, NULL, err));
        assert_ok(conformal_predict(again, i, &e.test, c2, d2, NULL, err));
        for (int k = 0; k < 4; k++)
            ck_assert(a[k] == c2[k] && b[k] == d2[k]);
    }
    cells[1].alpha = 0.3;
    conformal_calibrator *none = NULL;
    ck_assert_int_eq(conformal_calibrator_restore(&e.options, POOL, cells, &none, NULL),
                     CONFORMAL_EDOM);
    ck_assert_int_eq(conformal_predict(c, 2, &e.test, a, b, NULL, NULL), CONFORMAL_EINVAL);
    conformal_calibrator_free(c);
    conformal_calibrator_free(again);
}
END_TEST

START_TEST(notes_are_kept_replaced_and_removed)
{
    double pool[6][POOL], alpha = 0.5;
    example e = make(CONFORMAL_SCORE_ABSOLUTE, &alpha);
    conformal_calibrator *c;
    const char *text;
    fill_pool(pool, 4, false);
    e.cal = rows_of(pool, 0, POOL);
    assert_ok(conformal_split_fit(&e.options, &e.cal, &c, err));
    ck_assert_ptr_null(conformal_calibrator_note(c, "column.y"));
    assert_ok(conformal_calibrator_set_note(c, "column.y", "price", err));
    assert_ok(conformal_calibrator_set_note(c, "b", "2", err));
    assert_ok(conformal_calibrator_set_note(c, "column.y", "cost", err));
    ck_assert_str_eq(conformal_calibrator_note(c, "column.y"), "cost");
    ck_assert_uint_eq(conformal_calibrator_notes(c), 2);
    ck_assert_str_eq(conformal_calibrator_note_at(c, 1, &text), "b");
    assert_ok(conformal_calibrator_set_note(c, "column.y", "", err));
    ck_assert_uint_eq(conformal_calibrator_notes(c), 1);
    ck_assert_ptr_null(conformal_calibrator_note_at(c, 1, &text));
    conformal_calibrator_free(c);
}
END_TEST

START_TEST(every_allocation_failure_is_survived)
{
    static const char *const names[] = {"a", "b"};
    static const int32_t group[POOL] = {0, 1, 0, 1, 0, 1, 1, 1};
    double pool[6][POOL], alpha = 0.5;
    struct oom oom = OOM_INIT;
    conformal_status status;
    fill_pool(pool, 4, false);
    do {
        conformal_allocator a = oom_next(&oom);
        example e = make(CONFORMAL_SCORE_SIGNED, &alpha);
        conformal_calibrator *c = NULL;
        e.options.allocator = &a;
        e.options.group_names = names;
        e.options.n_groups = 2;
        e.cal = rows_of(pool, 0, POOL);
        e.cal.group = group;
        status = conformal_split_fit(&e.options, &e.cal, &c, NULL);
        ck_assert((c != NULL) == (status == CONFORMAL_OK));
        if (c != NULL)
            status = conformal_calibrator_set_note(c, "key", "text", NULL);
        conformal_calibrator_free(c);
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 15);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("split");
    TCase *tc = tcase_create("split");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, absolute_is_the_oracle_s);
    tcase_add_test(tc, normalized_is_the_oracle_s);
    tcase_add_test(tc, signed_and_one_sided_are_the_oracle_s);
    tcase_add_test(tc, the_cqr_family_is_the_oracle_s);
    tcase_add_test(tc, a_band_shrunk_past_itself_is_empty_not_swapped);
    tcase_add_loop_test(tc, coverage_over_all_orders_is_as_promised, 0, N_SCORES);
    tcase_add_loop_test(tc, the_row_at_the_threshold_is_inside_its_own_interval, 0, N_SCORES);
    tcase_add_loop_test(tc, alpha_0_is_everything_and_alpha_1_nothing, 0, 2 * N_SCORES);
    tcase_add_test(tc, groups_have_their_own_promise);
    tcase_add_loop_test(tc, rows_outside_a_score_s_domain_are_refused, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_test(tc, missing_columns_and_wrong_options_are_refused);
    tcase_add_test(tc, laws_follow_from_ranks);
    tcase_add_test(tc, restoring_gives_the_same_calibrator);
    tcase_add_test(tc, notes_are_kept_replaced_and_removed);
    tcase_add_test(tc, every_allocation_failure_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
