/* near.c - "did you mean ...?"
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "conformal/error.h"

#include <string.h>

enum { LONGEST = 63 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Single-letter edits between two words. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[LONGEST + 1], n = strlen(b);
    if (n > LONGEST)
        return strlen(a) + n;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= n; j++) {
            size_t best = diagonal + (lower(a[i]) != lower(b[j - 1]));
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

const char *conformal_nearest(const char *word, size_t n,
                       const char *(*candidate)(const void *context, size_t i),
                       const void *context)
{
    const char *nearest = NULL;
    size_t letters = strlen(word),
           least = 3; /* two typing errors are possible, three are not */
    for (size_t i = 0; i < n; i++) {
        const char *c = candidate(context, i);
        size_t distance = edit_distance(word, c);
        if (distance < least && 2 * distance < letters + 1) {
            least = distance;
            nearest = c;
        }
    }
    return nearest;
}
