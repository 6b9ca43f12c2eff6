/* problem.h - small random problems, and posteriors by definition.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_PURSUIT_PROBLEM_H
#define TEST_PURSUIT_PROBLEM_H

#include "conformal/random.h"
#include "made.h"

enum { MOST_CLASSES = 6, MOST_QUERIES = 5, MOST_ROWS = 40, MOST_CELLS = 4 * 5 * 6 };

typedef struct problem {
    size_t classes, queries, n_answers[MOST_QUERIES], row[MOST_QUERIES + 1];
    double base[MOST_CLASSES], weights[MOST_CELLS], chance[MOST_CELLS];
    int32_t answers[MOST_ROWS * MOST_QUERIES], labels[MOST_ROWS];
    int32_t chains[MOST_ROWS * MOST_QUERIES];
    int32_t other_answers[MOST_ROWS * MOST_QUERIES], other_labels[MOST_ROWS];
    conformal_pursuit_table first, second;
    conformal_pursuit_model *model;
} problem;

static inline double draw(uint64_t seed, uint64_t *at)
{
    return conformal_uniform(seed, 77, (*at)++);
}

static inline size_t draw_below(uint64_t seed, uint64_t *at, size_t n)
{
    return (size_t)(draw(seed, at) * (double)n);
}

/* Answers that fit their class somewhat; one in ten is missing. */
static inline void draw_rows(const problem *r, uint64_t seed, uint64_t *at, size_t rows,
                             int32_t *answers, int32_t *labels)
{
    for (size_t i = 0; i < rows; i++) {
        size_t y = draw_below(seed, at, r->classes);
        labels[i] = (int32_t)y;
        for (size_t q = 0; q < r->queries; q++) {
            double u = draw(seed, at), sum = 0;
            int32_t a = 0;
            while (a + 1 < (int32_t)r->n_answers[q] &&
                   (sum += r->chance[(r->row[q] + (size_t)a) * r->classes + y]) < u)
                a++;
            answers[i * r->queries + q] = draw(seed, at) < 0.1 ? -1 : a;
        }
    }
}

/* A model whose weights are not the logarithms of its chances, now and then very sure. */
static inline void draw_problem(problem *r, uint64_t seed)
{
    uint64_t at = 0;
    memset(r, 0, sizeof *r);
    r->classes = 2 + draw_below(seed, &at, MOST_CLASSES - 1);
    r->queries = 2 + draw_below(seed, &at, MOST_QUERIES - 1);
    for (size_t q = 0; q < r->queries; q++) {
        r->n_answers[q] = 1 + draw_below(seed, &at, 4);
        r->row[q + 1] = r->row[q] + r->n_answers[q];
    }
    double sharp = 0.5 + 3 * draw(seed, &at) * draw(seed, &at);
    for (size_t y = 0; y < r->classes; y++) {
        r->base[y] = draw(seed, &at);
        for (size_t q = 0; q < r->queries; q++) {
            double sum = 0;
            for (size_t i = r->row[q]; i < r->row[q + 1]; i++)
                sum += r->chance[i * r->classes + y] = 0.05 + draw(seed, &at);
            for (size_t i = r->row[q]; i < r->row[q + 1]; i++) {
                r->chance[i * r->classes + y] /= sum;
                r->weights[i * r->classes + y] =
                    sharp * log(r->chance[i * r->classes + y]) + 0.2 * draw(seed, &at);
            }
        }
    }
    size_t rows = 9 + draw_below(seed, &at, MOST_ROWS - 8);
    draw_rows(r, seed, &at, rows, r->answers, r->labels);
    draw_rows(r, seed, &at, MOST_ROWS, r->other_answers, r->other_labels);
    for (size_t i = 0; i < rows; i++) {
        size_t order[MOST_QUERIES];
        assert_ok(conformal_permutation(seed + 1, i, r->queries, order, err));
        for (size_t j = 0; j < r->queries; j++)
            r->chains[i * r->queries + j] = (int32_t)order[j];
    }
    r->first = table_of(rows, r->queries, r->answers, r->labels);
    r->second = table_of(MOST_ROWS, r->queries, r->other_answers, r->other_labels);
    assert_ok(conformal_pursuit_additive(r->base, r->weights, r->chance, r->classes, r->queries,
                                         r->n_answers, NULL, &r->model, err));
}

static inline void free_problem(problem *r)
{
    conformal_pursuit_model_free(r->model);
}

/* softmax(gamma (base + weights of the answers)), term by term. */
static inline void posterior(const problem *r, const conformal_pursuit_answer *h, size_t k,
                             double gamma, double *p)
{
    double sum = 0;
    for (size_t y = 0; y < r->classes; y++) {
        double l = r->base[y];
        for (size_t i = 0; i < k; i++)
            if (h[i].answer >= 0)
                l += r->weights[(r->row[h[i].query] + (size_t)h[i].answer) * r->classes + y];
        sum += p[y] = exp(gamma * l);
    }
    for (size_t y = 0; y < r->classes; y++)
        p[y] /= sum;
}

static inline double entropy_of(const double *p, size_t n)
{
    double h = 0;
    for (size_t y = 0; y < n; y++)
        h -= p[y] > 0 ? p[y] * log2(p[y]) : 0;
    return h;
}

static inline int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The floor(alpha (n + 1))-th smallest; 0 for the 0-th. Sorts them. */
static inline double order_statistic(double *x, size_t n, double alpha)
{
    size_t m = (size_t)floor(alpha * ((double)n + 1) + 1e-9);
    qsort(x, n, sizeof *x, compare_numbers);
    return m == 0 ? 0 : x[(m <= n ? m : n) - 1];
}

#endif
