#!/bin/sh
# Batch predictive inference: the library beside the plain formulas (C, and R: r-base-core),
# then the whole command beside R that only reads the same file.
#   batch.sh [TEXT]           default all; TEXT: only the jobs with it in their title
set -eu
here=$(dirname "$0")
: "${BUILDDIR:=.}"
"$BUILDDIR/tests/bench/batch" "$here/peers" "${1:-}"
if [ -n "${1:-}" ]; then
    exit 0
fi
if ! "$BUILDDIR/conformal" batch mean --help > /dev/null 2>&1; then
    echo " whole command: SKIPPED: this build has no 'conformal batch mean'"
    exit 0
fi
if ! Rscript --version > /dev/null 2>&1; then
    echo " whole command: SKIPPED: Rscript was not found (Debian: r-base-core)"
    exit 0
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/conformal-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
"$BUILDDIR/tests/bench/generate" 5000 1 2 | cut -d, -f1 | sed '1s/.*/s/' > "$tmp/scores.csv"
echo " whole command, conformal batch mean, 5,000 scores, m = 200"
"$BUILDDIR/tests/bench/measure" -n 9 \
    'conformal' "'$BUILDDIR/conformal' batch mean --calibration '$tmp/scores.csv' --score s \
        --m 200 > /dev/null" \
    'R, read.csv() alone' "Rscript -e 'invisible(read.csv(commandArgs(TRUE)[1]))' \
        '$tmp/scores.csv' > /dev/null"
