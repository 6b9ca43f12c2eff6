/* number.h - the hot paths behind conformal_number_read() and _write().
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_NUMBER_H
#define CF_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* A plain decimal number, no blanks, no words: true and *value, or false when
 * conformal_number_read() must decide (it may still accept the text). Never reads outside
 * text[0..length-1]. */
bool cf_number_parse(const char *text, size_t length, double *value);

/* conformal_number_write() without the NUL: returns the end of the text. Writes at most
 * CF_NUMBER_ROOM bytes, some of them beyond the end. */
enum { CF_NUMBER_ROOM = 48 };
char *cf_number_print(char *out, double x);

#endif
