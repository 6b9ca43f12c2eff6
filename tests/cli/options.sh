#!/bin/sh
# Options in all their forms, help, and what is said of mistakes.
. "$SRCDIR/tests/cli/tap.sh"
seq 9 | sed '1i s' > s.csv

expect 0 'n,alpha,rank,threshold
9,0.7,3,3' '' 'conformal quantile --alpha=0.7 --format=csv s.csv'
expect 0 'n,alpha,rank,threshold
9,0.7,3,3' '' 'conformal quantile --alpha 0.7 --format csv s.csv'
expect 0 'n,alpha,rank,threshold
9,0.7,3,3' '' 'conformal quantile -a0.7 --format csv s.csv'
expect 0 'n,alpha,rank,threshold
9,0.7,3,3' '' 'conformal quantile s.csv -a 0.7 --format csv'
expect 0 'n,alpha,rank,threshold
9,0.7,3,3' '' 'conformal quantile -a 0.7 --format csv -- s.csv'
expect 0 'n,alpha,rank,threshold
9,0.7,3,3' '' 'conformal quantile -a 0.7 --format csv - < s.csv'
expect 0 'n,alpha,rank,threshold
9,0.7,3,3' '' 'conformal quantile -a 0.2 -a 0.7 --format json s.csv > both; conformal quantile -a 0.7 --format csv < s.csv'
expect 0 '{"schema": 1, "conformal": "0.1.0", "command": "quantile", "n": 9, "levels": [{"alpha": 0.7, "rank": 3, "threshold": 3}, {"alpha": 0.1, "rank": 9, "threshold": 9}]}' '' \
    'conformal quantile -a 0.7,0.1 s.csv'

expect 2 '' "conformal: no command 'quantil'; did you mean 'quantile'?
Try 'conformal --help'." 'conformal quantil'
expect 2 '' "conformal: no command 'frobnicate'
Try 'conformal --help'." 'conformal frobnicate'
expect 2 '' "conformal quantile: unknown option '--alfa'; did you mean '--alpha'?" 'conformal quantile --alfa 1'
expect 2 '' "conformal quantile: unknown option '-z' (conformal quantile --help lists them)" 'conformal quantile -z'
expect 2 '' "conformal quantile: --alpha needs a value: --alpha A" 'conformal quantile --alpha'
expect 2 '' "conformal quantile: --alpha: 'x' is not a number" 'conformal quantile --alpha x s.csv'
expect 2 '' "conformal quantile: --alpha: '0,1;2' is not a number" 'conformal quantile --alpha "0,1;2" s.csv'
expect 2 '' "conformal quantile: alpha must be between 0 and 1, not 1.5" 'conformal quantile -a 1.5 s.csv'
expect 2 '' "conformal quantile: --quiet takes no value" 'conformal quantile --quiet=yes s.csv'
expect 2 '' "conformal quantile: --format: 'xml' is not one of csv, json, table" 'conformal quantile --format xml s.csv'
expect 2 '' "conformal quantile: 'b' is one operand too many (conformal quantile --help)" 'conformal quantile a b'
expect 2 '' "conformal runs show: RUN is missing (conformal runs show --help)" 'conformal runs show'
expect_like 2 '' "conformal runs: no 'runs lists'; there are runs list, runs show, *" 'conformal runs lists'
expect_like 2 '' "conformal runs: what of them? There are runs list, *" 'conformal runs'
expect 2 '' "conformal quantile: --delimiter: 'ab' is not one character (or tab)" 'conformal quantile --delimiter ab s.csv'
expect 2 '' "conformal quantile: --seed: '-1' is not a whole number" 'conformal quantile --seed -1 s.csv'
expect 2 '' "conformal quantile: --seed: '18446744073709551616' is not a whole number" \
    'conformal quantile --seed 18446744073709551616 s.csv'

expect_like 2 '' 'Usage: conformal COMMAND*' 'conformal'
expect_like 0 'Usage: conformal COMMAND*Exit status:*70 a bug*' '' 'conformal --help'
expect_like 0 'conformal 0.1.0' '' 'conformal --version'
expect_like 0 '*"version": "0.1.0", "compiler": "*", "cflags": "*", "gsl": "2.*", "lapack": "3.*", "sqlite": "3.*"}' '' \
    'conformal version --format json'
expect 2 '' "conformal help: no command 'calibrat' (conformal help lists them)" 'conformal help calibrat'

# One table: what the parser takes is in --help, in the man page and in the completion.
commands=$(conformal --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\( [a-z-]*\)\{0,1\}\)  .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 15 ] || echo 'Bail out! no commands found'
conformal help --bash-completion > completion
echo "$commands" | while read -r name; do
    conformal $name --help > help.txt
    conformal help --man $name > page.1
    for o in $(sed -n 's/^ .*--\([a-z-]*\).*/\1/p' help.txt | sort -u); do
        grep -q "$(printf '%s' "--$o" | sed 's/-/\\\\\\-/g')" page.1 || echo "$name: --$o is not in the man page"
        grep -q -e "--$o " completion || echo "$name: --$o is not in the completion"
        # an option that takes a value and is last must ask for it; a flag must be known
        conformal $name --$o > last.txt 2>&1 < /dev/null
        grep -q 'unknown option' last.txt && echo "$name: --$o is in --help but unknown"
    done
done > differences
expect 0 '' '' 'cat ../run/differences'
if bash -c true 2> /dev/null; then
    expect 0 'calibrate' '' 'bash -c ". ./completion; COMP_WORDS=(conformal cal); COMP_CWORD=1; _conformal; echo \${COMPREPLY[@]}"'
    expect 0 'csv' '' 'bash -c ". ./completion; COMP_WORDS=(conformal predict --format c); COMP_CWORD=3; _conformal; echo \${COMPREPLY[@]}"'
else
    skip 'bash completion' 'no bash'
fi
tap_done
