/* policies.h - what saving and loading policies share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_STORE_POLICIES_H
#define CF_STORE_POLICIES_H

#include "store/bytes.h"
#include "store/shelf.h"

extern const cf_shelf cf_policy_shelf;

/* Cases in a blob: few wide ones, or many narrow ones. */
static inline size_t cf_policy_blob_rows(size_t width)
{
    enum { NUMBERS = 16384 };
    return width < NUMBERS ? NUMBERS / width : 1;
}

#endif
