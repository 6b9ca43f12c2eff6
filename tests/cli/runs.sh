#!/bin/sh
# The store from the command line, and planning.
. "$SRCDIR/tests/cli/tap.sh"
{ echo y,yhat,g; for i in 1 2 3 4 5 6 7 8 9; do echo "$i,0,a"; done; } > cal.csv
expect_like 0 '*' '' 'conformal calibrate --store lab.db --y y --yhat yhat --group g --name one cal.csv'
expect_like 0 '*' '' 'conformal predict --store lab.db --name one cal.csv'
expect_like 0 '*' '' 'CONFORMAL_STORE=lab.db conformal evaluate --y y --lower y --upper y cal.csv'
expect_like 0 '{"schema": 1, "conformal": "0.1.0", "command": "runs list", "runs": ?{"id": 1, "command": "calibrate", "started": "20*Z", "seconds": *, "n": 9, "seed": null, "name": "one", "arguments": "calibrate --store lab.db *"}, {"id": 2, "command": "predict", *}, {"id": 3, "command": "evaluate", *}?}' '' \
    'conformal runs list --store lab.db --format json'
expect_like 0 'id,command,*
3,evaluate,*' '' 'conformal runs list --store lab.db --command evaluate --format csv'
expect_like 0 '*"run": {"id": 1, *"options": {"store": "lab.db", "y": "y", *"inputs": ?{"role": "calibration", "name": "cal.csv", "rows": 9, "bytes": *"sha256": "*"}?, "results": {*"groups.0.threshold": 9,*"calibrators": ?{"name": "one",*' '' \
    'conformal runs show 1 --store lab.db'
expect 0 "$(sha256sum cal.csv | cut -d' ' -f1)" '' 'sqlite3 lab.db "select sha256 from inputs where run = 1"'
expect_like 0 'path,value
n,9
coverage*,1
*' '' 'conformal runs export 3 --store lab.db | grep -v alpha'
expect_like 0 'name,method,score,n,groups,created,run
one,split,absolute,9,1,*,1' '' 'conformal runs calibrators --store lab.db --format csv'
expect_like 0 '*"damaged": ??, "checked": 4, "damaged_count": 0}' '' 'conformal runs verify --store lab.db'
expect_like 1 '*"fact": "its content is not what was stored"*' 'conformal runs verify: 1 of the entries are damaged' \
    'cp lab.db broken.db; sqlite3 broken.db "update run_result set number = 8 where run = 3 and path = '"'coverage'"'"; conformal runs verify --store broken.db'
expect_like 4 '' "conformal predict: broken.db: the calibrator 'one' is damaged*" \
    'sqlite3 broken.db "update calibrator_threshold set upper = 1"; conformal predict --store broken.db --name one cal.csv'
expect_like 4 '' 'conformal runs list: broken.db: the store was written by a newer libconformal (its format is 99, this one knows 2)*' \
    'sqlite3 broken.db "pragma user_version = 99"; conformal runs list --store broken.db'
expect 2 '' 'conformal runs show: lab.db has no run 9 (conformal runs list shows them)' 'conformal runs show 9 --store lab.db'
expect 2 '' "conformal runs show: 'x' is not the number of a run (conformal runs list shows them)" 'conformal runs show x --store lab.db'
expect 2 '' 'conformal runs export: run 1 kept no rows (conformal predict --keep rows keeps them)' 'conformal runs export 1 --rows --store lab.db'
expect 0 '' '' 'conformal runs delete 2 --store lab.db'
expect 0 '1
3' '' 'sqlite3 lab.db "select id from runs"'
expect 0 '' '' 'conformal runs forget one --store lab.db'
expect 2 '' "conformal runs forget: lab.db has no calibrator 'one' (conformal runs calibrators lists them)" 'conformal runs forget one --store lab.db'

expect 0 '{"schema": 1, "conformal": "0.1.0", "command": "plan", "n": 1000, "alpha": 0.1, "rank": 901, "mean": 0.9000999000999002, "q05": 0.884075488583474, "q95": 0.9152152323315308}' '' \
    'conformal plan --n 1000 --alpha 0.1 --format json'
expect_like 0 '*"n": 2429, *"margin": 0.01, "confidence": 0.9, "side": "both"}' '' 'conformal plan --alpha 0.1 --margin 0.01 --confidence 0.9'
expect_like 0 '*"pac_rank": 22}' '' 'conformal plan --n 22 --delta 0.1'
expect_like 0 '*"p_value": 0.207444275997*}' '' 'conformal plan --n 100 --test-rows 1000 --covered 860'
expect 2 '' 'conformal plan: --n N says how many calibration rows there are; --margin M asks how many are needed' 'conformal plan'
expect 2 '' 'conformal plan: alpha must be between 0 and 1' 'conformal plan --n 9 --alpha 2'
expect_like 2 '' 'conformal plan: a margin of 1e-09 needs more than 1e12 calibration rows' 'conformal plan --margin 1e-9'
expect_like 0 'Diamonds:*0.7881*0.8966*conformal.db*' '*cross*' 'conformal demo --datasets "$SRCDIR/datasets"'
expect 4 '' 'conformal demo: nowhere/diamonds_calibration.csv: not there (--datasets DIR says where the bundled CSV files are)' 'conformal demo --datasets nowhere'
tap_done
