/* evaluate.c - a policy played on rows whose class is known.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "pursuit/policy.h"

conformal_status cf_pursuit_play_create(const conformal_pursuit_policy *p,
                                        cf_pursuit_play *play, conformal_error *err)
{
    size_t n = p->length + 1;
    memset(play, 0, sizeof *play);
    play->query = cf_alloc(p->allocator, n, sizeof *play->query);
    play->p_true = cf_alloc(p->allocator, 4 * n, sizeof *play->p_true);
    play->best = cf_alloc(p->allocator, 2 * n, sizeof *play->best);
    if (play->query == NULL || play->p_true == NULL || play->best == NULL) {
        cf_pursuit_play_free(p, play);
        return cf_fail_memory(err, 7 * n, "numbers of a row");
    }
    play->objective = play->p_true + n;
    play->sd = play->objective + n;
    play->entropy = play->sd + n;
    play->size = play->best + n;
    return CONFORMAL_OK;
}

void cf_pursuit_play_free(const conformal_pursuit_policy *p, cf_pursuit_play *play)
{
    cf_free(p->allocator, play->query);
    cf_free(p->allocator, play->p_true);
    cf_free(p->allocator, play->best);
}

static void note(const conformal_pursuit_session *s, size_t label, size_t k,
                 cf_pursuit_play *play)
{
    conformal_pursuit_state state = conformal_pursuit_state_of(s);
    play->p_true[k] = state.p[label];
    play->entropy[k] = state.entropy;
    play->best[k] = state.best;
    play->size[k] = cf_pursuit_members(s, 1.0, NULL);
}

/* A row that contradicts the model keeps its last state: the answer is taken as not known. */
static conformal_status give(conformal_pursuit_session *s, int32_t query, int32_t answer,
                             conformal_error *err)
{
    conformal_status status = conformal_pursuit_answer_query(s, query, answer, err);
    return status == CONFORMAL_ECORRUPT ? conformal_pursuit_answer_query(s, query, -1, err)
                                        : status;
}

conformal_status cf_pursuit_play_row(const conformal_pursuit_policy *p,
                                     const conformal_pursuit_table *table, size_t row,
                                     bool replayed, cf_pursuit_play *play,
                                     conformal_status (*visit)(void *user,
                                                               conformal_pursuit_session *s,
                                                               size_t k, conformal_error *err),
                                     void *user, conformal_error *err)
{
    conformal_pursuit_session *s;
    size_t label = (size_t)table->labels[row];
    conformal_status status = cf_pursuit_open(
        p, row + (replayed ? CONFORMAL_PURSUIT_MOST_CASES : 0), &s, err);
    if (status != CONFORMAL_OK)
        return status;
    play->stop = p->length;
    for (size_t k = 0; status == CONFORMAL_OK; k++) {
        conformal_pursuit_choice choice;
        note(s, label, k, play);
        if (visit != NULL)
            status = visit(user, s, k, err);
        if (k == p->length || status != CONFORMAL_OK ||
            (status = conformal_pursuit_next(s, &choice, NULL, NULL, err)) != CONFORMAL_OK)
            break;
        if (choice.stop && play->stop == p->length)
            play->stop = k;
        play->query[k] = choice.query;
        play->objective[k] = choice.objective;
        play->sd[k] = choice.sd;
        status = give(s, choice.query, table->answers[row * table->queries + (size_t)choice.query],
                      err);
    }
    conformal_pursuit_close(s);
    return status;
}

/* ------------------------------------------------------------------ curves */

typedef struct evaluation {
    const conformal_pursuit_policy *p;
    conformal_pursuit_curves *c;
    size_t label;
    bool hit, any; /* right so far; in every set so far */
    size_t *size;  /* per length: of the reported set */
    bool *covered;
    size_t stop_size;
} evaluation;

static void add(double *curve, size_t k, double x)
{
    if (curve != NULL)
        curve[k] += x;
}

static conformal_status visit(void *user, conformal_pursuit_session *s, size_t k,
                              conformal_error *err)
{
    evaluation *e = user;
    const conformal_pursuit_policy *p = e->p;
    conformal_pursuit_state state = conformal_pursuit_state_of(s);
    double tau = p->tau[k] * (1.0 - CF_PURSUIT_TOLERANCE), at = state.p[e->label];
    double step = p->step != NULL ? p->step[k] : 1.0, any = p->step != NULL ? p->any : 1.0;
    size_t size = cf_pursuit_members(s, step, NULL);
    bool right = state.best == e->label, in = !(tau > 0.0) || at >= step * tau;
    (void)err;
    e->hit = e->hit || right;
    e->any = e->any && (k == 0 || !(tau > 0.0) || at >= any * tau);
    add(e->c->accuracy, k, right);
    add(e->c->hit, k, e->hit);
    add(e->c->set_size, k, (double)size);
    add(e->c->coverage, k, in);
    add(e->c->entropy, k, state.entropy);
    add(e->c->length_size, k, (double)cf_pursuit_members(s, 1.0, NULL));
    add(e->c->length_coverage, k, !(tau > 0.0) || at >= tau);
    if (e->c->any_size != NULL)
        e->c->any_size[k] += (double)cf_pursuit_members(s, any, NULL);
    e->size[k] = cf_pursuit_members(s, p->step != NULL ? p->stop : 1.0, NULL);
    e->covered[k] = !(tau > 0.0) || at >= (p->step != NULL ? p->stop : 1.0) * tau;
    e->c->auc += k > 0 ? (double)right / (double)p->length : 0.0;
    return CONFORMAL_OK;
}

static void scale(conformal_pursuit_curves *c, size_t length, double rows)
{
    double *curves[] = {c->accuracy, c->hit,         c->set_size,        c->coverage,
                        c->entropy,  c->length_size, c->length_coverage, c->any_size};
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        for (size_t k = 0; curves[i] != NULL && k <= length; k++)
            curves[i][k] /= rows;
    double *numbers[] = {&c->auc,           &c->queries_mean, &c->accuracy_stop,
                         &c->coverage_stop, &c->size_stop,    &c->coverage_any};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i] /= rows;
}

static void clear(conformal_pursuit_curves *c, size_t length)
{
    double *curves[] = {c->accuracy, c->hit,         c->set_size,        c->coverage,
                        c->entropy,  c->length_size, c->length_coverage, c->any_size};
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        for (size_t k = 0; curves[i] != NULL && k <= length; k++)
            curves[i][k] = 0.0;
    c->auc = c->queries_mean = c->accuracy_stop = c->coverage_stop = c->size_stop =
        c->coverage_any = 0.0;
}

static conformal_status play_all(evaluation *e, const conformal_pursuit_table *table,
                                 cf_pursuit_play *play, conformal_pursuit_visit each,
                                 void *user, conformal_error *err)
{
    conformal_pursuit_curves *c = e->c;
    conformal_status status = CONFORMAL_OK;
    for (size_t i = 0; i < table->rows && status == CONFORMAL_OK; i++) {
        e->label = (size_t)table->labels[i];
        e->hit = false;
        e->any = true;
        status = cf_pursuit_play_row(e->p, table, i, false, play, visit, e, err);
        if (status != CONFORMAL_OK)
            break;
        c->queries_mean += (double)play->stop;
        c->accuracy_stop += play->best[play->stop] == e->label;
        c->coverage_stop += e->covered[play->stop];
        c->size_stop += (double)e->size[play->stop];
        c->coverage_any += e->any;
        conformal_pursuit_trace t = {i,         play->stop,      play->query, play->p_true,
                                     play->objective, play->sd, play->best,  play->size};
        if (each != NULL)
            status = each(user, &t, err);
    }
    return status;
}

conformal_status conformal_pursuit_evaluate(const conformal_pursuit_policy *p,
                                            const conformal_pursuit_table *table,
                                            conformal_pursuit_visit each, void *user,
                                            conformal_pursuit_curves *curves,
                                            conformal_error *err)
{
    conformal_status status;
    cf_pursuit_play play;
    evaluation e = {.p = p, .c = curves};
    if ((status = cf_check_pointer(p, "policy", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(curves, "curves", err)) != CONFORMAL_OK ||
        (status = cf_pursuit_check_table(table, p->model->n_classes, p->model->n_queries,
                                         p->model->first, "table", err)) != CONFORMAL_OK ||
        (status = cf_check_count(table->rows, "rows", err)) != CONFORMAL_OK ||
        (status = cf_pursuit_play_create(p, &play, err)) != CONFORMAL_OK)
        return status;
    e.size = cf_alloc(p->allocator, p->length + 1, sizeof *e.size);
    e.covered = cf_alloc(p->allocator, p->length + 1, sizeof *e.covered);
    if (e.size == NULL || e.covered == NULL) {
        status = cf_fail_memory(err, p->length + 1, "numbers of a row");
    } else {
        clear(curves, p->length);
        status = play_all(&e, table, &play, each, user, err);
        scale(curves, p->length, (double)table->rows);
    }
    cf_free(p->allocator, e.covered);
    cf_free(p->allocator, e.size);
    cf_pursuit_play_free(p, &play);
    return status;
}
