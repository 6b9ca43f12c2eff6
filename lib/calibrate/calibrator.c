/* calibrator.c - the object that keeps thresholds: making, asking, annotating.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate/calibrator.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text_hash.h"
#include "calibrate/scores.h"

static const double default_alpha = 0.1;

conformal_status cf_split_options_read(const conformal_split_options *options,
                                       conformal_split_options *read, conformal_error *err)
{
    conformal_split_options defaults = CONFORMAL_SPLIT_INIT;
    conformal_status status = cf_options_read(&defaults, sizeof defaults, options, err);
    if (status != CONFORMAL_OK)
        return status;
    if (defaults.alphas == NULL && defaults.n_alphas == 0) {
        defaults.alphas = &default_alpha;
        defaults.n_alphas = 1;
    }
    if (cf_score_kind_of(defaults.score) == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, "score", CF_NO_INDEX, "no score has the code %d",
                       (int)defaults.score);
    if (!(defaults.beta >= 0.0 && defaults.beta < HUGE_VAL))
        return cf_fail(err, CONFORMAL_EDOM, "beta", CF_NO_INDEX,
                       "beta must be finite and not negative, not %s", CF_TEXT(defaults.beta));
    if ((status = cf_check_count(defaults.n_alphas, "n_alphas", err)) != CONFORMAL_OK ||
        (status = cf_check_alphas(defaults.alphas, defaults.n_alphas, err)) != CONFORMAL_OK)
        return status;
    if (defaults.group_names == NULL) {
        defaults.n_groups = 0;
    } else {
        if ((status = cf_check_count(defaults.n_groups, "n_groups", err)) != CONFORMAL_OK)
            return status;
        if (defaults.n_groups > INT32_MAX)
            return cf_fail(err, CONFORMAL_EDOM, "n_groups", CF_NO_INDEX,
                           "%zu groups are more than 2147483647", defaults.n_groups);
        for (size_t g = 0; g < defaults.n_groups; g++)
            if (defaults.group_names[g] == NULL)
                return cf_fail(err, CONFORMAL_EINVAL, "group_names", g,
                               "group %zu has no name", g);
    }
    *read = defaults;
    return CONFORMAL_OK;
}

static size_t find_slot(const conformal_calibrator *c, const char *name, size_t length)
{
    size_t mask = c->n_slots - 1, at = (size_t)cf_text_hash(name, length) & mask;
    for (;; at = (at + 1) & mask) {
        int32_t code = c->slots[at];
        if (code < 0)
            return at;
        const char *there = c->group_names[code];
        if (strncmp(there, name, length) == 0 && there[length] == '\0')
            return at;
    }
}

static conformal_status copy_groups(conformal_calibrator *c, const conformal_split_options *o,
                                    conformal_error *err)
{
    if (o->n_groups == 0)
        return CONFORMAL_OK;
    for (c->n_slots = 4; c->n_slots < 2 * o->n_groups; c->n_slots *= 2)
        ;
    c->slots = cf_alloc(c->allocator, c->n_slots, sizeof *c->slots);
    c->group_names = cf_alloc(c->allocator, o->n_groups, sizeof *c->group_names);
    if (c->slots == NULL || c->group_names == NULL)
        return cf_fail_memory(err, o->n_groups, "group names");
    for (size_t s = 0; s < c->n_slots; s++)
        c->slots[s] = -1;
    for (size_t g = 0; g < o->n_groups; g++) {
        size_t length = strlen(o->group_names[g]);
        char *name = cf_copy_text(c->allocator, o->group_names[g], length);
        if (name == NULL)
            return cf_fail_memory(err, o->n_groups, "group names");
        c->group_names[c->n_groups++] = name;
        size_t slot = find_slot(c, name, length);
        if (c->slots[slot] >= 0)
            return cf_fail(err, CONFORMAL_EINVAL, "group_names", g,
                           "two groups have the name '%.80s'", name);
        c->slots[slot] = (int32_t)g;
    }
    return CONFORMAL_OK;
}

conformal_status cf_calibrator_create(const conformal_split_options *o, size_t n,
                                      conformal_calibrator **calibrator, conformal_error *err)
{
    conformal_calibrator *c = cf_alloc(o->allocator, 1, sizeof *c);
    if (c == NULL)
        return cf_fail_memory(err, 1, "calibrator");
    memset(c, 0, sizeof *c);
    if (o->allocator != NULL) {
        c->own_allocator = *o->allocator;
        c->allocator = &c->own_allocator;
    }
    c->kind = cf_score_kind_of(o->score);
    c->beta = o->beta;
    c->n = n;
    c->n_alphas = o->n_alphas;
    c->alphas = cf_alloc(c->allocator, o->n_alphas, sizeof *c->alphas);
    size_t n_cells = o->n_groups > 0 ? o->n_groups : 1;
    c->cells = cf_alloc(c->allocator, n_cells, o->n_alphas * sizeof *c->cells);
    conformal_status status = c->alphas == NULL || c->cells == NULL
                                  ? cf_fail_memory(err, n_cells, "thresholds")
                                  : copy_groups(c, o, err);
    if (status != CONFORMAL_OK) {
        conformal_calibrator_free(c);
        return status;
    }
    memcpy(c->alphas, o->alphas, o->n_alphas * sizeof *c->alphas);
    *calibrator = c;
    return CONFORMAL_OK;
}

void conformal_calibrator_free(conformal_calibrator *c)
{
    if (c == NULL)
        return;
    conformal_allocator copy = c->own_allocator; /* c goes before its allocator does */
    const conformal_allocator *a = c->allocator != NULL ? &copy : NULL;
    for (size_t i = 0; i < c->n_notes; i++) {
        cf_free(a, c->notes[i].key);
        cf_free(a, c->notes[i].text);
    }
    cf_free(a, c->notes);
    for (size_t g = 0; g < c->n_groups; g++)
        cf_free(a, c->group_names[g]);
    cf_free(a, c->group_names);
    cf_free(a, c->slots);
    cf_free(a, c->cells);
    cf_free(a, c->alphas);
    cf_free(a, c);
}

conformal_score conformal_calibrator_score(const conformal_calibrator *c)
{
    return c->kind->code;
}

double conformal_calibrator_beta(const conformal_calibrator *c)
{
    return c->beta;
}

size_t conformal_calibrator_rows(const conformal_calibrator *c)
{
    return c->n;
}

size_t conformal_calibrator_alphas(const conformal_calibrator *c, const double **alphas)
{
    if (alphas != NULL)
        *alphas = c->alphas;
    return c->n_alphas;
}

size_t conformal_calibrator_groups(const conformal_calibrator *c)
{
    return c->n_groups;
}

const char *conformal_calibrator_group_name(const conformal_calibrator *c, size_t group)
{
    return group < c->n_groups ? c->group_names[group] : NULL;
}

int32_t conformal_calibrator_group_code(const conformal_calibrator *c, const char *name,
                                        size_t length)
{
    /* A name cannot hold a NUL byte, so a text that does was never seen. */
    if (c->n_groups == 0 || memchr(name, '\0', length) != NULL)
        return -1;
    return c->slots[find_slot(c, name, length)];
}

const conformal_threshold *conformal_calibrator_threshold(const conformal_calibrator *c,
                                                          size_t group, size_t alpha_index)
{
    size_t n_cells = c->n_groups > 0 ? c->n_groups : 1;
    if (group >= n_cells || alpha_index >= c->n_alphas)
        return NULL;
    return &c->cells[group * c->n_alphas + alpha_index];
}

static size_t find_note(const conformal_calibrator *c, const char *key)
{
    size_t i = 0;
    while (i < c->n_notes && strcmp(c->notes[i].key, key) != 0)
        i++;
    return i;
}

static void remove_note(conformal_calibrator *c, size_t i)
{
    if (i >= c->n_notes)
        return;
    cf_free(c->allocator, c->notes[i].key);
    cf_free(c->allocator, c->notes[i].text);
    memmove(c->notes + i, c->notes + i + 1, (c->n_notes - i - 1) * sizeof *c->notes);
    c->n_notes--;
}

conformal_status conformal_calibrator_set_note(conformal_calibrator *c, const char *key,
                                               const char *text, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(c, "calibrator", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(key, "key", err)) != CONFORMAL_OK)
        return status;
    size_t i = find_note(c, key);
    if (text == NULL || text[0] == '\0') {
        remove_note(c, i);
        return CONFORMAL_OK;
    }
    char *copy = cf_copy_text(c->allocator, text, strlen(text));
    if (copy == NULL)
        return cf_fail_memory(err, strlen(text), "bytes of a note");
    if (i < c->n_notes) {
        cf_free(c->allocator, c->notes[i].text);
        c->notes[i].text = copy;
        return CONFORMAL_OK;
    }
    cf_note *grown = cf_resize(c->allocator, c->notes, c->n_notes + 1, sizeof *grown);
    if (grown != NULL)
        c->notes = grown;
    char *name = grown != NULL ? cf_copy_text(c->allocator, key, strlen(key)) : NULL;
    if (name == NULL) {
        cf_free(c->allocator, copy);
        return cf_fail_memory(err, 1, "note");
    }
    c->notes[c->n_notes].key = name;
    c->notes[c->n_notes++].text = copy;
    return CONFORMAL_OK;
}

const char *conformal_calibrator_note(const conformal_calibrator *c, const char *key)
{
    size_t i = find_note(c, key);
    return i < c->n_notes ? c->notes[i].text : NULL;
}

size_t conformal_calibrator_notes(const conformal_calibrator *c)
{
    return c->n_notes;
}

const char *conformal_calibrator_note_at(const conformal_calibrator *c, size_t i,
                                         const char **text)
{
    if (i >= c->n_notes)
        return NULL;
    if (text != NULL)
        *text = c->notes[i].text;
    return c->notes[i].key;
}
