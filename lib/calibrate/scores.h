/* scores.h - what the calibration methods share: checks, order statistics.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_SCORES_H
#define CF_SCORES_H

#include <stddef.h>

#include "conformal/array.h"
#include "conformal/error.h"

/* n scores, none NaN: "score 2 is NaN". */
conformal_status cf_check_scores(const double *scores, size_t n, conformal_error *err);
conformal_status cf_check_alphas(const double *alphas, size_t n_alphas, conformal_error *err);

/* -inf for rank 0, +inf for a rank above n; 0 for any other. */
double cf_order_statistic_limit(size_t n, size_t rank);

/* The order statistics of ranks 0..n+1; 0 and n + 1 are -inf and +inf. ENOMEM; ENAN, as
 * cf_check_scores() says it. */
conformal_status cf_order_statistics(const double *scores, size_t n, const size_t *ranks,
                                     size_t n_ranks, const conformal_allocator *allocator,
                                     double *values, conformal_error *err);

#endif
