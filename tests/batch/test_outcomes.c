/* test_outcomes.c - statistics of outcomes, each a prediction and a score that go together in
 * an unknown way.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "bound.h"
#include "enumerate.h"

enum { MEMBERS = 4, POOL = 9 };

/* Numbers of few bits, so that sums are exact; many ties. */
static double coarse(uint64_t *at, double range)
{
    return floor(4 * range * draw(at)) / 4;
}

typedef struct problem {
    size_t n, m;
    double pool[POOL], predictions[MEMBERS], coefficients[MEMBERS];
    size_t ranks[2];
    conformal_batch_options o;
} problem;

static void draw_problem(uint64_t *at, problem *p)
{
    p->n = 1 + draw_below(at, POOL - MEMBERS);
    p->m = 1 + draw_below(at, MEMBERS);
    p->o = options_of((conformal_batch_statistic)(1 + draw_below(at, 5)),
                      (conformal_batch_side)draw_below(at, 3),
                      draw_below(at, 4) ? 0.98 * draw(at) : (double)draw_below(at, 10) / 10);
    if (p->o.statistic == CONFORMAL_BATCH_PAIR)
        p->m = p->m > 1 ? p->m : 2;
    double spread = draw_below(at, 2) ? 1 : 20;
    for (size_t i = 0; i < p->n + p->m; i++)
        p->pool[i] = coarse(at, 5) - 2;
    for (size_t i = 0; i < p->m; i++) {
        p->predictions[i] = coarse(at, spread) - 5;
        p->coefficients[i] = (double)draw_below(at, 3);
    }
    p->ranks[0] = 1 + draw_below(at, p->m);
    p->ranks[1] = 1 + draw_below(at, p->m);
    if (p->o.statistic == CONFORMAL_BATCH_PAIR) {
        p->ranks[0] = 1 + draw_below(at, p->m - 1);
        p->ranks[1] = p->ranks[0] + 1 + draw_below(at, p->m - p->ranks[0]);
    }
    p->o.outcomes = true;
    p->o.ranks = p->ranks;
    p->o.n_ranks = p->o.statistic <= CONFORMAL_BATCH_PAIR ? 2 : 0;
    p->o.coefficients = p->coefficients;
    p->o.low = draw_below(at, 2) ? -2 : -HUGE_VAL;
    p->o.high = draw_below(at, 2) ? 3 : HUGE_VAL;
}

/* Do the bounds hold for one pairing? */
static bool holds(const problem *p, const double *batch, const size_t *pairing,
                  const conformal_batch_bound *b)
{
    double y[MEMBERS], mean = 0, linear = 0, m = (double)p->m;
    for (size_t i = 0; i < p->m; i++)
        y[i] = p->predictions[i] + batch[pairing[i]];
    sort_numbers(y, p->m);
    for (size_t i = 0; i < p->m; i++) {
        mean += y[i];
        linear += p->coefficients[i] * y[i];
    }
    switch (p->o.statistic) {
    case CONFORMAL_BATCH_ORDER:
        return b[0].lower <= y[p->ranks[0] - 1] && y[p->ranks[0] - 1] <= b[0].upper &&
               b[1].lower <= y[p->ranks[1] - 1] && y[p->ranks[1] - 1] <= b[1].upper;
    case CONFORMAL_BATCH_PAIR:
        return b->lower <= y[p->ranks[0] - 1] && y[p->ranks[1] - 1] <= b->upper;
    case CONFORMAL_BATCH_LINEAR:
        return b->lower <= linear && linear <= b->upper;
    case CONFORMAL_BATCH_SUM:
        return b->lower <= mean && mean <= b->upper;
    default: /* the mean itself is rounded */
        return b->lower <= nextafter(mean / m, HUGE_VAL) &&
               nextafter(mean / m, -HUGE_VAL) <= b->upper;
    }
}

static bool next_pairing(size_t *order, size_t m)
{
    size_t i = m - 1, j = m - 1;
    while (i > 0 && order[i - 1] >= order[i])
        i--;
    if (i == 0)
        return false;
    while (order[j] <= order[i - 1])
        j--;
    size_t t = order[i - 1];
    order[i - 1] = order[j];
    order[j] = t;
    for (j = m - 1; i < j; i++, j--) {
        t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    return true;
}

static bool holds_for_all_pairings(const problem *p, const double *batch,
                                   const conformal_batch_bound *b)
{
    size_t pairing[MEMBERS];
    first_subset(pairing, p->m);
    do {
        if (!holds(p, batch, pairing, b))
            return false;
    } while (next_pairing(pairing, p->m));
    return true;
}

/* Every m of the pool are the batch once, and every score goes with every prediction. */
START_TEST(bounds_hold_for_every_pairing_as_often_as_promised)
{
    uint64_t at = 0;
    double tightest = 2;
    for (int round = 0; round < 2500; round++) {
        problem p;
        size_t subset[MEMBERS];
        double held = 0, all = 0, calibration[POOL], batch[POOL];
        conformal_batch_promise promise = {0};
        conformal_batch_bound b[2];
        draw_problem(&at, &p);
        first_subset(subset, p.m);
        do {
            divide(p.pool, p.n + p.m, subset, p.m, calibration, batch);
            promise = bounds_of(&p.o, p.n, p.m, calibration, p.predictions, b);
            held += holds_for_all_pairings(&p, batch, b);
            all++;
        } while (next_subset(subset, p.m, p.n + p.m));
        ck_assert(promise.coverage >= 1 - p.o.alpha - 1e-12);
        ck_assert_msg(held / all >= promise.coverage - 1e-12,
                      "round %d, statistic %d: %g is less than the promised %g", round,
                      (int)p.o.statistic, held / all, promise.coverage);
        tightest = fmin(tightest, held / all - promise.coverage);
    }
    ck_assert(tightest < 0.01); /* it is not all slack */
}
END_TEST

/* The order statistics from z to the end (from the first to z), bounded jointly, give
 * min a_(i) + V_(m+z-i). */
START_TEST(bounds_are_the_formula_s)
{
    uint64_t at = 30;
    for (int round = 0; round < 1500; round++) {
        problem p;
        double s[POOL + 2], want[2][2], up[MEMBERS], down[MEMBERS], a[MEMBERS], coverage;
        conformal_batch_order orders[2 * MEMBERS];
        conformal_batch_bound b[2];
        size_t count = 0;
        draw_problem(&at, &p);
        p.o.statistic = CONFORMAL_BATCH_ORDER;
        p.o.n_ranks = 2;
        size_t first = p.ranks[0] < p.ranks[1] ? p.ranks[0] : p.ranks[1];
        size_t last = p.ranks[0] < p.ranks[1] ? p.ranks[1] : p.ranks[0];
        for (size_t z = first; z <= p.m && p.o.side != CONFORMAL_BATCH_LOWER; z++)
            orders[count++] = (conformal_batch_order){z, CONFORMAL_BATCH_UPPER, 0, 0};
        for (size_t z = 1; z <= last && p.o.side != CONFORMAL_BATCH_UPPER; z++)
            orders[count++] = (conformal_batch_order){z, CONFORMAL_BATCH_LOWER, 0, 0};
        assert_ok(conformal_batch_joint_ranks(p.n, p.m, orders, count, p.o.alpha, NULL,
                                              &coverage, err));
        memcpy(s + 1, p.pool, p.n * sizeof *s);
        sort_numbers(s + 1, p.n);
        memcpy(a, p.predictions, sizeof a);
        sort_numbers(a, p.m);
        s[0] = p.o.low;
        s[p.n + 1] = p.o.high;
        for (size_t i = 0; i < count; i++) {
            if (orders[i].side == CONFORMAL_BATCH_UPPER)
                up[orders[i].rank - 1] = s[orders[i].upper];
            else
                down[orders[i].rank - 1] = s[orders[i].lower - 1];
        }
        for (size_t k = 0; k < 2; k++) {
            size_t z = p.ranks[k];
            want[k][0] = -HUGE_VAL;
            want[k][1] = HUGE_VAL;
            for (size_t i = z; i <= p.m && p.o.side != CONFORMAL_BATCH_LOWER; i++)
                want[k][1] = fmin(want[k][1], a[i - 1] + up[p.m + z - i - 1]);
            for (size_t i = 1; i <= z && p.o.side != CONFORMAL_BATCH_UPPER; i++)
                want[k][0] = fmax(want[k][0], a[i - 1] + down[z - i]);
        }
        conformal_batch_promise promise =
            bounds_of(&p.o, p.n, p.m, p.pool, p.predictions, b);
        for (size_t k = 0; k < 2; k++) {
            assert_close(b[k].lower, want[k][0], 0);
            assert_close(b[k].upper, want[k][1], 0);
        }
        assert_near(promise.coverage, coverage, 1e-12);
        ck_assert(promise.upper_coverage >= promise.coverage);
        ck_assert(promise.lower_coverage >= promise.coverage);
    }
}
END_TEST

enum { LARGE_N = 3000, LARGE_M = 300 };

/* Of a large batch 64 order statistics are bounded, and the others by the next of those: the
 * bound of the z-th smallest, or (z 0) of the sum. */
static double envelope(const double *s, size_t z, bool upper)
{
    conformal_batch_order orders[64];
    size_t first = upper && z > 0 ? z : 1, last = upper || z == 0 ? LARGE_M : z;
    double coverage, sum = 0, at_z = 0;
    for (size_t i = 0; i < 64; i++) {
        conformal_batch_order one = {first + (last - first) * i / 63, CONFORMAL_BATCH_UPPER, 0,
                                     0};
        one.side = upper ? CONFORMAL_BATCH_UPPER : CONFORMAL_BATCH_LOWER;
        orders[i] = one;
    }
    assert_ok(conformal_batch_joint_ranks(LARGE_N, LARGE_M, orders, 64, 0.1, NULL, &coverage,
                                          err));
    for (size_t j = first; j <= last; j++) {
        size_t i = upper ? 0 : 63;
        while (upper ? orders[i].rank < j : orders[i].rank > j)
            i = upper ? i + 1 : i - 1;
        double bound = upper ? s[orders[i].upper] : s[orders[i].lower - 1];
        sum += bound;
        at_z = j == z ? bound : at_z;
    }
    return z > 0 ? at_z : sum;
}

START_TEST(large_batches_are_bounded_at_64_order_statistics)
{
    static double s[LARGE_N + 2], zero[LARGE_M];
    static const size_t ranks[] = {0, 120, 181, 2, 300};
    for (size_t k = 0; k < LARGE_N + 2; k++)
        s[k] = (double)(k * k);
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        conformal_batch_options o =
            options_of(ranks[i] ? CONFORMAL_BATCH_ORDER : CONFORMAL_BATCH_SUM,
                       CONFORMAL_BATCH_UPPER, 0.1);
        conformal_batch_bound up, down;
        o.outcomes = ranks[i] > 0;
        o.engine = ranks[i] ? CONFORMAL_BATCH_AUTO : CONFORMAL_BATCH_ENVELOPE;
        o.ranks = &ranks[i];
        o.n_ranks = ranks[i] > 0;
        o.low = s[0];
        o.high = s[LARGE_N + 1];
        bounds_of(&o, LARGE_N, LARGE_M, s + 1, zero, &up);
        assert_outward(up.upper, envelope(s, ranks[i], true), 1, up.upper);
        o.side = CONFORMAL_BATCH_LOWER;
        bounds_of(&o, LARGE_N, LARGE_M, s + 1, zero, &down);
        assert_outward(down.lower, envelope(s, ranks[i], false), -1, up.upper);
        ck_assert(down.lower < up.upper);
    }
}
END_TEST

START_TEST(means_are_shifted_by_the_mean_prediction)
{
    uint64_t at = 60;
    for (int round = 0; round < 1500; round++) {
        problem p;
        conformal_batch_bound with, without;
        double shift = 0;
        draw_problem(&at, &p);
        p.m = p.m > 1 ? p.m : 2;
        p.o.statistic = round % 2 ? CONFORMAL_BATCH_MEAN : CONFORMAL_BATCH_SUM;
        for (size_t i = 0; i < p.m; i++) {
            p.predictions[i] = draw(&at) * 1e3;
            shift += p.predictions[i];
        }
        shift = round % 2 ? shift / (double)p.m : shift;
        conformal_batch_promise x =
            bounds_of(&p.o, p.n, p.m, p.pool, p.predictions, &with);
        p.o.outcomes = false;
        conformal_batch_promise y = bounds_of(&p.o, p.n, p.m, p.pool, NULL, &without);
        assert_outward(with.upper, without.upper + shift, 1, 1e4);
        assert_outward(with.lower, without.lower + shift, -1, 1e4);
        ck_assert(x.coverage == y.coverage && x.upper_budget == y.upper_budget);
    }
}
END_TEST

START_TEST(means_of_strata_take_predictions_too)
{
    static const size_t n[] = {4, 3}, m[] = {2, 1};
    static const double s[] = {1, 2, 3, 4, 5, 6, 7}, predictions[] = {10, 20, 60};
    static const int32_t strata[] = {0, 1, 0, 1, 0, 1, 0};
    conformal_batch_options o =
        options_of(CONFORMAL_BATCH_MEAN, CONFORMAL_BATCH_BOTH, 0.4);
    conformal_batch_bound with, without;
    o.low = 0;
    o.high = 8;
    strata_bounds(&o, n, m, 2, s, strata, NULL, &without);
    o.outcomes = true;
    strata_bounds(&o, n, m, 2, s, strata, predictions, &with);
    assert_outward(with.upper, without.upper + 30, 1, 100);
    assert_outward(with.lower, without.lower + 30, -1, 100);
    ck_assert(without.upper < 8 && without.lower > 0);
}
END_TEST

START_TEST(one_member_is_its_prediction_and_its_score_s_bound)
{
    uint64_t at = 3;
    for (int round = 0; round < 500; round++) {
        problem p;
        double q[2];
        conformal_batch_bound b[2];
        size_t k;
        draw_problem(&at, &p);
        p.m = 1;
        p.ranks[0] = p.ranks[1] = 1;
        p.coefficients[0] = 1;
        p.o.low = -HUGE_VAL;
        p.o.high = HUGE_VAL;
        p.o.side = CONFORMAL_BATCH_UPPER;
        p.o.n_ranks = p.o.statistic == CONFORMAL_BATCH_ORDER;
        if (p.o.statistic == CONFORMAL_BATCH_PAIR)
            continue;
        assert_ok(conformal_batch_order_rank(p.n, 1, 1, p.o.alpha, CONFORMAL_BATCH_UPPER, &k,
                                             NULL, err));
        memcpy(q, p.predictions, sizeof *q);
        sort_numbers(p.pool, p.n);
        bounds_of(&p.o, p.n, 1, p.pool, p.predictions, b);
        assert_close(b[0].upper, k <= p.n ? q[0] + p.pool[k - 1] : HUGE_VAL, 0);
    }
}
END_TEST

/* Ranks are for order statistics, coefficients for LINEAR, predictions for outcomes. */
START_TEST(what_belongs_to_another_statistic_is_ignored)
{
    uint64_t at = 90;
    for (int round = 0; round < 1000; round++) {
        problem p;
        conformal_batch_bound plain[2], b[2];
        draw_problem(&at, &p);
        if (p.o.statistic <= CONFORMAL_BATCH_PAIR)
            continue;
        p.o.outcomes = round % 2;
        p.o.ranks = NULL;
        p.o.coefficients = p.o.statistic == CONFORMAL_BATCH_LINEAR ? p.coefficients : NULL;
        bounds_of(&p.o, p.n, p.m, p.pool, p.o.outcomes ? p.predictions : NULL, plain);
        p.o.ranks = p.ranks;
        p.o.n_ranks = 2;
        p.o.coefficients = p.coefficients;
        b[1].lower = -77;
        bounds_of(&p.o, p.n, p.m, p.pool, p.predictions, b);
        ck_assert(b[0].lower == plain[0].lower && b[0].upper == plain[0].upper);
        ck_assert_msg(b[1].lower == -77, "a second bound was written");
    }
}
END_TEST

START_TEST(infinite_scores_never_make_a_nan)
{
    uint64_t at = 800;
    for (int round = 0; round < 2000; round++) {
        problem p;
        conformal_batch_bound b[2] = {{0}};
        draw_problem(&at, &p);
        for (size_t i = 0; i < p.n; i++)
            p.pool[i] = draw_below(&at, 3)   ? p.pool[i]
                        : draw_below(&at, 2) ? HUGE_VAL
                                             : -HUGE_VAL;
        p.o.low = -HUGE_VAL;
        p.o.high = HUGE_VAL;
        bounds_of(&p.o, p.n, p.m, p.pool, p.predictions, b);
        ck_assert_msg(!isnan(b[0].lower) && !isnan(b[0].upper),
                      "round %d, statistic %d: [%g, %g]", round, (int)p.o.statistic,
                      b[0].lower, b[0].upper);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outcomes");
    TCase *tc = tcase_create("outcomes");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, bounds_hold_for_every_pairing_as_often_as_promised);
    tcase_add_test(tc, bounds_are_the_formula_s);
    tcase_add_test(tc, large_batches_are_bounded_at_64_order_statistics);
    tcase_add_test(tc, means_are_shifted_by_the_mean_prediction);
    tcase_add_test(tc, means_of_strata_take_predictions_too);
    tcase_add_test(tc, one_member_is_its_prediction_and_its_score_s_bound);
    tcase_add_test(tc, what_belongs_to_another_statistic_is_ignored);
    tcase_add_test(tc, infinite_scores_never_make_a_nan);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
