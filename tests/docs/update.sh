#!/bin/sh
# Rewrite what the console examples of the documentation print, after a change that was meant.
#   SRCDIR=. BUILDDIR=_build sh tests/docs/update.sh PAGE...
# Lines with "..." are rewritten too: put them back by hand where output varies.
set -eu
unset CONFORMAL_STORE
PATH="$(cd "$BUILDDIR" && pwd):$PATH"
SRCDIR=$(cd "$SRCDIR" && pwd)
export PATH
for page in "$@"; do
    work=$(mktemp -d)
    ln -s "$SRCDIR/datasets" "$work/datasets"
    awk -v work="$work" '
    function flush() {
        if (command == "")
            return
        script = work "/.command"
        print command > script
        close(script)
        run = "cd " work " && sh .command 2>&1 < /dev/null"
        while ((run | getline line) > 0)
            print line
        close(run)
        command = ""
    }
    /^```console/ { on = 1; print; next }
    /^```/ && on { flush(); on = 0; print; next }
    !on { print; next }
    more { print; command = command "\n" $0; more = /\\$/; next }
    /^\$ / { flush(); print; command = substr($0, 3); more = /\\$/; next }
    { next }' "$page" > "$work/.page"
    cp "$work/.page" "$page"
    rm -rf "$work"
done
