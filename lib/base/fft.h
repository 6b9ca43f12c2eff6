/* fft.h - the discrete Fourier transform of real data (GSL; the only file that calls it).
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Half-complex order for n a power of 2: x[k] is the real part of frequency k <= n/2, x[n - k]
 * the imaginary part of frequency 0 < k < n/2. */
#ifndef CF_FFT_H
#define CF_FFT_H

#include <stddef.h>

/* The power of 2 at or above n, n >= 1. */
size_t cf_fft_length(size_t n);
/* In place; n a power of 2. */
void cf_fft_forward(double *x, size_t n);
/* In place, with the factor 1/n. */
void cf_fft_inverse(double *x, size_t n);

#endif
