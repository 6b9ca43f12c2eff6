/* linalg.h - linear algebra: the only room that includes lapacke.h is linalg.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_LINALG_H
#define CF_LINALG_H

/* "3.11.0": the LAPACK that is linked. Static storage would be state: text is the caller's,
 * at least 24 bytes. */
void cf_lapack_version(char *text);

#endif
