/* text_table.c - a report for people: aligned lines, and tables where objects repeat.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "conformal/number.h"
#include "report/tree.h"

enum { INDENT = 2, ALIGNED = 64 }; /* columns beyond the 64th are not aligned */

/* Columns that a UTF-8 text takes, one a code point. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static int is_leaf(const cf_node *node)
{
    return node->kind != CF_NODE_OBJECT && node->kind != CF_NODE_ARRAY;
}

static int is_number(const cf_node *node)
{
    return node->kind == CONFORMAL_REPORT_NUMBER || node->kind == CONFORMAL_REPORT_INTEGER ||
           node->kind == CONFORMAL_REPORT_UNSIGNED;
}

/* Six digits are what a person reads; JSON and CSV have them all. */
static double rounded(double x)
{
    if (x == 0.0 || !isfinite(x) || fabs(x) < 1e-290 || fabs(x) > 1e290)
        return x;
    double places = 5.0 - floor(log10(fabs(x)));
    double scale = pow(10.0, fabs(places));
    return places >= 0.0 ? nearbyint(x * scale) / scale : nearbyint(x / scale) * scale;
}

/* "-" stands for what is not there, so that no cell is blank. */
static const char *cell_text(const cf_node *leaf, char *room)
{
    if (leaf == NULL || leaf->kind == CONFORMAL_REPORT_NULL ||
        (leaf->kind == CONFORMAL_REPORT_NUMBER && isnan(leaf->number)))
        return "-";
    if (leaf->kind != CONFORMAL_REPORT_NUMBER)
        return cf_leaf_text(leaf, room);
    conformal_number_write(rounded(leaf->number), room);
    return room;
}

static void cell(cf_sink *s, const char *text, size_t width, int right)
{
    size_t fill = width > width_of(text) ? width - width_of(text) : 0;
    if (right)
        cf_sink_spaces(s, fill);
    cf_sink_text(s, text);
    if (!right)
        cf_sink_spaces(s, fill);
}

static int is_table(const cf_node *array)
{
    if (array->kind != CF_NODE_ARRAY || array->first == NULL)
        return 0;
    for (const cf_node *row = array->first; row != NULL; row = row->next)
        if (row->kind != CF_NODE_OBJECT || row->first == NULL)
            return 0;
    return 1;
}

/* Leaves of an object in order, those of inner objects in their place; a cell has no room for an
 * array. */
static const cf_node *next_leaf(const cf_node *row, const cf_node *at)
{
    const cf_node *node = at;
    do {
        if (node == NULL) {
            node = row->first;
        } else {
            while (node->next == NULL && node->parent != row)
                node = node->parent;
            node = node->next;
        }
        while (node != NULL && node->kind == CF_NODE_OBJECT && node->first != NULL)
            node = node->first;
    } while (node != NULL && node->kind == CF_NODE_ARRAY);
    return node;
}

/* Columns are those of the first object; a row that has other names is taken by position. */
static void measure(const cf_node *array, size_t *width)
{
    char room[CONFORMAL_NUMBER_SIZE];
    for (size_t c = 0; c < ALIGNED; c++)
        width[c] = 0;
    for (const cf_node *row = array->first; row != NULL; row = row->next) {
        size_t c = 0;
        for (const cf_node *l = next_leaf(row, NULL); l != NULL && c < ALIGNED;
             l = next_leaf(row, l), c++) {
            size_t w = width_of(cell_text(l, room)),
                   head = row == array->first ? width_of(l->key) : 0;
            width[c] = w > width[c] ? w : width[c];
            width[c] = head > width[c] ? head : width[c];
        }
    }
}

static void table_line(cf_sink *s, const cf_node *row, int names, const size_t *width,
                       size_t indent)
{
    char room[CONFORMAL_NUMBER_SIZE];
    size_t c = 0;
    cf_sink_spaces(s, indent);
    for (const cf_node *l = next_leaf(row, NULL), *next; l != NULL; l = next, c++) {
        next = next_leaf(row, l);
        int right = is_number(l);
        size_t w = c >= ALIGNED || (next == NULL && !right) ? 0 : width[c];
        cell(s, names ? l->key : cell_text(l, room), w, right);
        if (next != NULL)
            cf_sink_text(s, "  ");
    }
    cf_sink_text(s, "\n");
}

/* A header and a line an object. */
static void table(cf_sink *s, const cf_node *array, size_t indent)
{
    size_t width[ALIGNED];
    measure(array, width);
    table_line(s, array->first, 1, width, indent);
    for (const cf_node *row = array->first; row != NULL; row = row->next)
        table_line(s, row, 0, width, indent);
}

static void lines(cf_sink *s, const cf_node *node, size_t indent)
{
    size_t width = 0;
    char room[CONFORMAL_NUMBER_SIZE];
    for (const cf_node *c = node->first; c != NULL; c = c->next)
        if (c->key != NULL && is_leaf(c) && width_of(c->key) > width)
            width = width_of(c->key);
    for (const cf_node *c = node->first; c != NULL; c = c->next) {
        cf_sink_spaces(s, indent);
        if (is_leaf(c)) {
            if (c->key != NULL) {
                cell(s, c->key, width, 0);
                cf_sink_text(s, "  ");
            }
            cf_sink_text(s, cell_text(c, room));
            cf_sink_text(s, "\n");
            continue;
        }
        cf_sink_text(s, c->key != NULL ? c->key : "-");
        cf_sink_text(s, c->first == NULL ? "  none\n" : "\n");
        if (is_table(c))
            table(s, c, indent + INDENT);
        else
            lines(s, c, indent + INDENT);
    }
}

void cf_report_table(const conformal_report *r, cf_sink *s)
{
    lines(s, r->root, 0);
}
