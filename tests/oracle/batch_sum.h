/* batch_sum.h - expected numbers; made by make_batch.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The project's own specification of batch predictive inference, computed there in exact
 * rational arithmetic and by enumeration of all rank vectors. */
#ifndef ORACLE_BATCH_SUM_H
#define ORACLE_BATCH_SUM_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const double sum_doubles_1[] = {
    0.25, 0.5, 0.8125, 1.0, 1.25, 1.625, 2.0, 2.75, 4.5,
};
static const double sum_doubles_2[] = {
    0.125, 0.25, 0.4375, 0.5, 0.75, 0.9375,
};
static const double sum_doubles_3[] = {
    0.0625, 0.125, 0.1875, 0.25, 0.375, 0.4375, 0.5, 0.625, 0.6875, 0.8125, 0.875, 0.9375,
};
static const double sum_doubles_4[] = {
    0.25, 0.5, 0.8125, 1.0, 1.25, 1.625, 2.0, 2.75,
};
static const double sum_doubles_5[] = {
    1.0, 2.0, 4.0,
};
static const double sum_doubles_6[] = {
    1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 5.0,
};
static const int32_t sum_int32_ts_7[] = {
    1, 2, 4, 5, 8, 12, 20,
};
static const double sum_doubles_8[] = {
    0.5, 0.125, 0.9375, 0.25, 0.75, 0.4375, 0.3125, 0.625, 0.0625, 0.875, 0.1875, 0.6875,
};

static const struct {
    const char *id;
    size_t n, m;
    int upper;
    double alpha;
    const double *scores;
    const int32_t *costs;
    size_t cap;
    double low, high;
    int64_t budget;
    double coverage, bound, hull;
} sum_means[] = {
    {"mean_lower-057", 9, 1, 0, 0.1, sum_doubles_1, NULL, 10, -HUGE_VAL, HUGE_VAL, 9, 0.9,
     0.25, HUGE_VAL},
    {"mean_upper-058", 6, 3, 1, 0.2, sum_doubles_2, NULL, 7, -HUGE_VAL, 1.0, 15,
     0.8095238095238095, 0.7708333333333334, 0.775},
    {"mean_lower-059", 6, 3, 0, 0.2, sum_doubles_2, NULL, 7, 0.0, HUGE_VAL, 15,
     0.8095238095238095, 0.25, HUGE_VAL},
    {"mean_lower-061", 6, 3, 0, 0.1, sum_doubles_2, NULL, 7, 0.0, HUGE_VAL, 17,
     0.9166666666666666, 0.16666666666666666, HUGE_VAL},
    {"mean_upper-062", 6, 4, 1, 0.3333333333333333, sum_doubles_2, NULL, 7, -HUGE_VAL, 1.0,
     18, 0.6952380952380952, 0.6875, 0.69375},
    {"mean_lower-063", 6, 4, 0, 0.3333333333333333, sum_doubles_2, NULL, 7, 0.0, HUGE_VAL,
     18, 0.6952380952380952, 0.3125, HUGE_VAL},
    {"mean_lower-065", 12, 4, 0, 0.1, sum_doubles_3, NULL, 13, 0.0, HUGE_VAL, 39,
     0.9148351648351648, 0.203125, HUGE_VAL},
    {"mean_upper-066", 12, 3, 1, 0.05, sum_doubles_3, NULL, 13, -HUGE_VAL, 1.0, 33,
     0.9648351648351648, 0.875, 0.875},
    {"mean_lower-067", 12, 3, 0, 0.05, sum_doubles_3, NULL, 13, 0.0, HUGE_VAL, 33,
     0.9648351648351648, 0.125, HUGE_VAL},
    {"mean_lower-069", 12, 5, 0, 0.2, sum_doubles_3, NULL, 13, 0.0, HUGE_VAL, 43,
     0.8086619263089851, 0.2875, HUGE_VAL},
    {"mean_upper-070", 8, 3, 1, 0.3, sum_doubles_4, NULL, 8, -HUGE_VAL, HUGE_VAL, 21,
     0.703030303030303, 2.25, 2.392857142857143},
    {"mean_lower-071", 8, 3, 0, 0.3, sum_doubles_4, NULL, 8, -HUGE_VAL, HUGE_VAL, 21,
     0.703030303030303, 0.5, HUGE_VAL},
    {"mean_lower-073", 8, 2, 0, 0.2, sum_doubles_4, NULL, 8, -HUGE_VAL, HUGE_VAL, 16, 0.8,
     0.25, HUGE_VAL},
    {"mean_upper-074", 8, 2, 1, 0.19, sum_doubles_4, NULL, 8, -HUGE_VAL, HUGE_VAL, -1, 0.8,
     HUGE_VAL, HUGE_VAL},
    {"mean_lower-075", 8, 2, 0, 0.19, sum_doubles_4, NULL, 8, -HUGE_VAL, HUGE_VAL, -1, 0.8,
     -HUGE_VAL, HUGE_VAL},
    {"mean_lower-077", 3, 5, 0, 0.7, sum_doubles_5, NULL, 4, 0.0, HUGE_VAL, 11,
     0.39285714285714285, 1.8, HUGE_VAL},
    {"mean_upper-078", 3, 5, 1, 0.1, sum_doubles_5, NULL, 4, -HUGE_VAL, 8.0, 17,
     0.9285714285714286, 6.6, 6.6},
    {"mean_lower-079", 3, 5, 0, 0.1, sum_doubles_5, NULL, 4, 0.0, HUGE_VAL, 17,
     0.9285714285714286, 0.6, HUGE_VAL},
    {"mean_lower-081", 7, 3, 0, 0.25, sum_doubles_6, NULL, 8, 0.0, HUGE_VAL, 17,
     0.8083333333333333, 1.0, HUGE_VAL},
    {"mean_upper-082", 6, 3, 1, 0.2, sum_doubles_2, sum_int32_ts_7, 7, -HUGE_VAL, 1.0, 32,
     0.8095238095238095, 0.875, 0.875},
    {"mean_lower-083", 6, 3, 0, 0.2, sum_doubles_2, sum_int32_ts_7, 7, 0.0, HUGE_VAL, 49,
     0.8333333333333334, 0.20833333333333334, HUGE_VAL},
    {"mean_lower-085", 6, 3, 0, 0.2, sum_doubles_2, sum_int32_ts_7, 6, -HUGE_VAL, HUGE_VAL,
     -1, 0.6666666666666666, -HUGE_VAL, HUGE_VAL},
    {"mean_upper-086", 12, 3, 1, 0.1, sum_doubles_3, NULL, 12, -HUGE_VAL, 1.0, -1, 0.8, 1.0,
     1.0},
    {"mean_lower-087", 12, 3, 0, 0.1, sum_doubles_3, NULL, 12, 0.0, HUGE_VAL, -1, 0.8, 0.0,
     HUGE_VAL},
    {"mean_lower-089", 12, 4, 0, 0.25, sum_doubles_3, NULL, 11, -HUGE_VAL, HUGE_VAL, -1,
     0.55, -HUGE_VAL, HUGE_VAL},
    {"mean_upper-145", 12, 2, 1, 0.2, sum_doubles_8, NULL, 13, -HUGE_VAL, 1.0, 19,
     0.8241758241758241, 0.75, 0.753125},
    {"mean_upper-150", 12, 3, 1, 0.2, sum_doubles_8, NULL, 13, -HUGE_VAL, 1.0, 27,
     0.8175824175824176, 0.7083333333333334, 0.7125},
    {"mean_upper-155", 12, 3, 1, 0.1, sum_doubles_8, NULL, 13, -HUGE_VAL, 1.0, 30,
     0.9098901098901099, 0.7916666666666666, 0.7937499999999998},
};
static const double sum_doubles_9[] = {
    0, 1, 1, 1, 0,
};
static const double sum_doubles_10[] = {
    1, 1, 1, 0, 0,
};
static const double sum_doubles_11[] = {
    0, 1, 1, 0,
};
static const double sum_doubles_12[] = {
    0, 0, 1, 1,
};

static const struct {
    const char *id;
    size_t n, m, kept;
    const double *coefficients;
    double alpha;
    const double *scores;
    double high;
    int64_t budget;
    double coverage, bound;
} sum_linear[] = {
    {"l_stat_upper-090", 6, 5, 3, sum_doubles_9, 0.2, sum_doubles_2, 1.0, 16,
     0.854978354978355, 0.8125},
    {"l_stat_upper-091", 6, 5, 3, sum_doubles_10, 0.1, sum_doubles_2, 1.0, 14,
     0.9134199134199135, 0.7083333333333334},
    {"l_stat_upper-093", 12, 4, 2, sum_doubles_11, 0.1, sum_doubles_3, 1.0, 21,
     0.9153846153846154, 0.84375},
    {"l_stat_upper-094", 7, 5, 3, sum_doubles_9, 0.2, sum_doubles_6, 6.0, 18,
     0.8560606060606061, 4.333333333333333},
    {"l_stat_upper-095", 8, 4, 2, sum_doubles_12, 0.2, sum_doubles_4, 8.0, 16,
     0.8363636363636363, 5.0},
};
static const size_t sum_size_ts_13[] = {
    4, 3,
};
static const size_t sum_size_ts_14[] = {
    2, 3,
};
static const double sum_doubles_15[] = {
    0.125, 0.375, 0.5, 0.875, 0.25, 0.5625, 0.6875,
};
static const int32_t sum_int32_ts_16[] = {
    0, 0, 0, 0, 1, 1, 1,
};

static const struct {
    const size_t *n, *m;
    size_t n_strata, n_all;
    const double *scores;
    const int32_t *strata;
    double high, alpha;
    int64_t budget;
    double coverage, bound;
} sum_strata[] = {
    {sum_size_ts_13, sum_size_ts_14, 2, 7, sum_doubles_15, sum_int32_ts_16, 1.0, 0.1, 18,
     0.9433333333333334, 0.8625},
};

#endif
