/* tree.c - building and walking a report.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "conformal/number.h"

enum { PATH_SIZE = 512 };

static void free_node(const conformal_allocator *a, cf_node *node)
{
    while (node != NULL) { /* children first, without recursion on siblings */
        cf_node *next = node->next;
        free_node(a, node->first);
        cf_free(a, node->key);
        cf_free(a, node->text);
        cf_free(a, node);
        node = next;
    }
}

/* A child of the open node; NULL after a failure, which is kept. */
static cf_node *add(conformal_report *r, const char *key, int kind)
{
    if (r == NULL || r->failed != CONFORMAL_OK)
        return NULL;
    if (r->open->kind == CF_NODE_OBJECT ? key == NULL : key != NULL) {
        r->failed = CONFORMAL_EINVAL;
        return NULL;
    }
    cf_node *node = cf_alloc(r->allocator, 1, sizeof *node);
    if (node != NULL)
        memset(node, 0, sizeof *node);
    if (node != NULL && key != NULL)
        node->key = cf_copy_text(r->allocator, key, strlen(key));
    if (node == NULL || (key != NULL && node->key == NULL)) {
        cf_free(r->allocator, node);
        r->failed = CONFORMAL_ENOMEM;
        return NULL;
    }
    node->kind = kind;
    node->parent = r->open;
    if (r->open->last != NULL)
        r->open->last->next = node;
    else
        r->open->first = node;
    r->open->last = node;
    return node;
}

conformal_status conformal_report_create(const conformal_allocator *allocator,
                                         conformal_report **report, conformal_error *err)
{
    conformal_status status = cf_check_pointer(report, "report", err);
    if (status != CONFORMAL_OK)
        return status;
    conformal_report *r = cf_alloc(allocator, 1, sizeof *r);
    cf_node *root = cf_alloc(allocator, 1, sizeof *root);
    if (r == NULL || root == NULL) {
        cf_free(allocator, r);
        cf_free(allocator, root);
        return cf_fail_memory(err, 1, "report");
    }
    memset(r, 0, sizeof *r);
    memset(root, 0, sizeof *root);
    if (allocator != NULL) {
        r->own_allocator = *allocator;
        r->allocator = &r->own_allocator;
    }
    r->root = r->open = root;
    *report = r;
    return CONFORMAL_OK;
}

void conformal_report_free(conformal_report *r)
{
    if (r == NULL)
        return;
    conformal_allocator copy = r->own_allocator;
    const conformal_allocator *a = r->allocator != NULL ? &copy : NULL;
    free_node(a, r->root);
    cf_free(a, r);
}

void conformal_report_number(conformal_report *r, const char *key, double x)
{
    cf_node *node = add(r, key, CONFORMAL_REPORT_NUMBER);
    if (node != NULL)
        node->number = x;
}

void conformal_report_integer(conformal_report *r, const char *key, int64_t x)
{
    cf_node *node = add(r, key, CONFORMAL_REPORT_INTEGER);
    if (node == NULL)
        return;
    node->integer = x;
    node->number = (double)x;
}

void conformal_report_unsigned(conformal_report *r, const char *key, uint64_t x)
{
    cf_node *node = add(r, key, CONFORMAL_REPORT_UNSIGNED);
    if (node == NULL)
        return;
    node->natural = x;
    node->number = (double)x;
}

void conformal_report_text(conformal_report *r, const char *key, const char *text)
{
    cf_node *node = add(r, key, text != NULL ? CONFORMAL_REPORT_TEXT : CONFORMAL_REPORT_NULL);
    if (node == NULL || text == NULL)
        return;
    node->text = cf_copy_text(r->allocator, text, strlen(text));
    if (node->text == NULL) {
        node->kind = CONFORMAL_REPORT_NULL;
        r->failed = CONFORMAL_ENOMEM;
    }
}

void conformal_report_bool(conformal_report *r, const char *key, bool x)
{
    cf_node *node = add(r, key, CONFORMAL_REPORT_BOOL);
    if (node != NULL)
        node->number = x ? 1.0 : 0.0;
}

void conformal_report_null(conformal_report *r, const char *key)
{
    add(r, key, CONFORMAL_REPORT_NULL);
}

static void begin(conformal_report *r, const char *key, int kind)
{
    cf_node *node = add(r, key, kind);
    if (node != NULL)
        r->open = node;
}

static void end(conformal_report *r, int kind)
{
    if (r == NULL || r->failed != CONFORMAL_OK)
        return;
    if (r->open == r->root || r->open->kind != kind)
        r->failed = CONFORMAL_EINVAL;
    else
        r->open = r->open->parent;
}

void conformal_report_begin_object(conformal_report *r, const char *key)
{
    begin(r, key, CF_NODE_OBJECT);
}

void conformal_report_end_object(conformal_report *r)
{
    end(r, CF_NODE_OBJECT);
}

void conformal_report_begin_array(conformal_report *r, const char *key)
{
    begin(r, key, CF_NODE_ARRAY);
}

void conformal_report_end_array(conformal_report *r)
{
    end(r, CF_NODE_ARRAY);
}

conformal_status conformal_report_check(const conformal_report *r, conformal_error *err)
{
    conformal_status status = cf_check_pointer(r, "report", err);
    if (status != CONFORMAL_OK)
        return status;
    if (r->failed == CONFORMAL_ENOMEM)
        return cf_fail_memory(err, 1, "report entry");
    if (r->failed != CONFORMAL_OK || r->open != r->root)
        return cf_fail(err, CONFORMAL_EINVAL, "report", CF_NO_INDEX,
                       "the report's objects, arrays and keys do not match");
    return CONFORMAL_OK;
}

const char *cf_leaf_text(const cf_node *leaf, char *room)
{
    switch (leaf->kind) {
    case CONFORMAL_REPORT_NUMBER:
        if (isnan(leaf->number))
            return "";
        conformal_number_write(leaf->number, room);
        return room;
    case CONFORMAL_REPORT_INTEGER:
        snprintf(room, CONFORMAL_NUMBER_SIZE, "%" PRId64, leaf->integer);
        return room;
    case CONFORMAL_REPORT_UNSIGNED:
        snprintf(room, CONFORMAL_NUMBER_SIZE, "%" PRIu64, leaf->natural);
        return room;
    case CONFORMAL_REPORT_TEXT:
        return leaf->text;
    case CONFORMAL_REPORT_BOOL:
        return leaf->number != 0.0 ? "true" : "false";
    default:
        return "";
    }
}

void cf_sink_bytes(cf_sink *s, const char *bytes, size_t n)
{
    if (s->status == CONFORMAL_OK && n > 0)
        s->status = s->write(s->user, bytes, n, s->err);
}

void cf_sink_text(cf_sink *s, const char *text)
{
    cf_sink_bytes(s, text, strlen(text));
}

void cf_sink_spaces(cf_sink *s, size_t n)
{
    for (; n > 0; n--)
        cf_sink_bytes(s, " ", 1);
}

conformal_status conformal_report_write(const conformal_report *r, conformal_format format,
                                        conformal_write write, void *user,
                                        conformal_error *err)
{
    conformal_status status = conformal_report_check(r, err);
    cf_sink sink = {write, user, err, CONFORMAL_OK};
    if (status != CONFORMAL_OK)
        return status;
    switch (format) {
    case CONFORMAL_FORMAT_JSON:
        cf_report_json(r, &sink);
        return sink.status;
    case CONFORMAL_FORMAT_TABLE:
        cf_report_table(r, &sink);
        return sink.status;
    case CONFORMAL_FORMAT_CSV:
        cf_report_csv(r, &sink);
        return sink.status;
    }
    return cf_fail(err, CONFORMAL_EINVAL, "format", CF_NO_INDEX, "no format has the code %d",
                   (int)format);
}

typedef conformal_status visitor(void *user, const conformal_report_leaf *leaf,
                                 conformal_error *err);

/* path holds `length` bytes; children extend it. */
static conformal_status walk(const cf_node *node, char *path, size_t length, visitor *visit,
                             void *user, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    size_t index = 0;
    for (const cf_node *c = node->first; c != NULL && status == CONFORMAL_OK; c = c->next) {
        char number[24];
        snprintf(number, sizeof number, "%zu", index++);
        const char *name = c->key != NULL ? c->key : number;
        int n =
            snprintf(path + length, PATH_SIZE - length, "%s%s", length > 0 ? "." : "", name);
        size_t longer = length + (n > 0 ? (size_t)n : 0);
        if (longer >= PATH_SIZE)
            return cf_fail(err, CONFORMAL_EINVAL, "report", CF_NO_INDEX,
                           "a path in the report is longer than %d bytes", PATH_SIZE - 1);
        if (c->kind == CF_NODE_OBJECT || c->kind == CF_NODE_ARRAY) {
            status = walk(c, path, longer, visit, user, err);
            continue;
        }
        conformal_report_leaf leaf = {path,       (conformal_report_kind)c->kind,
                                      c->number,  c->integer,
                                      c->natural, c->text};
        status = visit(user, &leaf, err);
    }
    return status;
}

conformal_status conformal_report_walk(const conformal_report *r, visitor *visit, void *user,
                                       conformal_error *err)
{
    char path[PATH_SIZE] = "";
    conformal_status status = conformal_report_check(r, err);
    return status == CONFORMAL_OK ? walk(r->root, path, 0, visit, user, err) : status;
}
