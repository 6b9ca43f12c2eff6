/* test.h - what every Check suite of libconformal shares.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_H
#define TEST_H

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Check's ck_assert_double_eq_tol() fails on inf == inf, has no relative
 * tolerance and prints six digits; this one is for numbers. */
#define assert_close(actual, expected, rel) \
    do { \
        double a_ = (actual), e_ = (expected), r_ = (rel); \
        ck_assert_msg(a_ == e_ || fabs(a_ - e_) <= r_ * fmax(fabs(a_), fabs(e_)), \
                      "%s is %.17g, expected %.17g (rel %g)", #actual, a_, e_, r_); \
    } while (0)

/* The oracles' tolerance: absolute plus relative. */
#define assert_near(actual, expected, tol) \
    do { \
        double a_ = (actual), e_ = (expected), t_ = (tol); \
        ck_assert_msg(a_ == e_ || fabs(a_ - e_) <= t_ + t_ * fabs(e_), \
                      "%s is %.17g, expected %.17g (tol %g)", #actual, a_, e_, t_); \
    } while (0)

/* A call that must succeed, with its message when it does not. */
#define assert_ok(call) \
    do { \
        conformal_error err_ = {0}; \
        conformal_error *err = &err_; \
        conformal_status s_ = (call); \
        ck_assert_msg(s_ == CONFORMAL_OK, "%s: %s: %s", #call, conformal_status_name(s_), \
                      err_.message); \
    } while (0)

/* main() of a suite: run it in-process (so that sanitizers see everything). */
static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
