/* refused.h - a call that must fail: with this status, naming this argument and element.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_BATCH_REFUSED_H
#define TEST_BATCH_REFUSED_H

#include "conformal/batch.h"
#include "test.h"

static conformal_error e; /* for the call */

static void assert_refused(conformal_status status, conformal_status want,
                           const char *argument, size_t index)
{
    ck_assert_msg(status == want, "wrong %s: %s instead of %s", argument,
                  conformal_status_name(status), conformal_status_name(want));
    ck_assert_int_eq(e.status, want);
    ck_assert_str_eq(e.argument, argument);
    ck_assert_msg(e.index == index, "%s: index %zu, not %zu", argument, e.index, index);
    ck_assert(e.message[0] != '\0');
}

#define NONE SIZE_MAX
#define REFUSED(want, argument, index, call) \
    assert_refused((call), CONFORMAL_##want, argument, index)

static const size_t MANY = ((size_t)1 << 51) + 1; /* more than a size may be */
static const conformal_batch_side SIDE_9 = (conformal_batch_side)9;

#endif
