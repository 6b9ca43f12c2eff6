/* record.h - one way for every command to put its run into the store.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include <time.h>

#include "command.h"
#include "in.h"

typedef struct record {
    conformal_store *store; /* NULL: this run is not recorded */
    const char *path;
    struct timespec start;
    char started[32];
    bool seeded; /* randomness was used: */
    uint64_t seed;
} record;

/* The store that is named by --store or $CONFORMAL_STORE, else "conformal.db" when
 * `default_too`, else NULL. */
const char *record_path(const call *c, bool default_too);

/* Note the time, and open the store if the run is to be recorded, before any work: a store
 * that cannot be used is said at once. must_keep: the command keeps something whatever the
 * options; must_exist: it needs something that is in the store. Returns an exit status. */
int record_open(const call *c, bool must_keep, bool must_exist, record *r);

/* The seed of this run, for its first and every later use: --seed, or one that is drawn, to be
 * reported and recorded. */
uint64_t record_seed(const call *c, record *r);

/* Begin the transaction: late, so that the lock is held for milliseconds. */
int record_begin(const call *c, record *r, const uint64_t *n);
int record_input(const call *c, record *r, const char *role, const in_file *file);
int record_results(const call *c, record *r, const conformal_report *report);
/* Commit. */
int record_finish(const call *c, record *r);
/* Close, rolling back what is not finished. */
void record_close(record *r);

#endif
