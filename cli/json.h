/* json.h - one JSON object a line, read into its members.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>

typedef enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_NESTED /* an array or an object: text begins at its bracket, and is not cut off */
} json_kind;

typedef struct json_member {
    const char *key; /* NUL-terminated, escapes undone; so is text */
    const char *text;
    double number;   /* also of a bool */
    json_kind kind;
} json_member;

enum { JSON_MOST_MEMBERS = 32 };

typedef struct json_object {
    json_member members[JSON_MOST_MEMBERS];
    size_t n;
} json_object;

/* Read an object that fills the line, in place: keys and texts are parts of `line` afterwards.
 * NULL, or what is wrong with it. */
const char *json_read(char *line, json_object *object);
/* The member of that name, or NULL. */
const json_member *json_find(const json_object *object, const char *key);

/* [[x, ..], [x, ..], ..]: exactly rows x columns numbers into x. */
bool json_matrix(const char *text, size_t rows, size_t columns, double *x);

#endif
