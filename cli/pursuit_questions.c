/* pursuit_questions.c - questions in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "pursuit_reading.h"
#include "say.h"

static conformal_status on_questions_header(void *user, conformal_csv *csv,
                                            conformal_error *err)
{
    static const char *const names[] = {"query", "text"};
    reading *r = user;
    conformal_status status = CONFORMAL_OK;
    r->csv = csv;
    for (size_t i = 0; i < 2 && status == CONFORMAL_OK; i++) {
        size_t column;
        if ((status = conformal_csv_find(csv, names[i], &column, err)) == CONFORMAL_OK)
            status = conformal_csv_use(csv, column, CONFORMAL_CSV_TEXT, &r->use[i], err);
    }
    return status;
}

static conformal_status on_questions_rows(void *user, const conformal_csv_rows *rows,
                                          conformal_error *err)
{
    reading *r = user;
    for (size_t i = 0; i < rows->n; i++) {
        conformal_text name = rows->texts[r->use[0]][i], text = rows->texts[r->use[1]][i];
        bool asked = false;
        for (size_t q = 0; q < r->d->n_queries; q++) {
            if (strlen(r->d->queries[q]) != name.length ||
                memcmp(r->d->queries[q], name.bytes, name.length) != 0)
                continue;
            asked = true;
            free(r->d->texts[q]);
            if ((r->d->texts[q] = strndup(text.bytes, text.length)) == NULL)
                return pursuit_no_memory(err);
        }
        r->strangers += !asked;
    }
    return CONFORMAL_OK;
}

int pursuit_read_questions(const call *c, const pursuit_options *o, pursuit_data *d)
{
    size_t use[2];
    reading r = {.o = o, .d = d, .use = use};
    in_file file = {.path = o->questions};
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    d->texts = calloc(d->n_queries + 1, sizeof *d->texts);
    if (d->texts == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    if (o->questions == NULL)
        return EXIT_DONE;
    callbacks.on_header = on_questions_header;
    callbacks.on_rows = on_questions_rows;
    callbacks.no_lines = 1;
    callbacks.user = &r;
    int status = in_csv(c, &file, &callbacks, NULL);
    if (status == EXIT_DONE && r.strangers > 0)
        say_note(c, "%s: %zu of %zu questions are about no query", file.name, r.strangers,
                 file.rows);
    return status;
}
