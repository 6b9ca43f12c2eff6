/* cost_law_fourier.c - the law of a sum of rank costs, at the roots of unity.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For a root of unity w the generating function of one stratum is the complete homogeneous
 * polynomial h_m of the numbers w^cost[k]; Newton's identity m h_m = sum_p P_p h_{m-p}, with
 * power sums P_p = sum_k w^(p cost[k]), becomes for u_j = h_j / C(n + j, j)
 *     u_j = sum_{p=1}^{j} a(j,p) mu(w^p) u_{j-p},   mu(w) = P_1(w) / (n + 1),
 *     a(j,1) = (n+1) / (n+j),   a(j,p+1) = a(j,p) (j-p) / (n+j-p),   sum_p a(j,p) = 1:
 * a convex combination of numbers in the unit disc, so errors do not grow. a(j,p) falls like
 * (j / (n + j))^p and is cut off. Strata multiply. Frequencies are taken in blocks that stay
 * in the cache; a block whose last terms have all vanished is done. */
#include "batch/cost_law.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fft.h"

enum { BLOCK = 64 };
#define NEGLIGIBLE 1e-19

typedef struct column {
    double re[BLOCK], im[BLOCK];
} column;

typedef struct newton {
    const conformal_allocator *allocator;
    size_t length;
    double *mu;      /* half-complex, of the stratum at hand */
    double *weights; /* a(j, p), row by row */
    size_t *n_weights; /* per j = 1..m */
    size_t depth;    /* the most of them */
    column *powers;  /* mu(w^p), p = 1..depth, of the block */
    column *u;       /* the last depth + 1 of them, in a ring */
} newton;

/* How many of the a(j, .) matter, and the numbers if `row` is not NULL. */
static size_t weights_of(size_t n, size_t j, double *row)
{
    double dn = (double)n, dj = (double)j, a = (dn + 1.0) / (dn + dj);
    size_t p = 0;
    while (p < j && (a >= 1e-18 || p == 0)) {
        if (row != NULL)
            row[p] = a;
        p++;
        a *= (dj - (double)p) / (dn + dj - (double)p);
    }
    return p;
}

static conformal_status prepare(newton *w, const cf_costs *c, conformal_error *err)
{
    size_t count = 0;
    w->depth = weights_of(c->n, c->m, NULL); /* it grows with j */
    for (size_t j = 1; j <= c->m; j++)
        count += weights_of(c->n, j, NULL);
    w->weights = cf_alloc(w->allocator, count, sizeof *w->weights);
    w->n_weights = cf_alloc(w->allocator, c->m, sizeof *w->n_weights);
    w->powers = cf_alloc(w->allocator, w->depth, sizeof *w->powers);
    w->u = cf_alloc(w->allocator, w->depth + 1, sizeof *w->u);
    w->mu = cf_alloc(w->allocator, w->length, sizeof *w->mu);
    if (w->weights == NULL || w->n_weights == NULL || w->powers == NULL || w->u == NULL ||
        w->mu == NULL)
        return cf_fail_memory(err, w->length + count, "frequencies");
    double *row = w->weights;
    for (size_t j = 1; j <= c->m; j++) {
        w->n_weights[j - 1] = weights_of(c->n, j, row);
        row += w->n_weights[j - 1];
    }
    memset(w->mu, 0, w->length * sizeof *w->mu);
    for (size_t k = 0; k <= c->n; k++)
        if (c->cost[k] >= 0)
            w->mu[c->cost[k] - c->least] += 1.0 / ((double)c->n + 1.0);
    cf_fft_forward(w->mu, w->length);
    return CONFORMAL_OK;
}

static void release(newton *w)
{
    cf_free(w->allocator, w->mu);
    cf_free(w->allocator, w->u);
    cf_free(w->allocator, w->powers);
    cf_free(w->allocator, w->n_weights);
    cf_free(w->allocator, w->weights);
}

/* mu(w^p) for the frequencies first .. first + BLOCK - 1 and p = 1..depth. */
static void gather(newton *w, size_t first)
{
    size_t mask = w->length - 1;
    for (size_t p = 1; p <= w->depth; p++)
        for (size_t b = 0; b < BLOCK; b++) {
            size_t f = (first + b) * p & mask, half = w->length / 2;
            bool mirrored = f > half;
            size_t g = mirrored ? w->length - f : f;
            bool real = g == 0 || g == half;
            double im = real ? 0.0 : w->mu[w->length - g];
            w->powers[p - 1].re[b] = w->mu[g];
            w->powers[p - 1].im[b] = mirrored ? -im : im;
        }
}

/* acc += a x y */
static void multiply_add(column *restrict acc, double a, const column *restrict x,
                         const column *restrict y)
{
    for (size_t b = 0; b < BLOCK; b++) {
        acc->re[b] += a * (x->re[b] * y->re[b] - x->im[b] * y->im[b]);
        acc->im[b] += a * (x->re[b] * y->im[b] + x->im[b] * y->re[b]);
    }
}

static bool is_negligible(const column *x)
{
    double largest = 0.0;
    for (size_t b = 0; b < BLOCK; b++)
        largest += fabs(x->re[b]) + fabs(x->im[b]);
    return largest < NEGLIGIBLE;
}

/* u_m of the block. */
static const column *recurse(newton *w, size_t m)
{
    static const column zero;
    size_t ring = w->depth + 1, quiet = 0;
    const double *weights = w->weights;
    w->u[0] = zero;
    for (size_t b = 0; b < BLOCK; b++)
        w->u[0].re[b] = 1.0;
    for (size_t j = 1; j <= m; j++) {
        column *u = &w->u[j % ring];
        *u = zero;
        for (size_t p = 1; p <= w->n_weights[j - 1]; p++)
            multiply_add(u, weights[p - 1], &w->powers[p - 1], &w->u[(j - p) % ring]);
        weights += w->n_weights[j - 1];
        quiet = is_negligible(u) ? quiet + 1 : 0;
        if (quiet > w->depth)
            return &zero;
    }
    return &w->u[m % ring];
}

/* The product over strata is kept where the result will be, in half-complex order. */
static void multiply_in(double *product, size_t length, size_t first, const column *u)
{
    for (size_t b = 0; b < BLOCK && first + b <= length / 2; b++) {
        size_t f = first + b;
        bool real = f == 0 || f == length / 2;
        double re = product[f], im = real ? 0.0 : product[length - f];
        product[f] = re * u->re[b] - im * u->im[b];
        if (!real)
            product[length - f] = re * u->im[b] + im * u->re[b];
    }
}

conformal_status cf_cost_law_fourier(const cf_costs *strata, size_t n_strata, size_t length,
                                     const conformal_allocator *allocator, double *pmf,
                                     conformal_error *err)
{
    for (size_t f = 0; f < length; f++)
        pmf[f] = f <= length / 2 ? 1.0 : 0.0;
    for (size_t g = 0; g < n_strata; g++) {
        newton w = {.allocator = allocator, .length = length};
        conformal_status status = prepare(&w, &strata[g], err);
        for (size_t f = 0; f <= length / 2 && status == CONFORMAL_OK; f += BLOCK) {
            gather(&w, f);
            multiply_in(pmf, length, f, recurse(&w, strata[g].m));
        }
        release(&w);
        if (status != CONFORMAL_OK)
            return status;
    }
    cf_fft_inverse(pmf, length);
    return CONFORMAL_OK;
}
