/* joint_law.h - the law of several order statistics of a batch together.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_JOINT_LAW_H
#define CF_JOINT_LAW_H

#include "conformal/batch.h"

/* P(not lower <= R_z <= upper for all orders), summed from its small end. ENOMEM. */
conformal_status cf_joint_miss(size_t n, size_t m, const conformal_batch_order *orders,
                               size_t n_orders, const conformal_allocator *allocator,
                               double *miss, conformal_error *err);

/* Ranks and sides in, lower and upper out; *miss: out. Arguments checked by the caller. */
conformal_status cf_joint_ranks(size_t n, size_t m, conformal_batch_order *orders,
                                size_t n_orders, double alpha,
                                const conformal_allocator *allocator, double *miss,
                                conformal_error *err);

#endif
