#!/bin/sh
# The README shows docs/examples/interval.c to the letter, and says what it prints.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on' "$SRCDIR/README.md" > "$tmp/shown.c"
sed -n '/^#include/,$p' "$SRCDIR/docs/examples/interval.c" > "$tmp/example.c"
if cmp -s "$tmp/shown.c" "$tmp/example.c"; then
    echo 'ok 1 - the README shows the example program'
else
    echo 'not ok 1 - the README shows the example program'
    diff "$tmp/example.c" "$tmp/shown.c" | sed 's/^/# /'
fi
got=$("$BUILDDIR/docs/examples/interval")
if [ -n "$got" ] && grep -qF "$got" "$SRCDIR/README.md"; then
    echo 'ok 2 - it prints what the README says'
else
    echo 'not ok 2 - it prints what the README says'
    echo "# it prints: $got"
fi
echo 1..2
