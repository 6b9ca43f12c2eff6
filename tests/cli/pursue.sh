#!/bin/sh
# pursue: methods side by side, a person's game, a program's sessions, and what is said of mistakes.
. "$SRCDIR/tests/cli/tap.sh"
for name in zoo soybean animals20 animals20_questions; do
    ln -s "$SRCDIR/datasets/$name.csv" .
done
rows='--label type --drop animal --seed 1 zoo.csv'
oracle="--oracle animals20.csv --na '' --seed 1"
animals="$oracle --method ip --queries animals20_questions.csv"
printf 'class,a,b\np,0,0\nq,0,1\nr,1,0\ns,1,1\n' > corners.csv

# ---------------------------------------------------------------- evaluate
one="conformal pursue evaluate $rows --splits 2 --methods"
expect_like 0 '{"schema": 1, "conformal": "0.1.0", "command": "pursue evaluate", "n": 101, "alpha": 0.1, "seed": 1, "classes": 7, "queries": 16, "splits": 2, "test_rows": 21, "methods": [[]{"method": "ip", *}, {"method": "cip", *}], "differences": [[]{"method": "cip", "reference": "ip", "auc": *, "se": *}]}' '' \
    "$one ip,cip"
keys='method auc auc_se queries_mean accuracy_stop coverage_stop size_stop coverage_all k accuracy hit set_size coverage'
expect 0 "$keys differences" '' \
    "$one ip | grep -o '\"[a-z_]*\":' | tr -d '\":' | sed '1,/^methods\$/d' | tr '\n' ' ' | sed 's/ \$//'"
for curve in k accuracy hit set_size coverage; do # 1 .. 16, or as many as --max-queries
    expect 0 '16
4' '' "for most in 20 4; do $one ip --max-queries \$most | sed 's/.*\"$curve\": \[\([^]]*\)\].*/\1/' | awk -F, '{ print NF }'; done"
done
expect 0 '1, 2, 3' '' "$one ip --max-queries 3 | sed 's/.*\"k\": \[\([^]]*\)\].*/\1/'"
expect 0 '' '' "$one ip,random,cip:last > a.json && $one ip,random,cip:last > b.json && cmp a.json b.json"
expect 1 '' '' "$one random > a.json; $one random --seed 2 | sed 's/\"seed\": 2/\"seed\": 1/' > b.json; cmp -s a.json b.json"
expect 0 '' '' \
    "$one ip,cip --format csv | sed -n 3p > a; $one cip --format csv | sed -n 2p > b; cmp a b" # whoever else plays
expect_like 0 '*"seed": [0-9]*' '' 'conformal pursue evaluate --label type --drop animal --splits 1 --methods fixed zoo.csv'
# nominal 0.9, and 420 cases: what is expected of a step, the stop and all steps, less 4 standard errors
expect 0 'ip yes yes yes
cip yes yes yes' '' \
    "conformal pursue evaluate $rows --methods ip,cip > z.json
    tr '{' '\n' < z.json | awk '/\"coverage_all\"/ {
        split(\$0, part, \"\\\"\"); good = \"yes\"; for (i = 1; i < NF; i++) v[\$i] = \$(i + 1) + 0
        curve = \$0; sub(/.*\"coverage\": \[/, \"\", curve); sub(/\].*/, \"\", curve); n = split(curve, c, \",\")
        for (i = 1; i <= n; i++) if (c[i] + 0 < 0.84) good = \"no\"
        print part[4], good, (v[\"\\\"coverage_stop\\\":\"] > 0.84 ? \"yes\" : \"no\"), (v[\"\\\"coverage_all\\\":\"] > 0.84 ? \"yes\" : \"no\") }'"
expect 0 'yes yes' '' \
    "conformal pursue evaluate $rows --methods random,ip --format csv | awk -F, 'NR == 2 { a = \$2 } NR == 3 { print (\$2 > a + 0.05 ? \"yes\" : \"no\"), (\$2 > 0.8 ? \"yes\" : \"no\") }'"
expect 0 '22' '' "$one random,fixed,ip,ip+ts,lookahead,cip,cip+ts,cip:size,cip:size-nonempty,cip:logsize,cip:fano,cip:fano-local,cip:pvalues,cip:paper-code,cip:paper-code-entropy,cip:last,cip:chain,cip:length:lac,cip:aps,cip:last:logsize+ts,cip:chain:fano --max-queries 3 --splits 1 --format csv | wc -l | tr -d ' '"
for stop in never size size:2 map:0.9 sd:0.1 gain:0.1 stability:0.01 equal; do
    expect_like 0 'ip,*' '' "$one ip --splits 1 --stop $stop --format csv | tail -n 1"
done
expect 0 '16' '' "$one ip --stop never --format csv | tail -n 1 | cut -d, -f4"
expect_like 0 '*"alpha": 0,*"coverage_stop": 1, "size_stop": 7, "coverage_all": 1, *' '' "$one ip --alpha 0"
expect_like 0 '*"alpha": 1,*"queries_mean": 0, *' '' "$one ip --alpha 1"
expect_like 0 '*"classes": 1, "queries": 1, *"auc": 1, *"accuracy": [[]1], *' '' \
    "printf 'c,a\nx,1\nx,2\nx,1\nx,2\nx,1\nx,1\n' > same.csv; conformal pursue evaluate --label c --splits 2 --methods ip,cip same.csv"
odd='"classes": 2, "queries": 2, "splits": 1, "test_rows": 2, *"k": [[]1, 2], *'
expect_like 0 "*$odd" '' \
    "printf 'c,a,b\nx,NaN,\ny,inf,\nx,\303\251,\ny,NaN,\nx,\"q\"\"\",\ny,inf,\nx,1,\ny,NaN,\nx,1e999,\ny,inf,\n' > odd.csv; conformal pursue evaluate --label c --splits 1 --seed 1 odd.csv" # b: nobody answers it
expect_like 0 "*$odd" '' 'conformal pursue evaluate --label c --splits 1 --seed 1 --missing answer odd.csv'
expect_like 0 "*$odd" '' 'conformal pursue evaluate --label c --splits 1 --seed 1 --model logistic odd.csv'
expect_like 0 '*"n": 6, *' 'conformal pursue evaluate: note: *: 1 of 7 rows have no class and were left out' \
    "printf 'c,a\nx,1\n,2\nx,2\ny,1\ny,2\nx,1\ny,1\n' | conformal pursue evaluate --label c --seed 1 --methods ip --splits 1"
expect_like 0 '*"n": 2000, *"classes": 20, "queries": 6, *' '' "conformal pursue evaluate $oracle --splits 1"
expect_like 0 '*"n": 40, *"classes": 4, "queries": 2, *' '' \
    "conformal pursue evaluate --oracle corners.csv --simulate 40 --splits 1"
expect_like 0 '*"n": 5, *"test_rows": 3, *' '' \
    "printf 'class,b,a\np,no,\ns,y,TRUE\nq,1,0\nr,n,yes\np,No,false\n' > cases.csv; conformal pursue evaluate --oracle corners.csv --label class --splits 1 --methods ip cases.csv"
expect 0 '1|pursue evaluate|1|101' '' \
    "$one ip --store s.db > /dev/null; sqlite3 s.db 'select runs.id, runs.command, runs.seed, inputs.rows from runs, inputs'"
expect_like 0 '{*}' '' "$one ip -o out.json; cat out.json"
expect 0 '{' '' "$one ip | head -c 1"
if [ -w /dev/full ]; then
    expect 4 '' 'conformal pursue evaluate: standard output: No space left on device' "$one ip > /dev/full"
fi

wrong="'%s' is not a method: random, fixed, ip, lookahead or cip, cip:last, cip:chain, cip:size-nonempty ..., each also with +ts"
for method in IP ipp cip:foo cip: :last ip+tt ip+ts+ts ip:last+; do
    expect 2 '' "conformal pursue evaluate: $(printf "$wrong" "$method")" "$one ip,$method"
done
expect 2 '' 'conformal pursue evaluate: --methods: a name is empty' "$one ip,,cip"
expect 2 '' 'conformal pursue evaluate: --methods: a name is empty' "$one ip,"
expect_like 2 '' "conformal pursue evaluate: --methods: a name is too long" "$one ip:$(printf '%0100d' 0)"
expect 2 '' "conformal pursue evaluate: --stop: 'soon' is none of never, size:N, map:P, sd:X, gain:X, stability:X, equal" "$one ip --stop soon"
expect 2 '' "conformal pursue evaluate: --stop: 'x' is not a number of 0 or more" "$one ip --stop map:x"
expect 2 '' "conformal pursue evaluate: --stop: '-1' is not a number of 0 or more" "$one ip --stop size:-1"
expect 2 '' "conformal pursue evaluate: zoo.csv has no column 'animl'; did you mean 'animal'?" "$one ip --drop animl"
expect 2 '' "conformal pursue evaluate: zoo.csv has no column 'typ'; did you mean 'type'?" "$one ip --label typ"
expect 2 '' 'conformal pursue evaluate: --label COL is needed: the column that names the class' 'conformal pursue evaluate zoo.csv'
expect_like 2 '' "conformal pursue evaluate: --model: 'bays' is n* of bayes, logistic*" "$one ip --model bays"
expect 2 '' 'conformal pursue evaluate: alpha must be between 0 and 1, not 1.5' "$one ip --alpha 1.5"
expect 2 '' 'conformal pursue evaluate: --splits must be in 1 .. 100000' "$one ip --splits 0"
expect 2 '' 'conformal pursue evaluate: --fractions: three numbers are needed: to fit the model, to calibrate the choice, to calibrate the report' "$one ip --fractions 0.5,0.5"
expect 2 '' 'conformal pursue evaluate: --fractions must sum to less than 1: the rest is for tests' "$one ip --fractions 0.4,0.3,0.3"
expect 2 '' 'conformal pursue evaluate: --fractions must be 0 or more' "$one ip --fractions=-0.1,0.3,0.3"
expect 2 '' 'conformal pursue evaluate: --flip must be at least 0 and below 0.5' 'conformal pursue evaluate --oracle corners.csv --flip 0.5'
expect_like 3 '' 'conformal pursue evaluate: 101 rows cannot be divided into parts to fit and to calibrate (more rows, or --fractions F,F,F)' "$one ip --fractions 0.4,0.001,0.3"
expect 3 '' 'conformal pursue evaluate: empty.csv: the file is empty (a header line with column names is required)' \
    ': > empty.csv; conformal pursue evaluate --label type empty.csv'
expect_like 3 '' 'conformal pursue evaluate: *' 'head -n 1 zoo.csv > none.csv; conformal pursue evaluate --label type none.csv'
expect_like 3 '' 'conformal pursue evaluate: 1 row cannot be divided into parts to fit and to calibrate (more rows, or --fractions F,F,F)' \
    'head -n 2 zoo.csv > lone.csv; conformal pursue evaluate --label type lone.csv'
expect_like 3 '' 'conformal pursue evaluate: ragged.csv:3: *' "printf 'c,a\nx,1\ny\n' > ragged.csv; conformal pursue evaluate --label c ragged.csv"
expect 3 '' "conformal pursue evaluate: high.csv:3: a: '1.2' is not a probability of yes" \
    "printf 'c,a\nx,1\ny,1.2\n' > high.csv; conformal pursue evaluate --oracle high.csv"
expect_like 3 '' "conformal pursue evaluate: word.csv:2: a: 'often' is not a number *" \
    "printf 'c,a\nx,often\n' > word.csv; conformal pursue evaluate --oracle word.csv"
expect 3 '' "conformal pursue evaluate: twice.csv:3: class: 'x' stands twice" \
    "printf 'c,a\nx,1\nx,0\n' > twice.csv; conformal pursue evaluate --oracle twice.csv"
expect 3 '' "conformal pursue evaluate: cases.csv:2: class: 'z' is no class of the oracle" \
    "printf 'class,a,b\nz,1,1\n' > cases.csv; conformal pursue evaluate --oracle corners.csv --label class cases.csv"
expect 3 '' "conformal pursue evaluate: cases.csv:2: b: 'maybe' is not yes or no (1 or 0)" \
    "printf 'class,a,b\np,1,maybe\n' > cases.csv; conformal pursue evaluate --oracle corners.csv --label class cases.csv"
expect 2 '' "conformal pursue evaluate: cases.csv has no column 'b'; there are class, a" \
    "printf 'class,a\np,1\n' > cases.csv; conformal pursue evaluate --oracle corners.csv --label class cases.csv"
expect 4 '' 'conformal pursue evaluate: nowhere.csv: No such file or directory' 'conformal pursue evaluate --label c nowhere.csv'

# ---------------------------------------------------------------- play
begin='20 classes, 6 questions. Candidates marked [*] hold the truth with probability >= 90 %
after every question of this policy at once (c_any = *, from 1000 cases).'
warm=' 1  Is it warm-blooded? [[]no/yes/?/undo/why/quit] >'
expect_like 0 "$begin
$warm n
    *candidate*   ant 0.09  bee 0.09  caterpillar 0.09   3.79 bits left
 2  Is it a vertebrate? [[]no/yes/?/undo/why/quit] > quit" '' "printf 'n\nquit\n' | conformal pursue play $animals"
expect_like 0 "$begin
$warm
    '' is none of the answers; ? if you do not know
$warm maybe
    'maybe' is none of the answers; ? if you do not know
$warm undo
    there is no answer to take back
$warm ?
    20 candidates[*]   ant 0.05  bee 0.05  cat 0.05   4.32 bits left
 2  *undo
    20 candidates   ant 0.05  bee 0.05  cat 0.05   4.32 bits left
$warm" '' "printf '\nmaybe\nundo\n?\nundo\n' | conformal pursue play $animals --stop map:0.9 | sed 's/ *\$//'"
expect_like 0 "*$warm why
    3.79 bits and * candidates left after  Is it warm-blooded[?]
    3.80 bits and * candidates left after  Does it have hair[?]
    3.87 bits and * candidates left after  Is it a vertebrate[?]
    * bits and * candidates left after *
    * bits and * candidates left after *
$warm quit" '' "printf 'why\nquit\n' | conformal pursue play $animals"
expect_like 0 '* why
    * bits and * candidates left after (objective *)  *' '' \
    "printf 'why\n' | conformal pursue play $oracle --method cip:size-nonempty"
expect_like 0 '*p (p 1.00). 90 % set at the stop: {p}. 2 questions (average 2.0 in calibration).' '' \
    'printf "no\nno\n" | conformal pursue play --oracle corners.csv --flip 0 --seed 1 --stop never'
expect_like 0 '* > yes
    no class allows this answer after the others: one of them is wrong (undo takes the last one back, ? leaves this one open)
 4  Can it fly? * > undo
    6 candidates*
 3  *' '' "printf 'yes\nyes\nyes\nyes\nundo\n' | conformal pursue play $animals --flip 0"
expect_like 0 '*{fly}. 4 questions *
What was it? *> nothing
    '"'nothing'"' is none of the classes
What was it? *> fly
appended to kept.csv' '' "printf 'no\nno\nno\nyes\nnothing\nfly\n' | conformal pursue play $animals --flip 0 --label animal --append kept.csv"
expect 0 'animal,war,fly,ver,end,gro,hai
fly,no,yes,no,,,no
fly,no,yes,no,,,no' '' \
    "printf 'no\nno\nno\nyes\nfly\n' | conformal pursue play $animals --flip 0 --label animal --append kept.csv > /dev/null; tr -d '\"' < kept.csv"
expect_like 0 '*"n": 12, *' '' \
    "for i in 1 2 3 4 5; do tail -n 2 kept.csv >> kept.csv; done; conformal pursue evaluate $oracle --label animal --splits 1 --methods ip kept.csv"
expect 0 '13' '' "printf 'no\nno\nno\nyes\n\n' | conformal pursue play $animals --flip 0 --label animal --append kept.csv > /dev/null; wc -l < kept.csv | tr -d ' '" # nobody knows
expect 0 '13' '' "printf 'no\nno\nquit\nfly\n' | conformal pursue play $animals --flip 0 --label animal --append kept.csv > /dev/null; wc -l < kept.csv | tr -d ' '"
expect_like 4 '*' 'conformal pursue play: no/where.csv: No such file or directory' \
    "printf 'no\nno\nno\nyes\nfly\n' | conformal pursue play $animals --flip 0 --label animal --append no/where.csv"
expect_like 0 '* 1  legs * > 4
    * candidate*
 2  milk [[]TRUE/FALSE/?/undo/why/quit] > T
    *' '' "printf '4\nT\n' | conformal pursue play $rows"
expect 0 '' '' "for m in random ip+ts; do for i in 1 2; do printf '%s\n' ? ? ? | conformal pursue play $rows --method \$m --case 7 > \$m.\$i; done; cmp \$m.1 \$m.2; done"
expect_like 0 '*' 'conformal pursue play: note: [23] rows are too few to calibrate sets at alpha 0.1: they hold every class' \
    'conformal pursue play --label c --seed 1 odd.csv'
expect 0 '7 classes, 16 questions' '' "yes 4 | head -n 20000 | conformal pursue play $rows | head -n 1 | cut -c 1-23"
expect 2 '' 'conformal pursue play: what to learn from? A FILE of rows, or --oracle FILE' 'conformal pursue play'
expect 2 '' 'conformal pursue play: the rows cannot be read from standard input, where you answer' 'conformal pursue play --label type - < zoo.csv'
expect 2 '' "conformal pursue play: q.csv has no column 'query'; there are q, text" \
    "printf 'q,text\na,A?\n' > q.csv; conformal pursue play --queries q.csv $rows"
if [ -w /dev/full ]; then
    expect_like 4 '' 'conformal*: standard output: No space left on device' "echo quit | conformal pursue play $rows > /dev/full"
fi

# ---------------------------------------------------------------- serve
serve="conformal pursue serve --oracle corners.csv --flip 0 --seed 1 --stop never"
# the lines of a conversation
requests() {
    cat > requests.jsonl
}
requests << 'END'
{"id":1,"op":"open","case":"42"}
{"id":"two","op":"next","session":"s1","top":1}
{"op":"answer","session":"s1","q":"a","a":"no"}
{"id":4,"op":"state","session":"s1","top":4}
{"id":5,"op":"answer","session":"s1","q":"b","a":"yes"}
{"id":6,"op":"undo","session":"s1"}
{"id":7,"op":"answer","session":"s1","q":"b","a":null}
{"id":8,"op":"next","session":"s1"}
{"id":9,"op":"finish","session":"s1"}
{"id":10,"op":"state","session":"s1"}
END
half='"top": (("p", 0.5), ("q", 0.5), ("r", 0)), "entropy_bits": 1, "set": ("p", "q"), "set_size": 2'
followed='"coverage": "all-steps >= 0.9", "policy_followed": true, "stop": false}'
expect_like 0 "{\"id\": 1, \"ok\": true, \"session\": \"s1\", \"k\": 0, \"classes\": 4, \"queries\": 2, \"guarantee\": {\"type\": \"all-steps\", \"alpha\": 0.1, \"n\": 1000}}
{\"id\": \"two\", \"ok\": true, \"q\": \"a\", \"text\": \"a\", \"answers\": (\"no\", \"yes\"), \"objective\": 1, \"sd\": 0, \"alternatives\": ((\"b\", 1)), \"stop\": false}
{\"id\": null, \"ok\": true, \"k\": 1, $half, $followed
{\"id\": 4, \"ok\": true, \"k\": 1, \"top\": ((\"p\", 0.5), (\"q\", 0.5), (\"r\", 0), (\"s\", 0)), *
{\"id\": 5, \"ok\": true, \"k\": 2, \"top\": ((\"q\", 1), *\"set\": (\"q\"), \"set_size\": 1, \"coverage\": \"at-stop >= 0.9\", \"policy_followed\": true, \"stop\": true}
{\"id\": 6, \"ok\": true, \"k\": 1, $half, $followed
{\"id\": 7, \"ok\": true, \"k\": 2, *\"coverage\": \"at-stop >= 0.9\", \"policy_followed\": true, \"stop\": true}
{\"id\": 8, \"ok\": true, \"q\": null, \"stop\": true}
{\"id\": 9, \"ok\": true, \"pred\": \"p\", \"p\": 0.5, \"set\": *, \"coverage\": \"at-stop >= 0.9\", \"policy_followed\": true, \"k\": 2}
{\"id\": 10, \"ok\": false, \"error\": \"session\", *}" '' "$serve < requests.jsonl | tr '[]' '()'"

requests << 'END'
{"op":"open"}
{"op":"answer","session":"s1","q":"b","a":"no"}
{"op":"undo","session":"s1"}
{"op":"answer","session":"s1","q":"a","a":"no"}
{"op":"answer","session":"s1","q":"a","a":"yes"}
{"op":"answer","session":"s1","q":"c","a":"yes"}
{"op":"answer","session":"s1","q":"b","a":"perhaps"}
{"op":"answer","session":"s1","q":"b"}
{"op":"answer","session":"s1","a":"no"}
{"op":"answer","session":"s1","q":"b","a":true}
{"op":"state","session":"s2"}
{"op":"state"}
{"op":"fly","session":"s1"}
{"op":3}
{"id":"x"}
{"op":"posterior","id":2}
{"op":"open"}
{"op":"state","session":"s2"}
{"op":"undo","session":"s2"}
END
# another query than the one proposed: the promise goes, and comes back when it is undone
expect 0 'session s1 
k 1 set_size 2 coverage null policy_followed false
k 0 set_size 4 coverage "step >= 0.9" policy_followed true
k 1 set_size 2 coverage "all-steps >= 0.9" policy_followed true
error asked
error query
error answer
error answer
error query
k 2 set_size 1 coverage "at-stop >= 0.9" policy_followed true
error session
error session
error op
error op
error op
error op
session s2 
k 0 set_size 4 coverage "step >= 0.9" policy_followed true
error nothing' '' "$serve < requests.jsonl | sed 's/.*\"error\": \"\([a-z]*\)\".*/error \1/
    s/.*\"session\": \"\(s[0-9]*\)\".*/session \1 /
    s/.*\"k\": \([0-9]*\),.*\(\"set_size\".*\), \"stop\": .*/\"k\": \1, \2/
    s/\"\([a-z_]*\)\": /\1 /g; s/, / /g'"
expect 0 '2' '' "$serve < requests.jsonl | grep -c '\"error\": \"answer\", \"message\": \".*\", \"state\": \"unchanged\"'"

printf 'class,a,b\nm,0,0\nn,0,0\no,0,1\n' > implied.csv # b = yes excludes a = yes; a is always no
requests << 'END'
{"op":"open"}
{"id":1,"op":"answer","session":"s1","q":"a","a":"yes"}
{"id":2,"op":"state","session":"s1"}
END
expect_like 0 '*
{"id": 1, "ok": false, "error": "contradiction", "message": "*", "state": "unchanged"}
{"id": 2, "ok": true, "k": 0, *"policy_followed": true, *' '' \
    'conformal pursue serve --oracle implied.csv --flip 0 --seed 1 < requests.jsonl'

# lines that are no object: one answer each, and the stream goes on
requests << 'END'
{"op":"open","session":"s1
{"op":"\x"}
{"op":"\ud800"}
{"op":"\u12"}
{"op":"open"} {}
{"op":"open"
{"op":"open",}
{"op" "open"}
{op:"open"}
{"op":"open","op":"open"}
{"id":tru}
{"id":-}
{"id":1e999}
{"id":[1,2}
["op"]
open
{,}
{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}
END
expect 0 '18' '' "$serve < requests.jsonl | grep -c '^{\"id\": null, \"ok\": false, \"error\": \"syntax\", \"message\": \".*\"}\$'"
expect_like 0 '{"id": null, "ok": false, "error": "*", *
{"id": null, "ok": false, "error": "op", *
{"id": "ok", "ok": true, "session": "s1", *' '' \
    "{ printf '{\"op\":\"op\0en\"}\n{\"op\":\"'; head -c 1000000 /dev/zero | tr '\0' x; printf '\"}\n\n  \n{\"op\":\"open\",\"id\":\"ok\"}'; } | $serve"
requests << 'END'
{"id":{"a":["}",1]},"op":["open"]}
{"id":"caf\u00e9 \ud83d\ude00 \"\/","op":"open"}
{"id":-2.5,"op":"open","more":{"a":[1,{"b":"}\"]"}]}}
 { "id" : true , "op" : "open" } 
END
expect_like 0 '{"id": null, "ok": false, "error": "op", *
{"id": "café 😀 \\"/", "ok": true, "session": "s1", *
{"id": -2.5, "ok": true, "session": "s2", *
{"id": null, "ok": true, "session": "s3", *' '' "$serve < requests.jsonl"
expect 0 '' '' "$serve < /dev/null"
expect 0 '200' '' "yes '{\"op\":\"open\"}' | head -n 200 | $serve | wc -l | tr -d ' '"
expect 0 '{' '' "yes '{\"op\":\"open\"}' | head -n 5000 | $serve | head -c 1"
expect 0 '' '' "printf '{\"op\":\"open\",\"case\":5}\n{\"op\":\"next\",\"session\":\"s1\"}\n' > r; for i in 1 2; do $serve --method random < r > a.\$i; done; cmp a.1 a.2"
if [ -w /dev/full ]; then
    expect_like 4 '' 'conformal*: standard output: No space left on device' "echo '{\"op\":\"open\"}' | $serve > /dev/full"
fi
expect 2 '' 'conformal pursue serve: the rows cannot be read from standard input, where requests come' 'conformal pursue serve --label type - < zoo.csv'
expect_like 2 '' 'conformal pursue: what of them? There are *pursue evaluate*' 'conformal pursue'
# An empty set is no certainty, and a file of other cases is not added to.
expect_like 0 '* 2  *' '' "printf 'class,a,b\np,0,0\nq,0,1\nr,1,0\ns,1,1\n' > toy.csv; echo '?' | conformal pursue play --oracle toy.csv --flip 0 --seed 1"
expect_like 3 '*' 'conformal pursue play: other.csv: its columns are not class and the queries*' \
    "printf 'class,b,a\n' > other.csv; printf 'yes\nyes\ns\n' | conformal pursue play --oracle toy.csv --seed 1 --stop never --append other.csv"
expect 0 'class,a,b
p,no,no
s,yes,yes' '' "printf 'class,a,b\np,no,no' > open.csv; printf 'yes\nyes\ns\n' | conformal pursue play --oracle toy.csv --seed 1 --stop never --append open.csv > ignored; cat open.csv"
expect_like 2 '' "conformal pursue evaluate: 'cip:last:aps': *" 'conformal pursue evaluate --oracle toy.csv --methods cip:last:aps'
expect_like 2 '' 'conformal pursue evaluate: --smoothing *' 'conformal pursue evaluate --label type --smoothing 0 zoo.csv'
expect_like 0 '*"accuracy_stop": 1, "coverage_stop": 1, *' '' "printf 'c\nz\n' > alone.csv; conformal pursue evaluate --oracle alone.csv --methods ip --seed 1 --format json"
expect 0 '' '' 'conformal pursue evaluate --oracle animals20.csv --methods random --splits 1 --seed 1 > ignored' # gaps need no --na
expect_like 0 '*"error": "syntax"*"error": "syntax"*' '' "printf '{\"id\": 01}\n{\"id\": 1}\\000x\n' | conformal pursue serve --oracle toy.csv --seed 1"
tap_done
