/* fft.c - the discrete Fourier transform of real data.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GSL's radix-2 routines work in place and fail on one thing only, a length that is no power
 * of 2; the callers' lengths come from cf_fft_length(). */
#include "base/fft.h"

#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>

size_t cf_fft_length(size_t n)
{
    size_t length = 1;
    while (length < n)
        length *= 2;
    return length;
}

void cf_fft_forward(double *x, size_t n)
{
    gsl_fft_real_radix2_transform(x, 1, n);
}

void cf_fft_inverse(double *x, size_t n)
{
    gsl_fft_halfcomplex_radix2_inverse(x, 1, n);
}
