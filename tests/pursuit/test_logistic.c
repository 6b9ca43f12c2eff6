/* test_logistic.c - logistic regression on masked rows, and the optimiser behind it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The objective is written down a second time here, plainly: dense copies of the rows, masks
 * drawn by the same rule from the same numbers. */
#include "test.h"

#include <conformal.h>
#include <string.h>

#include "oom.h"
#include "pursuit/lbfgs.h"

enum { ROWS = 40, QUERIES = 4, CLASSES = 3, ANSWERS = 9, COPIES = 5, CELLS = ANSWERS * CLASSES };
enum { VARIABLES = CELLS + CLASSES };

static const size_t n_answers[QUERIES] = {2, 3, 2, 2};
static const size_t first[QUERIES + 1] = {0, 2, 5, 7, 9};

typedef struct data {
    int32_t answers[ROWS * QUERIES], labels[ROWS];
    conformal_pursuit_table table;
} data;

/* Answers that lean towards the class; some are missing; one row has none at all. */
static void make_data(data *d)
{
    uint64_t at = 0;
    for (size_t i = 0; i < ROWS; i++) {
        d->labels[i] = (int32_t)(conformal_uniform(1, 0, at++) * CLASSES);
        for (size_t q = 0; q < QUERIES; q++) {
            bool leans = conformal_uniform(1, 0, at++) < 0.6;
            double u = conformal_uniform(1, 0, at++);
            int32_t a = leans ? d->labels[i] : (int32_t)(u * 10);
            d->answers[i * QUERIES + q] = a % (int32_t)n_answers[q];
            if (conformal_uniform(1, 0, at++) < 0.2 || i == 7)
                d->answers[i * QUERIES + q] = -1;
        }
    }
    conformal_pursuit_table table = CONFORMAL_PURSUIT_TABLE_INIT;
    table.rows = ROWS;
    table.queries = QUERIES;
    table.answers = d->answers;
    table.labels = d->labels;
    d->table = table;
}

static conformal_pursuit_model *fit(const conformal_pursuit_table *table, size_t copies,
                                    double penalty, uint64_t seed)
{
    conformal_pursuit_model *m;
    assert_ok(conformal_pursuit_logistic(table, CLASSES, n_answers, copies, penalty, seed, NULL,
                                         &m, err));
    return m;
}

/* ------------------------------------------------------------------ a second opinion */

typedef struct plain {
    int32_t answers[ROWS * COPIES * QUERIES]; /* masked: -1 */
    int32_t labels[ROWS * COPIES];
    double penalty; /* per row, as all of the objective */
} plain;

static double draw(uint64_t seed, size_t row, size_t copy, size_t which)
{
    return conformal_uniform(seed, CONFORMAL_STREAM_PURSUIT,
                             ((uint64_t)1 << 62) + (row * COPIES + copy) * 16 + which);
}

static void mask(const data *d, uint64_t seed, plain *g)
{
    for (size_t i = 0; i < ROWS; i++) {
        size_t order[QUERIES], n = 0;
        for (size_t q = 0; q < QUERIES; q++)
            if (d->answers[i * QUERIES + q] >= 0)
                order[n++] = q;
        for (size_t c = 0; c < COPIES; c++) {
            int32_t *copy = g->answers + (i * COPIES + c) * QUERIES;
            size_t kept = (size_t)(draw(seed, i, c, 0) * (double)(n + 1));
            g->labels[i * COPIES + c] = d->labels[i];
            for (size_t q = 0; q < QUERIES; q++)
                copy[q] = -1;
            for (size_t j = 0; j < kept; j++) {
                size_t other = j + (size_t)(draw(seed, i, c, j + 1) * (double)(n - j));
                size_t q = order[other];
                order[other] = order[j];
                order[j] = q;
                copy[q] = d->answers[i * QUERIES + q];
            }
        }
    }
}

/* log p(label | answers), and by how much it grows with each score. */
static double log_p(const double *x, const int32_t *answers, size_t label, double *slope)
{
    double l[CLASSES], sum = 0;
    for (size_t y = 0; y < CLASSES; y++) {
        l[y] = x[y];
        for (size_t q = 0; q < QUERIES; q++)
            if (answers[q] >= 0)
                l[y] += x[CLASSES + (first[q] + (size_t)answers[q]) * CLASSES + y];
        sum += exp(l[y]);
    }
    for (size_t y = 0; y < CLASSES; y++)
        slope[y] = (y == label) - exp(l[y]) / sum;
    return l[label] - log(sum);
}

/* What is minimised. x: base, then weights. */
static double plain_objective(void *context, const double *x, double *gradient)
{
    static const int32_t none[QUERIES] = {-1, -1, -1, -1};
    const plain *g = context;
    double value = 0, slope[CLASSES], n = ROWS + CLASSES;
    for (size_t i = 0; i < VARIABLES; i++) {
        double penalty = i < CLASSES ? 0 : g->penalty;
        value += penalty / 2 * x[i] * x[i];
        gradient[i] = penalty * x[i];
    }
    for (size_t i = 0; i < ROWS * COPIES; i++) {
        const int32_t *a = g->answers + i * QUERIES;
        value -= log_p(x, a, (size_t)g->labels[i], slope) / COPIES / n;
        for (size_t y = 0; y < CLASSES; y++) {
            gradient[y] -= slope[y] / COPIES / n;
            for (size_t q = 0; q < QUERIES; q++)
                if (a[q] >= 0)
                    gradient[CLASSES + (first[q] + (size_t)a[q]) * CLASSES + y] -=
                        slope[y] / COPIES / n;
        }
    }
    for (size_t label = 0; label < CLASSES; label++) {
        value -= log_p(x, none, label, slope) / n;
        for (size_t y = 0; y < CLASSES; y++)
            gradient[y] -= slope[y] / n;
    }
    return value;
}

static void variables_of(const conformal_pursuit_model *m, double *x)
{
    memcpy(x, conformal_pursuit_base(m), CLASSES * sizeof *x);
    memcpy(x + CLASSES, conformal_pursuit_weights(m), CELLS * sizeof *x);
}

START_TEST(gradient_is_zero_at_the_optimum)
{
    static plain g;
    data d;
    double x[VARIABLES], gradient[VARIABLES], unused[VARIABLES], squares = 0;
    make_data(&d);
    mask(&d, 11, &g);
    g.penalty = 0.01 / (ROWS + CLASSES);
    conformal_pursuit_model *m = fit(&d.table, COPIES, 0.01, 11);
    variables_of(m, x);
    plain_objective(&g, x, gradient);
    for (size_t i = 0; i < VARIABLES; i++) {
        double h = 1e-5, at = x[i];
        squares += gradient[i] * gradient[i];
        x[i] = at + h;
        double up = plain_objective(&g, x, unused);
        x[i] = at - h;
        double down = plain_objective(&g, x, unused);
        x[i] = at;
        ck_assert_msg(fabs(up - down) / (2 * h) < 1e-9, "slope %zu is %g", i,
                      (up - down) / (2 * h));
    }
    ck_assert_msg(sqrt(squares) < 3e-11, "the gradient's norm is %g", sqrt(squares));
    x[4] += 0.5; /* and is not zero elsewhere: finite differences agree with it there */
    plain_objective(&g, x, gradient);
    for (size_t i = 0; i < VARIABLES; i++) {
        double h = 1e-5, at = x[i];
        x[i] = at + h;
        double up = plain_objective(&g, x, unused);
        x[i] = at - h;
        double down = plain_objective(&g, x, unused);
        x[i] = at;
        ck_assert_double_eq_tol((up - down) / (2 * h), gradient[i], 1e-9);
    }
    ck_assert_double_gt(fabs(gradient[4]), 1e-3);
    conformal_pursuit_model_free(m);
}
END_TEST

START_TEST(any_start_ends_at_the_same_weights)
{
    static plain g;
    static const double penalties[] = {10.0, 0.01, 1e-3};
    data d;
    make_data(&d);
    mask(&d, 3, &g);
    for (size_t k = 0; k < 3; k++) {
        double x[VARIABLES], other[VARIABLES], norm, all = 0;
        g.penalty = penalties[k] / (ROWS + CLASSES);
        conformal_pursuit_model *m = fit(&d.table, COPIES, penalties[k], 3);
        variables_of(m, x);
        for (size_t i = 0; i < VARIABLES; i++)
            other[i] = 6 * conformal_uniform(5, 0, i) - 3;
        assert_ok(cf_lbfgs(plain_objective, &g, other, VARIABLES,
                           1e-8 * fmin(1.0, g.penalty), 10000, NULL, &norm, err));
        ck_assert_double_le(norm, 1e-8 * g.penalty);
        for (size_t y = 0; y < CLASSES; y++)
            all += exp(other[y]);
        for (size_t y = 0; y < CLASSES; y++)
            ck_assert_double_eq_tol(x[y], other[y] - log(all), 1e-6);
        for (size_t i = CLASSES; i < VARIABLES; i++)
            ck_assert_double_eq_tol(x[i], other[i], 1e-6);
        conformal_pursuit_model_free(m);
    }
}
END_TEST

/* ------------------------------------------------------------------ what the model is */

START_TEST(stronger_penalties_shrink_weights)
{
    data d;
    double last = HUGE_VAL;
    conformal_pursuit_model *bayes;
    make_data(&d);
    assert_ok(conformal_pursuit_bayes(&d.table, CLASSES, n_answers, 0.5, NULL, &bayes, err));
    for (double penalty = 1e-4; penalty < 1e9; penalty *= 10) {
        conformal_pursuit_model *m = fit(&d.table, COPIES, penalty, 1);
        const double *w = conformal_pursuit_weights(m);
        double squares = 0;
        for (size_t i = 0; i < CELLS; i++)
            squares += w[i] * w[i];
        ck_assert_msg(squares < last, "%g: %g after %g", penalty, squares, last);
        last = squares;
        for (size_t r = 0; r < ANSWERS; r++)
            ck_assert_double_lt(fabs(w[3 * r] + w[3 * r + 1] + w[3 * r + 2]), 1e-8);
        double sum = 0;
        for (size_t y = 0; y < CLASSES; y++)
            sum += exp(conformal_pursuit_base(m)[y]);
        assert_close(sum, 1.0, 1e-14);
        for (size_t i = 0; i < CELLS; i++)
            assert_close(conformal_pursuit_chance(m)[i], conformal_pursuit_chance(bayes)[i], 0);
        for (size_t y = 0; y < CLASSES && penalty > 1e7; y++) /* naive Bayes' base remains */
            assert_close(conformal_pursuit_base(m)[y], conformal_pursuit_base(bayes)[y], 1e-6);
        conformal_pursuit_model_free(m);
    }
    ck_assert_double_lt(last, 1e-12);
    conformal_pursuit_model_free(bayes);
}
END_TEST

START_TEST(a_seed_decides)
{
    data d;
    make_data(&d);
    conformal_pursuit_model *m[3];
    const double *w[3];
    for (size_t i = 0; i < 3; i++) {
        m[i] = fit(&d.table, COPIES, 0.01, i < 2 ? 8 : 9);
        w[i] = conformal_pursuit_weights(m[i]);
    }
    ck_assert_mem_eq(w[0], w[1], CELLS * sizeof **w);
    ck_assert_mem_eq(conformal_pursuit_base(m[0]), conformal_pursuit_base(m[1]),
                     CLASSES * sizeof **w);
    ck_assert(memcmp(w[0], w[2], CELLS * sizeof **w) != 0);
    for (size_t i = 0; i < 3; i++)
        conformal_pursuit_model_free(m[i]);
}
END_TEST

/* Query 0 tells class 0 from class 1; class 2 and answer 2 of query 1 are never seen. */
START_TEST(separable_data_stay_finite)
{
    data d;
    static const double penalties[] = {0.01, 1e-12, 1e-300, 1e300};
    make_data(&d);
    for (size_t i = 0; i < ROWS; i++) {
        d.labels[i] = (int32_t)(i % 2);
        d.answers[i * QUERIES] = d.labels[i];
        d.answers[i * QUERIES + 1] = -1;
    }
    for (size_t k = 0; k < 4; k++) {
        conformal_pursuit_model *m = fit(&d.table, COPIES, penalties[k], 0);
        const double *w = conformal_pursuit_weights(m), *b = conformal_pursuit_base(m);
        for (size_t i = 0; i < CELLS; i++)
            ck_assert(isfinite(w[i]));
        for (size_t y = 0; y < CLASSES; y++)
            ck_assert(isfinite(b[y]) && b[y] < 0);
        for (size_t i = first[1] * CLASSES; i < first[2] * CLASSES; i++)
            ck_assert(w[i] == 0);
        ck_assert(b[2] < b[0] && b[2] < b[1]);
        ck_assert(w[0] >= w[1] && w[4] >= w[3]);
        if (k == 0)
            ck_assert(b[0] + w[0] > b[1] + w[1] + 1 && b[1] + w[4] > b[0] + w[3] + 1);
        conformal_pursuit_model_free(m);
    }
}
END_TEST

START_TEST(missing_answers_do_not_count)
{
    data d, none;
    make_data(&d);
    memcpy(&none, &d, sizeof none);
    none.table.answers = none.answers;
    none.table.labels = none.labels;
    for (size_t i = 0; i < ROWS * QUERIES; i++)
        none.answers[i] = -1;
    conformal_pursuit_model *m = fit(&none.table, COPIES, 0.01, 1), *bayes;
    assert_ok(conformal_pursuit_bayes(&none.table, CLASSES, n_answers, 0.5, NULL, &bayes, err));
    for (size_t i = 0; i < CELLS; i++)
        ck_assert(conformal_pursuit_weights(m)[i] == 0);
    for (size_t y = 0; y < CLASSES; y++)
        assert_close(conformal_pursuit_base(m)[y], conformal_pursuit_base(bayes)[y], 1e-12);
    conformal_pursuit_model_free(m);
    conformal_pursuit_model_free(bayes);
    none.table.rows = 0; /* nothing is known at all: all classes alike */
    m = fit(&none.table, COPIES, 0.01, 1);
    for (size_t y = 0; y < CLASSES; y++)
        assert_close(conformal_pursuit_base(m)[y], -log(CLASSES), 1e-12);
    conformal_pursuit_model_free(m);
}
END_TEST

START_TEST(one_class_is_certain)
{
    data d;
    conformal_pursuit_model *m;
    make_data(&d);
    memset(d.labels, 0, sizeof d.labels);
    assert_ok(conformal_pursuit_logistic(&d.table, 1, n_answers, 3, 0.01, 0, NULL, &m, err));
    ck_assert_uint_eq(conformal_pursuit_classes(m), 1);
    ck_assert(conformal_pursuit_base(m)[0] == 0);
    for (size_t i = 0; i < ANSWERS; i++)
        ck_assert(conformal_pursuit_weights(m)[i] == 0);
    conformal_pursuit_model_free(m);
}
END_TEST

/* Of 40 answers, 15 are kept at the most. Two rows differ in one answer, whose weights say how
 * often it was kept: with a penalty that holds weights near 0, w = sum of (label - p) / penalty,
 * and p = 1/2. That is 7.5 / 40 of the copies on average, 0.028 its standard error. */
START_TEST(long_rows_keep_few_answers)
{
    enum { MANY = 40, COPIES_EACH = 200 };
    int32_t answers[2 * MANY], labels[2] = {0, 1};
    size_t ones[MANY];
    conformal_pursuit_model *m;
    for (size_t q = 0; q < MANY; q++) {
        answers[q] = answers[MANY + q] = 0;
        ones[q] = 2;
    }
    answers[MANY + 5] = 1;
    conformal_pursuit_table t = CONFORMAL_PURSUIT_TABLE_INIT;
    t.rows = 2;
    t.queries = MANY;
    t.answers = answers;
    t.labels = labels;
    assert_ok(conformal_pursuit_logistic(&t, 2, ones, COPIES_EACH, 1e6, 4, NULL, &m, err));
    const double *w = conformal_pursuit_weights(m);
    double share = w[(2 * 5 + 1) * 2 + 1] * 1e6 * 2;
    ck_assert_msg(fabs(share - 7.5 / MANY) < 0.1, "kept in %g of the copies", share);
    conformal_pursuit_model_free(m);
}
END_TEST

/* ------------------------------------------------------------------ refusals */

#define refuses(status_, argument_, call) \
    do { \
        conformal_error e_ = {0}; \
        conformal_error *err = &e_; \
        conformal_status s_ = (call); \
        ck_assert_msg(s_ == (status_), "%s: %s", #call, conformal_status_name(s_)); \
        ck_assert_str_eq(e_.argument, argument_); \
    } while (0)

START_TEST(bad_arguments_are_refused)
{
    data d;
    size_t none[QUERIES] = {2, 0, 2, 2};
    conformal_pursuit_model *m = NULL, **to = &m;
    const conformal_pursuit_table *t = &d.table;
    static const double penalties[] = {0, -1, (double)NAN, HUGE_VAL};
    make_data(&d);
    refuses(CONFORMAL_EINVAL, "table",
            conformal_pursuit_logistic(NULL, 3, n_answers, 5, 1, 0, NULL, to, err));
    refuses(CONFORMAL_EINVAL, "n_classes",
            conformal_pursuit_logistic(t, 0, n_answers, 5, 1, 0, NULL, to, err));
    refuses(CONFORMAL_EINVAL, "n_answers",
            conformal_pursuit_logistic(t, 3, NULL, 5, 1, 0, NULL, to, err));
    refuses(CONFORMAL_EINVAL, "copies",
            conformal_pursuit_logistic(t, 3, n_answers, 0, 1, 0, NULL, to, err));
    refuses(CONFORMAL_EINVAL, "model",
            conformal_pursuit_logistic(t, 3, n_answers, 5, 1, 0, NULL, NULL, err));
    refuses(CONFORMAL_EDOM, "n_answers",
            conformal_pursuit_logistic(t, 3, none, 5, 1, 0, NULL, to, err));
    for (size_t i = 0; i < 4; i++)
        refuses(CONFORMAL_EDOM, "penalty",
                conformal_pursuit_logistic(t, 3, n_answers, 5, penalties[i], 0, NULL, to, err));
    refuses(CONFORMAL_ENOMEM, "",
            conformal_pursuit_logistic(t, 3, n_answers, SIZE_MAX / 2, 1, 0, NULL, to, err));
    d.labels[3] = 3;
    refuses(CONFORMAL_EDOM, "labels",
            conformal_pursuit_logistic(t, 3, n_answers, 5, 1, 0, NULL, to, err));
    d.labels[3] = 0;
    d.answers[3] = 7;
    refuses(CONFORMAL_EDOM, "answers",
            conformal_pursuit_logistic(t, 3, n_answers, 5, 1, 0, NULL, to, err));
    d.table.labels = NULL;
    refuses(CONFORMAL_EINVAL, "labels",
            conformal_pursuit_logistic(t, 3, n_answers, 5, 1, 0, NULL, to, err));
    ck_assert(conformal_pursuit_logistic(NULL, 3, n_answers, 5, 1, 0, NULL, to, NULL) ==
              CONFORMAL_EINVAL);
    ck_assert_ptr_null(m);
}
END_TEST

START_TEST(memory_may_run_out)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    data d;
    make_data(&d);
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_pursuit_model *m = NULL;
        status = conformal_pursuit_logistic(&d.table, CLASSES, n_answers, COPIES, 0.01, 0, &a, &m,
                                            NULL);
        ck_assert((m != NULL) == (status == CONFORMAL_OK));
        conformal_pursuit_model_free(m);
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 12);
}
END_TEST

/* ------------------------------------------------------------------ the optimiser */

/* sum of i^4 (x_i - i)^2 / 2: curvatures from 1 to 10^4. */
static double valley(void *context, const double *x, double *gradient)
{
    double value = 0;
    (void)context;
    for (size_t i = 0; i < 10; i++) {
        double from = x[i] - (double)i - 1, steep = pow((double)i + 1, 4);
        value += steep * from * from / 2;
        gradient[i] = steep * from;
    }
    return value;
}

/* sum of log cosh(scale (x - i)): flat but for a kink, so that first steps are far off. */
static double kinks(void *context, const double *x, double *gradient)
{
    double value = 0, scale = *(const double *)context;
    for (size_t i = 0; i < 10; i++) {
        double from = fabs(scale * (x[i] - (double)i - 1));
        value += from + log1p(exp(-2 * from));
        gradient[i] = scale * tanh(scale * (x[i] - (double)i - 1));
    }
    return value;
}

START_TEST(minima_are_found)
{
    double scales[] = {1e-3, 1, 50}, norm;
    for (size_t k = 0; k < 4; k++) {
        double x[10] = {0}, tolerance = k < 3 ? 1e-9 * scales[k] : 1e-9;
        assert_ok(cf_lbfgs(k < 3 ? kinks : valley, k < 3 ? &scales[k] : NULL, x, 10, tolerance,
                           5000, NULL, &norm, err));
        ck_assert_msg(norm <= tolerance, "%zu: %g", k, norm);
        for (size_t i = 0; i < 10; i++)
            ck_assert_double_eq_tol(x[i], (double)i + 1, 1e-5);
    }
    double x[10] = {0};
    assert_ok(cf_lbfgs(valley, NULL, x, 10, 0, 5000, NULL, NULL, err)); /* all it can */
    for (size_t i = 0; i < 10; i++)
        ck_assert_double_eq_tol(x[i], (double)i + 1, 1e-9);
    memset(x, 0, sizeof x);
    assert_ok(cf_lbfgs(valley, NULL, x, 10, 0, 0, NULL, &norm, err)); /* nothing at all */
    ck_assert(x[0] == 0 && norm > 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("logistic");
    TCase *c = tcase_create("logistic");
    tcase_set_timeout(c, 0);
    tcase_add_test(c, gradient_is_zero_at_the_optimum);
    tcase_add_test(c, any_start_ends_at_the_same_weights);
    tcase_add_test(c, stronger_penalties_shrink_weights);
    tcase_add_test(c, a_seed_decides);
    tcase_add_test(c, separable_data_stay_finite);
    tcase_add_test(c, missing_answers_do_not_count);
    tcase_add_test(c, one_class_is_certain);
    tcase_add_test(c, long_rows_keep_few_answers);
    tcase_add_test(c, bad_arguments_are_refused);
    tcase_add_test(c, memory_may_run_out);
    tcase_add_test(c, minima_are_found);
    suite_add_tcase(s, c);
    return run_suite(s);
}
