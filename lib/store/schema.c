/* schema.c - the tables and views of a store; docs/store.md describes them to people.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/error.h"
#include "store/store.h"

/* Long format throughout: a row a value, never a column a value. Infinities are REAL
 * infinities; SQLite has no NaN, which is NULL. Seeds are 64 bits without sign: text. */
static const struct {
    const char *name;
    const char *sql;
} objects[] = {
    {"run", "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, "
            "arguments TEXT, started TEXT NOT NULL, seconds REAL, version TEXT, system TEXT, "
            "seed TEXT, n INTEGER, digest TEXT)"},
    {"run_option",
     "CREATE TABLE run_option (run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, "
     "position INTEGER NOT NULL, key TEXT NOT NULL, value TEXT, "
     "PRIMARY KEY (run, position)) WITHOUT ROWID"},
    {"run_input",
     "CREATE TABLE run_input (run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, "
     "position INTEGER NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT, "
     "bytes INTEGER, rows INTEGER, PRIMARY KEY (run, position)) WITHOUT ROWID"},
    {"run_result",
     "CREATE TABLE run_result (run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, "
     "position INTEGER NOT NULL, path TEXT NOT NULL, kind INTEGER NOT NULL, "
     "number REAL, text TEXT, PRIMARY KEY (run, position)) WITHOUT ROWID"},
    {"run_rows",
     "CREATE TABLE run_rows (run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, "
     "name TEXT NOT NULL, first INTEGER NOT NULL, n INTEGER NOT NULL, "
     "data BLOB NOT NULL, PRIMARY KEY (run, name, first))"},
    {"calibrator",
     "CREATE TABLE calibrator (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
     "run INTEGER REFERENCES run ON DELETE SET NULL, created TEXT NOT NULL, "
     "method TEXT NOT NULL, score TEXT NOT NULL, beta REAL NOT NULL, "
     "n INTEGER NOT NULL, groups INTEGER NOT NULL, digest TEXT)"},
    {"calibrator_threshold",
     "CREATE TABLE calibrator_threshold (calibrator INTEGER NOT NULL REFERENCES calibrator "
     "ON DELETE CASCADE, position INTEGER NOT NULL, level INTEGER NOT NULL, group_name TEXT, "
     "alpha REAL NOT NULL, n INTEGER NOT NULL, rank INTEGER NOT NULL, lower REAL NOT NULL, "
     "upper REAL NOT NULL, PRIMARY KEY (calibrator, position, level)) WITHOUT ROWID"},
    {"calibrator_note",
     "CREATE TABLE calibrator_note (calibrator INTEGER NOT NULL REFERENCES calibrator "
     "ON DELETE CASCADE, position INTEGER NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, "
     "PRIMARY KEY (calibrator, position)) WITHOUT ROWID"},
    {"calibrator_run", "CREATE INDEX calibrator_run ON calibrator (run)"},
    {"runs",
     "CREATE VIEW runs AS SELECT run.id, command, started, round(seconds, 3) AS seconds, "
     "run.n, seed, (SELECT group_concat(name) FROM calibrator WHERE calibrator.run = run.id) "
     "AS calibrator, arguments FROM run ORDER BY run.id"},
    {"results",
     "CREATE VIEW results AS SELECT run, command, path, number, text FROM run_result "
     "JOIN run ON run.id = run_result.run ORDER BY run, position"},
    {"inputs", "CREATE VIEW inputs AS SELECT run, command, role, name, rows, bytes, sha256 "
               "FROM run_input JOIN run ON run.id = run_input.run ORDER BY run, position"},
    {"calibrators",
     "CREATE VIEW calibrators AS SELECT name, method, score, n, groups, created, run "
     "FROM calibrator ORDER BY name"},
    {"thresholds", "CREATE VIEW thresholds AS SELECT name, group_name, alpha, "
                   "calibrator_threshold.n, rank, lower, upper FROM calibrator_threshold "
                   "JOIN calibrator ON calibrator.id = calibrator_threshold.calibrator "
                   "ORDER BY name, position, level"},
    /* since format 2 */
    {"policy",
     "CREATE TABLE policy (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
     "run INTEGER REFERENCES run ON DELETE SET NULL, created TEXT NOT NULL, "
     "classes INTEGER NOT NULL, queries INTEGER NOT NULL, cases INTEGER NOT NULL, "
     "c_stop REAL NOT NULL, c_any REAL NOT NULL, digest TEXT)"},
    {"policy_note",
     "CREATE TABLE policy_note (policy INTEGER NOT NULL REFERENCES policy ON DELETE CASCADE, "
     "position INTEGER NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, "
     "PRIMARY KEY (policy, position)) WITHOUT ROWID"},
    {"policy_name",
     "CREATE TABLE policy_name (policy INTEGER NOT NULL REFERENCES policy ON DELETE CASCADE, "
     "position INTEGER NOT NULL, kind TEXT NOT NULL, query INTEGER, text TEXT NOT NULL, "
     "PRIMARY KEY (policy, position)) WITHOUT ROWID"},
    {"policy_chance",
     "CREATE TABLE policy_chance (policy INTEGER NOT NULL REFERENCES policy ON DELETE CASCADE, "
     "class INTEGER NOT NULL, query INTEGER NOT NULL, yes REAL NOT NULL, "
     "PRIMARY KEY (policy, class, query)) WITHOUT ROWID"},
    {"policy_cases",
     "CREATE TABLE policy_cases (policy INTEGER NOT NULL REFERENCES policy ON DELETE CASCADE, "
     "first INTEGER NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, "
     "PRIMARY KEY (policy, first))"},
    {"policy_threshold",
     "CREATE TABLE policy_threshold (policy INTEGER NOT NULL REFERENCES policy "
     "ON DELETE CASCADE, k INTEGER NOT NULL, gamma REAL NOT NULL, tau REAL NOT NULL, "
     "c REAL NOT NULL, PRIMARY KEY (policy, k)) WITHOUT ROWID"},
    {"policy_history",
     "CREATE TABLE policy_history (policy INTEGER NOT NULL REFERENCES policy "
     "ON DELETE CASCADE, position INTEGER NOT NULL, history TEXT NOT NULL, p BLOB NOT NULL, "
     "PRIMARY KEY (policy, position)) WITHOUT ROWID"},
    {"policy_run", "CREATE INDEX policy_run ON policy (run)"},
    {"policies", "CREATE VIEW policies AS SELECT name, classes, queries, cases, c_stop, c_any, "
                 "created, run FROM policy ORDER BY name"},
};

#define N_OBJECTS (sizeof objects / sizeof objects[0])

/* The format that brought an object; they stand in the order of their coming. */
static int since(size_t object)
{
    enum { OF_FORMAT_1 = 14 };
    return object < OF_FORMAT_1 ? 1 : 2;
}

conformal_status cf_store_create_schema(conformal_store *s, int version, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    for (size_t i = 0; i < N_OBJECTS && status == CONFORMAL_OK; i++)
        if (since(i) > version)
            status = cf_sql_run(s, err, objects[i].sql, "");
    return status;
}

conformal_status cf_store_check_schema(conformal_store *s, int version, conformal_error *err)
{
    int64_t triggers = 0;
    conformal_status status = cf_sql_integer(
        s, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'", &triggers, err);
    if (status != CONFORMAL_OK)
        return status;
    if (triggers > 0)
        return cf_fail(err, CONFORMAL_ECORRUPT, "store", CF_NO_INDEX,
                       "%.160s: the store has a trigger, which libconformal never makes",
                       s->path);
    for (size_t i = 0; i < N_OBJECTS; i++) {
        sqlite3_stmt *found;
        if (since(i) > version)
            continue;
        status = cf_sql_query(s, err, &found, "SELECT sql FROM sqlite_schema WHERE name = ?1",
                              "t", objects[i].name);
        if (status != CONFORMAL_OK)
            return status;
        const char *sql = found != NULL ? (const char *)sqlite3_column_text(found, 0) : NULL;
        bool same = sql != NULL && strcmp(sql, objects[i].sql) == 0;
        sqlite3_finalize(found);
        if (!same)
            return cf_fail(err, CONFORMAL_ECORRUPT, "store", CF_NO_INDEX,
                           "%.160s: the store's '%s' is not as libconformal made it", s->path,
                           objects[i].name);
    }
    return CONFORMAL_OK;
}
