/* test_coverage.c - Monte-Carlo coverage of split conformal regression, with a fixed seed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Acceptance bounds come from the exact law of the count, at 1e-9 in all. Each test is itself
 * tested: with thresholds one order statistic too low (the error that others have shipped)
 * the same bounds must refuse the count. */
#include "test.h"

#include "conformal/calibrate.h"
#include "conformal/predict.h"
#include "conformal/quantile.h"
#include "conformal/random.h"
#include "statistical/law.h"

enum { MOST = 1000 };

typedef struct rows {
    double y[MOST], yhat[MOST], scale[MOST], lower[MOST], upper[MOST];
    int32_t group[MOST];
} rows;

/* Heteroscedastic and skewed, with a band that is far too narrow; group 1 is much noisier. */
static void generate(rows *r, size_t n, uint64_t seed, uint64_t first)
{
    for (size_t i = 0; i < n; i++) {
        double x = conformal_uniform(seed, 0, first + i),
               u = conformal_uniform(seed, 1, first + i);
        r->group[i] = i % 3 == 0;
        r->scale[i] = 0.5 + x;
        r->yhat[i] = 10 * x;
        r->y[i] =
            r->yhat[i] + (0.5 + x) * (r->group[i] ? 8 : 1) * (log(u / (1 - u)) + 0.3 * u);
        r->lower[i] = r->yhat[i] - 0.4 * (0.5 + x);
        r->upper[i] = r->yhat[i] + 0.6 * (0.5 + x);
    }
}

static conformal_data view(const rows *r, size_t n)
{
    conformal_data d = CONFORMAL_DATA_INIT;
    d.n = n;
    d.y = r->y;
    d.yhat = r->yhat;
    d.scale = r->scale;
    d.lower = r->lower;
    d.upper = r->upper;
    d.group = r->group;
    return d;
}

/* Thresholds of the next lower order statistic: calibrate at the level that has that rank. */
static conformal_calibrator *spoil(const conformal_split_options *o, const conformal_data *cal,
                                   size_t n_in_cell)
{
    conformal_split_options lower = *o;
    double sides = (double)conformal_score_sides(o->score);
    double alpha = o->alphas[0] + sides / (double)(n_in_cell + 1);
    conformal_calibrator *c;
    lower.alphas = &alpha;
    assert_ok(conformal_split_fit(&lower, cal, &c, err));
    return c;
}

typedef struct counts {
    double covered, not_below, not_above; /* by group when grouped: not_below, not_above are */
    double group[2];                      /* over all */
} counts;

static counts simulate(conformal_score score, bool grouped, size_t n, size_t m,
                       size_t repetitions, bool planted)
{
    static const char *const names[] = {"quiet", "noisy"};
    static const double alphas[] = {0.1};
    static rows cal, test;
    static double lower[MOST], upper[MOST];
    counts total = {0, 0, 0, {0, 0}};
    for (size_t r = 0; r < repetitions; r++) {
        conformal_split_options o = CONFORMAL_SPLIT_INIT;
        conformal_data seen = view(&cal, n), fresh = view(&test, m);
        conformal_calibrator *c;
        o.score = score;
        o.alphas = alphas;
        o.n_alphas = 1;
        o.group_names = grouped ? names : NULL;
        o.n_groups = grouped ? 2 : 0;
        generate(&cal, n, 20261124, r * (n + m));
        generate(&test, m, 20261124, r * (n + m) + n);
        assert_ok(conformal_split_fit(&o, &seen, &c, err));
        if (planted) {
            size_t cell = conformal_calibrator_threshold(c, 0, 0)->n;
            conformal_calibrator_free(c);
            c = spoil(&o, &seen, cell);
        }
        assert_ok(conformal_predict(c, 0, &fresh, lower, upper, NULL, err));
        for (size_t i = 0; i < m; i++) {
            bool above_low = lower[i] <= test.y[i], below_high = test.y[i] <= upper[i];
            total.covered += above_low && below_high;
            total.not_below += above_low;
            total.not_above += below_high;
            total.group[test.group[i]] += above_low && below_high;
        }
        conformal_calibrator_free(c);
    }
    return total;
}

static bool accepted(double count, size_t n, size_t k, size_t m, size_t repetitions)
{
    double low, high;
    law_bounds(n, k, m, repetitions, 0.5e-9, &low, &high);
    return low <= count && count <= high;
}

static size_t rank_of(size_t n, double alpha)
{
    size_t rank;
    assert_ok(conformal_rank(n, alpha, &rank, err));
    return rank;
}

/* Every count of a score that has an exact law is inside its bounds. */
static bool all_accepted(conformal_score score, size_t n, size_t m, size_t repetitions,
                         bool planted)
{
    counts c = simulate(score, false, n, m, repetitions, planted);
    if (conformal_score_sides(score) == 1)
        return accepted(c.covered, n, rank_of(n, 0.1), m, repetitions);
    size_t k = rank_of(n, 0.05); /* of each side */
    bool sides = accepted(c.not_below, n, k, m, repetitions) &&
                 accepted(c.not_above, n, k, m, repetitions);
    if (score == CONFORMAL_SCORE_SIGNED)
        return sides && accepted(c.covered, n, 2 * k - n - 1, m, repetitions);
    return sides;
}

static const conformal_score scores[] = {
    CONFORMAL_SCORE_ABSOLUTE, CONFORMAL_SCORE_NORMALIZED, CONFORMAL_SCORE_SIGNED,
    CONFORMAL_SCORE_LOWER,    CONFORMAL_SCORE_UPPER,      CONFORMAL_SCORE_CQR,
    CONFORMAL_SCORE_CQR_ASYMMETRIC, CONFORMAL_SCORE_CQR_R,
};
enum { N_SCORES = sizeof scores / sizeof *scores };

START_TEST(coverage_is_inside_its_exact_bounds)
{
    ck_assert(all_accepted(scores[_i], 1000, 1000, 1000, false));
}
END_TEST

START_TEST(small_calibration_sets_too)
{
    ck_assert(all_accepted(scores[_i], 39, 20, 10000, false));
}
END_TEST

START_TEST(an_off_by_one_is_found) /* the test of the tests */
{
    ck_assert(!all_accepted(scores[_i], 39, 20, 10000, true));
}
END_TEST

/* Rows 0, 3, 6, .. are of the noisy group. */
static size_t noisy(size_t n)
{
    return (n + 2) / 3;
}

static bool groups_accepted(bool grouped, size_t n, size_t m, size_t repetitions, bool planted)
{
    counts c = simulate(CONFORMAL_SCORE_ABSOLUTE, grouped, n, m, repetitions, planted);
    size_t n1 = noisy(n), m1 = noisy(m), n0 = n - n1, m0 = m - m1;
    return accepted(c.group[0], n0, rank_of(n0, 0.1), m0, repetitions) &&
           accepted(c.group[1], n1, rank_of(n1, 0.1), m1, repetitions);
}

START_TEST(each_group_is_covered)
{
    ck_assert(groups_accepted(true, 1000, 1000, 1000, false));
    ck_assert(groups_accepted(true, 60, 30, 10000, false));
}
END_TEST

START_TEST(one_threshold_does_not_serve_every_group)
{
    ck_assert(!groups_accepted(false, 1000, 1000, 50, false));
}
END_TEST

START_TEST(an_off_by_one_in_a_group_is_found)
{
    ck_assert(!groups_accepted(true, 60, 30, 10000, true));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("coverage");
    TCase *tc = tcase_create("coverage");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, coverage_is_inside_its_exact_bounds, 0, N_SCORES);
    tcase_add_loop_test(tc, small_calibration_sets_too, 0, N_SCORES);
    tcase_add_loop_test(tc, an_off_by_one_is_found, 0, N_SCORES);
    tcase_add_test(tc, each_group_is_covered);
    tcase_add_test(tc, one_threshold_does_not_serve_every_group);
    tcase_add_test(tc, an_off_by_one_in_a_group_is_found);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
