#!/bin/sh
# Pages show the example programs to the letter, and say what they print.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0
result() { # result GOOD TITLE DETAIL-FILE
    count=$((count + 1))
    if [ "$1" = yes ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        sed 's/^/# /' "$3"
    fi
}
while read -r page program; do
    awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on' "$SRCDIR/$page" > "$tmp/shown.c"
    sed -n '/^#include/,$p' "$SRCDIR/docs/examples/$program.c" > "$tmp/example.c"
    good=no
    diff "$tmp/example.c" "$tmp/shown.c" > "$tmp/diff" && good=yes
    result $good "$page shows $program.c" "$tmp/diff"
    "$BUILDDIR/docs/examples/$program" > "$tmp/printed"
    good=no
    [ -s "$tmp/printed" ] && good=yes
    while IFS= read -r line; do
        grep -qF "$line" "$SRCDIR/$page" || good=no
    done < "$tmp/printed"
    result $good "$page says what it prints" "$tmp/printed"
done << 'PAIRS'
README.md interval
docs/methods/batch.md batch
docs/methods/pursuit.md pursuit
PAIRS
echo "1..$count"
