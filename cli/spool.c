/* spool.c - reading an input twice.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

enum { BYTES = 1 << 18 };

static bool copy(int from, FILE *to, char *bytes)
{
    for (;;) {
        ssize_t got = read(from, bytes, BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 && fflush(to) == 0;
        if (fwrite(bytes, 1, (size_t)got, to) != (size_t)got)
            return false;
    }
}

int spool_input(const call *c, const char *path)
{
    if (path != NULL || lseek(STDIN_FILENO, 0, SEEK_SET) == 0)
        return EXIT_DONE;
    FILE *kept = tmpfile();
    char *bytes = malloc(BYTES);
    bool good = kept != NULL && bytes != NULL && copy(STDIN_FILENO, kept, bytes) &&
                dup2(fileno(kept), STDIN_FILENO) >= 0 &&
                lseek(STDIN_FILENO, 0, SEEK_SET) == 0;
    if (!good)
        say_error(c, "stdin: %s", strerror(errno));
    free(bytes);
    if (kept != NULL)
        fclose(kept); /* standard input keeps it alive */
    return good ? EXIT_DONE : EXIT_IO;
}

void spool_rewind(const char *path)
{
    if (path == NULL)
        lseek(STDIN_FILENO, 0, SEEK_SET);
}
