/* calibration.c - from a calibration file to a calibrator.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scores are computed block by block: memory is the scores and group codes, nothing else. */
#include "calibration.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

const char *const calibration_methods[] = {"split", NULL};
const char *const calibration_scores[] = {"absolute", "normalized", "signed", "lower", "upper",
                                          "cqr", "cqr-asymmetric", "cqr-r", "cqr-m", NULL};

int calibration_check(const call *c, const calibration_options *o, conformal_score *score)
{
    conformal_error err;
    char why[64];
    if (conformal_score_find(o->score, score, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    for (size_t a = 0; a < o->alphas.n; a++) {
        char number[CONFORMAL_NUMBER_SIZE];
        conformal_number_write(o->alphas.values[a], number);
        if (!(o->alphas.values[a] >= 0.0 && o->alphas.values[a] <= 1.0))
            return say_usage(c, "alpha must be between 0 and 1, not %s", number);
        for (size_t b = 0; b < a; b++)
            if (o->alphas.values[a] == o->alphas.values[b])
                return say_usage(c, "--alpha %s is given twice", number);
    }
    if (!(o->beta >= 0.0 && o->beta < HUGE_VAL))
        return say_usage(c, "--beta must be finite and not negative");
    snprintf(why, sizeof why, "the score %s", o->score);
    return columns_check(c, &o->columns, columns_of_score(*score, true), why);
}

typedef struct calibration {
    const call *c;
    const calibration_options *options;
    conformal_score score;
    columns columns;
    block block;
    conformal_csv *csv;
    conformal_dictionary *groups;
    double *lower, *upper; /* scores so far */
    int32_t *codes;
    size_t n, room, crossed;
    bool shared; /* lower, upper and codes are a part of an array that two halves fill */
} calibration;

static conformal_status on_header(void *user, conformal_csv *csv, conformal_error *err)
{
    calibration *k = user;
    unsigned wanted = columns_of_score(k->score, true);
    if (k->options->columns.name[ROLE_GROUP] != NULL)
        wanted |= 1u << ROLE_GROUP;
    k->csv = csv;
    return columns_use(&k->columns, csv, wanted, err);
}

static conformal_status reserve(calibration *k, size_t n, conformal_error *err)
{
    if (n <= k->room)
        return CONFORMAL_OK;
    size_t room =
        k->shared ? 0 : n + n / 2; /* a shared part cannot grow: the halves are given up */
    double *upper = room > 0 ? realloc(k->upper, room * sizeof *upper) : NULL, *lower = NULL;
    int32_t *codes = NULL;
    bool two = conformal_score_sides(k->score) == 2, grouped = k->groups != NULL;
    if (upper != NULL)
        k->upper = upper;
    if (two && room > 0 && (lower = realloc(k->lower, room * sizeof *lower)) != NULL)
        k->lower = lower;
    if (grouped && room > 0 && (codes = realloc(k->codes, room * sizeof *codes)) != NULL)
        k->codes = codes;
    if (upper == NULL || (two && lower == NULL) || (grouped && codes == NULL)) {
        err->status = CONFORMAL_ENOMEM;
        err->line = 0;
        snprintf(err->message, sizeof err->message, "no memory for %zu scores", room);
        return CONFORMAL_ENOMEM;
    }
    k->room = room;
    return CONFORMAL_OK;
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows,
                                conformal_error *err)
{
    calibration *k = user;
    size_t crossed = 0;
    conformal_status status = block_set(&k->block, &k->columns, k->csv, rows, err);
    if (status != CONFORMAL_OK ||
        (status = reserve(k, k->n + k->block.data.n, err)) != CONFORMAL_OK)
        return status;
    status = conformal_score_rows(k->score, &k->block.data, k->options->beta,
                                  k->lower != NULL ? k->lower + k->n : NULL, k->upper + k->n,
                                  &crossed, err);
    if (status != CONFORMAL_OK) {
        block_explain(&k->block, &k->columns, k->csv, err);
        return status;
    }
    if (k->groups != NULL)
        status = conformal_dictionary_encode(k->groups, k->block.group, k->block.data.n,
                                             k->codes + k->n, err);
    k->crossed += crossed;
    k->n += k->block.data.n;
    return status;
}

static conformal_status set_notes(const calibration_options *o,
                                  conformal_calibrator *calibrator, unsigned wanted,
                                  conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    for (int r = 0; r < N_ROLES && status == CONFORMAL_OK; r++) {
        char key[32];
        snprintf(key, sizeof key, "column.%s", role_names[r]);
        if ((wanted & 1u << r) || (r == ROLE_GROUP && o->columns.name[r] != NULL))
            status = conformal_calibrator_set_note(calibrator, key, o->columns.name[r], err);
    }
    return status;
}

static conformal_status fit(calibration *k, conformal_calibrator **calibrator,
                            conformal_error *err)
{
    static const char *const no_name[] = {""};
    static const double usual[] = {0.1};
    conformal_split_options s = CONFORMAL_SPLIT_INIT;
    s.score = k->score;
    s.beta = k->options->beta;
    s.alphas = k->options->alphas.n > 0 ? k->options->alphas.values : usual;
    s.n_alphas = k->options->alphas.n > 0 ? k->options->alphas.n : 1;
    if (k->groups != NULL) {
        s.n_groups = conformal_dictionary_size(k->groups);
        s.group_names = conformal_dictionary_names(k->groups);
        if (s.n_groups == 0) { /* no rows: a group that nobody will meet keeps the kind */
            s.n_groups = 1;
            s.group_names = no_name;
        }
    }
    return conformal_split_fit_scores(&s, k->lower, k->upper, k->codes, k->n, calibrator, err);
}

static void reset(calibration *k)
{
    block_free(&k->block);
    conformal_dictionary_free(k->groups);
    if (k->shared)
        return;
    free(k->lower);
    free(k->upper);
    free(k->codes);
}

/* One array for both halves, which they fill from its start and from its middle: what is then
 * between them is closed by a move, which costs less than pages never used before. */
static conformal_status share(calibration *k, calibration *second, size_t rows,
                              conformal_error *err)
{
    conformal_status status = reserve(k, rows, err);
    size_t half = rows / 2;
    if (status != CONFORMAL_OK)
        return status;
    second->upper = k->upper + half;
    second->lower = k->lower != NULL ? k->lower + half : NULL;
    second->codes = k->codes != NULL ? k->codes + half : NULL;
    second->room = k->room - half;
    k->shared = second->shared = true;
    k->room = half;
    return status;
}

static conformal_status prepare(calibration *k, const call *c, const calibration_options *o,
                                conformal_score score, conformal_error *err)
{
    static const calibration zero;
    *k = zero;
    k->c = c;
    k->options = o;
    k->score = score;
    k->columns.options = &o->columns;
    return o->columns.name[ROLE_GROUP] != NULL
               ? conformal_dictionary_create(NULL, &k->groups, err)
               : CONFORMAL_OK;
}

/* The second half's scores behind those of the first; its groups get the first's codes. */
static conformal_status append(calibration *k, const calibration *more, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    size_t n_groups = k->groups != NULL ? conformal_dictionary_size(more->groups) : 0;
    int32_t *codes = malloc((n_groups + 1) * sizeof *codes);
    if (codes == NULL)
        return CONFORMAL_ENOMEM;
    for (size_t g = 0; g < n_groups && status == CONFORMAL_OK; g++) {
        const char *name = conformal_dictionary_names(more->groups)[g];
        conformal_text text = {name, strlen(name)};
        status = conformal_dictionary_encode(k->groups, &text, 1, &codes[g], err);
    }
    if (status == CONFORMAL_OK) {
        memmove(k->upper + k->n, more->upper, more->n * sizeof *k->upper);
        if (k->lower != NULL)
            memmove(k->lower + k->n, more->lower, more->n * sizeof *k->lower);
        for (size_t i = 0; k->codes != NULL && i < more->n; i++)
            k->codes[k->n + i] = codes[more->codes[i]];
        k->n += more->n;
        k->crossed += more->crossed;
        k->block.dropped += more->block.dropped;
    }
    free(codes);
    return status;
}

/* Both halves at once where that can be; else, and whenever anything is odd, from the start.
 */
static int read_scores(const call *c, const calibration_options *o, conformal_score score,
                       in_file *file, calibration *k)
{
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    calibration second;
    conformal_error err;
    callbacks.on_header = on_header;
    callbacks.on_rows = on_rows;
    callbacks.no_lines = 1;
    callbacks.user = k;
    conformal_status first = prepare(k, c, o, score, &err),
                     other = prepare(&second, c, o, score, &err);
    size_t rows = in_estimate_rows(file);
    if (first == CONFORMAL_OK && other == CONFORMAL_OK) {
        void *const users[2] = {k, &second};
        bool read = rows > 0 && share(k, &second, rows + rows / 4, &err) == CONFORMAL_OK &&
                    in_csv_halves(c, file, &callbacks, users) &&
                    append(k, &second, &err) == CONFORMAL_OK;
        k->shared = false; /* whole again, and its own */
        reset(&second);
        if (read)
            return EXIT_DONE;
        reset(k);
        first = prepare(k, c, o, score, &err);
    } else {
        reset(&second);
    }
    return first == CONFORMAL_OK ? in_csv(c, file, &callbacks, NULL)
                                 : say_failure(c, NULL, &err);
}

int calibration_read(const call *c, const calibration_options *o, conformal_score score,
                     in_file *file, conformal_calibrator **calibrator)
{
    calibration k;
    conformal_error err;
    int status = read_scores(c, o, score, file, &k);
    if (status == EXIT_DONE && fit(&k, calibrator, &err) != CONFORMAL_OK)
        status = say_failure(c, file->name, &err);
    if (status == EXIT_DONE &&
        set_notes(o, *calibrator, columns_of_score(score, true), &err) != CONFORMAL_OK) {
        status = say_failure(c, NULL, &err);
        conformal_calibrator_free(*calibrator);
        *calibrator = NULL;
    }
    if (status == EXIT_DONE && k.block.dropped > 0)
        say_note(c, "%s: %zu of %zu rows have a missing value and were left out", file->name,
                 k.block.dropped, file->rows);
    if (status == EXIT_DONE && k.crossed > 0)
        say_note(c, "%s: %s and %s cross in %zu rows, which were read the other way round",
                 file->name, o->columns.name[ROLE_LOWER], o->columns.name[ROLE_UPPER],
                 k.crossed);
    reset(&k);
    return status;
}

void calibration_note_infinite(const call *c, const conformal_calibrator *calibrator)
{
    const double *alphas;
    size_t n_alphas = conformal_calibrator_alphas(calibrator, &alphas);
    size_t n_groups = conformal_calibrator_groups(calibrator),
           n_cells = n_groups > 0 ? n_groups : 1;
    double sides = (double)conformal_score_sides(conformal_calibrator_score(calibrator));
    for (size_t a = 0; a < n_alphas; a++) {
        size_t infinite = 0, first = 0, needed = 0;
        char number[CONFORMAL_NUMBER_SIZE];
        for (size_t g = n_cells; g-- > 0;) {
            const conformal_threshold *t = conformal_calibrator_threshold(calibrator, g, a);
            if (t->rank > t->n) {
                infinite++;
                first = g;
            }
        }
        if (infinite == 0)
            continue;
        conformal_number_write(alphas[a], number);
        const conformal_threshold *t = conformal_calibrator_threshold(calibrator, first, a);
        if (conformal_plan_finite_size(alphas[a] / sides, &needed, NULL) != CONFORMAL_OK)
            say_note(c, "alpha = %s promises to cover everything: the intervals are infinite",
                     number);
        else if (n_groups == 0)
            say_note(
                c,
                "%zu calibration rows are too few for alpha = %s: the intervals are infinite "
                "(%zu rows would do)",
                t->n, number, needed);
        else
            say_note(
                c,
                "%zu of %zu groups have too few calibration rows for alpha = %s, '%s' only "
                "%zu: their intervals are infinite (%zu rows would do)",
                infinite, n_groups, number, conformal_calibrator_group_name(calibrator, first),
                t->n, needed);
    }
}
