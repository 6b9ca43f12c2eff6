/* testing.h - many hypotheses at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_TESTING_H
#define CONFORMAL_TESTING_H

#include <stddef.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* conformal_benjamini_hochberg - which of n hypotheses to reject
 *
 *   p_values    n p-values in 0..1
 *   alpha       the false discovery rate that is controlled, for independent p-values and for
 *               those that are positively regression dependent on the true hypotheses
 *   rejected    out: n flags, 1 or 0
 *   n_rejected  out: how many; may be NULL
 *
 * A product alpha k / n within 1e-12 of a p-value counts as reached. Errors: EINVAL, EDOM,
 * ENAN, ENOMEM. O(n log n). Benjamini, Hochberg (1995), J. R. Stat. Soc. B 57:289-300. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_benjamini_hochberg(const double *p_values, size_t n, double alpha,
                             const conformal_allocator *allocator, unsigned char *rejected,
                             size_t *n_rejected, conformal_error *err);

CONFORMAL_END_DECLS

#endif
