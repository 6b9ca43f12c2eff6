/* random.h - random numbers that are a pure function of (seed, stream, index).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_RANDOM_H
#define CONFORMAL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* Who draws from which stream, so that no two uses share a number. */
enum {
    CONFORMAL_STREAM_CALIBRATION = 0,
    CONFORMAL_STREAM_TEST = 1,
    CONFORMAL_STREAM_PERMUTATION = 2,
    CONFORMAL_STREAM_BOOTSTRAP = 3,
    CONFORMAL_STREAM_KERNEL = 4,
    CONFORMAL_STREAM_SELECTION = 5,
    CONFORMAL_STREAM_BATCH = 6, /* rank vectors and subsets */
    CONFORMAL_STREAM_REJECTION = 7,
    CONFORMAL_STREAM_PURSUIT = 8
};

/* conformal_uniform - one uniform number of the open interval (0, 1)
 *
 * The same number for the same (seed, stream, index) in any order, chunking,
 * thread or platform; 52 bits, exactly representable, never 0 or 1. SplitMix64 read
 * as a counter: Steele, Lea, Flood (2014), OOPSLA '14, doi:10.1145/2660193.2660195. */
CONFORMAL_API double conformal_uniform(uint64_t seed, uint64_t stream, uint64_t index);

/* conformal_uniforms - n of them, with indices first .. first + n - 1, into u. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_uniforms(uint64_t seed, uint64_t stream, uint64_t first, size_t n, double *u,
                   conformal_error *err);

/* conformal_permutation - a random order of 0 .. n-1 (Fisher-Yates, O(n))
 *
 *   order   out: n indices */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_permutation(uint64_t seed, uint64_t stream, size_t n, size_t *order,
                      conformal_error *err);

CONFORMAL_END_DECLS

#endif
