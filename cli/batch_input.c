/* batch_input.c - calibration scores and the batch, from files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "batch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

const char *const batch_sides[] = {"both", "upper", "lower", NULL};
const char *const batch_rank_choices[] = {"linear", "heavy", "pilot", NULL};
const char *const batch_engines[] = {"exact", "hull", "envelope", NULL};
const char *const batch_regions[] = {"equal", "shortest", "widen", NULL};

const batch_options batch_defaults = {.alpha = 0.1,
                                      .side = "both",
                                      .region = "equal",
                                      .max_weight = (double)NAN,
                                      .trim = (double)NAN,
                                      .above = (double)NAN,
                                      .fraction = (double)NAN};

size_t batch_rank_of(double p, size_t m)
{
    double x = p * (double)m, nearest = nearbyint(x);
    double z = fabs(x - nearest) <= 1e-9 * fmax(1.0, x) ? nearest : ceil(x);
    return z < 1.0 ? 1 : z > (double)m ? m : (size_t)z;
}

/* ------------------------------------------------------------------ options */

static int check_shift(const call *c, const batch_options *o)
{
    if (o->weight != NULL && o->propensity != NULL)
        return say_usage(c, "--weight and --propensity exclude each other");
    if (o->weight != NULL && isnan(o->max_weight))
        return say_usage(c, "--weight needs --max-weight W, a bound of the weights that is known "
                            "in advance");
    if (!isnan(o->max_weight) && o->weight == NULL && o->propensity == NULL)
        return say_usage(c, "--max-weight goes with --weight or --propensity");
    if (!isnan(o->max_weight) && !(o->max_weight > 0.0 && o->max_weight < HUGE_VAL))
        return say_usage(c, "--max-weight must be positive and finite");
    return EXIT_DONE;
}

int batch_check_score(const call *c, const batch_options *o)
{
    const char *const *column = o->columns.name;
    if (o->score != NULL && (column[ROLE_Y] != NULL || column[ROLE_YHAT] != NULL))
        return say_usage(c, "--score COL and --y COL --yhat COL exclude each other");
    if (o->score == NULL && (column[ROLE_Y] == NULL || column[ROLE_YHAT] == NULL))
        return say_usage(c, "--score COL is needed, or --y COL and --yhat COL");
    if (o->m.given && o->score == NULL)
        return say_usage(c, "the predictions of the batch are needed: give them as FILE, not --m");
    return EXIT_DONE;
}

int batch_check(const call *c, const batch_options *o)
{
    if (o->calibration == NULL)
        return say_usage(c, "--calibration FILE is needed: the rows to calibrate on");
    if (!(o->alpha >= 0.0 && o->alpha <= 1.0)) {
        char number[CONFORMAL_NUMBER_SIZE];
        conformal_number_write(o->alpha, number);
        return say_usage(c, "alpha must be between 0 and 1, not %s", number);
    }
    if (o->support.n != 0 && o->support.n != 2)
        return say_usage(c, "--support takes two numbers, LO,HI");
    if (o->support.n == 2 && !(o->support.values[0] <= o->support.values[1]))
        return say_usage(c, "--support LO,HI: LO must not be above HI");
    if (o->m.given && o->m.value < 1)
        return say_usage(c, "--m must be at least 1: a batch has members");
    if (o->m.given && o->m.value > UINT64_C(1) << 32)
        return say_usage(c, "--m must be at most 2^32");
    if (o->m.given && c->n_operands > 0)
        return say_usage(c, "--m M and a FILE exclude each other: the batch is the rows of FILE");
    if (o->m.given && o->columns.name[ROLE_GROUP] != NULL)
        return say_usage(c, "with --group the batch must be a FILE: its strata are counted");
    if (strcmp(o->calibration, "-") == 0 && !o->m.given && in_operand(c, 0) == NULL)
        return say_usage(c, "standard input cannot be both the calibration file and the batch");
    return check_shift(c, o);
}

/* ------------------------------------------------------------------ calibration */

/* Keep each row with the probability that its weight says. */
static int reject(const call *c, const batch_options *o, record *rec, batch_input *in)
{
    double *w = in->seen.columns[BATCH_AT_WEIGHT].numbers, most = o->max_weight;
    size_t n = in->seen.n, kept = 0;
    conformal_error err;
    if (o->propensity != NULL) {
        most = isnan(most) ? 1.0 : most;
        for (size_t i = 0; i < n; i++)
            w[i] = w[i] / (1.0 - w[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (!(w[i] <= most)) {
            char weight[CONFORMAL_NUMBER_SIZE], bound[CONFORMAL_NUMBER_SIZE];
            conformal_number_write(w[i], weight);
            conformal_number_write(most, bound);
            say_error(c,
                      "%s: the weight of row %zu is %s, above the largest, %s (--max-weight W "
                      "raises it; it must be known in advance)",
                      in->calibration.name, i + 1, weight, bound);
            return EXIT_DATA;
        }
    unsigned char *keep = malloc(n + 1);
    if (keep == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    if (conformal_batch_reject(w, n, most, record_seed(c, rec), keep, &kept, &err) !=
        CONFORMAL_OK) {
        free(keep);
        return say_failure(c, in->calibration.name, &err);
    }
    for (size_t k = 0; k < in->seen.n_columns; k++) {
        frame_column *column = &in->seen.columns[k];
        size_t to = 0;
        for (size_t i = 0; i < n; i++) {
            if (!keep[i])
                continue;
            if (column->numbers != NULL)
                column->numbers[to] = column->numbers[i];
            if (column->codes != NULL)
                column->codes[to] = column->codes[i];
            to++;
        }
    }
    free(keep);
    in->seen.n = kept;
    return EXIT_DONE;
}

/* y - yhat, rounded up and down. */
static int make_residuals(const call *c, batch_input *in)
{
    conformal_data d = CONFORMAL_DATA_INIT;
    conformal_error err;
    in->up = malloc((in->n + 1) * sizeof *in->up);
    in->down = malloc((in->n + 1) * sizeof *in->down);
    if (in->up == NULL || in->down == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    d.n = in->n;
    d.y = in->seen.columns[BATCH_AT_Y].numbers;
    d.yhat = in->seen.columns[BATCH_AT_YHAT].numbers;
    if (conformal_score_rows(CONFORMAL_SCORE_UPPER, &d, 0.0, NULL, in->up, NULL, &err) !=
            CONFORMAL_OK ||
        conformal_score_rows(CONFORMAL_SCORE_LOWER, &d, 0.0, NULL, in->down, NULL, &err) !=
            CONFORMAL_OK)
        return say_failure(c, in->calibration.name, &err);
    for (size_t i = 0; i < in->n; i++)
        in->down[i] = -in->down[i];
    return EXIT_DONE;
}

static frame_column numbers_of(const char *name, const batch_options *o, bool in_support)
{
    frame_column k = FRAME_NUMBERS(name);
    if (in_support && o->support.n == 2) {
        k.least = o->support.values[0];
        k.most = o->support.values[1];
        k.limits = "the support";
    }
    return k;
}

int batch_read_calibration(const call *c, const batch_options *o, record *rec,
                           bool with_scores, batch_input *in)
{
    conformal_error err;
    frame_column group = FRAME_NUMBERS(o->columns.name[ROLE_GROUP]);
    frame_column weight = FRAME_NUMBERS(o->weight != NULL ? o->weight : o->propensity);
    bool digest = rec->store != NULL;
    memset(in, 0, sizeof *in);
    in->low = o->support.n == 2 ? o->support.values[0] : -HUGE_VAL;
    in->high = o->support.n == 2 ? o->support.values[1] : HUGE_VAL;
    in->residuals = with_scores && o->score == NULL;
    in->calibration.digest = in->test.digest = in->pilot.digest = digest;
    in->calibration.path = strcmp(o->calibration, "-") == 0 ? NULL : o->calibration;
    if (group.name != NULL &&
        conformal_dictionary_create(NULL, &in->groups, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    group.groups = in->groups;
    weight.least = 0.0;
    weight.most = o->propensity != NULL ? 1.0 : HUGE_VAL;
    weight.limits = o->propensity != NULL ? "what a probability can be" : "what a weight can be";
    frame_column wanted[] = {numbers_of(o->score, o, true),
                              numbers_of(o->columns.name[ROLE_Y], o, true),
                              numbers_of(o->columns.name[ROLE_YHAT], o, false),
                              group,
                              weight,
                              numbers_of(o->columns.name[ROLE_SCALE], o, false),
                              numbers_of(o->columns.name[ROLE_LOWER], o, false),
                              numbers_of(o->columns.name[ROLE_UPPER], o, false)};
    memcpy(in->seen.columns, wanted, sizeof wanted);
    in->seen.n_columns = sizeof wanted / sizeof wanted[0];
    int status = frame_read(c, &in->seen, &in->calibration);
    if (status != EXIT_DONE)
        return status;
    frame_note_gaps(c, &in->seen, &in->calibration);
    in->n_rows = in->seen.n;
    if (weight.name != NULL && (status = reject(c, o, rec, in)) != EXIT_DONE)
        return status;
    in->n = in->seen.n;
    in->codes = in->seen.columns[BATCH_AT_GROUP].codes;
    in->up = in->down = in->seen.columns[BATCH_AT_SCORE].numbers;
    return in->residuals ? make_residuals(c, in) : EXIT_DONE;
}

/* ------------------------------------------------------------------ the batch */

int batch_count_strata(const call *c, batch_input *in)
{
    const int32_t *batch = in->batch.columns[1].codes;
    in->n_strata = in->groups != NULL ? conformal_dictionary_size(in->groups) : 1;
    in->n_strata = in->n_strata > 0 ? in->n_strata : 1;
    in->n_of = calloc(in->n_strata, sizeof *in->n_of);
    in->m_of = calloc(in->n_strata, sizeof *in->m_of);
    if (in->n_of == NULL || in->m_of == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    for (size_t i = 0; i < in->n; i++)
        in->n_of[in->codes != NULL ? (size_t)in->codes[i] : 0]++;
    for (size_t j = 0; j < in->m && batch != NULL; j++)
        in->m_of[batch[j]]++;
    if (batch == NULL)
        in->m_of[0] = in->m;
    return EXIT_DONE;
}

/* An outcome in the support is a residual in what is left of it by the predictions. Scores
 * beyond are cut: no residual of the batch can be there. */
static void shift_support(batch_input *in)
{
    double least = HUGE_VAL, most = -HUGE_VAL;
    for (size_t j = 0; j < in->m; j++) {
        least = fmin(least, in->predictions[j]);
        most = fmax(most, in->predictions[j]);
    }
    in->high = isfinite(in->high) ? nextafter(in->high - least, HUGE_VAL) : in->high;
    in->low = isfinite(in->low) ? nextafter(in->low - most, -HUGE_VAL) : in->low;
    for (size_t i = 0; i < in->n; i++) {
        in->up[i] = fmax(in->low, fmin(in->up[i], in->high));
        in->down[i] = fmax(in->low, fmin(in->down[i], in->high));
    }
}

int batch_read(const call *c, const batch_options *o, record *rec, batch_input *in)
{
    int status = batch_read_calibration(c, o, rec, true, in);
    if (status != EXIT_DONE)
        return status;
    if (o->m.given) {
        in->m = (size_t)o->m.value;
        return batch_count_strata(c, in);
    }
    frame_column yhat =
        FRAME_NUMBERS(in->residuals ? o->columns.name[ROLE_YHAT] : NULL);
    frame_column group = FRAME_NUMBERS(o->columns.name[ROLE_GROUP]);
    group.groups = in->groups;
    in->batch.columns[0] = yhat;
    in->batch.columns[1] = group;
    in->batch.n_columns = 2;
    in->batch.why_whole = "the statistic is one of the whole batch";
    in->test.path = in_operand(c, 0);
    if ((status = frame_read(c, &in->batch, &in->test)) != EXIT_DONE)
        return status;
    in->m = in->batch.n;
    in->predictions = in->batch.columns[0].numbers;
    if (in->m == 0) {
        say_error(c, "%s: the batch has no row", in->test.name);
        return EXIT_DATA;
    }
    if (in->residuals)
        shift_support(in);
    return batch_count_strata(c, in);
}

void batch_free(batch_input *in)
{
    if (in->residuals) {
        free(in->up);
        free(in->down);
    }
    frame_free(&in->seen);
    frame_free(&in->batch);
    conformal_dictionary_free(in->groups);
    free(in->n_of);
    free(in->m_of);
}

int batch_record(const call *c, record *rec, const batch_input *in,
                 const conformal_report *r)
{
    uint64_t n = in->n;
    if (rec->store == NULL)
        return EXIT_DONE;
    int status = record_begin(c, rec, &n);
    if (status == EXIT_DONE)
        status = record_input(c, rec, "calibration", &in->calibration);
    if (status == EXIT_DONE && in->test.name != NULL)
        status = record_input(c, rec, "test", &in->test);
    if (status == EXIT_DONE && in->pilot.name != NULL)
        status = record_input(c, rec, "pilot", &in->pilot);
    if (status == EXIT_DONE)
        status = record_results(c, rec, r);
    return status == EXIT_DONE ? record_finish(c, rec) : status;
}

void batch_report_head(conformal_report *r, const batch_options *o, const batch_input *in,
                       const record *rec)
{
    conformal_report_unsigned(r, "n", in->n);
    conformal_report_number(r, "alpha", o->alpha);
    if (rec->seeded)
        conformal_report_unsigned(r, "seed", rec->seed);
    if (o->weight != NULL || o->propensity != NULL)
        conformal_report_unsigned(r, "rows", in->n_rows);
}
