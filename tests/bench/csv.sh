#!/bin/sh
# CSV to threshold and CSV to CSV, whole processes, beside pandas (python3-pandas).
#   csv.sh [ROWS [RUNS]]      default 10,000,000 rows, 3 runs
set -eu
rows=${1:-10000000}
runs=${2:-3}
here=$(dirname "$0")
: "${BUILDDIR:=.}"
python=${PYTHON:-python3}
$python -c 'import numpy, pandas' 2> /dev/null || python=/usr/bin/python3
if ! $python -c 'import numpy, pandas' 2> /dev/null; then
    echo "csv: SKIPPED: python3 with pandas was not found (Debian: python3-pandas)"
    exit 0
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/conformal-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
for digits in 17 6; do
    "$BUILDDIR/tests/bench/generate" "$rows" 1 2 $digits > "$tmp/test.csv"
    size=$(wc -c < "$tmp/test.csv")
    echo "$rows rows x 2 columns, $digits digits, $((size / 1000000)) MB"
    printf 'yhat\n1\n' > "$tmp/one.csv"
    echo " CSV to threshold (and one interval from it)"
    "$BUILDDIR/tests/bench/measure" -n "$runs" \
        'conformal' "'$BUILDDIR/conformal' predict --calibration '$tmp/test.csv' --y y --yhat yhat \
            --alpha 0.1 --quiet '$tmp/one.csv' > /dev/null" \
        'pandas + numpy.partition' "$python '$here/peers/pandas_threshold.py' '$tmp/test.csv' > /dev/null"
    echo " CSV to stored calibrator, with the SHA-256 of the input"
    "$BUILDDIR/tests/bench/measure" -n "$runs" \
        'conformal' "'$BUILDDIR/conformal' calibrate --y y --yhat yhat --alpha 0.1 --name bench \
            --quiet --store '$tmp/bench.db' --format json '$tmp/test.csv' > /dev/null" \
        'pandas + numpy.partition' "$python '$here/peers/pandas_threshold.py' '$tmp/test.csv' > /dev/null"
    echo " CSV to CSV (calibrated on 10,000 rows)"
    head -n 10001 "$tmp/test.csv" > "$tmp/cal.csv"
    "$BUILDDIR/tests/bench/measure" -n "$runs" \
        'conformal' "'$BUILDDIR/conformal' predict --calibration '$tmp/cal.csv' --y y --yhat yhat \
            --alpha 0.1 --quiet '$tmp/test.csv' > '$tmp/ours.csv'" \
        'pandas' "$python '$here/peers/pandas_predict.py' '$tmp/cal.csv' '$tmp/test.csv' '$tmp/peer.csv'"
    rm -f "$tmp"/*.csv
done
