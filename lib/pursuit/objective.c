/* objective.c - what asking a query is worth, averaged over its answers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For each answer a of a query: P(a | history) = sum_y p(y) chance(a | y), the posterior v / z
 * after it, its entropy, and the set that the threshold of the next length leaves. Entropies are
 * accurate down to 1e-300, because an overconfident model still has to order its queries: with
 * the largest of v scaled to 1 and d the sum of the others,
 *     H = log2(1 + d) - sum over the others of v log2 v / (1 + d).
 * Where H is not small H = log2 z - sum of v log2 v / z loses nothing either, and takes one pass
 * that needs not know the largest. */
#include <math.h>
#include <string.h>

#include "base/select.h"
#include "conformal/random.h"
#include "pursuit/policy.h"

/* One answer. */
typedef struct outcome {
    double chance, z, entropy;
    bool possible;
} outcome;

/* What the averages over answers are made of. */
typedef struct sums {
    double chance, entropy, value;
    double log_in, log_out, in, out; /* FANO */
} sums;

/* t = log2 of v, v = the unnormalised posterior after the answer of row r. */
static void fill(cf_pursuit_view *w, size_t r)
{
    const conformal_pursuit_policy *p = w->s->policy;
    const conformal_pursuit_model *m = p->model;
    size_t n = m->n_classes;
    const cf_pursuit_step *step = &p->steps[w->k];
    double *restrict t = w->t, *restrict v = w->v;
    if (w->candidates != NULL) {
        const double *l = w->candidates + r * n;
        for (size_t y = 0; y < n; y++) {
            t[y] = w->gamma * l[y] / CF_LN2;
            v[y] = exp2(t[y]);
        }
    } else if (step->e != NULL) {
        const double *restrict e = step->e + r * n, *restrict lw = step->lw + r * n;
        const double *restrict u = w->u, *restrict lu = w->lu;
        for (size_t y = 0; y < n; y++) {
            t[y] = lu[y] + lw[y];
            v[y] = u[y] * e[y];
        }
    } else {
        const double *restrict weights = m->weights + r * n;
        for (size_t y = 0; y < n; y++) {
            t[y] = w->lu[y] + w->gamma * weights[y] / CF_LN2;
            v[y] = w->u[y] * exp(w->gamma * weights[y]);
        }
    }
}

/* v scaled to its largest, without the largest: their sum, and the sum of v log2 v. */
static void others(const double *t, const double *v, size_t n, double scale, double top,
                   double *d, double *s)
{
    double sum = 0.0, weighted = 0.0;
    for (size_t y = 0; y < n; y++) {
        double r = v[y] * scale;
        sum += r;
        weighted += r > 0.0 ? r * (t[y] - top) : 0.0;
    }
    *d += sum;
    *s += weighted;
}

/* Sums over classes. Two numbers to a vector, and two vectors that do not wait for each other;
 * the order of additions is the same on every machine. */
typedef double pair __attribute__((vector_size(16)));

static inline pair load(const double *x)
{
    pair p;
    memcpy(&p, x, sizeof p);
    return p;
}

static double total(pair a, pair b)
{
    a += b;
    return a[0] + a[1];
}

/* v, and the sums of v, of v log2 v, and of p chance. */
static void sum_up(const cf_pursuit_view *w, const double *restrict e,
                   const double *restrict lw, const double *restrict chance, double *z,
                   double *s, double *pa)
{
    size_t n = w->s->policy->model->n_classes, y = 0;
    const double *restrict u = w->u, *restrict lu = w->lu, *restrict p = w->s->p;
    double *restrict v = w->v;
    pair z0 = {0.0, 0.0}, z1 = z0, s0 = z0, s1 = z0, c0 = z0, c1 = z0;
    for (; y + 4 <= n; y += 4) {
        pair v0 = load(u + y) * load(e + y), v1 = load(u + y + 2) * load(e + y + 2);
        memcpy(v + y, &v0, sizeof v0);
        memcpy(v + y + 2, &v1, sizeof v1);
        z0 += v0;
        z1 += v1;
        s0 += v0 * (load(lu + y) + load(lw + y));
        s1 += v1 * (load(lu + y + 2) + load(lw + y + 2));
        c0 += load(p + y) * load(chance + y);
        c1 += load(p + y + 2) * load(chance + y + 2);
    }
    *z = total(z0, z1);
    *s = total(s0, s1);
    *pa = total(c0, c1);
    for (; y < n; y++) {
        v[y] = u[y] * e[y];
        *z += v[y];
        *s += v[y] * (lu[y] + lw[y]);
        *pa += p[y] * chance[y];
    }
}

/* Relative to the terms that H is the difference of: below, the largest has to be left out. */
#define SMALL_ENTROPY 1e-4

/* False: H is too small for the short way, or its numbers are. */
static bool glance(cf_pursuit_view *w, size_t r, outcome *o)
{
    const conformal_pursuit_policy *p = w->s->policy;
    size_t n = p->model->n_classes;
    const cf_pursuit_step *step = &p->steps[w->k];
    double s;
    if (w->candidates != NULL || step->e == NULL)
        return false;
    sum_up(w, step->e + r * n, step->lw + r * n, p->model->chance + r * n, &o->z, &s,
           &o->chance);
    if (!(o->z > 1e-250))
        return false;
    double lz = log2(o->z);
    o->entropy = lz - s / o->z;
    o->possible = true;
    return o->entropy > SMALL_ENTROPY * (1.0 + fabs(lz)) && o->entropy < HUGE_VAL;
}

static outcome look(cf_pursuit_view *w, size_t r)
{
    size_t n = w->s->policy->model->n_classes, top = 0;
    const double *chance = w->s->policy->model->chance + r * n, *p = w->s->p;
    outcome o = {0.0, 0.0, 0.0, false}, quick = o;
    double d = 0.0, s = 0.0, z = 0.0, pa = 0.0;
    if (glance(w, r, &quick))
        return quick;
    fill(w, r);
    double most = w->t[0];
    for (size_t y = 1; y < n; y++)
        if (w->t[y] > most) {
            most = w->t[y];
            top = y;
        }
    for (size_t y = 0; y < n; y++)
        pa += p[y] * chance[y];
    o.chance = pa;
    if (!(most > CF_PURSUIT_NEVER))
        return o;
    bool far = fabs(most) > 900.0;
    if (far) /* v may have under- or overflowed: scale first */
        for (size_t y = 0; y < n; y++)
            w->v[y] = exp2(w->t[y] - most);
    double scale = far ? 1.0 : exp2(-most);
    for (size_t y = 0; y < n; y++)
        z += w->v[y];
    others(w->t, w->v, top, scale, most, &d, &s);
    others(w->t + top + 1, w->v + top + 1, n - top - 1, scale, most, &d, &s);
    o.z = z;
    o.entropy = log1p(d) / CF_LN2 - s / (1.0 + d);
    o.possible = true;
    return o;
}

/* ------------------------------------------------------------------ sets after an answer */

static size_t count_in(const cf_pursuit_view *w, double tau, double z)
{
    size_t n = w->s->policy->model->n_classes, count = 0;
    double least = tau * (1.0 - CF_PURSUIT_TOLERANCE) * z;
    for (size_t y = 0; y < n; y++)
        count += w->v[y] >= least;
    return count;
}

/* By APS: from the least probable up, classes stay out while their tail mass is below rho; equal
 * ones share theirs. out: the probability of those that do. */
static size_t count_aps(cf_pursuit_view *w, double rho, double z, double *out)
{
    size_t n = w->s->policy->model->n_classes, in = n;
    double least = rho * (1.0 - CF_PURSUIT_TOLERANCE) * z, mass = 0.0;
    memcpy(w->sorted, w->v, n * sizeof *w->v);
    cf_sort(w->sorted, n, NULL);
    *out = 0.0;
    for (size_t i = 0; i < n;) {
        size_t j = i;
        for (; j < n && (j == i || w->sorted[j] <= w->sorted[j - 1] * (1.0 + 1e-12)); j++)
            mass += w->sorted[j];
        if (mass >= least)
            break;
        in = n - j;
        *out = mass / z;
        i = j;
    }
    return in;
}

/* The threshold of calibration rows that had been asked the very same queries, and this one. */
static double chain_threshold(cf_pursuit_view *w, size_t query)
{
    const conformal_pursuit_policy *p = w->s->policy;
    const conformal_pursuit_model *m = p->model;
    size_t n = m->n_classes, rows = p->n_first, rank = cf_pursuit_m(rows, p->o.alpha);
    if (rank == 0)
        return 0.0;
    for (size_t i = 0; i < rows; i++) {
        int32_t a = p->answers[i * m->n_queries + query];
        const double *u = w->chain_u + i * n;
        const double *weights =
            a >= 0 ? m->weights + cf_pursuit_row(m, (int32_t)query, a) * n : NULL;
        const double *e = a >= 0 && p->steps[w->k].e != NULL
                              ? p->steps[w->k].e + cf_pursuit_row(m, (int32_t)query, a) * n
                              : NULL;
        double z = 0.0, own = 0.0;
        for (size_t y = 0; y < n; y++) {
            double f = a < 0 ? 1.0 : e != NULL ? e[y] : exp(w->gamma * weights[y]);
            z += u[y] * f;
            own = (int32_t)y == p->labels[i] ? u[y] * f : own;
        }
        w->chain_p[i] = z > 0.0 ? own / z : 0.0;
    }
    return cf_select(w->chain_p, rows, rank);
}

/* The sum of the classes' conformal p-values. */
static double sum_pvalues(const cf_pursuit_view *w, double z)
{
    const conformal_pursuit_policy *p = w->s->policy;
    size_t n = p->model->n_classes, rows = p->n_first;
    const double *sorted = p->sorted + (w->k + 1) * rows;
    double sum = 0.0;
    for (size_t y = 0; y < n; y++) {
        double at = w->v[y] / z * (1.0 + CF_PURSUIT_TOLERANCE);
        sum += ((double)cf_count_at_most(sorted, rows, at) + 1.0) / ((double)rows + 1.0);
    }
    return sum;
}

static double log2_of(size_t n)
{
    return n > 1 ? log2((double)n) : 0.0;
}

static double binary_entropy(double d)
{
    return d > 0.0 && d < 1.0 ? -d * log2(d) - (1.0 - d) * log1p(-d) / CF_LN2 : 0.0;
}

/* The probability of the classes that are out, summed for itself: 1 - the rest would cancel. */
static double mass_out(const cf_pursuit_view *w, double tau, double z)
{
    size_t n = w->s->policy->model->n_classes;
    double least = tau * (1.0 - CF_PURSUIT_TOLERANCE) * z, out = 0.0;
    for (size_t y = 0; y < n; y++)
        out += w->v[y] >= least ? 0.0 : w->v[y];
    return fmin(fmax(out / z, 0.0), 1.0);
}

static void add_sets(cf_pursuit_view *w, const outcome *o, double tau, sums *s)
{
    const conformal_pursuit_policy *p = w->s->policy;
    size_t classes = p->model->n_classes;
    conformal_pursuit_objective objective = p->o.objective;
    if (objective == CONFORMAL_PURSUIT_PVALUES) {
        s->value += o->chance * sum_pvalues(w, o->z);
        return;
    }
    bool aps = p->o.score == CONFORMAL_PURSUIT_APS;
    double out = 0.0;
    size_t n = aps ? count_aps(w, p->rho[w->k + 1], o->z, &out) : count_in(w, tau, o->z);
    if (objective == CONFORMAL_PURSUIT_SIZE_NONEMPTY) {
        s->value += o->chance * (double)(n > 0 ? n : classes);
    } else if (objective == CONFORMAL_PURSUIT_SIZE) {
        s->value += o->chance * (double)n;
    } else if (objective == CONFORMAL_PURSUIT_LOGSIZE) {
        s->value += o->chance * log2_of(n);
    } else {
        double d = aps ? fmin(out, 1.0) : mass_out(w, tau, o->z);
        s->value += o->chance * (binary_entropy(d) + (1.0 - d) * log2_of(n) +
                                 d * log2_of(classes - n));
        s->in += o->chance * (1.0 - d);
        s->out += o->chance * d;
        s->log_in += o->chance * (1.0 - d) * log2_of(n);
        s->log_out += o->chance * d * log2_of(classes - n);
    }
}

static double finish(const conformal_pursuit_policy *p, const sums *s)
{
    double value = s->value / s->chance, alpha = p->o.alpha;
    switch (p->o.objective) {
    case CONFORMAL_PURSUIT_SIZE_NONEMPTY:
    case CONFORMAL_PURSUIT_SIZE:
        return log2(fmax(value, 1e-300));
    case CONFORMAL_PURSUIT_FANO:
        return binary_entropy(alpha) +
               (1.0 - alpha + 1.0 / ((double)p->n_first + 1.0)) * s->log_in /
                   fmax(s->in, 1e-12) +
               alpha * s->log_out / fmax(s->out, 1e-12);
    default:
        return value;
    }
}

/* ------------------------------------------------------------------ the authors' scripts */

/* Rows drawn whatever the history, with their labels: what the published code computes. */
static void paper(cf_pursuit_view *w, size_t query, double *value, double *entropy)
{
    const conformal_pursuit_policy *p = w->s->policy;
    const conformal_pursuit_model *m = p->model;
    size_t n = m->n_classes, draws = p->o.draws, in = 0, out = 0;
    double h = 0.0, log_in = 0.0, log_out = 0.0;
    for (size_t i = 0; i < draws; i++) {
        int32_t a = p->answers[w->draws[i] * m->n_queries + query];
        size_t count = 0;
        bool covered = false;
        double z = 0.0;
        if (a >= 0)
            fill(w, cf_pursuit_row(m, (int32_t)query, a));
        else
            memcpy(w->v, w->u, n * sizeof *w->v);
        for (size_t y = 0; y < n; y++)
            z += w->v[y];
        for (size_t y = 0; y < n; y++) {
            double q = w->v[y] / z, clamped = fmax(q, 1e-5);
            bool member = q >= p->tau[w->k + 1] * (1.0 - CF_PURSUIT_TOLERANCE);
            h -= clamped * log2(clamped) / (double)draws;
            count += member;
            covered = covered || (member && (int32_t)y == p->labels[w->draws[i]]);
        }
        in += covered;
        out += !covered;
        log_in += covered ? log2_of(count) : 0.0;
        log_out += covered ? 0.0 : log2_of(n - count);
    }
    double alpha = p->o.alpha;
    *entropy = h;
    *value = p->o.objective == CONFORMAL_PURSUIT_PAPER_ENTROPY
                 ? h
                 : binary_entropy(alpha) +
                       (1.0 - alpha + 1.0 / ((double)draws + 1.0)) *
                           (in > 0 ? log_in / (double)in : 0.0) +
                       alpha * (out > 0 ? log_out / (double)out : 0.0);
}

void cf_pursuit_objective(cf_pursuit_view *w, size_t query, double *value, double *entropy)
{
    const conformal_pursuit_policy *p = w->s->policy;
    const conformal_pursuit_model *m = p->model;
    bool sets = p->o.selector == CONFORMAL_PURSUIT_CIP;
    sums s = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double tau = p->tau[w->k + 1];
    if (sets && p->o.objective >= CONFORMAL_PURSUIT_PAPER) {
        paper(w, query, value, entropy);
        return;
    }
    if (sets && p->o.threshold == CONFORMAL_PURSUIT_PER_LAST)
        tau = p->tau_last[(w->k + 1) * m->n_queries + query];
    else if (sets && p->o.threshold == CONFORMAL_PURSUIT_PER_CHAIN)
        tau = chain_threshold(w, query);
    for (size_t r = m->first[query]; r < m->first[query + 1]; r++) {
        outcome o = look(w, r);
        s.chance += o.chance;
        if (!o.possible)
            continue;
        s.entropy += o.chance * o.entropy;
        if (sets)
            add_sets(w, &o, tau, &s);
    }
    if (!(s.chance > 0.0)) { /* no answer is possible: the query says nothing */
        *entropy = *value = HUGE_VAL;
        return;
    }
    *entropy = s.entropy / s.chance;
    *value = sets ? finish(p, &s) : *entropy;
}
