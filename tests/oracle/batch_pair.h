/* batch_pair.h - expected numbers; made by make_batch.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The project's own specification of batch predictive inference, computed there in exact
 * rational arithmetic and by enumeration of all rank vectors. */
#ifndef ORACLE_BATCH_PAIR_H
#define ORACLE_BATCH_PAIR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const double pair_doubles_1[] = {
    0.0625, 0.125, 0.1875, 0.25, 0.375, 0.4375, 0.5, 0.625, 0.6875, 0.8125, 0.875, 0.9375,
};
static const double pair_doubles_2[] = {
    0.25, 0.5, 0.8125, 1.0, 1.25, 1.625, 2.0, 2.75, 4.5,
};

static const struct {
    const char *id;
    size_t n, m, first, second;
    double alpha;
    int region;
    const double *scores;
    size_t p, q;
    double coverage, lower, upper;
} pair_cases[] = {
    {"two_quantile_shortest-097", 12, 4, 1, 4, 0.2, 1, pair_doubles_1, 0, 13, 1.0, -HUGE_VAL,
     HUGE_VAL},
    {"two_quantile_equal-098", 12, 4, 1, 4, 0.5, 0, pair_doubles_1, 1, 12, 0.55, 0.0625,
     0.9375},
    {"two_quantile_shortest-099", 12, 4, 1, 4, 0.5, 1, pair_doubles_1, 1, 12, 0.55, 0.0625,
     0.9375},
    {"two_quantile_shortest-101", 12, 5, 2, 4, 0.2, 1, pair_doubles_1, 1, 12,
     0.8550420168067226, 0.0625, 0.9375},
    {"two_quantile_equal-102", 9, 3, 1, 3, 0.3333333333333333, 0, pair_doubles_2, 0, 10, 1.0,
     -HUGE_VAL, HUGE_VAL},
    {"two_quantile_shortest-103", 9, 3, 1, 3, 0.3333333333333333, 1, pair_doubles_2, 0, 10,
     1.0, -HUGE_VAL, HUGE_VAL},
    {"two_quantile_shortest-105", 12, 4, 2, 3, 0.1, 1, pair_doubles_1, 1, 12,
     0.9005494505494506, 0.0625, 0.9375},
    {"two_quantile_equal-106", 12, 3, 1, 3, 0.4, 0, pair_doubles_1, 1, 12,
     0.6285714285714286, 0.0625, 0.9375},
    {"two_quantile_shortest-107", 12, 3, 1, 3, 0.4, 1, pair_doubles_1, 1, 12,
     0.6285714285714286, 0.0625, 0.9375},
    {"two_quantile_shortest-109", 50, 10, 2, 8, 0.1, 1, NULL, 1, 47, 0.922947035945062,
     -HUGE_VAL, HUGE_VAL},
    {"two_quantile_widen-110", 50, 10, 2, 8, 0.1, 2, NULL, 2, 48, 0.9029842305533159,
     -HUGE_VAL, HUGE_VAL},
    {"two_quantile_equal-111", 200, 40, 10, 30, 0.1, 0, NULL, 27, 170, 0.9003298860730994,
     -HUGE_VAL, HUGE_VAL},
    {"two_quantile_widen-113", 200, 40, 10, 30, 0.1, 2, NULL, 28, 172, 0.9057692750933986,
     -HUGE_VAL, HUGE_VAL},
    {"two_quantile_equal-114", 200, 40, 10, 30, 0.05, 0, NULL, 23, 174, 0.9551361386912838,
     -HUGE_VAL, HUGE_VAL},
    {"two_quantile_shortest-115", 200, 40, 10, 30, 0.05, 1, NULL, 23, 174,
     0.9551361386912838, -HUGE_VAL, HUGE_VAL},
    {"two_quantile_equal-117", 100, 20, 5, 15, 0.1, 0, NULL, 9, 88, 0.9096310195315247,
     -HUGE_VAL, HUGE_VAL},
    {"two_quantile_shortest-118", 100, 20, 5, 15, 0.1, 1, NULL, 9, 88, 0.9096310195315247,
     -HUGE_VAL, HUGE_VAL},
    {"two_quantile_widen-119", 100, 20, 5, 15, 0.1, 2, NULL, 10, 90, 0.9163913079878683,
     -HUGE_VAL, HUGE_VAL},
};

static const struct {
    size_t n, m, first, second, p, q;
    double coverage;
} pair_coverages[] = {
    {20, 8, 2, 6, 3, 17, 0.5148069321982366},
    {200, 40, 10, 30, 35, 165, 0.7339666714750716},
    {5, 3, 1, 2, 0, 6, 1.0},
};

#endif
