/* test_max_sum.c - the largest sum under a budget: halving and hull against a plain recursion.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "batch/max_sum.h"
#include "conformal/batch.h"
#include "enumerate.h"

enum { MOST_BUDGET = 20000 };

/* best[t]: the largest sum of the members so far at a total cost of at most t; adds m members
 * one by one, O(m n budget). An infinite sum of both signs counts as -infinity: then some
 * member must be -infinity. */
static void add_members(double *best, size_t budget, const double *values,
                        const int32_t *costs, size_t n, size_t m)
{
    static double next[MOST_BUDGET + 1];
    for (size_t j = 0; j < m; j++) {
        for (size_t t = 0; t <= budget; t++)
            next[t] = -HUGE_VAL;
        for (size_t k = 0; k < n; k++)
            for (size_t t = costs[k] >= 0 ? (size_t)costs[k] : budget + 1; t <= budget; t++) {
                double before = best[t - (size_t)costs[k]];
                if (before > -HUGE_VAL && before + values[k] > next[t])
                    next[t] = before + values[k];
            }
        memcpy(best, next, (budget + 1) * sizeof *next);
    }
}

static double plain(const double *values, const int32_t *costs, size_t n, size_t m,
                    int64_t budget)
{
    static double best[MOST_BUDGET + 1];
    if (budget < 0)
        return -HUGE_VAL;
    for (int64_t t = 0; t <= budget; t++)
        best[t] = 0;
    add_members(best, (size_t)budget, values, costs, n, m);
    return best[budget];
}

static double maximum(const double *values, const int32_t *costs, size_t n, size_t m,
                      int64_t budget, conformal_batch_engine engine)
{
    double found = -7;
    conformal_batch_engine used = CONFORMAL_BATCH_AUTO;
    assert_ok(conformal_batch_max_sum(values, costs, n, m, budget, engine, NULL, &found, &used,
                                      err));
    ck_assert(engine == CONFORMAL_BATCH_AUTO || used == engine ||
              used == CONFORMAL_BATCH_EXACT);
    ck_assert(engine != CONFORMAL_BATCH_EXACT || used == CONFORMAL_BATCH_EXACT);
    return found;
}

typedef struct instance {
    double values[64];
    int32_t costs[64];
    size_t n, m;
    int64_t budget;
    double scale; /* of a sum */
} instance;

/* Convex, concave, stepwise and tied values; linear, rising, irregular and forbidden costs. */
static instance draw_instance(uint64_t *at, bool infinite)
{
    static const instance zero;
    instance in = zero;
    in.n = 1 + draw_below(at, 24);
    in.m = 1 + draw_below(at, draw_below(at, 4) ? 9 : 40);
    size_t shape = draw_below(at, 5), kind = draw_below(at, 4);
    for (size_t k = 0; k < in.n; k++) {
        double u = draw(at);
        in.values[k] = shape == 0 ? floor(4 * u) : shape == 1 ? -log(u) : shape == 2 ? u * u
                       : shape == 3 ? -1 / u : 10 * u - 5;
        in.costs[k] = kind == 0 ? (int32_t)k + 1 : (int32_t)draw_below(at, 30);
    }
    sort_numbers(in.values, in.n);
    for (size_t k = 1; k < in.n && kind == 1; k++) /* rising, with jumps */
        in.costs[k] = in.costs[k - 1] + in.costs[k] / 6;
    for (size_t k = 0; k < in.n && kind == 2; k++)
        in.costs[k] = draw_below(at, 5) ? in.costs[k] : -1;
    for (size_t k = 0; k < in.n; k++)
        in.scale = fmax(in.scale, (double)in.m * fabs(in.values[k]));
    for (size_t k = draw_below(at, 3); infinite && k > 0 && k <= in.n; k--)
        in.values[in.n - k] = HUGE_VAL;
    for (size_t k = draw_below(at, 3); infinite && k > 0 && k <= in.n; k--)
        in.values[k - 1] = -HUGE_VAL;
    in.budget = (int64_t)draw_below(at, in.m * 31 + 2) - 1;
    return in;
}

START_TEST(halving_is_the_plain_recursion)
{
    uint64_t at = 0;
    size_t finite = 0, above = 0;
    for (int round = 0; round < 3000; round++) {
        instance in = draw_instance(&at, round % 5 == 0);
        double want = plain(in.values, in.costs, in.n, in.m, in.budget);
        double found = maximum(in.values, in.costs, in.n, in.m, in.budget,
                               CONFORMAL_BATCH_EXACT);
        double hull =
            maximum(in.values, in.costs, in.n, in.m, in.budget, CONFORMAL_BATCH_HULL);
        double any = maximum(in.values, in.costs, in.n, in.m, in.budget, CONFORMAL_BATCH_AUTO);
        ck_assert_msg(found == want || fabs(found - want) <= 1e-12 * in.scale,
                      "round %d: %.17g, not %.17g", round, found, want);
        ck_assert_msg(hull >= found, "round %d: the hull's %.17g is below %.17g", round, hull,
                      found);
        ck_assert(any == found);
        finite += isfinite(want) ? 1 : 0;
        above += hull > found + 1e-9 * in.scale;
    }
    ck_assert(finite > 1500 && above > 150); /* the instances are not all easy */
}
END_TEST

START_TEST(ranks_are_the_costs_when_there_are_none)
{
    uint64_t at = 50;
    for (int round = 0; round < 500; round++) {
        instance in = draw_instance(&at, false);
        for (size_t k = 0; k < in.n; k++)
            in.costs[k] = (int32_t)k + 1;
        ck_assert(maximum(in.values, in.costs, in.n, in.m, in.budget, CONFORMAL_BATCH_EXACT) ==
                  maximum(in.values, NULL, in.n, in.m, in.budget, CONFORMAL_BATCH_EXACT));
    }
}
END_TEST

/* Wide ranges make windows overlap, shrink and run into their ends. */
START_TEST(larger_instances_are_the_plain_recursion)
{
    static double values[400];
    static int32_t costs[400];
    uint64_t at = (uint64_t)_i;
    size_t n = 60 + 40 * (size_t)(_i % 5), m = _i % 2 ? 33 : 40;
    for (size_t k = 0; k < n; k++) {
        double u = draw(&at);
        values[k] = _i % 3 == 0 ? u : _i % 3 == 1 ? -log(u) : floor(8 * u);
        costs[k] = (int32_t)draw_below(&at, 300);
    }
    sort_numbers(values, n);
    for (size_t k = 0; k < n && _i % 4 < 2; k++)
        costs[k] = (int32_t)k + 1;
    for (int64_t budget = 0; budget <= (int64_t)m * 300; budget += (int64_t)m * 300 / 7 + 1) {
        double want = plain(values, costs, n, m, budget);
        double found = maximum(values, costs, n, m, budget, CONFORMAL_BATCH_EXACT);
        ck_assert(found == want || fabs(found - want) <= 1e-12 * (1 + fabs(want)));
    }
}
END_TEST

/* The best of all selections, in exact arithmetic, is not above the bound (R4). */
START_TEST(rounding_never_loses)
{
    uint64_t at = 700;
    for (int round = 0; round < 600; round++) {
        instance in = draw_instance(&at, false);
        double terms[6];
        size_t r[6];
        in.n = in.n < 9 ? in.n : 9;
        in.m = in.m < 6 ? in.m : 6;
        in.budget %= 31 * (int64_t)in.m;
        for (size_t k = 0; k < in.n; k++)
            in.values[k] /= 3;
        double found = maximum(in.values, in.costs, in.n, in.m, in.budget,
                               CONFORMAL_BATCH_EXACT);
        double hull =
            maximum(in.values, in.costs, in.n, in.m, in.budget, CONFORMAL_BATCH_HULL);
        first_ranks(r, in.m);
        do {
            int64_t cost = 0;
            bool fine = true;
            for (size_t j = 0; j < in.m; j++) {
                terms[j] = in.values[r[j] - 1];
                cost += in.costs[r[j] - 1];
                fine = fine && in.costs[r[j] - 1] >= 0;
            }
            if (fine && cost <= in.budget)
                ck_assert(!sum_exceeds(terms, in.m, found) && !sum_exceeds(terms, in.m, hull));
        } while (next_ranks(r, in.n - 1, in.m));
    }
}
END_TEST

/* A finite one is nudged up by the hull. */
static void assert_maximum(const double *values, size_t n, size_t m, int64_t budget,
                           double want)
{
    double exact = maximum(values, NULL, n, m, budget, CONFORMAL_BATCH_EXACT);
    double hull = maximum(values, NULL, n, m, budget, CONFORMAL_BATCH_HULL);
    assert_close(exact, want, 1e-15);
    assert_close(hull, want, 1e-14);
    ck_assert(want <= exact && exact <= hull);
    ck_assert(maximum(values, NULL, n, m, budget, CONFORMAL_BATCH_AUTO) == exact);
}

START_TEST(infinite_values_decide_as_they_must)
{
    static const double up[] = {1, 2, HUGE_VAL}, down[] = {-HUGE_VAL, 1, 2};
    static const double both[] = {-HUGE_VAL, 1, HUGE_VAL}, none[] = {-HUGE_VAL, -HUGE_VAL};
    assert_maximum(up, 3, 3, 4, 4);
    assert_maximum(up, 3, 3, 5, HUGE_VAL);
    assert_maximum(down, 3, 3, 5, -HUGE_VAL);
    assert_maximum(down, 3, 3, 6, 3);
    assert_maximum(both, 3, 2, 5, HUGE_VAL);
    assert_maximum(both, 3, 2, 4, 2);
    assert_maximum(none, 2, 2, 4, -HUGE_VAL);
    assert_maximum(up, 3, 3, 2, -HUGE_VAL); /* three ranks cost three at least */
    assert_maximum(up, 3, 3, -1, -HUGE_VAL);
}
END_TEST

START_TEST(maxima_follow_shift_and_scale)
{
    uint64_t at = 8;
    for (int round = 0; round < 1000; round++) {
        instance in = draw_instance(&at, false), other = in;
        double found =
            maximum(in.values, in.costs, in.n, in.m, in.budget, CONFORMAL_BATCH_AUTO);
        for (size_t k = 0; k < in.n; k++)
            other.values[k] = 4 * in.values[k];
        double scaled = maximum(other.values, in.costs, in.n, in.m, in.budget,
                                CONFORMAL_BATCH_AUTO);
        ck_assert(scaled == 4 * found); /* a power of two: to the last bit */
        for (size_t k = 0; k < in.n; k++)
            other.values[k] = in.values[k] + 2;
        double shifted = maximum(other.values, in.costs, in.n, in.m, in.budget,
                                 CONFORMAL_BATCH_AUTO);
        ck_assert(shifted == found || fabs(shifted - found - 2 * (double)in.m) <=
                                          1e-12 * (in.scale + 2 * (double)in.m));
        double more = maximum(in.values, in.costs, in.n, in.m, in.budget + 1,
                              CONFORMAL_BATCH_AUTO);
        ck_assert(more >= found - 1e-12 * in.scale || found == -HUGE_VAL);
    }
}
END_TEST

/* Convex values of many ranks: exact and hull differ by one step between the ends. */
START_TEST(large_problems_stay_between_exact_and_hull)
{
    static double values[100001];
    static const size_t sizes[][2] = {{1000, 50}, {5000, 200}, {100001, 1000}};
    for (int i = 0; i < 3; i++) {
        size_t n = sizes[i][0], m = sizes[i][1];
        for (size_t k = 0; k < n; k++)
            values[k] = -log1p(-((double)k + 0.5) / (double)n);
        int64_t budget = (int64_t)(0.6 * (double)n * (double)m);
        double hull = maximum(values, NULL, n, m, budget, CONFORMAL_BATCH_HULL);
        double any = maximum(values, NULL, n, m, budget, CONFORMAL_BATCH_AUTO);
        ck_assert(any <= hull && any > 0.9 * hull);
        if (n <= 5000) {
            double exact = maximum(values, NULL, n, m, budget, CONFORMAL_BATCH_EXACT);
            ck_assert(exact <= hull);
            assert_close(any, exact, 1e-15);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------ strata */

static double strata_maximum(const instance *in, size_t n_strata, uint64_t budget,
                             conformal_batch_engine engine)
{
    cf_best best[4];
    double *b[4], found = -7;
    conformal_batch_engine used;
    for (size_t g = 0; g < n_strata; g++) {
        int64_t least;
        cf_best one = {NULL, 0, in[g].m, 0};
        assert_ok(cf_values_by_cost(in[g].values, in[g].costs, in[g].n, NULL, &b[g],
                                    &one.range, &least, err));
        one.b = b[g];
        best[g] = one;
        budget -= in[g].m * (uint64_t)least;
    }
    assert_ok(cf_max_strata(best, n_strata, budget, engine, NULL, &found, &used, err));
    ck_assert(engine != CONFORMAL_BATCH_EXACT || used == CONFORMAL_BATCH_EXACT);
    for (size_t g = 0; g < n_strata; g++)
        free(b[g]);
    return found;
}

START_TEST(strata_are_the_plain_recursion)
{
    static double best[MOST_BUDGET + 1];
    uint64_t at = 11;
    size_t above = 0;
    for (int round = 0; round < 1500; round++) {
        instance in[4];
        size_t strata = 1 + draw_below(&at, 4), members = 0;
        uint64_t least = 0, most = 0;
        double scale = 0;
        for (size_t g = 0; g < strata; g++) {
            int32_t low = 1 << 20, high = 0;
            in[g] = draw_instance(&at, round % 7 == 0);
            in[g].m = round % 3 ? in[g].m : draw_below(&at, 3);
            for (size_t k = 0; k < in[g].n; k++) {
                in[g].costs[k] = in[g].costs[k] < 0 ? 3 : in[g].costs[k];
                low = in[g].costs[k] < low ? in[g].costs[k] : low;
                high = in[g].costs[k] > high ? in[g].costs[k] : high;
            }
            least += in[g].m * (uint64_t)low;
            most += in[g].m * (uint64_t)high;
            scale += in[g].scale;
            members += in[g].m;
        }
        if (members == 0)
            continue;
        uint64_t budget = least + draw_below(&at, most - least + 2);
        memset(best, 0, (budget + 1) * sizeof *best);
        for (size_t g = 0; g < strata; g++)
            add_members(best, budget, in[g].values, in[g].costs, in[g].n, in[g].m);
        double want = best[budget];
        double found = strata_maximum(in, strata, budget, CONFORMAL_BATCH_EXACT);
        double hull = strata_maximum(in, strata, budget, CONFORMAL_BATCH_HULL);
        ck_assert_msg(found == want || fabs(found - want) <= 1e-12 * scale,
                      "round %d, %zu strata: %.17g, not %.17g", round, strata, found, want);
        ck_assert(hull >= found);
        ck_assert(strata_maximum(in, strata, budget, CONFORMAL_BATCH_AUTO) == found);
        above += hull > found + 1e-9 * scale;
    }
    ck_assert(above > 100);
}
END_TEST

START_TEST(wrong_values_are_refused)
{
    static const double fine[] = {1, 2, 3}, falls[] = {1, 3, 2}, nan[] = {1, 2, (double)NAN};
    static const struct {
        const double *values;
        size_t n, m;
        int engine;
        size_t index;
        const char *argument;
        conformal_status status;
    } wrong[] = {{fine, 0, 2, 0, SIZE_MAX, "n_ranks", CONFORMAL_EINVAL},
                 {fine, 3, 0, 0, SIZE_MAX, "m", CONFORMAL_EINVAL},
                 {NULL, 3, 2, 0, SIZE_MAX, "values", CONFORMAL_EINVAL},
                 {nan, 3, 2, 0, 2, "values", CONFORMAL_ENAN},
                 {falls, 3, 2, 0, 2, "values", CONFORMAL_EDOM},
                 {fine, 3, (size_t)1 << 52, 0, SIZE_MAX, "m", CONFORMAL_EDOM},
                 {fine, 3, 2, 9, SIZE_MAX, "engine", CONFORMAL_EINVAL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double found = -7;
        conformal_batch_engine used = CONFORMAL_BATCH_HULL;
        conformal_error err;
        conformal_status status = conformal_batch_max_sum(
            wrong[i].values, NULL, wrong[i].n, wrong[i].m, 5,
            (conformal_batch_engine)wrong[i].engine, NULL, &found, &used, &err);
        ck_assert_msg(status == wrong[i].status, "wrong %s: %s", wrong[i].argument,
                      conformal_status_name(status));
        ck_assert_str_eq(err.argument, wrong[i].argument);
        ck_assert_uint_eq(err.index, wrong[i].index);
        ck_assert(found == -7 && used == CONFORMAL_BATCH_HULL);
    }
    ck_assert_int_eq(conformal_batch_max_sum(fine, NULL, 3, 2, 5, CONFORMAL_BATCH_AUTO, NULL,
                                             NULL, NULL, NULL),
                     CONFORMAL_EINVAL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("max sum");
    TCase *tc = tcase_create("max sum");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, halving_is_the_plain_recursion);
    tcase_add_test(tc, ranks_are_the_costs_when_there_are_none);
    tcase_add_loop_test(tc, larger_instances_are_the_plain_recursion, 0, 12);
    tcase_add_test(tc, rounding_never_loses);
    tcase_add_test(tc, infinite_values_decide_as_they_must);
    tcase_add_test(tc, maxima_follow_shift_and_scale);
    tcase_add_test(tc, large_problems_stay_between_exact_and_hull);
    tcase_add_test(tc, strata_are_the_plain_recursion);
    tcase_add_test(tc, wrong_values_are_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
