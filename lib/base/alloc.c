/* alloc.c - the one place where libconformal asks for memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *cf_resize(const conformal_allocator *a, void *ptr, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    size_t bytes = count * size;
    if (bytes == 0)
        bytes = 1; /* zero is the allocator's word for free */
    return a != NULL ? a->resize(a->user, ptr, bytes) : realloc(ptr, bytes);
}

void *cf_alloc(const conformal_allocator *a, size_t count, size_t size)
{
    return cf_resize(a, NULL, count, size);
}

void cf_free(const conformal_allocator *a, void *ptr)
{
    if (ptr == NULL)
        return;
    if (a != NULL)
        a->resize(a->user, ptr, 0);
    else
        free(ptr);
}

char *cf_copy_text(const conformal_allocator *a, const char *bytes, size_t length)
{
    char *copy = length < SIZE_MAX ? cf_alloc(a, length + 1, 1) : NULL;
    if (copy == NULL)
        return NULL;
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}
