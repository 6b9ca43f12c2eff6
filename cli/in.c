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

static conformal_status fail(conformal_error *err, conformal_status status,
                             const char *message)
{
    memset(err, 0, sizeof *err);
    err->status = status;
    snprintf(err->message, sizeof err->message, "%s", message);
    return status;
}

/* Read straight into the parser's buffer. sha: digest the bytes on the way, or NULL. */
static conformal_status parse_all(const call *c, int fd, in_file *file, progress *shown,
                                  conformal_sha256 *sha, conformal_csv *csv,
                                  conformal_error *err)
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

/* Start the digest of a regular file; false: it must be computed on the way. */
static bool digest_start(digester *d, int fd, pthread_t *thread)
{
    d->fd = fd;
    d->failed = false;
    conformal_sha256_begin(&d->sha256);
    d->bytes = malloc(DIGEST_BYTES);
    return d->bytes != NULL && pthread_create(thread, NULL, digest_file, d) == 0;
}

/* Parse, and digest beside it where the file can be read twice. */
static conformal_status read_all(const call *c, int fd, in_file *file, progress *shown,
                                 conformal_csv *csv, conformal_error *err)
{
    digester d = {.bytes = NULL};
    struct stat before, after;
    pthread_t thread;
    bool regular = fstat(fd, &before) == 0 && S_ISREG(before.st_mode) &&
                   lseek(fd, 0, SEEK_CUR) == 0;
    bool beside = file->digest && regular && in_threads() > 1 && digest_start(&d, fd, &thread);
    if (!beside)
        conformal_sha256_begin(&d.sha256);
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

/* The common options as the parser wants them; false: a delimiter that is none. */
static bool set_options(const call *c, conformal_csv_options *o)
{
    const char *delimiter = common_of(c)->delimiter;
    o->missing = common_of(c)->missing;
    o->threads = in_threads();
    if (delimiter == NULL)
        return true;
    bool tab = strcmp(delimiter, "\\t") == 0 || strcmp(delimiter, "tab") == 0;
    o->delimiter = tab ? '\t' : delimiter[0];
    return tab || strlen(delimiter) == 1;
}

int in_csv(const call *c, in_file *file, const conformal_csv_options *callbacks, int *spoken)
{
    conformal_csv_options o = *callbacks;
    progress shown = {.on = false};
    conformal_csv *csv = NULL;
    conformal_error err;
    if (!set_options(c, &o))
        return say_usage(c, "--delimiter: '%s' is not one character (or tab)",
                         common_of(c)->delimiter);
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

/* ------------------------------------------------------------------ two halves at once */

enum { WORTH_HALVING = 1 << 24, FIRST_LINE = 1 << 16, MIDDLE_LINE = 1 << 20 };

typedef struct half {
    int fd;
    off_t from, to;
    const char *header; /* pushed first; NULL for the half that has its own */
    size_t header_length;
    conformal_csv *csv;
    conformal_status status;
    progress *shown; /* NULL: no progress from this half */
    const call *c;
    const char *name;
} half;

static void *read_half(void *argument)
{
    half *h = argument;
    off_t at = h->from;
    if (h->header != NULL)
        h->status = conformal_csv_push(h->csv, h->header, h->header_length, NULL);
    while (h->status == CONFORMAL_OK && at < h->to) {
        char *bytes;
        size_t room;
        h->status = conformal_csv_buffer(h->csv, &bytes, &room, NULL);
        if (h->status != CONFORMAL_OK)
            break;
        if (room > (size_t)(h->to - at))
            room = (size_t)(h->to - at);
        ssize_t got = pread(h->fd, bytes, room, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            h->status = CONFORMAL_EIO;
            break;
        }
        at += got;
        h->status = conformal_csv_pushed(h->csv, (size_t)got, NULL);
        if (h->shown != NULL)
            progress_step(h->shown, h->c, h->name, 2 * (uint64_t)at);
    }
    if (h->status == CONFORMAL_OK)
        h->status = conformal_csv_finish(h->csv, NULL);
    return NULL;
}

/* The first line with its end; 0 when it is not a plain header line. */
static size_t header_length(const char *bytes, size_t n)
{
    size_t i = 0;
    for (bool inside = false; i < n && (inside || (bytes[i] != '\n' && bytes[i] != '\r')); i++)
        if (bytes[i] == '"')
            inside = !inside;
    return i == 0 || i + 2 > n ? 0 : i + 1 + (bytes[i] == '\r' && bytes[i + 1] == '\n');
}

/* Where a row seems to begin near the middle; 0 when no line end is in sight. If it is inside
 * quotes after all, the first half ends inside quotes, and fails. */
static off_t find_middle(int fd, off_t size, char *room)
{
    ssize_t got = pread(fd, room, MIDDLE_LINE, size / 2);
    const char *end = got > 0 ? memchr(room, '\n', (size_t)got) : NULL;
    return end != NULL ? size / 2 + (end - room) + 1 : 0;
}

size_t in_estimate_rows(const in_file *file)
{
    struct stat s;
    char bytes[4096];
    size_t lines = 1;
    if (file->path == NULL || in_threads() < 2 || stat(file->path, &s) != 0 ||
        !S_ISREG(s.st_mode) || s.st_size < WORTH_HALVING)
        return 0;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? pread(fd, bytes, sizeof bytes, s.st_size / 3) : 0;
    for (ssize_t i = 0; i < got; i++)
        lines += bytes[i] == '\n';
    if (fd >= 0)
        close(fd);
    return got > 0 ? (size_t)((double)s.st_size * (double)lines / (double)got) : 0;
}

static bool run_halves(half halves[2], const conformal_csv_options *o, void *const users[2])
{
    pthread_t thread;
    bool started = false;
    for (int i = 0; i < 2; i++) {
        conformal_csv_options mine = *o;
        mine.user = users[i];
        mine.threads = 1;
        halves[i].csv = NULL;
        halves[i].status = conformal_csv_create(&mine, &halves[i].csv, NULL);
    }
    if (halves[0].status == CONFORMAL_OK && halves[1].status == CONFORMAL_OK)
        started = pthread_create(&thread, NULL, read_half, &halves[1]) == 0;
    if (started) {
        read_half(&halves[0]);
        pthread_join(thread, NULL);
    }
    return started && halves[0].status == CONFORMAL_OK && halves[1].status == CONFORMAL_OK;
}

bool in_csv_halves(const call *c, in_file *file, const conformal_csv_options *callbacks,
                   void *const users[2])
{
    conformal_csv_options o = *callbacks;
    progress shown = {.on = false};
    struct stat before, after;
    digester d = {.bytes = NULL};
    pthread_t thread;
    bool digesting = false, good = false;
    if (in_estimate_rows(file) == 0 || stat(file->path, &before) != 0 || !set_options(c, &o))
        return false;
    int fd = open_file(c, file, &shown);
    char *room = malloc(FIRST_LINE + MIDDLE_LINE);
    ssize_t got = fd >= 0 && room != NULL ? pread(fd, room, FIRST_LINE, 0) : -1;
    size_t header = got > 0 ? header_length(room, (size_t)got) : 0;
    off_t middle = header > 0 ? find_middle(fd, before.st_size, room + FIRST_LINE) : 0;
    half halves[2] = {
        {fd, 0, middle, NULL, 0, NULL, CONFORMAL_OK, &shown, c, file->name},
        {fd, middle, before.st_size, room, header, NULL, CONFORMAL_OK, NULL, c, NULL}};
    if (middle > 0) {
        digesting = file->digest && digest_start(&d, fd, &thread);
        good = (digesting || !file->digest) && run_halves(halves, &o, users);
        progress_end(&shown);
    }
    if (digesting) {
        if (!good)
            pthread_cancel(thread);
        pthread_join(thread, NULL);
    }
    good = good && !d.failed && fstat(fd, &after) == 0 && same_file(&before, &after);
    if (good) {
        file->bytes = (uint64_t)before.st_size;
        file->rows =
            conformal_csv_row_count(halves[0].csv) + conformal_csv_row_count(halves[1].csv);
        file->blank = conformal_csv_blank_lines(halves[0].csv) +
                      conformal_csv_blank_lines(halves[1].csv);
        if (file->digest)
            conformal_sha256_end(&d.sha256, file->sha256);
    }
    if (middle > 0) {
        conformal_csv_free(halves[0].csv);
        conformal_csv_free(halves[1].csv);
    }
    free(d.bytes);
    free(room);
    if (fd >= 0)
        close(fd);
    return good;
}
