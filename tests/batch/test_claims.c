/* test_claims.c - counts, claims with few mistakes, and p-values of batches.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/batch.h"
#include "enumerate.h"
#include "oracle/batch_claims.h"

START_TEST(small_cases_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof claims_selections / sizeof *claims_selections; i++) {
        double threshold, coverage;
        size_t rank;
        assert_ok(conformal_batch_select(
            claims_selections[i].prediction, claims_selections[i].null, claims_selections[i].n,
            claims_selections[i].m, claims_selections[i].mistakes, claims_selections[i].alpha,
            NULL, &threshold, &rank, &coverage, err));
        ck_assert_uint_eq(rank, claims_selections[i].rank);
        assert_close(threshold, claims_selections[i].threshold, 0);
        assert_close(coverage, claims_selections[i].coverage, 1e-13);
        for (size_t j = 0; j < claims_selections[i].m; j++)
            ck_assert((claims_selections[i].batch[j] > threshold) ==
                      claims_selections[i].claimed[j]);
    }
    for (size_t i = 0; i < sizeof claims_counts / sizeof *claims_counts; i++) {
        size_t lower, upper;
        assert_ok(conformal_batch_count(claims_counts[i].above, claims_counts[i].n,
                                        claims_counts[i].m, claims_counts[i].alpha,
                                        CONFORMAL_BATCH_UPPER, &lower, &upper, err));
        ck_assert_uint_eq(upper, claims_counts[i].upper);
        ck_assert_uint_eq(lower, 0);
    }
    for (size_t i = 0; i < sizeof claims_p_values / sizeof *claims_p_values; i++) {
        size_t observed;
        double p;
        assert_ok(conformal_batch_pvalue(claims_p_values[i].scores, claims_p_values[i].n,
                                         claims_p_values[i].batch, claims_p_values[i].m,
                                         claims_p_values[i].rank, NULL, &observed, &p, err));
        ck_assert_uint_eq(observed, claims_p_values[i].observed);
        assert_close(p, claims_p_values[i].p, 1e-13);
    }
}
END_TEST

/* ------------------------------------------------------------------ counts */

static void count(size_t above, size_t n, size_t m, double alpha, int side, size_t *lower,
                  size_t *upper)
{
    if (conformal_batch_count(above, n, m, alpha, (conformal_batch_side)side, lower, upper,
                              NULL) != CONFORMAL_OK)
        ck_abort_msg("%zu of %zu above, m %zu, alpha %g, side %d", above, n, m, alpha, side);
}

/* The first u at which the (m - u)-th smallest of the batch is bounded by a score without the
 * property. */
START_TEST(counts_follow_from_ranks_of_order_statistics)
{
    for (size_t n = 0; n <= 30; n += 3)
        for (size_t m = 1; m <= 12; m++)
            for (size_t above = 0; above <= n; above++)
                for (int level = 0; level <= 10; level++) {
                    double alpha = level / 10.0;
                    size_t lower, upper, want = 0, k = n + 1;
                    for (; want < m; want++) {
                        assert_ok(conformal_batch_order_rank(n, m, m - want, alpha,
                                                             CONFORMAL_BATCH_UPPER, &k, NULL,
                                                             err));
                        if (k <= n - above)
                            break;
                    }
                    count(above, n, m, alpha, CONFORMAL_BATCH_UPPER, &lower, &upper);
                    ck_assert(upper == want && lower == 0);
                    count(n - above, n, m, alpha, CONFORMAL_BATCH_LOWER, &lower, &upper);
                    ck_assert(lower == m - want && upper == m);
                    ck_assert(alpha > 0 || (want == m && lower == 0));
                }
}
END_TEST

/* Any number of a pool may have the property. How many of the batch do, and how many of
 * calibration, is hypergeometric: all subsets are counted. */
START_TEST(counts_are_right_as_often_as_promised)
{
    double tightest = 1;
    bool strange = false;
    for (size_t n = 1; n <= 9; n++)
        for (size_t m = 1; m <= 4; m++)
            for (size_t have = 0; have <= n + m; have++)
                for (int level = 0; level <= 20; level++)
                    for (int side = 0; side < 3; side++) {
                        double alpha = level / 20.0, missed = 0, all = 0;
                        size_t subset[4];
                        first_subset(subset, m);
                        do { /* the first `have` of the pool have the property */
                            size_t in = 0, lower, upper;
                            for (size_t j = 0; j < m; j++)
                                in += subset[j] < have;
                            count(have - in, n, m, alpha, side, &lower, &upper);
                            missed += in < lower || in > upper;
                            strange = strange || lower > upper || upper > m;
                            all++;
                        } while (next_subset(subset, m, n + m));
                        ck_assert_msg(
                            allowed(missed, all, alpha) || alpha == 1,
                            "n %zu, m %zu, %zu of the pool, alpha %g, side %d: %g of "
                            "%g missed",
                            n, m, have, alpha, side, missed, all);
                        if (level > 0)
                            tightest = fmin(tightest, fabs(alpha - missed / all));
                    }
    ck_assert(!strange && tightest < 1e-12); /* some case has all of alpha */
}
END_TEST

START_TEST(large_counts_are_near_their_share)
{
    size_t lower, upper;
    count(200000, 1000000, 10000, 0.1, CONFORMAL_BATCH_BOTH, &lower, &upper);
    double sd = sqrt(10000 * 0.2 * 0.8 * 1.01); /* of the count in the batch, given its law */
    ck_assert(fabs(((double)upper - 2000) / sd - 1.645) < 0.05);
    ck_assert(fabs((2000 - (double)lower) / sd - 1.645) < 0.05);
}
END_TEST

/* ------------------------------------------------------------------ claims */

START_TEST(thresholds_are_order_statistics_of_the_null_scores)
{
    uint64_t at = 0;
    for (int round = 0; round < 2000; round++) {
        double prediction[20], score[21], threshold, coverage, want;
        unsigned char null[20];
        size_t n = draw_below(&at, 20), m = 1 + draw_below(&at, 10), rank, k;
        size_t mistakes = draw_below(&at, m);
        double alpha = round % 3 ? draw(&at) : (double)draw_below(&at, 11) / 10;
        draw_scores(&at, n, round % 2, prediction);
        for (size_t i = 0; i < n; i++) {
            null[i] = (unsigned char)(draw_below(&at, 3) ? 2 * draw_below(&at, 4) : 0);
            score[i] = null[i] ? prediction[i] : -HUGE_VAL;
        }
        sort_numbers(score, n);
        score[n] = HUGE_VAL;
        assert_ok(conformal_batch_order_rank(n, m, m - mistakes, alpha, CONFORMAL_BATCH_UPPER,
                                             &k, &want, err));
        assert_ok(conformal_batch_select(prediction, null, n, m, mistakes, alpha, NULL,
                                         &threshold, &rank, &coverage, err));
        ck_assert_uint_eq(rank, k);
        assert_close(threshold, score[k - 1], 0);
        assert_close(coverage, want, 1e-13);
    }
}
END_TEST

/* A pool of predictions, some of them mistakes; with ties. */
START_TEST(mistakes_are_as_rare_as_promised)
{
    uint64_t at = 17;
    double tightest = 1;
    for (int round = 0; round < 1500; round++) {
        double pool[10], calibration[10], batch[4], threshold = 0, coverage = 0;
        double flags[10], null_of[10], claims[4], missed = 0, all = 0;
        size_t n = 1 + draw_below(&at, 6), m = 1 + draw_below(&at, 4), subset[4];
        size_t mistakes = draw_below(&at, m);
        double alpha = draw(&at);
        bool ties = round % 2;
        draw_scores(&at, n + m, ties, pool);
        for (size_t i = 0; i < n + m; i++)
            flags[i] = draw_below(&at, 4) > 0;
        first_subset(subset, m);
        do {
            unsigned char null[10];
            size_t wrong = 0;
            divide(pool, n + m, subset, m, calibration, batch);
            divide(flags, n + m, subset, m, null_of, claims);
            for (size_t i = 0; i < n; i++)
                null[i] = null_of[i] > 0;
            assert_ok(conformal_batch_select(calibration, null, n, m, mistakes, alpha, NULL,
                                             &threshold, NULL, &coverage, err));
            for (size_t j = 0; j < m; j++)
                wrong += batch[j] > threshold && claims[j] > 0;
            missed += wrong > mistakes;
            all++;
        } while (next_subset(subset, m, n + m));
        ck_assert(missed / all <= 1 - coverage + 1e-12);
        ck_assert(allowed(1 - coverage, 1, alpha + 1e-12));
        tightest = fmin(tightest, ties ? 1 : fabs(1 - coverage - missed / all));
    }
    ck_assert(tightest < 1e-12);
}
END_TEST

START_TEST(infinite_predictions_are_claimed_or_not_like_others)
{
    static const double prediction[] = {HUGE_VAL, -HUGE_VAL, 1, 2};
    static const unsigned char null[] = {1, 1, 1, 0}, none[4] = {0};
    double threshold;
    size_t rank;
    assert_ok(conformal_batch_select(prediction, null, 4, 1, 0, 0.2, NULL, &threshold, &rank,
                                     NULL, err)); /* the largest of 4 */
    ck_assert(rank == 4 && threshold == HUGE_VAL);
    assert_ok(conformal_batch_select(prediction, null, 4, 1, 0, 0.4, NULL, &threshold, &rank,
                                     NULL, err));
    ck_assert(rank == 3 && threshold == 1);
    assert_ok(conformal_batch_select(prediction, none, 4, 1, 0, 0.2, NULL, &threshold, &rank,
                                     NULL, err)); /* no claim was ever a mistake */
    ck_assert(rank == 4 && threshold == -HUGE_VAL);
    assert_ok(conformal_batch_select(prediction, null, 4, 1, 0, 0.19, NULL, &threshold, &rank,
                                     NULL, err));
    ck_assert(rank == 5 && threshold == HUGE_VAL);
    assert_ok(conformal_batch_select(NULL, NULL, 0, 3, 1, 0.5, NULL, &threshold, NULL, NULL,
                                     err));
    ck_assert(threshold == HUGE_VAL);
}
END_TEST

/* ------------------------------------------------------------------ p-values */

/* Of all rank vectors: P(p <= t) is at most t, and t itself at every p that is attained. With
 * ties in the pool: at most. */
START_TEST(p_values_are_superuniform)
{
    uint64_t at = 4;
    for (size_t n = 0; n <= 6; n++)
        for (size_t m = 1; m <= 4; m++)
            for (size_t rank = 0; rank <= m; rank++)
                for (int ties = 0; ties < 2; ties++) {
                    double pool[10], calibration[10], batch[4], p[210];
                    size_t subset[4], all = 0;
                    draw_scores(&at, n + m, ties, pool);
                    first_subset(subset, m);
                    do {
                        size_t observed, below = 0;
                        divide(pool, n + m, subset, m, calibration, batch);
                        assert_ok(conformal_batch_pvalue(calibration, n, batch, m, rank, NULL,
                                                         &observed, &p[all], err));
                        sort_numbers(batch, m);
                        for (size_t i = 0; i < n; i++)
                            below += calibration[i] < batch[(rank ? rank : (m + 1) / 2) - 1];
                        ck_assert_uint_eq(observed, below + 1);
                        all++;
                    } while (next_subset(subset, m, n + m));
                    sort_numbers(p, all);
                    for (size_t i = 0; i < all; i++) {
                        double share = 0;
                        for (size_t j = 0; j < all; j++)
                            share += p[j] <= p[i] * (1 + 1e-12);
                        share /= (double)all;
                        ck_assert(share <= p[i] + 1e-13);
                        ck_assert(ties || share >= p[i] - 1e-13);
                    }
                }
}
END_TEST

START_TEST(small_p_values_keep_their_digits)
{
    double scores[200], batch[30], p, want = 1;
    for (size_t i = 0; i < 200; i++)
        scores[i] = (double)i;
    for (size_t j = 0; j < 30; j++)
        batch[j] = 1000 + (double)j;
    for (size_t j = 1; j <= 30; j++) /* all 30 above all 200: 1 / C(230, 30) */
        want *= (double)j / (200 + (double)j);
    assert_ok(conformal_batch_pvalue(scores, 200, batch, 30, 1, NULL, NULL, &p, err));
    assert_close(p, want, 1e-11);
    ck_assert(p < 1e-36);
    batch[0] = batch[1] = HUGE_VAL;
    batch[29] = -HUGE_VAL;
    assert_ok(conformal_batch_pvalue(scores, 200, batch, 30, 1, NULL, NULL, &p, err));
    ck_assert(p == 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("claims");
    TCase *tc = tcase_create("claims");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, small_cases_are_the_oracle_s);
    tcase_add_test(tc, counts_follow_from_ranks_of_order_statistics);
    tcase_add_test(tc, counts_are_right_as_often_as_promised);
    tcase_add_test(tc, large_counts_are_near_their_share);
    tcase_add_test(tc, thresholds_are_order_statistics_of_the_null_scores);
    tcase_add_test(tc, mistakes_are_as_rare_as_promised);
    tcase_add_test(tc, infinite_predictions_are_claimed_or_not_like_others);
    tcase_add_test(tc, p_values_are_superuniform);
    tcase_add_test(tc, small_p_values_keep_their_digits);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
