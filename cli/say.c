/* say.c - messages on standard error.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int exit_status_of(conformal_status status)
{
    switch (status) {
    case CONFORMAL_OK:
        return EXIT_DONE;
    case CONFORMAL_ENOTFOUND:
    case CONFORMAL_EEXISTS:
        return EXIT_USAGE;
    case CONFORMAL_EDOM:
    case CONFORMAL_ENAN:
    case CONFORMAL_EDIM:
    case CONFORMAL_ESYNTAX:
        return EXIT_DATA;
    case CONFORMAL_EIO:
    case CONFORMAL_EFULL:
    case CONFORMAL_EBUSY:
    case CONFORMAL_ECORRUPT:
    case CONFORMAL_EVERSION:
        return EXIT_IO;
    case CONFORMAL_ENOMEM:
        return EXIT_MEMORY;
    case CONFORMAL_ECANCELLED: /* the reader of our output has gone: nothing is wrong */
        return EXIT_DONE;
    case CONFORMAL_EINVAL:
        break;
    }
    return EXIT_BUG;
}

/* One line, whatever the bytes in it. */
static void print_line(const char *name, const char *kind, const char *text)
{
    fprintf(stderr, "conformal %s: %s", name, kind);
    for (; *text != '\0'; text++)
        fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, stderr);
    fputc('\n', stderr);
}

__attribute__((format(printf, 3, 0))) static void
print_formatted(const call *c, const char *kind, const char *format, va_list args)
{
    char text[1024];
    vsnprintf(text, sizeof text, format, args);
    print_line(c->command->name, kind, text);
}

void say_error(const call *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_formatted(c, "", format, args);
    va_end(args);
}

int say_usage(const call *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_formatted(c, "", format, args);
    va_end(args);
    return EXIT_USAGE;
}

void say_note(const call *c, const char *format, ...)
{
    va_list args;
    if (common_of(c)->quiet)
        return;
    va_start(args, format);
    print_formatted(c, "note: ", format, args);
    va_end(args);
}

int say_failure(const call *c, const char *source, const conformal_error *err)
{
    char text[1024];
    int status = exit_status_of(err->status);
    if (err->status == CONFORMAL_ECANCELLED)
        return status;
    if (err->status == CONFORMAL_EDOM && strcmp(err->argument, "alpha") == 0)
        status = EXIT_USAGE;
    if (source == NULL)
        snprintf(text, sizeof text, "%s", err->message);
    else if (err->status == CONFORMAL_ENOTFOUND) /* "no column 'yht'; did you mean 'yhat'?" */
        snprintf(text, sizeof text, "%s has %s", source, err->message);
    else if (err->line > 0 && err->argument[0] != '\0')
        snprintf(text, sizeof text, "%s:%zu: %s: %s", source, err->line, err->argument,
                 err->message);
    else if (err->line > 0)
        snprintf(text, sizeof text, "%s:%zu: %s", source, err->line, err->message);
    else
        snprintf(text, sizeof text, "%s: %s", source, err->message);
    print_line(c->command->name, "", text);
    return status;
}
