#!/bin/sh
# The headers, libconformal.sym and the built library must name the same functions.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cat "$SRCDIR"/include/conformal/*.h "$SRCDIR"/include/conformal/*.h.in | tr '\n' ' ' |
    grep -o 'CONFORMAL_API [^;]*' | grep -o 'conformal_[a-z0-9_]*(' | tr -d '(' |
    sort -u > "$tmp/headers"
LC_ALL=C sort -u "$SRCDIR/lib/libconformal.sym" > "$tmp/sym"
LC_ALL=C sort -u -o "$tmp/headers" "$tmp/headers"
if diff -u "$tmp/headers" "$tmp/sym" >&2; then
    echo 'ok 1 - the headers and libconformal.sym agree'
else
    echo 'not ok 1 - the headers and libconformal.sym agree'
fi
so=$(ls "$BUILDDIR"/lib/.libs/libconformal.so.*.*.* 2> /dev/null || true)
if [ -z "$so" ]; then
    echo 'ok 2 - the library exports just these # SKIP no shared library was built'
elif nm -D --defined-only "$so" | sed -n 's/^[0-9a-f]* [TDBR] //p' | LC_ALL=C sort -u > "$tmp/so" &&
    diff -u "$tmp/sym" "$tmp/so" >&2; then
    echo 'ok 2 - the library exports just these'
else
    echo 'not ok 2 - the library exports just these'
fi
echo 1..2
