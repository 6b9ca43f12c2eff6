/* say.h - messages: program, place, fact, remedy, in one line.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "command.h"

/* Say what a library call failed with, and return the exit status for it. source: the file
 * that was read, or NULL. */
int say_failure(const call *c, const char *source, const conformal_error *err);

/* "conformal calibrate: <text>" */
__attribute__((format(printf, 2, 3))) void say_error(const call *c, const char *format, ...);
/* The same, and returns EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int say_usage(const call *c, const char *format, ...);
/* "conformal calibrate: note: <text>", not with --quiet */
__attribute__((format(printf, 2, 3))) void say_note(const call *c, const char *format, ...);

int exit_status_of(conformal_status status);

#endif
