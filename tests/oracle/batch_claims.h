/* batch_claims.h - expected numbers; made by make_batch.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The project's own specification of batch predictive inference, computed there in exact
 * rational arithmetic and by enumeration of all rank vectors. */
#ifndef ORACLE_BATCH_CLAIMS_H
#define ORACLE_BATCH_CLAIMS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const double claims_doubles_1[] = {
    0.5, 1.25, 2.0, 2.5, 3.0, 3.5, 4.0, 4.25, 5.0, 5.5, 6.0, 7.5,
};
static const unsigned char claims_unsigned_chars_2[] = {
    1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0,
};
static const double claims_doubles_3[] = {
    1.0, 3.25, 4.5, 4.75, 5.25, 6.5,
};
static const unsigned char claims_unsigned_chars_4[] = {
    0, 0, 0, 0, 1, 1,
};
static const unsigned char claims_unsigned_chars_5[] = {
    0, 0, 1, 1, 1, 1,
};

static const struct {
    size_t n, m, mistakes;
    double alpha;
    const double *prediction;
    const unsigned char *null;
    const double *batch;
    const unsigned char *claimed;
    size_t rank;
    double threshold, coverage;
} claims_selections[] = {
    {12, 6, 1, 0.2, claims_doubles_1, claims_unsigned_chars_2, claims_doubles_3,
     claims_unsigned_chars_4, 12, 5.0, 0.9019607843137255},
    {12, 6, 1, 0.1, claims_doubles_1, claims_unsigned_chars_2, claims_doubles_3,
     claims_unsigned_chars_4, 12, 5.0, 0.9019607843137255},
    {12, 6, 2, 0.1, claims_doubles_1, claims_unsigned_chars_2, claims_doubles_3,
     claims_unsigned_chars_5, 11, 4.0, 0.9166666666666666},
};

static const struct {
    size_t n, m, above;
    double alpha;
    size_t upper;
} claims_counts[] = {
    {12, 4, 3, 0.1, 3},
    {12, 5, 5, 0.2, 3},
    {12, 3, 0, 0.1, 1},
    {3, 6, 1, 0.2, 5},
    {7, 4, 2, 0.2, 2},
};
static const double claims_doubles_6[] = {
    0.25, 0.5, 0.8125, 1.0, 1.25, 1.625, 2.0, 2.75, 4.5,
};
static const double claims_doubles_7[] = {
    1.1, 2.5, 5.0,
};
static const double claims_doubles_8[] = {
    5.0, 6.0, 7.0,
};
static const double claims_doubles_9[] = {
    0.0625, 0.125, 0.1875, 0.25, 0.375, 0.4375, 0.5, 0.625, 0.6875, 0.8125, 0.875, 0.9375,
};
static const double claims_doubles_10[] = {
    0.3,
};
static const double claims_doubles_11[] = {
    1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 5.0,
};
static const double claims_doubles_12[] = {
    2.0, 2.0, 3.0,
};

static const struct {
    size_t n, m, rank;
    const double *scores, *batch;
    size_t observed;
    double p;
} claims_p_values[] = {
    {9, 3, 2, claims_doubles_6, claims_doubles_7, 8, 0.23636363636363636},
    {9, 3, 1, claims_doubles_6, claims_doubles_8, 10, 0.004545454545454545},
    {12, 1, 1, claims_doubles_9, claims_doubles_10, 5, 0.6923076923076923},
    {7, 3, 2, claims_doubles_11, claims_doubles_12, 3, 0.8166666666666667},
};

#endif
