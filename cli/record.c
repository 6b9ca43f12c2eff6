/* record.c - runs into the store.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "say.h"

const char *record_path(const call *c, bool default_too)
{
    const char *path = common_of(c)->store;
    if (path == NULL)
        path = getenv("CONFORMAL_STORE");
    if (path == NULL || path[0] == '\0')
        path = default_too ? "conformal.db" : NULL;
    return path;
}

int record_open(const call *c, bool must_keep, bool must_exist, record *r)
{
    struct timespec now;
    struct tm utc;
    conformal_error err;
    memset(r, 0, sizeof *r);
    clock_gettime(CLOCK_MONOTONIC, &r->start);
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t n = strftime(r->started, sizeof r->started, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(r->started + n, sizeof r->started - n, ".%03dZ",
             (int)(now.tv_nsec / 1000000 % 1000));
    r->path = record_path(c, must_keep);
    if (r->path == NULL)
        return EXIT_DONE;
    conformal_store_mode mode = must_exist ? CONFORMAL_STORE_WRITE : CONFORMAL_STORE_CREATE;
    if (conformal_store_open(r->path, mode, NULL, &r->store, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    return EXIT_DONE;
}

uint64_t record_seed(const call *c, record *r)
{
    if (r->seeded)
        return r->seed;
    r->seeded = true;
    r->seed = common_of(c)->seed.value;
    if (!common_of(c)->seed.given &&
        getrandom(&r->seed, sizeof r->seed, 0) != (ssize_t)sizeof r->seed) {
        struct timespec now; /* no entropy, e.g. a very early boot: the time will do */
        clock_gettime(CLOCK_REALTIME, &now);
        r->seed = (uint64_t)now.tv_sec * UINT64_C(1000000007) + (uint64_t)now.tv_nsec;
    }
    return r->seed;
}

/* The command line as it was given, for people. */
static char *join_arguments(const call *c)
{
    size_t length = 1;
    for (int i = 0; i < c->argc; i++)
        length += strlen(c->argv[i]) + 1;
    char *text = malloc(length), *at = text;
    for (int i = 0; text != NULL && i < c->argc; i++)
        at += sprintf(at, "%s%s", i > 0 ? " " : "", c->argv[i]);
    if (text != NULL)
        *at = '\0';
    return text;
}

int record_begin(const call *c, record *r, const uint64_t *n)
{
    conformal_run_info info = CONFORMAL_RUN_INFO_INIT;
    conformal_error err;
    char system[256];
    int64_t id;
    if (r->store == NULL)
        return EXIT_DONE;
    char *arguments = join_arguments(c);
    snprintf(system, sizeof system, "%s; GSL %s, LAPACK %s, SQLite %s",
             conformal_version_of("compiler"), conformal_version_of("gsl"),
             conformal_version_of("lapack"), conformal_version_of("sqlite"));
    info.command = c->command->name;
    info.arguments = arguments;
    info.started = r->started;
    info.version = conformal_version();
    info.system = system;
    info.has_seed = r->seeded || common_of(c)->seed.given;
    info.seed = r->seeded ? r->seed : common_of(c)->seed.value;
    info.has_n = n != NULL;
    info.n = n != NULL ? *n : 0;
    conformal_status status = conformal_store_begin(r->store, &info, &id, &err);
    for (size_t i = 0; status == CONFORMAL_OK && i < c->n_given; i++)
        status = conformal_store_option(r->store, c->given[i].name, c->given[i].value, &err);
    free(arguments);
    return status == CONFORMAL_OK ? EXIT_DONE : say_failure(c, NULL, &err);
}

int record_input(const call *c, record *r, const char *role, const in_file *file)
{
    conformal_error err;
    if (r->store == NULL ||
        conformal_store_input(r->store, role, file->name,
                              file->sha256[0] ? file->sha256 : NULL, file->bytes, file->rows,
                              &err) == CONFORMAL_OK)
        return EXIT_DONE;
    return say_failure(c, NULL, &err);
}

int record_results(const call *c, record *r, const conformal_report *report)
{
    conformal_error err;
    if (r->store == NULL || conformal_store_results(r->store, report, &err) == CONFORMAL_OK)
        return EXIT_DONE;
    return say_failure(c, NULL, &err);
}

int record_finish(const call *c, record *r)
{
    struct timespec now;
    conformal_error err;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - r->start.tv_sec) +
                     1e-9 * (double)(now.tv_nsec - r->start.tv_nsec);
    if (r->store == NULL || conformal_store_finish(r->store, seconds, &err) == CONFORMAL_OK)
        return EXIT_DONE;
    return say_failure(c, NULL, &err);
}

void record_close(record *r)
{
    conformal_store_close(r->store);
    r->store = NULL;
}
