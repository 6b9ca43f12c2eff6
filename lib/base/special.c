/* special.c - the incomplete beta function, its inverse, and what follows from it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The continued fraction of DLMF 8.17.22 converges in O(sqrt(max(a, b))) steps on the side of
 * the mean where it is used. Its prefactor x^a (1 - x)^b / B(a, b) would lose all digits for
 * large a and b if computed from logarithms of gamma functions; it is instead a saddle-point
 * product of small terms: C. Loader (2000), Fast and accurate computation of binomial
 * probabilities. GSL's beta CDF returns NaN near the mode from 1.8e6 on. */
#include "base/special.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LOG_SQRT_2PI 0.918938533204672741780329736406
#define TWO_PI 6.283185307179586476925286766559

enum { MAX_TERMS = 1000000 };

/* log Gamma(z + 1) - (z + 1/2) log z + z - log sqrt(2 pi), z > 0: what Stirling's formula
 * leaves out. */
static double stirling_error(double z)
{
    static const double c[] = {1.0 / 12, 1.0 / 360, 1.0 / 1260, 1.0 / 1680, 1.0 / 1188,
                               691.0 / 360360, 1.0 / 156};
    if (z < 12.0)
        return log(tgamma(z + 1.0)) - (z + 0.5) * log(z) + z - LOG_SQRT_2PI;
    double w = 1.0 / (z * z);
    double s = c[5] - c[6] * w;
    for (int k = 4; k >= 0; k--)
        s = c[k] - w * s;
    return s / z;
}

/* x log(x / m) + m - x, without cancellation for x near m. */
static double deviance(double x, double m)
{
    if (fabs(x - m) < 0.1 * (x + m)) {
        double v = (x - m) / (x + m), s = (x - m) * v, term = 2.0 * x * v;
        for (int j = 1; j < 1000; j++) {
            term *= v * v;
            double next = s + term / (2 * j + 1);
            if (next == s)
                break;
            s = next;
        }
        return s;
    }
    return x * log(x / m) + m - x;
}

/* x^a y^b / B(a, b) with y = 1 - x; 0 at the ends. */
static double beta_kernel(double a, double b, double x, double y)
{
    if (x <= 0.0 || y <= 0.0)
        return 0.0;
    double n = a + b;
    double exponent = stirling_error(n) - stirling_error(a) - stirling_error(b) -
                      deviance(a, n * x) - deviance(b, n * y);
    return sqrt(a * b / (n * TWO_PI)) * exp(exponent);
}

/* The continued fraction, by Lentz's method as modified by Thompson and Barnett (1986). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = DBL_MIN;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (double m = 1.0; m <= MAX_TERMS; m += 1.0) {
        double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 + even * d;
        c = 1.0 + even / c;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 + odd * d;
        c = 1.0 + odd / c;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        double step = d * c;
        h *= step;
        if (fabs(step - 1.0) < 2.0 * DBL_EPSILON)
            break;
    }
    return h;
}

double cf_beta_cdf(double a, double b, double x, double *upper)
{
    double low, high;
    if (x <= 0.0 || x >= 1.0) {
        low = x <= 0.0 ? 0.0 : 1.0;
        high = 1.0 - low;
    } else if (x <= (a + 1.0) / (a + b + 2.0)) {
        low = fmin(1.0, beta_kernel(a, b, x, 1.0 - x) / a * beta_fraction(a, b, x));
        high = 1.0 - low;
    } else {
        high = fmin(1.0, beta_kernel(a, b, x, 1.0 - x) / b * beta_fraction(b, a, 1.0 - x));
        low = 1.0 - high;
    }
    if (upper != NULL)
        *upper = high;
    return low;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double halfway(double low, double high) /* of the doubles between, not of the reals */
{
    uint64_t bits = bits_of(low) + (bits_of(high) - bits_of(low)) / 2;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Solve for the tail that is given: its value is `target`, growing in x when `lower`. Newton
 * steps inside a bracket; a step that leaves it, or a bracket that shrinks too slowly, is
 * answered by halving the doubles in between, which ends after 62 steps at the latest. */
static double beta_inverse(double a, double b, double target, int lower)
{
    double low = 0.0, high = 1.0, x = a / (a + b);
    for (int round = 0; round < 200; round++) {
        double upper, cdf = cf_beta_cdf(a, b, x, &upper);
        double excess = lower ? cdf - target : target - upper;
        if (excess == 0.0)
            return x;
        if (excess < 0.0)
            low = x;
        else
            high = x;
        if (bits_of(high) - bits_of(low) <= 1)
            return high;
        double density = beta_kernel(a, b, x, 1.0 - x) / (x * (1.0 - x));
        double next = x - excess / density;
        if (round >= 40 || !(next > low && next < high))
            next = halfway(low, high);
        if (next == x || fabs(next - x) <= DBL_EPSILON * fmin(x, 1.0 - x))
            return next;
        x = next;
    }
    return x;
}

double cf_beta_quantile(double a, double b, double p)
{
    if (p <= 0.0 || p >= 1.0)
        return p <= 0.0 ? 0.0 : 1.0;
    return beta_inverse(a, b, p <= 0.5 ? p : 1.0 - p, p <= 0.5);
}

double cf_beta_quantile_upper(double a, double b, double q)
{
    if (q <= 0.0 || q >= 1.0)
        return q <= 0.0 ? 1.0 : 0.0;
    return beta_inverse(a, b, q <= 0.5 ? q : 1.0 - q, q > 0.5);
}

double cf_binomial_cdf(size_t k, size_t n, double p)
{
    double upper;
    if (k >= n)
        return 1.0;
    cf_beta_cdf((double)k + 1.0, (double)(n - k), p, &upper);
    return upper;
}

double cf_binomial_tail(size_t k, size_t n, double p)
{
    if (k == 0)
        return 1.0;
    if (k > n)
        return 0.0;
    return cf_beta_cdf((double)k, (double)(n - k) + 1.0, p, NULL);
}

double cf_log_beta(double a, double b)
{
    double n = a + b;
    double log_a = a < b ? log(a / n) : log1p(-b / n);
    double log_b = a < b ? log1p(-a / n) : log(b / n);
    return LOG_SQRT_2PI + 0.5 * (log(n / a) - log(b)) + a * log_a + b * log_b +
           stirling_error(a) + stirling_error(b) - stirling_error(n);
}

double cf_log_choose(double n, double k)
{
    return -log1p(n) - cf_log_beta(n - k + 1.0, k + 1.0);
}
