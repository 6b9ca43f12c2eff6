/* round.h - arithmetic rounded to one side, so that no rounding costs coverage.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each returns the smallest double not below (up) or the largest not above (down) the
 * exact result: the nearest double where the operation is exact, one step further where
 * the error term has the wrong sign. Infinite operands behave as in IEEE arithmetic; a
 * finite operation that overflows gives the infinity up, the largest double down. */
#ifndef CF_ROUND_H
#define CF_ROUND_H

double cf_add_up(double a, double b);
double cf_add_down(double a, double b);
double cf_sub_up(double a, double b);
double cf_sub_down(double a, double b);
double cf_mul_up(double a, double b);
double cf_mul_down(double a, double b);
double cf_div_up(double a, double b);

#endif
