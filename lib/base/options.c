/* options.c - options structs that can grow without breaking old programs.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * O1. A caller built against an older header passes a smaller struct: the
 *     fields it does not have keep their defaults.
 * O2. A caller built against a newer header passes a larger struct: accepted
 *     while the fields we do not know are zero, refused otherwise, so that a
 *     wish is never ignored in silence. */
#include "base/options.h"

#include <string.h>

#include "base/error.h"

conformal_status cf_options_read(void *dst, size_t known, const void *src,
                                 conformal_error *err)
{
    const unsigned char *bytes = src;
    size_t given;

    if (src == NULL)
        return CONFORMAL_OK;
    memcpy(&given, src, sizeof given);
    if (given < sizeof given || given > 4096)
        return cf_fail(err, CONFORMAL_EINVAL, "options", CF_NO_INDEX,
                       "options are not initialised; start from the _INIT macro");
    for (size_t i = known; i < given; i++) /* O2 */
        if (bytes[i] != 0)
            return cf_fail(err, CONFORMAL_EINVAL, "options", i,
                           "an option of a newer libconformal is set");
    memcpy(dst, src, given < known ? given : known); /* O1 */
    memcpy(dst, &known, sizeof known);
    return CONFORMAL_OK;
}
