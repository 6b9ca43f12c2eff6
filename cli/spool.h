/* spool.h - reading an input twice.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_SPOOL_H
#define CLI_SPOOL_H

#include "command.h"

/* Where path is NULL (standard input) and cannot be read twice, put it into a nameless temporary
 * file that takes its place. Returns an exit status. */
int spool_input(const call *c, const char *path);
/* Back to the beginning, before the next reading. */
void spool_rewind(const char *path);

#endif
