# make_beta.R - the incomplete beta function by R's pbeta(), as a C table.
# SPDX-License-Identifier: GPL-3.0-or-later
#     Rscript make_beta.R > beta.h
cat("/* beta.h - I_x(a, b) by R's pbeta(); made by make_beta.R.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * a, b, x, lower tail, upper tail; near the mean and 1 to 12 standard deviations from it. */
#ifndef ORACLE_BETA_H
#define ORACLE_BETA_H

static const double beta_cases[][5] = {\n")
for (n in c(1, 2, 5, 19, 100, 1000, 1e4, 1e5, 2e6, 1e7, 1e8, 1e9))
  for (share in c(0.001, 0.1, 0.5, 0.9, 0.9999)) {
    a <- max(1, round((n + 1) * share)); b <- max(1, n + 1 - a)
    mean <- a / (a + b); sd <- sqrt(mean * (1 - mean) / (a + b + 1))
    for (z in c(-12, -4, -1, 0, 0.5, 3, 9)) {
      x <- mean + z * sd
      if (x <= 0 || x >= 1) next
      cat(sprintf("    {%.0f, %.0f, %.17g, %.17g, %.17g},\n", a, b, x, pbeta(x, a, b),
                  pbeta(x, a, b, lower.tail = FALSE)))
    }
  }
cat("};\n\n#endif\n")
