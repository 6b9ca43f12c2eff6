/* reject.c - calibration rows as if they came from the batch's population.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * von Neumann (1951), Various techniques used in connection with random digits. */
#include <math.h>

#include "base/check.h"
#include "base/error.h"
#include "conformal/batch.h"
#include "conformal/random.h"

conformal_status conformal_batch_reject(const double *weights, size_t n, double most,
                                        uint64_t seed, unsigned char *keep, size_t *kept,
                                        conformal_error *err)
{
    conformal_status status;
    size_t count = 0;
    if ((status = cf_check_numbers(weights, n, "weights", err)) != CONFORMAL_OK ||
        (status = cf_check_array(keep, n, "keep", err)) != CONFORMAL_OK)
        return status;
    if (!(most > 0.0 && most < HUGE_VAL))
        return cf_fail(err, CONFORMAL_EDOM, "most", CF_NO_INDEX,
                       "the largest weight must be positive and finite, not %s",
                       CF_TEXT(most));
    for (size_t i = 0; i < n; i++)
        if (!(weights[i] >= 0.0 && weights[i] <= most))
            return cf_fail(err, CONFORMAL_EDOM, "weights", i, "weight %zu is %s, not in 0..%s", i,
                           CF_TEXT(weights[i]), CF_TEXT(most));
    for (size_t i = 0; i < n; i++) {
        double u = conformal_uniform(seed, CONFORMAL_STREAM_REJECTION, i);
        keep[i] = u <= weights[i] / most;
        count += keep[i];
    }
    if (kept != NULL)
        *kept = count;
    return CONFORMAL_OK;
}
