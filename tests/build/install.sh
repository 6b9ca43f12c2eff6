#!/bin/sh
# make install gives a working copy, pkg-config finds it, make uninstall leaves nothing.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL CONFORMAL_STORE
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
check() { # check TITLE COMMAND
    n=$((n + 1))
    if sh -c "$2" > "$tmp/log" 2>&1; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed 's/^/# /' "$tmp/log"
    fi
}
if [ "$SANITIZED" = yes ]; then
    echo '1..0 # SKIP the optimised build is the one that is installed'
    exit 0
fi
export tmp
check 'make install' 'make -C "$BUILDDIR" install DESTDIR="$tmp/root"'
prefix=$(sed -n 's/^prefix = //p' "$BUILDDIR/Makefile")
lib=$(dirname "$(find "$tmp/root" -name 'libconformal.so' | head -n 1)")
export prefix lib
check 'the program runs' \
    'LD_LIBRARY_PATH=$lib "$tmp/root$prefix/bin/conformal" --version'
check 'the installed demo runs' \
    'cd "$tmp" && LD_LIBRARY_PATH=$lib "$tmp/root$prefix/bin/conformal" demo --datasets "$tmp/root$prefix/share/conformal/datasets"'
check 'pkg-config and a compiler are enough' '
    PKG_CONFIG_PATH="$lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$tmp/root"
    export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
    $CC "$SRCDIR/docs/examples/interval.c" $(pkg-config --cflags --libs conformal) -o "$tmp/interval" &&
    LD_LIBRARY_PATH=$lib "$tmp/interval"'
check 'man pages and completion are installed' '
    [ -s "$tmp/root$prefix/share/man/man1/conformal.1" ] &&
    [ -s "$tmp/root$prefix/share/man/man1/conformal-calibrate.1" ] &&
    [ -n "$(find "$tmp/root" -path "*bash-completion*" -type f)" ]'
check 'make uninstall leaves no file' '
    make -C "$BUILDDIR" uninstall DESTDIR="$tmp/root" &&
    [ -z "$(find "$tmp/root" ! -type d)" ]'
echo "1..$n"
