/* test_number.c - decimal texts to doubles and back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "conformal/number.h"
#include "conformal/random.h"

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* A double from random bits: every exponent, subnormals, infinities and NaN among them. */
static double any_double(uint64_t i)
{
    uint64_t high = (uint64_t)(conformal_uniform(7, 0, i) * 0x1p32);
    uint64_t low = (uint64_t)(conformal_uniform(7, 1, i) * 0x1p32), bits = high << 32 | low;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static const struct {
    const char *text;
    double value;
} texts[] = {
    {"0", 0.0},
    {"-0", -0.0},
    {"1.5", 1.5},
    {" \t1.5 ", 1.5},
    {"+.5", 0.5},
    {"5.", 5.0},
    {"1e3", 1000.0},
    {"1E-3", 0.001},
    {"00000000000000000000000000001.5", 1.5},
    {"9007199254740993", 9007199254740992.0},       /* a tie, to even */
    {"9007199254740993.00000000000000000001", 9007199254740994.0},
    {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022}, /* the text that hung a PHP server */
    {"2.2250738585072012e-308", 0x1p-1022},
    {"5e-324", 0x1p-1074},
    {"2.4703282292062327e-324", 0.0},
    {"2.4703282292062328e-324", 0x1p-1074},
    {"1.7976931348623158e308", 0x1.fffffffffffffp+1023},
    {"1e-99999999999", 0.0},
    {"0e99999999999", 0.0},
    {"123456789012345678901234567890", 123456789012345678901234567890.0},
    {"inf", HUGE_VAL},
    {"-Infinity", -HUGE_VAL},
    {"+INF", HUGE_VAL},
};

START_TEST(a_text_reads_as_the_nearest_double)
{
    double x = -7.0;
    ck_assert_int_eq(conformal_number_read(texts[_i].text, strlen(texts[_i].text), &x, NULL),
                     CONFORMAL_OK);
    ck_assert_msg(bits_of(x) == bits_of(texts[_i].value), "%s read as %.17g", texts[_i].text,
                  x);
}
END_TEST

static const struct {
    const char *text;
    conformal_status status;
} refused[] = {
    {"", CONFORMAL_ESYNTAX},     {"-", CONFORMAL_ESYNTAX},      {".", CONFORMAL_ESYNTAX},
    {"1e", CONFORMAL_ESYNTAX},   {"0x10", CONFORMAL_ESYNTAX},   {"1_0", CONFORMAL_ESYNTAX},
    {"1,5", CONFORMAL_ESYNTAX},  {"+-1", CONFORMAL_ESYNTAX},    {"1 2", CONFORMAL_ESYNTAX},
    {"infin", CONFORMAL_ESYNTAX}, {"1.2.3", CONFORMAL_ESYNTAX}, {"n/a", CONFORMAL_ESYNTAX},
    {"1e5x", CONFORMAL_ESYNTAX}, {"nan", CONFORMAL_ENAN},       {"-NaN", CONFORMAL_ENAN},
    {"1.7976931348623159e308", CONFORMAL_EDOM}, {"-1e999", CONFORMAL_EDOM},
    {"1e99999999999", CONFORMAL_EDOM},
};

START_TEST(other_texts_are_refused_and_nothing_is_written)
{
    conformal_error err;
    double x = -7.0;
    ck_assert_int_eq(
        conformal_number_read(refused[_i].text, strlen(refused[_i].text), &x, &err),
        refused[_i].status);
    ck_assert(x == -7.0);
    ck_assert_ptr_nonnull(strstr(err.message, refused[_i].text));
}
END_TEST

START_TEST(every_double_survives_writing_and_reading)
{
    char text[CONFORMAL_NUMBER_SIZE];
    for (uint64_t i = 0; i < 300000; i++) {
        double x = any_double(i), y = 0.0;
        if (isnan(x))
            continue;
        size_t n = conformal_number_write(x, text);
        ck_assert_uint_lt(n, CONFORMAL_NUMBER_SIZE);
        ck_assert_int_eq(conformal_number_read(text, n, &y, NULL), CONFORMAL_OK);
        ck_assert_msg(bits_of(x) == bits_of(y), "%.17g printed as %s", x, text);
    }
}
END_TEST

/* Significant digits of a text, without leading and trailing zeros. */
static int digits_in(const char *text)
{
    int n = 0, trailing = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
            continue;
        n++;
        trailing = *text == '0' ? trailing + 1 : 0;
    }
    return n - trailing;
}

START_TEST(the_text_is_the_shortest)
{
    char text[CONFORMAL_NUMBER_SIZE], other[64];
    for (uint64_t i = 0; i < 20000; i++) {
        double x = any_double(i);
        int digits = 1;
        if (!isfinite(x) || x == 0.0)
            continue;
        for (; digits < 17; digits++) {
            snprintf(other, sizeof other, "%.*e", digits - 1, x);
            if (strtod(other, NULL) == x)
                break;
        }
        conformal_number_write(x, text);
        ck_assert_msg(digits_in(text) <= digits, "%s has more digits than %s", text, other);
    }
}
END_TEST

static const struct {
    double value;
    const char *text;
} written[] = {
    {0.0, "0"},       {-0.0, "-0"},          {1.0, "1"},     {0.1, "0.1"},   {-2.5, "-2.5"},
    {1e16, "10000000000000000"}, {1e17, "1e+17"}, {1e21, "1e+21"}, {1e-4, "0.0001"},
    {1e-5, "0.00001"}, {1e-6, "1e-06"},      {1.5e-7, "1.5e-07"}, {123456.789, "123456.789"},
    {HUGE_VAL, "inf"}, {-HUGE_VAL, "-inf"},  {5e-324, "5e-324"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
};

START_TEST(numbers_look_like_this)
{
    char text[CONFORMAL_NUMBER_SIZE];
    ck_assert_uint_eq(conformal_number_write(written[_i].value, text),
                      strlen(written[_i].text));
    ck_assert_str_eq(text, written[_i].text);
}
END_TEST

/* A random decimal text of up to 40 digits, some with a point, a sign, an exponent. */
static size_t random_text(uint64_t i, char *text)
{
    size_t n = 0;
    uint64_t c = 100 * i;
    size_t digits = 1 + (size_t)(40 * conformal_uniform(8, 0, c++));
    size_t point = (size_t)((double)(2 * digits) * conformal_uniform(8, 0, c++));
    if (conformal_uniform(8, 0, c++) < 0.5)
        text[n++] = '-';
    for (size_t d = 0; d < digits; d++) {
        if (d == point)
            text[n++] = '.';
        text[n++] = (char)('0' + (int)(10 * conformal_uniform(8, 0, c++)));
    }
    if (conformal_uniform(8, 0, c++) < 0.5)
        n += (size_t)sprintf(text + n, "e%d", (int)(700 * conformal_uniform(8, 0, c)) - 350);
    text[n] = '\0';
    return n;
}

START_TEST(random_texts_read_as_the_c_library_reads_them) /* glibc's strtod is exact */
{
    char text[128];
    for (uint64_t i = 0; i < 100000; i++) {
        size_t n = random_text(i, text);
        double want = strtod(text, NULL), got = 0.0;
        conformal_status status = conformal_number_read(text, n, &got, NULL);
        if (isinf(want))
            ck_assert_msg(status == CONFORMAL_EDOM, "%s", text);
        else
            ck_assert_msg(status == CONFORMAL_OK && bits_of(want) == bits_of(got), "%s: %.17g",
                          text, got);
    }
}
END_TEST

START_TEST(half_way_texts_round_to_even_whatever_their_length)
{
    for (uint64_t i = 0; i < 2000; i++) {
        double x = fabs(any_double(i));
        uint64_t next = bits_of(x) + 1;
        double above;
        char text[1600], more[1700];
        memcpy(&above, &next, sizeof above);
        if (!isfinite(x) || !isfinite(above))
            continue;
        int n =
            snprintf(text, sizeof text, "%.1100Lg", ((long double)x + (long double)above) / 2);
        double got = -1.0;
        ck_assert_int_eq(conformal_number_read(text, (size_t)n, &got, NULL), CONFORMAL_OK);
        ck_assert_msg(got == strtod(text, NULL), "half way above %a read as %a", x, got);
        if (strchr(text, 'e') != NULL)
            continue;
        n = snprintf(more, sizeof more, "%s%s0001", text, strchr(text, '.') ? "" : ".");
        ck_assert_int_eq(conformal_number_read(more, (size_t)n, &got, NULL), CONFORMAL_OK);
        ck_assert(got == above);
    }
}
END_TEST

START_TEST(all_ways_of_reading_a_column_agree)
{
    enum { N = 20000 };
    static char buffer[64 + N * 128];
    static uint32_t start[N], end[N];
    static double plain[N], fast[N];
    char *at = buffer + 64;
    cf_numbers_function *avx2 = cf_numbers_avx2();
    for (uint32_t i = 0; i < N; i++) {
        start[i] = (uint32_t)(at - buffer);
        size_t n = i % 2 ? random_text(i, at) : conformal_number_write(any_double(i), at);
        if (strstr(at, "n") != NULL) /* inf, nan */
            n = (size_t)sprintf(at, "%u", i);
        end[i] = start[i] + (uint32_t)n;
        at += n;
        *at++ = ',';
    }
    for (uint32_t i = 0; avx2 != NULL && i < N; i++) {
        plain[i] = fast[i] = 0.0;
        size_t a = cf_numbers_plain()(buffer, start + i, end + i, 1, plain + i);
        size_t b = avx2(buffer, start + i, end + i, 1, fast + i);
        ck_assert_uint_eq(a, b);
        ck_assert_msg(bits_of(plain[i]) == bits_of(fast[i]), "%.*s", (int)(end[i] - start[i]),
                      buffer + start[i]);
    }
}
END_TEST

START_TEST(the_locale_does_not_matter)
{
    char text[CONFORMAL_NUMBER_SIZE];
    double x = 0.0;
    const char *old = setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed */
    conformal_number_write(1.5, text);
    ck_assert_str_eq(text, "1.5");
    ck_assert_int_eq(conformal_number_read("1.5", 3, &x, NULL), CONFORMAL_OK);
    assert_close(x, 1.5, 0);
    if (old != NULL)
        setlocale(LC_ALL, "C");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tc = tcase_create("number");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, a_text_reads_as_the_nearest_double, 0,
                        sizeof texts / sizeof *texts);
    tcase_add_loop_test(tc, other_texts_are_refused_and_nothing_is_written, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_loop_test(tc, numbers_look_like_this, 0, sizeof written / sizeof *written);
    tcase_add_test(tc, every_double_survives_writing_and_reading);
    tcase_add_test(tc, the_text_is_the_shortest);
    tcase_add_test(tc, random_texts_read_as_the_c_library_reads_them);
    tcase_add_test(tc, half_way_texts_round_to_even_whatever_their_length);
    tcase_add_test(tc, all_ways_of_reading_a_column_agree);
    tcase_add_test(tc, the_locale_does_not_matter);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
