/* out.c - where results go.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

/* A run that is interrupted leaves no half file behind. The name is set while one exists. */
static const char *volatile unfinished;

static void remove_unfinished(int number)
{
    const char *path = unfinished;
    if (path != NULL)
        unlink(path);
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = remove_unfinished;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &action, NULL);
}

/* FILE beside itself under a name that nobody else has; permissions as a new file's are. */
static bool open_temporary(const call *c, out *o)
{
    size_t length = strlen(o->path);
    struct stat there;
    if (stat(o->path, &there) == 0 && !S_ISREG(there.st_mode)) { /* a device, a pipe */
        o->fd = open(o->path, O_WRONLY);
        if (o->fd < 0)
            say_error(c, "%s: %s", o->path, strerror(errno));
        return o->fd >= 0;
    }
    o->temporary = malloc(length + 8);
    if (o->temporary == NULL) {
        say_error(c, "out of memory");
        return false;
    }
    memcpy(o->temporary, o->path, length);
    memcpy(o->temporary + length, ".XXXXXX", 8);
    o->fd = mkstemp(o->temporary);
    if (o->fd < 0) {
        say_error(c, "%s: %s", o->path, strerror(errno));
        free(o->temporary);
        o->temporary = NULL;
        return false;
    }
    unfinished = o->temporary;
    watch_signals();
    mode_t mask = umask(0);
    umask(mask);
    fchmod(o->fd, 0666 & ~mask);
    return true;
}

out *out_open(const call *c)
{
    out *o = malloc(sizeof *o);
    if (o == NULL) {
        say_error(c, "out of memory");
        return NULL;
    }
    o->fd = STDOUT_FILENO;
    o->path = common_of(c)->output;
    o->temporary = NULL;
    o->n = 0;
    if (o->path != NULL && strcmp(o->path, "-") == 0)
        o->path = NULL;
    if (o->path != NULL && !open_temporary(c, o)) {
        free(o);
        return NULL;
    }
    return o;
}

static conformal_status fail(const out *o, int error, conformal_error *err)
{
    conformal_error e = {error == EPIPE    ? CONFORMAL_ECANCELLED
                         : error == ENOSPC ? CONFORMAL_EFULL
                                           : CONFORMAL_EIO,
                         SIZE_MAX, 0, "output", ""};
    snprintf(e.message, sizeof e.message, "%.200s: %s",
             o->path != NULL ? o->path : "standard output", strerror(error));
    if (err != NULL)
        *err = e;
    return e.status;
}

static conformal_status write_all(const out *o, const char *bytes, size_t n,
                                  conformal_error *err)
{
    while (n > 0) {
        ssize_t written = write(o->fd, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(o, errno, err);
        bytes += written;
        n -= (size_t)written;
    }
    return CONFORMAL_OK;
}

static conformal_status flush(out *o, conformal_error *err)
{
    size_t n = o->n;
    o->n = 0;
    return write_all(o, o->buffer, n, err);
}

conformal_status out_write(void *user, const char *bytes, size_t n, conformal_error *err)
{
    out *o = user;
    conformal_status status = CONFORMAL_OK;
    if (n > sizeof o->buffer - o->n)
        status = flush(o, err);
    if (status != CONFORMAL_OK || n >= sizeof o->buffer)
        return status == CONFORMAL_OK ? write_all(o, bytes, n, err) : status;
    if (n > 0)
        memcpy(o->buffer + o->n, bytes, n);
    o->n += n;
    return CONFORMAL_OK;
}

/* A full disk may show only here. */
static conformal_status settle(out *o, conformal_error *err)
{
    conformal_status status = flush(o, err);
    if (status != CONFORMAL_OK || o->path == NULL)
        return status;
    if (o->temporary != NULL && fsync(o->fd) != 0)
        status = fail(o, errno, err);
    if (close(o->fd) != 0 && status == CONFORMAL_OK)
        status = fail(o, errno, err);
    o->fd = -1;
    if (status == CONFORMAL_OK && o->temporary != NULL && rename(o->temporary, o->path) != 0)
        status = fail(o, errno, err);
    return status;
}

int out_close(const call *c, out *o, int status)
{
    conformal_error err;
    bool keep = status == EXIT_DONE || status == EXIT_NEGATIVE;
    if (keep || o->path == NULL) { /* what was printed before a failure stays printed */
        conformal_status settled = settle(o, &err);
        if (settled != CONFORMAL_OK) {
            int failed = say_failure(c, NULL, &err);
            status = keep ? failed : status;
            keep = false;
        }
    }
    if (!keep && o->path != NULL && o->fd >= 0)
        close(o->fd);
    if (!keep && o->temporary != NULL)
        unlink(o->temporary);
    unfinished = NULL;
    free(o->temporary);
    free(o);
    return status;
}

/* --format; by default a table on a terminal and JSON elsewhere. */
static conformal_format format_of(const call *c)
{
    const char *format = common_of(c)->format;
    if (format == NULL)
        return isatty(STDOUT_FILENO) && common_of(c)->output == NULL ? CONFORMAL_FORMAT_TABLE
                                                                     : CONFORMAL_FORMAT_JSON;
    return strcmp(format, "json") == 0  ? CONFORMAL_FORMAT_JSON
           : strcmp(format, "csv") == 0 ? CONFORMAL_FORMAT_CSV
                                        : CONFORMAL_FORMAT_TABLE;
}

conformal_report *out_new_report(const call *c)
{
    conformal_report *r = NULL;
    conformal_error err;
    if (conformal_report_create(NULL, &r, &err) != CONFORMAL_OK) {
        say_failure(c, NULL, &err);
        return NULL;
    }
    return r;
}

/* JSON for programs begins with what made it; the report itself, which the store keeps too,
 * does not. */
typedef struct headed {
    out *o;
    const char *command;
    bool begun;
} headed;

static conformal_status write_headed(void *user, const char *bytes, size_t n,
                                     conformal_error *err)
{
    headed *h = user;
    char head[160];
    if (h->begun)
        return out_write(h->o, bytes, n, err);
    h->begun = true; /* the first byte is the opening brace */
    int length = snprintf(head, sizeof head,
                          "{\"schema\": 1, \"conformal\": \"%s\", \"command\": \"%s\", ",
                          conformal_version(), h->command);
    conformal_status status = out_write(h->o, head, (size_t)length, err);
    return status == CONFORMAL_OK ? out_write(h->o, bytes + 1, n - 1, err) : status;
}

int out_report(const call *c, const conformal_report *report, int status)
{
    conformal_error err;
    conformal_format format = format_of(c);
    out *o = out_open(c);
    if (o == NULL)
        return EXIT_IO;
    headed h = {o, c->command->name, format != CONFORMAL_FORMAT_JSON};
    if (conformal_report_write(report, format, write_headed, &h, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    return out_close(c, o, status);
}
