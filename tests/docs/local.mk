dist_check_SCRIPTS += tests/docs/examples.sh tests/docs/program.sh
TESTS += tests/docs/examples.sh tests/docs/program.sh
EXTRA_DIST += tests/docs/update.sh
