/* generate.c - a large CSV of outcomes and predictions for the benchmarks.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   generate ROWS SEED [COLUMNS [DIGITS]]
 *
 * Columns y, yhat, then x1, x2, ...; DIGITS significant digits, or 17 (the default) for the
 * shortest text that reads back to the same double. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <conformal.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: generate ROWS SEED [COLUMNS [DIGITS]]\n", stderr);
        return 2;
    }
    size_t rows = (size_t)strtoull(argv[1], NULL, 10);
    uint64_t seed = strtoull(argv[2], NULL, 10);
    int columns = argc > 3 ? atoi(argv[3]) : 2, digits = argc > 4 ? atoi(argv[4]) : 17;
    static char buffer[1 << 16];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);

    fputs("y,yhat", stdout);
    for (int c = 2; c < columns; c++)
        printf(",x%d", c - 1);
    putchar('\n');
    for (size_t i = 0; i < rows; i++) {
        double yhat = 100 * conformal_uniform(seed, 0, i);
        for (int c = 0; c < columns; c++) {
            char text[64];
            double x = conformal_uniform(seed, (uint64_t)c + 1, i);
            if (c == 0)
                x = yhat + 10 * (x + conformal_uniform(seed, 0, rows + i) - 1);
            else if (c == 1)
                x = yhat;
            if (digits >= 17)
                conformal_number_write(x, text);
            else
                snprintf(text, sizeof text, "%.*g", digits, x);
            if (c > 0)
                putchar(',');
            fputs(text, stdout);
        }
        putchar('\n');
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
