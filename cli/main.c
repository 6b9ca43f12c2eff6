/* main.c - find the command and run it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

const command *const commands[] = {
    &cmd_calibrate,
    &cmd_predict,
    &cmd_evaluate,
    &cmd_quantile,
    &cmd_batch_median,
    &cmd_batch_quantile,
    &cmd_batch_quartiles,
    &cmd_batch_mean,
    &cmd_batch_sum,
    &cmd_batch_trimmed_mean,
    &cmd_batch_top_mean,
    &cmd_batch_l_statistic,
    &cmd_batch_count,
    &cmd_batch_simultaneous,
    &cmd_batch_select,
    &cmd_batch_pvalue,
    &cmd_pursue_fit,
    &cmd_pursue_show,
    &cmd_pursue_play,
    &cmd_pursue_evaluate,
    &cmd_pursue_serve,
    &cmd_plan,
    &cmd_runs_list,
    &cmd_runs_show,
    &cmd_runs_export,
    &cmd_runs_delete,
    &cmd_runs_verify,
    &cmd_runs_calibrators,
    &cmd_runs_forget,
    &cmd_demo,
    &cmd_version,
    &cmd_help,
    NULL,
};

const char *const format_choices[] = {"csv", "json", "table", NULL};

const command *command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static const char *name_at(const void *context, size_t i)
{
    (void)context;
    return commands[i]->name;
}

static size_t count_commands(void)
{
    size_t n = 0;
    while (commands[n] != NULL)
        n++;
    return n;
}

/* "runs": the commands that begin with it and a blank. */
static bool has_subjects(const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strncmp(commands[i]->name, word, length) == 0 && commands[i]->name[length] == ' ')
            return true;
    return false;
}

static int list_subjects(const char *word, const char *wrong)
{
    size_t length = strlen(word);
    const char *between = "";
    if (wrong != NULL)
        fprintf(stderr, "conformal %s: no '%s %s'; there are ", word, word, wrong);
    else
        fprintf(stderr, "conformal %s: what of them? There are ", word);
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strncmp(commands[i]->name, word, length) == 0 &&
            commands[i]->name[length] == ' ') {
            fprintf(stderr, "%s%s", between, commands[i]->name);
            between = ", ";
        }
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static int unknown_command(const char *word)
{
    const char *near = conformal_nearest(word, count_commands(), name_at, NULL);
    fprintf(stderr, "conformal: no command '%s'", word);
    if (near != NULL)
        fprintf(stderr, "; did you mean '%s'?", near);
    fputs("\nTry 'conformal --help'.\n", stderr);
    return EXIT_USAGE;
}

/* A full disk shows up only when buffered output is flushed. */
static int flush_stdout(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (errno == EPIPE) /* "| head" is not an error */
        return status;
    fprintf(stderr, "conformal: standard output: %s\n", strerror(errno));
    return status == EXIT_DONE ? EXIT_IO : status;
}

static int run(const command *cmd, int argc, char **argv, int skip)
{
    opt_result result;
    int status = EXIT_USAGE;
    void *options = malloc(cmd->options_size);
    if (options == NULL) {
        fprintf(stderr, "conformal %s: out of memory\n", cmd->name);
        return EXIT_MEMORY;
    }
    memcpy(options, cmd->defaults, cmd->options_size);
    if (opt_parse(cmd->name, cmd->options, argc - skip, argv + skip, options, &result)) {
        call c = {
            cmd,  options, result.operands, result.n_operands, result.given, result.n_given,
            argc, argv};
        if (common_of(&c)->help) {
            help_command(stdout, cmd);
            status = EXIT_DONE;
        } else if (result.n_operands < cmd->min_operands) {
            fprintf(stderr, "conformal %s: %s is missing (conformal %s --help)\n", cmd->name,
                    cmd->operands, cmd->name);
        } else if (result.n_operands > cmd->max_operands) {
            fprintf(stderr,
                    "conformal %s: '%s' is one operand too many (conformal %s --help)\n",
                    cmd->name, result.operands[cmd->max_operands], cmd->name);
        } else {
            status = cmd->run(&c);
        }
    }
    free(result.given);
    free(result.operands);
    free(options);
    return flush_stdout(status);
}

int command_run(int argc, char **argv)
{
    char two[128];
    const command *cmd = command_find(argv[0]);
    if (cmd != NULL)
        return run(cmd, argc, argv, 1);
    if (!has_subjects(argv[0]))
        return unknown_command(argv[0]);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return list_subjects(argv[0], NULL);
    snprintf(two, sizeof two, "%s %s", argv[0], argv[1]);
    cmd = command_find(two);
    return cmd != NULL ? run(cmd, argc, argv, 2) : list_subjects(argv[0], argv[1]);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an EPIPE, met where we write */
    if (argc < 2) {
        help_program(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help_program(stdout);
        return flush_stdout(EXIT_DONE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("conformal %s\n", conformal_version());
        return flush_stdout(EXIT_DONE);
    }
    return command_run(argc - 1, argv + 1);
}
