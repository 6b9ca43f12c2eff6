/* check.h - argument checks shared by all public functions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_CHECK_H
#define CF_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "conformal/error.h"

/* Each returns CONFORMAL_OK, or the status with err filled in. */
conformal_status cf_check_pointer(const void *p, const char *argument,
                                  conformal_error *err);
/* A pointer to n elements: may be NULL only when n is 0. */
conformal_status cf_check_array(const void *p, size_t n, const char *argument,
                                conformal_error *err);
conformal_status cf_check_count(size_t n, const char *argument, conformal_error *err);
/* 0 <= alpha <= 1 */
conformal_status cf_check_alpha(double alpha, conformal_error *err);
/* 0 < p < 1 */
conformal_status cf_check_open_unit(double p, const char *argument, conformal_error *err);
/* n numbers (none NaN; infinities allowed), as the array `argument` */
conformal_status cf_check_numbers(const double *x, size_t n, const char *argument,
                                  conformal_error *err);
/* n codes in 0..n_groups-1, as the array "groups" */
conformal_status cf_check_groups(const int32_t *groups, size_t n, size_t n_groups,
                                 conformal_error *err);

#endif
