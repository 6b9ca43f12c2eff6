/* alloc.h - the one place where libconformal asks for memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_ALLOC_H
#define CF_ALLOC_H

#include "conformal/array.h"

/* count * size bytes, uninitialised; NULL on overflow or when out of memory. */
void *cf_alloc(const conformal_allocator *a, size_t count, size_t size);
/* The same block resized, its content kept (ptr NULL: a new one); NULL leaves ptr valid. */
void *cf_resize(const conformal_allocator *a, void *ptr, size_t count, size_t size);
void cf_free(const conformal_allocator *a, void *ptr);
/* A NUL-terminated copy of length bytes. */
char *cf_copy_text(const conformal_allocator *a, const char *bytes, size_t length);

#endif
