/* law.h - what a sum of Beta-binomial counts may be.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_LAW_H
#define TEST_LAW_H

#include <stddef.h>

/* A repetition calibrates on n rows and counts how many of m new rows are covered: with
 * distinct scores exactly Beta-binomial(m; k, n + 1 - k), k the rank. Bounds that the sum over
 * independent repetitions exceeds, or stays under, with probability at most delta each: the
 * Chernoff bound of that exact law (its moment generating function summed term by term). */
void law_bounds(size_t n, size_t k, size_t m, size_t repetitions, double delta, double *low,
                double *high);

#endif
