/* array.h - memory, text and matrix views shared by all topics.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_ARRAY_H
#define CONFORMAL_ARRAY_H

#include <stddef.h>

#include "conformal/export.h"

CONFORMAL_BEGIN_DECLS

/* Where an object gets its memory. One function does it all:
 *   ptr == NULL  -> allocate size bytes;   size == 0 -> free ptr, return NULL;
 *   otherwise    -> resize ptr to size bytes, keeping its content.
 * It returns NULL when it cannot allocate, and is called from the thread that
 * called libconformal. An object keeps the allocator it was created with.
 * Everywhere a `const conformal_allocator *` is asked for, NULL means malloc(). */
typedef struct conformal_allocator {
    void *(*resize)(void *user, void *ptr, size_t size);
    void *user;
} conformal_allocator;

/* A read-only view of a matrix of doubles that belongs to the caller.
 * Element (i, j) is data[i * row_stride + j * col_stride]; strides count
 * doubles, not bytes, and may be negative. C and NumPy order: {cols, 1};
 * R, Fortran and LAPACK order: {1, rows}; a gsl_matrix: {tda, 1}. */
typedef struct conformal_matrix {
    const double *data;
    size_t rows;
    size_t cols;
    ptrdiff_t row_stride;
    ptrdiff_t col_stride;
} conformal_matrix;

/* A run of bytes that belongs to somebody else; not NUL-terminated. */
typedef struct conformal_text {
    const char *bytes;
    size_t length;
} conformal_text;

CONFORMAL_END_DECLS

#endif
