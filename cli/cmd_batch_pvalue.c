/* cmd_batch_pvalue.c - conformal batch pvalue: is a batch larger than calibration?
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "say.h"

/* Test rows by batch. */
typedef struct batches {
    frame f; /* score, y, yhat, batch */
    in_file file;
    conformal_dictionary *names;
    size_t n;          /* batches */
    double *scores;    /* a batch after the other */
    size_t *start;     /* n + 1 */
    size_t *observed;
    double *p;
    unsigned char *rejected;
    size_t n_rejected;
} batches;

static void batches_free(batches *b)
{
    frame_free(&b->f);
    conformal_dictionary_free(b->names);
    free(b->scores);
    free(b->start);
    free(b->observed);
    free(b->p);
    free(b->rejected);
}

static int read_batches(const call *c, const batch_options *o, bool digest, batches *b)
{
    conformal_error err;
    frame_column wanted[] = {
        FRAME_NUMBERS(o->score), FRAME_NUMBERS(o->columns.name[ROLE_Y]),
        FRAME_NUMBERS(o->columns.name[ROLE_YHAT]), FRAME_NUMBERS(o->batch)};
    if (o->batch != NULL &&
        conformal_dictionary_create(NULL, &b->names, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    wanted[3].groups = b->names;
    memcpy(b->f.columns, wanted, sizeof wanted);
    b->f.n_columns = 4;
    b->f.why_whole = "the p-value is that of the whole batch";
    b->file.path = in_operand(c, 0);
    b->file.digest = digest;
    int status = frame_read(c, &b->f, &b->file);
    if (status == EXIT_DONE && b->f.n == 0) {
        say_error(c, "%s: the batch has no row", b->file.name);
        status = EXIT_DATA;
    }
    return status;
}

/* The scores of each batch together; of residuals the rounding is downwards, so that no p-value
 * is too small. */
static int sort_batches(const call *c, batches *b)
{
    size_t rows = b->f.n;
    const double *score = b->f.columns[0].numbers, *y = b->f.columns[1].numbers,
                 *yhat = b->f.columns[2].numbers;
    const int32_t *code = b->f.columns[3].codes;
    b->n = b->names != NULL ? conformal_dictionary_size(b->names) : 1;
    b->scores = malloc(rows * sizeof *b->scores);
    b->start = calloc(b->n + 2, sizeof *b->start);
    b->observed = calloc(b->n, sizeof *b->observed);
    b->p = calloc(b->n, sizeof *b->p);
    b->rejected = calloc(b->n, sizeof *b->rejected);
    double *residual = malloc(rows * sizeof *residual);
    int status = EXIT_DONE;
    if (b->scores == NULL || b->start == NULL || b->observed == NULL || b->p == NULL ||
        b->rejected == NULL || residual == NULL) {
        say_error(c, "out of memory");
        status = EXIT_MEMORY;
    }
    if (status == EXIT_DONE && score == NULL) {
        conformal_data d = CONFORMAL_DATA_INIT;
        conformal_error err;
        d.n = rows;
        d.y = y;
        d.yhat = yhat;
        if (conformal_score_rows(CONFORMAL_SCORE_LOWER, &d, 0.0, NULL, residual, NULL, &err) !=
            CONFORMAL_OK)
            status = say_failure(c, b->file.name, &err);
    }
    if (status == EXIT_DONE) {
        for (size_t i = 0; i < rows; i++)
            b->start[(code != NULL ? (size_t)code[i] : 0) + 2]++;
        for (size_t k = 3; k <= b->n; k++) /* start[k + 1] is where batch k begins, */
            b->start[k] += b->start[k - 1];
        for (size_t i = 0; i < rows; i++) /* and in the end where it ends */
            b->scores[b->start[(code != NULL ? (size_t)code[i] : 0) + 1]++] =
                score != NULL ? score[i] : -residual[i];
    }
    free(residual);
    return status;
}

static int test_batches(const call *c, const batch_options *o, const batch_input *in,
                        batches *b)
{
    conformal_error err;
    for (size_t k = 0; k < b->n; k++) {
        size_t m = b->start[k + 1] - b->start[k];
        size_t rank = o->rank.n > 0 ? (size_t)o->rank.values[0] : 0;
        if (rank > m)
            return say_usage(c, "--rank: %zu is above the size of a batch, %zu%s%s%s", rank, m,
                             b->names != NULL ? " (" : "",
                             b->names != NULL ? conformal_dictionary_names(b->names)[k] : "",
                             b->names != NULL ? ")" : "");
        if (conformal_batch_pvalue(in->up, in->n, b->scores + b->start[k], m, rank, NULL,
                                   &b->observed[k], &b->p[k], &err) != CONFORMAL_OK)
            return say_failure(c, b->file.name, &err);
    }
    if (conformal_benjamini_hochberg(b->p, b->n, o->alpha, NULL, b->rejected, &b->n_rejected,
                                     &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    return EXIT_DONE;
}

static void report_batch(conformal_report *r, const batch_options *o, const batches *b,
                         size_t k)
{
    size_t m = b->start[k + 1] - b->start[k];
    conformal_report_unsigned(r, "m", m);
    conformal_report_unsigned(r, "rank",
                              o->rank.n > 0 ? (size_t)o->rank.values[0] : (m + 1) / 2);
    conformal_report_unsigned(r, "observed_rank", b->observed[k]);
    conformal_report_number(r, "p_value", b->p[k]);
    conformal_report_bool(r, "rejected", b->rejected[k]);
}

static int finish(const call *c, const batch_options *o, record *rec, batch_input *in,
                  const batches *b)
{
    conformal_report *r = out_new_report(c);
    if (r == NULL)
        return EXIT_MEMORY;
    batch_report_head(r, o, in, rec);
    conformal_report_text(r, "statistic", "pvalue");
    if (b->names == NULL) {
        report_batch(r, o, b, 0);
    } else {
        conformal_report_unsigned(r, "n_rejected", b->n_rejected);
        conformal_report_begin_array(r, "batches");
        for (size_t k = 0; k < b->n; k++) {
            conformal_report_begin_object(r, NULL);
            conformal_report_text(r, "batch", conformal_dictionary_names(b->names)[k]);
            report_batch(r, o, b, k);
            conformal_report_end_object(r);
        }
        conformal_report_end_array(r);
    }
    in->test = b->file;
    int status = batch_record(c, rec, in, r);
    if (status == EXIT_DONE)
        status = out_report(c, r, EXIT_DONE);
    conformal_report_free(r);
    return status;
}

static int run(const call *c)
{
    const batch_options *o = c->options;
    batch_input in;
    batches b = {.n = 0};
    record rec;
    int status = batch_check(c, o);
    if (status != EXIT_DONE || (status = batch_check_score(c, o)) != EXIT_DONE)
        return status;
    if (o->rank.n > 1 ||
        (o->rank.n == 1 && !(o->rank.values[0] >= 1.0 && o->rank.values[0] < 0x1p52 &&
                             o->rank.values[0] == floor(o->rank.values[0]))))
        return say_usage(c, "--rank takes one whole number, at least 1");
    if ((status = record_open(c, false, false, &rec)) != EXIT_DONE)
        return status;
    if ((status = batch_read_calibration(c, o, &rec, true, &in)) == EXIT_DONE &&
        (status = read_batches(c, o, rec.store != NULL, &b)) == EXIT_DONE &&
        (status = sort_batches(c, &b)) == EXIT_DONE &&
        (status = test_batches(c, o, &in, &b)) == EXIT_DONE)
        status = finish(c, o, &rec, &in, &b);
    record_close(&rec);
    batches_free(&b);
    batch_free(&in);
    return status;
}

static const opt table[] = {
    {OPT_REALS, 0, "rank", offsetof(batch_options, rank), "Z",
     "compare the Z-th smallest of a batch (default its median)", NULL},
    BATCH_TEXT(batch, "batch", "COL", "FILE holds several batches, told apart by this column"),
    BATCH_TEXT(calibration, "calibration", "FILE", "the calibration rows (needed)"),
    BATCH_TEXT(score, "score", "COL", "the column that is compared, or"),
    COLUMN_OPTION(batch_options, columns, ROLE_Y, "y", "the outcome, with"),
    COLUMN_OPTION(batch_options, columns, ROLE_YHAT, "yhat", "its prediction: residuals"),
    {OPT_REAL, 'a', "alpha", offsetof(batch_options, alpha), "A",
     "level of the test; of the false discovery rate over batches (default 0.1)", NULL},
    BATCH_SHIFT_OPTIONS,
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END};

const command cmd_batch_pvalue = {
    "batch pvalue",
    "[FILE]",
    "Test whether batches are larger than calibration",
    "The p-value is the probability that the Z-th smallest of an exchangeable batch ranks as high\n"
    "among the calibration scores as FILE's does. With --batch, a p-value per batch, and the\n"
    "batches that Benjamini and Hochberg's procedure rejects at level alpha.",
    "  conformal batch pvalue --calibration cal.csv --score s batch.csv --rank 5\n"
    "  conformal batch pvalue --calibration cal.csv --score s --batch day week.csv",
    table,
    sizeof(batch_options),
    &batch_defaults,
    0,
    1,
    run};
