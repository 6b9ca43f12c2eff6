/* predict.h - from thresholds to prediction intervals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_PREDICT_H
#define CONFORMAL_PREDICT_H

#include <stddef.h>

#include "conformal/array.h"
#include "conformal/calibrate.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* What happened on the way; counts of rows. */
typedef struct conformal_predict_counts {
    size_t infinite; /* an end of the interval that the score bounds is infinite */
    size_t empty;    /* lower > upper: the set is empty, on purpose */
    size_t unseen;   /* group never seen in calibration: infinite */
    size_t crossed;  /* lower and upper prediction columns crossed, read the other way round */
} conformal_predict_counts;

/* conformal_predict - the prediction intervals of n rows at one level
 *
 *   data         the score's columns (y is not read); with a grouped calibrator, group
 *                codes of conformal_calibrator_group_code(), < 0 for an unseen group
 *   alpha_index  which of the calibrator's levels
 *   lower, upper out: n interval ends each, closed; may not overlap the inputs
 *   counts       added to (not reset); may be NULL
 *
 * R1. Every rounding is outwards: lower is rounded down, upper up.
 * R2. lower > upper means the empty set; ends are never swapped nor collapsed.
 * R3. An infinite threshold gives (-inf, inf) whatever the row; a threshold of -inf
 *     (alpha = 1) the empty set (inf, -inf). A one-sided score has its other end infinite.
 * Errors: those of conformal_score_rows() for the test columns, EINVAL. O(n), no allocation.
 * Safe on several threads at once for different rows. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_predict(const conformal_calibrator *c, size_t alpha_index,
                  const conformal_data *data, double *lower, double *upper,
                  conformal_predict_counts *counts, conformal_error *err);

CONFORMAL_END_DECLS

#endif
