/* special.h - special functions, checked where GSL's are not (design: traps).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_SPECIAL_H
#define CF_SPECIAL_H

#include <stddef.h>

/* Regularised incomplete beta I_x(a, b), a, b > 0, 0 <= x <= 1; absolute error below 1e-13,
 * relative 1e-10 in both tails, a + b up to 1e9. Own: GSL's returns NaN near the mode from
 * 1.8e6 on. *upper, if not NULL: 1 - I_x(a, b) without cancellation. */
double cf_beta_cdf(double a, double b, double x, double *upper);
/* The x with I_x(a, b) = p: bracketed Newton on whichever tail is smaller; to the last few
 * bits of x. p = 0 gives 0, p = 1 gives 1. */
double cf_beta_quantile(double a, double b, double p);
/* The same from the upper tail: 1 - I_x(a, b) = q, for tiny q. */
double cf_beta_quantile_upper(double a, double b, double q);

/* P(Bin(n, p) <= k) and P(Bin(n, p) >= k), by the incomplete beta. */
double cf_binomial_cdf(size_t k, size_t n, double p);
double cf_binomial_tail(size_t k, size_t n, double p);
/* log of n choose k, log of Beta(a, b): no cancellation for large arguments. */
double cf_log_choose(double n, double k);
double cf_log_beta(double a, double b);

/* Standard normal quantile and CDF (GSL). */
double cf_normal_quantile(double p);
double cf_normal_cdf(double z);

#endif
