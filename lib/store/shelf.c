/* shelf.c - finding what is kept by name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/shelf.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

conformal_status cf_shelf_find(conformal_store *s, const cf_shelf *shelf, const char *name,
                               int64_t *id, conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status = cf_sql_query(s, err, &row, shelf->find, "t", name);
    *id = status == CONFORMAL_OK && row != NULL ? sqlite3_column_int64(row, 0) : 0;
    if (row != NULL)
        sqlite3_finalize(row);
    return status;
}

typedef struct names {
    char **names;
    size_t n;
} names;

static const char *name_at(const void *context, size_t i)
{
    return ((const names *)context)->names[i];
}

conformal_status cf_shelf_not_found(conformal_store *s, const cf_shelf *shelf, const char *name,
                                    conformal_error *err)
{
    names all = {NULL, 0};
    sqlite3_stmt *row;
    bool more;
    conformal_status status = cf_sql_query(s, err, &row, shelf->list, "");
    more = status == CONFORMAL_OK && row != NULL;
    while (more) {
        const char *text = (const char *)sqlite3_column_text(row, 0);
        char **grown = cf_resize(s->allocator, all.names, all.n + 1, sizeof *grown);
        if (grown != NULL)
            all.names = grown;
        char *copy = grown != NULL ? cf_copy_text(s->allocator, text, strlen(text)) : NULL;
        if (copy == NULL)
            break; /* a suggestion is not worth a failure */
        all.names[all.n++] = copy;
        more = cf_sql_step(s, row, &more, err) == CONFORMAL_OK && more;
    }
    if (row != NULL)
        sqlite3_finalize(row);
    const char *near = conformal_nearest(name, all.n, name_at, &all);
    if (near != NULL)
        status = cf_fail(err, CONFORMAL_ENOTFOUND, "name", CF_NO_INDEX,
                         "%.120s has no %s '%.60s'; did you mean '%.60s'?", s->path,
                         shelf->what, name, near);
    else
        status = cf_fail(err, CONFORMAL_ENOTFOUND, "name", CF_NO_INDEX,
                         "%.120s has no %s '%.60s' (%s)", s->path, shelf->what, name,
                         shelf->remedy);
    for (size_t i = 0; i < all.n; i++)
        cf_free(s->allocator, all.names[i]);
    cf_free(s->allocator, all.names);
    return status;
}
