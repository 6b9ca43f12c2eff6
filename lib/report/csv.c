/* csv.c - a report as CSV: its array of objects, a row each, or one row.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "conformal/number.h"
#include "conformal/table.h"
#include "report/tree.h"

typedef struct line {
    cf_sink *sink;
    int names;  /* print the dotted names, not the values */
    int fields; /* printed so far */
} line;

static void field(line *l, const char *text)
{
    conformal_text t = {text, strlen(text)};
    cf_sink *s = l->sink;
    if (l->fields++ > 0)
        cf_sink_text(s, ",");
    if (s->status == CONFORMAL_OK && t.length > 0)
        s->status = conformal_csv_write_text(t, ',', s->write, s->user, s->err);
}

static void leaves(line *l, const cf_node *node, const char *prefix)
{
    char room[CONFORMAL_NUMBER_SIZE];
    for (const cf_node *c = node->first; c != NULL; c = c->next) {
        char name[256];
        size_t n = strlen(prefix), k = c->key != NULL ? strlen(c->key) : 0;
        if (n + k + 2 > sizeof name)
            k = n + 2 < sizeof name ? sizeof name - n - 2 : 0;
        memcpy(name, prefix, n);
        if (n > 0)
            name[n++] = '.';
        memcpy(name + n, k > 0 ? c->key : "", k);
        name[n + k] = '\0';
        if (c->kind == CF_NODE_OBJECT)
            leaves(l, c, name);
        else if (c->kind != CF_NODE_ARRAY)
            field(l, l->names ? name : cf_leaf_text(c, room));
    }
}

static void row(cf_sink *s, const cf_node *node, int names)
{
    line l = {s, names, 0};
    leaves(&l, node, "");
    cf_sink_text(s, "\n");
}

void cf_report_csv(const conformal_report *r, cf_sink *s)
{
    const cf_node *array = r->root->first;
    while (array != NULL && !(array->kind == CF_NODE_ARRAY && array->first != NULL &&
                              array->first->kind == CF_NODE_OBJECT))
        array = array->next;
    row(s, array != NULL ? array->first : r->root, 1);
    if (array == NULL)
        row(s, r->root, 0);
    for (const cf_node *c = array != NULL ? array->first : NULL; c != NULL; c = c->next)
        row(s, c, 0);
}
