/* help.c - help, man pages and shell completion, all from the commands' tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "say.h"

static const char statuses[] =
    "0  done\n"
    "1  the answer is no: evaluate --require-coverage, runs verify\n"
    "2  the command line is wrong, or names a column or calibrator that is not there\n"
    "3  the data are wrong: the message says file, line and column\n"
    "4  a file, a pipe or the store could not be used\n"
    "5  out of memory\n"
    "70 a bug\n";

void help_program(FILE *out)
{
    fputs("Usage: conformal COMMAND [OPTION]... [FILE]\n\n"
          "Distribution-free uncertainty for any model's predictions, from CSV files.\n"
          "With no FILE, or when FILE is -, standard input is read.\n\nCommands:\n", out);
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(out, "  %-19s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nExit status:\n", out);
    for (const char *p = statuses; *p != '\0'; p = strchr(p, '\n') + 1)
        fprintf(out, "  %.*s\n", (int)strcspn(p, "\n"), p);
    fputs("\nRun 'conformal COMMAND --help' for the options of a command.\n", out);
}

void help_command(FILE *out, const command *cmd)
{
    fprintf(out, "Usage: conformal %s [OPTION]...%s%s\n\n%s.\n", cmd->name,
            cmd->operands[0] != '\0' ? " " : "", cmd->operands, cmd->summary);
    if (cmd->description != NULL)
        fprintf(out, "\n%s\n", cmd->description);
    fputs("\nOptions:\n", out);
    opt_print_help(out, cmd->options);
    if (cmd->examples != NULL)
        fprintf(out, "\nExamples:\n%s\n", cmd->examples);
}

/* Text for roff: a backslash, a hyphen and a leading dot mean something there. */
static void roff(FILE *out, const char *text)
{
    bool line_start = true;
    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        line_start = *text == '\n';
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void page_name(const char *name, char *page, size_t size)
{
    snprintf(page, size, "conformal-%s", name);
    for (char *p = page; *p != '\0'; p++)
        if (*p == ' ')
            *p = '-';
}

static void man_options(FILE *out, const opt *table)
{
    fputs(".SH OPTIONS\n", out);
    for (const opt *o = table; o->kind != OPT_END; o++) {
        fputs(".TP\n", out);
        if (o->letter)
            fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
        fputs("\\fB\\-\\-", out);
        roff(out, o->name);
        fputs("\\fR", out);
        if (o->metavar != NULL)
            fprintf(out, "=\\fI%s\\fR", o->metavar);
        fputc('\n', out);
        roff(out, o->help);
        for (const char *const *c = o->choices; c != NULL && *c != NULL; c++) {
            fputs(c == o->choices ? ": " : ", ", out);
            roff(out, *c);
        }
        fputc('\n', out);
    }
}

void help_man(FILE *out, const command *cmd)
{
    char page[128] = "conformal";
    if (cmd != NULL)
        page_name(cmd->name, page, sizeof page);
    fprintf(out, ".TH %s 1 \"\" \"libconformal %s\" \"User Commands\"\n.SH NAME\n", page,
            conformal_version());
    roff(out, page);
    fputs(" \\- ", out);
    roff(out, cmd != NULL ? cmd->summary : "distribution-free uncertainty from CSV files");
    fputs("\n.SH SYNOPSIS\n.B conformal ", out);
    if (cmd != NULL) {
        roff(out, cmd->name);
        fputs("\n[\\fIOPTION\\fR]... ", out);
        roff(out, cmd->operands);
    } else {
        fputs("\\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIFILE\\fR]", out);
    }
    fputs("\n.SH DESCRIPTION\n", out);
    if (cmd != NULL) {
        roff(out, cmd->description != NULL ? cmd->description : cmd->summary);
        fputc('\n', out);
        man_options(out, cmd->options);
        if (cmd->examples != NULL) {
            fputs(".SH EXAMPLES\n.nf\n", out);
            roff(out, cmd->examples);
            fputs("\n.fi\n", out);
        }
    } else {
        fputs("Turns any model's predictions into intervals whose error rate is proved.\n"
              "With no FILE, or when FILE is \\-, standard input is read.\n.SH COMMANDS\n",
              out);
        for (size_t i = 0; commands[i] != NULL; i++) {
            fputs(".TP\n\\fB", out);
            roff(out, commands[i]->name);
            fputs("\\fR\n", out);
            roff(out, commands[i]->summary);
            fputc('\n', out);
        }
        fputs(".SH ENVIRONMENT\n.TP\n\\fBCONFORMAL_STORE\\fR\nthe results store when "
              "\\-\\-store is not given\n", out);
    }
    fputs(".SH EXIT STATUS\n.nf\n", out);
    roff(out, statuses);
    fputs(".fi\n.SH SEE ALSO\n", out);
    fputs(cmd != NULL ? ".BR conformal (1)\n" : ".BR sqlite3 (1)\n", out);
}

void help_completion(FILE *out)
{
    fputs("# bash completion for conformal; made from its option tables\n"
          "_conformal()\n{\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command=${COMP_WORDS[1]} options= values=\n"
          "    [[ $command == runs && $COMP_CWORD -gt 2 ]] && command=\"runs "
          "${COMP_WORDS[2]}\"\n"
          "    if [[ $COMP_CWORD -eq 1 ]]; then\n        COMPREPLY=($(compgen -W \"",
          out);
    const char *last = "";
    for (size_t i = 0; commands[i] != NULL; i++) { /* each first word once */
        size_t n = strcspn(commands[i]->name, " ");
        if (strncmp(last, commands[i]->name, n) != 0 || strcspn(last, " ") != n)
            fprintf(out, "%s%.*s", i > 0 ? " " : "", (int)n, commands[i]->name);
        last = commands[i]->name;
    }
    fputs("\" -- \"$current\"))\n        return\n    fi\n"
          "    if [[ $command == runs && $COMP_CWORD -eq 2 ]]; then\n"
          "        COMPREPLY=($(compgen -W \"", out);
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strncmp(commands[i]->name, "runs ", 5) == 0)
            fprintf(out, "%s ", commands[i]->name + 5);
    fputs("\" -- \"$current\"))\n        return\n    fi\n    case $command in\n", out);
    for (size_t i = 0; commands[i] != NULL; i++) {
        fprintf(out, "    '%s')\n        options='", commands[i]->name);
        for (const opt *o = commands[i]->options; o->kind != OPT_END; o++)
            fprintf(out, "--%s ", o->name);
        fputs("'\n        case $previous in\n", out);
        for (const opt *o = commands[i]->options; o->kind != OPT_END; o++) {
            if (o->choices == NULL)
                continue;
            fprintf(out, "        --%s) values='", o->name);
            for (const char *const *c = o->choices; *c != NULL; c++)
                fprintf(out, "%s ", *c);
            fputs("' ;;\n", out);
        }
        fputs("        esac ;;\n", out);
    }
    fputs("    esac\n"
          "    if [[ -n $values ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$values\" -- \"$current\"))\n"
          "    elif [[ $current == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -f -- \"$current\"))\n"
          "    fi\n}\ncomplete -o filenames -F _conformal conformal\n", out);
}
