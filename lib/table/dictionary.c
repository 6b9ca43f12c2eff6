/* dictionary.c - texts to codes, in order of first appearance.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/text_hash.h"
#include "conformal/table.h"

struct conformal_dictionary {
    const conformal_allocator *allocator;
    conformal_allocator own_allocator;
    char **names;    /* n, NUL-terminated */
    size_t *lengths; /* a text may hold a NUL byte itself */
    size_t n, room;
    int32_t *slots;  /* open addressing; a power of two; -1 is free */
    size_t n_slots;
};

conformal_status conformal_dictionary_create(const conformal_allocator *allocator,
                                             conformal_dictionary **dictionary,
                                             conformal_error *err)
{
    conformal_dictionary *d = cf_alloc(allocator, 1, sizeof *d);
    if (d == NULL) {
        *dictionary = NULL;
        return cf_fail_memory(err, 1, "dictionary");
    }
    memset(d, 0, sizeof *d);
    if (allocator != NULL) {
        d->own_allocator = *allocator;
        d->allocator = &d->own_allocator;
    }
    *dictionary = d;
    return CONFORMAL_OK;
}

void conformal_dictionary_free(conformal_dictionary *d)
{
    if (d == NULL)
        return;
    conformal_allocator copy = d->own_allocator;
    const conformal_allocator *a = d->allocator != NULL ? &copy : NULL;
    for (size_t i = 0; i < d->n; i++)
        cf_free(a, d->names[i]);
    cf_free(a, d->names);
    cf_free(a, d->lengths);
    cf_free(a, d->slots);
    cf_free(a, d);
}

static size_t find_slot(const conformal_dictionary *d, const char *bytes, size_t length)
{
    size_t mask = d->n_slots - 1, at = (size_t)cf_text_hash(bytes, length) & mask;
    for (;; at = (at + 1) & mask) {
        int32_t code = d->slots[at];
        if (code < 0 || (d->lengths[code] == length &&
                         memcmp(d->names[code], bytes, length) == 0))
            return at;
    }
}

static int grow_slots(conformal_dictionary *d)
{
    size_t n_slots = d->n_slots > 0 ? 2 * d->n_slots : 64;
    int32_t *slots = cf_alloc(d->allocator, n_slots, sizeof *slots);
    if (slots == NULL)
        return 0;
    for (size_t s = 0; s < n_slots; s++)
        slots[s] = -1;
    cf_free(d->allocator, d->slots);
    d->slots = slots;
    d->n_slots = n_slots;
    for (size_t i = 0; i < d->n; i++)
        d->slots[find_slot(d, d->names[i], d->lengths[i])] = (int32_t)i;
    return 1;
}

static int grow_names(conformal_dictionary *d)
{
    size_t room = d->room > 0 ? 2 * d->room : 32;
    char **names = cf_resize(d->allocator, d->names, room, sizeof *names);
    if (names != NULL)
        d->names = names;
    size_t *lengths = cf_resize(d->allocator, d->lengths, room, sizeof *lengths);
    if (lengths != NULL)
        d->lengths = lengths;
    if (names == NULL || lengths == NULL)
        return 0;
    d->room = room;
    return 1;
}

/* The code of a text, new or not; -1: no memory. */
static int32_t encode_one(conformal_dictionary *d, conformal_text text)
{
    if (2 * (d->n + 1) > d->n_slots && !grow_slots(d))
        return -1;
    size_t slot = find_slot(d, text.bytes, text.length);
    if (d->slots[slot] >= 0)
        return d->slots[slot];
    if (d->n == INT32_MAX || (d->n == d->room && !grow_names(d)))
        return -1;
    char *name = cf_copy_text(d->allocator, text.bytes, text.length);
    if (name == NULL)
        return -1;
    d->names[d->n] = name;
    d->lengths[d->n] = text.length;
    d->slots[slot] = (int32_t)d->n;
    return (int32_t)d->n++;
}

conformal_status conformal_dictionary_encode(conformal_dictionary *d,
                                             const conformal_text *texts, size_t n,
                                             int32_t *codes, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(d, "dictionary", err)) != CONFORMAL_OK ||
        (status = cf_check_array(texts, n, "texts", err)) != CONFORMAL_OK ||
        (status = cf_check_array(codes, n, "codes", err)) != CONFORMAL_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        /* Rows of one group often stand together. */
        if (i > 0 && texts[i].length == texts[i - 1].length &&
            memcmp(texts[i].bytes, texts[i - 1].bytes, texts[i].length) == 0) {
            codes[i] = codes[i - 1];
            continue;
        }
        int32_t code = encode_one(d, texts[i]);
        if (code < 0)
            return cf_fail_memory(err, d->n + 1, "texts");
        codes[i] = code;
    }
    return CONFORMAL_OK;
}

int32_t conformal_dictionary_find(const conformal_dictionary *d, const char *bytes,
                                  size_t length)
{
    return d->n_slots == 0 ? -1 : d->slots[find_slot(d, bytes, length)];
}

size_t conformal_dictionary_size(const conformal_dictionary *d)
{
    return d->n;
}

const char *const *conformal_dictionary_names(const conformal_dictionary *d)
{
    return (const char *const *)d->names;
}
