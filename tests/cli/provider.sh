#!/bin/sh
# Models of pursuit that are somebody else's: a program, a table, whoever reads our lines.
. "$SRCDIR/tests/cli/tap.sh"

# Three classes, two questions; b is answered yes by "two" alone, c by "three" alone.
awk 'BEGIN {
    print "kind,c,b"
    for (i = 0; i < 60; i++)
        print i % 3 == 0 ? "one,no,no" : i % 3 == 1 ? "two,no,yes" : "three,yes,no"
}' > cases.csv
# Every history there is, keyed by queries in the order of their names.
cat > table.csv <<'END'
history,p_one,p_two,p_three
,0.34,0.33,0.33
b=no,0.5,0,0.5
b=yes,0,1,0
c=no,0.5,0.5,0
c=yes,0,0,1
b=no|c=no,1,0,0
b=no|c=yes,0,0,1
b=yes|c=no,0,1,0
b=yes|c=yes,0.2,0.4,0.4
END
# The same as a program, one history a request.
cat > model.sh <<'END'
while IFS= read -r line; do
    case $line in
    *'"ok": true'*) exit ;;
    *'"op": "posterior"'*) ;;
    *) continue ;;
    esac
    id=${line#*'"id": "'}
    id=${id%%'"'*}
    b=- c=-
    case $line in *'["b", "yes"]'*) b=1 ;; *'["b", "no"]'*) b=0 ;; esac
    case $line in *'["c", "yes"]'*) c=1 ;; *'["c", "no"]'*) c=0 ;; esac
    case $b$c in
    --) p=0.34,0.33,0.33 ;;
    0-) p=0.5,0,0.5 ;;
    -0) p=0.5,0.5,0 ;;
    00) p=1,0,0 ;;
    -1 | 01) p=0,0,1 ;;
    1- | 10) p=0,1,0 ;;
    11) p=0.2,0.4,0.4 ;;
    esac
    echo "{\"id\": \"$id\", \"p\": [[$p]]}"
    [ $# = 0 ] || echo '{"id": 7, "op": "open"}'
    echo "$id" >> asked
done
END
seen='pursue evaluate --label kind --splits 3 --seed 1 --methods ip,random --format json cases.csv'
expect_like 0 '*"accuracy": ?0.*, 1?*' '' "conformal $seen --model table:table.csv"
cp ../out by_table
expect 0 "$(cat by_table)" '' "conformal $seen --model 'exec:sh model.sh' --batch 1"
expect 0 yes '' 'test "$(wc -l < asked)" -le 9 && echo yes' # each history once

fit='conformal pursue fit --label kind --seed 1 --quiet --format csv'
expect_like 0 '*' '' "$fit --model table:table.csv --name t cases.csv"
expect 0 '{"id": 1, "ok": true, "session": "s1", "k": 0, "classes": 3, "queries": 1, "guarantee": {"type": "all-steps", "alpha": 0.1, "n": 15}}
{"id": 2, "ok": true, "k": 1, "top": [["two", 1]], "entropy_bits": 0, "set": ["two"], "set_size": 1, "coverage": "at-stop >= 0.9", "policy_followed": true, "stop": true}' '' \
    "printf '%s\n' '{\"id\":1,\"op\":\"open\"}' '{\"id\":2,\"op\":\"answer\",\"session\":\"s1\",\"q\":\"b\",\"a\":\"yes\",\"top\":1}' | conformal pursue serve --label kind --seed 1 --model table:table.csv --method fixed --drop c cases.csv"
expect_like 4 '' "conformal pursue fit: the table has no history 'b=no|c=yes'" \
    "grep -v 'b=no.c=yes' table.csv > gap.csv; $fit --model table:gap.csv cases.csv"
expect_like 3 '' 'conformal pursue fit: gap.csv:3: *sum 1*' \
    "sed 3s/0.5/0.6/ table.csv > gap.csv; $fit --model table:gap.csv cases.csv"
expect_like 2 '' "conformal pursue fit: *no column 'p_three'*" \
    "cut -d, -f 1-3 table.csv > gap.csv; $fit --model table:gap.csv cases.csv"

# What a program has said is kept with the policy: nothing is asked twice.
expect_like 0 '*' '' "$fit --batch 1 --model 'exec:sh model.sh' --name e cases.csv; rm asked"
expect_like 0 '*"model": "exec:sh model.sh"*' '' 'conformal pursue show --name e --format json'
expect_like 0 '*two (p 1.00). 90 % set at the stop: {two}. *' '' 'yes "?" | sed 2,9d | sed s/?/yes/ | conformal pursue play --name e'
expect 0 '' '' 'test ! -e asked'
expect 0 '' '' 'conformal runs forget e'

# Programs that die, stammer, or lie: nothing is kept.
expect_like 4 '' "conformal pursue fit: the model's program ended without an answer" \
    "$fit --model exec:true --name bad cases.csv"
expect_like 4 '' "conformal pursue fit: the model's program ended without an answer" \
    "$fit --model 'exec:sleep 0.1' --name bad cases.csv"
expect_like 4 '' "conformal pursue fit: the model's answer is not JSON: *" \
    "$fit --model 'exec:while read x; do echo ok; done' --name bad cases.csv"
for reply in '{\"id\":\"m1\"}' '{\"id\":\"m1\",\"p\":[[0.5,0.5]]}' '{\"id\":\"m1\",\"p\":[[NaN,0,1]]}' \
    '{\"id\":\"m1\",\"p\":[[1,0,0],[1,0,0]]}'; do
    expect_like 4 '' "conformal pursue fit: the model's answer *" \
        "$fit --batch 1 --model 'exec:while read x; do echo \"$reply\"; done' --name bad cases.csv"
done
for reply in '[[0.5,0.5,0.5]]' '[[2,-1,0]]'; do
    expect_like 4 '' "conformal pursue fit: the model's probabilities are not 0 or more with sum 1" \
        "$fit --batch 1 --model 'exec:while read x; do echo \"{\\\"id\\\":\\\"m1\\\",\\\"p\\\":$reply}\"; done' cases.csv"
done
expect_like 4 '' "conformal pursue fit: the model's program answered another request than ours" \
    "$fit --model 'exec:while read x; do echo \"{\\\"id\\\":\\\"x\\\"}\"; done' cases.csv"
expect_like 0 '*"policies": *"name": "t"*' '' 'conformal pursue show --format json'
expect 0 1 '' 'sqlite3 conformal.db "select count(*) from policy"'
expect_like 2 '' '*allows fewer*' "$fit --model 'exec:cat' --max-calls 10 cases.csv"
expect_like 2 '' "conformal pursue fit: --model: 'stream' is none of *(stream: pursue serve)" \
    "$fit --model stream cases.csv"
expect_like 2 '' "conformal pursue fit: --model: 'byes' is none of *" "$fit --model byes cases.csv"

# The one who reads our lines is the model, on the same stream; requests that come while a
# posterior is awaited are refused, and the last one is served.
mkfifo back
expect_like 0 '*"error": "busy"*{"id": 7, "ok": true, "session": "s1", "k": 0, *' '' \
    "conformal pursue serve --label kind --seed 1 --quiet --batch 1 --model stream cases.csv < back | tee served | sh model.sh session > back; cat served"
tap_done
