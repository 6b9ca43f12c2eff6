/* test_round.c - directed rounding against the processor's own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <fenv.h>
#include <string.h>

#include "base/round.h"
#include "conformal/random.h"

#pragma STDC FENV_ACCESS ON

/* A moderate number, often with few digits so that exact results occur. */
static double operand(uint64_t i, uint64_t stream)
{
    double u = conformal_uniform(11, stream, i) - 0.5,
           v = conformal_uniform(11, stream + 8, i);
    if (v < 0.3)
        return floor(u * 1000) / 8;
    if (v < 0.5)
        return floor(u * 1000) / 10;
    if (v < 0.55)
        return 0.0;
    return u * exp((v - 0.75) * 200);
}

typedef double operation(double, double);

static double add(double a, double b) { return a + b; }
static double sub(double a, double b) { return a - b; }
static double mul(double a, double b) { return a * b; }
static double quotient(double a, double b) { return a / b; }

static double exactly(operation *op, double a, double b, int mode)
{
    volatile double x = a, y = b, z;
    fesetround(mode);
    z = op(x, y);
    fesetround(FE_TONEAREST);
    return z;
}

START_TEST(up_is_the_least_double_not_below_and_down_the_largest_not_above)
{
    for (uint64_t i = 0; i < 200000; i++) {
        double a = operand(i, 0), b = operand(i, 1), positive = fabs(b) + 1e-3;
        ck_assert(cf_add_up(a, b) == exactly(add, a, b, FE_UPWARD));
        ck_assert(cf_add_down(a, b) == exactly(add, a, b, FE_DOWNWARD));
        ck_assert(cf_sub_up(a, b) == exactly(sub, a, b, FE_UPWARD));
        ck_assert(cf_sub_down(a, b) == exactly(sub, a, b, FE_DOWNWARD));
        ck_assert(cf_distance_up(a, b) == fmax(exactly(sub, a, b, FE_UPWARD),
                                               exactly(sub, b, a, FE_UPWARD)));
        ck_assert(cf_mul_up(a, b) == exactly(mul, a, b, FE_UPWARD));
        ck_assert(cf_mul_down(a, b) == exactly(mul, a, b, FE_DOWNWARD));
        ck_assert(cf_div_up(a, positive) == exactly(quotient, a, positive, FE_UPWARD));
    }
}
END_TEST

START_TEST(tiny_and_huge_results_err_to_the_asked_side)
{
    static const double x[] = {0x1p-1074, -0x1p-1074, 0x1p-1000, -0x1.8p-980, 0x1p-540,
                               DBL_MAX,   -DBL_MAX,   0x1p1023,  1.0,         -3.0};
    enum { N = sizeof x / sizeof *x };
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double a = x[i], b = x[j];
            ck_assert(cf_add_up(a, b) >= exactly(add, a, b, FE_UPWARD));
            ck_assert(cf_distance_up(a, b) >= exactly(sub, fmax(a, b), fmin(a, b), FE_UPWARD));
            ck_assert(cf_add_down(a, b) <= exactly(add, a, b, FE_DOWNWARD));
            ck_assert(cf_mul_up(a, b) >= exactly(mul, a, b, FE_UPWARD));
            ck_assert(cf_mul_down(a, b) <= exactly(mul, a, b, FE_DOWNWARD));
            if (b > 0)
                ck_assert(cf_div_up(a, b) >= exactly(quotient, a, b, FE_UPWARD));
        }
}
END_TEST

START_TEST(infinities_are_ordinary)
{
    assert_close(cf_add_up(HUGE_VAL, -1), HUGE_VAL, 0);
    assert_close(cf_sub_down(-HUGE_VAL, 5), -HUGE_VAL, 0);
    assert_close(cf_mul_up(-2, HUGE_VAL), -HUGE_VAL, 0);
    assert_close(cf_div_up(3, HUGE_VAL), 0, 0);
    ck_assert(cf_sub_up(3, 3) == 0.0);
    assert_close(cf_add_up(DBL_MAX, DBL_MAX), HUGE_VAL, 0);
    assert_close(cf_add_up(-DBL_MAX, -DBL_MAX), -DBL_MAX, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("round");
    TCase *tc = tcase_create("round");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, up_is_the_least_double_not_below_and_down_the_largest_not_above);
    tcase_add_test(tc, tiny_and_huge_results_err_to_the_asked_side);
    tcase_add_test(tc, infinities_are_ordinary);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
