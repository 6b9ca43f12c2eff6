/* test_exchange.c - coverage, exactly: every choice of the batch from a fixed pool.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "bound.h"
#include "enumerate.h"
#include "oracle/batch_exchange.h"

enum { POOL = 12, MEMBERS = 5 };

/* An upper bound holds (or, negated, a lower one), in exact arithmetic. */
static bool sum_within(const double *batch, size_t m, const conformal_batch_bound *b)
{
    double negated[MEMBERS];
    for (size_t j = 0; j < m; j++)
        negated[j] = -batch[j];
    return (b->upper == HUGE_VAL || !sum_exceeds(batch, m, b->upper)) &&
           (b->lower == -HUGE_VAL || !sum_exceeds(negated, m, -b->lower));
}

enum { ORDER = 0, MEAN = 1, COUNT = 2 };

/* One choice of the oracle: is the batch within the bound that the others give? */
static bool covered(size_t i, const double *calibration, size_t n, double *batch)
{
    size_t m = exchange_pools[i].m, z = (size_t)exchange_pools[i].value, above = 0, in = 0;
    bool upper = exchange_pools[i].upper;
    double value = exchange_pools[i].value;
    conformal_batch_options o = options_of(
        exchange_pools[i].kind == MEAN ? CONFORMAL_BATCH_SUM : CONFORMAL_BATCH_ORDER,
        upper ? CONFORMAL_BATCH_UPPER : CONFORMAL_BATCH_LOWER, exchange_pools[i].alpha);
    conformal_batch_bound b;
    o.ranks = &z;
    o.n_ranks = 1;
    o.costs = exchange_pools[i].costs;
    if (exchange_pools[i].kind == COUNT) {
        size_t lower, most;
        for (size_t k = 0; k < n; k++)
            above += calibration[k] > value;
        for (size_t j = 0; j < m; j++)
            in += batch[j] > value;
        assert_ok(conformal_batch_count(above, n, m, exchange_pools[i].alpha,
                                        CONFORMAL_BATCH_UPPER, &lower, &most, err));
        return in <= most;
    }
    if (exchange_pools[i].kind == MEAN && upper)
        o.high = value;
    else if (exchange_pools[i].kind == MEAN)
        o.low = value;
    bounds_of(&o, n, m, calibration, NULL, &b);
    sort_numbers(batch, m);
    if (exchange_pools[i].kind == MEAN)
        return sum_within(batch, m, &b);
    return b.lower <= batch[z - 1] && batch[z - 1] <= b.upper;
}

START_TEST(covered_choices_are_as_many_as_the_oracle_s)
{
    for (size_t i = 0; i < sizeof exchange_pools / sizeof *exchange_pools; i++) {
        size_t size = exchange_pools[i].size, m = exchange_pools[i].m, subset[MEMBERS];
        size_t held = 0, all = 0;
        double calibration[POOL], batch[MEMBERS];
        first_subset(subset, m);
        do {
            divide(exchange_pools[i].pool, size, subset, m, calibration, batch);
            held += covered(i, calibration, size - m, batch);
            all++;
        } while (next_subset(subset, m, size));
        ck_assert_uint_eq(all, exchange_pools[i].total);
        ck_assert_msg(held == exchange_pools[i].covered, "%s, alpha %g: %zu, not %zu",
                      exchange_pools[i].name, exchange_pools[i].alpha, held,
                      exchange_pools[i].covered);
    }
}
END_TEST

/* The closed forms beside which the oracle's simulations stand (six digits). */
START_TEST(simulated_coverages_have_the_oracle_s_exact_values)
{
    for (size_t i = 0; i < sizeof exchange_two_sided / sizeof *exchange_two_sided; i++) {
        size_t ranks[] = {exchange_two_sided[i].first, exchange_two_sided[i].second};
        size_t n = exchange_two_sided[i].n, m = exchange_two_sided[i].m;
        bool one = ranks[0] == ranks[1];
        conformal_batch_options o =
            options_of(one ? CONFORMAL_BATCH_ORDER : CONFORMAL_BATCH_PAIR,
                       CONFORMAL_BATCH_BOTH, exchange_two_sided[i].alpha);
        conformal_batch_plan *plan;
        o.ranks = ranks;
        o.n_ranks = one ? 1 : 2;
        assert_ok(conformal_batch_plan_create(&o, &n, &m, 1, &plan, err));
        conformal_batch_promise p = conformal_batch_plan_promise(plan);
        ck_assert_uint_eq(p.lower_rank - 1, exchange_two_sided[i].p);
        ck_assert_uint_eq(p.upper_rank, exchange_two_sided[i].q);
        ck_assert(fabs(p.coverage - exchange_two_sided[i].exact) <= 5.1e-7);
        conformal_batch_plan_free(plan);
    }
    for (size_t i = 0; i < sizeof exchange_one_sided / sizeof *exchange_one_sided; i++) {
        size_t n = exchange_one_sided[i].n, m = exchange_one_sided[i].m;
        size_t k = exchange_one_sided[i].bound;
        double tail, coverage;
        if (!exchange_one_sided[i].split)
            assert_ok(conformal_batch_order_rank(n, m, exchange_one_sided[i].rank,
                                                 exchange_one_sided[i].alpha,
                                                 CONFORMAL_BATCH_UPPER, &k, &coverage, err));
        ck_assert_uint_eq(k, exchange_one_sided[i].bound);
        assert_ok(conformal_batch_order_tail(n, m, exchange_one_sided[i].rank, k, &tail, err));
        ck_assert(fabs(1 - tail - exchange_one_sided[i].exact) <= 5.1e-7);
    }
    for (size_t i = 0; i < sizeof exchange_claims / sizeof *exchange_claims; i++) {
        size_t n = exchange_claims[i].n, rank;
        double *prediction = calloc(n, sizeof *prediction), threshold, coverage;
        unsigned char *null = calloc(n, 1);
        for (size_t k = 0; k < n; k++)
            null[k] = k % 3 == 0;
        assert_ok(conformal_batch_select(prediction, null, n, exchange_claims[i].m,
                                         exchange_claims[i].mistakes, exchange_claims[i].alpha,
                                         NULL, &threshold, &rank, &coverage, err));
        ck_assert_uint_eq(rank, exchange_claims[i].rank);
        ck_assert(fabs(coverage - exchange_claims[i].exact) <= 5.1e-7);
        free(prediction);
        free(null);
    }
}
END_TEST

/* ------------------------------------------------------------------ pools with ties */

/* Values on a grid, so that sums are exact; ties in every second pool. */
static void draw_pool(uint64_t *at, size_t size, bool ties, double *pool)
{
    for (size_t i = 0; i < size; i++)
        pool[i] = ties ? (double)draw_below(at, 4) : floor(draw(at) * 0x1p30) / 0x1p28;
}

static bool within(const conformal_batch_options *o, const double *batch, size_t m,
                   const conformal_batch_bound *b)
{
    double linear = 0, sum = 0;
    for (size_t j = 0; j < m; j++) {
        linear += o->statistic == CONFORMAL_BATCH_LINEAR ? o->coefficients[j] * batch[j] : 0;
        sum += batch[j];
    }
    switch (o->statistic) {
    case CONFORMAL_BATCH_ORDER:
        for (size_t i = 0; i < o->n_ranks; i++)
            if (!(b[i].lower <= batch[o->ranks[i] - 1] &&
                  batch[o->ranks[i] - 1] <= b[i].upper))
                return false;
        return true;
    case CONFORMAL_BATCH_PAIR:
        return b->lower <= batch[o->ranks[0] - 1] && batch[o->ranks[1] - 1] <= b->upper;
    case CONFORMAL_BATCH_LINEAR:
        return b->lower <= linear && linear <= b->upper;
    case CONFORMAL_BATCH_SUM:
        return sum_within(batch, m, b);
    default:
        return b->lower <= sum / (double)m && sum / (double)m <= b->upper;
    }
}

/* R3 for every statistic, side, engine, cap and support. */
START_TEST(coverage_is_at_least_what_was_promised)
{
    conformal_batch_statistic statistic = (conformal_batch_statistic)_i;
    uint64_t at = 1000 * (uint64_t)_i;
    double tightest = 1;
    for (int round = 0; round < 700; round++) {
        double pool[POOL], calibration[POOL], batch[MEMBERS], c[MEMBERS], held = 0, all = 0;
        size_t n = 1 + draw_below(&at, 6), m = 2 + draw_below(&at, 3), ranks[2];
        size_t subset[MEMBERS];
        int32_t costs[8];
        bool ties = round % 2;
        conformal_batch_options o =
            options_of(statistic, (conformal_batch_side)draw_below(&at, 3), 0.99 * draw(&at));
        conformal_batch_promise p = {0};
        conformal_batch_bound b[2];
        draw_pool(&at, n + m, ties, pool);
        ranks[0] = 1 + draw_below(&at, m - 1);
        ranks[1] = ranks[0] + 1 + draw_below(&at, m - ranks[0]);
        o.ranks = ranks;
        o.n_ranks = statistic == CONFORMAL_BATCH_PAIR ? 2 : 1 + draw_below(&at, 2);
        o.n_ranks = statistic <= CONFORMAL_BATCH_PAIR ? o.n_ranks : 0;
        o.region = (conformal_batch_region)draw_below(&at, 3);
        for (size_t j = 0; j < m; j++)
            c[j] = (double)draw_below(&at, 3);
        for (size_t k = 0; k <= n; k++)
            costs[k] = (int32_t)draw_below(&at, 10);
        o.coefficients = c;
        o.costs = draw_below(&at, 3) ? NULL : costs;
        o.cap = draw_below(&at, 3) ? 0 : 1 + draw_below(&at, n + 1);
        o.engine = (conformal_batch_engine)draw_below(&at, 4);
        o.low = draw_below(&at, 2) ? 0 : -HUGE_VAL;
        o.high = draw_below(&at, 2) ? 4 : HUGE_VAL;
        first_subset(subset, m);
        do {
            divide(pool, n + m, subset, m, calibration, batch);
            p = bounds_of(&o, n, m, calibration, NULL, b);
            sort_numbers(batch, m);
            held += within(&o, batch, m, b);
            all++;
        } while (next_subset(subset, m, n + m));
        ck_assert(p.coverage >= 1 - o.alpha - 1e-12);
        ck_assert_msg(held / all >= p.coverage - 1e-12,
                      "round %d: alpha %g, side %d, engine %d, cap %zu: %g is less than %g",
                      round, o.alpha, (int)o.side, (int)o.engine, o.cap, held / all,
                      p.coverage);
        bool exact = statistic <= CONFORMAL_BATCH_PAIR && !ties;
        ck_assert(!exact || held / all <= p.coverage + 1e-12); /* then it is an equation */
        tightest = fmin(tightest, held / all - p.coverage);
    }
    ck_assert(tightest < 0.05);
}
END_TEST

/* Strata are exchangeable within; their choices are independent. */
START_TEST(coverage_of_strata_is_at_least_what_was_promised)
{
    uint64_t at = 9;
    for (int round = 0; round < 400; round++) {
        double pool[2][6], calibration[POOL], batch[MEMBERS], held = 0, all = 0;
        size_t n[2], m[2], subset[2][3], rank;
        int32_t strata[POOL];
        conformal_batch_options o = options_of(
            round % 2 ? CONFORMAL_BATCH_ORDER : CONFORMAL_BATCH_SUM,
            (conformal_batch_side)draw_below(&at, 3), 0.99 * draw(&at));
        conformal_batch_promise p = {0};
        for (size_t g = 0; g < 2; g++) {
            n[g] = 1 + draw_below(&at, 3);
            m[g] = 1 + draw_below(&at, 2);
            draw_pool(&at, n[g] + m[g], round % 4 < 2, pool[g]);
        }
        rank = 1 + draw_below(&at, m[0] + m[1]);
        o.ranks = &rank;
        o.n_ranks = round % 2 ? 1 : 0;
        o.low = draw_below(&at, 2) ? 0 : -HUGE_VAL;
        o.high = draw_below(&at, 2) ? 4 : HUGE_VAL;
        o.engine = round % 3 ? CONFORMAL_BATCH_EXACT : CONFORMAL_BATCH_HULL;
        for (size_t i = 0; i < n[0] + n[1]; i++)
            strata[i] = i >= n[0];
        first_subset(subset[0], m[0]);
        do {
            first_subset(subset[1], m[1]);
            do {
                conformal_batch_bound b;
                divide(pool[0], n[0] + m[0], subset[0], m[0], calibration, batch);
                divide(pool[1], n[1] + m[1], subset[1], m[1], calibration + n[0],
                       batch + m[0]);
                p = strata_bounds(&o, n, m, 2, calibration, strata, NULL, &b);
                sort_numbers(batch, m[0] + m[1]);
                held += within(&o, batch, m[0] + m[1], &b);
                all++;
            } while (next_subset(subset[1], m[1], n[1] + m[1]));
        } while (next_subset(subset[0], m[0], n[0] + m[0]));
        ck_assert(p.coverage >= 1 - o.alpha - 1e-12);
        ck_assert_msg(held / all >= p.coverage - 1e-12, "round %d: %g is less than %g", round,
                      held / all, p.coverage);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exchange");
    TCase *tc = tcase_create("exchange");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, covered_choices_are_as_many_as_the_oracle_s);
    tcase_add_test(tc, simulated_coverages_have_the_oracle_s_exact_values);
    tcase_add_loop_test(tc, coverage_is_at_least_what_was_promised, CONFORMAL_BATCH_ORDER,
                        CONFORMAL_BATCH_LINEAR + 1);
    tcase_add_test(tc, coverage_of_strata_is_at_least_what_was_promised);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
