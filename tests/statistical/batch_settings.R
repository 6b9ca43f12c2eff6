#!/usr/bin/env Rscript
# batch_settings.R - the authors' simulations of batch predictive inference, run with conformal.
# SPDX-License-Identifier: GPL-3.0-or-later
#
#     Rscript batch_settings.R [CONFORMAL] [--trials N] [--settings S1,S2,S3,S4]
#
# CONFORMAL (or $CONFORMAL) is the built program. Model and data are made here; every interval,
# claim, bound, rank and probability comes from the program. Needs r-cran-randomforest. 500 trials
# take some eight minutes.
#
# The settings are those of Y. Lee, E. Tchetgen Tchetgen, E. Dobriban, Batch Predictive Inference,
# arXiv:2409.13990, Sections 4.1 to 4.3. Seeds and the order of the draws are those of their public
# scripts (github.com/yhoon31/batch-PI, commit 21e5e59), so that S1, S2 and the columns "their rows"
# of S3 see the very data that they see. Beside these stands, as "script", what the scripts printed
# with R 4.2.2, randomForest 4.7-1.1 and MASS 7.3-58.2: with 500 trials it should be the same, digit by
# digit. Other versions draw other data, and then only standard errors count. S4 has its own data.

arguments <- commandArgs(trailingOnly = TRUE)
option <- function(name, otherwise) {
  at <- match(name, arguments)
  if (is.na(at)) return(otherwise)
  value <- arguments[at + 1]
  arguments <<- arguments[-c(at, at + 1)]
  value
}
trials <- as.integer(option("--trials", "500"))
settings <- strsplit(option("--settings", "S1,S2,S3,S4"), ",")[[1]]
conformal <- Sys.which(c(arguments, Sys.getenv("CONFORMAL", "conformal"))[1])
if (conformal == "") stop("where is conformal? Give its path, or set CONFORMAL")
conformal <- normalizePath(conformal)
if (is.na(trials) || trials < 2) stop("--trials takes a number, at least 2")
if (any(c("S1", "S2") %in% settings) && !requireNamespace("randomForest", quietly = TRUE)) {
  cat("skipped: the R package randomForest is not installed\n")
  quit(status = 77)
}
Sys.unsetenv("CONFORMAL_STORE")
setwd(tempdir())

# ---------------------------------------------------------------------- the program, and tables

write_csv <- function(file, ...) {
  columns <- list(...)
  text <- do.call(paste, c(lapply(columns, sprintf, fmt = "%.17g"), sep = ","))
  writeLines(c(paste(names(columns), collapse = ","), text), file)
}

# Run `conformal ARGUMENTS` for all the arguments, in one shell; their output.
run <- function(arguments) {
  lines <- system(paste(shQuote(conformal), arguments, "--quiet", collapse = " && "), intern = TRUE)
  if (!is.null(attr(lines, "status"))) stop("conformal failed: ", arguments[1], " ..")
  lines
}

# The same for commands that print the same header and one row each.
run_rows <- function(arguments) {
  lines <- run(paste(arguments, "--format csv"))
  odd <- seq(1, length(lines), 2)
  stopifnot(length(unique(lines[odd])) == 1)
  read.csv(text = c(lines[1], lines[-odd]))
}

estimate <- function(x) {
  sprintf("%.4f (%.4f)", mean(x), sd(x) / sqrt(length(x)))
}

fixed <- function(x, digits = 4) formatC(x, format = "f", digits = digits)

show <- function(title, table) {
  cat("\n", title, "\n\n", sep = "")
  cells <- rbind(names(table), rep("---", length(table)), as.matrix(format(table)))
  for (j in seq_len(ncol(cells))) cells[, j] <- formatC(trimws(cells[, j]), width = max(nchar(cells[, j])))
  for (i in seq_len(nrow(cells))) cat("| ", paste(cells[i, ], collapse = " | "), " |\n", sep = "")
}

# What the authors' scripts print after 500 trials; nothing to compare with after fewer.
script <- function(...) if (trials == 500) c(...) else rep("-", length(c(...)))

# ---------------------------------------------------------------------- data of S1 and S2

p <- 20

# Normal with covariance 5 I. Any orthogonal matrix would do; this one is what MASS::mvrnorm has.
turn <- eigen(5 * diag(p))$vectors
normal_rows <- function(n, mean) {
  t(mean + turn %*% (sqrt(5) * t(matrix(rnorm(n * p), n))))
}

fit_forest <- function(x, y) {
  forest <- randomForest::randomForest(x, y)
  function(x) unname(predict(forest, x))
}

# ---------------------------------------------------------------------- S1: nearly all at once

s1 <- function() {
  set.seed(1234)
  mean_x <- runif(p, -2, 2)
  b1 <- runif(p, -1, 1)
  b2 <- runif(p, -0.2, 0.2)
  b3 <- runif(p, -0.6, 0.6)
  outcome <- function(x) {
    drop(x %*% b1 + (x %*% b2)^2) + rnorm(nrow(x), sd = abs(x %*% b3))
  }
  x <- normal_rows(200, mean_x)
  forest <- fit_forest(x, outcome(x))
  make <- function(file, n) {
    x <- normal_rows(n, mean_x)
    write_csv(file, y = outcome(x), yhat = forest(x))
  }
  columns <- "--calibration cal.csv --y y --yhat yhat"
  batch <- paste("batch simultaneous --fraction 0.9", columns, "--alpha", c(0.1, 0.05, 0.01))
  methods <- c(paste("predict --alpha 0.1", columns), batch)
  covered <- width <- matrix(0, trials, 4)
  for (k in seq_len(trials)) {
    make("cal.csv", 200)
    make("test.csv", 100)
    run(paste0(methods, " --output out", 1:4, ".csv test.csv"))
    for (j in 1:4) {
      rows <- read.csv(paste0("out", j, ".csv"))
      covered[k, j] <- mean(rows$lower <= rows$y & rows$y <= rows$upper)
      width[k, j] <- mean(rows$upper - rows$lower)
    }
  }
  promised <- run_rows(paste(batch, "--m 100"))
  split <- read.csv(text = run(paste(batch[1], "--m 100 --compare --format csv")))
  split <- split[split$method == "split", ]
  held <- covered >= 0.9
  show("S1. Intervals for 100 rows, at least 90 of which are to hold, with probability 1 - alpha; n = 200.",
       data.frame(
         method = c("split, 0.1", paste("batch, alpha =", c(0.1, 0.05, 0.01))),
         rank = c(split$upper_rank, promised$upper_rank),
         `script` = script(181, 188, 190, 194),
         `P(>= 90 hold)` = apply(held, 2, estimate),
         `exact P` = fixed(c(split$coverage, promised$coverage), 5),
         `script ` = script("0.600", "0.878", "0.936", "0.986"),
         `mean share` = apply(covered, 2, estimate),
         `script  ` = script("0.9018", "0.9361", "0.9463", "0.9649"),
         width = fixed(colMeans(width), 2),
         `script   ` = script("19.16", "22.13", "23.36", "26.54"), check.names = FALSE))
  cat("\nAnother run of the script, with other draws: P 0.612, 0.922, 0.962, 0.998; mean share 0.9017, 0.9371,\n",
      "0.9467, 0.9651; width 19.14, 22.18, 23.36, 26.61.\n", sep = "")
}

# ---------------------------------------------------------------------- S2: claims

s2 <- function() {
  set.seed(1234)
  mean_x <- runif(p, -2, 2)
  b <- runif(p, -1, 1)
  outcome <- function(x) log(1 + exp(drop(x %*% b) + 5 * rnorm(nrow(x))))
  x <- normal_rows(500, mean_x)
  forest <- fit_forest(x, outcome(x))
  make <- function(file, n) {
    x <- normal_rows(n, mean_x)
    write_csv(file, y = outcome(x), yhat = forest(x))
  }
  allowed <- seq(0, 10, 2)
  select <- paste("batch select --above 5 --calibration cal.csv --y y --yhat yhat --false", allowed)
  wrong <- right <- matrix(0, trials, length(allowed))
  for (j in seq_along(allowed))
    for (k in seq_len(trials)) {
      make("cal.csv", 1000)
      make("test.csv", 100)
      rows <- read.csv(text = run(paste(select[j], "test.csv")))
      wrong[k, j] <- sum(rows$selected == 1 & rows$y <= 5)
      right[k, j] <- sum(rows$selected == 1 & rows$y > 5)
    }
  promised <- run_rows(paste(select, "--m 100"))
  more <- wrong > matrix(allowed, trials, length(allowed), byrow = TRUE)
  show("S2. Claims Y > 5 on 100 rows with at most eta false ones, alpha = 0.1, n = 1000.",
       data.frame(
         eta = allowed,
         rank = promised$upper_rank,
         `script` = script(1000, 991, 978, 963, 948, 932),
         `P(false > eta)` = apply(more, 2, estimate),
         `exact P` = fixed(1 - promised$coverage),
         `script ` = script("0.084", "0.092", "0.104", "0.102", "0.122", "0.092"),
         false = fixed(colMeans(wrong), 3),
         `script  ` = script("0.092", "1.054", "2.356", "3.770", "5.482", "6.926"),
         true = fixed(colMeans(right), 3),
         `script   ` = script("0.406", "2.608", "4.722", "6.524", "7.824", "9.038"), check.names = FALSE))
  cat("\nAnother run of the script, with other draws: P 0.078, 0.084, 0.094, 0.098, 0.082, 0.084; false 0.09, 0.98,\n",
      "2.36, 3.80, 5.16, 6.85; true 0.55, 2.93, 5.05, 6.61, 8.10, 9.37.\n", sep = "")
}

# ---------------------------------------------------------------------- S3: the treated, untreated

alphas <- seq(0.05, 0.2, 0.025)

# n controls as calibration rows, and what the outcomes of m treated would have been without.
trial_s3 <- function(n, m, b_a, b_y) {
  x <- matrix(runif(1000 * p), nrow = 1000)
  treat <- drop(plogis(x %*% b_a))
  treated <- rbinom(1000, 1, treat)
  y <- rbeta(1000, 1 + x %*% b_y, 1 - x %*% b_y)
  rbeta(1000, 1 - x %*% b_y, 1 + x %*% b_y) # with treatment: nobody asks
  controls <- which(treated == 0)[1:n]
  keep <- rbinom(n, 1, treat[controls] / (1 - treat[controls])) == 1
  write_csv("cal.csv", y = y[controls], propensity = treat[controls])
  write_csv("theirs.csv", y = y[controls][keep])
  sort(y[which(treated == 1)[1:m]])
}

# `statistic` of 40 treated, by the rows that the authors' draws keep and by the program's own
# rejection; within(first, last) says whether bounds hold the order statistics of the batch.
order_s3 <- function(statistic, theirs, first, last, b_a, b_y) {
  hold <- list(theirs = matrix(0, trials, 7), ours = matrix(0, trials, 7))
  exact <- matrix(0, trials, 7)
  for (k in seq_len(trials)) {
    y <- trial_s3(200, 40, b_a, b_y)
    shared <- paste("batch", statistic, "--score y --m 40 --support 0,1 --alpha", alphas)
    b <- list(theirs = run_rows(paste(shared, "--calibration theirs.csv", theirs)),
              ours = run_rows(paste(shared, "--calibration cal.csv --propensity propensity --seed", k)))
    for (kind in names(b))
      hold[[kind]][k, ] <- b[[kind]]$lower <= y[first] & y[last] <= b[[kind]]$upper
    exact[k, ] <- b$ours$coverage
  }
  data.frame(alpha = alphas, `their rows` = apply(hold$theirs, 2, estimate), `script` = "-",
             `own rejection` = apply(hold$ours, 2, estimate), `exact P` = fixed(colMeans(exact)),
             check.names = FALSE)
}

ranks <- c(linear = "--ranks linear", default = "", heavy = "--ranks heavy")

# The mean of 5 of them, bounded above: by the authors' rows and costs, then by the program's own
# rejection and each kind of costs.
mean_s3 <- function(b_a, b_y) {
  set.seed(1234)
  kinds <- c(theirs = "--calibration theirs.csv --ranks linear",
             paste("--calibration cal.csv --propensity propensity", ranks))
  hold <- bound <- promised <- array(0, c(trials, 7, length(kinds)))
  for (k in seq_len(trials)) {
    y <- trial_s3(100, 5, b_a, b_y)
    kept <- length(readLines("theirs.csv")) - 1
    for (i in 1:20000) sample.int(kept + 1, 5, replace = TRUE) # draws of the script that are not needed
    seed <- c("", rep(paste("--seed", k), length(ranks)))
    for (j in seq_along(kinds)) {
      b <- run_rows(paste("batch mean --score y --m 5 --support 0,1 --side upper", kinds[j], seed[j],
                          "--alpha", alphas))
      hold[k, , j] <- mean(y) <= b$upper
      bound[k, , j] <- b$upper
      promised[k, , j] <- b$coverage
    }
  }
  data.frame(alpha = alphas, `their rows` = apply(hold[, , 1], 2, estimate),
             `script` = script("0.992", "0.982", "0.976", "0.970", "0.962", "0.956", "0.948"),
             promised = fixed(colMeans(promised[, , 2])),
             linear = apply(hold[, , 2], 2, estimate), bound = fixed(colMeans(bound[, , 2])),
             `reference` = fixed(c(0.9800, 0.9707, 0.9573, 0.9453, 0.9360, 0.9233, 0.9080)),
             default = apply(hold[, , 3], 2, estimate), `bound ` = fixed(colMeans(bound[, , 3])),
             heavy = apply(hold[, , 4], 2, estimate), `bound  ` = fixed(colMeans(bound[, , 4])),
             check.names = FALSE)
}

s3 <- function() {
  set.seed(1234)
  runif(p) # a mean that the script draws and does not use
  b_a <- runif(p, -0.2, 0)
  b_y <- runif(p, 0, 1) / p
  median <- order_s3("median", "", 20, 20, b_a, b_y)
  median$script <- script("0.970", "0.940", "0.924", "0.906", "0.878", "0.852", "0.834")
  quartiles <- order_s3("quartiles", "--region widen", 10, 30, b_a, b_y)
  quartiles$script <- script("0.968", "0.948", "0.924", "0.912", "0.894", "0.870", "0.850")
  show("S3. The median of 40 treated without treatment, from 200 controls.", median)
  show("S3. Both quartiles of them (their rows: --region widen, as the script; else the default).", quartiles)
  show("S3. The mean of 5 treated without treatment, from 100 controls, an upper bound.", mean_s3(b_a, b_y))
  cat("\nreference: 1,500 trials of an independent program with linear costs (standard errors 0.004 to 0.007).\n",
      "Do not take the seven means of the script as a target. It takes the quantile of a sum of independent\n",
      "ranks, which is too small, so its bounds are below ours for the same rows; and these 500 data sets\n",
      "happen to be kind: the reference is 0.01 to 0.04 lower.\n", sep = "")
}

# ---------------------------------------------------------------------- S4: means of bounded scores

s4 <- function() {
  set.seed(1234)
  shapes <- c("uniform" = 1, "Beta(0.8, 0.8)" = 0.8, "Beta(0.5, 0.5)" = 0.5, "Beta(1.2, 1.2)" = 1.2,
              "Beta(1.5, 1.5)" = 1.5)
  used <- c(0.05, 0.1, 0.2)
  reference <- list(c(0.9917, 0.9799, 0.9464), c(0.9927, 0.9789, 0.9448), c(0.9942, 0.9847, 0.9565),
                    c(0.9942, 0.9824, 0.9489), c(0.9966, 0.9898, 0.9648))
  reference_bound <- list(c(0.7357, 0.7011, 0.6591), c(0.7537, 0.7174, 0.6731), c(0.8047, 0.7657, 0.7168),
                          c(0.7264, 0.6931, 0.6527), c(0.7212, 0.6893, 0.6502))
  rows <- list()
  for (s in seq_along(shapes)) {
    hold <- bound <- array(0, c(trials, length(used), length(ranks)))
    for (k in seq_len(trials)) {
      write_csv("cal.csv", y = rbeta(40, shapes[s], shapes[s]))
      y <- rbeta(10, shapes[s], shapes[s])
      for (j in seq_along(ranks)) {
        b <- run_rows(paste("batch mean --calibration cal.csv --score y --m 10 --support 0,1 --side upper",
                            ranks[j], "--alpha", used))
        hold[k, , j] <- mean(y) <= b$upper
        bound[k, , j] <- b$upper
        if (j == 1) promised <- b$coverage
      }
    }
    rows[[s]] <- data.frame(
      scores = names(shapes)[s], alpha = used, promised = fixed(promised),
      linear = apply(hold[, , 1], 2, estimate), bound = fixed(colMeans(bound[, , 1])),
      reference = fixed(reference[[s]]), `bound ` = fixed(reference_bound[[s]]),
      default = apply(hold[, , 2], 2, estimate), `bound  ` = fixed(colMeans(bound[, , 2])),
      heavy = apply(hold[, , 3], 2, estimate), `bound   ` = fixed(colMeans(bound[, , 3])), check.names = FALSE)
  }
  show("S4. The mean of 10 scores in [0, 1], an upper bound from n = 40.", do.call(rbind, rows))
  cat("\nreference: 20,000 trials of an independent program with linear costs. The authors' script prints no\n",
      "figures to set beside these: its line for the coverage takes the bounds that S3 left over.\n", sep = "")
}

# ----------------------------------------------------------------------

cat(trials, " trials; standard errors in brackets.\n", sep = "")
for (name in settings) switch(name, S1 = s1(), S2 = s2(), S3 = s3(), S4 = s4(), stop("there is no setting ", name))
