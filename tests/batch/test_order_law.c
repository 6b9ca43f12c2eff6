/* test_order_law.c - the law of one order statistic's rank, and the rank that bounds it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/batch.h"
#include "conformal/quantile.h"
#include "enumerate.h"
#include "oracle/batch_order.h"

enum { UPPER = CONFORMAL_BATCH_UPPER, LOWER = CONFORMAL_BATCH_LOWER };

static const double levels[] = {0,         1e-15, 1e-6, 0.001, 0.01, 0.025, 0.05, 0.07,
                                0.1,       0.15,  0.2,  0.29,  0.3,  1.0 / 3, 0.4,  0.5,
                                0.57,      0.6,   0.7,  0.8,   0.9,  0.95,  0.99, 1};
enum { LEVELS = sizeof levels / sizeof *levels };

static size_t rank_of(size_t n, size_t m, size_t z, double alpha, int side)
{
    size_t bound = 0;
    assert_ok(conformal_batch_order_rank(n, m, z, alpha, (conformal_batch_side)side, &bound,
                                         NULL, err));
    return bound;
}

static double tail_of(size_t n, size_t m, size_t z, size_t k)
{
    double tail = -1;
    assert_ok(conformal_batch_order_tail(n, m, z, k, &tail, err));
    return tail;
}

START_TEST(ranks_and_coverages_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof order_ranks / sizeof *order_ranks; i++) {
        size_t n = order_ranks[i].n, m = order_ranks[i].m, z = order_ranks[i].rank, bound;
        double alpha = order_ranks[i].alpha, coverage;
        assert_ok(conformal_batch_order_rank(n, m, z, alpha, CONFORMAL_BATCH_UPPER, &bound,
                                             &coverage, err));
        ck_assert_uint_eq(bound, order_ranks[i].upper_rank);
        assert_close(coverage, order_ranks[i].upper_coverage, 1e-12);
        assert_ok(conformal_batch_order_rank(n, m, z, alpha, CONFORMAL_BATCH_LOWER, &bound,
                                             &coverage, err));
        ck_assert_uint_eq(bound, order_ranks[i].lower_rank);
        assert_close(coverage, order_ranks[i].lower_coverage, 1e-12);
    }
}
END_TEST

START_TEST(small_cases_are_the_oracle_s)
{
    for (size_t i = 0; i < sizeof order_cases / sizeof *order_cases; i++) {
        size_t bound;
        double coverage;
        assert_ok(conformal_batch_order_rank(
            order_cases[i].n, order_cases[i].m, order_cases[i].rank, order_cases[i].alpha,
            order_cases[i].upper ? CONFORMAL_BATCH_UPPER : CONFORMAL_BATCH_LOWER, &bound,
            &coverage, err));
        ck_assert_msg(bound == order_cases[i].bound_rank, "%s: %zu", order_cases[i].id, bound);
        assert_close(coverage, order_cases[i].coverage, 1e-13);
    }
}
END_TEST

/* counts[k]: how many rank vectors have R_z = k. */
static double count_ranks(size_t n, size_t m, size_t z, double *counts)
{
    size_t r[8];
    double all = 0;
    memset(counts, 0, (n + 2) * sizeof *counts);
    first_ranks(r, m);
    do {
        counts[r[z - 1]]++;
        all++;
    } while (next_ranks(r, n, m));
    return all;
}

START_TEST(laws_are_those_of_all_rank_vectors)
{
    for (size_t n = 0; n <= 7; n++)
        for (size_t m = 1; m <= 6; m++)
            for (size_t z = 1; z <= m; z++) {
                double counts[9], law[8], all = count_ranks(n, m, z, counts), above = all;
                assert_ok(conformal_batch_order_law(n, m, z, law, err));
                assert_close(tail_of(n, m, z, 0), 1, 0);
                for (size_t k = 1; k <= n + 1; k++) {
                    above -= counts[k];
                    assert_close(law[k - 1], counts[k] / all, 1e-14);
                    assert_close(tail_of(n, m, z, k), above / all, 1e-14);
                }
            }
}
END_TEST

/* The levels that matter are those that are attained, and a little to either side. */
START_TEST(ranks_are_the_least_and_the_largest_that_are_enough)
{
    for (size_t n = 0; n <= 6; n++)
        for (size_t m = 1; m <= 5; m++)
            for (size_t z = 1; z <= m; z++) {
                double counts[8], all = count_ranks(n, m, z, counts), upto = 0;
                for (size_t k = 0; k <= n; k++, upto += counts[k])
                    for (int nudge = -1; nudge <= 1; nudge++) {
                        double alpha = upto / all * (1 + 1e-9 * nudge), below = 0, above = 0;
                        size_t low = 1, high = n + 1;
                        while (low <= n && allowed(below + counts[low], all, alpha))
                            below += counts[low++];
                        while (high > 1 && allowed(above + counts[high], all, alpha))
                            above += counts[high--];
                        ck_assert_uint_eq(rank_of(n, m, z, alpha, LOWER), low);
                        ck_assert_uint_eq(rank_of(n, m, z, alpha, UPPER), high);
                    }
            }
}
END_TEST

START_TEST(probabilities_sum_to_one_and_tails_are_their_sums)
{
    static const size_t sizes[][3] = {{1000, 50, 1},   {1000, 50, 50}, {100000, 1000, 500},
                                      {30, 4000, 17},  {5, 900, 900},  {200000, 2, 1},
                                      {5000, 5000, 1}, {0, 7, 3}};
    static double law[200001];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i][0], m = sizes[i][1], z = sizes[i][2];
        double above = 0, step = 0;
        assert_ok(conformal_batch_order_law(n, m, z, law, err));
        for (size_t k = n + 1; k >= 1; k--) {
            if (k % (n / 64 + 1) == 0 && above > 1e-280)
                assert_close(tail_of(n, m, z, k), above, 2e-12);
            above += law[k - 1];
            step = fmax(step, fabs(law[k - 1]));
        }
        assert_close(above, 1, 1e-12);
        ck_assert(step < 1 || n == 0);
    }
}
END_TEST

/* P(R_z = n + 1) = prod_{i=z}^{m} i / (n + i), however small. */
START_TEST(the_last_gap_has_its_closed_form)
{
    static const size_t sizes[][3] = {{1000, 50, 30}, {200, 40, 1}, {10000, 30, 1},
                                      {400, 400, 300}, {7, 3, 2}, {100000, 900, 880}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i][0], m = sizes[i][1], z = sizes[i][2];
        double p = 1;
        for (size_t j = z; j <= m; j++)
            p *= (double)j / (double)(n + j);
        assert_close(tail_of(n, m, z, n), p, 1e-11);
    }
    assert_close(tail_of(1000000, 10000, 10000, 1000000), 10000.0 / 1010000, 1e-11);
}
END_TEST

START_TEST(one_member_is_split_conformal) /* R1 */
{
    for (size_t n = 0; n <= 400; n++)
        for (size_t i = 0; i < LEVELS; i++) {
            size_t want, found;
            double coverage;
            assert_ok(conformal_rank(n, levels[i], &want, err));
            assert_ok(conformal_batch_order_rank(n, 1, 1, levels[i], CONFORMAL_BATCH_UPPER,
                                                 &found, &coverage, err));
            ck_assert_uint_eq(found, want > 0 ? want : 1);
            assert_near(coverage, (double)found / ((double)n + 1), 1e-15);
            assert_ok(conformal_lower_rank(n, levels[i], &want, err));
            ck_assert_uint_eq(rank_of(n, 1, 1, levels[i], LOWER), want < n ? want + 1 : n + 1);
        }
}
END_TEST

START_TEST(lower_is_the_mirror_image_of_upper) /* R2 */
{
    for (size_t n = 0; n <= 40; n += 4)
        for (size_t m = 1; m <= 12; m++)
            for (size_t z = 1; z <= m; z++)
                for (size_t i = 0; i < LEVELS; i++)
                    ck_assert_uint_eq(rank_of(n, m, z, levels[i], LOWER),
                                      n + 2 - rank_of(n, m, m + 1 - z, levels[i], UPPER));
}
END_TEST

START_TEST(ranks_shrink_as_alpha_grows)
{
    for (size_t n = 0; n <= 60; n += 3)
        for (size_t m = 1; m <= 30; m += 7)
            for (size_t z = 1; z <= m; z += 3) {
                size_t before = n + 1;
                for (size_t i = 0; i < LEVELS; i++) {
                    size_t bound = rank_of(n, m, z, levels[i], UPPER);
                    ck_assert_uint_le(bound, before);
                    before = bound;
                }
                ck_assert_uint_eq(rank_of(n, m, z, 0, UPPER), n + 1);
                ck_assert_uint_eq(rank_of(n, m, z, 0, LOWER), 1);
                ck_assert_uint_eq(rank_of(n, m, z, 1, UPPER), 1);
                ck_assert_uint_eq(rank_of(n, m, z, 1, LOWER), n + 1);
            }
}
END_TEST

START_TEST(the_largest_is_bounded_from_alpha_m_over_n_plus_m_on)
{
    for (size_t n = 1; n <= 300; n++)
        for (size_t m = 1; m <= 60; m += n % 3 + 1) {
            double alpha = (double)m / (double)(n + m);
            ck_assert_uint_eq(rank_of(n, m, m, alpha, UPPER), n);
            ck_assert_uint_eq(rank_of(n, m, m, alpha * (1 - 1e-9), UPPER), n + 1);
            ck_assert_uint_eq(rank_of(n, m, 1, alpha, LOWER), 2);
        }
}
END_TEST

/* R_z of a large batch is near normal about 1 + z n / (m + 1). */
START_TEST(large_sizes_give_the_normal_quantile)
{
    static const size_t sizes[][3] = {{1000000, 10000, 5000}, {1000000, 10000, 9000},
                                      {100000, 1000, 500},    {2000, 50000, 30000}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i][0], m = sizes[i][1], z = sizes[i][2], bound;
        double dn = (double)n, dm = (double)m, dz = (double)z, coverage;
        double mean = 1 + dz * dn / (dm + 1);
        double sd = sqrt(dz * (dm + 1 - dz) * dn * (dn + dm + 1) /
                         ((dm + 1) * (dm + 1) * (dm + 2)));
        assert_ok(conformal_batch_order_rank(n, m, z, 0.1, CONFORMAL_BATCH_UPPER, &bound,
                                             &coverage, err));
        ck_assert(fabs(((double)bound - mean) / sd - 1.2816) < 0.03);
        ck_assert(coverage >= 0.9 && tail_of(n, m, z, bound - 1) > 0.1);
    }
}
END_TEST

START_TEST(a_size_is_the_smallest_with_a_finite_bound)
{
    static const double alphas[] = {1e-9, 0.001, 0.01, 0.05, 0.1, 1.0 / 3, 0.5, 0.9, 1};
    for (size_t m = 1; m <= 40; m += 3)
        for (size_t z = 1; z <= m; z += 4)
            for (size_t i = 0; i < sizeof alphas / sizeof *alphas; i++) {
                size_t n, mirrored;
                if (alphas[i] < 1e-6 && m - z > 8)
                    continue;
                assert_ok(conformal_batch_order_size(m, z, alphas[i], CONFORMAL_BATCH_UPPER,
                                                     &n, err));
                if (n <= 2000000) {
                    ck_assert_uint_le(rank_of(n, m, z, alphas[i], UPPER), n);
                    ck_assert(n == 1 || rank_of(n - 1, m, z, alphas[i], UPPER) == n);
                }
                assert_ok(conformal_batch_order_size(m, m + 1 - z, alphas[i],
                                                     CONFORMAL_BATCH_LOWER, &mirrored, err));
                ck_assert_uint_eq(mirrored, n);
            }
}
END_TEST

START_TEST(no_size_is_enough_for_alpha_0)
{
    static const size_t batches[][2] = {{1, 1}, {10, 10}, {10, 1}, {1000, 1000}, {1000, 1},
                                        {5000, 2000}};
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        conformal_error err;
        size_t n = 77;
        ck_assert_int_eq(conformal_batch_order_size(batches[i][0], batches[i][1], 0,
                                                    CONFORMAL_BATCH_UPPER, &n, &err),
                         CONFORMAL_EDOM);
        ck_assert_str_eq(err.argument, "alpha");
        ck_assert_uint_eq(n, 77);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order law");
    TCase *tc = tcase_create("order law");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, ranks_and_coverages_are_the_oracle_s);
    tcase_add_test(tc, small_cases_are_the_oracle_s);
    tcase_add_test(tc, laws_are_those_of_all_rank_vectors);
    tcase_add_test(tc, ranks_are_the_least_and_the_largest_that_are_enough);
    tcase_add_test(tc, probabilities_sum_to_one_and_tails_are_their_sums);
    tcase_add_test(tc, the_last_gap_has_its_closed_form);
    tcase_add_test(tc, one_member_is_split_conformal);
    tcase_add_test(tc, lower_is_the_mirror_image_of_upper);
    tcase_add_test(tc, ranks_shrink_as_alpha_grows);
    tcase_add_test(tc, the_largest_is_bounded_from_alpha_m_over_n_plus_m_on);
    tcase_add_test(tc, large_sizes_give_the_normal_quantile);
    tcase_add_test(tc, a_size_is_the_smallest_with_a_finite_bound);
    tcase_add_test(tc, no_size_is_enough_for_alpha_0);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
