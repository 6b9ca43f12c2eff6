/* batch_exchange.h - expected numbers; made by make_batch.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The project's own specification of batch predictive inference, computed there in exact
 * rational arithmetic and by enumeration of all rank vectors. */
#ifndef ORACLE_BATCH_EXCHANGE_H
#define ORACLE_BATCH_EXCHANGE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const double exchange_doubles_1[] = {
    0.0625, 0.125, 0.1875, 0.25, 0.375, 0.4375, 0.5625, 0.625, 0.75, 0.875, 0.9375,
};
static const double exchange_doubles_2[] = {
    1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0,
};
static const double exchange_doubles_3[] = {
    0.0625, 0.08838834764831845, 0.125, 0.1767766952966369, 0.25, 0.3535533905932738, 0.5,
    0.7071067811865476, 1.0, 1.4142135623730951, 2.0,
};
static const int32_t exchange_int32_ts_4[] = {
    16, 23, 32, 45, 64, 91, 128, 181, 256,
};

static const struct {
    const char *name;
    int kind, upper;
    double value;
    const double *pool;
    size_t size, m;
    double alpha;
    const int32_t *costs;
    size_t covered, total;
} exchange_pools[] = {
    {"order_stat z=1 no ties", 0, 1, 1, exchange_doubles_1, 11, 3, 0.1, NULL, 155, 165},
    {"order_stat z=2 no ties", 0, 1, 2, exchange_doubles_1, 11, 3, 0.1, NULL, 156, 165},
    {"order_stat z=3 no ties", 0, 1, 3, exchange_doubles_1, 11, 3, 0.1, NULL, 165, 165},
    {"order_stat lower z=2 ties", 0, 0, 2, exchange_doubles_2, 10, 3, 0.1, NULL, 119, 120},
    {"mean hi=1", 1, 1, 1, exchange_doubles_1, 11, 3, 0.1, NULL, 159, 165},
    {"mean lower lo=0", 1, 0, 0, exchange_doubles_1, 11, 3, 0.1, NULL, 157, 165},
    {"mean hi=2 convex, phi~2^(k/2)", 1, 1, 2, exchange_doubles_3, 11, 3, 0.1,
     exchange_int32_ts_4, 155, 165},
    {"mean ties hi=6", 1, 1, 6, exchange_doubles_2, 10, 3, 0.1, NULL, 120, 120},
    {"count above 0.5", 2, 1, 0.5, exchange_doubles_1, 11, 3, 0.1, NULL, 155, 165},
    {"count above 2 ties m=4", 2, 1, 2, exchange_doubles_2, 10, 4, 0.1, NULL, 205, 210},
    {"order_stat z=1 no ties", 0, 1, 1, exchange_doubles_1, 11, 3, 0.2, NULL, 145, 165},
    {"order_stat z=2 no ties", 0, 1, 2, exchange_doubles_1, 11, 3, 0.2, NULL, 140, 165},
    {"order_stat z=2 ties", 0, 1, 2, exchange_doubles_2, 10, 3, 0.2, NULL, 112, 120},
    {"order_stat lower z=2 ties", 0, 0, 2, exchange_doubles_2, 10, 3, 0.2, NULL, 98, 120},
    {"mean hi=1", 1, 1, 1, exchange_doubles_1, 11, 3, 0.2, NULL, 154, 165},
    {"mean hi=2 convex", 1, 1, 2, exchange_doubles_3, 11, 3, 0.2, NULL, 163, 165},
    {"mean hi=2 convex, phi~2^(k/2)", 1, 1, 2, exchange_doubles_3, 11, 3, 0.2,
     exchange_int32_ts_4, 146, 165},
    {"mean ties hi=6", 1, 1, 6, exchange_doubles_2, 10, 3, 0.2, NULL, 120, 120},
    {"count above 0.8 m=5", 2, 1, 0.8, exchange_doubles_1, 11, 5, 0.2, NULL, 378, 462},
    {"count above 2 ties m=4", 2, 1, 2, exchange_doubles_2, 10, 4, 0.2, NULL, 205, 210},
    {"order_stat z=1 no ties", 0, 1, 1, exchange_doubles_1, 11, 3, 0.3333333333333333, NULL,
     130, 165},
    {"order_stat z=3 no ties", 0, 1, 3, exchange_doubles_1, 11, 3, 0.3333333333333333, NULL,
     120, 165},
    {"order_stat z=2 ties", 0, 1, 2, exchange_doubles_2, 10, 3, 0.3333333333333333, NULL,
     105, 120},
    {"order_stat lower z=2 ties", 0, 0, 2, exchange_doubles_2, 10, 3, 0.3333333333333333,
     NULL, 95, 120},
    {"mean lower lo=0", 1, 0, 0, exchange_doubles_1, 11, 3, 0.3333333333333333, NULL, 135,
     165},
    {"mean hi=2 convex", 1, 1, 2, exchange_doubles_3, 11, 3, 0.3333333333333333, NULL, 147,
     165},
    {"mean hi=2 convex, phi~2^(k/2)", 1, 1, 2, exchange_doubles_3, 11, 3, 0.3333333333333333,
     exchange_int32_ts_4, 131, 165},
    {"count above 0.5", 2, 1, 0.5, exchange_doubles_1, 11, 3, 0.3333333333333333, NULL, 155,
     165},
    {"count above 0.8 m=5", 2, 1, 0.8, exchange_doubles_1, 11, 5, 0.3333333333333333, NULL,
     378, 462},
    {"count above 2 ties m=4", 2, 1, 2, exchange_doubles_2, 10, 4, 0.3333333333333333, NULL,
     155, 210},
};

static const struct {
    size_t n, m, first, second, p, q;
    double alpha, exact;
} exchange_two_sided[] = {
    {200, 40, 20, 20, 65, 132, 0.05, 0.953463},
    {200, 40, 20, 20, 70, 127, 0.1, 0.907329},
    {200, 40, 20, 20, 76, 120, 0.2, 0.802629},
    {200, 40, 10, 30, 23, 174, 0.05, 0.955136},
    {200, 40, 10, 30, 27, 170, 0.1, 0.90033},
    {200, 40, 10, 30, 31, 166, 0.2, 0.811783},
};

static const struct {
    size_t n, m, rank;
    int split;
    size_t bound;
    double alpha, exact;
} exchange_one_sided[] = {
    {200, 100, 90, 0, 194, 0.01, 0.993505},
    {200, 100, 90, 0, 190, 0.05, 0.950684},
    {200, 100, 90, 0, 188, 0.1, 0.902043},
    {200, 100, 90, 1, 181, 0.1, 0.587562},
};

static const struct {
    size_t n, m, mistakes, rank;
    double alpha, exact;
} exchange_claims[] = {
    {1000, 100, 0, 1000, 0.1, 0.909091},
    {1000, 100, 2, 991, 0.1, 0.912345},
    {1000, 100, 4, 978, 0.1, 0.9095},
    {1000, 100, 6, 963, 0.1, 0.903737},
    {1000, 100, 8, 948, 0.1, 0.9068},
    {1000, 100, 10, 932, 0.1, 0.90648},
};

#endif
