/* session.c - one case: answers so far, taken and taken back.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scores are always recomputed from the whole history, so that an answer that is taken back
 * leaves no trace, to the last bit. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "conformal/random.h"
#include "pursuit/policy.h"

/* Scores and probabilities of a history that is one answer longer or shorter than it was. */
static conformal_status look_up(const conformal_pursuit_session *s, size_t length, double *l,
                                double *p, conformal_error *err)
{
    const conformal_pursuit_policy *policy = s->policy;
    conformal_pursuit_history h = {s->answers, length};
    size_t k = length < policy->length ? length : policy->length;
    conformal_status status = cf_pursuit_scores(policy->model, &h, 1, l, err);
    if (status != CONFORMAL_OK)
        return status;
    if (!cf_pursuit_softmax(l, policy->model->n_classes, policy->gamma[k], p))
        return cf_fail(err, CONFORMAL_ECORRUPT, "answer", CF_NO_INDEX,
                       "a contradiction: no class allows this answer after the others");
    return CONFORMAL_OK;
}

/* Calibration rows follow the queries of the session. */
static void follow(conformal_pursuit_session *s)
{
    const conformal_pursuit_policy *p = s->policy;
    const conformal_pursuit_model *m = p->model;
    size_t n = m->n_classes;
    for (size_t i = 0; i < p->n_first && s->chain != NULL; i++) {
        double *l = s->chain + i * n;
        memcpy(l, m->base, n * sizeof *l);
        for (size_t k = 0; k < s->length; k++) {
            int32_t q = s->answers[k].query, a = p->answers[i * m->n_queries + (size_t)q];
            const double *w = a >= 0 ? m->weights + cf_pursuit_row(m, q, a) * n : NULL;
            for (size_t y = 0; y < n && w != NULL; y++)
                l[y] += w[y];
        }
    }
}

static conformal_status allocate(conformal_pursuit_session *s, conformal_error *err)
{
    const conformal_pursuit_policy *p = s->policy;
    size_t n = p->model->n_classes, queries = p->model->n_queries;
    bool chain = p->o.selector == CONFORMAL_PURSUIT_CIP &&
                 p->o.threshold == CONFORMAL_PURSUIT_PER_CHAIN;
    size_t room = 7 * n + (chain ? p->n_first * (n + 1) : 0) + 2 * queries;
    s->answers = cf_alloc(p->allocator, queries, sizeof *s->answers);
    s->asked = cf_alloc(p->allocator, queries, sizeof *s->asked);
    s->order = cf_alloc(p->allocator, queries, sizeof *s->order);
    s->l = cf_alloc(p->allocator, 4 * n, sizeof *s->l);
    s->entropies = cf_alloc(p->allocator, queries + 1, sizeof *s->entropies);
    s->room = cf_alloc(p->allocator, room, sizeof *s->room);
    if (chain)
        s->chain = cf_alloc(p->allocator, p->n_first, n * sizeof *s->chain);
    if (s->answers == NULL || s->asked == NULL || s->order == NULL || s->l == NULL ||
        s->entropies == NULL || s->room == NULL || (chain && s->chain == NULL))
        return cf_fail_memory(err, room, "numbers of a session");
    memset(s->asked, 0, queries * sizeof *s->asked);
    s->p = s->l + n;
    return CONFORMAL_OK;
}

static conformal_status set_order(conformal_pursuit_session *s, conformal_error *err)
{
    size_t queries = s->policy->model->n_queries;
    size_t *order = cf_alloc(s->policy->allocator, queries, sizeof *order);
    if (order == NULL)
        return cf_fail_memory(err, queries, "queries");
    conformal_status status = conformal_permutation(
        s->policy->o.seed, (s->case_id + 1) << 8 | CONFORMAL_STREAM_PURSUIT, queries, order, err);
    for (size_t q = 0; q < queries; q++)
        s->order[q] = (int32_t)order[q];
    cf_free(s->policy->allocator, order);
    return status;
}

conformal_status cf_pursuit_open(const conformal_pursuit_policy *policy, uint64_t case_id,
                                 conformal_pursuit_session **session, conformal_error *err)
{
    conformal_status status;
    conformal_pursuit_session *s = cf_alloc(policy->allocator, 1, sizeof *s);
    if (s == NULL)
        return cf_fail_memory(err, 1, "session");
    memset(s, 0, sizeof *s);
    s->policy = policy;
    s->case_id = case_id;
    s->stopped = SIZE_MAX;
    if ((status = allocate(s, err)) == CONFORMAL_OK &&
        (status = set_order(s, err)) == CONFORMAL_OK)
        status = look_up(s, 0, s->l, s->p, err);
    if (status != CONFORMAL_OK) {
        conformal_pursuit_close(s);
        return status;
    }
    s->entropies[0] = cf_pursuit_entropy(s->p, policy->model->n_classes);
    follow(s);
    *session = s;
    return CONFORMAL_OK;
}

conformal_status conformal_pursuit_open(const conformal_pursuit_policy *policy,
                                        uint64_t case_id, conformal_pursuit_session **session,
                                        conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(policy, "policy", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(session, "session", err)) != CONFORMAL_OK)
        return status;
    if (case_id >= CONFORMAL_PURSUIT_MOST_CASES)
        return cf_fail(err, CONFORMAL_EDOM, "case_id", CF_NO_INDEX,
                       "case_id must be below 2^53");
    return cf_pursuit_open(policy, case_id, session, err);
}

void conformal_pursuit_close(conformal_pursuit_session *s)
{
    if (s == NULL)
        return;
    const conformal_allocator *a = s->policy->allocator;
    cf_free(a, s->answers);
    cf_free(a, s->asked);
    cf_free(a, s->order);
    cf_free(a, s->l);
    cf_free(a, s->entropies);
    cf_free(a, s->room);
    cf_free(a, s->chain);
    cf_free(a, s);
}

/* The new scores, looked up beside the old ones, take their place. */
static void settle(conformal_pursuit_session *s, size_t length)
{
    size_t n = s->policy->model->n_classes;
    memcpy(s->l, s->l + 2 * n, 2 * n * sizeof *s->l);
    s->length = length;
    s->entropies[length] = cf_pursuit_entropy(s->p, n);
    s->chosen = false;
    follow(s);
}

conformal_status conformal_pursuit_answer_query(conformal_pursuit_session *s, int32_t query,
                                                int32_t answer, conformal_error *err)
{
    conformal_status status = cf_check_pointer(s, "session", err);
    if (status != CONFORMAL_OK)
        return status;
    const conformal_pursuit_model *m = s->policy->model;
    size_t n = m->n_classes;
    conformal_pursuit_choice choice;
    if (query < 0 || (size_t)query >= m->n_queries)
        return cf_fail(err, CONFORMAL_EDOM, "query", CF_NO_INDEX, "there is no query %d",
                       (int)query);
    if (answer < -1 ||
        (answer >= 0 && (size_t)answer >= conformal_pursuit_answers(m, (size_t)query)))
        return cf_fail(err, CONFORMAL_EDOM, "answer", CF_NO_INDEX,
                       "query %d has no answer %d", (int)query, (int)answer);
    if (s->asked[query])
        return cf_fail(err, CONFORMAL_EEXISTS, "query", CF_NO_INDEX,
                       "query %d has been asked before", (int)query);
    if (!s->chosen && s->followed == s->length && /* what would have been asked? */
        (status = conformal_pursuit_next(s, &choice, NULL, NULL, err)) != CONFORMAL_OK)
        return status;
    conformal_pursuit_answer a = {query, answer};
    s->answers[s->length] = a;
    status = look_up(s, s->length + 1, s->l + 2 * n, s->l + 3 * n, err);
    if (status != CONFORMAL_OK)
        return status;
    s->followed += s->followed == s->length && query == s->proposed;
    s->asked[query] = 1;
    settle(s, s->length + 1);
    return CONFORMAL_OK;
}

conformal_status conformal_pursuit_undo(conformal_pursuit_session *s, conformal_error *err)
{
    conformal_status status = cf_check_pointer(s, "session", err);
    if (status != CONFORMAL_OK)
        return status;
    if (s->length == 0)
        return cf_fail(err, CONFORMAL_ENOTFOUND, "session", CF_NO_INDEX,
                       "no answer to take back");
    size_t n = s->policy->model->n_classes;
    status = look_up(s, s->length - 1, s->l + 2 * n, s->l + 3 * n, err);
    if (status != CONFORMAL_OK)
        return status;
    s->asked[s->answers[s->length - 1].query] = 0;
    settle(s, s->length - 1);
    s->followed = s->followed < s->length ? s->followed : s->length;
    if (s->stopped != SIZE_MAX && s->stopped > s->length)
        s->stopped = SIZE_MAX;
    return CONFORMAL_OK;
}

conformal_pursuit_state conformal_pursuit_state_of(const conformal_pursuit_session *s)
{
    conformal_pursuit_state state = {s->length, s->answers, s->p, 0, s->entropies[s->length],
                                     s->followed == s->length, s->stopped};
    for (size_t y = 1; y < s->policy->model->n_classes; y++)
        state.best = s->p[y] > s->p[state.best] ? y : state.best;
    return state;
}

size_t cf_pursuit_members(const conformal_pursuit_session *s, double c, unsigned char *member)
{
    const conformal_pursuit_policy *p = s->policy;
    size_t k = s->length < p->length ? s->length : p->length, count = 0;
    double least = p->tau[k] > 0.0 ? c * p->tau[k] * (1.0 - CF_PURSUIT_TOLERANCE) : 0.0;
    for (size_t y = 0; y < p->model->n_classes; y++) {
        bool in = s->p[y] >= least;
        count += in;
        if (member != NULL)
            member[y] = in;
    }
    return count;
}

conformal_status conformal_pursuit_set_of(const conformal_pursuit_session *s,
                                          conformal_pursuit_set which, unsigned char *member,
                                          size_t *count, conformal_error *err)
{
    conformal_status status;
    double c = 1.0;
    if ((status = cf_check_pointer(s, "session", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(count, "count", err)) != CONFORMAL_OK)
        return status;
    const conformal_pursuit_policy *p = s->policy;
    if (which < CONFORMAL_PURSUIT_SET_LENGTH || which > CONFORMAL_PURSUIT_SET_ANY)
        return cf_fail(err, CONFORMAL_EINVAL, "which", CF_NO_INDEX, "no set has the code %d",
                       (int)which);
    if (which != CONFORMAL_PURSUIT_SET_LENGTH && p->step == NULL)
        return cf_fail(err, CONFORMAL_ENOTFOUND, "which", CF_NO_INDEX,
                       "the policy has no second calibration split for such a statement");
    if (which == CONFORMAL_PURSUIT_SET_STEP)
        c = p->step[s->length < p->length ? s->length : p->length];
    else if (which != CONFORMAL_PURSUIT_SET_LENGTH)
        c = which == CONFORMAL_PURSUIT_SET_STOP ? p->stop : p->any;
    *count = cf_pursuit_members(s, c, member);
    return CONFORMAL_OK;
}
