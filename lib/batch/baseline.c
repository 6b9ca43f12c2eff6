/* baseline.c - what else gives valid bounds for a batch, to compare with.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/select.h"
#include "batch/draws.h"
#include "batch/order_law.h"
#include "conformal/batch.h"

/* All subsets up to this many, else a sample. */
enum { MOST_SUBSETS = 200000, SAMPLE = 9999 };

typedef struct problem {
    const double *scores;
    size_t n, m;
    conformal_batch_function function;
    void *user;
    double alpha, low, high;
    uint64_t seed;
    const conformal_allocator *allocator;
    double *batch; /* m */
    conformal_error *err;
} problem;

static conformal_status evaluate(problem *p, double *value)
{
    cf_sort(p->batch, p->m, NULL);
    *value = p->function(p->user, p->batch, p->m);
    return isnan(*value) ? cf_fail(p->err, CONFORMAL_ENAN, "function", CF_NO_INDEX,
                                   "the statistic of a batch is NaN")
                         : CONFORMAL_OK;
}

/* The statistic with all members at x. */
static conformal_status all_at(problem *p, double x, double *value)
{
    for (size_t j = 0; j < p->m; j++)
        p->batch[j] = x;
    return evaluate(p, value);
}

static conformal_status partition(problem *p, bool upper, double *bound)
{
    size_t n = p->n / p->m, k = cf_rank(n, p->alpha);
    conformal_status status = CONFORMAL_OK;
    double *values = cf_alloc(p->allocator, n, sizeof *values);
    if (values == NULL)
        return cf_fail_memory(p->err, n, "batches");
    for (size_t b = 0; b < n && status == CONFORMAL_OK; b++) {
        memcpy(p->batch, p->scores + b * p->m, p->m * sizeof *p->batch);
        status = evaluate(p, &values[b]);
    }
    if (status == CONFORMAL_OK && k > n)
        status = all_at(p, upper ? p->high : p->low, bound);
    else if (status == CONFORMAL_OK)
        *bound = cf_select(values, n, upper ? (k > 0 ? k : 1) : (k > 0 ? n + 1 - k : n));
    cf_free(p->allocator, values);
    return status;
}

static conformal_status bonferroni(problem *p, bool upper, double *bound)
{
    size_t k = cf_rank(p->n, p->alpha / (double)p->m);
    double at = upper ? p->high : p->low;
    k = k > 0 ? k : 1;
    if (k <= p->n) {
        double *copy = cf_alloc(p->allocator, p->n, sizeof *copy);
        if (copy == NULL)
            return cf_fail_memory(p->err, p->n, "scores");
        memcpy(copy, p->scores, p->n * sizeof *copy);
        at = cf_select(copy, p->n, upper ? k : p->n + 1 - k);
        cf_free(p->allocator, copy);
    }
    return all_at(p, at, bound);
}

/* C(n + m, m), or MOST_SUBSETS + 1 when it is more. */
static size_t count_subsets(size_t n, size_t m)
{
    double count = 1.0;
    for (size_t j = 1; j <= m && count <= MOST_SUBSETS; j++)
        count = count * ((double)n + (double)j) / (double)j;
    return count <= MOST_SUBSETS ? (size_t)(count + 0.5) : MOST_SUBSETS + 1;
}

/* Members 0..n-1 are calibration scores; the unknown ones are at the end of the support. */
static void set_batch(problem *p, const size_t *members, double end)
{
    for (size_t j = 0; j < p->m; j++)
        p->batch[j] = members[j] < p->n ? p->scores[members[j]] : end;
}

static bool next_subset(size_t *members, size_t m, size_t size)
{
    size_t j = m;
    while (j > 0 && members[j - 1] == size - m + j - 1)
        j--;
    if (j == 0)
        return false;
    members[j - 1]++;
    for (; j < m; j++)
        members[j] = members[j - 1] + 1;
    return true;
}

/* The batch conforms when its statistic is not among the largest of all m-subsets'. With all of
 * them the batch is one; of a sample it is one more. */
static conformal_status direct(problem *p, bool upper, double *bound)
{
    size_t count = count_subsets(p->n, p->m), size = p->n + p->m;
    bool all = count <= MOST_SUBSETS;
    double end = upper ? p->high : p->low;
    conformal_status status = CONFORMAL_OK;
    count = all ? count : SAMPLE;
    double *values = cf_alloc(p->allocator, count, sizeof *values);
    size_t *members = cf_alloc(p->allocator, p->m, sizeof *members);
    if (values == NULL || members == NULL)
        status = cf_fail_memory(p->err, count, "subsets");
    for (size_t j = 0; j < p->m && members != NULL; j++)
        members[j] = j;
    for (size_t b = 0; b < count && status == CONFORMAL_OK; b++) {
        if (!all)
            cf_draw_subset(p->seed, b, size, p->m, members);
        set_batch(p, members, end);
        status = evaluate(p, &values[b]);
        if (all)
            next_subset(members, p->m, size);
    }
    size_t k = cf_rank(all ? count - 1 : count, p->alpha);
    k = k > 0 ? k : 1;
    if (status == CONFORMAL_OK && k > count)
        status = all_at(p, end, bound);
    else if (status == CONFORMAL_OK)
        *bound = cf_select(values, count, upper ? k : count + 1 - k);
    cf_free(p->allocator, members);
    cf_free(p->allocator, values);
    return status;
}

static conformal_status check(conformal_batch_baseline baseline, problem *p,
                              conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_numbers(p->scores, p->n, "scores", err)) != CONFORMAL_OK ||
        (status = cf_check_batch(p->n, p->m, err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(p->alpha, err)) != CONFORMAL_OK)
        return status;
    if (p->function == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, "function", CF_NO_INDEX, "function is NULL");
    if (baseline < CONFORMAL_BATCH_PARTITION || baseline > CONFORMAL_BATCH_DIRECT)
        return cf_fail(err, CONFORMAL_EINVAL, "baseline", CF_NO_INDEX,
                       "no baseline has the code %d", (int)baseline);
    return CONFORMAL_OK;
}

conformal_status conformal_batch_baseline_bounds(
    conformal_batch_baseline baseline, const double *scores, size_t n, size_t m,
    conformal_batch_function function, void *user, double alpha, conformal_batch_side side,
    double low, double high, uint64_t seed, const conformal_allocator *allocator,
    double *lower, double *upper, conformal_error *err)
{
    problem p = {scores, n, m, function, user, alpha, low, high, seed, allocator, NULL, err};
    double bounds[2] = {-HUGE_VAL, HUGE_VAL};
    conformal_status status;
    if ((status = check(baseline, &p, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(lower, "lower", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(upper, "upper", err)) != CONFORMAL_OK)
        return status;
    if (side < CONFORMAL_BATCH_BOTH || side > CONFORMAL_BATCH_LOWER)
        return cf_fail(err, CONFORMAL_EINVAL, "side", CF_NO_INDEX, "no side has this code");
    if (side == CONFORMAL_BATCH_BOTH)
        p.alpha *= 0.5;
    p.batch = cf_alloc(allocator, m, sizeof *p.batch);
    if (p.batch == NULL)
        return cf_fail_memory(err, m, "scores of a batch");
    for (int i = 0; i < 2 && status == CONFORMAL_OK; i++) {
        if (side == (i == 0 ? CONFORMAL_BATCH_UPPER : CONFORMAL_BATCH_LOWER))
            continue;
        if (baseline == CONFORMAL_BATCH_PARTITION)
            status = partition(&p, i == 1, &bounds[i]);
        else if (baseline == CONFORMAL_BATCH_BONFERRONI)
            status = bonferroni(&p, i == 1, &bounds[i]);
        else
            status = direct(&p, i == 1, &bounds[i]);
    }
    cf_free(allocator, p.batch);
    if (status != CONFORMAL_OK)
        return status;
    *lower = bounds[0];
    *upper = bounds[1];
    return CONFORMAL_OK;
}
