/* number_write.c - the shortest decimal that reads back as the same double.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * R. Giulietti (2020), The Schubfach way to render doubles: the double's rounding interval,
 * scaled by a power of ten from a table of 128-bit approximations, holds at most one multiple
 * of ten, else at least one integer; the nearest such is the answer (sec. 8, 9). */
#include "conformal/number.h"

#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "base/number_tables.h"

__extension__ typedef unsigned __int128 uint128;

#define FRACTION_BITS 52
#define HIDDEN_BIT (UINT64_C(1) << FRACTION_BITS)
#define EXPONENT_MASK UINT64_C(0x7FF)

static const char pairs[201] = "00010203040506070809101112131415161718192021222324252627282930"
                               "31323334353637383940414243444546"
                               "47484950515253545556575859606162636465666768697071727374757677"
                               "78798081828384858687888990919293"
                               "949596979899";

/* The high 64 bits of g * c, the lowest of them "sticky" (sec. 9.9: round to odd). */
static uint64_t round_to_odd(const uint64_t g[2], uint64_t c)
{
    uint128 low = (uint128)g[1] * c;
    uint128 high = (uint128)g[0] * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* floor(log10(2^q)), and of 3/4 2^q: by fixed-point constants, exact for all exponents. */
static int log10_pow2(int q, int irregular)
{
    return (q * 1262611 - (irregular ? 524031 : 0)) >> 22;
}

static int log2_pow10(int k)
{
    return (k * 1741647) >> 19;
}

/* x = result * 10^*exponent, with the fewest digits; x > 0 and finite, given by its bits. */
static uint64_t shortest(uint64_t bits, int *exponent)
{
    uint64_t fraction = bits & (HIDDEN_BIT - 1);
    int biased = (int)(bits >> FRACTION_BITS & EXPONENT_MASK);
    uint64_t c = biased ? fraction | HIDDEN_BIT : fraction;
    int q = biased ? biased - 1075 : -1074;
    if (biased && q <= 0 && q > -53 && (c & ((UINT64_C(1) << -q) - 1)) == 0) {
        *exponent = 0; /* a small integer */
        return c >> -q;
    }
    int odd = (int)(c & 1), irregular = fraction == 0 && biased > 1;
    int k = log10_pow2(q, irregular), h = q + log2_pow10(-k) + 1;
    const uint64_t *g = cf_power10[-k - POWER10_MIN];
    uint64_t left = round_to_odd(g, (4 * c - 2 + (uint64_t)irregular) << h);
    uint64_t middle = round_to_odd(g, (4 * c) << h);
    uint64_t right = round_to_odd(g, (4 * c + 2) << h);
    uint64_t lowest = left + (uint64_t)odd, highest = right - (uint64_t)odd, s = middle >> 2;
    if (s >= 10) { /* one digit less? */
        uint64_t tens = s / 10;
        int below = lowest <= 40 * tens, above = 40 * tens + 40 <= highest;
        if (below != above) {
            *exponent = k + 1;
            return tens + (uint64_t)above;
        }
    }
    *exponent = k;
    int below = lowest <= 4 * s, above = 4 * s + 4 <= highest;
    if (below != above)
        return s + (uint64_t)above;
    uint64_t half = 4 * s + 2; /* both fit: the nearer one, the even one at a tie */
    return s + (middle > half || (middle == half && (s & 1)));
}

static void eight_digits(char *out, uint32_t x)
{
    uint32_t high = x / 10000, low = x % 10000;
    memcpy(out, pairs + 2 * (high / 100), 2);
    memcpy(out + 2, pairs + 2 * (high % 100), 2);
    memcpy(out + 4, pairs + 2 * (low / 100), 2);
    memcpy(out + 6, pairs + 2 * (low % 100), 2);
}

/* The decimal digits of v, right-aligned in text[24]; returns how many. */
static int digits_of(uint64_t v, char *text)
{
    uint64_t high = v / 100000000, top = high / 100000000;
    eight_digits(text + 16, (uint32_t)(v % 100000000));
    eight_digits(text + 8, (uint32_t)(high % 100000000));
    eight_digits(text, (uint32_t)top);
    int n = top ? 24 : high ? 16 : 8;
    for (const char *p = text + 24 - n; n > 1 && *p == '0'; p++)
        n--;
    return n;
}

/* Trailing zeros become exponent, up to exponent 0: by eights and fours, then one by one. */
static uint64_t without_zeros(uint64_t s, int *exponent)
{
    for (uint64_t step = 100000000, places = 8; places > 0;
         step = step == 100000000 ? 10000 : 10, places = places == 8   ? 4
                                                         : places == 4 ? 1
                                                                       : 0)
        while (*exponent <= -(int)places && s % step == 0) {
            s /= step;
            *exponent += (int)places;
        }
    return s;
}

static char *scientific(char *out, const char *digits, int n, int exponent)
{
    *out++ = digits[0];
    if (n > 1) {
        *out++ = '.';
        memcpy(out, digits + 1, (size_t)(n - 1));
        out += n - 1;
    }
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    if (exponent < 0)
        exponent = -exponent;
    if (exponent >= 100)
        *out++ = (char)('0' + exponent / 100);
    memcpy(out, pairs + 2 * (exponent % 100), 2);
    return out + 2;
}

char *cf_number_print(char *out, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    *out = '-';
    if (x != x) {
        memcpy(out, "nan", 3);
        return out + 3;
    }
    out += bits >> 63;
    bits &= ~(UINT64_C(1) << 63);
    if (bits == EXPONENT_MASK << FRACTION_BITS) {
        memcpy(out, "inf", 3);
        return out + 3;
    }
    if (bits == 0) {
        *out = '0';
        return out + 1;
    }
    int exponent;
    uint64_t s = shortest(bits, &exponent);
    if (exponent < 0)
        s = without_zeros(s, &exponent);
    char text[24];
    int n = digits_of(s, text), point = n + exponent; /* digits before the point */
    const char *digits = text + 24 - n;
    if (point > 17 || point <= -5) {
        while (n > 1 && digits[n - 1] == '0')
            n--;
        return scientific(out, digits, n, point - 1);
    }
    if (point <= 0) {
        memcpy(out, "0.0000", 6);
        memcpy(out + 2 - point, digits, (size_t)n);
        return out + 2 - point + n;
    }
    if (exponent >= 0) {
        memcpy(out, digits, (size_t)n);
        memset(out + n, '0', (size_t)exponent);
        return out + point;
    }
    memcpy(out, digits, (size_t)point);
    out[point] = '.';
    memcpy(out + point + 1, digits + point, (size_t)(n - point));
    return out + n + 1;
}

size_t conformal_number_write(double value, char *text)
{
    char room[CF_NUMBER_ROOM];
    size_t length = (size_t)(cf_number_print(room, value) - room);
    memcpy(text, room, length);
    text[length] = '\0';
    return length;
}
