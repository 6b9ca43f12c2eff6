/* in.c - CSV files in.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A second thread reads ahead and computes the digest while the first parses. */
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

enum { SLOTS = 3, SLOT_BYTES = 1 << 20 };

typedef struct slot {
    char *bytes;
    size_t n; /* 0: the end */
} slot;

typedef struct pipeline {
    int fd;
    bool digest;
    conformal_sha256 sha256;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    slot slots[SLOTS];
    size_t filled, taken; /* slots so far */
    int error;            /* errno of a failed read */
    bool stop;
} pipeline;

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

/* Fill a slot as far as it goes; short reads are usual from pipes. */
static size_t fill(pipeline *p, char *bytes, int *error)
{
    size_t n = 0;
    while (n < SLOT_BYTES) {
        ssize_t got = read(p->fd, bytes + n, SLOT_BYTES - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            *error = errno;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

static void *read_ahead(void *argument)
{
    pipeline *p = argument;
    for (;;) {
        pthread_mutex_lock(&p->mutex);
        while (p->filled - p->taken == SLOTS && !p->stop)
            pthread_cond_wait(&p->changed, &p->mutex);
        bool stop = p->stop;
        slot *s = &p->slots[p->filled % SLOTS];
        pthread_mutex_unlock(&p->mutex);
        if (stop)
            return NULL;
        int error = 0;
        size_t n = fill(p, s->bytes, &error);
        if (p->digest)
            conformal_sha256_add(&p->sha256, s->bytes, n);
        pthread_mutex_lock(&p->mutex);
        s->n = n;
        p->error = error;
        p->filled++;
        pthread_cond_signal(&p->changed);
        pthread_mutex_unlock(&p->mutex);
        if (n < SLOT_BYTES)
            return NULL;
    }
}

/* The next filled slot. */
static slot *next_slot(pipeline *p, int *error)
{
    pthread_mutex_lock(&p->mutex);
    while (p->filled == p->taken)
        pthread_cond_wait(&p->changed, &p->mutex);
    slot *s = &p->slots[p->taken % SLOTS];
    *error = s->n < SLOT_BYTES ? p->error : 0;
    pthread_mutex_unlock(&p->mutex);
    return s;
}

static void release_slot(pipeline *p)
{
    pthread_mutex_lock(&p->mutex);
    p->taken++;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->mutex);
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

static conformal_status parse_all(const call *c, pipeline *p, in_file *file, progress *shown,
                                  conformal_csv *csv, conformal_error *err)
{
    for (;;) {
        int error = 0;
        slot *s = next_slot(p, &error);
        bool last = s->n < SLOT_BYTES;
        conformal_status status = conformal_csv_push(csv, s->bytes, s->n, err);
        file->bytes += s->n;
        if (status == CONFORMAL_OK && error != 0) {
            snprintf(err->message, sizeof err->message, "%s", strerror(error));
            err->line = 0;
            status = err->status = CONFORMAL_EIO;
        }
        if (status == CONFORMAL_OK && last)
            status = conformal_csv_finish(csv, err);
        release_slot(p);
        if (status != CONFORMAL_OK || last)
            return status;
        progress_step(shown, c, file->name, file->bytes);
    }
}

static bool allocate(pipeline *p)
{
    for (int i = 0; i < SLOTS; i++)
        if ((p->slots[i].bytes = malloc(SLOT_BYTES)) == NULL)
            return false;
    return true;
}

static int run_pipeline(const call *c, int fd, in_file *file, progress *shown, conformal_csv *csv,
                        conformal_error *err)
{
    pipeline p = {.fd = fd, .digest = file->digest};
    pthread_t thread;
    conformal_status status = CONFORMAL_ENOMEM;
    conformal_sha256_begin(&p.sha256);
    pthread_mutex_init(&p.mutex, NULL);
    pthread_cond_init(&p.changed, NULL);
    snprintf(err->message, sizeof err->message, "no memory to read the file");
    err->status = status;
    err->line = 0;
    if (allocate(&p) && pthread_create(&thread, NULL, read_ahead, &p) == 0) {
        status = parse_all(c, &p, file, shown, csv, err);
        pthread_mutex_lock(&p.mutex);
        p.stop = true;
        pthread_cond_signal(&p.changed);
        pthread_mutex_unlock(&p.mutex);
        if (status != CONFORMAL_OK)
            pthread_cancel(thread); /* it may wait for a terminal or a pipe */
        pthread_join(thread, NULL);
    }
    if (status == CONFORMAL_OK && file->digest)
        conformal_sha256_end(&p.sha256, file->sha256);
    for (int i = 0; i < SLOTS; i++)
        free(p.slots[i].bytes);
    return (int)status;
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
        status = (conformal_status)run_pipeline(c, fd, file, &shown, csv, &err);
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
