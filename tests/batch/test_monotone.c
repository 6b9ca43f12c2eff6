/* test_monotone.c - any monotone statistic by drawn rank vectors, and rejection sampling.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "conformal/batch.h"
#include "conformal/quantile.h"
#include "enumerate.h"

enum { DRAWS = 20000 };

/* Remembers what it is asked. */
typedef struct record {
    size_t n, calls, counts[64];
    double costs[DRAWS];
    bool fine;
} record;

static double remember(void *user, const size_t *ranks, size_t m)
{
    record *r = user;
    size_t code = 0;
    double cost = 0;
    for (size_t j = 0; j < m; j++) {
        r->fine = r->fine && ranks[j] >= 1 && ranks[j] <= r->n + 1;
        r->fine = r->fine && (j == 0 || ranks[j] >= ranks[j - 1]);
        code = code * (r->n + 1) + ranks[j] - 1;
        cost += sqrt((double)ranks[j]) * (double)(j + 1);
    }
    r->counts[code % 64]++;
    r->costs[r->calls++ % DRAWS] = cost;
    return cost;
}

static record *new_record(size_t n)
{
    record *r = calloc(1, sizeof *r);
    r->n = n;
    r->fine = true;
    return r;
}

START_TEST(quantiles_are_those_of_the_drawn_costs)
{
    static const size_t draws[] = {0, 1, 19, 99, 1000};
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++)
        for (size_t m = 1; m <= 9; m += 4)
            for (int level = 0; level <= 20; level++) {
                double alpha = level / 20.0, q;
                size_t count = draws[i] ? draws[i] : 9999, k;
                if (count == 9999 && level % 5)
                    continue;
                record *r = new_record(11 * (m % 3));
                assert_ok(conformal_batch_monte_carlo(r->n, m, remember, r, alpha, draws[i],
                                                      i + 5, NULL, &q, err));
                ck_assert(r->fine);
                ck_assert_uint_eq(r->calls, count);
                assert_ok(conformal_rank(count, alpha, &k, err));
                sort_numbers(r->costs, count < 1000 ? count : 0);
                if (k > count)
                    ck_assert(q == HUGE_VAL);
                else if (count < 1000)
                    assert_close(q, r->costs[k > 0 ? k - 1 : 0], 0);
                else {
                    size_t below = 0, upto = 0;
                    for (size_t b = 0; b < count; b++) {
                        below += r->costs[b] < q;
                        upto += r->costs[b] <= q;
                    }
                    ck_assert(below < (k > 0 ? k : 1) && (k > 0 ? k : 1) <= upto);
                }
                free(r);
            }
}
END_TEST

/* n = 3, m = 2: 10 rank vectors, each a tenth of the draws. 6.2 standard deviations of a
 * binomial count are 1e-9. */
START_TEST(every_rank_vector_is_drawn_alike)
{
    record *r = new_record(3);
    double q, sd = sqrt(DRAWS * 0.1 * 0.9);
    size_t kinds = 0;
    assert_ok(conformal_batch_monte_carlo(3, 2, remember, r, 0.1, DRAWS, 1, NULL, &q, err));
    for (size_t code = 0; code < 16; code++) {
        ck_assert((r->counts[code] > 0) == (code / 4 <= code % 4));
        kinds += r->counts[code] > 0;
        if (r->counts[code] > 0)
            ck_assert(fabs((double)r->counts[code] - DRAWS / 10.0) < 6.2 * sd);
    }
    ck_assert_uint_eq(kinds, 10);
    free(r);
}
END_TEST

START_TEST(draws_depend_on_their_seed_and_number_only)
{
    record *a = new_record(50), *b = new_record(50), *c = new_record(50);
    double q;
    size_t same = 0;
    assert_ok(conformal_batch_monte_carlo(50, 7, remember, a, 0.1, 300, 4, NULL, &q, err));
    assert_ok(conformal_batch_monte_carlo(50, 7, remember, b, 0.5, 900, 4, NULL, &q, err));
    assert_ok(conformal_batch_monte_carlo(50, 7, remember, c, 0.1, 300, 5, NULL, &q, err));
    for (size_t i = 0; i < 300; i++) {
        ck_assert(a->costs[i] == b->costs[i]);
        same += a->costs[i] == c->costs[i];
    }
    ck_assert_uint_le(same, 3);
    free(a);
    free(b);
    free(c);
}
END_TEST

/* ------------------------------------------------------------------ bounds */

/* (r_j - E R_j) / sd R_j, the largest of all j. */
typedef struct moments {
    double n, m;
} moments;

static double mean_of(const moments *s, size_t j)
{
    return 1 + (double)j * s->n / (s->m + 1);
}

static double sd_of(const moments *s, size_t j)
{
    double d = (double)j, m1 = s->m + 1;
    return sqrt(d * (m1 - d) * s->n * (s->n + m1) / (m1 * m1 * (s->m + 2)));
}

static double excess(void *user, const size_t *ranks, size_t m)
{
    double most = -HUGE_VAL;
    for (size_t j = 1; j <= m; j++)
        most = fmax(most, ((double)ranks[j - 1] - mean_of(user, j)) / sd_of(user, j));
    return most;
}

typedef struct statistic {
    size_t calls;
    bool sorted;
} statistic;

static double root_sum(void *user, const double *sorted, size_t m)
{
    statistic *s = user;
    double sum = 0;
    s->calls++;
    for (size_t j = 0; j < m; j++) {
        s->sorted = s->sorted && (j == 0 || sorted[j] >= sorted[j - 1]);
        sum += (double)(j + 1) * cbrt(sorted[j]);
    }
    return sum;
}

/* Which ranks the box allows at most: counted down. */
static size_t corner(const moments *s, size_t j, double q)
{
    size_t r = (size_t)s->n + 1;
    while (r > 1 && ((double)r - mean_of(s, j)) / sd_of(s, j) > q + 1e-9)
        r--;
    return r;
}

START_TEST(bounds_are_at_the_corners_of_the_drawn_box)
{
    uint64_t at = 0;
    for (int round = 0; round < 300; round++) {
        double scores[40], up[10], down[10], lower, upper, coverage, q;
        size_t n = 1 + draw_below(&at, 40), m = 1 + draw_below(&at, 10), k;
        size_t draws = 50 + draw_below(&at, 400), seed = (size_t)round;
        conformal_batch_side side = (conformal_batch_side)draw_below(&at, 3);
        double alpha = draw(&at), each = side == CONFORMAL_BATCH_BOTH ? alpha / 2 : alpha;
        double low = round % 3 ? -5 : -HUGE_VAL, high = round % 2 ? 5 : HUGE_VAL;
        moments s = {(double)n, (double)m};
        statistic asked = {0, true}, unused = {0, true};
        draw_scores(&at, n, round % 5 == 0, scores);
        assert_ok(conformal_batch_monte_carlo(n, m, excess, &s, each, draws, seed, NULL, &q,
                                              err));
        assert_ok(conformal_batch_monotone(scores, n, m, root_sum, &asked, alpha, side, low,
                                           high, draws, seed, NULL, &lower, &upper, &coverage,
                                           err));
        sort_numbers(scores, n);
        for (size_t j = 1; j <= m; j++) {
            k = corner(&s, j, q);
            up[j - 1] = k <= n ? scores[k - 1] : high;
            down[m - j] = k <= n ? scores[n - k] : low;
        }
        ck_assert(asked.sorted && asked.calls == (side == CONFORMAL_BATCH_BOTH ? 2 : 1));
        assert_close(upper,
                     side == CONFORMAL_BATCH_LOWER ? HUGE_VAL : root_sum(&unused, up, m), 0);
        assert_close(
            lower, side == CONFORMAL_BATCH_UPPER ? -HUGE_VAL : root_sum(&unused, down, m), 0);
        assert_ok(conformal_rank(draws, each, &k, err));
        double missed = 1 - (double)k / ((double)draws + 1);
        assert_near(coverage, 1 - (side == CONFORMAL_BATCH_BOTH ? 2 * missed : missed), 1e-14);
        ck_assert(coverage >= 1 - alpha - 1e-12);
    }
}
END_TEST

/* With ten thousand draws the quantile is near the exact one: all rank vectors say how often
 * the box holds (0.018 are 6 standard deviations of the simulated level at 0.1). */
START_TEST(the_box_covers_as_often_as_asked)
{
    static const double scores[] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (size_t m = 2; m <= 5; m++) {
        double lower, upper, held = 0, all = 0;
        size_t r[5];
        statistic s = {0, true};
        assert_ok(conformal_batch_monotone(scores, 8, m, root_sum, &s, 0.1,
                                           CONFORMAL_BATCH_UPPER, 0, 9, 0, 3, NULL, &lower,
                                           &upper, NULL, err));
        first_ranks(r, m);
        do {
            double t[5];
            for (size_t j = 0; j < m; j++)
                t[j] = (double)r[j]; /* at the top of its gap */
            held += root_sum(&s, t, m) <= upper;
            all++;
        } while (next_ranks(r, 8, m));
        ck_assert(held / all >= 0.9 - 0.018);
    }
}
END_TEST

START_TEST(too_few_draws_or_scores_give_the_whole_support)
{
    static const double scores[] = {1, 2, 3};
    statistic s = {0, true};
    double lower, upper, coverage;
    double whole = 3 * cbrt(-1) + 3 * cbrt(-1), most = 6 * cbrt(8);
    assert_ok(conformal_batch_monotone(scores, 3, 3, root_sum, &s, 0.1, CONFORMAL_BATCH_BOTH,
                                       -1, 8, 18, 1, NULL, &lower, &upper, &coverage, err));
    assert_close(lower, whole, 1e-15); /* 0.05 needs 19 draws */
    assert_close(upper, most, 1e-15);
    assert_close(coverage, 1, 0);
    assert_ok(conformal_batch_monotone(NULL, 0, 3, root_sum, &s, 0.1, CONFORMAL_BATCH_BOTH, -1,
                                       8, 99, 1, NULL, &lower, &upper, &coverage, err));
    assert_close(lower, whole, 1e-15);
    assert_close(upper, most, 1e-15);
    assert_ok(conformal_batch_monotone(scores, 3, 3, root_sum, &s, 0, CONFORMAL_BATCH_UPPER,
                                       -1, 8, 99, 1, NULL, &lower, &upper, &coverage, err));
    assert_close(upper, most, 1e-15);
    ck_assert(lower == -HUGE_VAL && coverage == 1);
}
END_TEST

/* ------------------------------------------------------------------ rejection */

START_TEST(rows_are_kept_by_their_uniform_number)
{
    static double weights[3000];
    static unsigned char keep[3000];
    uint64_t at = 2;
    size_t kept, count = 0, other = 0;
    double share = 0;
    for (size_t i = 0; i < 3000; i++) {
        weights[i] = i % 10 == 0 ? 0 : i % 10 == 1 ? 2.5 : 2.5 * draw(&at);
        share += weights[i] / 2.5;
    }
    assert_ok(conformal_batch_reject(weights, 3000, 2.5, 42, keep, &kept, err));
    for (size_t i = 0; i < 3000; i++) {
        double u = conformal_uniform(42, CONFORMAL_STREAM_REJECTION, i);
        ck_assert(keep[i] == (u <= weights[i] / 2.5));
        ck_assert(i % 10 > 1 || keep[i] == i % 10);
        count += keep[i];
    }
    ck_assert_uint_eq(kept, count);
    ck_assert(fabs((double)kept - share) < 6.2 * sqrt(3000 / 4.0));
    assert_ok(conformal_batch_reject(weights, 3000, 5, 43, keep, NULL, err));
    for (size_t i = 0; i < 3000; i++)
        other += keep[i];
    ck_assert(fabs((double)other - share / 2) < 6.2 * sqrt(3000 / 4.0));
    assert_ok(conformal_batch_reject(NULL, 0, 1, 1, NULL, &kept, err));
    ck_assert_uint_eq(kept, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("monotone");
    TCase *tc = tcase_create("monotone");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, quantiles_are_those_of_the_drawn_costs);
    tcase_add_test(tc, every_rank_vector_is_drawn_alike);
    tcase_add_test(tc, draws_depend_on_their_seed_and_number_only);
    tcase_add_test(tc, bounds_are_at_the_corners_of_the_drawn_box);
    tcase_add_test(tc, the_box_covers_as_often_as_asked);
    tcase_add_test(tc, too_few_draws_or_scores_give_the_whole_support);
    tcase_add_test(tc, rows_are_kept_by_their_uniform_number);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
