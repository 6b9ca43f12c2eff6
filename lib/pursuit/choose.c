/* choose.c - which query comes next, and whether any does.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "conformal/random.h"
#include "pursuit/policy.h"

enum { MOST_DRAWS = 256 };

/* What all queries share. Its arrays are the session's own scratch. */
static void begin_view(cf_pursuit_view *w, const conformal_pursuit_session *s, size_t *draws)
{
    const conformal_pursuit_policy *p = s->policy;
    size_t n = p->model->n_classes;
    double most = -HUGE_VAL;
    memset(w, 0, sizeof *w);
    w->s = s;
    w->k = s->length;
    w->gamma = p->gamma[w->k + 1];
    w->u = s->room;
    w->lu = s->room + n;
    w->t = s->room + 2 * n;
    w->v = s->room + 3 * n;
    w->sorted = s->room + 4 * n;
    for (size_t y = 0; y < n; y++)
        most = fmax(most, w->gamma * s->l[y]);
    for (size_t y = 0; y < n; y++) {
        w->lu[y] = fmax((w->gamma * s->l[y] - most) / CF_LN2, CF_PURSUIT_NEVER);
        w->u[y] = exp(w->gamma * s->l[y] - most);
    }
    if (s->chain != NULL) {
        w->chain_u = s->room + 5 * n;
        w->chain_p = w->chain_u + p->n_first * n;
        for (size_t i = 0; i < p->n_first; i++) {
            const double *l = s->chain + i * n;
            double top = -HUGE_VAL;
            for (size_t y = 0; y < n; y++)
                top = fmax(top, w->gamma * l[y]);
            for (size_t y = 0; y < n; y++)
                w->chain_u[i * n + y] = top > -HUGE_VAL ? exp(w->gamma * l[y] - top) : 0.0;
        }
    }
    w->draws = draws;
    for (size_t i = 0; draws != NULL && i < p->o.draws; i++)
        draws[i] = (size_t)(conformal_uniform(p->o.seed,
                                              (s->case_id + 1) << 8 | CONFORMAL_STREAM_PURSUIT,
                                              1000000 + w->k * MOST_DRAWS + i) *
                            (double)p->n_first);
}

/* A callback model is asked for all posteriors after the next answer at once. */
static conformal_status ask_model(const conformal_pursuit_session *s, double **candidates,
                                  conformal_error *err)
{
    const conformal_pursuit_policy *p = s->policy;
    const conformal_pursuit_model *m = p->model;
    size_t length = s->length + 1, count = 0;
    *candidates = NULL;
    if (m->posterior == NULL)
        return CONFORMAL_OK;
    double *l = cf_alloc(p->allocator, m->n_rows, m->n_classes * sizeof *l);
    double *asked = cf_alloc(p->allocator, m->n_rows, m->n_classes * sizeof *asked);
    conformal_pursuit_answer *answers =
        cf_alloc(p->allocator, m->n_rows, length * sizeof *answers);
    conformal_pursuit_history *h = cf_alloc(p->allocator, m->n_rows, sizeof *h);
    size_t *row = cf_alloc(p->allocator, m->n_rows, sizeof *row);
    conformal_status status = CONFORMAL_OK;
    if (l == NULL || asked == NULL || answers == NULL || h == NULL || row == NULL) {
        status = cf_fail_memory(err, m->n_rows * m->n_classes, "posteriors");
    } else {
        for (size_t q = 0; q < m->n_queries; q++)
            for (size_t a = 0; a < conformal_pursuit_answers(m, q) && !s->asked[q]; a++) {
                conformal_pursuit_answer next = {(int32_t)q, (int32_t)a};
                conformal_pursuit_answer *at = answers + count * length;
                memcpy(at, s->answers, s->length * sizeof *at);
                at[s->length] = next;
                h[count].answers = at;
                h[count].length = length;
                row[count++] = m->first[q] + a;
            }
        status = cf_pursuit_scores(m, h, count, asked, err);
        for (size_t i = 0; i < count && status == CONFORMAL_OK; i++)
            memcpy(l + row[i] * m->n_classes, asked + i * m->n_classes,
                   m->n_classes * sizeof *l);
    }
    cf_free(p->allocator, row);
    cf_free(p->allocator, h);
    cf_free(p->allocator, answers);
    cf_free(p->allocator, asked);
    if (status == CONFORMAL_OK)
        *candidates = l;
    else
        cf_free(p->allocator, l);
    return status;
}

/* ------------------------------------------------------------------ looking two queries ahead */

/* The least expected entropy of a second query after an answer; +infinity: none is left. */
static double best_second(const conformal_pursuit_session *s, const cf_pursuit_view *w,
                          conformal_pursuit_session *imagined, size_t query, size_t row)
{
    const conformal_pursuit_policy *p = s->policy;
    const conformal_pursuit_model *m = p->model;
    size_t n = m->n_classes;
    double best = HUGE_VAL;
    cf_pursuit_view view;
    (void)w;
    for (size_t y = 0; y < n; y++)
        imagined->l[y] = s->l[y] + m->weights[row * n + y];
    imagined->length = s->length + 1;
    if (!cf_pursuit_softmax(imagined->l, n, p->gamma[imagined->length], imagined->p))
        return 0.0;
    if (imagined->length >= p->length)
        return cf_pursuit_entropy(imagined->p, n);
    begin_view(&view, imagined, NULL);
    for (size_t q = 0; q < m->n_queries; q++) {
        double value, entropy;
        if (s->asked[q] || q == query)
            continue;
        cf_pursuit_objective(&view, q, &value, &entropy);
        best = fmin(best, entropy);
    }
    return best < HUGE_VAL ? best : cf_pursuit_entropy(imagined->p, n);
}

/* values: expected entropies, of which the best few are replaced by what two queries leave; the
 * others stay out of reach. */
static conformal_status look_ahead(conformal_pursuit_session *s, cf_pursuit_view *w,
                                   double *values, const double *entropy, conformal_error *err)
{
    const conformal_pursuit_policy *p = s->policy;
    const conformal_pursuit_model *m = p->model;
    size_t n = m->n_classes, queries = m->n_queries;
    double *room = cf_alloc(p->allocator, 9 * n, sizeof *room);
    conformal_pursuit_session imagined = *s;
    if (room == NULL)
        return cf_fail_memory(err, 9 * n, "numbers");
    imagined.l = room;
    imagined.p = room + n;
    imagined.room = room + 2 * n;
    for (size_t q = 0; q < queries; q++) /* one query saves no more than two */
        values[q] = s->asked[q] ? HUGE_VAL : entropy[q];
    for (size_t i = 0, last = queries; i < p->o.width; i++) {
        size_t best = queries;
        for (size_t q = 0; q < queries; q++)
            if (!s->asked[q] &&
                (last == queries || entropy[q] > entropy[last] ||
                 (!(entropy[q] < entropy[last]) && q > last)) &&
                (best == queries || entropy[q] < entropy[best]))
                best = q;
        if (best == queries)
            break;
        last = best;
        double sum = 0.0, chance = 0.0;
        for (size_t r = m->first[best]; r < m->first[best + 1]; r++) {
            double pa = 0.0;
            for (size_t y = 0; y < n; y++)
                pa += s->p[y] * m->chance[r * n + y];
            chance += pa;
            if (pa > 0.0)
                sum += pa * best_second(s, w, &imagined, best, r);
        }
        values[best] = chance > 0.0 ? sum / chance : HUGE_VAL;
    }
    cf_free(p->allocator, room);
    return CONFORMAL_OK;
}

/* ------------------------------------------------------------------ the choice */

static bool of_sizes(const conformal_pursuit_policy *p)
{
    return p->o.selector == CONFORMAL_PURSUIT_CIP &&
           p->o.objective != CONFORMAL_PURSUIT_FANO_LOCAL &&
           p->o.objective != CONFORMAL_PURSUIT_PAPER_ENTROPY;
}

/* What a query that is as good as others goes by: the least, and then the lowest code, wins. */
static double tie_value(const conformal_pursuit_session *s, const double *entropy, size_t q)
{
    const conformal_pursuit_policy *p = s->policy;
    switch (p->o.tie) {
    case CONFORMAL_PURSUIT_TIE_ENTROPY:
        return entropy[q];
    case CONFORMAL_PURSUIT_TIE_RANDOM:
        return conformal_uniform(p->o.seed, (s->case_id + 1) << 8 | CONFORMAL_STREAM_PURSUIT,
                                 2000000 + s->length * p->model->n_queries + q);
    default:
        return 0.0;
    }
}

/* The least value, ties broken; mean and deviation over the queries that are left. */
static void pick(const conformal_pursuit_session *s, const double *values,
                 const double *entropy, conformal_pursuit_choice *choice)
{
    const conformal_pursuit_policy *p = s->policy;
    size_t queries = p->model->n_queries, left = 0;
    double least = HUGE_VAL, sum = 0.0, squares = 0.0;
    for (size_t q = 0; q < queries; q++)
        if (!s->asked[q]) {
            least = fmin(least, values[q]);
            sum += values[q];
            left++;
        }
    double mean = sum / (double)left;
    for (size_t q = 0; q < queries; q++)
        if (!s->asked[q])
            squares += (values[q] - mean) * (values[q] - mean);
    choice->objective = least;
    choice->sd = sqrt(squares / (double)left);
    double most = least + 1e-9 * fabs(least) + (of_sizes(p) ? 1e-12 : 0.0), lowest = HUGE_VAL;
    for (size_t q = 0; q < queries; q++)
        if (!s->asked[q] && values[q] <= most)
            lowest = fmin(lowest, tie_value(s, entropy, q));
    for (size_t q = 0; q < queries && choice->query < 0; q++)
        if (!s->asked[q] && values[q] <= most &&
            tie_value(s, entropy, q) <= lowest + 1e-9 * fabs(lowest))
            choice->query = (int32_t)q;
}

/* The next one of a given order. */
static void pick_in_order(const conformal_pursuit_session *s, conformal_pursuit_choice *choice)
{
    const conformal_pursuit_policy *p = s->policy;
    for (size_t i = 0; i < p->model->n_queries && choice->query < 0; i++) {
        int32_t q = p->o.selector == CONFORMAL_PURSUIT_RANDOM ? s->order[i] : (int32_t)i;
        if (!s->asked[q])
            choice->query = q;
    }
}

static bool is_enough(const conformal_pursuit_session *s, const conformal_pursuit_choice *c,
                      const double *values)
{
    const conformal_pursuit_policy *p = s->policy;
    double value = p->o.stop_value;
    size_t k = s->length, queries = p->model->n_queries, count;
    conformal_pursuit_state state;
    switch (p->o.stop) {
    case CONFORMAL_PURSUIT_STOP_SIZE:
        return (double)cf_pursuit_members(s, 1.0, NULL) <= value;
    case CONFORMAL_PURSUIT_STOP_SIZE_NONEMPTY:
        count = cf_pursuit_members(s, 1.0, NULL);
        return (double)(count > 0 ? count : p->model->n_classes) <= value;
    case CONFORMAL_PURSUIT_STOP_MAP:
        state = conformal_pursuit_state_of(s);
        return s->p[state.best] >= value;
    case CONFORMAL_PURSUIT_STOP_SD:
        return c->sd < value;
    case CONFORMAL_PURSUIT_STOP_GAIN:
        return s->entropies[k] - c->objective < value;
    case CONFORMAL_PURSUIT_STOP_STABILITY:
        for (size_t i = 0; i < p->o.stop_repeats; i++)
            if (k < i + 1 || !(fabs(s->entropies[k - i] - s->entropies[k - i - 1]) <= value))
                return false;
        return true;
    case CONFORMAL_PURSUIT_STOP_EQUAL:
        for (size_t q = 0; q < queries; q++)
            if (values != NULL && !s->asked[q] &&
                !(values[q] <= c->objective + 1e-9 * fabs(c->objective) + 1e-12))
                return false;
        return values != NULL;
    default:
        return false;
    }
}

static conformal_status evaluate(conformal_pursuit_session *s, double *values, double *entropy,
                                 conformal_error *err)
{
    const conformal_pursuit_policy *p = s->policy;
    size_t draws[MOST_DRAWS];
    cf_pursuit_view view;
    double *candidates;
    bool paper = p->o.selector == CONFORMAL_PURSUIT_CIP &&
                 p->o.objective >= CONFORMAL_PURSUIT_PAPER;
    conformal_status status = ask_model(s, &candidates, err);
    if (status != CONFORMAL_OK)
        return status;
    begin_view(&view, s, paper ? draws : NULL);
    view.candidates = candidates;
    for (size_t q = 0; q < p->model->n_queries; q++) {
        values[q] = entropy[q] = HUGE_VAL;
        if (!s->asked[q])
            cf_pursuit_objective(&view, q, &values[q], &entropy[q]);
    }
    if (p->o.selector == CONFORMAL_PURSUIT_LOOKAHEAD)
        status = look_ahead(s, &view, values, entropy, err);
    cf_free(p->allocator, candidates);
    return status;
}

conformal_status conformal_pursuit_next(conformal_pursuit_session *s,
                                        conformal_pursuit_choice *choice, double *values,
                                        double *entropy, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(s, "session", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(choice, "choice", err)) != CONFORMAL_OK)
        return status;
    const conformal_pursuit_policy *p = s->policy;
    conformal_pursuit_choice c = {false, -1, (double)NAN, (double)NAN};
    size_t queries = p->model->n_queries;
    bool ordered = p->o.selector == CONFORMAL_PURSUIT_RANDOM ||
                   p->o.selector == CONFORMAL_PURSUIT_FIXED;
    double *own = s->room + 7 * p->model->n_classes +
                  (s->chain != NULL ? p->n_first * (p->model->n_classes + 1) : 0);
    double *v = own, *h = own + queries;
    bool none = s->length >= p->length;
    if (!none && (!ordered || values != NULL || entropy != NULL) &&
        (status = evaluate(s, v, h, err)) != CONFORMAL_OK)
        return status;
    if (!none && ordered)
        pick_in_order(s, &c);
    else if (!none)
        pick(s, v, h, &c);
    c.stop = none || c.query < 0 || is_enough(s, &c, ordered ? NULL : v);
    for (size_t q = 0; q < queries; q++) {
        if (values != NULL)
            values[q] = none ? HUGE_VAL : v[q];
        if (entropy != NULL)
            entropy[q] = none ? HUGE_VAL : h[q];
    }
    if (c.stop && s->stopped == SIZE_MAX && s->followed == s->length)
        s->stopped = s->length;
    s->chosen = true;
    s->proposed = c.query;
    *choice = c;
    return CONFORMAL_OK;
}
