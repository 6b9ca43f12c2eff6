/* batch.c - the median, the mean and a statistic of one's own for a batch of unseen scores.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <conformal.h>
#include <stdio.h>

static double mid_range(void *user, const double *sorted, size_t m) /* of all but the smallest */
{
    (void)user;
    return 0.5 * (sorted[m - 1] + sorted[1]);
}

int main(void)
{
    const size_t n = 12, m = 3, median = 2;
    const double scores[] = {0.6, 2.1, 1.4, 0.2, 3.3, 0.9, 1.1, 2.6, 0.4, 1.7, 0.7, 1.2};
    conformal_batch_options o = CONFORMAL_BATCH_INIT;
    conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
    conformal_batch_plan *plan = NULL;
    conformal_batch_bound b;
    conformal_error err;
    double lower, upper, coverage;

    o.alpha = 0.2;
    o.low = 0.0, o.high = 5.0; /* what a score can be */
    d.n = n, d.scores = scores;
    for (int i = 0; i < 2; i++) {
        o.statistic = i == 0 ? CONFORMAL_BATCH_ORDER : CONFORMAL_BATCH_MEAN;
        o.ranks = i == 0 ? &median : NULL;
        o.n_ranks = i == 0 ? 1 : 0;
        if (conformal_batch_plan_create(&o, &n, &m, 1, &plan, &err) != CONFORMAL_OK ||
            conformal_batch_bounds(plan, &d, &b, &err) != CONFORMAL_OK)
            goto failed;
        printf("%s: %.2f to %.2f, with probability %.3f\n", i == 0 ? "median" : "mean", b.lower,
               b.upper, conformal_batch_plan_promise(plan).coverage);
        conformal_batch_plan_free(plan); /* serves any number of calibration sets before */
    }
    if (conformal_batch_monotone(scores, n, m, mid_range, NULL, 0.2, CONFORMAL_BATCH_UPPER, 0.0, 5.0,
                                 0, 1, NULL, &lower, &upper, &coverage, &err) != CONFORMAL_OK)
        goto failed;
    printf("mid-range: at most %.2f, with probability %.3f\n", upper, coverage);
    return 0;
failed:
    fprintf(stderr, "%s\n", err.message);
    return 1;
}
