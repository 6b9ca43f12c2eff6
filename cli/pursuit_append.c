/* pursuit_append.c - a case that was played, added to a CSV file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pursuit.h"
#include "say.h"

static conformal_status to_file(void *user, const char *bytes, size_t n, conformal_error *err)
{
    if (fwrite(bytes, 1, n, user) == n)
        return CONFORMAL_OK;
    err->status = errno == ENOSPC ? CONFORMAL_EFULL : CONFORMAL_EIO;
    err->index = SIZE_MAX;
    err->line = 0;
    err->argument[0] = '\0';
    snprintf(err->message, sizeof err->message, "%s", strerror(errno));
    return err->status;
}

static conformal_status write_field(FILE *to, const char *text, bool last, conformal_error *err)
{
    conformal_text field = {text, strlen(text)};
    conformal_status status = CONFORMAL_OK; /* nothing at all is a gap */
    if (field.length > 0)
        status = conformal_csv_write_text(field, ',', to_file, to, err);
    return status == CONFORMAL_OK ? to_file(to, last ? "\n" : ",", 1, err) : status;
}

static conformal_status write_header(const pursuit_data *d, FILE *to, conformal_error *err)
{
    conformal_status status = write_field(to, d->label, d->n_queries == 0, err);
    for (size_t q = 0; q < d->n_queries && status == CONFORMAL_OK; q++)
        status = write_field(to, d->queries[q], q + 1 == d->n_queries, err);
    return status;
}

static conformal_status write_case(const pursuit_data *d, const conformal_pursuit_state *state,
                                   const char *label, FILE *to, conformal_error *err)
{
    conformal_status status = write_field(to, label, d->n_queries == 0, err);
    for (size_t q = 0; q < d->n_queries && status == CONFORMAL_OK; q++) {
        const char *text = "";
        for (size_t k = 0; k < state->length; k++)
            if (state->answers[k].query == (int32_t)q && state->answers[k].answer >= 0)
                text = conformal_dictionary_names(d->answers[q])[state->answers[k].answer];
        status = write_field(to, text, q + 1 == d->n_queries, err);
    }
    return status;
}

/* Is the file's first line the header that we would write? *ended: its last line ends. */
static bool has_header(FILE *file, const char *header, size_t n, bool *ended)
{
    bool same = true;
    int c = EOF, last = '\n';
    rewind(file);
    for (size_t i = 0; i < n && same; i++) {
        c = getc(file);
        if (c == '\r' && header[i] == '\n')
            c = getc(file);
        same = c == (unsigned char)header[i];
    }
    while (same && (c = getc(file)) != EOF)
        last = c;
    *ended = last == '\n';
    return same;
}

/* One more row for the file, which is new, or begins with just this header. */
static int append_to(const call *c, const pursuit_data *d, const conformal_pursuit_state *state,
                     const char *label, const char *path, FILE *file)
{
    char *header = NULL;
    size_t n = 0;
    bool ended = true;
    conformal_error err;
    FILE *memory = open_memstream(&header, &n);
    conformal_status status = memory != NULL ? write_header(d, memory, &err) : CONFORMAL_ENOMEM;
    if (memory != NULL && fclose(memory) != 0)
        status = CONFORMAL_ENOMEM;
    if (status != CONFORMAL_OK) {
        say_error(c, "out of memory");
        free(header);
        return EXIT_MEMORY;
    }
    bool fresh = fseek(file, 0, SEEK_END) == 0 && ftell(file) == 0;
    if (!fresh && !has_header(file, header, n, &ended)) {
        say_error(c, "%s: its columns are not %s and the queries in their order (choose "
                        "another file with --append)", path, d->label);
        free(header);
        return EXIT_DATA;
    }
    fseek(file, 0, SEEK_END); /* between reading and writing */
    if (fresh)
        status = to_file(file, header, n, &err);
    else if (!ended)
        status = to_file(file, "\n", 1, &err);
    free(header);
    if (status == CONFORMAL_OK)
        status = write_case(d, state, label, file, &err);
    if (status != CONFORMAL_OK || fflush(file) != 0) {
        say_error(c, "%s: %s", path, strerror(errno));
        return EXIT_IO;
    }
    printf("appended to %s\n", path);
    return EXIT_DONE;
}

int pursuit_append(const call *c, const pursuit_data *d, const conformal_pursuit_state *state,
                   const char *label, const char *path)
{
    FILE *file = fopen(path, "a+");
    if (file == NULL) {
        say_error(c, "%s: %s", path, strerror(errno));
        return EXIT_IO;
    }
    int status = append_to(c, d, state, label, path, file);
    fclose(file);
    return status;
}
