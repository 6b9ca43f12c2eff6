/* error.h - how libconformal says that something went wrong.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A function that can fail returns a conformal_status and takes, as its last
 * parameter, a pointer to a conformal_error that it fills when it fails. The
 * pointer may be NULL. On failure no output parameter has been written.
 * The library never prints, never exits and keeps no error state of its own. */
#ifndef CONFORMAL_ERROR_H
#define CONFORMAL_ERROR_H

#include <stddef.h>

#include "conformal/export.h"

CONFORMAL_BEGIN_DECLS

/* The values are part of the ABI: append, never renumber, never reuse. */
typedef enum conformal_status {
    CONFORMAL_OK = 0,
    CONFORMAL_EINVAL = 1,    /* an argument is unusable (NULL, unknown name) */
    CONFORMAL_EDOM = 2,      /* a number is outside its domain */
    CONFORMAL_ENAN = 3,      /* a number is NaN, or an undefined difference of infinities */
    CONFORMAL_EDIM = 4,      /* the shapes of two arguments disagree */
    CONFORMAL_ENOMEM = 5,    /* the allocator returned NULL */
    CONFORMAL_ESYNTAX = 6,   /* a text is not what it should be: CSV, a number */
    CONFORMAL_ENOTFOUND = 7, /* no column, calibrator or run of that name */
    CONFORMAL_EEXISTS = 8,   /* the name is taken */
    CONFORMAL_EIO = 9,       /* a file or a pipe could not be read or written */
    CONFORMAL_EFULL = 10,    /* the disk is full */
    CONFORMAL_EBUSY = 11,    /* another process holds the store for too long */
    CONFORMAL_ECORRUPT = 12, /* the store, or a run in it, is damaged */
    CONFORMAL_EVERSION = 13, /* the store was written by a newer libconformal */
    CONFORMAL_ECANCELLED = 14 /* a callback asked to stop */
} conformal_status;

typedef struct conformal_error {
    conformal_status status;
    size_t index;       /* 0-based element or row at fault, or SIZE_MAX */
    size_t line;        /* 1-based line of the text that was read, or 0 */
    char argument[64];  /* name of the parameter or column, or "" */
    char message[320];  /* one sentence, no newline, no final period */
} conformal_error;

/* "EDOM" and "number outside its domain" for CONFORMAL_EDOM; never NULL. */
CONFORMAL_API const char *conformal_status_name(conformal_status status);
CONFORMAL_API const char *conformal_status_text(conformal_status status);

/* conformal_nearest - "did you mean ...?"
 *
 * The candidate nearest to word if it is near enough to be a typing error (at most two
 * single-letter edits, case ignored, and fewer than half the letters), or NULL.
 * candidate(context, i) lends the i-th of n. Levenshtein (1966). */
CONFORMAL_API const char *conformal_nearest(const char *word, size_t n,
                                            const char *(*candidate)(const void *context,
                                                                     size_t i),
                                            const void *context);

CONFORMAL_END_DECLS

#endif
