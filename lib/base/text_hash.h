/* text_hash.h - a hash of a text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_TEXT_HASH_H
#define CF_TEXT_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a (Fowler, Noll, Vo 1991), folded so that the low bits depend on all. */
static inline uint64_t cf_text_hash(const char *bytes, size_t length)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    return h ^ (h >> 29);
}

#endif
