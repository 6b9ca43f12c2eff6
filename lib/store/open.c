/* open.c - opening, making and closing a store.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A store may come from anybody: defensive mode, no trusted schema, checked cells. SQLite's
 * documentation, "Defense against the dark arts". */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "store/store.h"

enum { BUSY_MILLISECONDS = 10000, RETRY_MILLISECONDS = 20 };

static conformal_status harden(conformal_store *s, conformal_error *err)
{
    static const char *const pragmas[] = {
        "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
        "PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL", "PRAGMA temp_store = MEMORY"};
    sqlite3_busy_timeout(s->db, BUSY_MILLISECONDS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
    conformal_status status = CONFORMAL_OK;
    for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0] && status == CONFORMAL_OK; i++)
        status = cf_sql_run(s, err, pragmas[i], "");
    return status;
}

typedef struct identity {
    int64_t application, version, objects;
} identity;

static conformal_status identify(conformal_store *s, identity *id, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_sql_integer(s, "PRAGMA application_id", &id->application, err)) !=
            CONFORMAL_OK ||
        (status = cf_sql_integer(s, "PRAGMA user_version", &id->version, err)) != CONFORMAL_OK)
        return status;
    return cf_sql_integer(s, "SELECT count(*) FROM sqlite_schema", &id->objects, err);
}

/* The three numbers of one moment: another process may be making the store right now. */
static conformal_status identify_at_once(conformal_store *s, identity *id,
                                         conformal_error *err)
{
    conformal_status status = cf_sql_run(s, err, "BEGIN", "");
    if (status != CONFORMAL_OK)
        return status;
    status = identify(s, id, err);
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static bool is_new(const identity *id)
{
    return id->application == 0 && id->version == 0 && id->objects == 0;
}

/* WAL lets readers read while a run is written. Two makers may want it at once, and SQLite
 * does not wait for that lock by itself; a file system without shared memory stays as it is.
 */
static void prefer_wal(conformal_store *s)
{
    for (int waited = 0; waited < BUSY_MILLISECONDS; waited += RETRY_MILLISECONDS) {
        conformal_error busy;
        if (cf_sql_run(s, &busy, "PRAGMA journal_mode = WAL", "") != CONFORMAL_EBUSY)
            return;
        sqlite3_sleep(RETRY_MILLISECONDS);
    }
}

/* Everything in one transaction, entered only by whoever gets the lock first; an older store gets
 * what has come since. */
static conformal_status make(conformal_store *s, conformal_error *err)
{
    identity id;
    prefer_wal(s);
    conformal_status status = cf_sql_run(s, err, "BEGIN IMMEDIATE", "");
    if (status != CONFORMAL_OK)
        return status;
    status = identify(s, &id, err);
    bool fresh = status == CONFORMAL_OK && is_new(&id);
    if (status == CONFORMAL_OK &&
        (fresh ||
         (id.application == CF_STORE_APPLICATION && id.version < CF_STORE_VERSION))) {
        char *numbers = sqlite3_mprintf("PRAGMA application_id = %d", CF_STORE_APPLICATION);
        char *version = sqlite3_mprintf("PRAGMA user_version = %d", CF_STORE_VERSION);
        if (numbers == NULL || version == NULL)
            status = cf_fail_memory(err, 1, "store");
        if (status == CONFORMAL_OK)
            status = cf_sql_run(s, err, numbers, "");
        if (status == CONFORMAL_OK)
            status = cf_sql_run(s, err, version, "");
        sqlite3_free(numbers);
        sqlite3_free(version);
        if (status == CONFORMAL_OK)
            status = cf_store_create_schema(s, fresh ? -1 : (int)id.version, err);
    }
    if (status == CONFORMAL_OK)
        status = cf_sql_run(s, err, "COMMIT", "");
    if (status != CONFORMAL_OK && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static conformal_status recognise(conformal_store *s, conformal_store_mode mode,
                                  conformal_error *err)
{
    identity id = {0, 0, 0};
    conformal_status status = identify_at_once(s, &id, err);
    bool older = id.application == CF_STORE_APPLICATION && id.version >= 1 &&
                 id.version < CF_STORE_VERSION;
    if (status == CONFORMAL_OK && older && mode != CONFORMAL_STORE_READ)
        status = cf_store_check_schema(s, (int)id.version, err); /* before it is touched */
    if (status == CONFORMAL_OK && (is_new(&id) || older) && mode != CONFORMAL_STORE_READ) {
        status = make(s, err);
        if (status == CONFORMAL_OK)
            status = identify_at_once(s, &id, err);
    }
    if (status != CONFORMAL_OK)
        return status;
    if (id.application != CF_STORE_APPLICATION)
        return cf_fail(err, CONFORMAL_ECORRUPT, "store", CF_NO_INDEX,
                       "%.160s: this is not a libconformal store (choose another file with "
                       "--store)", s->path);
    if (id.version > CF_STORE_VERSION)
        return cf_fail(
            err, CONFORMAL_EVERSION, "store", CF_NO_INDEX,
            "%.160s: the store was written by a newer libconformal (its format is %ld, "
            "this one knows %d): upgrade, or choose another file with --store",
            s->path, (long)id.version, CF_STORE_VERSION);
    if (id.version < 1)
        return cf_fail(err, CONFORMAL_ECORRUPT, "store", CF_NO_INDEX,
                       "%.160s: the store's format number %ld never existed", s->path,
                       (long)id.version);
    s->version = (int)id.version;
    return cf_store_check_schema(s, s->version, err);
}

conformal_status conformal_store_open(const char *path, conformal_store_mode mode,
                                      const conformal_allocator *allocator,
                                      conformal_store **store, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(path, "path", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(store, "store", err)) != CONFORMAL_OK)
        return status;
    conformal_store *s = cf_alloc(allocator, 1, sizeof *s);
    if (s == NULL)
        return cf_fail_memory(err, 1, "store");
    memset(s, 0, sizeof *s);
    if (allocator != NULL) {
        s->own_allocator = *allocator;
        s->allocator = &s->own_allocator;
    }
    s->path = cf_copy_text(s->allocator, path, strlen(path));
    if (s->path == NULL) {
        conformal_store_close(s);
        return cf_fail_memory(err, 1, "store");
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (mode == CONFORMAL_STORE_CREATE)
        flags |= SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2(path, &s->db, flags, NULL);
    if (code != SQLITE_OK && mode == CONFORMAL_STORE_READ) {
        sqlite3_close_v2(s->db);
        flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
        code = sqlite3_open_v2(path, &s->db, flags, NULL);
    }
    if (code != SQLITE_OK && mode != CONFORMAL_STORE_CREATE &&
        (code & 0xff) == SQLITE_CANTOPEN)
        status =
            cf_fail(err, CONFORMAL_EIO, "store", CF_NO_INDEX,
                    "%.160s: there is no store here (conformal calibrate or pursue fit makes one)", path);
    else
        status = code == SQLITE_OK ? harden(s, err) : cf_sql_fail(s, err);
    if (status == CONFORMAL_OK)
        status = recognise(s, mode, err);
    if (status != CONFORMAL_OK) {
        conformal_store_close(s);
        return status;
    }
    *store = s;
    return CONFORMAL_OK;
}

void conformal_store_close(conformal_store *s)
{
    if (s == NULL)
        return;
    conformal_allocator copy = s->own_allocator;
    const conformal_allocator *a = s->allocator != NULL ? &copy : NULL;
    conformal_store_abort(s);
    sqlite3_close_v2(s->db);
    cf_free(a, s->started);
    cf_free(a, s->path);
    cf_free(a, s);
}
