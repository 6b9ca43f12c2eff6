/* rank.h - real times integer, as the decimals were meant.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_RANK_H
#define CF_RANK_H

#include <stddef.h>

/* ceil and floor of x, where x is a product of a decimal and an integer up to `scale`: a
 * value within a few roundings of an integer was meant to be that integer. */
double cf_ceil_snap(double x, double scale);
double cf_floor_snap(double x, double scale);

/* conformal_rank() and conformal_lower_rank() for 0 <= alpha <= 1. */
size_t cf_rank(size_t n, double alpha);
size_t cf_lower_rank(size_t n, double alpha);

#endif
