/* level.c - what all batch statements check.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "batch/level.h"

#include "base/check.h"
#include "base/error.h"

conformal_status cf_check_batch(size_t n, size_t m, conformal_error *err)
{
    conformal_status status = cf_check_count(m, "m", err);
    if (status != CONFORMAL_OK)
        return status;
    if (n > CF_BATCH_MOST || m > CF_BATCH_MOST)
        return cf_fail(err, CONFORMAL_EDOM, n > CF_BATCH_MOST ? "n" : "m", CF_NO_INDEX,
                       "n and m must be at most 2^51");
    return CONFORMAL_OK;
}
