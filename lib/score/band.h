/* band.h - a predicted band, read the right way round.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_BAND_H
#define CF_BAND_H

#include <stddef.h>

#include "conformal/score.h"

/* Sorting the two ends is a fixed function of the row, done in calibration and prediction
 * alike: exchangeability, and with it the promise, is untouched. */
static inline void cf_band(const conformal_data *data, size_t i, double *low, double *high,
                           size_t *crossed)
{
    double a = data->lower[i], b = data->upper[i];
    int wrong = a > b;
    *crossed += (size_t)wrong;
    *low = wrong ? b : a;
    *high = wrong ? a : b;
}

#endif
