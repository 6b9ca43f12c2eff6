/* test_groups.c - thresholds by group and by cluster.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/groups.h"
#include "conformal/quantile.h"
#include "conformal/random.h"
#include "oom.h"
#include "oracle/core_split.h"

static void to_codes(const double *x, size_t n, int32_t *codes)
{
    for (size_t i = 0; i < n; i++)
        codes[i] = (int32_t)x[i];
}

START_TEST(mondrian_thresholds_are_the_oracle_s)
{
    size_t n = sizeof mondrian_score_cal / sizeof(double), counts[8];
    int32_t groups[64];
    double q[8];
    to_codes(mondrian_group_cal, n, groups);
    assert_ok(conformal_group_quantiles(mondrian_score_cal, groups, n, 8, mondrian_alpha, 1,
                                        NULL, counts, q, err));
    for (int t = 0; t < 4; t++)
        assert_near(q[(int)mondrian_group_test[t]], mondrian_want_q[t], mondrian_tol);
    ck_assert_uint_eq(counts[0], 9);
    ck_assert_uint_eq(counts[7], 0);
}
END_TEST

START_TEST(each_group_is_a_quantile_of_its_own)
{
    enum { N = 500, G = 7, A = 3 };
    static const double alphas[A] = {0.3, 0.05, 0.9};
    double scores[N], q[G * A], own[N], want;
    int32_t groups[N];
    for (size_t i = 0; i < N; i++) {
        scores[i] = floor(50 * conformal_uniform(1, 0, i));
        groups[i] = (int32_t)(G * pow(conformal_uniform(1, 1, i), 2));
    }
    assert_ok(conformal_group_quantiles(scores, groups, N, G, alphas, A, NULL, NULL, q, err));
    for (int g = 0; g < G; g++)
        for (int a = 0; a < A; a++) {
            size_t m = 0;
            for (size_t i = 0; i < N; i++)
                if (groups[i] == g)
                    own[m++] = scores[i];
            assert_ok(conformal_quantile(own, m, alphas[a], NULL, &want, err));
            assert_close(q[g * A + a], want, 0);
        }
}
END_TEST

START_TEST(clusters_are_the_oracle_s)
{
    size_t n = sizeof clustered_score_cluster / sizeof(double),
           m = sizeof clustered_score_cal / sizeof(double);
    size_t k = (size_t)clustered_n_classes[0];
    int32_t groups[256], cluster[8];
    double q[8];
    to_codes(clustered_y_cluster, n, groups);
    assert_ok(conformal_cluster_groups(
        clustered_score_cluster, groups, n, k, (size_t)clustered_n_clusters[0],
        (size_t)clustered_min_count[0], clustered_levels,
        sizeof clustered_levels / sizeof(double), NULL, cluster, err));
    for (size_t g = 0; g < k; g++)
        ck_assert_int_eq(cluster[g], (int)clustered_want_assignment[g]);
    to_codes(clustered_y_cal, m, groups);
    assert_ok(conformal_cluster_quantiles(clustered_score_cal, groups, m, cluster, k,
                                          clustered_alpha[0], NULL, q, err));
    for (size_t g = 0; g < k; g++)
        assert_near(q[g], clustered_want_threshold[g], clustered_tol);
}
END_TEST

START_TEST(a_code_outside_the_groups_is_refused)
{
    static const double scores[] = {1, 2}, alpha[] = {0.1};
    static const int32_t groups[] = {0, 3};
    double q[2] = {7, 7};
    conformal_error err;
    ck_assert_int_eq(
        conformal_group_quantiles(scores, groups, 2, 2, alpha, 1, NULL, NULL, q, &err),
        CONFORMAL_EDOM);
    ck_assert_uint_eq(err.index, 1);
    ck_assert_str_eq(err.message, "group 3 of row 1 is not in 0..1");
    assert_close(q[0], 7, 0);
}
END_TEST

START_TEST(every_allocation_failure_is_survived)
{
    static const double scores[] = {2.385, 1.75, 0.125, 3.5, 1.25, 0.5}, alpha[] = {0.5};
    static const int32_t groups[] = {1, 0, 1, 0, 1, 1};
    struct oom oom = OOM_INIT, clusters = OOM_INIT, thresholds = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        double t[2] = {-1.0, -1.0};
        status = conformal_group_quantiles(scores, groups, 6, 2, alpha, 1, &a, NULL, t, NULL);
        oom_check(&oom, status);
        ck_assert(status == CONFORMAL_OK || t[1] == -1.0);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 4);
    do {
        conformal_allocator a = oom_next(&clusters);
        int32_t cluster[2] = {-7, -7};
        status =
            conformal_cluster_groups(scores, groups, 6, 2, 2, 1, alpha, 1, &a, cluster, NULL);
        oom_check(&clusters, status);
        ck_assert(status == CONFORMAL_OK || cluster[0] == -7);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&clusters, 8);
    do {
        static const int32_t cluster[] = {0, -1};
        conformal_allocator a = oom_next(&thresholds);
        double t[2] = {-1.0, -1.0};
        status = conformal_cluster_quantiles(scores, groups, 6, cluster, 2, 0.5, &a, t, NULL);
        oom_check(&thresholds, status);
        ck_assert(status == CONFORMAL_OK || t[1] == -1.0);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&thresholds, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("groups");
    TCase *tc = tcase_create("groups");
    tcase_add_test(tc, mondrian_thresholds_are_the_oracle_s);
    tcase_add_test(tc, each_group_is_a_quantile_of_its_own);
    tcase_add_test(tc, clusters_are_the_oracle_s);
    tcase_add_test(tc, a_code_outside_the_groups_is_refused);
    tcase_add_test(tc, every_allocation_failure_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
