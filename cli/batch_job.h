/* batch_job.h - one statistic of a batch, from files to a report.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_BATCH_JOB_H
#define CLI_BATCH_JOB_H

#include "batch.h"

/* A statistic that is being bounded. */
typedef struct batch_job {
    const call *c;
    const batch_options *o;
    record rec;
    batch_input in;
    conformal_batch_options want;
    size_t *ranks;
    double *coefficients, divisor; /* of a sum of order statistics */
    batch_costs costs;
    conformal_batch_bound *bounds;
    conformal_batch_promise promise;
} batch_job;

/* Read, let `want` say which statistic it is (j->want; it returns an exit status), bound it,
 * report, record. Returns an exit status. */
int batch_job_run(const call *c, int (*want)(batch_job *j));

#endif
