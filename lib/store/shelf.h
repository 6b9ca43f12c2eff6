/* shelf.h - finding what is kept by name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_STORE_SHELF_H
#define CF_STORE_SHELF_H

#include "store/store.h"

/* One kind of named things. */
typedef struct cf_shelf {
    const char *what;   /* "calibrator" */
    const char *find;   /* SQL: the id of name ?1 */
    const char *list;   /* SQL: names, the first thousand */
    const char *remedy; /* "conformal runs calibrators lists them" */
} cf_shelf;

/* id: out, 0 when there is none of that name. */
conformal_status cf_shelf_find(conformal_store *s, const cf_shelf *shelf, const char *name,
                               int64_t *id, conformal_error *err);
/* ENOTFOUND, with a near name if there is one. */
conformal_status cf_shelf_not_found(conformal_store *s, const cf_shelf *shelf, const char *name,
                                    conformal_error *err);

#endif
