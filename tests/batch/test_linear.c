/* test_linear.c - bounds of sums of order statistics with coefficients, and the envelope.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "bound.h"
#include "enumerate.h"
#include "oracle/batch_sum.h"

enum { MOST_VECTORS = 1 << 12, MEMBERS = 5 };

START_TEST(small_cases_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof sum_linear / sizeof *sum_linear; i++) {
        conformal_batch_options o =
            options_of(CONFORMAL_BATCH_LINEAR, CONFORMAL_BATCH_UPPER, sum_linear[i].alpha);
        conformal_batch_bound b;
        o.coefficients = sum_linear[i].coefficients;
        o.high = sum_linear[i].high;
        conformal_batch_promise p =
            bounds_of(&o, sum_linear[i].n, sum_linear[i].m, sum_linear[i].scores, NULL, &b);
        ck_assert_int_eq(p.upper_budget, sum_linear[i].budget);
        assert_near(p.coverage, sum_linear[i].coverage, 1e-13);
        assert_outward(b.upper / (double)sum_linear[i].kept, sum_linear[i].bound, 1, 1);
        ck_assert(b.lower == -HUGE_VAL);
    }
}
END_TEST

typedef struct problem {
    size_t n, m;
    double s[12], c[MEMBERS]; /* s: low, S_(1) .. S_(n), high */
    conformal_batch_options o;
} problem;

typedef struct side {
    bool wanted, feasible;
    int64_t budget;
    double missed, bound, terms[MEMBERS];
} side;

/* sum round(c_j / min c base(r_j)), where c_j > 0; false: a rank is above the cap there. The
 * lower side costs what its mirror image does. */
static bool cost_of(const problem *p, bool upper, const size_t *r, int64_t *cost)
{
    const int32_t *costs = !upper && p->o.costs_low != NULL ? p->o.costs_low : p->o.costs;
    double end = upper ? p->o.high : -p->o.low, least = HUGE_VAL;
    size_t cap = p->o.cap ? p->o.cap : end == HUGE_VAL ? p->n : p->n + 1;
    bool fine = true;
    int32_t most = 0;
    for (size_t k = 0; k <= p->n && costs != NULL; k++)
        most = costs[k] > most ? costs[k] : most;
    for (size_t j = 0; j < p->m; j++)
        least = p->c[j] > 0 ? fmin(least, p->c[j]) : least;
    *cost = 0;
    for (size_t j = 0; j < p->m; j++) {
        size_t rank = upper ? r[j] : p->n + 2 - r[j];
        double base = costs == NULL ? (double)rank
                      : upper       ? costs[r[j] - 1]
                                    : most - costs[r[j] - 1];
        if (p->c[j] > 0) {
            fine = fine && rank <= cap;
            *cost += (int64_t)floor(p->c[j] / least * base + 0.5);
        }
    }
    return fine;
}

static double value_of(const problem *p, bool upper, const size_t *r, double *terms)
{
    double sum = 0;
    for (size_t j = 0; j < p->m; j++) {
        double s = p->s[upper ? r[j] : r[j] - 1];
        terms[j] = p->c[j] > 0 ? p->c[j] * s : 0;
        sum += terms[j];
    }
    return sum;
}

static side define(const problem *p, bool upper)
{
    static int64_t costs[MOST_VECTORS];
    static const side zero;
    side s = zero;
    double alpha = p->o.side == CONFORMAL_BATCH_BOTH ? p->o.alpha / 2 : p->o.alpha;
    double all = 0, sign = upper ? 1 : -1, terms[MEMBERS];
    size_t r[MEMBERS], kept = 0, ends[MEMBERS];
    int64_t cost;
    s.wanted = p->o.side != (upper ? CONFORMAL_BATCH_LOWER : CONFORMAL_BATCH_UPPER);
    first_ranks(r, p->m);
    do {
        if (cost_of(p, upper, r, &cost))
            costs[kept++] = cost;
        all++;
    } while (next_ranks(r, p->n, p->m));
    s.budget = -1;
    s.feasible = s.wanted && find_budget(costs, kept, all, alpha, &s.budget, &s.missed);
    for (size_t j = 0; j < p->m; j++)
        ends[j] = upper ? p->n + 1 : 1;
    s.bound = s.feasible ? -sign * HUGE_VAL : value_of(p, upper, ends, s.terms);
    first_ranks(r, p->m);
    do {
        if (!s.feasible || !cost_of(p, upper, r, &cost) || cost > s.budget)
            continue;
        double sum = value_of(p, upper, r, terms);
        if (sign * sum <= sign * s.bound)
            continue;
        s.bound = sum;
        for (size_t j = 0; j < p->m; j++)
            s.terms[j] = sign * terms[j];
    } while (next_ranks(r, p->n, p->m));
    return s;
}

/* How many rank vectors keep the statistic within the bounds, wherever in its gap a member
 * is. */
static double share_within(const problem *p, const conformal_batch_bound *b)
{
    size_t r[MEMBERS];
    double held = 0, all = 0, terms[MEMBERS];
    first_ranks(r, p->m);
    do {
        held += value_of(p, true, r, terms) <= b->upper &&
                value_of(p, false, r, terms) >= b->lower;
        all++;
    } while (next_ranks(r, p->n, p->m));
    return held / all;
}

/* Coefficients are multiples of 1/4, so that products with scores are exact: zeros at both
 * ends and between. */
static problem draw_problem(uint64_t *at, int32_t costs[2][8])
{
    static const problem zero;
    problem p = zero;
    p.n = draw_below(at, 8);
    p.m = 1 + draw_below(at, MEMBERS);
    p.o = options_of(CONFORMAL_BATCH_LINEAR, (conformal_batch_side)draw_below(at, 3),
                     draw_below(at, 3) ? draw(at) : (double)draw_below(at, 11) / 10);
    for (size_t j = 0; j < p.m; j++)
        p.c[j] = draw_below(at, 2) ? (double)draw_below(at, 9) / 4 : draw_below(at, 2) ? 0 : 1;
    draw_scores(at, p.n, draw_below(at, 2), p.s + 1);
    for (size_t k = 1; k <= p.n; k++)
        p.s[k] = floor(p.s[k] * 0x1p40) / 0x1p40;
    sort_numbers(p.s + 1, p.n);
    p.o.low = draw_below(at, 2) ? -1.5 : -HUGE_VAL;
    p.o.high = draw_below(at, 2) ? 3.25 : HUGE_VAL;
    p.s[0] = p.o.low;
    p.s[p.n + 1] = p.o.high;
    p.o.cap = draw_below(at, 3) ? 0 : 1 + draw_below(at, p.n + 1);
    size_t kind = draw_below(at, 4);
    for (size_t k = 0; k <= p.n; k++)
        for (int i = 0; i < 2; i++)
            costs[i][k] = (int32_t)draw_below(at, 20) + (int32_t)(k * k);
    p.o.costs = kind >= 2 ? costs[0] : NULL;
    p.o.costs_low = kind == 3 ? costs[1] : NULL;
    p.o.engine = draw_below(at, 2) ? CONFORMAL_BATCH_EXACT : CONFORMAL_BATCH_AUTO;
    return p;
}

static bool all_zero(const problem *p)
{
    for (size_t j = 0; j < p->m; j++)
        if (p->c[j] > 0)
            return false;
    return true;
}

START_TEST(bounds_are_those_of_all_rank_vectors)
{
    uint64_t at = 0;
    size_t finite = 0;
    for (int round = 0; round < 8000; round++) {
        int32_t costs[2][8];
        problem p = draw_problem(&at, costs);
        side up = define(&p, true), down = define(&p, false);
        conformal_batch_bound b;
        p.o.coefficients = p.c;
        conformal_batch_promise promise = bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &b);
        if (all_zero(&p)) {
            ck_assert(!up.wanted || b.upper == 0);
            ck_assert(!down.wanted || b.lower == 0);
            ck_assert(promise.coverage == 1 && promise.upper_coverage == 1);
            continue;
        }
        ck_assert_int_eq(promise.upper_budget, up.budget);
        ck_assert_int_eq(promise.lower_budget, down.budget);
        ck_assert(promise.upper_finite == up.feasible &&
                  promise.lower_finite == down.feasible);
        assert_near(promise.upper_coverage, 1 - up.missed, 1e-13);
        assert_near(promise.lower_coverage, 1 - down.missed, 1e-13);
        assert_near(promise.coverage, 1 - up.missed - down.missed, 1e-13);
        ck_assert(promise.coverage >= 1 - p.o.alpha - 1e-12);
        if (up.wanted)
            assert_outward(b.upper, up.bound, 1, 100);
        if (down.wanted)
            assert_outward(b.lower, down.bound, -1, 100);
        ck_assert_msg(!up.feasible || !isfinite(b.upper) ||
                          !sum_exceeds(up.terms, p.m, b.upper),
                      "round %d: %.17g was rounded down", round, b.upper); /* R4 */
        ck_assert_msg(!down.feasible || !isfinite(b.lower) ||
                          !sum_exceeds(down.terms, p.m, -b.lower),
                      "round %d: %.17g was rounded up", round, b.lower);
        finite += isfinite(b.upper) && isfinite(b.lower);
    }
    ck_assert(finite > 500);
}
END_TEST

/* Scores and coefficients whose products and sums round, a lot. */
START_TEST(rounding_never_loses)
{
    uint64_t at = 77;
    for (int round = 0; round < 3000; round++) {
        int32_t costs[2][8];
        problem p = draw_problem(&at, costs);
        conformal_batch_bound b;
        p.o.coefficients = p.c;
        p.o.alpha = 0.9 * p.o.alpha;
        for (size_t k = 1; k <= p.n; k++)
            p.s[k] = ldexp(p.s[k] / 3, (int)(8 * k));
        for (size_t j = 0; j < p.m; j++)
            p.c[j] = p.c[j] > 0 ? 1 : 0; /* products are exact, sums are not */
        sort_numbers(p.s + 1, p.n);
        p.o.low = p.s[0] = p.o.low == -HUGE_VAL ? -HUGE_VAL : fmin(p.s[1], p.o.low);
        p.o.high = p.s[p.n + 1] = p.o.high == HUGE_VAL ? HUGE_VAL : fmax(p.s[p.n], p.o.high);
        side up = define(&p, true), down = define(&p, false);
        bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &b);
        ck_assert_msg(!up.feasible || !isfinite(b.upper) ||
                          !sum_exceeds(up.terms, p.m, b.upper),
                      "round %d: %.17g was rounded down", round, b.upper);
        ck_assert_msg(!down.feasible || !isfinite(b.lower) ||
                          !sum_exceeds(down.terms, p.m, -b.lower),
                      "round %d: %.17g was rounded up", round, b.lower);
    }
}
END_TEST

/* An infinite score, and a gap without an end under a cap of n + 1. */
START_TEST(infinite_scores_are_bounded_by_definition)
{
    uint64_t at = 4000;
    for (int round = 0; round < 3000; round++) {
        int32_t costs[2][8];
        problem p = draw_problem(&at, costs);
        size_t high = draw_below(&at, 3), low = draw_below(&at, 3);
        if (high + low > p.n || all_zero(&p))
            continue;
        p.o.coefficients = p.c;
        p.o.low = p.s[0] = low ? -HUGE_VAL : p.o.low;
        p.o.high = p.s[p.n + 1] = high ? HUGE_VAL : p.o.high;
        for (size_t i = 0; i < high; i++)
            p.s[p.n - i] = HUGE_VAL;
        for (size_t i = 0; i < low; i++)
            p.s[1 + i] = -HUGE_VAL;
        conformal_batch_bound b;
        bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &b);
        ck_assert_msg(!isnan(b.upper) && !isnan(b.lower), "round %d: NaN", round);
        side up = define(&p, true), down = define(&p, false);
        if (up.wanted && !(low > 0 && p.o.high == HUGE_VAL)) /* inf - inf decides nothing */
            assert_outward(b.upper, up.bound, 1, 100);
        if (down.wanted && !(high > 0 && p.o.low == -HUGE_VAL))
            assert_outward(b.lower, down.bound, -1, 100);
    }
}
END_TEST

static const double coefficients[][3] = {
    {1, 1e6, 1e-3}, {1e-6, 1e6, 0}, {1e200, 1, 1e-200},   {1e300, 1e300, 1e9},
    {0, 3e7, 1},    {1, 1e-320, 1}, {1e305, 1e305, 1e305}};

/* Costs that cannot be as fine as the coefficients ask for. Any costs are valid. */
START_TEST(coefficients_that_differ_much_keep_the_coverage)
{
    static const conformal_batch_engine engines[] = {
        CONFORMAL_BATCH_AUTO, CONFORMAL_BATCH_EXACT, CONFORMAL_BATCH_ENVELOPE};
    problem p;
    p.n = 4;
    p.m = 3;
    memcpy(p.c, coefficients[_i], sizeof coefficients[_i]);
    for (size_t k = 0; k <= p.n + 1; k++)
        p.s[k] = (double)(k * k);
    for (int e = 0; e < 3; e++)
        for (int s = 0; s < (e == 1 ? 1 : 3); s++) /* EXACT is slow */
            for (int level = 0; level <= 20; level += e == 1 ? 7 : 1)
                for (int finite = e == 1; finite < 2; finite++) {
                    conformal_batch_bound b;
                    p.o = options_of(CONFORMAL_BATCH_LINEAR, (conformal_batch_side)s,
                                     level / 20.0);
                    p.o.engine = engines[e];
                    p.o.coefficients = p.c;
                    p.o.low = p.s[0] = finite ? 0 : -HUGE_VAL;
                    p.o.high = p.s[p.n + 1] = finite ? 25 : HUGE_VAL;
                    conformal_batch_promise promise =
                        bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &b);
                    double held = share_within(&p, &b);
                    ck_assert_msg(held >= promise.coverage - 1e-12 &&
                                      promise.coverage >= 1 - p.o.alpha - 1e-12,
                                  "engine %d, side %d, alpha %g: [%g, %g] holds %g, not %g",
                                  e, s, p.o.alpha, b.lower, b.upper, held,
                                  promise.coverage);
                }
}
END_TEST

/* The box of the order statistics that it bounds jointly: its corners are the bounds. */
START_TEST(envelopes_are_the_corners_of_a_box)
{
    uint64_t at = 31;
    for (int round = 0; round < 3000; round++) {
        int32_t costs[2][8];
        problem p = draw_problem(&at, costs);
        bool mean = round % 3 == 0;
        conformal_batch_bound b;
        p.o.costs = p.o.costs_low = NULL;
        p.o.cap = 0;
        p.o.engine = CONFORMAL_BATCH_ENVELOPE;
        p.o.coefficients = p.c;
        if (mean) {
            p.o.statistic = CONFORMAL_BATCH_SUM;
            p.m += p.m == 1;
            for (size_t j = 0; j < p.m; j++)
                p.c[j] = 1;
        }
        p.m = p.m < MEMBERS ? p.m : MEMBERS;
        conformal_batch_promise promise = bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &b);
        ck_assert(!isnan(b.upper) && !isnan(b.lower) && b.engine == CONFORMAL_BATCH_ENVELOPE);
        double held = share_within(&p, &b);
        ck_assert(held >= promise.coverage - 1e-12);
        ck_assert(promise.coverage >= 1 - p.o.alpha - 1e-12);
        conformal_batch_order orders[2 * MEMBERS];
        size_t count = 0, first = 0, last = p.m;
        while (first < p.m && !(p.c[first] > 0))
            first++;
        while (last > first && !(p.c[last - 1] > 0))
            last--;
        if (last == first)
            continue;
        for (size_t z = first; z < p.m && p.o.side != CONFORMAL_BATCH_LOWER; z++)
            orders[count++] = (conformal_batch_order){z + 1, CONFORMAL_BATCH_UPPER, 0, 0};
        for (size_t z = 0; z < last && p.o.side != CONFORMAL_BATCH_UPPER; z++)
            orders[count++] = (conformal_batch_order){z + 1, CONFORMAL_BATCH_LOWER, 0, 0};
        double coverage, high = 0, low = 0;
        assert_ok(conformal_batch_joint_ranks(p.n, p.m, orders, count, p.o.alpha, NULL,
                                              &coverage, err));
        assert_near(promise.coverage, coverage, 1e-12);
        for (size_t i = 0; i < count; i++) {
            double c = p.c[orders[i].rank - 1];
            if (c > 0 && orders[i].side == CONFORMAL_BATCH_UPPER)
                high += c * p.s[orders[i].upper];
            else if (c > 0)
                low += c * p.s[orders[i].lower - 1];
        }
        if (p.o.side != CONFORMAL_BATCH_LOWER)
            assert_outward(b.upper, high, 1, 100);
        if (p.o.side != CONFORMAL_BATCH_UPPER)
            assert_outward(b.lower, low, -1, 100);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("linear");
    TCase *tc = tcase_create("linear");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, small_cases_are_the_oracle_s);
    tcase_add_test(tc, bounds_are_those_of_all_rank_vectors);
    tcase_add_test(tc, rounding_never_loses);
    tcase_add_test(tc, infinite_scores_are_bounded_by_definition);
    tcase_add_loop_test(tc, coefficients_that_differ_much_keep_the_coverage, 0,
                        sizeof coefficients / sizeof *coefficients);
    tcase_add_test(tc, envelopes_are_the_corners_of_a_box);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
