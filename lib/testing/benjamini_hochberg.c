/* benjamini_hochberg.c - which of many hypotheses to reject.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Benjamini, Hochberg (1995), J. R. Stat. Soc. B 57:289-300: reject the k smallest p-values,
 * k the largest with p_(k) <= k alpha / n. */
#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/select.h"
#include "conformal/testing.h"

conformal_status conformal_benjamini_hochberg(const double *p_values, size_t n, double alpha,
                                              const conformal_allocator *allocator,
                                              unsigned char *rejected, size_t *n_rejected,
                                              conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_numbers(p_values, n, "p_values", err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_array(rejected, n, "rejected", err)) != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        if (!(p_values[i] >= 0.0 && p_values[i] <= 1.0))
            return cf_fail(err, CONFORMAL_EDOM, "p_values", i, "p-value %zu is %s, not in 0..1",
                           i, CF_TEXT(p_values[i]));
    size_t *order = cf_alloc(allocator, n, sizeof *order), count = 0;
    if (order == NULL)
        return cf_fail_memory(err, n, "indices");
    if ((status = cf_sort_order(p_values, n, order, allocator, err)) == CONFORMAL_OK) {
        for (size_t k = 1; k <= n; k++)
            if (p_values[order[k - 1]] <= alpha * (double)k / (double)n * (1.0 + 1e-12))
                count = k;
        for (size_t k = 0; k < n; k++)
            rejected[order[k]] = k < count;
        if (n_rejected != NULL)
            *n_rejected = count;
    }
    cf_free(allocator, order);
    return status;
}
