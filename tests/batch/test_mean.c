/* test_mean.c - bounds of the mean and the sum of a batch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "bound.h"
#include "enumerate.h"
#include "oracle/batch_sum.h"

enum { MOST_VECTORS = 1 << 12, MEMBERS = 5 };

START_TEST(small_cases_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof sum_means / sizeof *sum_means; i++) {
        bool upper = sum_means[i].upper;
        conformal_batch_options o =
            options_of(CONFORMAL_BATCH_MEAN,
                       upper ? CONFORMAL_BATCH_UPPER : CONFORMAL_BATCH_LOWER,
                       sum_means[i].alpha);
        conformal_batch_bound b;
        o.costs = sum_means[i].costs;
        o.cap = sum_means[i].cap;
        o.low = sum_means[i].low;
        o.high = sum_means[i].high;
        o.engine = CONFORMAL_BATCH_EXACT;
        conformal_batch_promise p =
            bounds_of(&o, sum_means[i].n, sum_means[i].m, sum_means[i].scores, NULL, &b);
        ck_assert_int_eq(upper ? p.upper_budget : p.lower_budget, sum_means[i].budget);
        ck_assert((upper ? p.upper_finite : p.lower_finite) == (sum_means[i].budget >= 0));
        assert_near(p.coverage, sum_means[i].budget < 0 ? 1 : sum_means[i].coverage, 1e-13);
        assert_outward(upper ? b.upper : b.lower, sum_means[i].bound, upper ? 1 : -1, 1);
        ck_assert((upper ? b.lower : b.upper) == (upper ? -HUGE_VAL : HUGE_VAL));
        o.engine = CONFORMAL_BATCH_HULL;
        bounds_of(&o, sum_means[i].n, sum_means[i].m, sum_means[i].scores, NULL, &b);
        if (upper)
            assert_outward(b.upper, sum_means[i].hull, 1, 1);
        bool default_cap = sum_means[i].cap == sum_means[i].n + 1 -
                                                   (sum_means[i].m > 1 &&
                                                    (upper ? o.high : -o.low) == HUGE_VAL);
        conformal_batch_bound c;
        o.cap = 0;
        if (default_cap) {
            bounds_of(&o, sum_means[i].n, sum_means[i].m, sum_means[i].scores, NULL, &c);
            ck_assert(b.upper == c.upper && b.lower == c.lower);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------ all rank vectors */

typedef struct problem {
    size_t n, m;
    double s[12]; /* low, S_(1) .. S_(n), high */
    conformal_batch_options o;
} problem;

/* One side by its definition: of a rank vector, whether it is allowed and what it costs. */
typedef struct side {
    bool wanted, feasible;
    int64_t budget;
    double missed, bound; /* of all vectors; of the sum */
    double terms[MEMBERS]; /* of the bound */
} side;

static bool cost_of(const problem *p, bool upper, const size_t *r, int64_t *cost)
{
    const int32_t *costs = !upper && p->o.costs_low != NULL ? p->o.costs_low : p->o.costs;
    double end = upper ? p->o.high : -p->o.low;
    size_t cap = p->o.cap ? p->o.cap : end == HUGE_VAL && p->m > 1 ? p->n : p->n + 1;
    bool fine = true;
    int32_t most = 0;
    for (size_t k = 0; k <= p->n && costs != NULL; k++)
        most = costs[k] > most ? costs[k] : most;
    *cost = 0;
    for (size_t j = 0; j < p->m; j++) {
        size_t mirrored = p->n + 2 - r[j];
        fine = fine && (upper ? r[j] : mirrored) <= cap;
        if (costs == NULL)
            *cost += (int64_t)(upper ? r[j] : mirrored);
        else
            *cost += upper ? costs[r[j] - 1] : most - costs[r[j] - 1];
    }
    return fine;
}

static side define(const problem *p, bool upper)
{
    static int64_t costs[MOST_VECTORS];
    static const side zero;
    side s = zero;
    double alpha = p->o.side == CONFORMAL_BATCH_BOTH ? p->o.alpha / 2 : p->o.alpha;
    double all = 0, sign = upper ? 1 : -1;
    size_t r[MEMBERS], kept = 0;
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
    s.bound =
        s.feasible ? -sign * HUGE_VAL : (double)p->m * (upper ? p->s[p->n + 1] : p->s[0]);
    first_ranks(r, p->m);
    do {
        double sum = 0;
        if (!s.feasible || !cost_of(p, upper, r, &cost) || cost > s.budget)
            continue;
        for (size_t j = 0; j < p->m; j++)
            sum += p->s[upper ? r[j] : r[j] - 1];
        if (sign * sum <= sign * s.bound)
            continue;
        s.bound = sum;
        for (size_t j = 0; j < p->m; j++)
            s.terms[j] = sign * p->s[upper ? r[j] : r[j] - 1];
    } while (next_ranks(r, p->n, p->m));
    return s;
}

/* A side that was not asked for is not better than the end of the support. */
static void check_bounds(const side *up, const side *down, const conformal_batch_bound *b)
{
    if (up->wanted)
        assert_outward(b->upper, up->bound, 1, 50);
    if (down->wanted)
        assert_outward(b->lower, down->bound, -1, 50);
    ck_assert((up->wanted || b->upper >= up->bound) &&
              (down->wanted || b->lower <= down->bound));
}

/* P(both sides hold), of all rank vectors. */
static double both_hold(const problem *p, const side *up, const side *down)
{
    size_t r[MEMBERS];
    double held = 0, all = 0;
    first_ranks(r, p->m);
    do {
        int64_t cost;
        bool fine = !up->feasible || (cost_of(p, true, r, &cost) && cost <= up->budget);
        fine =
            fine && (!down->feasible || (cost_of(p, false, r, &cost) && cost <= down->budget));
        held += fine;
        all++;
    } while (next_ranks(r, p->n, p->m));
    return held / all;
}

static problem draw_problem(uint64_t *at, int32_t costs[2][8])
{
    static const problem zero;
    problem p = zero;
    p.n = draw_below(at, 8);
    p.m = 1 + draw_below(at, MEMBERS);
    p.o = options_of(CONFORMAL_BATCH_SUM, (conformal_batch_side)draw_below(at, 3),
                     draw_below(at, 3) ? draw(at) : (double)draw_below(at, 11) / 10);
    draw_scores(at, p.n, draw_below(at, 2), p.s + 1);
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
    p.o.costs = kind >= 1 ? costs[0] : NULL;
    p.o.costs_low = kind == 3 ? costs[1] : NULL;
    p.o.engine = CONFORMAL_BATCH_EXACT;
    if (p.m == 1 &&
        p.o.cap == 0) { /* an order statistic; at alpha = 1 its sides would cross */
        p.o.costs = p.o.costs_low = NULL;
        p.o.alpha = fmin(p.o.alpha, 0.95);
    }
    return p;
}

START_TEST(bounds_are_those_of_all_rank_vectors)
{
    uint64_t at = 0;
    size_t finite = 0;
    for (int round = 0; round < 6000; round++) {
        int32_t costs[2][8];
        problem p = draw_problem(&at, costs);
        side up = define(&p, true), down = define(&p, false);
        conformal_batch_bound b, mean;
        conformal_batch_promise promise = bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &b);
        if (p.m > 1 || p.o.cap > 0) {
            ck_assert_int_eq(promise.upper_budget, up.budget);
            ck_assert_int_eq(promise.lower_budget, down.budget);
            ck_assert(promise.upper_finite == up.feasible);
            ck_assert(promise.lower_finite == down.feasible);
        }
        assert_near(promise.upper_coverage, 1 - up.missed, 1e-14);
        assert_near(promise.lower_coverage, 1 - down.missed, 1e-14);
        check_bounds(&up, &down, &b);
        if (up.feasible && isfinite(b.upper)) /* R4 */
            ck_assert(!sum_exceeds(up.terms, p.m, b.upper));
        if (down.feasible && isfinite(b.lower))
            ck_assert(!sum_exceeds(down.terms, p.m, -b.lower));
        double held = both_hold(&p, &up, &down);
        if (p.o.costs_low == NULL || !up.feasible || !down.feasible)
            ck_assert_msg(fabs(promise.coverage - held) <= 1e-14,
                          "round %d, alpha %.17g: %.17g, not %.17g", round, p.o.alpha,
                          promise.coverage, held);
        ck_assert(promise.coverage <= held + 1e-14);
        ck_assert(held >= 1 - p.o.alpha - 1e-12);
        p.o.statistic = CONFORMAL_BATCH_MEAN;
        bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &mean);
        assert_outward(mean.upper, b.upper / (double)p.m, 1, 10);
        assert_outward(mean.lower, b.lower / (double)p.m, -1, 10);
        finite += isfinite(b.upper) && isfinite(b.lower);
    }
    ck_assert(finite > 500);
}
END_TEST

/* Scores are not sorted by the caller, and a plan serves any number of sets. */
START_TEST(order_does_not_matter_and_plans_are_reused)
{
    uint64_t at = 70;
    size_t n = 7, m = 3;
    conformal_batch_options o = options_of(CONFORMAL_BATCH_MEAN, CONFORMAL_BATCH_BOTH, 0.3);
    conformal_batch_plan *plan;
    int32_t costs[8] = {0, 1, 3, 4, 6, 9, 12, 20};
    o.costs = costs;
    o.low = -9;
    o.high = 9;
    assert_ok(conformal_batch_plan_create(&o, &n, &m, 1, &plan, err));
    memset(costs, 0, sizeof costs); /* the plan has its own */
    for (int round = 0; round < 20; round++) {
        double s[7], t[7];
        conformal_batch_bound a, b;
        conformal_batch_data data = CONFORMAL_BATCH_DATA_INIT;
        draw_scores(&at, n, round % 2, s);
        for (size_t i = 0; i < n; i++)
            t[i] = s[(3 * i + 2) % n];
        data.n = n;
        data.scores = s;
        assert_ok(conformal_batch_bounds(plan, &data, &a, err));
        data.scores = t;
        assert_ok(conformal_batch_bounds(plan, &data, &b, err));
        ck_assert(a.lower == b.lower && a.upper == b.upper && a.lower < a.upper);
        conformal_batch_options p = o;
        int32_t same[8] = {0, 1, 3, 4, 6, 9, 12, 20};
        p.costs = same;
        bounds_of(&p, n, m, s, NULL, &b);
        ck_assert(a.lower == b.lower && a.upper == b.upper);
    }
    conformal_batch_plan_free(plan);
}
END_TEST

static void mirror(const problem *p, problem *q, int32_t costs[8])
{
    int32_t most = 0;
    *q = *p;
    for (size_t k = 0; k < p->n + 2; k++)
        q->s[k] = -p->s[p->n + 1 - k];
    q->o.low = -p->o.high;
    q->o.high = -p->o.low;
    q->o.side = p->o.side == CONFORMAL_BATCH_BOTH    ? CONFORMAL_BATCH_BOTH
                : p->o.side == CONFORMAL_BATCH_UPPER ? CONFORMAL_BATCH_LOWER
                                                     : CONFORMAL_BATCH_UPPER;
    for (size_t k = 0; k <= p->n && p->o.costs != NULL; k++)
        most = p->o.costs[k] > most ? p->o.costs[k] : most;
    for (size_t k = 0; k <= p->n && p->o.costs != NULL; k++)
        costs[k] = most - p->o.costs[p->n - k];
    q->o.costs = p->o.costs != NULL ? costs : NULL;
}

START_TEST(lower_bounds_are_upper_ones_of_the_mirrored_problem)
{
    uint64_t at = 900;
    for (int round = 0; round < 2000; round++) {
        int32_t costs[2][8], mirrored[8];
        problem p = draw_problem(&at, costs), q;
        conformal_batch_bound a, b;
        p.o.costs_low = NULL;
        p.o.statistic = round % 2 ? CONFORMAL_BATCH_MEAN : CONFORMAL_BATCH_SUM;
        mirror(&p, &q, mirrored);
        conformal_batch_promise x = bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &a);
        conformal_batch_promise y = bounds_of(&q.o, q.n, q.m, q.s + 1, NULL, &b);
        ck_assert(a.upper == -b.lower && a.lower == -b.upper);
        ck_assert(x.upper_coverage == y.lower_coverage && x.lower_finite == y.upper_finite);
        assert_near(x.coverage, y.coverage, 1e-14);
    }
}
END_TEST

START_TEST(bounds_follow_shift_and_scale_and_alpha)
{
    uint64_t at = 333;
    for (int round = 0; round < 1500; round++) {
        int32_t costs[2][8];
        problem p = draw_problem(&at, costs), q;
        conformal_batch_bound a, b;
        p.o.statistic = CONFORMAL_BATCH_MEAN;
        bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &a);
        double shift = 100 * draw(&at), scale = 3 * draw(&at);
        q = p;
        for (size_t k = 0; k < p.n + 2; k++)
            q.s[k] = scale * p.s[k] + shift;
        q.o.low = q.s[0];
        q.o.high = q.s[p.n + 1];
        bounds_of(&q.o, q.n, q.m, q.s + 1, NULL, &b);
        assert_near(b.upper, scale * a.upper + shift, 1e-12);
        assert_near(b.lower, scale * a.lower + shift, 1e-12);
        q = p;
        q.o.alpha = p.o.alpha * draw(&at);
        bounds_of(&q.o, q.n, q.m, q.s + 1, NULL, &b);
        ck_assert(b.upper >= a.upper - 1e-14 && b.lower <= a.lower + 1e-14);
        q.o.alpha = p.o.alpha;
        q.o.engine = CONFORMAL_BATCH_HULL;
        bounds_of(&q.o, q.n, q.m, q.s + 1, NULL, &b);
        ck_assert(b.upper >= a.upper && b.lower <= a.lower);
    }
}
END_TEST

/* Rounding outwards ends at the ends of the support, which no mean is beyond. */
START_TEST(bounds_stay_within_the_support)
{
    uint64_t at = 60;
    for (int round = 0; round < 2000; round++) {
        int32_t costs[2][8];
        problem p = draw_problem(&at, costs);
        conformal_batch_bound b;
        p.o.statistic = CONFORMAL_BATCH_MEAN;
        p.o.side = CONFORMAL_BATCH_BOTH;
        p.o.engine = round % 2 ? CONFORMAL_BATCH_HULL : CONFORMAL_BATCH_EXACT;
        bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &b);
        ck_assert_msg(b.lower >= p.o.low && b.upper <= p.o.high,
                      "round %d: %.17g, %.17g of %g, %g", round, b.lower, b.upper, p.o.low,
                      p.o.high);
    }
}
END_TEST

/* An infinite score is a number like any other: what can be +infinity on the allowed rank
 * vectors is, and the ends of the support are never better. */
START_TEST(infinite_scores_are_bounded_by_definition)
{
    uint64_t at = 4000;
    for (int round = 0; round < 2000; round++) {
        int32_t costs[2][8];
        problem p = draw_problem(&at, costs);
        size_t high = draw_below(&at, 3), low = draw_below(&at, 3);
        if (high + low > p.n)
            continue;
        p.o.low = p.s[0] = low ? -HUGE_VAL : p.o.low;
        p.o.high = p.s[p.n + 1] = high ? HUGE_VAL : p.o.high;
        for (size_t i = 0; i < high; i++)
            p.s[p.n - i] = HUGE_VAL;
        for (size_t i = 0; i < low; i++)
            p.s[1 + i] = -HUGE_VAL;
        conformal_batch_bound b;
        bounds_of(&p.o, p.n, p.m, p.s + 1, NULL, &b);
        ck_assert(!isnan(b.upper) && !isnan(b.lower));
        side up = define(&p, true), down = define(&p, false);
        up.wanted = up.wanted && !(low > 0 && p.o.high == HUGE_VAL); /* inf - inf decides */
        down.wanted = down.wanted && !(high > 0 && p.o.low == -HUGE_VAL); /* nothing */
        up.bound = up.wanted ? up.bound : -HUGE_VAL;
        down.bound = down.wanted ? down.bound : HUGE_VAL;
        check_bounds(&up, &down, &b);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mean");
    TCase *tc = tcase_create("mean");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, small_cases_are_the_oracle_s);
    tcase_add_test(tc, bounds_are_those_of_all_rank_vectors);
    tcase_add_test(tc, order_does_not_matter_and_plans_are_reused);
    tcase_add_test(tc, lower_bounds_are_upper_ones_of_the_mirrored_problem);
    tcase_add_test(tc, bounds_follow_shift_and_scale_and_alpha);
    tcase_add_test(tc, bounds_stay_within_the_support);
    tcase_add_test(tc, infinite_scores_are_bounded_by_definition);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
