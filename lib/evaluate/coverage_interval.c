/* coverage_interval.c - the exact confidence interval of a proportion.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Clopper, Pearson (1934), Biometrika 26:404-413: the ends are Beta quantiles. Where they are
 * rounded the interval is at most a few units in the last place off. */
#include "base/check.h"
#include "base/error.h"
#include "base/special.h"
#include "conformal/evaluate.h"

conformal_status conformal_coverage_interval(size_t k, size_t n, double confidence,
                                             double *lower, double *upper,
                                             conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_count(n, "n", err)) != CONFORMAL_OK ||
        (status = cf_check_open_unit(confidence, "confidence", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(lower, "lower", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(upper, "upper", err)) != CONFORMAL_OK)
        return status;
    if (k > n)
        return cf_fail(err, CONFORMAL_EDOM, "k", CF_NO_INDEX, "k is %zu, more than n = %zu", k,
                       n);
    double tail = (1.0 - confidence) / 2.0, x = (double)k, rest = (double)(n - k);
    *lower = k == 0 ? 0.0 : cf_beta_quantile(x, rest + 1.0, tail);
    *upper = k == n ? 1.0 : cf_beta_quantile_upper(x + 1.0, rest, tail);
    return CONFORMAL_OK;
}
