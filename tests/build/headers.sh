#!/bin/sh
# Every public header compiles alone, as C99 and as C++11.
set -eu
cxx=yes
echo 'int x;' | $CC -x c++ -std=c++11 -fsyntax-only - 2> /dev/null || cxx=no
n=0
for h in "$SRCDIR"/include/conformal.h "$SRCDIR"/include/conformal/*.h; do
    for lang in c:c99 c++:c++11; do
        n=$((n + 1))
        name="${h##*/} as ${lang#*:}"
        if [ "$lang" = c++:c++11 ] && [ $cxx = no ]; then
            echo "ok $n - $name # SKIP no C++ compiler"
        elif printf '#include "%s"\nextern int conformal_header_is_self_contained;\n' "$h" |
            $CC -x "${lang%:*}" -std="${lang#*:}" -Wall -Wextra -Wpedantic -Werror \
                -fsyntax-only -I"$SRCDIR/include" -I"$BUILDDIR/include" - >&2; then
            echo "ok $n - $name"
        else
            echo "not ok $n - $name"
        fi
    done
done
echo "1..$n"
