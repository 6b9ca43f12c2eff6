/* pvalue.c - is a batch larger than calibration?
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lee, Dobriban, Tchetgen Tchetgen (2025), arXiv:2505.13769. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/select.h"
#include "batch/order_law.h"
#include "conformal/batch.h"

conformal_status conformal_batch_pvalue(const double *scores, size_t n, const double *batch,
                                        size_t m, size_t rank,
                                        const conformal_allocator *allocator, size_t *observed,
                                        double *p_value, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_numbers(scores, n, "scores", err)) != CONFORMAL_OK ||
        (status = cf_check_batch(n, m, err)) != CONFORMAL_OK ||
        (status = cf_check_numbers(batch, m, "batch", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(p_value, "p_value", err)) != CONFORMAL_OK)
        return status;
    size_t z = rank > 0 ? rank : (m + 1) / 2;
    if (z > m)
        return cf_fail(err, CONFORMAL_EDOM, "rank", CF_NO_INDEX,
                       "the rank %zu is not in 1..%zu, the batch", z, m);
    double *copy = cf_alloc(allocator, m, sizeof *copy);
    if (copy == NULL)
        return cf_fail_memory(err, m, "scores of the batch");
    memcpy(copy, batch, m * sizeof *copy);
    double at = cf_select(copy, m, z);
    cf_free(allocator, copy);
    size_t below = 0;
    for (size_t i = 0; i < n; i++)
        below += scores[i] < at;
    if (observed != NULL)
        *observed = below + 1;
    *p_value = cf_order_tail(n, m, z, below); /* P(R_z >= below + 1) */
    return CONFORMAL_OK;
}
