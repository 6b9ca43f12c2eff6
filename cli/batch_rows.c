/* batch_rows.c - thresholds for the rows of a batch: what sets and claims share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "say.h"
#include "spool.h"

bool batch_rows_summary(const call *c, const batch_options *o)
{
    const char *format = common_of(c)->format;
    return o->m.given || o->score != NULL || (format != NULL && strcmp(format, "csv") != 0);
}

int batch_rows_read(const call *c, const batch_options *o, record *rec, batch_rows *b)
{
    batch_input *in = &b->in;
    int status = batch_read_calibration(c, o, rec, false, in);
    if (status != EXIT_DONE)
        return status;
    if (o->m.given) {
        in->m = (size_t)o->m.value;
        return batch_count_strata(c, in);
    }
    frame_column group = FRAME_NUMBERS(o->columns.name[ROLE_GROUP]);
    group.groups = in->groups;
    in->batch.columns[1] = group; /* where batch_count_strata() looks */
    in->batch.n_columns = 2;
    in->test.path = in_operand(c, 0);
    if ((status = spool_input(c, in->test.path)) != EXIT_DONE ||
        (status = frame_read(c, &in->batch, &in->test)) != EXIT_DONE)
        return status;
    spool_rewind(in->test.path);
    in->m = in->batch.n;
    if (in->m == 0) {
        say_error(c, "%s: the batch has no row", in->test.name);
        return EXIT_DATA;
    }
    return batch_count_strata(c, in);
}

/* The scores of stratum g, selected at its rank. */
static double threshold_of(const batch_rows *b, size_t g, double *room)
{
    const batch_input *in = &b->in;
    size_t n = 0, k = b->ranks[g];
    double alpha;
    double found = HUGE_VAL;
    for (size_t i = 0; i < in->n; i++)
        if (in->codes == NULL || (size_t)in->codes[i] == g)
            room[n++] = b->scores[i];
    if (k > n)
        return HUGE_VAL;
    alpha = 1.0 - (double)k / ((double)n + 1.0); /* whose conformal rank is k */
    if (conformal_quantile(room, n, alpha, NULL, &found, NULL) != CONFORMAL_OK)
        return (double)NAN;
    return found;
}

static void note_infinite(const call *c, const batch_options *o, const batch_rows *b)
{
    const batch_input *in = &b->in;
    size_t infinite = 0, needed = 0;
    char number[CONFORMAL_NUMBER_SIZE];
    for (size_t g = 0; g < in->n_strata; g++)
        infinite += in->m_of[g] > 0 && b->ranks[g] > in->n_of[g];
    if (infinite == 0)
        return;
    conformal_number_write(o->alpha, number);
    if (o->alpha == 0.0)
        say_note(c, "alpha = 0 promises certainty: the threshold is infinite");
    else if (in->n_strata > 1)
        say_note(c, "%zu of %zu strata have too few calibration rows for alpha = %s: their "
                    "thresholds are infinite",
                 infinite, in->n_strata, number);
    else if (conformal_batch_order_size(in->m, b->rank, o->alpha, CONFORMAL_BATCH_UPPER, &needed,
                                        NULL) == CONFORMAL_OK)
        say_note(c, "%zu calibration rows are too few for a batch of %zu at alpha = %s: the "
                    "threshold is infinite (%zu rows would do)",
                 in->n, in->m, number, needed);
}

int batch_rows_thresholds(const call *c, const batch_options *o, batch_rows *b)
{
    const batch_input *in = &b->in;
    conformal_error err;
    double *room = malloc((in->n + 1) * sizeof *room);
    b->ranks = calloc(in->n_strata, sizeof *b->ranks);
    b->thresholds = calloc(in->n_strata, sizeof *b->thresholds);
    int status = EXIT_DONE;
    if (room == NULL || b->ranks == NULL || b->thresholds == NULL) {
        say_error(c, "out of memory");
        status = EXIT_MEMORY;
    } else if ((in->n_strata == 1
                    ? conformal_batch_order_rank(in->n, in->m, b->rank, o->alpha,
                                                 CONFORMAL_BATCH_UPPER, b->ranks, &b->coverage,
                                                 &err)
                    : conformal_batch_strata_ranks(in->n_of, in->m_of, in->n_strata, b->rank,
                                                   o->alpha, CONFORMAL_BATCH_UPPER, NULL,
                                                   b->ranks, &b->coverage, &err)) !=
               CONFORMAL_OK) {
        status = say_failure(c, in->calibration.name, &err);
    }
    for (size_t g = 0; g < in->n_strata && status == EXIT_DONE; g++)
        b->thresholds[g] = threshold_of(b, g, room);
    free(room);
    if (status == EXIT_DONE)
        note_infinite(c, o, b);
    return status;
}

double batch_rows_threshold(const batch_rows *b, const conformal_text *group)
{
    if (b->in.groups == NULL)
        return b->thresholds[0];
    int32_t code = conformal_dictionary_find(b->in.groups, group->bytes, group->length);
    return code >= 0 && (size_t)code < b->in.n_strata ? b->thresholds[code] : HUGE_VAL;
}

void batch_rows_report(conformal_report *r, const batch_options *o, const batch_rows *b,
                       const record *rec, const char *statistic)
{
    const batch_input *in = &b->in;
    batch_report_head(r, o, in, rec);
    conformal_report_text(r, "statistic", statistic);
    conformal_report_unsigned(r, "m", in->m);
    if (in->groups == NULL) {
        conformal_report_unsigned(r, "upper_rank", b->ranks[0]);
        conformal_report_number(r, "threshold", b->thresholds[0]);
    }
    conformal_report_number(r, "coverage", b->coverage);
}

void batch_rows_report_strata(conformal_report *r, const batch_rows *b)
{
    const batch_input *in = &b->in;
    if (in->groups == NULL)
        return;
    conformal_report_begin_array(r, "groups");
    for (size_t g = 0; g < in->n_strata && conformal_dictionary_size(in->groups) > 0; g++) {
        conformal_report_begin_object(r, NULL);
        conformal_report_text(r, "group", conformal_dictionary_names(in->groups)[g]);
        conformal_report_unsigned(r, "n", in->n_of[g]);
        conformal_report_unsigned(r, "m", in->m_of[g]);
        conformal_report_unsigned(r, "upper_rank", b->ranks[g]);
        conformal_report_number(r, "threshold", b->thresholds[g]);
        conformal_report_end_object(r);
    }
    conformal_report_end_array(r);
}

void batch_rows_free(batch_rows *b)
{
    batch_free(&b->in);
    free(b->scores);
    free(b->ranks);
    free(b->thresholds);
}
