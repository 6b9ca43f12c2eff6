/* model.c - pursuit models: additive log-scores, or whatever a callback says.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pursuit/model.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"

conformal_status cf_pursuit_model_create(size_t n_classes, size_t n_queries,
                                         const size_t *n_answers, bool additive,
                                         const conformal_allocator *allocator,
                                         conformal_pursuit_model **model, conformal_error *err)
{
    conformal_status status;
    size_t rows = 0;
    if ((status = cf_check_count(n_classes, "n_classes", err)) != CONFORMAL_OK ||
        (status = cf_check_array(n_answers, n_queries, "n_answers", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(model, "model", err)) != CONFORMAL_OK)
        return status;
    if (n_classes > INT32_MAX || n_queries > INT32_MAX)
        return cf_fail(err, CONFORMAL_EDOM, "n_classes", CF_NO_INDEX,
                       "classes and queries must be fewer than 2^31");
    for (size_t q = 0; q < n_queries; q++) {
        if (n_answers[q] < 1 || n_answers[q] > INT32_MAX)
            return cf_fail(err, CONFORMAL_EDOM, "n_answers", q, "query %zu has no answers", q);
        rows += n_answers[q];
    }
    conformal_pursuit_model *m = cf_alloc(allocator, 1, sizeof *m);
    if (m == NULL)
        return cf_fail_memory(err, 1, "model");
    memset(m, 0, sizeof *m);
    if (allocator != NULL) {
        m->own_allocator = *allocator;
        m->allocator = &m->own_allocator;
    }
    m->n_classes = n_classes;
    m->n_queries = n_queries;
    m->n_rows = rows;
    m->first = cf_alloc(allocator, n_queries + 1, sizeof *m->first);
    m->chance = cf_alloc(allocator, rows, n_classes * sizeof *m->chance);
    if (additive) {
        m->base = cf_alloc(allocator, n_classes, sizeof *m->base);
        m->weights = cf_alloc(allocator, rows, n_classes * sizeof *m->weights);
    }
    if (m->first == NULL || m->chance == NULL ||
        (additive && (m->base == NULL || m->weights == NULL))) {
        conformal_pursuit_model_free(m);
        return cf_fail_memory(err, rows * n_classes, "weights");
    }
    m->first[0] = 0;
    for (size_t q = 0; q < n_queries; q++) {
        m->first[q + 1] = m->first[q] + n_answers[q];
        for (size_t i = m->first[q] * n_classes; i < m->first[q + 1] * n_classes; i++)
            m->chance[i] = 1.0 / (double)n_answers[q];
    }
    *model = m;
    return CONFORMAL_OK;
}

void conformal_pursuit_model_free(conformal_pursuit_model *m)
{
    if (m == NULL)
        return;
    conformal_allocator copy = m->own_allocator; /* m goes before its allocator does */
    const conformal_allocator *a = m->allocator != NULL ? &copy : NULL;
    cf_free(a, m->first);
    cf_free(a, m->chance);
    cf_free(a, m->base);
    cf_free(a, m->weights);
    cf_free(a, m);
}

conformal_status cf_pursuit_check_table(const conformal_pursuit_table *table, size_t n_classes,
                                        size_t n_queries, const size_t *first,
                                        const char *argument, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(table, argument, err)) != CONFORMAL_OK ||
        (status = cf_check_array(table->answers, table->rows * table->queries, "answers",
                                 err)) != CONFORMAL_OK ||
        (status = cf_check_array(table->labels, table->rows, "labels", err)) != CONFORMAL_OK)
        return status;
    if (table->queries > 0 && table->rows > SIZE_MAX / sizeof(int32_t) / table->queries)
        return cf_fail(err, CONFORMAL_EDIM, argument, CF_NO_INDEX,
                       "%zu x %zu answers are more than memory has", table->rows, table->queries);
    if (table->queries != n_queries)
        return cf_fail(err, CONFORMAL_EDIM, argument, CF_NO_INDEX,
                       "a table of %zu queries for a model of %zu", table->queries, n_queries);
    for (size_t i = 0; i < table->rows; i++) {
        if (table->labels[i] < 0 || (size_t)table->labels[i] >= n_classes)
            return cf_fail(err, CONFORMAL_EDOM, "labels", i,
                           "class %d of row %zu is not in 0..%zu", (int)table->labels[i], i,
                           n_classes - 1);
        for (size_t q = 0; q < n_queries; q++) {
            int32_t a = table->answers[i * n_queries + q];
            if (a < -1 || (a >= 0 && (size_t)a >= first[q + 1] - first[q]))
                return cf_fail(err, CONFORMAL_EDOM, "answers", i,
                               "answer %d of row %zu to query %zu is not in -1..%zu", (int)a, i,
                               q, first[q + 1] - first[q] - 1);
        }
    }
    return CONFORMAL_OK;
}

/* ------------------------------------------------------------------ scores */

bool cf_pursuit_softmax(const double *l, size_t n, double gamma, double *p)
{
    double most = -HUGE_VAL, sum = 0.0;
    for (size_t y = 0; y < n; y++)
        most = fmax(most, l[y]);
    if (most == -HUGE_VAL)
        return false;
    for (size_t y = 0; y < n; y++) {
        p[y] = exp(gamma * (l[y] - most));
        sum += p[y];
    }
    for (size_t y = 0; y < n; y++)
        p[y] /= sum;
    return true;
}

double cf_pursuit_entropy(const double *p, size_t n)
{
    double h = 0.0;
    for (size_t y = 0; y < n; y++)
        h -= p[y] > 0.0 ? p[y] * log2(p[y]) : 0.0;
    return h;
}

static void add_up(const conformal_pursuit_model *m, const conformal_pursuit_history *h,
                   double *l)
{
    memcpy(l, m->base, m->n_classes * sizeof *l);
    for (size_t k = 0; k < h->length; k++) {
        if (h->answers[k].answer < 0)
            continue;
        const double *w =
            m->weights +
            cf_pursuit_row(m, h->answers[k].query, h->answers[k].answer) * m->n_classes;
        for (size_t y = 0; y < m->n_classes; y++)
            l[y] += w[y];
    }
}

/* What a callback returned: distributions, whose logarithms are scores. */
static conformal_status take_posteriors(const conformal_pursuit_model *m, size_t n, double *l,
                                        conformal_error *err)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t y = 0; y < m->n_classes; y++) {
            double p = l[i * m->n_classes + y];
            if (!(p >= 0.0 && p < HUGE_VAL)) /* also for NaN */
                return cf_fail(err, isnan(p) ? CONFORMAL_ENAN : CONFORMAL_EDOM, "posterior", i,
                               "the model gave class %zu probability %s after history %zu", y,
                               CF_TEXT(p), i);
            sum += p;
        }
        if (!(fabs(sum - 1.0) <= 1e-6))
            return cf_fail(err, CONFORMAL_EDOM, "posterior", i,
                           "the model's probabilities after history %zu sum to %s, not to 1", i,
                           CF_TEXT(sum));
        for (size_t y = 0; y < m->n_classes; y++)
            l[i * m->n_classes + y] = log(l[i * m->n_classes + y]);
    }
    return CONFORMAL_OK;
}

conformal_status cf_pursuit_scores(const conformal_pursuit_model *m,
                                   const conformal_pursuit_history *histories, size_t n,
                                   double *l, conformal_error *err)
{
    if (m->posterior == NULL) {
        for (size_t i = 0; i < n; i++)
            add_up(m, &histories[i], l + i * m->n_classes);
        return CONFORMAL_OK;
    }
    conformal_status status = m->posterior(m->user, histories, n, l, err);
    return status == CONFORMAL_OK ? take_posteriors(m, n, l, err) : status;
}

/* ------------------------------------------------------------------ public */

/* Finite scores stay below this, so that sums of them, times a temperature, stay finite. */
#define MOST_SCORE 0x1p900

static bool is_score(double x)
{
    return x == -HUGE_VAL || fabs(x) <= MOST_SCORE;
}

static conformal_status check_numbers(const double *x, size_t n, const char *argument,
                                      bool probability, conformal_error *err)
{
    conformal_status status = cf_check_array(x, n, argument, err);
    for (size_t i = 0; i < n && status == CONFORMAL_OK; i++)
        if (probability ? !(x[i] >= 0.0 && x[i] <= 1.0) : !is_score(x[i]))
            status = cf_fail(err, isnan(x[i]) ? CONFORMAL_ENAN : CONFORMAL_EDOM, argument, i,
                             "%s %zu is %s", argument, i, CF_TEXT(x[i]));
    return status;
}

conformal_status conformal_pursuit_additive(const double *base, const double *weights,
                                            const double *chance, size_t n_classes,
                                            size_t n_queries, const size_t *n_answers,
                                            const conformal_allocator *allocator,
                                            conformal_pursuit_model **model,
                                            conformal_error *err)
{
    conformal_pursuit_model *m;
    conformal_status status;
    if ((status = cf_check_pointer(model, "model", err)) != CONFORMAL_OK ||
        (status = cf_pursuit_model_create(n_classes, n_queries, n_answers, true, allocator, &m,
                                          err)) != CONFORMAL_OK)
        return status;
    size_t cells = m->n_rows * n_classes;
    if ((status = check_numbers(base, n_classes, "base", false, err)) != CONFORMAL_OK ||
        (status = check_numbers(weights, cells, "weights", false, err)) != CONFORMAL_OK ||
        (status = check_numbers(chance, cells, "chance", true, err)) != CONFORMAL_OK) {
        conformal_pursuit_model_free(m);
        return status;
    }
    memcpy(m->base, base, n_classes * sizeof *base);
    if (cells > 0) {
        memcpy(m->weights, weights, cells * sizeof *weights);
        memcpy(m->chance, chance, cells * sizeof *chance);
    }
    *model = m;
    return CONFORMAL_OK;
}

conformal_status conformal_pursuit_callback(conformal_pursuit_posterior posterior, void *user,
                                            const double *chance, size_t n_classes,
                                            size_t n_queries, const size_t *n_answers,
                                            const conformal_allocator *allocator,
                                            conformal_pursuit_model **model,
                                            conformal_error *err)
{
    conformal_pursuit_model *m;
    conformal_status status;
    if (posterior == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, "posterior", CF_NO_INDEX, "posterior is NULL");
    if ((status = cf_check_pointer(model, "model", err)) != CONFORMAL_OK ||
        (status = cf_pursuit_model_create(n_classes, n_queries, n_answers, false, allocator, &m,
                                          err)) != CONFORMAL_OK)
        return status;
    size_t cells = m->n_rows * n_classes;
    if (chance != NULL &&
        (status = check_numbers(chance, cells, "chance", true, err)) != CONFORMAL_OK) {
        conformal_pursuit_model_free(m);
        return status;
    }
    if (chance != NULL && cells > 0)
        memcpy(m->chance, chance, cells * sizeof *chance);
    m->posterior = posterior;
    m->user = user;
    *model = m;
    return CONFORMAL_OK;
}

size_t conformal_pursuit_classes(const conformal_pursuit_model *m)
{
    return m->n_classes;
}

size_t conformal_pursuit_queries(const conformal_pursuit_model *m)
{
    return m->n_queries;
}

size_t conformal_pursuit_answers(const conformal_pursuit_model *m, size_t query)
{
    return query < m->n_queries ? m->first[query + 1] - m->first[query] : 0;
}

const double *conformal_pursuit_base(const conformal_pursuit_model *m)
{
    return m->base;
}

const double *conformal_pursuit_weights(const conformal_pursuit_model *m)
{
    return m->weights;
}

const double *conformal_pursuit_chance(const conformal_pursuit_model *m)
{
    return m->base != NULL ? m->chance : NULL;
}
