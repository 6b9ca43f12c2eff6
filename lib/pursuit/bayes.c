/* bayes.c - naive Bayes with symmetric Dirichlet smoothing.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * P(answer | class) = (count + smoothing) / (answers of the class + smoothing n_answers),
 * P(class) = (count + 1) / (rows + classes). */
#include <math.h>

#include "base/check.h"
#include "base/error.h"
#include "pursuit/model.h"

void cf_pursuit_count(conformal_pursuit_model *m, const conformal_pursuit_table *table,
                      double smoothing)
{
    size_t queries = m->n_queries, k = m->n_classes;
    for (size_t y = 0; y < k; y++)
        m->base[y] = 1.0;
    for (size_t i = 0; i < m->n_rows * k; i++)
        m->chance[i] = smoothing;
    for (size_t i = 0; i < table->rows; i++) {
        size_t y = (size_t)table->labels[i];
        m->base[y] += 1.0;
        for (size_t q = 0; q < queries; q++) {
            int32_t a = table->answers[i * queries + q];
            if (a >= 0)
                m->chance[cf_pursuit_row(m, (int32_t)q, a) * k + y] += 1.0;
        }
    }
    for (size_t y = 0; y < k; y++)
        m->base[y] = log(m->base[y] / ((double)table->rows + (double)k));
    for (size_t q = 0; q < queries; q++)
        for (size_t y = 0; y < k; y++) {
            double sum = 0.0;
            for (size_t r = m->first[q]; r < m->first[q + 1]; r++)
                sum += m->chance[r * k + y];
            for (size_t r = m->first[q]; r < m->first[q + 1]; r++)
                m->chance[r * k + y] /= sum;
        }
}

conformal_status conformal_pursuit_bayes(const conformal_pursuit_table *table,
                                         size_t n_classes, const size_t *n_answers,
                                         double smoothing, const conformal_allocator *allocator,
                                         conformal_pursuit_model **model, conformal_error *err)
{
    conformal_pursuit_model *m;
    conformal_status status;
    if ((status = cf_check_pointer(table, "table", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(model, "model", err)) != CONFORMAL_OK)
        return status;
    if (!(smoothing > 0.0 && smoothing < HUGE_VAL))
        return cf_fail(err, CONFORMAL_EDOM, "smoothing", CF_NO_INDEX,
                       "smoothing must be positive and finite, not %s", CF_TEXT(smoothing));
    size_t queries = table->queries, k = n_classes;
    status = cf_pursuit_model_create(k, queries, n_answers, true, allocator, &m, err);
    if (status != CONFORMAL_OK)
        return status;
    status = cf_pursuit_check_table(table, k, queries, m->first, "table", err);
    if (status != CONFORMAL_OK) {
        conformal_pursuit_model_free(m);
        return status;
    }
    cf_pursuit_count(m, table, smoothing);
    for (size_t i = 0; i < m->n_rows * k; i++)
        m->weights[i] = log(m->chance[i]);
    *model = m;
    return CONFORMAL_OK;
}
