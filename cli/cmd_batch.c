/* cmd_batch.c - conformal batch STATISTIC: bounds for one number of a whole batch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch_job.h"
#include "say.h"

static int no_memory(const batch_job *j)
{
    say_error(j->c, "out of memory");
    return EXIT_MEMORY;
}

/* ------------------------------------------------------------------ which statistic */

static int set_ranks(batch_job *j, size_t n_ranks)
{
    j->ranks = malloc(n_ranks * sizeof *j->ranks);
    j->want.ranks = j->ranks;
    j->want.n_ranks = n_ranks;
    j->want.statistic = CONFORMAL_BATCH_ORDER;
    return j->ranks != NULL ? EXIT_DONE : no_memory(j);
}

static int want_median(batch_job *j)
{
    int status = set_ranks(j, 1);
    if (status == EXIT_DONE)
        j->ranks[0] = (j->in.m + 1) / 2;
    return status;
}

static int want_quantile(batch_job *j)
{
    const opt_reals *rank = &j->o->rank, *prob = &j->o->prob;
    if ((rank->n == 0) == (prob->n == 0))
        return say_usage(j->c, "--rank Z or --prob P says which quantile, and not both");
    int status = set_ranks(j, rank->n + prob->n);
    for (size_t i = 0; i < rank->n && status == EXIT_DONE; i++) {
        double z = rank->values[i];
        char number[CONFORMAL_NUMBER_SIZE];
        conformal_number_write(z, number);
        if (!(z >= 1.0 && z <= (double)j->in.m && z == floor(z)))
            return say_usage(j->c, "--rank: %s is not a whole number in 1..%zu, the batch",
                             number, j->in.m);
        j->ranks[i] = (size_t)z;
    }
    for (size_t i = 0; i < prob->n && status == EXIT_DONE; i++) {
        if (!(prob->values[i] >= 0.0 && prob->values[i] <= 1.0))
            return say_usage(j->c, "--prob must be between 0 and 1");
        j->ranks[i] = batch_rank_of(prob->values[i], j->in.m);
    }
    return status;
}

static int want_quartiles(batch_job *j)
{
    if (j->in.m < 2)
        return say_usage(j->c, "a batch of one has no two quartiles");
    int status = set_ranks(j, 2);
    if (status != EXIT_DONE)
        return status;
    j->ranks[0] = batch_rank_of(0.25, j->in.m);
    j->ranks[1] = batch_rank_of(0.75, j->in.m);
    j->want.statistic = CONFORMAL_BATCH_PAIR;
    j->want.region = strcmp(j->o->region, "shortest") == 0 ? CONFORMAL_BATCH_SHORTEST
                     : strcmp(j->o->region, "widen") == 0  ? CONFORMAL_BATCH_WIDEN
                                                           : CONFORMAL_BATCH_EQUAL;
    return status;
}

static int want_mean(batch_job *j)
{
    j->want.statistic = CONFORMAL_BATCH_MEAN;
    return EXIT_DONE;
}

static int want_sum(batch_job *j)
{
    j->want.statistic = CONFORMAL_BATCH_SUM;
    return EXIT_DONE;
}

/* Ones at the positions from .. to - 1 (0-based), to be divided by their number. */
static int set_ones(batch_job *j, size_t from, size_t to)
{
    j->coefficients = calloc(j->in.m, sizeof *j->coefficients);
    if (j->coefficients == NULL)
        return no_memory(j);
    for (size_t i = from; i < to; i++)
        j->coefficients[i] = 1.0;
    j->divisor = (double)(to - from);
    j->want.statistic = CONFORMAL_BATCH_LINEAR;
    j->want.coefficients = j->coefficients;
    return EXIT_DONE;
}

static int want_trimmed_mean(batch_job *j)
{
    double trim = j->o->trim;
    if (!(trim >= 0.0 && trim < 0.5))
        return say_usage(j->c, "--trim P is the share left out at each end, 0 to below 0.5");
    double cut = trim * (double)j->in.m, nearest = nearbyint(cut);
    size_t l = (size_t)(fabs(cut - nearest) <= 1e-9 * fmax(1.0, cut) ? nearest : floor(cut));
    return set_ones(j, l, j->in.m - l);
}

static int want_top_mean(batch_job *j)
{
    if (!j->o->top.given || j->o->top.value < 1 || j->o->top.value > j->in.m)
        return say_usage(j->c, "--top K says how many of the largest, 1 to %zu here", j->in.m);
    return set_ones(j, j->in.m - (size_t)j->o->top.value, j->in.m);
}

/* The text of --coefficients: a list, or @FILE with a number a line. To be freed. */
static char *coefficient_text(const batch_job *j)
{
    const char *given = j->o->coefficients;
    size_t room = 1 << 16, n = 0;
    if (given[0] != '@')
        return strdup(given);
    FILE *in = fopen(given + 1, "r");
    char *text = malloc(room);
    while (in != NULL && text != NULL) {
        n += fread(text + n, 1, room - n - 1, in);
        if (n + 1 < room)
            break;
        room *= 2;
        char *grown = realloc(text, room);
        if (grown == NULL)
            free(text);
        text = grown;
    }
    if (in == NULL) {
        free(text);
        return NULL;
    }
    fclose(in);
    if (text != NULL)
        text[n] = '\0';
    return text;
}

static int want_l_statistic(batch_job *j)
{
    size_t n = 0;
    if (j->o->coefficients == NULL)
        return say_usage(j->c, "--coefficients C1,C2,... or @FILE says what each order "
                               "statistic counts");
    char *text = coefficient_text(j);
    if (text == NULL) {
        say_error(j->c, "%s: cannot be read", j->o->coefficients + 1);
        return EXIT_IO;
    }
    j->coefficients = calloc(j->in.m + 1, sizeof *j->coefficients);
    if (j->coefficients == NULL) {
        free(text);
        return no_memory(j);
    }
    for (char *p = text; *p != '\0';) {
        size_t length = strcspn(p, ",\n\r \t");
        double x;
        if (length > 0) {
            if (conformal_number_read(p, length, &x, NULL) != CONFORMAL_OK || !(x >= 0.0) ||
                x == HUGE_VAL) {
                int status = say_usage(j->c, "--coefficients: '%.*s' is not a number >= 0",
                                       (int)length, p);
                free(text);
                return status;
            }
            if (n < j->in.m)
                j->coefficients[n] = x;
            n++;
        }
        p += length + (p[length] != '\0');
    }
    free(text);
    if (n != j->in.m)
        return say_usage(j->c, "--coefficients: %zu numbers for a batch of %zu", n, j->in.m);
    j->want.statistic = CONFORMAL_BATCH_LINEAR;
    j->want.coefficients = j->coefficients;
    return EXIT_DONE;
}

/* ------------------------------------------------------------------ the commands */

#define ENDING COMMON_STORE_OPTIONS, COMMON_INPUT_OPTIONS, COMMON_OUTPUT_OPTIONS, OPTIONS_END
#define BEGINNING BATCH_CALIBRATION_OPTIONS, BATCH_SIZE_OPTIONS, BATCH_SIDE_OPTIONS

static const char about[] =
    "The batch is the rows of FILE, or M rows still unseen. The bounds hold with probability\n"
    "1 - alpha over calibration rows and batch together, whatever their distribution, as long\n"
    "as they are exchangeable. With --y and --yhat the statistic is that of the outcomes, whose\n"
    "predictions FILE holds. coverage is the probability promised. T is between the\n"
    "calibration scores number lower_rank - 1 and upper_rank, where ranks are given.";

static const opt median_table[] = {BEGINNING, BATCH_GROUP_OPTION, BATCH_SHIFT_OPTIONS,
                                   BATCH_COMPARE_OPTION, ENDING};
static const opt quantile_table[] = {
    {OPT_REALS, 0, "rank", offsetof(batch_options, rank), "Z",
     "the Z-th smallest of the batch; several: jointly", NULL},
    {OPT_REALS, 0, "prob", offsetof(batch_options, prob), "P",
     "or the smallest with at least a share P at or below it", NULL},
    BEGINNING, BATCH_GROUP_OPTION, BATCH_SHIFT_OPTIONS, BATCH_COMPARE_OPTION, ENDING};
static const opt quartiles_table[] = {
    {OPT_CHOICE, 0, "region", offsetof(batch_options, region), "R",
     "how the one region for both is chosen (default equal)", batch_regions},
    BEGINNING, BATCH_SHIFT_OPTIONS, BATCH_COMPARE_OPTION, ENDING};
static const opt mean_table[] = {BEGINNING, BATCH_SUM_OPTIONS, BATCH_GROUP_OPTION,
                                 BATCH_SHIFT_OPTIONS, BATCH_COMPARE_OPTION, ENDING};
static const opt trimmed_table[] = {
    {OPT_REAL, 0, "trim", offsetof(batch_options, trim), "P",
     "the share left out at each end, 0 to below 0.5", NULL},
    BEGINNING, BATCH_SUM_OPTIONS, BATCH_SHIFT_OPTIONS, BATCH_COMPARE_OPTION, ENDING};
static const opt top_table[] = {
    {OPT_COUNT, 0, "top", offsetof(batch_options, top), "K", "how many of the largest", NULL},
    BEGINNING, BATCH_SUM_OPTIONS, BATCH_SHIFT_OPTIONS, BATCH_COMPARE_OPTION, ENDING};
static const opt l_table[] = {
    BATCH_TEXT(coefficients, "coefficients", "LIST",
               "what the smallest, .., the largest count: M numbers >= 0, or @FILE"),
    BEGINNING, BATCH_SUM_OPTIONS, BATCH_SHIFT_OPTIONS, BATCH_COMPARE_OPTION, ENDING};

#define COMMAND(id, text, table, summary, examples)                                           \
    static int run_##id(const call *c)                                                        \
    {                                                                                         \
        return batch_job_run(c, want_##id);                                                             \
    }                                                                                         \
    const command cmd_batch_##id = {"batch " text, "[FILE]", summary, about, examples, table,  \
                                    sizeof(batch_options), &batch_defaults, 0, 1, run_##id};

COMMAND(median, "median", median_table, "Bound the median of a batch of unseen outcomes",
        "  conformal batch median --calibration cal.csv --score s --m 10 --alpha 0.1\n"
        "  conformal batch median --calibration cal.csv --y y --yhat yhat batch.csv")
COMMAND(quantile, "quantile", quantile_table, "Bound quantiles of a batch, one or several",
        "  conformal batch quantile --calibration cal.csv --score s --m 40 --prob 0.9\n"
        "  conformal batch quantile --calibration cal.csv --score s --m 40 --rank 10,20,30")
COMMAND(quartiles, "quartiles", quartiles_table,
        "Bound both quartiles of a batch by one region",
        "  conformal batch quartiles --calibration cal.csv --score s --m 40")
COMMAND(mean, "mean", mean_table, "Bound the mean of a batch of unseen outcomes",
        "  conformal batch mean --calibration cal.csv --y y --yhat yhat batch.csv\n"
        "  conformal batch mean --calibration cal.csv --score s --m 50 --support 0,1\n"
        "  conformal batch mean --calibration cal.csv --pilot old.csv --score s --m 50")
COMMAND(sum, "sum", mean_table, "Bound the sum of a batch of unseen outcomes",
        "  conformal batch sum --calibration cal.csv --y y --yhat yhat batch.csv")
COMMAND(trimmed_mean, "trimmed-mean", trimmed_table, "Bound the trimmed mean of a batch",
        "  conformal batch trimmed-mean --trim 0.1 --calibration cal.csv --score s --m 20")
COMMAND(top_mean, "top-mean", top_table, "Bound the mean of the largest of a batch",
        "  conformal batch top-mean --top 5 --calibration cal.csv --score s --m 50 --support 0,1")
COMMAND(l_statistic, "l-statistic", l_table,
        "Bound a sum of order statistics with coefficients",
        "  conformal batch l-statistic --coefficients 0,1,1,0 --calibration cal.csv --score s "
        "--m 4")
