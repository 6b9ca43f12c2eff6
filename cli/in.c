/* in.c - CSV files in.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parser reads; where a digest is wanted, a second thread computes it at the same time. */
#include "in.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

enum { DIGEST_BYTES = 1 << 18 };

/* The digest of a regular file, by a thread that reads it for itself: bytes handed from one
 * processor's cache to another's would cost more than reading them twice. */
typedef struct digester {
    int fd;
    conformal_sha256 sha256;
    unsigned char *bytes; /* DIGEST_BYTES */
    bool failed;
} digester;

unsigned in_threads(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 8 ? 8 : (unsigned)n;
}

const char *in_operand(const call *c, size_t i)
{
    const char *path = i < c->n_operands ? c->operands[i] : NULL;
    return path != NULL && strcmp(path, "-") == 0 ? NULL : path;
}

static void *digest_file(void *argument)
{
    digester *d = argument;
    off_t at = 0;
    for (;;) {
        ssize_t got = pread(d->fd, d->bytes, DIGEST_BYTES, at);
        if (got < 0 && errno == EINTR)
            continue;
        d->failed = got < 0;
        if (got <= 0)
            return NULL;
        conformal_sha256_add(&d->sha256, d->bytes, (size_t)got);
        at += got;
    }
}

/* One line on a terminal's standard error, once a second, after the first second. */
typedef struct progress {
    bool on, shown;
    struct timespec start, last;
    uint64_t total; /* 0: unknown */
} progress;

static double seconds_between(const struct timespec *a, const struct timespec *b)
{
    return (double)(b->tv_sec - a->tv_sec) + 1e-9 * (double)(b->tv_nsec - a->tv_nsec);
}

static void progress_step(progress *p, const call *c, const char *name, uint64_t bytes)
{
    struct timespec now;
    if (!p->on)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (seconds_between(&p->last, &now) < 1.0)
        return;
    p->last = now;
    p->shown = true;
    if (p->total > 0)
        fprintf(stderr, "\r\033[Kconformal %s: %s: %d %%", c->command->name, name,
                (int)(100 * bytes / p->total));
    else
        fprintf(stderr, "\r\033[Kconformal %s: %s: %lu MB", c->command->name, name,
                (unsigned long)(bytes / 1000000));
}

static void progress_end(const progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}

static conformal_status fail(conformal_error *err, conformal_status status, const char *message)
{
    memset(err, 0, sizeof *err);
    err->status = status;
    snprintf(err->message, sizeof err->message, "%s", message);
    return status;
}

/* Read straight into the parser's buffer. sha: digest the bytes on the way, or NULL. */
static conformal_status parse_all(const call *c, int fd, in_file *file, progress *shown,
                                  conformal_sha256 *sha, conformal_csv *csv, conformal_error *err)
{
    for (;;) {
        char *bytes;
        size_t room;
        conformal_status status = conformal_csv_buffer(csv, &bytes, &room, err);
        if (status != CONFORMAL_OK)
            return status;
        ssize_t got = read(fd, bytes, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(err, CONFORMAL_EIO, strerror(errno));
        if (got == 0)
            return conformal_csv_finish(csv, err);
        if (sha != NULL)
            conformal_sha256_add(sha, bytes, (size_t)got);
        file->bytes += (size_t)got;
        if ((status = conformal_csv_pushed(csv, (size_t)got, err)) != CONFORMAL_OK)
            return status;
        progress_step(shown, c, file->name, file->bytes);
    }
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Parse, and digest beside it where the file can be read twice. */
static conformal_status read_all(const call *c, int fd, in_file *file, progress *shown,
                                 conformal_csv *csv, conformal_error *err)
{
    digester d = {.fd = fd};
    struct stat before, after;
    pthread_t thread;
    bool regular = fstat(fd, &before) == 0 && S_ISREG(before.st_mode) &&
                   lseek(fd, 0, SEEK_CUR) == 0;
    bool beside = file->digest && regular && in_threads() > 1 &&
                  (d.bytes = malloc(DIGEST_BYTES)) != NULL;
    conformal_sha256_begin(&d.sha256);
    beside = beside && pthread_create(&thread, NULL, digest_file, &d) == 0;
    conformal_status status =
        parse_all(c, fd, file, shown, file->digest && !beside ? &d.sha256 : NULL, csv, err);
    if (beside) {
        if (status != CONFORMAL_OK)
            pthread_cancel(thread);
        pthread_join(thread, NULL);
    }
    free(d.bytes);
    if (status == CONFORMAL_OK && beside &&
        (d.failed || fstat(fd, &after) != 0 || !same_file(&before, &after)))
        return fail(err, CONFORMAL_EIO, "the file changed while it was read");
    if (file->digest)
        conformal_sha256_end(&d.sha256, file->sha256);
    return status;
}

static int open_file(const call *c, in_file *file, progress *shown)
{
    struct stat s;
    file->name = file->path != NULL ? file->path : "stdin";
    int fd = file->path != NULL ? open(file->path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (fd < 0) {
        say_error(c, "%s: %s", file->name, strerror(errno));
        return -1;
    }
    if (fstat(fd, &s) == 0 && S_ISDIR(s.st_mode)) {
        say_error(c, "%s: this is a folder, not a CSV file", file->name);
        close(fd);
        return -1;
    }
    shown->total = S_ISREG(s.st_mode) ? (uint64_t)s.st_size : 0;
    shown->on = !common_of(c)->quiet && isatty(STDERR_FILENO);
    clock_gettime(CLOCK_MONOTONIC, &shown->start);
    shown->last = shown->start;
    return fd;
}

int in_csv(const call *c, in_file *file, const conformal_csv_options *callbacks, int *spoken)
{
    conformal_csv_options o = *callbacks;
    const char *delimiter = common_of(c)->delimiter;
    progress shown = {.on = false};
    conformal_csv *csv = NULL;
    conformal_error err;
    if (delimiter != NULL) {
        bool tab = strcmp(delimiter, "\\t") == 0 || strcmp(delimiter, "tab") == 0;
        if (!tab && strlen(delimiter) != 1)
            return say_usage(c, "--delimiter: '%s' is not one character (or tab)", delimiter);
        o.delimiter = tab ? '\t' : delimiter[0];
    }
    o.missing = common_of(c)->missing;
    o.threads = in_threads();
    file->bytes = 0;
    int fd = open_file(c, file, &shown);
    if (fd < 0)
        return EXIT_IO;
    conformal_status status = conformal_csv_create(&o, &csv, &err);
    if (status == CONFORMAL_OK)
        status = read_all(c, fd, file, &shown, csv, &err);
    progress_end(&shown);
    if (csv != NULL) {
        file->rows = conformal_csv_row_count(csv);
        file->blank = conformal_csv_blank_lines(csv);
    }
    conformal_csv_free(csv);
    if (file->path != NULL)
        close(fd);
    if (status == CONFORMAL_OK)
        return EXIT_DONE;
    if (spoken != NULL && *spoken != EXIT_DONE)
        return *spoken;
    if (status == CONFORMAL_EINVAL && strcmp(err.argument, "delimiter") == 0)
        return say_usage(c, "--delimiter: %s", err.message);
    bool output = strcmp(err.argument, "output") == 0; /* its message names its own place */
    return say_failure(c, output ? NULL : file->name, &err);
}
