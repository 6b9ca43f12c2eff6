/* draws.h - random rank vectors.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_DRAWS_H
#define CF_DRAWS_H

#include <stddef.h>
#include <stdint.h>

/* A uniform m-subset of 0..size-1, ascending: the b-th of a seed. members: out, m of them. */
void cf_draw_subset(uint64_t seed, uint64_t b, size_t size, size_t m, size_t *members);

#endif
