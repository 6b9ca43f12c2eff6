/* help.h - help, man pages and shell completion, all from the commands' tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "command.h"

/* A man page: of a command, or of the program when cmd is NULL. */
void help_man(FILE *out, const command *cmd);
/* The bash completion script. */
void help_completion(FILE *out);

#endif
