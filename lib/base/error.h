/* error.h - the single constructor of conformal_error.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_ERROR_H
#define CF_ERROR_H

#include <stdint.h>

#include "conformal/error.h"

#define CF_NO_INDEX SIZE_MAX

/* Fill err (which may be NULL) and return status, so that callers can write
 * "return cf_fail(err, ...)". A debugger breakpoint here stops on every error. Print doubles
 * with "%s" and CF_TEXT(x): printf's own follow the locale. */
__attribute__((format(printf, 5, 6))) conformal_status
cf_fail(conformal_error *err, conformal_status status, const char *argument,
        size_t index, const char *format, ...);

/* CONFORMAL_ENOMEM for `count` of `what`: "no memory for 12 scores". */
conformal_status cf_fail_memory(conformal_error *err, size_t count, const char *what);

/* x as text, shortest; the buffer lives to the end of the enclosing block. */
typedef struct cf_number_text {
    char text[32];
} cf_number_text;
cf_number_text cf_text_of(double x);
#define CF_TEXT(x) (cf_text_of(x).text)

#endif
