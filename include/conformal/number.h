/* number.h - numbers as text: no locale, correctly rounded, shortest.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_NUMBER_H
#define CONFORMAL_NUMBER_H

#include <stddef.h>

#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* conformal_number_read - the double nearest to a decimal text
 *
 *   text, length  the whole text must be one number, after leading and trailing
 *                 blanks (space, tab): [+-] digits [. digits] [eE [+-] digits],
 *                 at least one digit; or [+-] inf | infinity in any case
 *   value         out: round-to-nearest-even of the exact decimal, whatever its
 *                 number of digits; '.' always, whatever the locale
 *
 * R1. "nan" in any spelling is ENAN; a finite text that rounds to an infinity is
 *     EDOM ("out of range"); a tiny one rounds to a subnormal or to 0.
 * R2. Hexadecimal floats, digit separators, a decimal comma, trailing words and an
 *     empty text are ESYNTAX.
 * The message quotes the text: "'n/a' is not a number".
 * O(length); no allocation. Lemire (2021), Number parsing at a gigabyte per
 * second, Softw. Pract. Exp. 51(8), sec. 5-8; exact big-integer fallback. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_number_read(const char *text, size_t length, double *value, conformal_error *err);

/* Bytes that conformal_number_write() may need, its final NUL included. */
#define CONFORMAL_NUMBER_SIZE 32

/* conformal_number_write - the shortest decimal that reads back as the same double
 *
 *   text    out: at least CONFORMAL_NUMBER_SIZE bytes, NUL-terminated
 *
 * Returns the length without the NUL. "inf", "-inf", "nan"; integers below 1e17
 * without exponent or point; otherwise fixed notation when the decimal point falls
 * within 17 digits or 5 places before the first, else d.ddde+XX. O(1).
 * R. Giulietti (2020), The Schubfach way to render doubles, sec. 8-9. */
CONFORMAL_API size_t conformal_number_write(double value, char *text);

CONFORMAL_END_DECLS

#endif
