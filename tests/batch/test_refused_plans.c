/* test_refused_plans.c - options and data that are refused, why, and that nothing has been
 * written then.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "bound.h"
#include "refused.h"

/* A plan for 1 or 2 strata of n and m each, which must not come to be. */
static conformal_status plan(const conformal_batch_options *o, size_t n, size_t m,
                             size_t strata)
{
    size_t ns[2] = {n, n}, ms[2] = {m, m};
    conformal_batch_plan *made = NULL;
    conformal_status status = conformal_batch_plan_create(o, ns, ms, strata, &made, &e);
    ck_assert((made != NULL) == (status == CONFORMAL_OK));
    conformal_batch_plan_free(made);
    return status;
}

START_TEST(wrong_options_are_refused)
{
    static const size_t ranks[] = {2, 1}, beyond[] = {1, 4}, sizes[] = {4, 4};
    static const double coefficients[] = {1, -1, 0}, infinite[] = {1, 1, HUGE_VAL};
    static const int32_t costs[] = {0, 1, 2, 3, -1, 0, 1, 2, 3, 4},
                         dear[] = {0, 0, 0, 0, (1 << 24) + 1};
    static const int32_t fine[10] = {0};
    conformal_batch_options mean = CONFORMAL_BATCH_INIT, o = mean;
    conformal_batch_plan *made = NULL;
    REFUSED(EINVAL, "m", NONE, plan(&o, 4, 0, 1));
    REFUSED(EINVAL, "n_strata", NONE, plan(&o, 4, 3, 0));
    REFUSED(EDOM, "n", NONE, plan(&o, MANY, 3, 1));
    REFUSED(EDOM, "n", NONE, plan(&o, (size_t)1 << 40, (size_t)1 << 13, 1));
    REFUSED(EINVAL, "n", NONE, conformal_batch_plan_create(&o, NULL, sizes, 1, &made, &e));
    REFUSED(EINVAL, "m", NONE, conformal_batch_plan_create(&o, sizes, NULL, 1, &made, &e));
    REFUSED(EINVAL, "plan", NONE, conformal_batch_plan_create(&o, sizes, sizes, 1, NULL, &e));
    o.alpha = 1.0000001;
    REFUSED(EDOM, "alpha", NONE, plan(&o, 4, 3, 1));
    o = mean, o.side = SIDE_9;
    REFUSED(EINVAL, "side", NONE, plan(&o, 4, 3, 1));
    o = mean, o.engine = (conformal_batch_engine)9;
    REFUSED(EINVAL, "engine", NONE, plan(&o, 4, 3, 1));
    o = mean, o.statistic = (conformal_batch_statistic)0;
    REFUSED(EINVAL, "statistic", NONE, plan(&o, 4, 3, 1));
    o = mean, o.low = 2, o.high = 1;
    REFUSED(EDOM, "low", NONE, plan(&o, 4, 3, 1));
    o = mean, o.high = (double)NAN;
    REFUSED(EDOM, "low", NONE, plan(&o, 4, 3, 1));
    o = mean, o.cap = 6;
    REFUSED(EDOM, "cap", NONE, plan(&o, 4, 3, 1));
    o = mean, o.cap = 3;
    REFUSED(EINVAL, "cap", NONE, plan(&o, 4, 3, 2));
    o = mean, o.costs = costs;
    REFUSED(EDOM, "costs", 4, plan(&o, 4, 3, 1));
    REFUSED(EDOM, "costs", 4, plan(&o, 4, 3, 2));
    o.costs = dear;
    REFUSED(EDOM, "costs", 4, plan(&o, 4, 3, 1));
    o.costs = fine, o.costs_low = dear;
    REFUSED(EDOM, "costs_low", 4, plan(&o, 4, 3, 1));
    o.costs = NULL, o.costs_low = fine;
    REFUSED(EINVAL, "costs", NONE, plan(&o, 4, 3, 1));
    o = options_of(CONFORMAL_BATCH_ORDER, CONFORMAL_BATCH_UPPER, 0.1);
    REFUSED(EINVAL, "n_ranks", NONE, plan(&o, 4, 3, 1));
    o.n_ranks = 2;
    REFUSED(EINVAL, "ranks", NONE, plan(&o, 4, 3, 1));
    o.ranks = beyond;
    REFUSED(EDOM, "ranks", 1, plan(&o, 4, 3, 1));
    o.ranks = ranks;
    REFUSED(EINVAL, "n_strata", NONE, plan(&o, 4, 3, 2));
    o.statistic = CONFORMAL_BATCH_PAIR;
    REFUSED(EDOM, "ranks", 0, plan(&o, 4, 3, 1));
    o.n_ranks = 1;
    REFUSED(EINVAL, "n_ranks", NONE, plan(&o, 4, 3, 1));
    o.n_ranks = 2, o.ranks = beyond, o.side = CONFORMAL_BATCH_BOTH;
    o.region = (conformal_batch_region)9;
    REFUSED(EINVAL, "region", NONE, plan(&o, 4, 4, 1));
    o = options_of(CONFORMAL_BATCH_ORDER, CONFORMAL_BATCH_UPPER, 0.1);
    o.ranks = ranks, o.n_ranks = 1, o.outcomes = true;
    REFUSED(EINVAL, "n_strata", NONE, plan(&o, 4, 3, 2));
    o = options_of(CONFORMAL_BATCH_LINEAR, CONFORMAL_BATCH_UPPER, 0.1);
    REFUSED(EINVAL, "coefficients", NONE, plan(&o, 4, 3, 1));
    o.coefficients = coefficients;
    REFUSED(EDOM, "coefficients", 1, plan(&o, 4, 3, 1));
    REFUSED(EINVAL, "n_strata", NONE, plan(&o, 4, 3, 2));
    o.coefficients = infinite;
    REFUSED(EDOM, "coefficients", 2, plan(&o, 4, 3, 1));
    o = mean, o.size = 3;
    REFUSED(EINVAL, "options", NONE, plan(&o, 4, 3, 1));
    conformal_batch_plan_free(NULL);
}
END_TEST

enum { PLAIN = 0, STRATA = 1, OUTCOMES = 2, KINDS = 3 };

/* A plan for four scores and a batch of two; NULL: there is none. */
static conformal_batch_plan *plan_of_kind(int statistic, int kind)
{
    static const size_t two_each[] = {2, 2}, one_each[] = {1, 1}, four = 4, two = 2;
    static const size_t ranks[] = {1, 2};
    static const double coefficients[] = {1, 2};
    conformal_batch_plan *made = NULL;
    conformal_batch_options o =
        options_of((conformal_batch_statistic)statistic, CONFORMAL_BATCH_BOTH, 0.5);
    bool strata = kind == STRATA;
    o.low = -1, o.high = 4, o.coefficients = coefficients, o.ranks = ranks;
    o.n_ranks = statistic == CONFORMAL_BATCH_PAIR ? 2 : statistic == CONFORMAL_BATCH_ORDER;
    o.outcomes = kind == OUTCOMES;
    if (!strata || (statistic != CONFORMAL_BATCH_PAIR && statistic != CONFORMAL_BATCH_LINEAR))
        assert_ok(conformal_batch_plan_create(&o, strata ? two_each : &four,
                                              strata ? one_each : &two, strata ? 2 : 1, &made,
                                              err));
    return made;
}

START_TEST(wrong_data_are_refused)
{
    static const double s[] = {0, 1, 2, 3}, nan[] = {0, 1, (double)NAN, 3};
    static const double out[] = {0, 1, 2, 4.5}, infinite[] = {1, HUGE_VAL};
    static const double predictions[] = {1, (double)NAN};
    static const int32_t strata[] = {0, 1, 0, 1}, uneven[] = {1, 1, 1, 0};
    static const int32_t code[] = {0, 1, 2, 0};
    for (int statistic = 1; statistic <= 5; statistic++)
        for (int kind = 0; kind < KINDS; kind++) {
            conformal_batch_plan *made = plan_of_kind(statistic, kind);
            conformal_batch_bound b = {-7, -7, 7, 7, CONFORMAL_BATCH_HULL};
            conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT, fine;
            if (made == NULL)
                continue;
            d.n = 4, d.scores = s, d.strata = strata, d.predictions = s;
            fine = d;
            REFUSED(EINVAL, "plan", NONE, conformal_batch_bounds(NULL, &d, &b, &e));
            REFUSED(EINVAL, "data", NONE, conformal_batch_bounds(made, NULL, &b, &e));
            REFUSED(EINVAL, "bounds", NONE, conformal_batch_bounds(made, &d, NULL, &e));
            d.n = 3;
            REFUSED(EDIM, "n", NONE, conformal_batch_bounds(made, &d, &b, &e));
            d = fine, d.scores = NULL;
            REFUSED(EINVAL, "scores", NONE, conformal_batch_bounds(made, &d, &b, &e));
            d.scores = nan;
            REFUSED(ENAN, "scores", 2, conformal_batch_bounds(made, &d, &b, &e));
            d.scores = out;
            REFUSED(EDOM, "scores", 3, conformal_batch_bounds(made, &d, &b, &e));
            d = fine;
            if (kind == STRATA) {
                d.strata = NULL;
                REFUSED(EINVAL, "strata", NONE, conformal_batch_bounds(made, &d, &b, &e));
                d.strata = code;
                REFUSED(EDOM, "strata", 2, conformal_batch_bounds(made, &d, &b, &e));
                d.strata = uneven;
                REFUSED(EDIM, "strata", 0, conformal_batch_bounds(made, &d, &b, &e));
            } else if (kind == OUTCOMES) {
                d.predictions = NULL;
                REFUSED(EINVAL, "predictions", NONE, conformal_batch_bounds(made, &d, &b, &e));
                d.predictions = predictions;
                REFUSED(ENAN, "predictions", 1, conformal_batch_bounds(made, &d, &b, &e));
                d.predictions = infinite;
                REFUSED(EDOM, "predictions", 1, conformal_batch_bounds(made, &d, &b, &e));
            }
            ck_assert(b.lower == -7 && b.upper == -7 && b.lower_rank == 7 &&
                      b.engine == CONFORMAL_BATCH_HULL);
            assert_ok(conformal_batch_bounds(made, &fine, &b, err));
            conformal_batch_plan_free(made);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refused plans");
    TCase *tc = tcase_create("refused plans");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, wrong_options_are_refused);
    tcase_add_test(tc, wrong_data_are_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
