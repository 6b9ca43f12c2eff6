/* lbfgs.h - the minimum of a smooth convex function of many variables.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limited-memory BFGS: J. Nocedal (1980), Math. Comp. 35:773. */
#ifndef CF_PURSUIT_LBFGS_H
#define CF_PURSUIT_LBFGS_H

#include <stddef.h>

#include "conformal/array.h"
#include "conformal/error.h"

/* The value at x, and its gradient (n numbers); finite wherever x is. */
typedef double cf_lbfgs_function(void *context, const double *x, double *gradient);

/* cf_lbfgs - from x downhill, until the Euclidean norm of the gradient is at most tolerance
 *
 *   x             in: where to begin; out: the minimum. Untouched on failure
 *   most_steps    at the most; with those, or where rounding lets no step descend, x is the best
 *                 point so far
 *   norm          out: the gradient's norm there; may be NULL
 *
 * Same bits for the same f. Errors: ENOMEM. Room: 21 n numbers. */
conformal_status cf_lbfgs(cf_lbfgs_function *f, void *context, double *x, size_t n,
                          double tolerance, size_t most_steps,
                          const conformal_allocator *allocator, double *norm,
                          conformal_error *err);

#endif
