/* cmd_help.c - conformal help: what --help prints, and the sources of man page and completion.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "say.h"

typedef struct options {
    common_options common;
    bool man;
    bool completion;
} options;

static const opt table[] = {
    {OPT_FLAG, 0, "man", offsetof(options, man), NULL, "print the man page instead", NULL},
    {OPT_FLAG, 0, "bash-completion", offsetof(options, completion), NULL,
     "print the bash completion script", NULL},
    {OPT_FLAG, 'h', "help", offsetof(common_options, help), NULL, "show this help and exit",
     NULL},
    OPTIONS_END,
};

static int run(const call *c)
{
    const options *o = c->options;
    char name[64] = "";
    const command *cmd = NULL;
    if (c->n_operands > 0) {
        snprintf(name, sizeof name, "%s%s%s", c->operands[0], c->n_operands > 1 ? " " : "",
                 c->n_operands > 1 ? c->operands[1] : "");
        cmd = command_find(name);
        if (cmd == NULL)
            return say_usage(c, "no command '%s' (conformal help lists them)", name);
    }
    if (o->completion)
        help_completion(stdout);
    else if (o->man)
        help_man(stdout, cmd);
    else if (cmd != NULL)
        help_command(stdout, cmd);
    else
        help_program(stdout);
    return EXIT_DONE;
}

static const options defaults;

const command cmd_help = {"help",
                          "[COMMAND]",
                          "Show how to use conformal, or one of its commands",
                          NULL,
                          "  conformal help calibrate\n  conformal help runs list",
                          table,
                          sizeof(options),
                          &defaults,
                          0,
                          2,
                          run};
