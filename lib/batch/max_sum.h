/* max_sum.h - the largest sum of m values whose costs fit a budget.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One kind of member: b[t] is the best value for a cost of at most t, t = 0..range; wanted is
 * the largest sum of m of them whose costs add up to `budget`. */
#ifndef CF_MAX_SUM_H
#define CF_MAX_SUM_H

#include <stdbool.h>
#include <stdint.h>

#include "conformal/batch.h"

/* b from values by rank and whole-number costs, none negative among the allowed: *best: to be
 * freed; *least: the least cost, -1 when no rank is allowed. ENOMEM. */
conformal_status cf_values_by_cost(const double *values, const int32_t *costs, size_t n_ranks,
                                   const conformal_allocator *allocator, double **best,
                                   size_t *range, int64_t *least, conformal_error *err);

/* The maximum of one kind, infinities allowed, rounded up. budget >= 0, m >= 1,
 * m * range <= 2^52. ENOMEM. */
conformal_status cf_max_sum(const double *b, size_t range, size_t m, uint64_t budget,
                            conformal_batch_engine engine,
                            const conformal_allocator *allocator, double *maximum,
                            conformal_batch_engine *used, conformal_error *err);

/* The same over strata, each with its own b, range and m (m = 0 is left out; the strata's own
 * budgets are not read): one budget for all. */
typedef struct cf_best cf_best;
conformal_status cf_max_strata(const cf_best *strata, size_t n_strata, uint64_t budget,
                               conformal_batch_engine engine,
                               const conformal_allocator *allocator, double *maximum,
                               conformal_batch_engine *used, conformal_error *err);

/* ------------------------------------------------------------------ a finite problem */

struct cf_best {
    const double *b; /* range + 1 finite numbers, nondecreasing */
    size_t range, m;
    uint64_t budget; /* at most m * range */
};

/* The least concave majorant of b. */
typedef struct cf_hull {
    size_t *vertex; /* to be freed */
    size_t n;
} cf_hull;
conformal_status cf_hull_of(const double *b, size_t range,
                            const conformal_allocator *allocator, cf_hull *hull,
                            conformal_error *err);
/* The segment over budget / m: vertices i <= budget / m <= j of h. */
void cf_hull_segment(const cf_hull *h, const cf_best *p, size_t *i, size_t *j);
/* m times the majorant at budget / m, not rounded to a side. */
double cf_hull_value(const cf_best *p, size_t i, size_t j);

/* The exact maximum, not rounded to a side. limit: give up (*finished = false) after so many
 * additions; 0: never. i, j: the hull's segment. ENOMEM. */
conformal_status cf_max_halving(const cf_best *p, size_t i, size_t j, double limit,
                                const conformal_allocator *allocator, double *maximum,
                                bool *finished, conformal_error *err);

/* ------------------------------------------------------------------ parts of a selection */

/* The hull's line: z members at total cost x are at most z at_zero + slope x. In the best
 * selection no part falls short of the line by more than the gap. */
typedef struct cf_line {
    double at_zero, slope, gap;
} cf_line;

/* The least that a simple selection at the budget falls short of the line through (i, b[i])
 * and (j, b[j]): all but two members at those two costs. m >= 2. O(range). */
double cf_line_gap(const cf_best *p, const cf_line *line, size_t i, size_t j);
/* What rounding may add to a shortfall. */
double cf_line_noise(const cf_best *p, const cf_line *line);

/* The best sums V_z(x) of z members at total cost x = low..high; -infinity where it cannot
 * matter. alive: the n_alive other x - low. */
typedef struct cf_part {
    size_t z;
    int64_t low, high;
    double *v;
    size_t *alive, n_alive;
} cf_part;

/* Additions so far, and after how many to give up (0: never). */
typedef struct cf_effort {
    double spent, limit;
} cf_effort;

/* V_m at the budget, or (all) at every cost up to it. *finished false: it took too long, and
 * *whole is not set. *whole: to be freed. ENOMEM. */
conformal_status cf_halve(const cf_best *p, const cf_line *line, bool all, cf_effort *effort,
                          const conformal_allocator *allocator, cf_part *whole,
                          bool *finished, conformal_error *err);

/* low and high set: make v, all -infinity. ENOMEM. */
conformal_status cf_part_reserve(cf_part *w, const conformal_allocator *allocator,
                                 conformal_error *err);
/* w(x) = max(w(x), max_y a(y) + b(x - y)); false: it took too long. */
bool cf_part_combine(cf_part *w, const cf_part *a, const cf_part *b, cf_effort *effort);
/* Leave out what falls short of base + slope x by more than the gap; lists the alive. */
void cf_part_prune(cf_part *w, const cf_line *line, double base);
void cf_part_free(cf_part *w, const conformal_allocator *allocator);

#endif
