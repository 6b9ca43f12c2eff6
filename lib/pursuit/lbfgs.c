/* lbfgs.c - limited-memory BFGS with a safeguarded line search.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two-loop recursion of J. Nocedal (1980), Math. Comp. 35:773, over the last MEMORY steps.
 * Steps meet Wolfe's conditions; where values are equal to the last digits, the condition on
 * slopes that W. Hager and H. Zhang (2005), SIAM J. Optim. 16:170, eq. (4.1), put in the place
 * of sufficient descent: slopes keep their digits when differences of values have lost them.
 *
 * GSL's minimisers allocate by its error handler, which ends the process without memory. */
#include "pursuit/lbfgs.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { MEMORY = 8, MOST_TRIALS = 60 };

static const double descent = 1e-4, curvature = 0.9, equal = 1e-14;

typedef struct search {
    cf_lbfgs_function *f;
    void *context;
    size_t n;
    double *x, *g, *d;           /* point, gradient, direction */
    double *x_new, *g_new;
    double *steps, *changes;     /* MEMORY x n, rings: of x and of the gradient */
    double inverse[MEMORY];      /* 1 / (step . change) */
    size_t kept, next;
    double value;
} search;

/* Four sums side by side, in one order whatever the compiler makes of it. */
static double dot(const double *a, const double *b, size_t n)
{
    double s[4] = {0.0, 0.0, 0.0, 0.0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t j = 0; j < 4; j++)
            s[j] += a[i + j] * b[i + j];
    for (; i < n; i++)
        s[0] += a[i] * b[i];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

static void add_scaled(double *restrict to, const double *restrict from, double by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += by * from[i];
}

/* d = -(inverse Hessian, as the kept steps have it) g */
static void set_direction(search *s)
{
    size_t n = s->n;
    double by[MEMORY], scale = 1.0;
    for (size_t i = 0; i < n; i++)
        s->d[i] = -s->g[i];
    for (size_t i = 0; i < s->kept; i++) {
        size_t at = (s->next + MEMORY - 1 - i) % MEMORY;
        by[at] = s->inverse[at] * dot(s->steps + at * n, s->d, n);
        add_scaled(s->d, s->changes + at * n, -by[at], n);
    }
    if (s->kept > 0) { /* the size of the Hessian, from the last step */
        size_t last = (s->next + MEMORY - 1) % MEMORY;
        const double *y = s->changes + last * n;
        scale = 1.0 / (s->inverse[last] * dot(y, y, n));
    }
    for (size_t i = 0; i < n; i++)
        s->d[i] *= scale;
    for (size_t i = s->kept; i-- > 0;) {
        size_t at = (s->next + MEMORY - 1 - i) % MEMORY;
        double back = s->inverse[at] * dot(s->changes + at * n, s->d, n);
        add_scaled(s->d, s->steps + at * n, by[at] - back, n);
    }
}

/* The new point along d at a distance, its value and slope along d. */
static double try_step(search *s, double step, double *slope)
{
    memcpy(s->x_new, s->x, s->n * sizeof *s->x);
    add_scaled(s->x_new, s->d, step, s->n);
    double value = s->f(s->context, s->x_new, s->g_new);
    *slope = dot(s->g_new, s->d, s->n);
    return value;
}

/* A step that descends enough and leaves a flatter slope: x_new, g_new, and its value. The
 * bracket [low, high] shrinks around where the slope, which rises along a convex function, is
 * 0: by the secant, kept off its ends. False: no such step. */
static bool search_line(search *s, double step, double *value)
{
    double start = dot(s->g, s->d, s->n), slope;
    double low = 0.0, low_slope = start, high = HUGE_VAL, high_slope = 0.0;
    if (!(start < 0.0))
        return false;
    for (int trial = 0; trial < MOST_TRIALS; trial++) {
        *value = try_step(s, step, &slope);
        bool down = *value <= s->value + descent * step * start ||
                    (*value <= s->value + equal * fabs(s->value) &&
                     slope <= (2.0 * descent - 1.0) * start);
        if (down && slope >= curvature * start)
            return true;
        if (down && slope < 0.0) {
            low = step;
            low_slope = slope;
        } else {
            high = step;
            high_slope = slope;
        }
        if (high == HUGE_VAL) {
            step *= 4.0;
            continue;
        }
        double width = high - low, at = 0.5;
        if (high_slope > 0.0)
            at = fmin(fmax(low_slope / (low_slope - high_slope), 0.1), 0.9);
        step = low + at * width;
        if (!(step > low && step < high))
            return false;
    }
    return false;
}

/* x and g move on; the step is remembered. */
static void take_step(search *s, double value)
{
    size_t n = s->n;
    double *step = s->steps + s->next * n, *change = s->changes + s->next * n;
    for (size_t i = 0; i < n; i++) {
        step[i] = s->x_new[i] - s->x[i];
        change[i] = s->g_new[i] - s->g[i];
    }
    double product = dot(step, change, n);
    if (product > 0.0 && 1.0 / product < HUGE_VAL) {
        s->inverse[s->next] = 1.0 / product;
        s->next = (s->next + 1) % MEMORY;
        s->kept += s->kept < MEMORY;
    }
    memcpy(s->x, s->x_new, n * sizeof *s->x);
    memcpy(s->g, s->g_new, n * sizeof *s->g);
    s->value = value;
}

static double descend(search *s, double tolerance, size_t most_steps)
{
    double norm, value;
    s->value = s->f(s->context, s->x, s->g);
    for (size_t i = 0; (norm = sqrt(dot(s->g, s->g, s->n))) > tolerance && i < most_steps; i++) {
        set_direction(s);
        if (search_line(s, s->kept > 0 ? 1.0 : 1.0 / fmax(norm, 1.0), &value)) {
            take_step(s, value);
            continue;
        }
        if (s->kept == 0) /* not even the steepest way is down: rounding */
            break;
        s->kept = 0;
    }
    return norm;
}

conformal_status cf_lbfgs(cf_lbfgs_function *f, void *context, double *x, size_t n,
                          double tolerance, size_t most_steps,
                          const conformal_allocator *allocator, double *norm,
                          conformal_error *err)
{
    double *room = cf_alloc(allocator, n, (5 + 2 * MEMORY) * sizeof *room);
    if (room == NULL)
        return cf_fail_memory(err, n, "variables");
    search s = {.f = f, .context = context, .n = n};
    s.x = room;
    s.g = s.x + n;
    s.d = s.g + n;
    s.x_new = s.d + n;
    s.g_new = s.x_new + n;
    s.steps = s.g_new + n;
    s.changes = s.steps + MEMORY * n;
    memcpy(s.x, x, n * sizeof *x);
    double last = descend(&s, tolerance, most_steps);
    memcpy(x, s.x, n * sizeof *x);
    if (norm != NULL)
        *norm = last;
    cf_free(allocator, room);
    return CONFORMAL_OK;
}
