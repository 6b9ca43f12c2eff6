/* claims.c - claims about the members of a batch, with few mistakes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row's null score is its prediction where a claim would be a mistake, and -infinity where
 * it would not. Claims on predictions above T are mistaken for exactly the members whose null
 * score is above T; at most eta of m are iff the (m - eta)-th smallest null score is at most T. */
#include <math.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "batch/order_law.h"
#include "calibrate/scores.h"
#include "conformal/batch.h"

conformal_status conformal_batch_select(const double *prediction, const unsigned char *null,
                                        size_t n, size_t m, size_t mistakes, double alpha,
                                        const conformal_allocator *allocator,
                                        double *threshold, size_t *rank, double *coverage,
                                        conformal_error *err)
{
    conformal_status status;
    double found;
    if ((status = cf_check_numbers(prediction, n, "prediction", err)) != CONFORMAL_OK ||
        (status = cf_check_array(null, n, "null", err)) != CONFORMAL_OK ||
        (status = cf_check_batch(n, m, err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(threshold, "threshold", err)) != CONFORMAL_OK)
        return status;
    if (mistakes >= m)
        return cf_fail(err, CONFORMAL_EDOM, "mistakes", CF_NO_INDEX,
                       "%zu mistakes are all of a batch of %zu: nothing is left to promise",
                       mistakes, m);
    size_t k = cf_order_rank(n, m, m - mistakes, alpha);
    double *scores = cf_alloc(allocator, n, sizeof *scores);
    if (scores == NULL)
        return cf_fail_memory(err, n, "null scores");
    for (size_t i = 0; i < n; i++)
        scores[i] = null[i] ? prediction[i] : -HUGE_VAL;
    status = cf_order_statistics(scores, n, &k, 1, allocator, &found, err);
    cf_free(allocator, scores);
    if (status != CONFORMAL_OK)
        return status;
    *threshold = found;
    if (rank != NULL)
        *rank = k;
    if (coverage != NULL)
        *coverage = 1.0 - cf_order_tail(n, m, m - mistakes, k);
    return CONFORMAL_OK;
}
