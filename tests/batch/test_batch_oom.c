/* test_batch_oom.c - every allocation of batch inference fails once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "bound.h"
#include "oom.h"

static const double scores[] = {3, 1, 4, 1.5, 5, 9, 2, 6, 5.5, 3.5, 8, 9.5};
static const double predictions[] = {10, 20, 30, 15, 5};
static const int32_t strata[] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
static const int32_t costs[] = {0, 1, 2, 4, 5, 6, 8, 9, 11, 13, 15, 18, 30, 31, 32};
static const int32_t costs_low[] = {0, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22};
static const double coefficients[] = {0, 1, 0, 2, 1};
static const size_t ranks[] = {2, 4};

enum {
    HAS_COSTS = 1,
    HAS_LOW = 2,
    HAS_STRATA = 4,
    HAS_OUTCOMES = 8,
    ENVELOPE = 16,
    HULL = 32
};

/* Which plan, and how many allocations it makes at least. */
static const struct {
    int statistic;
    size_t n_ranks;
    int what;
    size_t least;
} plans[] = {
    {CONFORMAL_BATCH_ORDER, 1, 0, 6},
    {CONFORMAL_BATCH_ORDER, 2, 0, 20},
    {CONFORMAL_BATCH_ORDER, 1, HAS_STRATA, 12},
    {CONFORMAL_BATCH_ORDER, 2, HAS_OUTCOMES, 20},
    {CONFORMAL_BATCH_PAIR, 2, 0, 20},
    {CONFORMAL_BATCH_PAIR, 2, HAS_OUTCOMES, 20},
    {CONFORMAL_BATCH_MEAN, 0, 0, 20},
    {CONFORMAL_BATCH_MEAN, 0, HULL, 15},
    {CONFORMAL_BATCH_MEAN, 0, HAS_COSTS, 25},
    {CONFORMAL_BATCH_SUM, 0, HAS_COSTS | HAS_LOW, 25},
    {CONFORMAL_BATCH_MEAN, 0, HAS_STRATA, 35},
    {CONFORMAL_BATCH_SUM, 0, HAS_STRATA | HULL, 20},
    {CONFORMAL_BATCH_SUM, 0, HAS_STRATA | HAS_COSTS, 40},
    {CONFORMAL_BATCH_MEAN, 0, HAS_OUTCOMES, 20},
    {CONFORMAL_BATCH_MEAN, 0, HAS_OUTCOMES | HAS_STRATA, 35},
    {CONFORMAL_BATCH_MEAN, 0, ENVELOPE, 15},
    {CONFORMAL_BATCH_LINEAR, 0, 0, 18},
    {CONFORMAL_BATCH_LINEAR, 0, HAS_COSTS, 20},
    {CONFORMAL_BATCH_LINEAR, 0, HAS_COSTS | HAS_LOW, 20},
    {CONFORMAL_BATCH_LINEAR, 0, ENVELOPE, 15},
    {CONFORMAL_BATCH_LINEAR, 0, HAS_OUTCOMES, 15},
};

START_TEST(plans_and_bounds_survive)
{
    static const size_t n_each[] = {4, 4, 4}, m_each[] = {2, 1, 2}, n = 12, m = 5;
    struct oom oom = OOM_INIT;
    conformal_status status;
    int what = plans[_i].what;
    bool split = what & HAS_STRATA;
    conformal_batch_options o = options_of((conformal_batch_statistic)plans[_i].statistic,
                                           CONFORMAL_BATCH_BOTH, 0.4);
    conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
    o.ranks = ranks;
    o.n_ranks = plans[_i].n_ranks;
    o.coefficients = coefficients;
    o.low = 0;
    o.high = 10;
    o.costs = what & HAS_COSTS ? costs : NULL;
    o.costs_low = what & HAS_LOW ? costs_low : NULL;
    o.outcomes = what & HAS_OUTCOMES;
    o.engine = what & ENVELOPE ? CONFORMAL_BATCH_ENVELOPE
               : what & HULL   ? CONFORMAL_BATCH_HULL
                               : CONFORMAL_BATCH_EXACT;
    d.n = n;
    d.scores = scores;
    d.strata = strata;
    d.predictions = predictions;
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_batch_bound b[2] = {{-7, -7, 7, 7, CONFORMAL_BATCH_AUTO}};
        conformal_batch_plan *plan = NULL;
        o.allocator = &a;
        status = conformal_batch_plan_create(&o, split ? n_each : &n, split ? m_each : &m,
                                             split ? 3 : 1, &plan, NULL);
        ck_assert((plan != NULL) == (status == CONFORMAL_OK));
        if (plan != NULL)
            status = conformal_batch_bounds(plan, &d, b, NULL);
        conformal_batch_plan_free(plan);
        ck_assert((b[0].lower == -7 && b[0].upper == -7) == (status != CONFORMAL_OK));
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, plans[_i].least);
}
END_TEST

START_TEST(joint_laws_survive)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_batch_order o[2] = {{2, CONFORMAL_BATCH_BOTH, 3, 40},
                                      {7, CONFORMAL_BATCH_UPPER, 1, 45}};
        double coverage = -7;
        status = conformal_batch_joint_coverage(50, 9, o, 2, &a, &coverage, NULL);
        oom_check(&oom, status);
        ck_assert((coverage == -7) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 5);
    struct oom again = OOM_INIT;
    do {
        conformal_allocator a = oom_next(&again);
        conformal_batch_order o[2] = {{2, CONFORMAL_BATCH_BOTH, 3, 40},
                                      {7, CONFORMAL_BATCH_UPPER, 1, 45}};
        double coverage = -7;
        status = conformal_batch_joint_ranks(50, 9, o, 2, 0.2, &a, &coverage, NULL);
        oom_check(&again, status);
        bool untouched = o[0].lower == 3 && o[0].upper == 40 && o[1].upper == 45;
        ck_assert_msg(untouched == (status != CONFORMAL_OK), "%s: %zu %zu %zu",
                      conformal_status_name(status), o[0].lower, o[0].upper, o[1].upper);
        ck_assert((coverage == -7) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&again, 15);
}
END_TEST

START_TEST(pairs_and_strata_survive)
{
    static const size_t n[] = {9, 20}, m[] = {4, 3};
    for (int region = 0; region < 3; region++) {
        struct oom oom = OOM_INIT;
        conformal_status status;
        do {
            conformal_allocator a = oom_next(&oom);
            size_t p = 77, q = 77;
            status = conformal_batch_pair_ranks(
                40, 8, 3, 6, 0.3, (conformal_batch_region)region, &a, &p, &q, NULL, NULL);
            oom_check(&oom, status);
            ck_assert((p == 77 && q == 77) == (status != CONFORMAL_OK));
        } while (status == CONFORMAL_ENOMEM);
        oom_done(&oom, 10);
    }
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        size_t bounds[2] = {77, 77};
        double coverage = -7;
        status = conformal_batch_strata_ranks(n, m, 2, 3, 0.2, CONFORMAL_BATCH_LOWER, &a,
                                              bounds, &coverage, NULL);
        oom_check(&oom, status);
        ck_assert((bounds[0] == 77 && coverage == -7) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 3);
}
END_TEST

/* Small sums by their exact law, large ones by their characteristic function. */
static const struct {
    size_t n, m;
    size_t least;
} rank_sums[] = {{20, 5, 3}, {4000, 300, 6}};

START_TEST(rank_sums_survive)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        int64_t budget = 77;
        status = conformal_batch_rank_sum(rank_sums[_i].n, rank_sums[_i].m,
                                          rank_sums[_i].n + 1, 0.1, &a, &budget, NULL, NULL);
        oom_check(&oom, status);
        ck_assert((budget == 77) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, rank_sums[_i].least);
}
END_TEST

/* Range of the costs, members: exact, and by transforms. */
static const struct {
    int32_t range;
    size_t m;
    size_t least;
} cost_sums[] = {{9, 3, 2}, {200, 60, 6}};

START_TEST(cost_sums_survive)
{
    static int32_t many[201];
    struct oom oom = OOM_INIT;
    conformal_status status;
    for (int32_t k = 0; k <= 200; k++)
        many[k] = k * cost_sums[_i].range / 200;
    do {
        conformal_allocator a = oom_next(&oom);
        int64_t budget = 77;
        status = conformal_batch_cost_sum(many, 200, cost_sums[_i].m, 0.1, &a, &budget, NULL,
                                          NULL);
        oom_check(&oom, status);
        ck_assert((budget == 77) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, cost_sums[_i].least);
}
END_TEST

START_TEST(maxima_survive)
{
    static const double values[] = {0, 1, 4, 5, 9, 16};
    static const int32_t some[] = {0, 2, 3, 5, 8, 13};
    const conformal_batch_engine engines[] = {CONFORMAL_BATCH_AUTO, CONFORMAL_BATCH_EXACT,
                                              CONFORMAL_BATCH_HULL};
    for (int i = 0; i < 6; i++) {
        struct oom oom = OOM_INIT;
        conformal_status status;
        do {
            conformal_allocator a = oom_next(&oom);
            double maximum = -7;
            conformal_batch_engine used = CONFORMAL_BATCH_AUTO;
            status = conformal_batch_max_sum(values, i % 2 ? some : NULL, 6, 7, 29,
                                             engines[i / 2], &a, &maximum, &used, NULL);
            oom_check(&oom, status);
            ck_assert((maximum == -7) == (status != CONFORMAL_OK));
            ck_assert((used == CONFORMAL_BATCH_AUTO) == (status != CONFORMAL_OK));
        } while (status == CONFORMAL_ENOMEM);
        oom_done(&oom, i < 4 ? 8 : 1);
    }
}
END_TEST

static double first(void *user, const double *sorted, size_t m)
{
    (void)user;
    return sorted[m / 2];
}

START_TEST(monotone_statistics_and_baselines_survive)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        double lower = -7, upper = -7, coverage = -7;
        status =
            conformal_batch_monotone(scores, 12, 5, first, NULL, 0.2, CONFORMAL_BATCH_BOTH, 0,
                                     10, 99, 1, &a, &lower, &upper, &coverage, NULL);
        oom_check(&oom, status);
        ck_assert((lower == -7 && upper == -7 && coverage == -7) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 3);
    for (int baseline = 1; baseline <= 3; baseline++) {
        struct oom one = OOM_INIT;
        do {
            conformal_allocator a = oom_next(&one);
            double lower = -7, upper = -7;
            status = conformal_batch_baseline_bounds(
                (conformal_batch_baseline)baseline, scores, 12, 2, first, NULL, 0.6,
                CONFORMAL_BATCH_BOTH, 0, 10, 1, &a, &lower, &upper, NULL);
            oom_check(&one, status);
            ck_assert((lower == -7 && upper == -7) == (status != CONFORMAL_OK));
        } while (status == CONFORMAL_ENOMEM);
        oom_done(&one, 3);
    }
}
END_TEST

START_TEST(claims_p_values_and_pilots_survive)
{
    static const unsigned char null[12] = {1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1};
    struct oom oom = OOM_INIT, second = OOM_INIT, third = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        double threshold = -7;
        status = conformal_batch_select(scores, null, 12, 4, 1, 0.3, &a, &threshold, NULL,
                                        NULL, NULL);
        oom_check(&oom, status);
        ck_assert((threshold == -7) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 2);
    do {
        conformal_allocator a = oom_next(&second);
        double p = -7;
        status = conformal_batch_pvalue(scores, 12, predictions, 5, 0, &a, NULL, &p, NULL);
        oom_check(&second, status);
        ck_assert((p == -7) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&second, 1);
    do {
        conformal_allocator a = oom_next(&third);
        int32_t found[5] = {-7, -7, -7, -7, -7};
        double origin = 0, step = 0;
        status = conformal_batch_pilot_costs(scores, 12, 4, CONFORMAL_BATCH_UPPER, 9, &origin,
                                             &step, &a, found, NULL);
        oom_check(&third, status);
        ck_assert((found[0] == -7 && step == 0) == (status != CONFORMAL_OK));
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&third, 2);
}
END_TEST

#define COUNT(table) (sizeof(table) / sizeof *(table))

int main(void)
{
    Suite *suite = suite_create("batch oom");
    TCase *tc = tcase_create("batch oom");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, plans_and_bounds_survive, 0, COUNT(plans));
    tcase_add_test(tc, joint_laws_survive);
    tcase_add_test(tc, pairs_and_strata_survive);
    tcase_add_loop_test(tc, rank_sums_survive, 0, COUNT(rank_sums));
    tcase_add_loop_test(tc, cost_sums_survive, 0, COUNT(cost_sums));
    tcase_add_test(tc, maxima_survive);
    tcase_add_test(tc, monotone_statistics_and_baselines_survive);
    tcase_add_test(tc, claims_p_values_and_pilots_survive);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
