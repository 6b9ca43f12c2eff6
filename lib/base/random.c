/* random.c - random numbers as a function of (seed, stream, index).
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GSL's generators keep 32 bits of the seed and make 0 a default (mt19937: 0 and 4357 are one
 * stream). SplitMix64's finaliser over a counter has 2^64 different seeds and no state:
 * Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators. */
#include "conformal/random.h"

#include "base/check.h"

#define GOLDEN_GAMMA UINT64_C(0x9E3779B97F4A7C15)

static uint64_t mix64(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static double uniform(uint64_t key, uint64_t index)
{
    uint64_t x = mix64(key + GOLDEN_GAMMA * (index + 1));
    return ((double)(x >> 12) + 0.5) * 0x1.0p-52;
}

static uint64_t key_of(uint64_t seed, uint64_t stream)
{
    return mix64(seed + GOLDEN_GAMMA * (stream + 1));
}

double conformal_uniform(uint64_t seed, uint64_t stream, uint64_t index)
{
    return uniform(key_of(seed, stream), index);
}

conformal_status conformal_uniforms(uint64_t seed, uint64_t stream, uint64_t first, size_t n,
                                    double *u, conformal_error *err)
{
    conformal_status status = cf_check_array(u, n, "u", err);
    if (status != CONFORMAL_OK)
        return status;
    uint64_t key = key_of(seed, stream);
    for (size_t i = 0; i < n; i++)
        u[i] = uniform(key, first + i);
    return CONFORMAL_OK;
}

/* Fisher-Yates from the end, as numbered in Knuth, TAOCP vol. 2, algorithm 3.4.2 P. */
conformal_status conformal_permutation(uint64_t seed, uint64_t stream, size_t n, size_t *order,
                                       conformal_error *err)
{
    conformal_status status = cf_check_array(order, n, "order", err);
    if (status != CONFORMAL_OK)
        return status;
    uint64_t key = key_of(seed, stream);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n, c = 0; i-- > 1; c++) {
        size_t j = (size_t)(uniform(key, c) * (double)(i + 1));
        size_t t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    return CONFORMAL_OK;
}
