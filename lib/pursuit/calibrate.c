/* calibrate.c - thresholds from random chains of queries.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each row of the first split has one random permutation of the queries; its prefixes are the
 * chains of all lengths, each of which is uniform, so that every threshold holds for itself [1,
 * sec. 3]. A threshold per last query takes the first k - 1 others, then the query. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/select.h"
#include "conformal/random.h"
#include "pursuit/policy.h"

typedef struct calibration {
    conformal_pursuit_policy *p;
    const conformal_pursuit_table *table;
    conformal_pursuit_answer *chains;     /* rows x queries: query and the row's answer */
    conformal_pursuit_history *histories; /* rows */
    double *l;                            /* rows x classes */
    double *q, *scratch, *t;              /* classes */
    double *scores, *tails;               /* rows */
} calibration;

size_t cf_pursuit_m(size_t n, double alpha)
{
    size_t m = cf_lower_rank(n, alpha);
    return m <= n ? m : n; /* alpha 1, and no rows at all */
}

/* The m-th smallest; permutes x. 0 when m is 0: every class is in. */
static double threshold(double *x, size_t n, double alpha)
{
    size_t m = cf_pursuit_m(n, alpha);
    return m == 0 ? 0.0 : cf_select(x, n, m);
}

void cf_pursuit_tail_mass(const double *p, size_t n, double *t, double *sorted)
{
    memcpy(sorted, p, n * sizeof *p);
    cf_sort(sorted, n, NULL);
    for (size_t y = 0; y < n; y++) {
        double most = p[y] * (1.0 + 1e-12), sum = 0.0;
        for (size_t i = 0; i < n && sorted[i] <= most; i++)
            sum += sorted[i];
        t[y] = sum;
    }
}

/* p(true) of all rows after chains of length k, whose histories are set; tails: by APS too. */
static conformal_status score_rows(calibration *c, size_t k, bool fit, conformal_error *err)
{
    size_t n = c->table->rows, classes = c->p->model->n_classes;
    conformal_status status = cf_pursuit_scores(c->p->model, c->histories, n, c->l, err);
    if (status != CONFORMAL_OK)
        return status;
    if (fit && c->p->o.temperature)
        c->p->gamma[k] = cf_pursuit_temperature(c->l, c->table->labels, n, classes);
    for (size_t i = 0; i < n; i++) {
        size_t y = (size_t)c->table->labels[i];
        if (!cf_pursuit_softmax(c->l + i * classes, classes, c->p->gamma[k], c->q)) {
            c->scores[i] = c->tails[i] = 0.0; /* its own answers exclude every class */
            continue;
        }
        c->scores[i] = c->q[y];
        c->tails[i] = 0.0;
        if (c->p->o.score == CONFORMAL_PURSUIT_APS) {
            cf_pursuit_tail_mass(c->q, classes, c->t, c->scratch);
            c->tails[i] = c->t[y];
        }
    }
    return CONFORMAL_OK;
}

static conformal_status per_length(calibration *c, conformal_error *err)
{
    conformal_pursuit_policy *p = c->p;
    size_t n = c->table->rows, queries = p->model->n_queries;
    for (size_t k = 0; k <= p->length; k++) {
        for (size_t i = 0; i < n; i++) {
            conformal_pursuit_history h = {c->chains + i * queries, k};
            c->histories[i] = h;
        }
        conformal_status status = score_rows(c, k, true, err);
        if (status != CONFORMAL_OK)
            return status;
        double *sorted = p->sorted + k * n;
        if (n > 0)
            memcpy(sorted, c->scores, n * sizeof *sorted);
        cf_sort(sorted, n, NULL);
        size_t m = cf_pursuit_m(n, p->o.alpha);
        p->tau[k] = m == 0 ? 0.0 : sorted[m - 1];
        p->rho[k] = threshold(c->tails, n, p->o.alpha);
    }
    return CONFORMAL_OK;
}

/* others: the row's chain without the query, which goes to place k - 1. */
static conformal_status per_last(calibration *c, conformal_pursuit_answer *others,
                                 conformal_error *err)
{
    conformal_pursuit_policy *p = c->p;
    size_t n = c->table->rows, queries = p->model->n_queries;
    for (size_t q = 0; q < queries; q++) {
        for (size_t i = 0; i < n; i++) {
            const conformal_pursuit_answer *chain = c->chains + i * queries;
            size_t kept = 0;
            for (size_t j = 0; j < queries; j++)
                if ((size_t)chain[j].query != q)
                    others[i * queries + kept++] = chain[j];
        }
        for (size_t k = 1; k <= p->length; k++) {
            for (size_t i = 0; i < n; i++) {
                conformal_pursuit_answer *at = others + i * queries;
                conformal_pursuit_answer own = {(int32_t)q,
                                                c->table->answers[i * queries + q]};
                conformal_pursuit_answer kept = at[k - 1];
                at[k - 1] = own;
                at[queries - 1] = k < queries ? kept : own; /* put back below */
                conformal_pursuit_history h = {at, k};
                c->histories[i] = h;
            }
            conformal_status status = score_rows(c, k, false, err);
            if (status != CONFORMAL_OK)
                return status;
            p->tau_last[k * queries + q] = threshold(c->scores, n, p->o.alpha);
            for (size_t i = 0; i < n && k < queries; i++)
                others[i * queries + k - 1] = others[i * queries + queries - 1];
        }
    }
    return CONFORMAL_OK;
}

/* seen: queries flags, for the check. */
static conformal_status check_chain(const int32_t *chain, size_t queries, size_t row,
                                    size_t *seen, conformal_error *err)
{
    for (size_t j = 0; j < queries; j++)
        seen[j] = 0;
    for (size_t j = 0; j < queries; j++) {
        if (chain[j] < 0 || (size_t)chain[j] >= queries)
            return cf_fail(err, CONFORMAL_EDOM, "chains", row,
                           "query %d of chain %zu is not in 0..%zu", (int)chain[j], row,
                           queries - 1);
        if (seen[chain[j]]++ > 0)
            return cf_fail(err, CONFORMAL_EDOM, "chains", row, "chain %zu has query %d twice",
                           row, (int)chain[j]);
    }
    return CONFORMAL_OK;
}

/* After the cases of sessions and of replayed rows: no two draw the same numbers. */
#define FIRST_CHAIN (2 * CONFORMAL_PURSUIT_MOST_CASES + 1)

/* A permutation per row: the caller's, or seeded by the row's number. */
static conformal_status set_chains(calibration *c, const int32_t *chains, conformal_error *err)
{
    size_t n = c->table->rows, queries = c->p->model->n_queries;
    conformal_status status = CONFORMAL_OK;
    size_t *order = cf_alloc(c->p->allocator, queries, sizeof *order);
    if (order == NULL)
        return cf_fail_memory(err, queries, "queries");
    for (size_t i = 0; i < n && status == CONFORMAL_OK; i++) {
        if (chains != NULL)
            status = check_chain(chains + i * queries, queries, i, order, err);
        else
            status = conformal_permutation(
                c->p->o.seed, (FIRST_CHAIN + i) << 8 | CONFORMAL_STREAM_PURSUIT, queries, order,
                err);
        for (size_t j = 0; j < queries && status == CONFORMAL_OK; j++) {
            int32_t q = chains != NULL ? chains[i * queries + j] : (int32_t)order[j];
            conformal_pursuit_answer a = {q, c->table->answers[i * queries + (size_t)q]};
            c->chains[i * queries + j] = a;
        }
    }
    cf_free(c->p->allocator, order);
    return status;
}

conformal_status cf_pursuit_calibrate(conformal_pursuit_policy *p,
                                      const conformal_pursuit_table *first,
                                      const int32_t *chains, conformal_error *err)
{
    size_t n = first->rows, queries = p->model->n_queries, classes = p->model->n_classes;
    const conformal_allocator *a = p->allocator;
    bool last = p->o.threshold == CONFORMAL_PURSUIT_PER_LAST;
    conformal_status status;
    calibration c = {.p = p, .table = first};
    c.chains = cf_alloc(a, n, queries * sizeof *c.chains);
    c.histories = cf_alloc(a, n, sizeof *c.histories);
    c.l = cf_alloc(a, n, classes * sizeof *c.l);
    c.q = cf_alloc(a, 3 * classes, sizeof *c.q);
    c.scores = cf_alloc(a, 2 * n, sizeof *c.scores);
    conformal_pursuit_answer *others =
        last ? cf_alloc(a, n, queries * sizeof *others) : NULL;
    if (c.chains == NULL || c.histories == NULL || c.l == NULL || c.q == NULL ||
        c.scores == NULL || (last && others == NULL)) {
        status = cf_fail_memory(err, n, "calibration rows");
    } else {
        c.scratch = c.q + classes;
        c.t = c.scratch + classes;
        c.tails = c.scores + n;
        if ((status = set_chains(&c, chains, err)) == CONFORMAL_OK)
            status = per_length(&c, err);
        if (status == CONFORMAL_OK && last)
            status = per_last(&c, others, err);
    }
    cf_free(a, others);
    cf_free(a, c.scores);
    cf_free(a, c.q);
    cf_free(a, c.l);
    cf_free(a, c.histories);
    cf_free(a, c.chains);
    return status;
}
