#!/bin/sh
# Run every console example of the documentation and compare what it prints.
#
# In a ```console block a line "$ command" is run (a final backslash continues it), and the
# lines below it are what it must print, standard error included. "..." stands for any text
# within a line, and alone on a line for any number of lines. The blocks of one file share
# a folder in which datasets/ is the bundled data.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset CONFORMAL_STORE
PATH="$BUILDDIR:$PATH"
export PATH

# matches EXPECTED GOT
matches() {
    awk '
    function line_matches(pattern, line,   parts, k, i, at) {
        k = split(pattern, parts, /\.\.\./)
        if (k == 1)
            return pattern == line
        if (substr(line, 1, length(parts[1])) != parts[1])
            return 0
        line = substr(line, length(parts[1]) + 1)
        for (i = 2; i < k; i++) {
            at = index(line, parts[i])
            if (parts[i] != "" && at == 0)
                return 0
            line = substr(line, at + length(parts[i]))
        }
        return length(line) >= length(parts[k]) &&
            substr(line, length(line) - length(parts[k]) + 1) == parts[k]
    }
    function rest_matches(i, j) {
        while (i <= n) {
            if (want[i] == "...") {
                for (; j <= m + 1; j++)
                    if (rest_matches(i + 1, j))
                        return 1
                return 0
            }
            if (j > m || !line_matches(want[i], got[j]))
                return 0
            i++
            j++
        }
        return j == m + 1
    }
    FILENAME == ARGV[1] { want[++n] = $0; next }
    { got[++m] = $0 }
    END { exit !rest_matches(1, 1) }' "$1" "$2"
}

count=0
cd "$SRCDIR" || exit 99
for page in README.md docs/*.md docs/methods/*.md; do
    work="$tmp/$(echo "$page" | tr / _)"
    mkdir -p "$work/run"
    ln -s "$SRCDIR/datasets" "$work/run/datasets"
    awk -v dir="$work" '
    /^```console/ { on = 1; next }
    /^```/ { on = 0; next }
    on && more { print > (dir "/" n ".cmd"); more = /\\$/; next }
    on && /^\$ / {
        n++
        print substr($0, 3) > (dir "/" n ".cmd")
        printf "" > (dir "/" n ".want")
        more = /\\$/
        next
    }
    on { print > (dir "/" n ".want") }' "$page"
    i=1
    while [ -e "$work/$i.cmd" ]; do
        count=$((count + 1))
        title="$page: $(head -n 1 "$work/$i.cmd" | tr '#' ' ')"
        (cd "$work/run" && sh "$work/$i.cmd") > "$work/$i.got" 2>&1 < /dev/null
        if matches "$work/$i.want" "$work/$i.got"; then
            echo "ok $count - $title"
        else
            echo "not ok $count - $title"
            diff -u "$work/$i.want" "$work/$i.got" | sed 's/^/# /'
        fi
        i=$((i + 1))
    done
done
echo "1..$count"
[ "$count" -gt 0 ] || exit 99
