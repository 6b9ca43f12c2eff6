/* level.h - what all batch statements check: sizes, and whether a level is met.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_BATCH_LEVEL_H
#define CF_BATCH_LEVEL_H

#include <stdbool.h>
#include <stddef.h>

#include "conformal/error.h"

/* A probability `miss` meets the level alpha, the decimal that it was written as. */
static inline bool cf_meets(double miss, double alpha)
{
    return miss <= alpha * (1.0 + 1e-12);
}

/* Sizes up to which whole numbers are exact in the recursions. */
#define CF_BATCH_MOST ((size_t)1 << 51)

/* m >= 1, and neither n nor m too large. */
conformal_status cf_check_batch(size_t n, size_t m, conformal_error *err);

#endif
