/* tree.h - a report as a tree of nodes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_TREE_H
#define CF_TREE_H

#include "conformal/report.h"

typedef enum cf_node_kind {
    CF_NODE_OBJECT = 0, /* the others are conformal_report_kind */
    CF_NODE_ARRAY = 7
} cf_node_kind;

typedef struct cf_node {
    int kind;          /* cf_node_kind or conformal_report_kind */
    char *key;         /* NULL inside an array */
    char *text;
    double number;
    int64_t integer;
    uint64_t natural;
    struct cf_node *parent, *first, *last, *next;
} cf_node;

struct conformal_report {
    const conformal_allocator *allocator;
    conformal_allocator own_allocator;
    conformal_status failed;
    cf_node *root;
    cf_node *open; /* the object or array that is being filled */
};

/* Where formatted bytes go, remembering the first failure. */
typedef struct cf_sink {
    conformal_write write;
    void *user;
    conformal_error *err;
    conformal_status status;
} cf_sink;

void cf_sink_bytes(cf_sink *s, const char *bytes, size_t n);
void cf_sink_text(cf_sink *s, const char *text);
void cf_sink_spaces(cf_sink *s, size_t n);

/* A leaf as text, without quotes: numbers shortest, true and false, "" for null. room: at
 * least CONFORMAL_NUMBER_SIZE bytes. */
const char *cf_leaf_text(const cf_node *leaf, char *room);

void cf_report_json(const conformal_report *r, cf_sink *s);
void cf_report_table(const conformal_report *r, cf_sink *s);
void cf_report_csv(const conformal_report *r, cf_sink *s);

#endif
