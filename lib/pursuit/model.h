/* model.h - what a pursuit model is made of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_PURSUIT_MODEL_H
#define CF_PURSUIT_MODEL_H

#include "conformal/pursuit.h"

struct conformal_pursuit_model {
    const conformal_allocator *allocator; /* own_allocator, or NULL for malloc() */
    conformal_allocator own_allocator;
    size_t n_classes, n_queries, n_rows; /* n_rows: answers of all queries */
    size_t *first;    /* n_queries + 1: the row of a query's answer 0 */
    double *chance;   /* n_rows x n_classes: P(answer | class) */
    double *base;     /* n_classes; NULL: not additive */
    double *weights;  /* n_rows x n_classes */
    conformal_pursuit_posterior posterior;
    void *user;
};

/* A model with its shape, chance uniform, nothing else set. */
conformal_status cf_pursuit_model_create(size_t n_classes, size_t n_queries,
                                         const size_t *n_answers, bool additive,
                                         const conformal_allocator *allocator,
                                         conformal_pursuit_model **model,
                                         conformal_error *err);

/* Codes within the model's shape, answers -1 allowed. */
conformal_status cf_pursuit_check_table(const conformal_pursuit_table *table, size_t n_classes,
                                        size_t n_queries, const size_t *first,
                                        const char *argument, conformal_error *err);

/* base = log P(class) and chance, smoothed, as conformal_pursuit_bayes() has them, of a model
 * and a table that fit. */
void cf_pursuit_count(conformal_pursuit_model *m, const conformal_pursuit_table *table,
                      double smoothing);

/* The row of an answer in weights and chance. */
static inline size_t cf_pursuit_row(const conformal_pursuit_model *m, int32_t query,
                                    int32_t answer)
{
    return m->first[query] + (size_t)answer;
}

/* Log-scores of n histories: n x n_classes into l, of which the posterior is the softmax. */
conformal_status cf_pursuit_scores(const conformal_pursuit_model *m,
                                   const conformal_pursuit_history *histories, size_t n,
                                   double *l, conformal_error *err);

/* p = softmax(gamma l). False: every class is excluded. */
bool cf_pursuit_softmax(const double *l, size_t n, double gamma, double *p);

/* Entropy of a distribution in bits. */
double cf_pursuit_entropy(const double *p, size_t n);

#endif
