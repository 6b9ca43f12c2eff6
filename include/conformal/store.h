/* store.h - the lab book and model shelf: one SQLite file.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calibrators are kept in it by name; every run is kept with its command, options, seed,
 * inputs (name, SHA-256, rows), versions, timings and results. A run is one transaction: a
 * killed process or a full disk leaves the last committed state. docs/store.md documents
 * the tables and views for plain SQL. */
#ifndef CONFORMAL_STORE_H
#define CONFORMAL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/calibrate.h"
#include "conformal/error.h"
#include "conformal/pursuit.h"
#include "conformal/report.h"

CONFORMAL_BEGIN_DECLS

typedef struct conformal_store conformal_store;

typedef enum conformal_store_mode {
    CONFORMAL_STORE_READ = 0,  /* must exist */
    CONFORMAL_STORE_WRITE = 1, /* must exist */
    CONFORMAL_STORE_CREATE = 2 /* made when it is not there */
} conformal_store_mode;

/* conformal_store_open - open, check and if need be migrate a store
 *
 * Errors: EIO (cannot open; not there), ECORRUPT (not a store: the application id is
 * another's, or the file is damaged), EVERSION (written by a newer libconformal), EBUSY
 * (locked for more than 10 s), EFULL, ENOMEM. The message names the file. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_open(const char *path, conformal_store_mode mode,
                     const conformal_allocator *allocator, conformal_store **store,
                     conformal_error *err);
/* Rolls an unfinished run back. */
CONFORMAL_API void conformal_store_close(conformal_store *store);

/* ------------------------------------------------------------------ writing a run */

typedef struct conformal_run_info {
    size_t size;
    const char *command; /* "calibrate" */
    const char *arguments; /* the whole command line, for people */
    const char *started; /* UTC, "2026-11-24T10:31:29.123Z" */
    const char *version; /* of libconformal */
    const char *system;  /* compiler, GSL, LAPACK, SQLite: one line */
    bool has_seed;
    uint64_t seed;
    bool has_n;
    uint64_t n;          /* rows */
} conformal_run_info;
#define CONFORMAL_RUN_INFO_INIT \
    {sizeof(conformal_run_info), NULL, NULL, NULL, NULL, NULL, false, 0, false, 0}

/* Begin a run: a write transaction, to be ended by _finish or _abort. id: out, > 0. One at
 * a time per store; other processes wait up to 10 s, then EBUSY. Begin late: read and
 * compute first, so that the lock is held for milliseconds. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_begin(conformal_store *store, const conformal_run_info *info, int64_t *id,
                      conformal_error *err);
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_option(conformal_store *store, const char *key, const char *value,
                       conformal_error *err);
/* role: "calibration", "test"; name as the user gave it; sha256: 64 hex digits or NULL */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_input(conformal_store *store, const char *role, const char *name,
                      const char *sha256, uint64_t bytes, uint64_t rows, conformal_error *err);
/* Every leaf of the report becomes a result row (run, path, number or text). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_results(conformal_store *store, const conformal_report *report,
                        conformal_error *err);
/* Per-row results (--keep rows): n rows, from row `first` on, of one named column; kept as
 * blobs of at most 4,096 little-endian doubles. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_rows(conformal_store *store, const char *column, uint64_t first,
                     const double *values, size_t n, conformal_error *err);
/* Save a calibrator under a name, made by the run; replaces one of the same name when
 * `replace`, else EEXISTS. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_save(conformal_store *store, const char *name, const conformal_calibrator *c,
                     bool replace, conformal_error *err);
/* A policy of information pursuit as it is kept: cases and recipe, from which model and policy
 * are made anew, alike to the last bit; and what was calibrated, for people who look. */
typedef struct conformal_policy_record {
    size_t size;
    size_t n_classes, n_queries, n_cases;
    const char *const *classes, *const *queries; /* their names */
    const char *const *questions; /* in words; NULL, or entries NULL: none */
    const size_t *n_answers;
    const char *const *answers;   /* names: query 0's answers first */
    const int32_t *cases;         /* n_cases x (1 + n_queries): class, answers; -1 missing */
    const double *yes;            /* n_classes x n_queries: P(yes), or NULL */
    size_t n_notes;
    const char *const *keys, *const *notes; /* the recipe */
    size_t n_histories;           /* for which somebody else's model has been asked */
    const char *const *histories; /* "query=answer|query=answer", sorted by query */
    const double *posteriors;     /* n_histories x n_classes */
    conformal_pursuit_calibration calibration; /* max_length, gamma, tau, step, stop, any */
} conformal_policy_record;
#define CONFORMAL_POLICY_RECORD_INIT                                                        \
    {sizeof(conformal_policy_record), 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, \
     NULL, NULL, 0, NULL, NULL, {0, 0, 0, 0, NULL, NULL, NULL, NULL, 0.0, 0.0, 0.0}}
/* Save a policy under a name; replaces one of the same name when `replace`, else EEXISTS. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_save_policy(conformal_store *store, const char *name,
                            const conformal_policy_record *policy, bool replace,
                            conformal_error *err);
/* seconds: wall time of the run so far. Computes the run's digest and commits. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_finish(conformal_store *store, double seconds, conformal_error *err);
CONFORMAL_API void conformal_store_abort(conformal_store *store);

/* ------------------------------------------------------------------ reading */

/* The calibrator of that name (digest checked); ENOTFOUND suggests a near name. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_load(conformal_store *store, const char *name,
                     const conformal_allocator *allocator, conformal_calibrator **calibrator,
                     conformal_error *err);
/* The policy of that name (digest checked); ENOTFOUND suggests a near name. */
typedef struct conformal_kept_policy conformal_kept_policy;
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_load_policy(conformal_store *store, const char *name,
                            const conformal_allocator *allocator,
                            conformal_kept_policy **policy, conformal_error *err);
CONFORMAL_API void conformal_kept_policy_free(conformal_kept_policy *policy);
/* Lent until it is freed. */
CONFORMAL_API const conformal_policy_record *
conformal_kept_policy_record(const conformal_kept_policy *policy);
/* Adds an array "policies" of objects {name, classes, queries, cases, created, run}. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_list_policies(conformal_store *store, conformal_report *into,
                              conformal_error *err);
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_delete_policy(conformal_store *store, const char *name, conformal_error *err);
/* Adds an array "calibrators" of objects {name, method, score, n, groups, created, run}. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_list_calibrators(conformal_store *store, conformal_report *into,
                                 conformal_error *err);
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_delete_calibrator(conformal_store *store, const char *name,
                                  conformal_error *err);
/* Adds an array "runs" of objects {id, command, started, seconds, n, seed, name, arguments},
 * oldest first; command NULL: all; limit 0: all, else the newest `limit`. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_list_runs(conformal_store *store, const char *command, size_t limit,
                          conformal_report *into, conformal_error *err);
/* Adds everything kept of a run: info, options, inputs, results, calibrators, row columns. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_show_run(conformal_store *store, int64_t id, conformal_report *into,
                         conformal_error *err);
/* A column of per-row results, in blocks, in order; ENOTFOUND when none was kept. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_read_rows(conformal_store *store, int64_t id, const char *column,
                          conformal_status (*visit)(void *user, uint64_t first,
                                                    const double *values, size_t n,
                                                    conformal_error *err),
                          void *user, conformal_error *err);
/* Delete a run with all it holds; its calibrators stay. ENOTFOUND. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_delete_run(conformal_store *store, int64_t id, conformal_error *err);
/* Recompute digests of every run and calibrator (id 0) or of one run. Adds {checked,
 * damaged: [..]} to the report; *damaged: out, how many differ. Also runs SQLite's own
 * integrity check when id is 0. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_store_verify(conformal_store *store, int64_t id, conformal_report *into,
                       size_t *damaged, conformal_error *err);

/* SHA-256 of a stream of bytes, for inputs. 64 hex digits and a NUL. */
typedef struct conformal_sha256 {
    uint32_t state[8];
    uint64_t length;
    unsigned char block[64];
} conformal_sha256;
CONFORMAL_API void conformal_sha256_begin(conformal_sha256 *s);
CONFORMAL_API void conformal_sha256_add(conformal_sha256 *s, const void *bytes, size_t n);
CONFORMAL_API void conformal_sha256_end(conformal_sha256 *s, char hex[65]);

CONFORMAL_END_DECLS

#endif
