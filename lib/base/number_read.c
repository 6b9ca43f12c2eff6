/* number_read.c - the double nearest to a decimal text.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three ways, the first that can decide: one exact multiplication or division when both
 * operands are exact (Clinger 1990); a 128-bit product that nearly always settles the
 * rounding (D. Lemire 2021, Number parsing at a gigabyte per second, sec. 5-8); exact integers
 * (number_exact.c). Never strtod(), which obeys the host's decimal comma. */
#define CF_NUMBER_READ
#include "conformal/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/number_exact.h"
#include "base/number_tables.h"

__extension__ typedef unsigned __int128 uint128;

#define HIDDEN_BIT (UINT64_C(1) << 52)

/* Eight bytes that are all digits, and their value: SWAR, Lemire 2021, sec. 4. */
static uint64_t load8(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static bool eight_digits(uint64_t v)
{
    return ((v & UINT64_C(0xF0F0F0F0F0F0F0F0)) |
            (((v + UINT64_C(0x0606060606060606)) & UINT64_C(0xF0F0F0F0F0F0F0F0)) >> 4)) ==
           UINT64_C(0x3333333333333333);
}

static uint64_t value_of_eight(uint64_t v)
{
    v -= UINT64_C(0x3030303030303030);
    v = v * 10 + (v >> 8);
    return (((v & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)) +
            ((v >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001))) >>
           32;
}

/* Digits from p on, appended to *w; at most 19 in all may be passed without overflow. */
static const char *read_digits(const char *p, const char *end, uint64_t *w)
{
    uint64_t v = *w, eight;
    while (end - p >= 8 && eight_digits(eight = load8(p))) {
        v = v * 100000000 + value_of_eight(eight);
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

/* w 10^q by one 128-bit product, as 53 bits and a binary exponent before the last rounding;
 * false when the product cannot settle it, or the result is not a normal number. */
static bool eisel_lemire(uint64_t w, int64_t q, double *value)
{
    if (q < POWER5_MIN || q > POWER5_MAX)
        return false;
    int zeros = __builtin_clzll(w);
    uint64_t scaled = w << zeros;
    const uint64_t *five = power5[q - POWER5_MIN];
    uint128 product = (uint128)scaled * five[0];
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    if ((high & 0x1FF) == 0x1FF) {
        uint64_t carry = (uint64_t)((uint128)scaled * five[1] >> 64);
        low += carry;
        high += low < carry;
        if (low == UINT64_MAX && (q < -27 || q > 55))
            return false;
    }
    int top = (int)(high >> 63);
    uint64_t m = high >> (top + 9);
    int64_t exponent = (((152170 + 65536) * q) >> 16) + 63 + top - zeros + 1023;
    if (exponent <= 0 || exponent >= 0x7FE)
        return false;
    if (low <= 1 && q >= -4 && q <= 23 && (m & 3) == 1 && m << (top + 9) == high)
        m &= ~UINT64_C(1); /* exactly halfway: to even */
    m = (m + (m & 1)) >> 1;
    if (m >= 2 * HIDDEN_BIT) {
        m = HIDDEN_BIT;
        exponent++;
    }
    uint64_t bits = (m & ~HIDDEN_BIT) | (uint64_t)exponent << 52;
    memcpy(value, &bits, sizeof bits);
    return true;
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
    if (eisel_lemire(d->w, d->exponent, &x) &&
        (!d->truncated || (eisel_lemire(d->w + 1, d->exponent, &above) && above == x)))
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
        return cf_fail(err, CONFORMAL_ENAN, "text", CF_NO_INDEX, "'%.*s' is not a number", shown,
                       start);
    cf_decimal d;
    if (scan(text, length, &d))
        return cf_fail(err, CONFORMAL_EDOM, "text", CF_NO_INDEX,
                       "'%.*s' is out of range: numbers reach 1.7976931348623157e308", shown,
                       start);
    return cf_fail(err, CONFORMAL_ESYNTAX, "text", CF_NO_INDEX, "'%.*s' is not a number", shown,
                   start);
}
