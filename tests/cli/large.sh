#!/bin/sh
# Files large enough to be read by halves: the same answer as through a pipe, the same errors.
. "$SRCDIR/tests/cli/tap.sh"
awk 'BEGIN { print "y,yhat,g,t,u"; s = 1; for (i = 0; i < 700000; i++) { s = (s * 16807) % 2147483647;
    print s / 1000 "," i % 977 ",g" (i < 400000 ? i % 5 : i % 7) ",abcdef,filling" } }' > big.csv
[ "$(wc -c < big.csv)" -gt 16777216 ] || echo 'Bail out! the file is too small to be halved'
cal='conformal calibrate --y y --yhat yhat --alpha 0.1,0.01 --format csv --quiet --store x.db'
$cal --group g < big.csv > piped.csv
$cal --score signed < big.csv > signed.csv
expect 0 '' '' "$cal --group g big.csv | cmp - piped.csv"
expect 0 '' '' "$cal --score signed big.csv | cmp - signed.csv"
expect 0 '1' '' 'sqlite3 x.db "select count(distinct sha256) from inputs"'
expect 0 "$(sha256sum < big.csv | cut -d' ' -f1)" '' 'sqlite3 x.db "select distinct sha256 from inputs"'
expect 0 '700000' '' 'sqlite3 x.db "select distinct rows from inputs"'
expect 0 '8' '' 'wc -l < piped.csv | tr -d " "'

# A line break inside quotes, wherever the middle falls.
sed 's/abcdef/"ab\ncdef"/' big.csv > quoted.csv
expect 0 '' '' "$cal --group g quoted.csv | cmp - piped.csv"
# Faults in the second half are said with their own line, and the earlier one wins.
sed '650000s/^[^,]*/bad/' big.csv > bad.csv
expect 3 '' "conformal calibrate: bad.csv:650000: y: 'bad' is not a number (--na bad treats it as missing)" "$cal bad.csv"
sed '650000s/^[^,]*/bad/; 3s/^/,/' big.csv > bad.csv
expect 3 '' 'conformal calibrate: bad.csv:3: the row has 6 fields, the header has 5' "$cal bad.csv"
# Constant memory: 700,000 rows predicted in a process that may hold 64 MB of data.
[ "$SANITIZED" = yes ] || expect 0 '700001' '' 'ulimit -d 65536; conformal predict --store x.db --name default --alpha 0.1 big.csv | wc -l | tr -d " "'
tap_done
