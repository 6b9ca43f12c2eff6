/* select.c - the k-th smallest in place, and counting in sorted arrays.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * R. W. Floyd, R. L. Rivest (1975), Algorithm 489: the algorithm SELECT for finding the i-th
 * smallest of n elements, Comm. ACM 18(3):173. About n + min(k, n - k) comparisons; a run that
 * shrinks too slowly (an adversary's order) is sorted instead, so the worst case is
 * O(n log n). */
#include "base/select.h"

#include <math.h>

enum { SMALL = 600 };

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

/* Split x[left..right] around the value at k; on return *from..*to is the stretch that holds
 * its own value, smaller ones before, larger ones after. Equal elements are exchanged, so
 * ties split evenly. */
static void partition(double *x, ptrdiff_t left, ptrdiff_t right, ptrdiff_t k,
                      ptrdiff_t *from, ptrdiff_t *to)
{
    double pivot = x[k];
    ptrdiff_t i = left, j = right;
    swap(&x[left], &x[k]);
    if (x[right] > pivot)
        swap(&x[right], &x[left]);
    while (i < j) {
        swap(&x[i], &x[j]);
        i++;
        j--;
        while (x[i] < pivot)
            i++;
        while (x[j] > pivot)
            j--;
    }
    if (x[left] == pivot)
        swap(&x[left], &x[j]);
    else
        swap(&x[++j], &x[right]);
    *from = *to = j;
}

static void select_range(double *x, ptrdiff_t left, ptrdiff_t right, ptrdiff_t k, int patience)
{
    while (right > left) {
        if (patience-- == 0) {
            cf_sort(x + left, (size_t)(right - left + 1), NULL);
            return;
        }
        if (right - left > SMALL) {
            /* Select in a sample first: the pivot then lands next to the k-th with high
             * probability [1, sec. 2]. */
            double n = (double)(right - left + 1), i = (double)(k - left + 1), z = log(n);
            double s = 0.5 * exp(2.0 * z / 3.0);
            double sd = 0.5 * sqrt(z * s * (n - s) / n) * (i < n / 2 ? -1.0 : 1.0);
            double low = floor((double)k - i * s / n + sd);
            double high = floor((double)k + (n - i) * s / n + sd);
            select_range(x, low > (double)left ? (ptrdiff_t)low : left,
                         high < (double)right ? (ptrdiff_t)high : right, k, patience);
        }
        ptrdiff_t from, to;
        partition(x, left, right, k, &from, &to);
        if (from <= k)
            left = to + 1;
        if (k <= to)
            right = from - 1;
    }
}

double cf_select(double *x, size_t n, size_t k)
{
    int patience = 16;
    for (size_t m = n; m > 0; m >>= 1)
        patience += 2;
    select_range(x, 0, (ptrdiff_t)n - 1, (ptrdiff_t)k - 1, patience);
    return x[k - 1];
}

/* The first index whose element does not satisfy "before". */
static size_t bisect(const double *sorted, size_t n, double v, int or_equal)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < v || (or_equal && sorted[middle] == v))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t cf_count_below(const double *sorted, size_t n, double v)
{
    return bisect(sorted, n, v, 0);
}

size_t cf_count_at_most(const double *sorted, size_t n, double v)
{
    return bisect(sorted, n, v, 1);
}
