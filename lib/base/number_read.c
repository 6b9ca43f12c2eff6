/* number_read.c - the double nearest to a decimal text.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three ways, the first that can decide: one exact multiplication or division when both
 * operands are exact (Clinger 1990); a 128-bit product that nearly always settles the
 * rounding (D. Lemire 2021, Number parsing at a gigabyte per second, sec. 5-8); exact integers
 * (number_exact.c). Never strtod(), which obeys the host's decimal comma. */
#include "conformal/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/digits.h"
#include "base/number_exact.h"
#include "base/number_lemire.h"

#define HIDDEN_BIT (UINT64_C(1) << 52)

/* Digits from p on, appended to *w; at most 19 in all may be passed without overflow. */
static const char *read_digits(const char *p, const char *end, uint64_t *w)
{
    uint64_t v = *w, eight;
    while (end - p >= 8 && cf_eight_digits(eight = cf_load8(p))) {
        v = v * 100000000 + cf_value_of_eight(eight);
        p += 8;
    }
    for (unsigned digit; p < end && (digit = (unsigned)(unsigned char)*p - '0') < 10; p++)
        v = v * 10 + digit;
    *w = v;
    return p;
}

/* The first 19 significant digits again, when there were more. */
static void keep_nineteen(const char *p, const char *end, cf_decimal *d)
{
    int taken = 0;
    bool after_point = false;
    d->w = 0;
    d->exponent = d->written_exponent;
    for (; p < end && taken < 19; p++) {
        if (*p == '.') {
            after_point = true;
            continue;
        }
        if (*p != '0' || taken > 0) {
            d->w = d->w * 10 + (uint64_t)(*p - '0');
            taken++;
        }
        d->exponent -= after_point;
    }
    for (; p < end && !after_point && *p != '.'; p++)
        d->exponent++; /* digits before the point that were dropped */
}

/* [+-] digits [. digits] [e [+-] digits], to the last byte. */
static bool scan(const char *text, size_t length, cf_decimal *d)
{
    const char *p = text, *end = text + length;
    d->negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    d->first = p;
    d->w = 0;
    p = read_digits(p, end, &d->w);
    ptrdiff_t digits = p - d->first, fraction = 0;
    if (p < end && *p == '.') {
        const char *start = ++p;
        p = read_digits(p, end, &d->w);
        fraction = p - start;
    }
    digits += fraction;
    if (digits == 0)
        return false;
    d->last = p;
    int64_t exponent = 0;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        bool minus = p < end && *p == '-';
        p += p < end && (*p == '-' || *p == '+');
        const char *start = p;
        for (; p < end && (unsigned)(unsigned char)*p - '0' < 10; p++)
            if (exponent < 100000000)
                exponent = exponent * 10 + (*p - '0');
        if (p == start)
            return false;
        exponent = minus ? -exponent : exponent;
    }
    d->written_exponent = exponent;
    d->exponent = exponent - fraction;
    d->truncated = false;
    if (digits > 19) { /* w may have overflowed: leading zeros do not count */
        const char *nonzero = d->first;
        while (nonzero < d->last && (*nonzero == '0' || *nonzero == '.'))
            nonzero++;
        ptrdiff_t significant = d->last - nonzero;
        significant -= memchr(nonzero, '.', (size_t)significant) != NULL;
        if (significant > 19) {
            d->truncated = true;
            keep_nineteen(d->first, d->last, d);
        }
    }
    return p == end;
}

static double nearest(const cf_decimal *d)
{
    static const double ten_to[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double x, above;
    if (d->w == 0)
        return 0.0;
    if (!d->truncated && d->w <= 2 * HIDDEN_BIT && d->exponent >= -22 && d->exponent <= 22) {
        x = (double)d->w;
        return d->exponent < 0 ? x / ten_to[-d->exponent] : x * ten_to[d->exponent];
    }
    if (cf_eisel_lemire(d->w, d->exponent, &x) &&
        (!d->truncated || (cf_eisel_lemire(d->w + 1, d->exponent, &above) && above == x)))
        return x;
    return cf_number_exact(d);
}

bool cf_number_parse(const char *text, size_t length, double *value)
{
    cf_decimal d;
    if (!scan(text, length, &d))
        return false;
    double x = nearest(&d);
    if (x == HUGE_VAL)
        return false;
    *value = d.negative ? -x : x;
    return true;
}

/* The text, lower-cased, is this word. */
static bool is_word(const char *text, size_t length, const char *word)
{
    if (length != strlen(word))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != word[i])
            return false;
    }
    return true;
}

conformal_status conformal_number_read(const char *text, size_t length, double *value,
                                       conformal_error *err)
{
    if (text == NULL || value == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, text == NULL ? "text" : "value", CF_NO_INDEX,
                       "%s is NULL", text == NULL ? "text" : "value");
    size_t whole = length;
    int shown = whole < 60 ? (int)whole : 60;
    const char *start = text;
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    if (cf_number_parse(text, length, value))
        return CONFORMAL_OK;

    size_t sign = length > 0 && (*text == '-' || *text == '+');
    const char *word = text + sign;
    if (is_word(word, length - sign, "inf") || is_word(word, length - sign, "infinity")) {
        *value = sign && *text == '-' ? -HUGE_VAL : HUGE_VAL;
        return CONFORMAL_OK;
    }
    if (is_word(word, length - sign, "nan"))
        return cf_fail(err, CONFORMAL_ENAN, "text", CF_NO_INDEX, "'%.*s' is not a number",
                       shown, start);
    cf_decimal d;
    if (scan(text, length, &d))
        return cf_fail(err, CONFORMAL_EDOM, "text", CF_NO_INDEX,
                       "'%.*s' is out of range: numbers reach 1.7976931348623157e308", shown,
                       start);
    return cf_fail(err, CONFORMAL_ESYNTAX, "text", CF_NO_INDEX, "'%.*s' is not a number",
                   shown, start);
}
