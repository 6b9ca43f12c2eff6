#!/bin/sh
# Bad input, bad files, bad pipes: a clear line, the right status, nothing lost.
. "$SRCDIR/tests/cli/tap.sh"
cal='conformal calibrate --y y --yhat yhat --name n'
expect 3 '' "conformal calibrate: bad.csv:3: yhat: 'n/a' is not a number (--na n/a treats it as missing)" \
    "printf 'y,yhat\n1,2\n3,n/a\n' > bad.csv; $cal bad.csv"
expect 3 '' "conformal calibrate: stdin:2: y: 'nan' is not a number (--na nan treats it as missing)" \
    "printf 'y,yhat\nnan,2\n' | $cal"
expect 3 '' 'conformal calibrate: stdin: the file is empty (a header line with column names is required)' "$cal < /dev/null"
expect 3 '' 'conformal calibrate: stdin:3: the row has 3 fields, the header has 2' "printf 'y,yhat\n1,2\n1,2,3\n' | $cal"
expect 3 '' 'conformal calibrate: stdin:4: the row has 1 field, the header has 2' "printf 'y,yhat\n1,2\n\n1\n' | $cal"
expect 3 '' 'conformal calibrate: stdin:2: the quote that opens here is never closed' "printf 'y,yhat\n1,\"2\n3,4\n' | $cal"
expect 3 '' "conformal calibrate: stdin:5: yhat: 'x' is not a number (--na x treats it as missing)" \
    "printf 'y,yhat,t\r\n1,2,\"a\r\nb\"\r\n\r\n1,x,c\r\n' | $cal"
expect 3 '' "conformal calibrate: stdin:2: y: '1e999' is out of range: numbers reach 1.7976931348623157e308" "printf 'y,yhat\n1e999,2\n' | $cal"
expect 3 '' "conformal calibrate: stdin:1: columns 1 and 3 are both named 'y' (rename one)" "printf 'y,yhat,y\n1,2,3\n' | $cal"
expect 2 '' "conformal calibrate: cal.csv has no column 'yht'; did you mean 'yhat'?" \
    "printf 'y,yhat\n1,2\n' > cal.csv; conformal calibrate --y y --yhat yht cal.csv"
expect 2 '' "conformal calibrate: cal.csv has no column 'price'; there are y, yhat" 'conformal calibrate --y price --yhat yhat cal.csv'
expect 2 '' 'conformal calibrate: the score absolute needs --yhat COL, the name of the column' 'conformal calibrate --y y cal.csv'
expect 2 '' 'conformal calibrate: the score cqr needs --lower COL, the name of the column' 'conformal calibrate --y y --score cqr cal.csv'
expect 2 '' "conformal calibrate: --score: 'normalised' is not one of absolute, normalized, signed, lower, upper, cqr, cqr-asymmetric, cqr-r, cqr-m" \
    'conformal calibrate --y y --yhat yhat --score normalised cal.csv'
expect 2 '' 'conformal calibrate: alpha must be between 0 and 1, not 1.5' "$cal --alpha 1.5 cal.csv"
expect 2 '' 'conformal calibrate: --alpha 0.1 is given twice' "$cal --alpha 0.1,0.1 cal.csv"
expect 3 '' 'conformal calibrate: stdin:3: s: the scale plus beta must be positive' \
    "printf 'y,yhat,s\n1,2,1\n1,2,0\n' | $cal --score normalized --scale s"
expect 3 '' 'conformal calibrate: stdin:2: y: the score of row 0 is infinity minus infinity' "printf 'y,yhat\ninf,inf\n' | $cal"
expect 4 '' 'conformal calibrate: nofile.csv: No such file or directory' "$cal nofile.csv"
expect 4 '' 'conformal calibrate: .: this is a folder, not a CSV file' "$cal ."
expect 3 '' 'conformal calibrate: stdin: this is gzip, not CSV (gzip -dc FILE | conformal ...)' "gzip -c cal.csv | $cal"
expect 3 '' "conformal quantile: stdin:1: the header is the number 1: a line with column names must come first (sed '1i score')" 'seq 9 | conformal quantile'
expect 4 '' 'conformal calibrate: cal.csv: this is not a libconformal store (choose another file with --store)' \
    "$cal --store cal.csv cal.csv"
expect 4 '' 'conformal calibrate: no/such/folder.db: the store cannot be opened (is the folder there, and writable?)' \
    "$cal --store no/such/folder.db cal.csv"
expect 4 '' 'conformal runs list: conformal.db: there is no store here (conformal calibrate or pursue fit makes one)' 'rm -f conformal.db; conformal runs list'

# What did not work left nothing behind.
expect 0 '' '' 'ls | grep -v csv; true'

# The forms that are accepted: CR only, BOM, semicolons carried to the output.
{ echo y,yhat; for i in 1 2 3 4 5 6 7 8 9; do echo "$i,0"; done; } > nine.csv
expect_like 0 '*"n": 9, *"threshold": 9*' '' "{ printf '\357\273\277'; tr '\n' '\r' < nine.csv; } | $cal"
expect 0 'a;yhat;lower;upper
"1;2";10;1;19' '' "printf 'a;yhat\r\n\"1;2\";10\r\n' | conformal predict --name n"

# Pipes, disks, files.
expect 0 'carat,cut,color,clarity,price,predicted,scale,q05,q95,lower,upper' '' \
    'conformal predict --calibration diamonds_calibration.csv --y price --yhat predicted diamonds_test.csv | head -n 1'
expect 0 '0' '' 'bash -c "conformal predict --name n --yhat predicted diamonds_test.csv | true; echo \${PIPESTATUS[0]}"'
if [ -w /dev/full ]; then
    expect 4 '' 'conformal predict: standard output: No space left on device' 'conformal predict --name n --yhat predicted diamonds_test.csv > /dev/full'
    expect 4 '' 'conformal plan: standard output: No space left on device' 'conformal plan --n 10 > /dev/full'
    expect 4 '' 'conformal: standard output: No space left on device' 'conformal --help > /dev/full'
    expect 4 '' 'conformal predict: /dev/full: No space left on device' 'conformal predict --name n --yhat predicted -o /dev/full diamonds_test.csv'
else
    skip 'a full disk' 'no /dev/full'
fi
echo old > result.csv
expect 3 'old' "conformal predict: stdin:3: yhat: 'x' is not a number (--na x treats it as missing)" \
    "printf 'yhat\n1\nx\n' | conformal predict --name n -o result.csv; s=\$?; cat result.csv; ls result.csv.* 2> /dev/null; exit \$s"
expect 0 'yhat,lower,upper
1,-8,10' '' "printf 'yhat\n1\n' | conformal predict --name n -o result.csv; cat result.csv"
expect 4 '' 'conformal predict: no/such/file.csv: No such file or directory' "printf 'yhat\n1\n' | conformal predict --name n -o no/such/file.csv"
expect 2 '' 'conformal predict: --format: predict writes CSV only' 'conformal predict --name n --format json diamonds_test.csv'
tap_done
