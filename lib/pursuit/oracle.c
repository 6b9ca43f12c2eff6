/* oracle.c - a table of what each class answers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "pursuit/model.h"

static conformal_status check(const double *yes, size_t cells, double flip, const double *prior,
                              size_t n_classes, conformal_error *err)
{
    conformal_status status = cf_check_array(yes, cells, "yes", err);
    double sum = 0.0;
    if (status != CONFORMAL_OK)
        return status;
    if (!(flip >= 0.0 && flip < 0.5))
        return cf_fail(err, CONFORMAL_EDOM, "flip", CF_NO_INDEX,
                       "flip must be at least 0 and below 0.5, not %s", CF_TEXT(flip));
    for (size_t i = 0; i < cells; i++)
        if (!(yes[i] >= 0.0 && yes[i] <= 1.0))
            return cf_fail(err, CONFORMAL_EDOM, "yes", i, "%s is not a probability",
                           CF_TEXT(yes[i]));
    for (size_t y = 0; prior != NULL && y < n_classes; y++) {
        if (!(prior[y] >= 0.0))
            return cf_fail(err, CONFORMAL_EDOM, "prior", y, "%s is not a probability",
                           CF_TEXT(prior[y]));
        sum += prior[y];
    }
    if (prior != NULL && !(fabs(sum - 1.0) <= 1e-6))
        return cf_fail(err, CONFORMAL_EDOM, "prior", CF_NO_INDEX, "the prior sums to %s, not to 1",
                       CF_TEXT(sum));
    return CONFORMAL_OK;
}

conformal_status conformal_pursuit_oracle(const double *yes, size_t n_classes, size_t n_queries,
                                          double flip, const double *prior,
                                          const conformal_allocator *allocator,
                                          conformal_pursuit_model **model, conformal_error *err)
{
    conformal_pursuit_model *m;
    size_t k = n_classes;
    conformal_status status;
    if ((status = cf_check_pointer(model, "model", err)) != CONFORMAL_OK ||
        (status = check(yes, k * n_queries, flip, prior, k, err)) != CONFORMAL_OK)
        return status;
    size_t *two = cf_alloc(allocator, n_queries, sizeof *two);
    if (two == NULL)
        return cf_fail_memory(err, n_queries, "queries");
    for (size_t q = 0; q < n_queries; q++)
        two[q] = 2;
    status = cf_pursuit_model_create(k, n_queries, two, true, allocator, &m, err);
    cf_free(allocator, two);
    if (status != CONFORMAL_OK)
        return status;
    for (size_t y = 0; y < k; y++)
        m->base[y] = log(prior != NULL ? prior[y] : 1.0 / (double)k);
    for (size_t q = 0; q < n_queries; q++)
        for (size_t y = 0; y < k; y++) {
            double p = flip + (1.0 - 2.0 * flip) * yes[y * n_queries + q];
            m->chance[(2 * q) * k + y] = 1.0 - p;
            m->chance[(2 * q + 1) * k + y] = p;
            m->weights[(2 * q) * k + y] = log1p(-p);
            m->weights[(2 * q + 1) * k + y] = log(p);
        }
    *model = m;
    return CONFORMAL_OK;
}
