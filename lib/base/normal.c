/* normal.c - the normal law, by GSL with its arguments checked first.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/special.h"

double cf_normal_quantile(double p)
{
    if (!(p > 0.0 && p < 1.0))
        return p >= 1.0 ? HUGE_VAL : p <= 0.0 ? -HUGE_VAL : p;
    return gsl_cdf_ugaussian_Pinv(p);
}

double cf_normal_cdf(double z)
{
    return isnan(z) ? z : gsl_cdf_ugaussian_P(z);
}
