/* number_tables.h - powers of five and ten to 128 bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_NUMBER_TABLES_H
#define CF_NUMBER_TABLES_H

#include <stdint.h>

enum { POWER5_MIN = -342, POWER5_MAX = 308, POWER10_MIN = -292, POWER10_MAX = 324 };

/* 5^q for q = POWER5_MIN.., high word first, top bit set. */
extern const uint64_t cf_power5[POWER5_MAX - POWER5_MIN + 1][2];
/* 10^k for k = POWER10_MIN.., likewise, rounded up where it does not fit. */
extern const uint64_t cf_power10[POWER10_MAX - POWER10_MIN + 1][2];

#endif
