/* rank_sum_tilt.c - the rank sum's tail from its characteristic function.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With c over the numbers a + i (above) and i (below), i = 1..b,
 *     E e^(wU) = e^(w nm/2) prod [sinh((a+i) w/2) / (a+i)] / [sinh(i w/2) / i].
 * Let s > 0 and let P_s(u) be proportional to e^(su) P(u), the law tilted to a mean near v. Then
 *     P(U >= v) = M(s) e^(-sv) sum_{k>=0} e^(-sk) P_s(v + k),
 * and with the tilted law inverted at N equidistant angles the sum over k is geometric:
 *     P(U >= v) = M(s) e^(-sv) (1/N) sum_f phi_s(t_f) e^(-i t_f v) / (1 - e^(-s - i t_f)),
 * exact but for what a period N folds together, which is below e^(-sN) and the tilted tails:
 * N is chosen so that both are below 1e-20. Near normal laws leave only a few dozen angles where
 * phi_s is not negligible. Daniels (1954), Ann. Math. Stat. 25:631, is the saddle point;
 * Abate & Whitt (1992), Queueing Systems 10:5, sec. 5, the lattice inversion. */
#include "batch/rank_sum.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/special.h"
#include "base/sum.h"
#include "batch/order_law.h"

#define PI 3.14159265358979323846
#define NOTHING 1e-21

typedef struct tilt {
    const cf_rank_sum *law;
    const conformal_allocator *allocator;
    size_t n_factors; /* sum of the b */
    double *above, *below;    /* a + i and i of each factor */
    double *h_above, *h_below; /* coth(c s / 2) */
    double most, sd;          /* of U, not tilted */
    bool scan;                /* all angles count: the law is not near normal */
    double s, centre, log_m, sd_s;
    double period;
    size_t n_angles, room;
    double *re, *im;          /* phi_s without its phase, at angles 1..n_angles */
} tilt;

/* log(sinh(x) / x), x >= 0. */
static double log_sinhc(double x)
{
    double y = x * x;
    if (x < 0.05)
        return y * (1.0 / 6.0 - y * (1.0 / 180.0 - y / 2835.0));
    return x + log1p(-exp(-2.0 * x)) - log(2.0 * x);
}

/* d/ds of log(sinh(cs/2) / (cs/2)) = (c/2) coth(cs/2) - 1/s */
static double slope(double c, double s)
{
    double x = 0.5 * c * s, y = x * x;
    if (x < 0.05)
        return 0.5 * c * x * (1.0 / 3.0 - y * (1.0 / 45.0 - y * 2.0 / 945.0));
    return 0.5 * c / tanh(x) - 1.0 / s;
}

/* Its second derivative: 1/s^2 - (c/2)^2 / sinh^2(cs/2) */
static double curvature(double c, double s)
{
    double x = 0.5 * c * s, y = x * x;
    if (x < 0.05)
        return 0.25 * c * c * (1.0 / 3.0 - y * (1.0 / 15.0 - y * 2.0 / 189.0));
    double sh = sinh(x < 350.0 ? x : 350.0);
    return 1.0 / (s * s) - 0.25 * c * c / (sh * sh);
}

static double mean_at(const tilt *t, double s, double *variance)
{
    cf_sum mean = {0.5 * t->most, 0.0}, var = CF_SUM_ZERO;
    for (size_t i = 0; i < t->n_factors; i++) {
        cf_sum_add(&mean, slope(t->above[i], s) - slope(t->below[i], s));
        cf_sum_add(&var, curvature(t->above[i], s) - curvature(t->below[i], s));
    }
    *variance = cf_sum_value(&var);
    return cf_sum_value(&mean);
}

/* The s whose tilted mean is v, at least 1 / sd: nearer to 0 the geometric sum would not
 * end within a period. A rough root will do: any s is valid. */
static double saddle(const tilt *t, double v, double *variance)
{
    double s = fmax(1.0, (v - 0.5 * t->most) / t->sd) / t->sd, low = 1.0 / t->sd, high = 40.0;
    for (int round = 0; round < 60; round++) {
        double mean = mean_at(t, s, variance);
        if (fabs(mean - v) < 0.05 * sqrt(*variance) + 1e-9)
            return s;
        if (mean < v)
            low = s;
        else
            high = s;
        if (high <= low)
            break;
        double next = s + (v - mean) / *variance;
        s = next > low && next < high ? next : 0.5 * (low + high);
    }
    s = fmax(s, 1.0 / t->sd);
    mean_at(t, s, variance);
    return s;
}

/* phi_s at an angle without the phase e^(i angle nm/2); stops early where it is negligible. */
static void factor_product(const tilt *t, double angle, double *re, double *im)
{
    double a = 1.0, b = 0.0;
    for (size_t i = 0; i < t->n_factors; i++) {
        double y = 0.5 * angle * t->above[i], z = 0.5 * angle * t->below[i];
        double c1 = cos(y), s1 = sin(y) * t->h_above[i];
        double c2 = cos(z), s2 = sin(z) * t->h_below[i], d = 1.0 / (c2 * c2 + s2 * s2);
        double p = (c1 * c2 + s1 * s2) * d, q = (s1 * c2 - c1 * s2) * d, x = a;
        a = x * p - b * q;
        b = x * q + b * p;
        if (t->scan && i % 8 == 7 && fabs(a) + fabs(b) < NOTHING * NOTHING)
            break;
    }
    *re = a;
    *im = b;
}

static conformal_status reserve(tilt *t, size_t n, conformal_error *err)
{
    if (n <= t->room)
        return CONFORMAL_OK;
    size_t room = n + n / 2 + 64;
    double *re = cf_resize(t->allocator, t->re, room, sizeof *re);
    if (re != NULL)
        t->re = re;
    double *im = re != NULL ? cf_resize(t->allocator, t->im, room, sizeof *im) : NULL;
    if (im == NULL)
        return cf_fail_memory(err, 2 * room, "angles");
    t->im = im;
    t->room = room;
    return CONFORMAL_OK;
}

/* Tilt the law so that v is its mean. */
static conformal_status retilt(tilt *t, double v, conformal_error *err)
{
    double variance;
    conformal_status status = CONFORMAL_OK;
    t->s = saddle(t, v, &variance);
    t->centre = v;
    t->sd_s = sqrt(fmax(variance, 1e-3));
    t->period = ceil(fmax(50.0 / t->s, 32.0 * t->sd_s)) + 1.0;
    cf_sum log_m = CF_SUM_ZERO;
    for (size_t i = 0; i < t->n_factors; i++) {
        double x = 0.5 * t->above[i] * t->s, y = 0.5 * t->below[i] * t->s;
        t->h_above[i] = 1.0 / tanh(x);
        t->h_below[i] = 1.0 / tanh(y);
        cf_sum_add(&log_m, log_sinhc(x) - log_sinhc(y));
    }
    t->log_m = cf_sum_value(&log_m);
    t->n_angles = 0;
    size_t last = (size_t)(t->period / 2.0), quiet = 0;
    for (size_t f = 1; f <= last && (t->scan || quiet < 8); f++) {
        if ((status = reserve(t, f, err)) != CONFORMAL_OK)
            return status;
        factor_product(t, 2.0 * PI * (double)f / t->period, &t->re[f - 1], &t->im[f - 1]);
        quiet = fabs(t->re[f - 1]) + fabs(t->im[f - 1]) < NOTHING ? quiet + 1 : 0;
        t->n_angles = f;
    }
    return CONFORMAL_OK;
}

/* P(U >= v) for v above the middle. */
static conformal_status upper_tail(tilt *t, double v, double *tail, conformal_error *err)
{
    conformal_status status;
    if (v > t->most) {
        *tail = 0.0;
        return CONFORMAL_OK;
    }
    if ((t->s == 0.0 || fabs(v - t->centre) > 1.5 * t->sd_s) &&
        (status = retilt(t, v, err)) != CONFORMAL_OK)
        return status;
    double q = exp(-t->s), from_middle = 0.5 * t->most - v;
    cf_sum sum = {1.0 / -expm1(-t->s), 0.0};
    for (size_t f = 1; f <= t->n_angles; f++) {
        double angle = 2.0 * PI * (double)f / t->period;
        double c = cos(angle * from_middle), s = sin(angle * from_middle);
        double re = t->re[f - 1] * c - t->im[f - 1] * s;
        double im = t->re[f - 1] * s + t->im[f - 1] * c;
        /* over 1 - q e^(-i angle) */
        double x = 1.0 - q * cos(angle), y = q * sin(angle), d = x * x + y * y;
        double term = (re * x + im * y) / d;
        bool middle = 2.0 * (double)f == t->period; /* its own mirror image */
        cf_sum_add(&sum, middle ? term : 2.0 * term);
    }
    *tail = exp(t->log_m + t->s * from_middle) * cf_sum_value(&sum) / t->period;
    *tail = fmin(fmax(*tail, 0.0), 1.0);
    return CONFORMAL_OK;
}

/* P(U > u). U is symmetric about most / 2. */
static conformal_status tail_above(tilt *t, double u, double *tail, conformal_error *err)
{
    conformal_status status;
    if (2.0 * u + 1.0 >= t->most)
        return upper_tail(t, u + 1.0, tail, err);
    if ((status = upper_tail(t, t->most - u, tail, err)) == CONFORMAL_OK)
        *tail = 1.0 - *tail;
    return status;
}

/* The factors of all strata, and whether one stratum alone makes the law near normal. */
static conformal_status prepare(tilt *t, conformal_error *err)
{
    double variance = 0.0, log_states = 0.0;
    const cf_rank_sum *law = t->law;
    for (size_t g = 0; g < law->n_strata; g++)
        t->n_factors += law->n[g] < law->m[g] ? law->n[g] : law->m[g];
    double **arrays[] = {&t->above, &t->below, &t->h_above, &t->h_below};
    for (size_t i = 0; i < 4; i++)
        if ((*arrays[i] = cf_alloc(t->allocator, t->n_factors, sizeof(double))) == NULL)
            return cf_fail_memory(err, t->n_factors, "factors");
    size_t at = 0;
    for (size_t g = 0; g < law->n_strata; g++) {
        size_t n = law->n[g], m = law->m[g], a = n > m ? n : m, b = n > m ? m : n;
        for (size_t i = 1; i <= b; i++, at++) {
            t->above[at] = (double)(a + i);
            t->below[at] = (double)i;
        }
        double dn = (double)n, dm = (double)m;
        t->most += dn * dm;
        variance += dn * dm * (dn + dm + 1.0) / 12.0;
        log_states = fmax(log_states, cf_log_choose(dn + dm, dm) / log(10.0));
    }
    t->sd = sqrt(variance);
    t->scan = log_states < CF_RANK_SUM_SMOOTH;
    return CONFORMAL_OK;
}

static void release(tilt *t)
{
    double *arrays[] = {t->above, t->below, t->h_above, t->h_below, t->re, t->im};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        cf_free(t->allocator, arrays[i]);
}

/* Bracket the quantile from its normal approximation, with steps that double, then bisect. */
static conformal_status search(tilt *t, double allowed, uint64_t *quantile, double *tail,
                               conformal_error *err)
{
    double z = allowed < 1.0 ? -cf_normal_quantile(fmax(allowed, DBL_MIN)) : -40.0;
    double u = floor(fmin(fmax(0.5 * t->most + z * t->sd, 0.0), t->most - 1.0));
    double step = ceil(t->sd / 64.0);
    double low = -1.0, high = t->most; /* P(U > low) is too large, P(U > high) is not */
    bool low_seen = false, high_seen = false;
    *tail = 0.0;
    while (high - low > 1.0) {
        double at;
        conformal_status status = tail_above(t, u, &at, err);
        if (status != CONFORMAL_OK)
            return status;
        if (at <= allowed) {
            high = u;
            *tail = at;
            high_seen = true;
        } else {
            low = u;
            low_seen = true;
        }
        if (low_seen && high_seen)
            u = floor(0.5 * (low + high));
        else
            u = high_seen ? fmax(low + 1.0, high - step) : fmin(high - 1.0, low + step);
        step *= 2.0;
    }
    *quantile = (uint64_t)high;
    return CONFORMAL_OK;
}

conformal_status cf_rank_sum_tilted(const cf_rank_sum *s, double allowed,
                                    const conformal_allocator *allocator, uint64_t *u,
                                    double *tail, conformal_error *err)
{
    tilt t = {.law = s, .allocator = allocator};
    conformal_status status = prepare(&t, err);
    if (status == CONFORMAL_OK)
        status = search(&t, allowed, u, tail, err);
    release(&t);
    return status;
}

conformal_status cf_rank_sum_tilted_tail(const cf_rank_sum *s, uint64_t u,
                                         const conformal_allocator *allocator, double *tail,
                                         conformal_error *err)
{
    tilt t = {.law = s, .allocator = allocator};
    conformal_status status = prepare(&t, err);
    if (status == CONFORMAL_OK)
        status = tail_above(&t, (double)u, tail, err);
    release(&t);
    return status;
}
