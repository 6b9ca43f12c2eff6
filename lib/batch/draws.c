/* draws.c - random rank vectors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * R. W. Floyd's subset algorithm (Bentley, Floyd 1987, Comm. ACM 30:754): for the last m of
 * `size` numbers in turn, take a random number up to it, or it itself if that one is taken.
 * Members are kept in order, so that "taken" is a search. */
#include "batch/draws.h"

#include <string.h>

#include "conformal/random.h"

void cf_draw_subset(uint64_t seed, uint64_t b, size_t size, size_t m, size_t *members)
{
    for (size_t i = 0; i < m; i++) {
        size_t top = size - m + i;
        size_t t = (size_t)(conformal_uniform(seed, CONFORMAL_STREAM_BATCH, b * m + i) *
                            ((double)top + 1.0));
        size_t low = 0, high = i; /* where t belongs */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (members[middle] < t)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < i && members[low] == t) {
            t = top;
            low = i; /* the largest so far */
        }
        memmove(members + low + 1, members + low, (i - low) * sizeof *members);
        members[low] = t;
    }
}
