/* sort.c - sorting doubles by their bits.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bits of a double, with the sign bit flipped for positive and all bits for negative
 * numbers, are an unsigned integer in the same order. Those keys are sorted byte by byte from
 * the lowest (LSD radix): eight passes, less one for every byte that all keys share. */
#include "base/select.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { INSERTION = 24, BYTES = 8, DIGITS = 256, RADIX_FROM = 512 };

static uint64_t key_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits ^ ((bits >> 63) ? UINT64_MAX : UINT64_C(1) << 63);
}

static double value_of(uint64_t key)
{
    uint64_t bits = key ^ ((key >> 63) ? UINT64_C(1) << 63 : UINT64_MAX);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x[i] sorts before x[j]; the bits tell -0.0 from 0.0. */
static int before(double a, double b)
{
    return key_of(a) < key_of(b);
}

static void sift_down(double *x, size_t root, size_t n)
{
    double v = x[root];
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && before(x[child], x[child + 1]))
            child++;
        if (!before(v, x[child]))
            break;
        x[root] = x[child];
    }
    x[root] = v;
}

static void heap_sort(double *x, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift_down(x, i, n);
    for (size_t last = n; last-- > 1;) {
        double largest = x[0];
        x[0] = x[last];
        x[last] = largest;
        sift_down(x, 0, last);
    }
}

static void insertion_sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double v = x[i];
        size_t j = i;
        for (; j > 0 && before(v, x[j - 1]); j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

static void radix_sort(double *x, size_t n, double *scratch)
{
    static const size_t zero[BYTES][DIGITS];
    size_t count[BYTES][DIGITS];
    memcpy(count, zero, sizeof count);
    for (size_t i = 0; i < n; i++) {
        uint64_t key = key_of(x[i]);
        for (int b = 0; b < BYTES; b++)
            count[b][key >> (8 * b) & 255]++;
    }
    double *from = x, *to = scratch;
    for (int b = 0; b < BYTES; b++) {
        if (count[b][key_of(x[0]) >> (8 * b) & 255] == n)
            continue; /* all keys share this byte */
        size_t at = 0;
        for (int d = 0; d < DIGITS; d++) {
            size_t here = count[b][d];
            count[b][d] = at;
            at += here;
        }
        for (size_t i = 0; i < n; i++) {
            uint64_t key = key_of(from[i]);
            to[count[b][key >> (8 * b) & 255]++] = value_of(key);
        }
        double *t = from;
        from = to;
        to = t;
    }
    if (from != x)
        memcpy(x, from, n * sizeof *x);
}

void cf_sort(double *x, size_t n, double *scratch)
{
    if (n <= INSERTION)
        insertion_sort(x, n);
    else if (scratch == NULL || n < RADIX_FROM)
        heap_sort(x, n);
    else
        radix_sort(x, n, scratch);
}

/* Stable merge of the runs order[a..b) and order[b..c). */
static void merge(const double *x, const size_t *order, size_t a, size_t b, size_t c,
                  size_t *out)
{
    size_t i = a, j = b;
    for (size_t k = a; k < c; k++)
        out[k] = j >= c || (i < b && x[order[i]] <= x[order[j]]) ? order[i++] : order[j++];
}

conformal_status cf_sort_order(const double *x, size_t n, size_t *order,
                               const conformal_allocator *allocator, conformal_error *err)
{
    size_t *other = cf_alloc(allocator, n, sizeof *other);
    if (other == NULL)
        return cf_fail_memory(err, n, "indices");
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    size_t *from = order, *to = other;
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t a = 0; a < n; a += 2 * run) {
            size_t b = a + run < n ? a + run : n, c = b + run < n ? b + run : n;
            merge(x, from, a, b, c, to);
        }
        size_t *t = from;
        from = to;
        to = t;
    }
    if (from != order)
        memcpy(order, from, n * sizeof *order);
    cf_free(allocator, other);
    return CONFORMAL_OK;
}
