cli_tests = \
	tests/cli/batch.sh \
	tests/cli/hostile.sh \
	tests/cli/large.sh \
	tests/cli/options.sh \
	tests/cli/predict.sh \
	tests/cli/provider.sh \
	tests/cli/pursue.sh \
	tests/cli/runs.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
EXTRA_DIST += tests/cli/tap.sh
