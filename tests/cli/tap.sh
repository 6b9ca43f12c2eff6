# tap.sh - what the tests of the command line share; to be sourced.
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   expect STATUS STDOUT STDERR COMMAND     all three to the letter
#   expect_like STATUS STDOUT STDERR COMMAND   texts are shell patterns
# The command is run by sh in a folder of its own, where "conformal" is the built program and
# diamonds_*.csv the bundled data; files made by one command are there for the next.
set -u
unset CONFORMAL_STORE
tap_folder=$(mktemp -d)
trap 'rm -rf "$tap_folder"' EXIT
mkdir "$tap_folder/bin" "$tap_folder/run"
ln -s "$CONFORMAL" "$tap_folder/bin/conformal"
PATH="$tap_folder/bin:$PATH"
export PATH
cd "$tap_folder/run" || exit 99
ln -s "$SRCDIR"/datasets/diamonds_calibration.csv "$SRCDIR"/datasets/diamonds_test.csv .
tap_count=0

tap_run() {
    sh -c "$1" > ../out 2> ../err < /dev/null
    tap_status=$?
    tap_out=$(cat ../out)
    tap_err=$(cat ../err)
}

tap_result() { # tap_result GOOD COMMAND STATUS STDOUT STDERR
    tap_count=$((tap_count + 1))
    tap_title=$(printf '%s' "$2" | tr '\n#' '  ' | cut -c 1-150)
    if [ "$1" = yes ]; then
        echo "ok $tap_count - $tap_title"
    else
        echo "not ok $tap_count - $tap_title"
        printf '%s\n' "got  $tap_status|$tap_out|$tap_err" "want $3|$4|$5" | sed 's/^/# /'
    fi
}

expect() {
    tap_run "$4"
    tap_good=no
    [ "$tap_status" = "$1" ] && [ "$tap_out" = "$2" ] && [ "$tap_err" = "$3" ] && tap_good=yes
    tap_result $tap_good "$4" "$1" "$2" "$3"
}

expect_like() {
    tap_run "$4"
    tap_good=no
    if [ "$tap_status" = "$1" ]; then
        case $tap_out in
        $2)
            case $tap_err in
            $3) tap_good=yes ;;
            esac
            ;;
        esac
    fi
    tap_result $tap_good "$4" "$1" "$2" "$3"
}

skip() { # skip TITLE REASON
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

tap_done() {
    echo "1..$tap_count"
}
