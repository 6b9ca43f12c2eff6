/* options.h - options structs that can grow without breaking old programs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_OPTIONS_H
#define CF_OPTIONS_H

#include <stddef.h>

#include "conformal/error.h"

/* Overlay a caller's options struct, of whatever release, on the defaults in
 * dst. Both start with a size_t that holds their size. src may be NULL. */
conformal_status cf_options_read(void *dst, size_t known, const void *src,
                                 conformal_error *err);

#endif
