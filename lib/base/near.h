/* near.h - "did you mean ...?"
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_NEAR_H
#define CF_NEAR_H

#include <stddef.h>

/* Single-letter edits between two words, case ignored (Levenshtein 1966). */
size_t cf_edit_distance(const char *a, const char *b);

/* The candidate nearest to word if it is near enough to be a typing error (at most 2 edits,
 * and fewer than half the letters), or NULL. candidate(context, i) lends the i-th of n. */
const char *cf_nearest(const char *word, size_t n,
                       const char *(*candidate)(const void *context, size_t i),
                       const void *context);

#endif
