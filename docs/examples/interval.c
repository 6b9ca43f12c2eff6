/* interval.c - calibrate on nine residuals, predict one interval.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <conformal.h>
#include <stdio.h>

int main(void)
{
    const double y[] = {9.1, 4.7, 6.2, 8.8, 5.0, 7.3, 3.9, 6.6, 7.9}; /* outcomes */
    const double yhat[] = {8.4, 5.1, 6.0, 9.9, 4.7, 7.1, 4.4, 6.1, 7.4}; /* predictions */
    const double new_yhat[] = {6.5};
    double lower[1], upper[1];
    conformal_data seen = CONFORMAL_DATA_INIT, new_rows = CONFORMAL_DATA_INIT;
    conformal_calibrator *c = NULL;
    conformal_error err;

    seen.n = 9, seen.y = y, seen.yhat = yhat;
    new_rows.n = 1, new_rows.yhat = new_yhat;
    if (conformal_split_fit(NULL, &seen, &c, &err) != CONFORMAL_OK || /* alpha = 0.1 */
        conformal_predict(c, 0, &new_rows, lower, upper, NULL, &err) != CONFORMAL_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("90 %% prediction interval: %.1f to %.1f\n", lower[0], upper[0]);
    conformal_calibrator_free(c);
    return 0;
}
