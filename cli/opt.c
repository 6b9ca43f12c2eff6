/* opt.c - the option parser.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "opt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <conformal.h>

static const opt *find(const opt *table, const char *name, size_t length)
{
    for (const opt *o = table; o->kind != OPT_END; o++)
        if (strlen(o->name) == length && memcmp(o->name, name, length) == 0)
            return o;
    return NULL;
}

static const opt *find_letter(const opt *table, char letter)
{
    for (const opt *o = table; o->kind != OPT_END; o++)
        if (o->letter == letter)
            return o;
    return NULL;
}

static const char *name_at(const void *context, size_t i)
{
    return ((const opt *)context)[i].name;
}

static bool unknown(const char *command, const opt *table, const char *word)
{
    size_t n = 0, length = strcspn(word, "=");
    char name[64] = "";
    while (table[n].kind != OPT_END)
        n++;
    if (length >= 2 && length - 2 < sizeof name && word[1] == '-')
        memcpy(name, word + 2, length - 2);
    const char *near = conformal_nearest(name, n, name_at, table);
    if (near != NULL)
        fprintf(stderr, "conformal %s: unknown option '%.*s'; did you mean '--%s'?\n", command,
                (int)length, word, near);
    else
        fprintf(stderr,
                "conformal %s: unknown option '%.*s' (conformal %s --help lists them)\n",
                command, (int)length, word, command);
    return false;
}

static bool read_real(const char *text, size_t length, double *x)
{
    return conformal_number_read(text, length, x, NULL) == CONFORMAL_OK;
}

static bool read_count(const char *text, uint64_t *value)
{
    uint64_t v = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        unsigned digit = (unsigned)(unsigned char)*text - '0';
        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return false;
        v = 10 * v + digit;
    }
    *value = v;
    return true;
}

static bool not_a(const char *command, const opt *o, const char *text, const char *what)
{
    fprintf(stderr, "conformal %s: --%s: '%s' is not %s\n", command, o->name, text, what);
    return false;
}

static bool store_list(const char *command, const opt *o, const char *text, opt_reals *list)
{
    for (const char *p = text;; p++) {
        size_t length = strcspn(p, ",");
        if (list->n == OPT_MOST_REALS) {
            fprintf(stderr, "conformal %s: --%s: more than %d values\n", command, o->name,
                    OPT_MOST_REALS);
            return false;
        }
        if (!read_real(p, length, &list->values[list->n]))
            return not_a(command, o, text, "a number");
        list->n++;
        p += length;
        if (*p == '\0')
            return true;
    }
}

static bool store_choice(const char *command, const opt *o, const char *text,
                         const char **value)
{
    for (const char *const *c = o->choices; *c != NULL; c++)
        if (strcmp(*c, text) == 0) {
            *value = *c;
            return true;
        }
    fprintf(stderr, "conformal %s: --%s: '%s' is not one of ", command, o->name, text);
    for (const char *const *c = o->choices; *c != NULL; c++)
        fprintf(stderr, "%s%s", c == o->choices ? "" : ", ", *c);
    fputc('\n', stderr);
    return false;
}

static bool store(const char *command, const opt *o, const char *text, void *values)
{
    void *at = (char *)values + o->offset;
    switch (o->kind) {
    case OPT_FLAG:
        *(bool *)at = true;
        return true;
    case OPT_TEXT:
        *(const char **)at = text;
        return true;
    case OPT_CHOICE:
        return store_choice(command, o, text, at);
    case OPT_REAL:
        return read_real(text, strlen(text), at) || not_a(command, o, text, "a number");
    case OPT_REALS:
        return store_list(command, o, text, at);
    case OPT_COUNT:
        ((opt_count *)at)->given = true;
        return read_count(text, &((opt_count *)at)->value) ||
               not_a(command, o, text, "a whole number");
    case OPT_END:
        break;
    }
    return false;
}

bool opt_parse(const char *command, const opt *table, int argc, char **argv, void *values,
               opt_result *r)
{
    bool only_operands = false;
    r->given = calloc((size_t)argc + 1, sizeof *r->given);
    r->operands = calloc((size_t)argc + 1, sizeof *r->operands);
    r->n_given = r->n_operands = 0;
    if (r->given == NULL || r->operands == NULL) {
        fprintf(stderr, "conformal %s: out of memory\n", command);
        return false;
    }
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *text = NULL;
        const opt *o;
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            r->operands[r->n_operands++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_operands = true;
            continue;
        }
        if (word[1] == '-') {
            size_t length = strcspn(word + 2, "=");
            o = find(table, word + 2, length);
            if (word[2 + length] == '=')
                text = word + 3 + length;
        } else {
            o = find_letter(table, word[1]);
            if (word[2] != '\0')
                text = word + 2;
        }
        if (o == NULL)
            return unknown(command, table, word);
        if (o->kind == OPT_FLAG && text != NULL) {
            fprintf(stderr, "conformal %s: --%s takes no value\n", command, o->name);
            return false;
        }
        if (o->kind != OPT_FLAG && text == NULL) {
            if (i + 1 == argc) {
                fprintf(stderr, "conformal %s: --%s needs a value: --%s %s\n", command,
                        o->name, o->name, o->metavar);
                return false;
            }
            text = argv[++i];
        }
        if (!store(command, o, text, values))
            return false;
        opt_given given = {o->name, text != NULL ? text : "true"};
        r->given[r->n_given++] = given;
    }
    return true;
}

void opt_print_left(FILE *out, const opt *o)
{
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", o->name, o->metavar ? "=" : "",
             o->metavar ? o->metavar : "");
    if (o->letter)
        fprintf(out, "-%c, %s", o->letter, left);
    else
        fprintf(out, "    %s", left);
}

void opt_print_help(FILE *out, const opt *table)
{
    for (const opt *o = table; o->kind != OPT_END; o++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->metavar ? "=" : "",
                 o->metavar ? o->metavar : "");
        if (o->letter)
            fprintf(out, "  -%c, %-20s %s\n", o->letter, left, o->help);
        else
            fprintf(out, "      %-20s %s\n", left, o->help);
    }
}
