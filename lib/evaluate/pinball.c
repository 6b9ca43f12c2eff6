/* pinball.c - the loss whose minimiser is the tau-quantile.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Koenker, Bassett (1978), Econometrica 46:33-50: max(tau (y - q), (tau - 1)(y - q)). */
#include <math.h>

#include "base/check.h"
#include "base/error.h"
#include "base/sum.h"
#include "conformal/evaluate.h"

conformal_status conformal_pinball(const double *y, const double *q, size_t n, double tau,
                                   double *loss, conformal_error *err)
{
    conformal_status status;
    cf_sum sum = CF_SUM_ZERO;
    if ((status = cf_check_numbers(y, n, "y", err)) != CONFORMAL_OK ||
        (status = cf_check_numbers(q, n, "q", err)) != CONFORMAL_OK ||
        (status = cf_check_count(n, "n", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(loss, "loss", err)) != CONFORMAL_OK)
        return status;
    if (!(tau >= 0.0 && tau <= 1.0))
        return cf_fail(err, CONFORMAL_EDOM, "tau", CF_NO_INDEX,
                       "tau must be between 0 and 1, not %s", CF_TEXT(tau));
    for (size_t i = 0; i < n; i++) {
        if (isinf(y[i]) || isinf(q[i])) {
            return cf_fail(err, CONFORMAL_EDOM, isinf(y[i]) ? "y" : "q", i,
                           "row %zu is infinite; the pinball loss needs finite numbers", i);
        }
        double over = y[i] - q[i];
        cf_sum_add(&sum, fmax(tau * over, (tau - 1.0) * over));
    }
    *loss = cf_sum_value(&sum) / (double)n;
    return CONFORMAL_OK;
}
