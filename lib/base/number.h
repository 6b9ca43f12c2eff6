/* number.h - the hot paths behind conformal_number_read() and _write().
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_NUMBER_H
#define CF_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A plain decimal number, no blanks, no words: true and *value, or false when
 * conformal_number_read() must decide (it may still accept the text). Never reads outside
 * text[0..length-1]. */
bool cf_number_parse(const char *text, size_t length, double *value);

/* The fields base[start[i]] .. base[end[i] - 1], i < n, into out[]. Returns how many were read
 * before one that cf_number_parse() refuses. CF_NUMBER_PADDING readable bytes, whatever they
 * are, must stand before the first field. */
enum { CF_NUMBER_PADDING = 64 };
typedef size_t cf_numbers_function(const char *base, const uint32_t *start,
                                   const uint32_t *end, size_t n, double *out);
/* The variants, for the tests; NULL where the processor lacks it. */
cf_numbers_function *cf_numbers_plain(void);
cf_numbers_function *cf_numbers_avx2(void);
cf_numbers_function *cf_numbers_best(void);

/* conformal_number_write() without the NUL: returns the end of the text. Writes at most
 * CF_NUMBER_ROOM bytes, some of them beyond the end. */
enum { CF_NUMBER_ROOM = 48 };
char *cf_number_print(char *out, double x);

#endif
