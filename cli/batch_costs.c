/* batch_costs.c - what ranks cost: linear, heavy, or from a pilot file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "say.h"

enum { LEAST_GRID = 200, USUAL_GRID = 400, MOST_GRID = 2000 };
/* What the costs of a batch may add up to before a law of them takes seconds. */
#define MOST_SUM 5e5

static int check(const call *c, const batch_options *o)
{
    bool pilot = o->ranks != NULL && strcmp(o->ranks, "pilot") == 0;
    if (pilot && o->pilot == NULL)
        return say_usage(c, "--ranks pilot needs --pilot FILE, rows used for nothing else");
    if (o->grid.given && (o->grid.value < 1 || o->grid.value > 100000))
        return say_usage(c, "--grid must be between 1 and 100000");
    if (o->pilot != NULL && (strcmp(o->pilot, o->calibration) == 0 ||
                             (c->n_operands > 0 && strcmp(o->pilot, c->operands[0]) == 0)))
        return say_usage(c, "--pilot must be rows that are used for nothing else, not '%s' again",
                         o->pilot);
    return EXIT_DONE;
}

/* The rule that docs/methods/batch-evidence.md gives the evidence for: a pilot where there is
 * one; heavy tails where scores are residuals or have no finite end; else linear. */
static const char *choose(const batch_options *o, const batch_input *in)
{
    bool bounded = isfinite(in->low) && isfinite(in->high) && !in->residuals;
    if (o->ranks != NULL)
        return o->ranks;
    return o->pilot != NULL ? "pilot" : bounded ? "linear" : "heavy";
}

/* Fine enough for the middle of a long tail. */
static size_t grid_of(const batch_options *o, const batch_input *in)
{
    double wanted = 5.0 * sqrt(0.5 * (double)in->n), most = MOST_SUM / (double)in->m;
    if (o->grid.given)
        return (size_t)o->grid.value;
    wanted = fmax(USUAL_GRID, fmin(wanted, MOST_GRID));
    return (size_t)fmax(LEAST_GRID, fmin(wanted, most));
}

/* The costs of every stratum, all in steps of one size, from the pilot scores of that stratum,
 * or from all where it has none. own: room for all pilot scores. */
static conformal_status fill_pilot(const batch_options *o, const batch_input *in,
                                   const frame *f, const double *scores,
                                   conformal_batch_side side, double *own, int32_t *costs,
                                   conformal_error *err)
{
    double origin = 0.0, step = 0.0;
    size_t grid = grid_of(o, in);
    const int32_t *codes = f->columns[BATCH_AT_GROUP].codes;
    conformal_status status = conformal_batch_pilot_costs(scores, f->n, in->n, side, grid,
                                                          &origin, &step, NULL, costs, err);
    for (size_t g = 0; g < in->n_strata && codes != NULL && status == CONFORMAL_OK; g++) {
        size_t n_own = 0;
        for (size_t i = 0; i < f->n; i++)
            if ((size_t)codes[i] == g)
                own[n_own++] = scores[i];
        status = conformal_batch_pilot_costs(n_own > 0 ? own : scores, n_own > 0 ? n_own : f->n,
                                             in->n_of[g], side, grid, &origin, &step, NULL, costs,
                                             err);
        costs += in->n_of[g] + 1;
    }
    return status;
}

static conformal_status fill_heavy(const batch_options *o, const batch_input *in,
                                   conformal_batch_side side, int32_t *costs,
                                   conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    for (size_t g = 0; g < in->n_strata && status == CONFORMAL_OK; g++) {
        /* strata share their steps: the range of t grows like the root of n */
        double share = sqrt(((double)in->n_of[g] + 1.0) / ((double)in->n + 1.0));
        double grid = ceil((double)grid_of(o, in) * share);
        status = conformal_batch_heavy_costs(in->n_of[g], side, (size_t)fmax(grid, 1.0), costs,
                                             err);
        costs += in->n_of[g] + 1;
    }
    return status;
}

static int read_pilot(const call *c, const batch_options *o, batch_input *in, frame *f)
{
    frame_column group = FRAME_NUMBERS(o->columns.name[ROLE_GROUP]);
    frame_column wanted[] = {FRAME_NUMBERS(o->score), FRAME_NUMBERS(o->columns.name[ROLE_Y]),
                             FRAME_NUMBERS(o->columns.name[ROLE_YHAT]), group};
    wanted[BATCH_AT_GROUP].groups = in->groups;
    memcpy(f->columns, wanted, sizeof wanted);
    f->n_columns = sizeof wanted / sizeof wanted[0];
    in->pilot.path = strcmp(o->pilot, "-") == 0 ? NULL : o->pilot;
    int status = frame_read(c, f, &in->pilot);
    if (status != EXIT_DONE)
        return status;
    frame_note_gaps(c, f, &in->pilot);
    if (f->n == 0) {
        say_error(c, "%s: there is no pilot row", in->pilot.name);
        return EXIT_DATA;
    }
    for (size_t i = 0; i < f->n && in->residuals; i++) /* shapes costs only: no rounding matters */
        f->columns[BATCH_AT_Y].numbers[i] -= f->columns[BATCH_AT_YHAT].numbers[i];
    return EXIT_DONE;
}

int batch_make_costs(const call *c, const batch_options *o, batch_input *in, batch_costs *costs)
{
    frame f = {.n_columns = 0};
    conformal_error err;
    conformal_status made = CONFORMAL_OK;
    int status = check(c, o);
    costs->name = choose(o, in);
    costs->up = costs->low = NULL;
    if (status != EXIT_DONE || strcmp(costs->name, "linear") == 0)
        return status;
    bool pilot = strcmp(costs->name, "pilot") == 0;
    if (pilot)
        status = read_pilot(c, o, in, &f);
    double *own = malloc((f.n + 1) * sizeof *own);
    size_t room = in->n + in->n_strata + 1;
    costs->up = malloc(room * sizeof *costs->up);
    costs->low = malloc(room * sizeof *costs->low);
    if (status == EXIT_DONE && (own == NULL || costs->up == NULL || costs->low == NULL)) {
        say_error(c, "out of memory");
        status = EXIT_MEMORY;
    }
    for (int side = 0; side < 2 && status == EXIT_DONE && made == CONFORMAL_OK; side++) {
        int32_t *to = side == 0 ? costs->up : costs->low;
        conformal_batch_side which = side == 0 ? CONFORMAL_BATCH_UPPER : CONFORMAL_BATCH_LOWER;
        made = pilot ? fill_pilot(o, in, &f,
                                  f.columns[in->residuals ? BATCH_AT_Y : BATCH_AT_SCORE].numbers,
                                  which, own, to, &err)
                     : fill_heavy(o, in, which, to, &err);
    }
    if (made != CONFORMAL_OK)
        status = say_failure(c, pilot ? in->pilot.name : NULL, &err);
    free(own);
    frame_free(&f);
    return status;
}
