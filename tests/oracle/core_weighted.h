/* core_weighted.h - expected numbers; made by make_core.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From 05_weighted_local.json, cases covshift, equal_weights_equals_split:
 * the project's own specification, computed there with exact or independent code. */
#ifndef ORACLE_CORE_WEIGHTED_H
#define ORACLE_CORE_WEIGHTED_H

#include <math.h>

/* covshift: weighted.covariate_shift; w_test=50 -> inf; w_test=0 legal */
static const double covshift_tol = 1e-12;
static const double covshift_alpha[] = {
    0.1,
};
static const double covshift_score_cal[] = {
    1.532, 0.189, 0.687, 0.262, 0.952, 1.406, 0.413, 0.892, 0.797, 1.186, 0.449, 0.082, 1.548,
    1.195, 0.165, 1.29, 0.03, 0.919, 0.316,
};
static const double covshift_w_cal[] = {
    0.506, 0.895, 0.981, 0.563, 1.134, 1.346, 1.623, 2.135, 0.836, 2.434, 1.261, 1.793, 0.432,
    0.903, 1.072, 1.19, 0.569, 1.417, 2.136,
};
static const double covshift_w_test[] = {
    0.2, 1.0, 5.0, 50.0, 0.0,
};
static const double covshift_want_q[] = {
    1.406, 1.406, HUGE_VAL, HUGE_VAL, 1.29,
};

/* equal_weights_equals_split: weighted.covariate_shift */
static const double equal_weights_equals_split_tol = 1e-12;
static const double equal_weights_equals_split_alpha[] = {
    0.05, 0.1, 0.3, 0.5,
};
static const double equal_weights_equals_split_score_cal[] = {
    1.532, 0.189, 0.687, 0.262, 0.952, 1.406, 0.413, 0.892, 0.797, 1.186, 0.449, 0.082, 1.548,
    1.195, 0.165, 1.29, 0.03, 0.919, 0.316,
};
static const double equal_weights_equals_split_w_cal[] = {
    3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7,
    3.7,
};
static const double equal_weights_equals_split_w_test[] = {
    3.7,
};
static const double equal_weights_equals_split_want_q[] = {
    1.548, 1.532, 1.186, 0.797,
};

#endif
