/* select_read.c - order statistics without moving the data.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sorted sample brackets each rank; one reading pass counts what lies below the bracket
 * and keeps what lies inside, about one element in a hundred; the rank is then selected
 * among the kept. The counts are exact, so the answer is: a sample that misleads costs
 * another pass over the same data, never a wrong answer. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/select.h"

enum { COPY_BELOW = 300000, SAMPLE = 16384, BLOCK = 1024 };

/* An evenly spread sample with a multiplicative scatter inside each stretch, so that no
 * period in the data meets a period of ours. */
static void take_sample(const double *x, size_t n, double *sample)
{
    size_t stretch = n / SAMPLE;
    for (size_t i = 0; i < SAMPLE; i++)
        sample[i] = x[i * stretch + (i * 0x9E3779B1u >> 7) % stretch];
}

enum { TOO_MANY, KEPT, HAS_NAN };

/* The elements of x that lie in [low, high] go to kept (at most `room`); *below counts those
 * under low. A NaN is neither under, nor inside, nor over. */
static int keep_between(const double *x, size_t n, double low, double high, double *kept,
                        size_t room, size_t *n_kept, size_t *below)
{
    size_t k = 0, under = 0;
    for (size_t start = 0; start < n; start += BLOCK) {
        size_t m = n - start < BLOCK ? n - start : BLOCK;
        const double *b = x + start;
        size_t below_here = 0, inside = 0, above_here = 0;
        for (size_t i = 0; i < m; i++) { /* branch-free: vectorised */
            below_here += b[i] < low;
            inside += (b[i] >= low) & (b[i] <= high);
            above_here += b[i] > high;
        }
        under += below_here;
        if (below_here + inside + above_here != m)
            return HAS_NAN;
        if (inside == 0)
            continue;
        if (k + inside > room)
            return TOO_MANY;
        for (size_t i = 0; i < m; i++)
            if (b[i] >= low && b[i] <= high)
                kept[k++] = b[i];
    }
    *n_kept = k;
    *below = under;
    return KEPT;
}

/* One rank of a large array. `sample` is sorted; kept has room for `room` elements. */
static int select_one(const double *x, size_t n, size_t rank, const double *sample,
                      double *kept, size_t room, double *value)
{
    double expected = (double)SAMPLE * ((double)rank - 0.5) / (double)n;
    double p = expected / SAMPLE;
    double sigma = sqrt((double)SAMPLE * p * (1.0 - p)) + 1.0;
    double from = floor(expected - 5.0 * sigma), to = ceil(expected + 5.0 * sigma);
    double low = from < 0.0 ? -HUGE_VAL : sample[(size_t)from];
    double high = to >= SAMPLE ? HUGE_VAL : sample[(size_t)to];
    size_t n_kept, below;
    int outcome = keep_between(x, n, low, high, kept, room, &n_kept, &below);
    if (outcome == KEPT && (rank <= below || rank > below + n_kept))
        outcome = TOO_MANY; /* the bracket missed */
    if (outcome == KEPT)
        *value = low == high ? low : cf_select(kept, n_kept, rank - below);
    return outcome;
}

/* All ranks of a copy: sorted for many, selected one by one for few. */
static conformal_status select_copy(const double *x, size_t n, const size_t *ranks,
                                    size_t n_ranks, const conformal_allocator *allocator,
                                    double *values, conformal_error *err)
{
    int sorting = n_ranks > 4;
    double *copy = cf_alloc(allocator, n, sizeof *copy);
    double *scratch = sorting ? cf_alloc(allocator, n, sizeof *scratch) : NULL;
    conformal_status status = CONFORMAL_OK;
    if (copy == NULL || (sorting && scratch == NULL)) {
        status = cf_fail_memory(err, n, "numbers");
    } else if (cf_check_numbers(x, n, "x", NULL) != CONFORMAL_OK) {
        status = CONFORMAL_ENAN;
    } else {
        memcpy(copy, x, n * sizeof *copy);
        if (sorting)
            cf_sort(copy, n, scratch);
        for (size_t r = 0; r < n_ranks; r++)
            values[r] = sorting ? copy[ranks[r] - 1] : cf_select(copy, n, ranks[r]);
    }
    cf_free(allocator, scratch);
    cf_free(allocator, copy);
    return status;
}

conformal_status cf_select_read(const double *x, size_t n, const size_t *ranks, size_t n_ranks,
                                const conformal_allocator *allocator, double *values,
                                conformal_error *err)
{
    if (n_ranks == 0)
        return CONFORMAL_OK;
    if (n < COPY_BELOW || n_ranks > 16)
        return select_copy(x, n, ranks, n_ranks, allocator, values, err);

    size_t room = n / 16 + BLOCK, found = 0;
    double *sample = cf_alloc(allocator, SAMPLE, sizeof *sample);
    double *kept = cf_alloc(allocator, room, sizeof *kept);
    conformal_status status = CONFORMAL_OK;
    if (sample == NULL || kept == NULL) {
        status = cf_fail_memory(err, SAMPLE + room, "numbers");
    } else {
        take_sample(x, n, sample);
        cf_sort(sample, SAMPLE, kept); /* room > SAMPLE / 16 * 16 */
        int outcome = KEPT;
        while (found < n_ranks &&
               (outcome = select_one(x, n, ranks[found], sample, kept, room, values + found)) ==
                   KEPT)
            found++;
        if (outcome == HAS_NAN)
            status = CONFORMAL_ENAN;
    }
    cf_free(allocator, kept);
    cf_free(allocator, sample);
    if (status == CONFORMAL_OK && found < n_ranks)
        status =
            select_copy(x, n, ranks + found, n_ranks - found, allocator, values + found, err);
    return status;
}
