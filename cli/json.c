/* json.c - one JSON object a line (RFC 8259).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "json.h"

#include <stdint.h>
#include <string.h>

#include <conformal.h>

enum { DEEPEST = 64 };

typedef struct reader {
    char *at;
    const char *wrong;
} reader;

static bool fail(reader *r, const char *what)
{
    if (r->wrong == NULL)
        r->wrong = what;
    return false;
}

static void skip_blanks(reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool take(reader *r, char c)
{
    skip_blanks(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

/* Four hexadecimal digits. */
static bool read_unit(const char *at, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else
            return false; /* the final NUL, too */
        *unit = *unit << 4 | digit;
    }
    return true;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* After "\u": one character, perhaps of two units. */
static bool read_unicode(reader *r, char **to)
{
    uint32_t c, low;
    if (!read_unit(r->at, &c))
        return fail(r, "a \\u escape has four hexadecimal digits");
    r->at += 4;
    if (c >= 0xd800 && c < 0xdc00 && r->at[0] == '\\' && r->at[1] == 'u' &&
        read_unit(r->at + 2, &low) && low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        r->at += 6;
    }
    if (c == 0 || (c >= 0xd800 && c < 0xe000))
        return fail(r, "a \\u escape that is no character");
    *to = put_utf8(*to, c);
    return true;
}

/* A string, undone in place: what is written is never longer than what was read. */
static bool read_text(reader *r, const char **text)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char *to = r->at;
    *text = to;
    while (*r->at != '"') {
        unsigned char c = (unsigned char)*r->at++;
        if (c < 0x20)
            return fail(r, c == 0 ? "a string does not end" : "a control character in a string");
        if (c != '\\') {
            *to++ = (char)c;
            continue;
        }
        const char *escape = *r->at != '\0' ? strchr(from, *r->at) : NULL;
        if (escape != NULL) {
            *to++ = into[escape - from];
            r->at++;
        } else if (*r->at == 'u') {
            r->at++;
            if (!read_unicode(r, &to))
                return false;
        } else {
            return fail(r, "an unknown escape in a string");
        }
    }
    r->at++;
    *to = '\0';
    return true;
}

static bool read_word(reader *r, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(r->at, word, n) != 0)
        return fail(r, "a value is expected");
    r->at += n;
    return true;
}

static bool read_number(reader *r, double *x)
{
    size_t n = strspn(r->at, "+-.0123456789eE");
    bool digit = r->at[0] == '-' ? r->at[1] >= '0' && r->at[1] <= '9'
                                 : r->at[0] >= '0' && r->at[0] <= '9';
    const char *first = r->at + (r->at[0] == '-');
    bool padded = first[0] == '0' && first[1] >= '0' && first[1] <= '9';
    if (!digit || padded || conformal_number_read(r->at, n, x, NULL) != CONFORMAL_OK)
        return fail(r, n > 0 ? "a number is not one" : "a value is expected");
    r->at += n;
    return true;
}

/* An array or object that is only checked for its end: brackets outside strings match. */
static bool skip_nested(reader *r)
{
    char closing[DEEPEST];
    size_t depth = 0;
    for (; *r->at != '\0'; r->at++) {
        if (*r->at == '"') {
            for (r->at++; *r->at != '"' && *r->at != '\0'; r->at++)
                if (*r->at == '\\' && r->at[1] != '\0')
                    r->at++;
            if (*r->at == '\0')
                break;
        } else if (*r->at == '[' || *r->at == '{') {
            if (depth == DEEPEST)
                return fail(r, "nested too deeply");
            closing[depth++] = *r->at == '[' ? ']' : '}';
        } else if (*r->at == ']' || *r->at == '}') {
            if (closing[--depth] != *r->at)
                return fail(r, "brackets do not match");
            if (depth == 0) {
                r->at++;
                return true;
            }
        }
    }
    return fail(r, "a bracket is not closed");
}

static bool read_value(reader *r, json_member *m)
{
    skip_blanks(r);
    m->text = "";
    m->number = 0.0;
    switch (*r->at) {
    case '"':
        m->kind = JSON_TEXT;
        r->at++;
        return read_text(r, &m->text);
    case '[':
    case '{':
        m->kind = JSON_NESTED;
        m->text = r->at;
        return skip_nested(r);
    case 'n':
        m->kind = JSON_NULL;
        return read_word(r, "null");
    case 't':
        m->kind = JSON_BOOL;
        m->number = 1.0;
        return read_word(r, "true");
    case 'f':
        m->kind = JSON_BOOL;
        return read_word(r, "false");
    default:
        m->kind = JSON_NUMBER;
        return read_number(r, &m->number);
    }
}

static bool read_member(reader *r, json_object *o)
{
    if (o->n == JSON_MOST_MEMBERS)
        return fail(r, "too many members");
    json_member *m = &o->members[o->n];
    if (!take(r, '"'))
        return fail(r, "a member's name is expected");
    if (!read_text(r, &m->key))
        return false;
    if (!take(r, ':'))
        return fail(r, "a colon is expected");
    if (json_find(o, m->key) != NULL)
        return fail(r, "a member stands twice");
    if (!read_value(r, m))
        return false;
    o->n++;
    return true;
}

const char *json_read(char *line, json_object *object)
{
    reader r = {line, NULL};
    object->n = 0;
    if (!take(&r, '{'))
        return "an object {...} is expected";
    if (!take(&r, '}')) {
        do {
            if (!read_member(&r, object))
                return r.wrong;
        } while (take(&r, ','));
        if (!take(&r, '}'))
            return "a comma or the closing brace is expected";
    }
    skip_blanks(&r);
    return *r.at == '\0' ? NULL : "text after the object";
}

const json_member *json_find(const json_object *object, const char *key)
{
    for (size_t i = 0; i < object->n; i++)
        if (strcmp(object->members[i].key, key) == 0)
            return &object->members[i];
    return NULL;
}

static bool read_row(reader *r, size_t columns, double *x)
{
    if (!take(r, '['))
        return false;
    for (size_t j = 0; j < columns; j++) {
        if (j > 0 && !take(r, ','))
            return false;
        skip_blanks(r);
        if (!read_number(r, &x[j]))
            return false;
    }
    return take(r, ']');
}

bool json_matrix(const char *text, size_t rows, size_t columns, double *x)
{
    reader r = {(char *)(uintptr_t)text, NULL}; /* only read */
    if (!take(&r, '['))
        return false;
    for (size_t i = 0; i < rows; i++)
        if ((i > 0 && !take(&r, ',')) || !read_row(&r, columns, x + i * columns))
            return false;
    return take(&r, ']');
}
