/* logistic.c - multinomial logistic regression on whatever has been answered.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model that is to be asked after a few answers has to be fitted after a few answers: every
 * row is copied, each copy keeps a random number of its answers, and weights(answer, class) and
 * base(class) maximise the log-probability of the true classes, less a penalty: a normal prior of
 * variance 1 / penalty. Each class has one row without answers added, as naive Bayes has, or a
 * class that was never seen would send its base to -infinity.
 *
 * Only kept answers are stored, so a gradient costs one row of weights per kept answer; copies
 * that keep nothing are all alike, and counted. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "conformal/random.h"
#include "pursuit/lbfgs.h"
#include "pursuit/model.h"

/* At the most kept in a copy; smoothing of the answers' chances; numbers per copy, of which the
 * first says how many are kept. Choices of queries draw from lower indices. */
enum { MOST_KEPT = 15, DRAWS_PER_COPY = MOST_KEPT + 1, MOST_STEPS = 10000 };
#define SMOOTHING 0.5
#define FIRST_DRAW (UINT64_C(1) << 62)

typedef struct problem {
    const conformal_pursuit_model *m;
    const conformal_pursuit_table *table;
    size_t copies;   /* of each row */
    uint64_t seed;
    double total;    /* rows, the added ones too: the objective is divided by them */
    double penalty;  /* likewise */
    size_t n;        /* copies that keep anything */
    size_t *start;   /* n + 1: where the rows of a copy's answers begin in kept */
    size_t *kept;    /* start[n] rows of weights */
    int32_t *labels; /* n */
    double *empty;   /* n_classes: rows without answers, in units of a copy */
    double *p;       /* n_classes, scratch */
    size_t *order;   /* n_queries, scratch */
} problem;

/* ------------------------------------------------------------------ copies */

/* The number `which` of a copy, below n. */
static size_t draw(const problem *g, size_t row, size_t copy, size_t which, size_t n)
{
    uint64_t index = ((uint64_t)row * g->copies + copy) * DRAWS_PER_COPY + which;
    return (size_t)(conformal_uniform(g->seed, CONFORMAL_STREAM_PURSUIT, FIRST_DRAW + index) *
                    (double)n);
}

/* The queries that a row answers, into order. */
static size_t answered(const problem *g, size_t row)
{
    size_t queries = g->m->n_queries, n = 0;
    for (size_t q = 0; q < queries; q++)
        if (g->table->answers[row * queries + q] >= 0)
            g->order[n++] = q;
    return n;
}

/* How many answers each copy keeps: start, labels, empty. */
static void count_kept(problem *g)
{
    g->start[0] = 0;
    for (size_t y = 0; y < g->m->n_classes; y++)
        g->empty[y] = (double)g->copies;
    for (size_t i = 0; i < g->table->rows; i++) {
        size_t n = answered(g, i);
        for (size_t c = 0; c < g->copies; c++) {
            size_t kept = draw(g, i, c, 0, (n < MOST_KEPT ? n : MOST_KEPT) + 1);
            if (kept == 0) {
                g->empty[g->table->labels[i]] += 1.0;
                continue;
            }
            g->labels[g->n++] = g->table->labels[i];
            g->start[g->n] = g->start[g->n - 1] + kept;
        }
    }
}

/* Which they are: the first few of a random order. An order shuffled before is as good to begin
 * with as any. */
static void choose_kept(problem *g)
{
    size_t at = 0;
    for (size_t i = 0; i < g->table->rows; i++) {
        const int32_t *answers = g->table->answers + i * g->m->n_queries;
        size_t n = answered(g, i);
        for (size_t c = 0; c < g->copies; c++) {
            size_t kept = draw(g, i, c, 0, (n < MOST_KEPT ? n : MOST_KEPT) + 1);
            for (size_t j = 0; j < kept; j++) {
                size_t other = j + draw(g, i, c, j + 1, n - j), q = g->order[other];
                g->order[other] = g->order[j];
                g->order[j] = q;
                g->kept[at++] = cf_pursuit_row(g->m, (int32_t)q, answers[q]);
            }
        }
    }
}

static conformal_status make_copies(problem *g, conformal_error *err)
{
    const conformal_allocator *a = g->m->allocator;
    size_t rows = g->table->rows, all = rows * g->copies;
    if (rows > 0 && (all / rows != g->copies || all > SIZE_MAX / DRAWS_PER_COPY))
        return cf_fail_memory(err, rows, "masked rows");
    g->start = cf_alloc(a, all + 1, sizeof *g->start);
    g->labels = cf_alloc(a, all, sizeof *g->labels);
    g->empty = cf_alloc(a, 2, g->m->n_classes * sizeof *g->empty);
    g->order = cf_alloc(a, g->m->n_queries, sizeof *g->order);
    if (g->start == NULL || g->labels == NULL || g->empty == NULL || g->order == NULL)
        return cf_fail_memory(err, all, "masked rows");
    g->p = g->empty + g->m->n_classes;
    count_kept(g);
    g->kept = cf_alloc(a, g->start[g->n], sizeof *g->kept);
    if (g->kept == NULL)
        return cf_fail_memory(err, g->start[g->n], "kept answers");
    choose_kept(g);
    return CONFORMAL_OK;
}

/* ------------------------------------------------------------------ the objective */

/* Log-scores l in, probabilities out; returns the logarithm of the sum of exp(l). */
static double softmax(double *l, size_t n)
{
    double most = l[0], sum = 0.0;
    for (size_t y = 1; y < n; y++)
        most = l[y] > most ? l[y] : most;
    for (size_t y = 0; y < n; y++) {
        l[y] = exp(l[y] - most);
        sum += l[y];
    }
    for (size_t y = 0; y < n; y++)
        l[y] /= sum;
    return most + log(sum);
}

static void add(double *restrict to, const double *restrict from, size_t n)
{
    for (size_t y = 0; y < n; y++)
        to[y] += from[y];
}

/* Minus the log-probability of one copy's class; its gradient is added. */
static double add_copy(const problem *g, size_t c, const double *x, double *gradient)
{
    size_t k = g->m->n_classes, label = (size_t)g->labels[c];
    double *p = g->p;
    memcpy(p, x, k * sizeof *p);
    for (size_t j = g->start[c]; j < g->start[c + 1]; j++)
        add(p, x + (g->kept[j] + 1) * k, k);
    double own = p[label], value = softmax(p, k) - own;
    p[label] -= 1.0;
    add(gradient, p, k);
    for (size_t j = g->start[c]; j < g->start[c + 1]; j++)
        add(gradient + (g->kept[j] + 1) * k, p, k);
    return value;
}

/* Minus the log-probabilities of all rows without answers. */
static double add_empty(const problem *g, const double *x, double *gradient)
{
    size_t k = g->m->n_classes;
    double n = 0.0, value = 0.0;
    memcpy(g->p, x, k * sizeof *g->p);
    double all = softmax(g->p, k);
    for (size_t y = 0; y < k; y++)
        n += g->empty[y];
    for (size_t y = 0; y < k; y++) {
        value += g->empty[y] * (all - x[y]);
        gradient[y] += n * g->p[y] - g->empty[y];
    }
    return value;
}

/* x: base, then weights. */
static double objective(void *context, const double *x, double *gradient)
{
    const problem *g = context;
    size_t k = g->m->n_classes, n = (g->m->n_rows + 1) * k;
    double per = 1.0 / ((double)g->copies * g->total);
    double squares = 0.0;
    memset(gradient, 0, n * sizeof *gradient);
    double value = add_empty(g, x, gradient);
    for (size_t c = 0; c < g->n; c++)
        value += add_copy(g, c, x, gradient);
    for (size_t y = 0; y < k; y++)
        gradient[y] *= per;
    for (size_t i = k; i < n; i++) {
        gradient[i] = per * gradient[i] + g->penalty * x[i];
        squares += x[i] * x[i];
    }
    return per * value + 0.5 * g->penalty * squares;
}

/* From the classes' chances and no weights, which is where a strong penalty ends. */
static conformal_status fit(problem *g, conformal_pursuit_model *m, conformal_error *err)
{
    size_t k = m->n_classes, cells = m->n_rows * k;
    double *x = cf_alloc(m->allocator, m->n_rows + 1, k * sizeof *x);
    if (x == NULL)
        return cf_fail_memory(err, cells + k, "weights");
    memcpy(x, m->base, k * sizeof *x);
    memset(x + k, 0, cells * sizeof *x);
    double tolerance = 1e-7 * fmin(g->penalty, 1.0 / g->total);
    conformal_status status = cf_lbfgs(objective, g, x, cells + k, tolerance, MOST_STEPS,
                                       m->allocator, NULL, err);
    if (status == CONFORMAL_OK) {
        memcpy(m->base, x, k * sizeof *x);
        memcpy(m->weights, x + k, cells * sizeof *x);
        double all = softmax(x, k); /* any constant would do in base: this one sums p to 1 */
        for (size_t y = 0; y < k; y++)
            m->base[y] -= all;
    }
    cf_free(m->allocator, x);
    return status;
}

conformal_status conformal_pursuit_logistic(const conformal_pursuit_table *table,
                                            size_t n_classes, const size_t *n_answers,
                                            size_t copies, double penalty, uint64_t seed,
                                            const conformal_allocator *allocator,
                                            conformal_pursuit_model **model,
                                            conformal_error *err)
{
    conformal_pursuit_model *m;
    conformal_status status;
    if ((status = cf_check_pointer(table, "table", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(model, "model", err)) != CONFORMAL_OK ||
        (status = cf_check_count(copies, "copies", err)) != CONFORMAL_OK)
        return status;
    if (!(penalty > 0.0 && penalty < HUGE_VAL))
        return cf_fail(err, CONFORMAL_EDOM, "penalty", CF_NO_INDEX,
                       "penalty must be positive and finite, not %s", CF_TEXT(penalty));
    status = cf_pursuit_model_create(n_classes, table->queries, n_answers, true, allocator, &m,
                                     err);
    if (status != CONFORMAL_OK)
        return status;
    problem g = {.m = m, .table = table, .copies = copies, .seed = seed};
    g.total = (double)table->rows + (double)n_classes;
    g.penalty = penalty / g.total;
    status = cf_pursuit_check_table(table, n_classes, table->queries, m->first, "table", err);
    if (status == CONFORMAL_OK) {
        cf_pursuit_count(m, table, SMOOTHING);
        status = make_copies(&g, err);
    }
    if (status == CONFORMAL_OK)
        status = fit(&g, m, err);
    cf_free(allocator, g.kept);
    cf_free(allocator, g.order);
    cf_free(allocator, g.empty);
    cf_free(allocator, g.labels);
    cf_free(allocator, g.start);
    if (status == CONFORMAL_OK)
        *model = m;
    else
        conformal_pursuit_model_free(m);
    return status;
}
