/* check.c - argument checks shared by all public functions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/check.h"

#include <math.h>

#include "base/error.h"

conformal_status cf_check_pointer(const void *p, const char *argument,
                                  conformal_error *err)
{
    if (p != NULL)
        return CONFORMAL_OK;
    return cf_fail(err, CONFORMAL_EINVAL, argument, CF_NO_INDEX, "%s is NULL", argument);
}

conformal_status cf_check_array(const void *p, size_t n, const char *argument,
                                conformal_error *err)
{
    return n == 0 ? CONFORMAL_OK : cf_check_pointer(p, argument, err);
}

conformal_status cf_check_count(size_t n, const char *argument, conformal_error *err)
{
    if (n > 0)
        return CONFORMAL_OK;
    return cf_fail(err, CONFORMAL_EINVAL, argument, CF_NO_INDEX,
                   "%s must be at least 1", argument);
}

conformal_status cf_check_alpha(double alpha, conformal_error *err)
{
    if (alpha >= 0.0 && alpha <= 1.0) /* false for NaN */
        return CONFORMAL_OK;
    return cf_fail(err, CONFORMAL_EDOM, "alpha", CF_NO_INDEX,
                   "alpha must be between 0 and 1, not %s", CF_TEXT(alpha));
}

conformal_status cf_check_open_unit(double p, const char *argument, conformal_error *err)
{
    if (p > 0.0 && p < 1.0) /* false for NaN */
        return CONFORMAL_OK;
    return cf_fail(err, CONFORMAL_EDOM, argument, CF_NO_INDEX,
                   "%s must be between 0 and 1, both excluded, not %s", argument, CF_TEXT(p));
}

conformal_status cf_check_numbers(const double *x, size_t n, const char *argument,
                                  conformal_error *err)
{
    conformal_status status = cf_check_array(x, n, argument, err);
    if (status != CONFORMAL_OK)
        return status;
    size_t nans = 0; /* counted first: the usual case has none, and vectorises */
    for (size_t i = 0; i < n; i++)
        nans += x[i] != x[i];
    if (nans == 0)
        return CONFORMAL_OK;
    for (size_t i = 0; i < n; i++)
        if (isnan(x[i]))
            return cf_fail(err, CONFORMAL_ENAN, argument, i, "element %zu of %s is NaN", i,
                           argument);
    return CONFORMAL_OK;
}

conformal_status cf_check_groups(const int32_t *groups, size_t n, size_t n_groups,
                                 conformal_error *err)
{
    conformal_status status = cf_check_array(groups, n, "groups", err);
    if (status != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        if (groups[i] < 0 || (size_t)groups[i] >= n_groups)
            return cf_fail(err, CONFORMAL_EDOM, "groups", i,
                           "group %ld of row %zu is not in 0..%zu", (long)groups[i], i,
                           n_groups - 1);
    return CONFORMAL_OK;
}
