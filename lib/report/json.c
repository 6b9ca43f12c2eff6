/* json.c - a report as one line of JSON (RFC 8259).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "conformal/number.h"
#include "report/tree.h"

/* Length of the UTF-8 sequence at p (RFC 3629: no overlong forms, no surrogates), or 0. */
static size_t utf8_length(const unsigned char *p)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        return (p[1] & 0xC0) == 0x80 ? 2 : 0;
    if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        int low = p[0] == 0xE0 ? 0xA0 : 0x80, high = p[0] == 0xED ? 0x9F : 0xBF;
        return p[1] >= low && p[1] <= high && (p[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        int low = p[0] == 0xF0 ? 0x90 : 0x80, high = p[0] == 0xF4 ? 0x8F : 0xBF;
        return p[1] >= low && p[1] <= high && (p[2] & 0xC0) == 0x80 && (p[3] & 0xC0) == 0x80
                   ? 4
                   : 0;
    }
    return 0;
}

static void string(cf_sink *s, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    cf_sink_bytes(s, "\"", 1);
    while (*p != '\0') {
        char escape[8];
        size_t n = utf8_length(p);
        if (n == 0) {
            cf_sink_text(s, "\xef\xbf\xbd");
            n = 1;
        } else if (*p == '"' || *p == '\\') {
            snprintf(escape, sizeof escape, "\\%c", *p);
            cf_sink_text(s, escape);
        } else if (*p < 0x20 || *p == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", *p);
            cf_sink_text(s, escape);
        } else {
            cf_sink_bytes(s, (const char *)p, n);
        }
        p += n;
    }
    cf_sink_bytes(s, "\"", 1);
}

static void value(cf_sink *s, const cf_node *node)
{
    char room[CONFORMAL_NUMBER_SIZE];
    if (node->kind == CF_NODE_OBJECT || node->kind == CF_NODE_ARRAY) {
        const char *ends = node->kind == CF_NODE_OBJECT ? "{}" : "[]";
        cf_sink_bytes(s, ends, 1);
        for (const cf_node *c = node->first; c != NULL; c = c->next) {
            if (c->key != NULL) {
                string(s, c->key);
                cf_sink_text(s, ": ");
            }
            value(s, c);
            if (c->next != NULL)
                cf_sink_text(s, ", ");
        }
        cf_sink_bytes(s, ends + 1, 1);
    } else if (node->kind == CONFORMAL_REPORT_TEXT) {
        string(s, node->text);
    } else if (node->kind == CONFORMAL_REPORT_NULL ||
               (node->kind == CONFORMAL_REPORT_NUMBER && isnan(node->number))) {
        cf_sink_text(s, "null");
    } else if (node->kind == CONFORMAL_REPORT_NUMBER && isinf(node->number)) {
        string(s, cf_leaf_text(node, room));
    } else {
        cf_sink_text(s, cf_leaf_text(node, room));
    }
}

void cf_report_json(const conformal_report *r, cf_sink *s)
{
    value(s, r->root);
    cf_sink_text(s, "\n");
}
