#!/bin/sh
# calibrate, predict, evaluate: the main job and its edges.
. "$SRCDIR/tests/cli/tap.sh"
{ echo y,yhat,g; for i in 1 2 3 4 5 6 7 8 9; do echo "$i,0,a"; done; } > cal.csv
printf 'id,yhat,g\nx,10,a\n"y ""q""",20.5,b\n' > new.csv

expect 0 'id,yhat,g,lower,upper
x,10,a,1,19
"y ""q""",20.5,b,11.5,29.5' '' 'conformal predict --calibration cal.csv --y y --yhat yhat --alpha 0.1 new.csv'
expect 0 'id,yhat,g,lower_0.1,upper_0.1,lower_0.5,upper_0.5
x,10,a,1,19,5,15
"y ""q""",20.5,b,11.5,29.5,15.5,25.5' '' 'conformal predict --calibration cal.csv --y y --yhat yhat --alpha 0.1 --alpha 0.5 new.csv'
expect 0 'id,yhat,g,lower,upper
x,10,a,1,inf
"y ""q""",20.5,b,11.5,inf' '' \
    'sed s/^/-/ cal.csv | sed 1s/-// | conformal predict --calibration - --score lower --y y --yhat yhat new.csv'
expect 0 'id,yhat,g,lower,upper
x,10,a,1,19
"y ""q""",20.5,b,-inf,inf' 'conformal predict: note: new.csv: 1 of 2 rows are of a group that calibration has never seen: their intervals are infinite' \
    'conformal predict --calibration cal.csv --y y --yhat yhat --group g new.csv'

# the store: calibrate once, predict by name
expect 0 '{"schema": 1, "conformal": "0.1.0", "command": "calibrate", "n": 9, "alpha": 0.1, "method": "split", "score": "absolute", "name": "nine", "store": "conformal.db", "threshold": 9, "rank": 9, "coverage_law": {"mean": 0.9, "q05": 0.7168711644368865, "q95": 0.994316955011952}}' '' \
    'conformal calibrate --y y --yhat yhat --alpha 0.1 --name nine cal.csv'
expect 0 'id,yhat,g,lower,upper
x,10,a,1,19
"y ""q""",20.5,b,11.5,29.5' '' 'conformal predict --name nine new.csv'
expect 0 'pred,lower,upper
10,1,19' '' "printf 'pred\n10\n' | conformal predict --name nine --yhat pred"
expect 2 '' "conformal predict: conformal.db has no calibrator 'nin'; did you mean 'nine'?" 'conformal predict --name nin new.csv'
expect 2 '' "conformal predict: the calibrator 'nine' has no threshold for alpha = 0.2, only for 0.1 (calibrate again with --alpha 0.2)" \
    'conformal predict --name nine --alpha 0.2 new.csv'
expect 4 '' 'conformal predict: nowhere.db: there is no store here (conformal calibrate or pursue fit makes one)' \
    'conformal predict --store nowhere.db --name nine new.csv'
expect 2 '' 'conformal predict: --name NAME (a kept calibrator) or --calibration FILE (one step) is needed, and not both' \
    'conformal predict new.csv'
expect 0 '1' '' 'sqlite3 conformal.db "select count(*) from runs"'
expect 0 'id,yhat,g,lower,upper' '' 'CONFORMAL_STORE=conformal.db conformal predict --name nine --keep rows new.csv | head -n 1'
expect 0 'lower,upper
1,19
11.5,29.5' '' 'conformal runs export 2 --rows'
expect 0 'calibrate|2|test|new.csv|2' '' \
    'sqlite3 conformal.db "select (select command from runs where id = 1), run, role, name, rows from inputs where role = '"'test'"'"'

# several kinds of scores, through the command line
{ echo y,lo,hi,m; for i in 1 2 3 4 5 6 7 8 9; do echo "$i,4,6,5"; done; } > band.csv
expect 0 'lo,hi,lower,upper
4,6,1,9' '' "printf 'lo,hi\n4,6\n' | conformal predict --calibration band.csv --score cqr --y y --lower lo --upper hi"
expect 0 'lo,hi,lower,upper
4,6,1,9' 'conformal predict: note: stdin: lower and upper predictions cross in 1 rows, which were read the other way round' \
    "printf 'hi,lo\n4,6\n' | sed 's/hi,lo/lo,hi/; s/4,6/6,4/' | conformal predict --calibration band.csv --score cqr --y y --lower lo --upper hi | sed 's/6,4,/4,6,/'"
expect 0 'lo,hi,lower,upper
4,6,-inf,inf' 'conformal predict: note: 9 calibration rows are too few for alpha = 0.1: the intervals are infinite (19 rows would do)' \
    "printf 'lo,hi\n4,6\n' | conformal predict --calibration band.csv --score cqr-asymmetric --y y --lower lo --upper hi"
expect 0 'lo,hi,lower,upper
4,6,1,9' '' "printf 'lo,hi\n4,6\n' | conformal predict --calibration band.csv --score cqr-r --y y --lower lo --upper hi"
expect 0 'm,lo,hi,lower,upper
5,4,6,1,9' '' "printf 'm,lo,hi\n5,4,6\n' | conformal predict --calibration band.csv --score cqr-m --y y --lower lo --upper hi --median m"
expect 0 'yhat,s,lower,upper
10,2,1,19' '' "{ echo y,yhat,s; for i in 1 2 3 4 5 6 7 8 9; do echo \$i,0,2; done; } > n.csv; printf 'yhat,s\n10,2\n' | conformal predict --calibration n.csv --score normalized --y y --yhat yhat --scale s"

# columns named like ours are replaced
expect 0 'yhat,lower,upper
10,1,19' "conformal predict: note: the input's column 'lower' is replaced
conformal predict: note: the input's column 'upper' is replaced" \
    "printf 'lower,yhat,upper\n1,10,2\n' | conformal predict --name nine"

# missing values
expect 0 'yhat,lower,upper
NA,-inf,inf
10,1,19' 'conformal predict: note: stdin: 1 of 2 rows have a missing value: their intervals are infinite' \
    "printf 'yhat\nNA\n10\n' | conformal predict --name nine --na NA"
expect_like 0 '*"n": 9, *"threshold": 9,*' 'conformal calibrate: note: stdin: 1 of 10 rows have a missing value and were left out' \
    "{ cat cal.csv; echo n/a,3,a; } | conformal calibrate --y y --yhat yhat --na n/a --name other"

# evaluate
printf 'y,lower,upper,g\n1,0,2,a\n5,0,2,a\n-1,0,2,b\n1,-inf,inf,b\n1,3,2,b\n' > iv.csv
expect 0 '{"schema": 1, "conformal": "0.1.0", "command": "evaluate", "n": 5, "alpha": 0.5, "coverage": 0.4, "coverage_lower": 0.05274495052631693, "coverage_upper": 0.8533672003653269, "mean_width": 1.5, "median_width": 2, "winkler": 7.5, "infinite": 1, "empty": 1, "below": 2, "above": 1}' '' \
    'conformal evaluate --y y --alpha 0.5 iv.csv'
expect_like 0 'group,n,coverage,*
a,2,0.5,*
b,3,0.333*,1,1,2,0' '' 'conformal evaluate --y y --group g --format csv iv.csv'
expect_like 1 '{*' 'conformal evaluate: the coverage is 0.4, below the required 0.9' 'conformal evaluate --y y --require-coverage 0.9 iv.csv'
expect_like 0 '{*' '' 'conformal evaluate --y y --require-coverage 0.4 iv.csv'
expect_like 0 '*"levels": ?{"alpha": 0.1, "coverage": 0.8987*}, {"alpha": 0.5, "coverage": 0.4868*}?}' '' \
    'conformal predict --calibration diamonds_calibration.csv --y price --yhat predicted --alpha 0.1,0.5 diamonds_test.csv | conformal evaluate --y price'
expect 3 '' 'conformal evaluate: stdin: there is no row to evaluate' "printf 'y,lower,upper\n' | conformal evaluate --y y"
expect 2 '' 'conformal evaluate: evaluation needs --y COL, the name of the column' 'conformal evaluate iv.csv'

# too few, none, all
expect_like 0 '*"threshold": "inf", "rank": 4, "coverage_law": {"mean": 1, "q05": 1, "q95": 1}}' \
    'conformal calibrate: note: 3 calibration rows are too few for alpha = 0.1: the intervals are infinite (9 rows would do)' \
    'head -n 4 cal.csv | conformal calibrate --y y --yhat yhat --name few'
expect_like 0 '*"n": 0, *"threshold": "inf"*' 'conformal calibrate: note: 0 calibration rows are too few*' \
    'head -n 1 cal.csv | conformal calibrate --y y --yhat yhat --name none'
expect 0 'yhat,lower,upper' '' 'echo yhat | conformal predict --name nine'
expect 0 'yhat,lower,upper
10,-inf,inf' 'conformal predict: note: alpha = 0 promises to cover everything: the intervals are infinite' \
    "printf 'yhat\n10\n' | conformal predict --calibration cal.csv --y y --yhat yhat --alpha 0"
expect 0 'yhat,lower,upper
10,inf,-inf' 'conformal predict: note: stdin: 1 intervals are empty (lower > upper): no outcome conforms' \
    "printf 'yhat\n10\n' | conformal predict --calibration cal.csv --y y --yhat yhat --alpha 1"
expect 0 'yhat,lower,upper
10,7,13' '' "{ echo y,yhat; for i in 1 2 3 4 5 6 7 8 9; do echo 3,0; done; } > tied.csv; printf 'yhat\n10\n' | conformal predict --calibration tied.csv --y y --yhat yhat"
tap_done
