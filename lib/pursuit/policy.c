/* policy.c - a calibrated policy: made from a model and two splits.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Once the first split has fixed all that the policy decides by, a session on a row of the
 * second split is the same function of the row as one on a new row will be: their scores are
 * exchangeable, on the very queries that the policy asks. */
#include "pursuit/policy.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "base/select.h"

enum { USUAL_LENGTH = 20, MOST_DRAWS = 256 };
/* Numbers that the tables of all lengths may hold. */
#define MOST_TABLE 0x1p24

static conformal_status refuse(conformal_error *err, const char *argument, const char *what)
{
    return cf_fail(err, CONFORMAL_EINVAL, argument, CF_NO_INDEX, "%s", what);
}

static conformal_status check_options(conformal_pursuit_options *o,
                                      const conformal_pursuit_model *m, conformal_error *err)
{
    static const double usual[] = {0.0, 1.0, 0.95, 0.05, 0.05, 0.01, 0.0, 1.0};
    conformal_status status = cf_check_alpha(o->alpha, err);
    if (status != CONFORMAL_OK)
        return status;
    if (isnan(o->report_alpha))
        o->report_alpha = o->alpha;
    if ((status = cf_check_alpha(o->report_alpha, err)) != CONFORMAL_OK)
        return status;
    if ((unsigned)o->selector > CONFORMAL_PURSUIT_LOOKAHEAD ||
        (unsigned)o->objective > CONFORMAL_PURSUIT_PAPER_ENTROPY ||
        (unsigned)o->threshold > CONFORMAL_PURSUIT_PER_CHAIN ||
        (unsigned)o->score > CONFORMAL_PURSUIT_APS ||
        (unsigned)o->tie > CONFORMAL_PURSUIT_TIE_RANDOM ||
        (unsigned)o->stop > CONFORMAL_PURSUIT_STOP_SIZE_NONEMPTY)
        return refuse(err, "options", "a selector, objective, threshold, score, tie or stop has "
                                      "a code that none of them has");
    bool additive = m->posterior == NULL;
    if (!additive && o->selector == CONFORMAL_PURSUIT_LOOKAHEAD)
        return refuse(err, "selector", "looking ahead needs an additive model");
    if (!additive && o->threshold == CONFORMAL_PURSUIT_PER_CHAIN)
        return refuse(err, "threshold", "thresholds per chain need an additive model");
    if (!additive && o->objective >= CONFORMAL_PURSUIT_PAPER)
        return refuse(err, "objective", "the authors' objectives need an additive model");
    if (o->selector == CONFORMAL_PURSUIT_CIP && o->score == CONFORMAL_PURSUIT_APS &&
        o->threshold != CONFORMAL_PURSUIT_PER_LENGTH)
        return refuse(err, "score", "the APS score has thresholds per length only");
    if (o->width < 1)
        return cf_fail(err, CONFORMAL_EDOM, "width", CF_NO_INDEX, "width must be 1 or more");
    if (o->draws < 1 || o->draws > MOST_DRAWS)
        return cf_fail(err, CONFORMAL_EDOM, "draws", CF_NO_INDEX, "draws must be in 1..256");
    if (isnan(o->stop_value))
        o->stop_value = usual[o->stop];
    if (o->max_length == 0)
        o->max_length = USUAL_LENGTH;
    return CONFORMAL_OK;
}

/* exp(gamma weights) for each different gamma, unless that would fill the memory. */
static conformal_status make_tables(conformal_pursuit_policy *p, conformal_error *err)
{
    const conformal_pursuit_model *m = p->model;
    size_t cells = m->n_rows * m->n_classes;
    bool keep = m->posterior == NULL &&
                (double)cells * 2.0 * (p->o.temperature ? (double)p->length : 1.0) <= MOST_TABLE;
    p->steps = cf_alloc(p->allocator, p->length, sizeof *p->steps);
    p->tables = cf_alloc(p->allocator, p->length, sizeof *p->tables);
    if (p->steps == NULL || p->tables == NULL)
        return cf_fail_memory(err, p->length, "tables");
    for (size_t k = 0; k < p->length; k++) {
        cf_pursuit_step step = {p->gamma[k + 1], NULL, NULL};
        p->steps[k] = step;
        if (!keep)
            continue;
        if (k > 0 && p->gamma[k + 1] == p->gamma[k]) {
            p->steps[k] = p->steps[k - 1];
            continue;
        }
        double *e = cf_alloc(p->allocator, 2 * cells, sizeof *e);
        if (e == NULL)
            return cf_fail_memory(err, 2 * cells, "weights");
        p->tables[p->n_tables++] = e;
        for (size_t i = 0; i < cells; i++) {
            e[i] = exp(step.gamma * m->weights[i]);
            e[cells + i] = fmax(step.gamma * m->weights[i] / CF_LN2, CF_PURSUIT_NEVER);
        }
        p->steps[k].e = e;
        p->steps[k].lw = e + cells;
    }
    return CONFORMAL_OK;
}

static conformal_status reserve(conformal_pursuit_policy *p,
                                const conformal_pursuit_table *first, conformal_error *err)
{
    size_t length = p->length + 1, queries = p->model->n_queries, cells = first->rows * queries;
    bool last = p->o.threshold == CONFORMAL_PURSUIT_PER_LAST;
    p->gamma = cf_alloc(p->allocator, 3 * length, sizeof *p->gamma);
    p->sorted = cf_alloc(p->allocator, length, first->rows * sizeof *p->sorted);
    p->answers = cf_alloc(p->allocator, cells, sizeof *p->answers);
    p->labels = cf_alloc(p->allocator, first->rows, sizeof *p->labels);
    if (last)
        p->tau_last = cf_alloc(p->allocator, length, queries * sizeof *p->tau_last);
    if (p->gamma == NULL || p->sorted == NULL || p->answers == NULL || p->labels == NULL ||
        (last && p->tau_last == NULL))
        return cf_fail_memory(err, length * first->rows, "thresholds");
    p->tau = p->gamma + length;
    p->rho = p->tau + length;
    for (size_t k = 0; k < length; k++)
        p->gamma[k] = 1.0;
    for (size_t i = 0; i < length * queries && last; i++)
        p->tau_last[i] = 0.0;
    if (cells > 0)
        memcpy(p->answers, first->answers, cells * sizeof *p->answers);
    if (first->rows > 0)
        memcpy(p->labels, first->labels, first->rows * sizeof *p->labels);
    return CONFORMAL_OK;
}

/* ------------------------------------------------------------------ the second split */

/* The m-th smallest of n ratios; permutes them. 0 when m is 0: every class is reported. */
static double multiplier(double *ratio, size_t n, double alpha)
{
    size_t m = cf_pursuit_m(n, alpha);
    return m == 0 ? 0.0 : cf_select(ratio, n, m);
}

static double ratio_of(double p, double tau)
{
    return tau > 0.0 ? p / tau : HUGE_VAL;
}

/* p_true: (length + 1) x rows, of rows replayed; stops: where they would have stopped. */
static void set_multipliers(conformal_pursuit_policy *p, const double *p_true,
                            const size_t *stops, size_t rows, double *ratio, double *least)
{
    double asked = 0.0;
    for (size_t i = 0; i < rows; i++)
        least[i] = HUGE_VAL;
    for (size_t k = 0; k <= p->length; k++) {
        for (size_t i = 0; i < rows; i++) {
            ratio[i] = ratio_of(p_true[k * rows + i], p->tau[k]);
            if (k > 0 || p->length == 0)
                least[i] = fmin(least[i], ratio[i]);
        }
        p->step[k] = multiplier(ratio, rows, p->o.report_alpha);
    }
    for (size_t i = 0; i < rows; i++) {
        ratio[i] = ratio_of(p_true[stops[i] * rows + i], p->tau[stops[i]]);
        asked += (double)stops[i];
    }
    p->stop = multiplier(ratio, rows, p->o.report_alpha);
    p->any = multiplier(least, rows, p->o.report_alpha);
    p->mean_length = rows > 0 ? asked / (double)rows : 0.0;
}

static conformal_status replay(conformal_pursuit_policy *p,
                               const conformal_pursuit_table *second, conformal_error *err)
{
    size_t rows = second->rows, length = p->length + 1;
    cf_pursuit_play play;
    conformal_status status = cf_pursuit_play_create(p, &play, err);
    if (status != CONFORMAL_OK)
        return status;
    p->step = cf_alloc(p->allocator, length, sizeof *p->step);
    double *p_true = cf_alloc(p->allocator, length + 2, rows * sizeof *p_true);
    size_t *stops = cf_alloc(p->allocator, rows, sizeof *stops);
    if (p->step == NULL || p_true == NULL || stops == NULL)
        status = cf_fail_memory(err, length * rows, "replayed probabilities");
    for (size_t i = 0; i < rows && status == CONFORMAL_OK; i++) {
        status = cf_pursuit_play_row(p, second, i, true, &play, NULL, NULL, err);
        for (size_t k = 0; k < length && status == CONFORMAL_OK; k++)
            p_true[k * rows + i] = play.p_true[k];
        stops[i] = play.stop;
    }
    if (status == CONFORMAL_OK)
        set_multipliers(p, p_true, stops, rows, p_true + length * rows,
                        p_true + (length + 1) * rows);
    cf_free(p->allocator, stops);
    cf_free(p->allocator, p_true);
    cf_pursuit_play_free(p, &play);
    return status;
}

/* ------------------------------------------------------------------ public */

static conformal_status make(conformal_pursuit_policy *p, const conformal_pursuit_table *first,
                             const conformal_pursuit_table *second, const int32_t *chains,
                             conformal_error *err)
{
    conformal_status status;
    if ((status = reserve(p, first, err)) != CONFORMAL_OK ||
        (status = cf_pursuit_calibrate(p, first, chains, err)) != CONFORMAL_OK ||
        (status = make_tables(p, err)) != CONFORMAL_OK || second == NULL)
        return status;
    p->n_second = second->rows;
    return replay(p, second, err);
}

conformal_status conformal_pursuit_policy_create(const conformal_pursuit_options *options,
                                                 const conformal_pursuit_model *model,
                                                 const conformal_pursuit_table *first,
                                                 const conformal_pursuit_table *second,
                                                 const int32_t *chains,
                                                 conformal_pursuit_policy **policy,
                                                 conformal_error *err)
{
    conformal_pursuit_options o = CONFORMAL_PURSUIT_INIT;
    conformal_status status;
    if ((status = cf_options_read(&o, sizeof o, options, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(model, "model", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(policy, "policy", err)) != CONFORMAL_OK ||
        (status = check_options(&o, model, err)) != CONFORMAL_OK ||
        (status = cf_pursuit_check_table(first, model->n_classes, model->n_queries, model->first,
                                         "first", err)) != CONFORMAL_OK ||
        (second != NULL &&
         (status = cf_pursuit_check_table(second, model->n_classes, model->n_queries,
                                          model->first, "second", err)) != CONFORMAL_OK))
        return status;
    if (o.objective >= CONFORMAL_PURSUIT_PAPER && first->rows == 0)
        return refuse(err, "first", "the authors' objectives need rows to draw from");
    conformal_pursuit_policy *p = cf_alloc(o.allocator, 1, sizeof *p);
    if (p == NULL)
        return cf_fail_memory(err, 1, "policy");
    memset(p, 0, sizeof *p);
    if (o.allocator != NULL) {
        p->own_allocator = *o.allocator;
        p->allocator = &p->own_allocator;
    }
    p->o = o;
    p->model = model;
    p->length = o.max_length < model->n_queries ? o.max_length : model->n_queries;
    p->n_first = first->rows;
    status = make(p, first, second, chains, err);
    if (status == CONFORMAL_OK)
        *policy = p;
    else
        conformal_pursuit_policy_free(p);
    return status;
}

void conformal_pursuit_policy_free(conformal_pursuit_policy *p)
{
    if (p == NULL)
        return;
    conformal_allocator copy = p->own_allocator; /* p goes before its allocator does */
    const conformal_allocator *a = p->allocator != NULL ? &copy : NULL;
    for (size_t i = 0; i < p->n_tables; i++)
        cf_free(a, p->tables[i]);
    cf_free(a, p->tables);
    cf_free(a, p->steps);
    cf_free(a, p->step);
    cf_free(a, p->labels);
    cf_free(a, p->answers);
    cf_free(a, p->tau_last);
    cf_free(a, p->sorted);
    cf_free(a, p->gamma);
    cf_free(a, p);
}

conformal_pursuit_calibration
conformal_pursuit_calibration_of(const conformal_pursuit_policy *p)
{
    conformal_pursuit_calibration c = {
        p->length, p->model->n_queries, p->n_first, p->n_second, p->gamma, p->tau,
        p->tau_last, p->step, p->stop, p->any, p->mean_length};
    return c;
}
