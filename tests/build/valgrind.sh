#!/bin/sh
# The allocation-failure sweeps under valgrind: no leak, no use of what was freed or never set.
set -u
if [ "$SANITIZED" = yes ]; then
    echo '1..0 # SKIP the sanitized build watches its own memory'
    exit 0
fi
if ! command -v valgrind > /dev/null 2>&1; then
    echo '1..0 # SKIP valgrind was not found'
    exit 0
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
n=0
for test in calibrate/test_groups evaluate/test_intervals report/test_report; do
    n=$((n + 1))
    if CK_FORK=no valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect,possible \
        --error-exitcode=9 "$BUILDDIR/tests/$test" > "$log" 2>&1; then
        echo "ok $n - $test"
    elif grep -q -i 'unhandled dwarf' "$log"; then
        echo "ok $n - $test # SKIP this valgrind cannot read this compiler's debug information"
    else
        echo "not ok $n - $test"
        sed 's/^/# /' "$log"
    fi
done
echo "1..$n"
