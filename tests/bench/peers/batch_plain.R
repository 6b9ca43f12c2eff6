# Batch bounds by the formulas as they are written, as vectors where R has them.
# SPDX-License-Identifier: GPL-3.0-or-later
#   batch_plain.R FUNCTION N M     prints: seconds, then three numbers (see ../batch.c)
alpha <- 0.1

# Park & Miller's generator: exact in doubles, the same numbers as in C.
uniform <- function(n) {
  x <- numeric(n)
  state <- 20240913
  for (i in seq_len(n)) {
    state <- (16807 * state) %% 2147483647
    x[i] <- state / 2147483647
  }
  x
}

order_loop <- function(n, m) {
  z <- m %/% 2
  sum <- 0
  for (k in 1:(n + 1)) {
    sum <- sum + choose(k + z - 2, z - 1) * choose(n + m - k - z + 1, m - z) / choose(n + m, m)
    if (sum >= 1 - alpha) break
  }
  c(k, sum, 0)
}

order_law <- function(n, m, z) {
  k <- 1:(n + 1)
  exp(lchoose(k + z - 2, z - 1) + lchoose(n + m - k - z + 1, m - z) - lchoose(n + m, m))
}

order_vector <- function(n, m) {
  sum <- cumsum(order_law(n, m, m %/% 2))
  k <- which(sum >= 1 - alpha)[1]
  c(k, sum[k], 0)
}

# P(R_z <= k) = P(Hypergeometric(m of n + m, k + z - 1 draws) >= z)
order_phyper <- function(n, m) {
  z <- m %/% 2
  below <- function(k) phyper(z - 1, m, n, k + z - 1, lower.tail = FALSE)
  low <- 1
  high <- n + 1
  while (low < high) {
    middle <- (low + high) %/% 2
    if (below(middle) >= 1 - alpha) high <- middle else low <- middle + 1
  }
  c(low, below(low), 0)
}

pair <- function(n, m) {
  z <- c((m + 3) %/% 4, (3 * m + 3) %/% 4)
  inside <- function(p, q) {
    if (p >= q) return(0)
    a <- (p + 1):q
    gap <- outer(a, a, function(x, y) y - x)
    first <- lchoose(a + z[1] - 2, z[1] - 1)
    last <- lchoose(n + m - a - z[2] + 1, m - z[2]) - lchoose(n + m, m)
    term <- outer(first, last, "+") + lchoose(pmax(gap, 0) + z[2] - z[1] - 1, z[2] - z[1] - 1)
    sum(exp(term)[gap >= 0])
  }
  below <- c(0, cumsum(order_law(n, m, z[1])))      # P(R_first <= k), k = 0..n+1
  above <- rev(c(0, cumsum(rev(order_law(n, m, z[2])))))
  p <- sum(below <= alpha) - 1
  q <- which(above <= alpha)[1] - 1
  while ((coverage <- inside(p, q)) < 1 - alpha && (p > 0 || q <= n)) {
    a <- below[p + 1]
    b <- above[q + 1]
    if (p > 0 && a >= b * (1 - 1e-9)) p <- p - 1
    if (q <= n && b >= a * (1 - 1e-9)) q <- q + 1
  }
  c(p, q, coverage)
}

# The knapsack over ranks: W[t, j] = W[t, j] + j / (n + j) W[t - cost, j - 1]
budget_of <- function(costs, n, m) {
  most <- m * max(costs)
  w <- matrix(0, most + 1, m + 1)
  w[1, 1] <- 1
  for (cost in costs) {
    to <- (1 + cost):(most + 1)
    from <- 1:(most + 1 - cost)
    for (j in 1:m) w[to, j + 1] <- w[to, j + 1] + j / (n + j) * w[from, j]
  }
  sum <- cumsum(w[, m + 1])
  q <- which(sum >= 1 - alpha)[1]
  c(q - 1, sum[q])
}

mean_bound <- function(n, m, scores) {
  value <- c(sort(scores), 1)
  law <- budget_of(1:(n + 1), n, m)
  q <- law[1]
  v <- c(0, rep(-Inf, q))
  for (j in 1:m) {
    new <- rep(-Inf, q + 1)
    for (k in 1:min(n + 1, q)) {
      to <- (1 + k):(q + 1)
      new[to] <- pmax(new[to], v[1:(q + 1 - k)] + value[k])
    }
    v <- new
  }
  c(max(v) / m, law)
}

cost <- function(n, m) c(budget_of(round(1000 * (0:n) / n), n, m), 0)

args <- commandArgs(trailingOnly = TRUE)
n <- as.numeric(args[2])
m <- as.numeric(args[3])
scores <- uniform(if (args[1] == "mean") n else 0)
run <- switch(args[1],
  order_loop = order_loop, order_vector = order_vector, order_phyper = order_phyper,
  pair = pair, cost = cost, mean = function(n, m) mean_bound(n, m, scores))
seconds <- function(times) {
  start <- proc.time()[["elapsed"]]
  for (i in seq_len(times)) answer <<- run(n, m)
  proc.time()[["elapsed"]] - start
}
s <- seconds(1)
if (s < 1) {
  times <- 2                                        # twice: compiled by then
  while (seconds(times) < 0.2) times <- 2 * times
  s <- median(replicate(5, seconds(times))) / times
}
cat(format(c(s, answer), digits = 17), "\n")
