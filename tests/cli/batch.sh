#!/bin/sh
# batch: bounds, sets, claims, p-values, and what is said of mistakes.
. "$SRCDIR/tests/cli/tap.sh"
head='{"schema": 1, "conformal": "0.1.0", "command": "batch'
printf 's\n0.125\n0.25\n0.4375\n0.5\n0.75\n0.9375\n' > six.csv
{ echo s; seq 9; } > nine.csv
{ echo y,yhat,g; for i in 1 2 3 4 5 6 7 8 9; do echo "$i,0,a"; done; } > cal.csv
printf 'id,yhat\na,10\nb,20\nc,30\n' > batch.csv

# one member is split conformal; numbers of several are the oracle's (tests/oracle/batch_*.h)
expect 0 "$head median\", \"n\": 9, \"alpha\": 0.2, \"statistic\": \"median\", \"m\": 1, \"rank\": 1, \"lower\": 1, \"upper\": 9, \"coverage\": 0.8, \"lower_rank\": 2, \"upper_rank\": 9}" '' \
    'conformal batch median --calibration nine.csv --score s --m 1 --alpha 0.2'
expect 0 "$head mean\", \"n\": 9, \"alpha\": 0.2, \"statistic\": \"mean\", \"m\": 1, \"lower\": 1, \"upper\": 9, \"coverage\": 0.8, \"engine\": \"exact\", \"ranks\": \"heavy\"}" '' \
    'conformal batch mean --calibration nine.csv --score s --m 1 --alpha 0.2'
expect 0 'n,alpha,statistic,m,rank,lower,upper,coverage,lower_rank,upper_rank
6,0.1,quantile,3,2,-inf,0.9375,0.9166666666666666,1,6' '' \
    'conformal batch quantile --rank 2 --side upper --calibration six.csv --score s --m 3 --format csv'
expect_like 0 '*"lower": "-inf", "upper": 0.77083333333333*, "coverage": 0.8095238095238095, "engine": "exact", "ranks": "linear"}' '' \
    'conformal batch mean --calibration six.csv --score s --m 3 --alpha 0.2 --side upper --support 0,1'
expect_like 0 '*"lower": 0.249999999999999*, "upper": "inf", "coverage": 0.8095238095238095, *' '' \
    'conformal batch mean --calibration six.csv --score s --m 3 --alpha 0.2 --side lower --support 0,1'
expect_like 0 '*"upper": 0.775*, "engine": "hull", *' '' \
    'conformal batch mean --calibration six.csv --score s --m 3 --alpha 0.2 --side upper --support 0,1 --engine hull'
expect_like 0 '*"statistic": "sum", "m": 3, "lower": "-inf", "upper": 2.3125*' '' \
    'conformal batch sum --calibration six.csv --score s --m 3 --alpha 0.2 --side upper --support 0,1'
expect_like 0 '*"upper": 0.8125*, "coverage": 0.85497835497835*' '' \
    'conformal batch trimmed-mean --trim 0.2 --calibration six.csv --score s --m 5 --alpha 0.2 --side upper --support 0,1'
expect_like 0 '*"upper": 0.8125*, "coverage": 0.85497835497835*' '' \
    'conformal batch l-statistic --coefficients 0,1,1,1,0 --calibration six.csv --score s --m 5 --alpha 0.2 --side upper --support 0,1 > l; sed "s/2.4375/0.8125/" l'
expect 0 '0.8125' '' \
    'printf "0\n1\n1\n1\n0\n" > c; conformal batch l-statistic --coefficients @c --calibration six.csv --score s --m 5 --alpha 0.2 --side upper --support 0,1 --format csv | tail -n 1 | awk -F, "{ print \$6 / 3 }"'
expect_like 0 '*"statistic": "top-mean", "m": 4, "lower": 0.5, "upper": 1, *' '' \
    'conformal batch top-mean --top 1 --calibration six.csv --score s --m 4 --alpha 0.5 --support 0,1'
expect_like 0 '*"coverage": 0.53571428571428*, "quantiles": [[]{"rank": 1, "lower": 0, "upper": 0.4375, "lower_rank": 1, "upper_rank": 3}, {"rank": 3, "lower": 0.5, "upper": 1, "lower_rank": 5, "upper_rank": 7}]}' '' \
    'conformal batch quantile --prob 0.1,1 --calibration six.csv --score s --m 3 --alpha 0.5 --support 0,1'
expect_like 0 '*"statistic": "quartiles", "m": 5, "lower": 1, "upper": 12, "coverage": 0.85504201680672*, "lower_rank": 2, "upper_rank": 12}' '' \
    '{ echo s; seq 12; } > twelve.csv; conformal batch quartiles --calibration twelve.csv --score s --m 5 --alpha 0.2 --region shortest'
expect 0 'n,alpha,statistic,m,above,lower,upper,coverage
12,0.2,count,5,6.5,0,4,0.8' '' \
    'conformal batch count --above 6.5 --side upper --calibration twelve.csv --score s --m 5 --alpha 0.2 --format csv'

# too few rows: infinite, a sentence, status 0
expect_like 0 '*"lower": "-inf", "upper": "inf", "coverage": 1, *' 'conformal batch mean: note: 9 calibration rows are too few for a batch of 5 at alpha = 0.1: the upper bound is infinite (95 rows would do, or --support LO,HI)
conformal batch mean: note: 9 calibration rows are too few for a batch of 5 at alpha = 0.1: the lower bound is infinite (95 rows would do, or --support LO,HI)' \
    'conformal batch mean --calibration nine.csv --score s --m 5'
expect_like 0 '*"upper": "inf", "coverage": 1, "lower_rank": 1, "upper_rank": 10}' \
    'conformal batch quantile: note: 9 calibration rows are too few for a batch of 5 at alpha = 0.1: the upper bound is infinite (45 rows would do, or --support LO,HI)' \
    'conformal batch quantile --rank 5 --side upper --calibration nine.csv --score s --m 5'
expect_like 0 '*"lower": "-inf", "upper": "inf"*' 'conformal batch median: note: alpha = 0 promises certainty: the upper bound is infinite
conformal batch median: note: alpha = 0 promises certainty: the lower bound is infinite' \
    'conformal batch median --calibration nine.csv --score s --m 3 --alpha 0'
expect_like 0 '*"lower": 0, "upper": 1, "coverage": 1,*' '' \
    'conformal batch mean --calibration six.csv --score s --m 3 --alpha 0 --support 0,1'

# outcomes: prediction and residual; the batch is the rows of the file
expect 0 "$head mean\", \"n\": 9, \"alpha\": 0.5, \"statistic\": \"mean\", \"m\": 3, \"lower\": 21.*" '' \
    'conformal batch mean --calibration cal.csv --y y --yhat yhat --alpha 0.5 batch.csv | sed "s/\"lower\": 2[0-9]*[.0-9]*, .*/\"lower\": 21.*/"'
expect 0 '10,28' '' \
    'conformal batch median --calibration cal.csv --y y --yhat yhat --alpha 0.5 --support 0,28 batch.csv --format csv | tail -n 1 | awk -F, "{ print (\$6 >= 10) * 10 \",\" (\$7 <= 28) * 28 }"'
expect_like 0 '*"statistic": "count", "m": 3, "above": 10, "lower": 2, "upper": 3*' '' \
    'conformal batch count --above 10 --calibration cal.csv --y y --yhat yhat --alpha 0.5 batch.csv'
expect 0 '3' '' 'cat batch.csv | conformal batch sum --calibration cal.csv --y y --yhat yhat --alpha 0.5 --format csv | tail -n 1 | cut -d, -f4'

# sets and claims: rows get columns; standard input is read twice
expect 0 'id,yhat,lower,upper
a,10,1,19
b,20,11,29
c,30,21,39' '' 'conformal batch simultaneous --calibration cal.csv --y y --yhat yhat --alpha 0.3 batch.csv'
expect 0 'id,yhat,lower,upper
a,10,3,17
b,20,13,27
c,30,23,37' '' 'cat batch.csv | conformal batch simultaneous --calibration cal.csv --y y --yhat yhat --alpha 0.3 --allow 1'
expect_like 0 "$head simultaneous\", \"n\": 9, \"alpha\": 0.3, \"statistic\": \"simultaneous\", \"m\": 100, \"upper_rank\": 10, \"threshold\": \"inf\", \"coverage\": 1, \"allowed\": 0}" '*(234 rows would do)' \
    'conformal batch simultaneous --calibration nine.csv --score s --m 100 --alpha 0.3'
expect_like 0 '*"compare": [[]{"method": "batch", "upper_rank": *}, {"method": "bonferroni", *}, {"method": "split", "upper_rank": 10, "threshold": "inf", "coverage": 1}]}' '' \
    'conformal batch simultaneous --calibration cal.csv --y y --yhat yhat --alpha 0.3 --compare --format json batch.csv'
expect 0 'id,yhat,selected
a,10,1
b,20,1
c,30,1' 'conformal batch select: note: 3 of 3 rows are selected; with probability 0.75 at most 0 of these claims are false' \
    'conformal batch select --calibration cal.csv --y y --yhat yhat --above 5 --alpha 0.3 batch.csv'
expect_like 0 "$head select\", \"n\": 9, \"alpha\": 0.1, \"statistic\": \"select\", \"m\": 3, \"upper_rank\": 9, \"threshold\": 0, \"coverage\": 0.9*, \"above\": 5, \"false\": 1, \"selected\": 3}" '' \
    'conformal batch select --calibration cal.csv --y y --yhat yhat --above 5 --false 1 --alpha 0.1 --quiet batch.csv --format json'

# p-values
expect 0 'n,alpha,statistic,m,rank,observed_rank,p_value,rejected
9,0.3,pvalue,3,2,8,0.23636363636363636,true' '' \
    'printf "s\n1.5\n7.5\n20\n" > t.csv; conformal batch pvalue --calibration nine.csv --score s t.csv --alpha 0.3 --format csv'
expect 0 'batch,m,rank,observed_rank,p_value,rejected
u,2,1,10,0.01818181818181818,true
v,1,1,1,1,false' '' \
    'printf "s,b\n10,u\n0,v\n20,u\n" | conformal batch pvalue --calibration nine.csv --score s --batch b --format csv'

# strata, another population, a pilot, the store
expect_like 0 '*"statistic": "mean", "m": 5, "strata": 2, "lower": "-inf", "upper": 0.8625*, "coverage": 0.94333333333333*' '' \
    'printf "s,g\n0.125,a\n0.375,a\n0.5,a\n0.875,a\n0.25,b\n0.5625,b\n0.6875,b\n" > strata.csv; printf "g\na\na\nb\nb\nb\n" | conformal batch mean --calibration strata.csv --score s --group g --side upper --support 0,1'
expect_like 0 "$head median\", \"n\": 9, \"alpha\": 0.5, \"seed\": 1, \"rows\": 9, *" '' \
    'sed "1s/\$/,w/; 2,\$s/\$/,1/" nine.csv > w.csv; conformal batch median --calibration w.csv --score s --weight w --max-weight 1 --m 2 --alpha 0.5 --seed 1'
expect_like 0 '*"seed": 7, "rows": 10000*' '' \
    'sed "1s/\$/,p/; 2,\$s/\$/,0.25/" diamonds_calibration.csv > p.csv; conformal batch mean --calibration p.csv --score price --propensity p --support 0,20000 --m 20 --seed 7 --store s.db'
expect 0 '1|batch mean|7' '' 'sqlite3 s.db "select id, command, seed from runs"'
expect 0 'calibration|p.csv|10000' '' 'sqlite3 s.db "select role, name, rows from inputs"'
expect_like 0 '*"ranks": "pilot"}' '' \
    'head -n 500 diamonds_test.csv > pilot.csv; conformal batch mean --calibration diamonds_calibration.csv --score price --pilot pilot.csv --m 20'
expect_like 0 '*"compare": [[]{"method": "batch", *}, {"method": "partition", *}, {"method": "bonferroni", *}, {"method": "direct", *}]}' '' \
    'conformal batch mean --calibration nine.csv --score s --m 2 --alpha 0.5 --compare'

# mistakes
expect 2 '' 'conformal batch: what of them? There are batch median, batch quantile, batch quartiles, batch mean, batch sum, batch trimmed-mean, batch top-mean, batch l-statistic, batch count, batch simultaneous, batch select, batch pvalue' 'conformal batch'
expect 2 '' 'conformal batch mean: --calibration FILE is needed: the rows to calibrate on' 'conformal batch mean --score s --m 3'
expect 2 '' 'conformal batch mean: --score COL is needed, or --y COL and --yhat COL' 'conformal batch mean --calibration cal.csv --m 3'
expect 2 '' "conformal batch mean: nine.csv has no column 't'; there are s" 'conformal batch mean --calibration nine.csv --score t --m 3'
expect 2 '' 'conformal batch median: alpha must be between 0 and 1, not 1.5' 'conformal batch median --calibration nine.csv --score s --m 3 --alpha 1.5'
expect 2 '' 'conformal batch median: --m must be at least 1: a batch has members' 'conformal batch median --calibration nine.csv --score s --m 0'
expect 2 '' 'conformal batch quantile: --rank: 4 is not a whole number in 1..3, the batch' 'conformal batch quantile --rank 4 --calibration nine.csv --score s --m 3'
expect 2 '' 'conformal batch quantile: --rank Z or --prob P says which quantile, and not both' 'conformal batch quantile --calibration nine.csv --score s --m 3'
expect 2 '' 'conformal batch mean: the predictions of the batch are needed: give them as FILE, not --m' 'conformal batch mean --calibration cal.csv --y y --yhat yhat --m 3'
expect 2 '' 'conformal batch mean: --weight needs --max-weight W, a bound of the weights that is known in advance' 'conformal batch mean --calibration w.csv --score s --weight w --m 3'
expect 2 '' "conformal batch mean: --pilot must be rows that are used for nothing else, not 'nine.csv' again" 'conformal batch mean --calibration nine.csv --score s --m 3 --pilot nine.csv'
expect 2 '' 'conformal batch select: --false must be below the size of the batch, 3' 'conformal batch select --calibration cal.csv --y y --yhat yhat --above 5 --false 3 batch.csv'
expect 2 '' "conformal batch select: twice.csv: there is a column 'selected' already: leave it out or rename it" \
    "printf 'yhat,selected\n1,2\n' > twice.csv; conformal batch select --calibration cal.csv --y y --yhat yhat --above 5 twice.csv"
expect 3 '' 'conformal batch mean: six.csv:7: s: 0.9375 is outside the support, 0 to 0.9' 'conformal batch mean --calibration six.csv --score s --m 3 --support 0,0.9'
expect 3 '' 'conformal batch median: bad.csv:3: s: '"'x'"' is not a number (--na x treats it as missing)' 'printf "s\n1\nx\n" > bad.csv; conformal batch median --calibration bad.csv --score s --m 3'
expect 3 '' 'conformal batch mean: gap.csv:3: yhat: the value is missing, and the statistic is one of the whole batch' \
    'printf "yhat\n1\nNA\n" > gap.csv; conformal batch mean --calibration cal.csv --y y --yhat yhat --na NA gap.csv'
expect 3 '' 'conformal batch mean: none.csv: the batch has no row' 'echo yhat > none.csv; conformal batch mean --calibration cal.csv --y y --yhat yhat none.csv'
expect 3 '' 'conformal batch mean: w.csv: the weight of row 1 is 1, above the largest, 0.5 (--max-weight W raises it; it must be known in advance)' \
    'conformal batch mean --calibration w.csv --score s --weight w --max-weight 0.5 --m 3'
expect 4 '' 'conformal batch mean: nowhere.csv: No such file or directory' 'conformal batch mean --calibration nowhere.csv --score s --m 3'
expect 0 '' '' 'conformal batch simultaneous --calibration cal.csv --y y --yhat yhat diamonds_test.csv > /dev/null 2>&1; yes "1,2" | head -n 20000 | sed "1i id,yhat" | conformal batch simultaneous --quiet --calibration cal.csv --y y --yhat yhat | head -n 1 > /dev/null'
if [ -w /dev/full ]; then
    expect 4 '' 'conformal batch simultaneous: standard output: No space left on device' \
        'conformal batch simultaneous --calibration cal.csv --y y --yhat yhat --alpha 0.3 batch.csv > /dev/full'
fi
tap_done
