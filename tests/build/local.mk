build_tests = \
	tests/build/headers.sh \
	tests/build/install.sh \
	tests/build/symbols.sh
dist_check_SCRIPTS += $(build_tests)
TESTS += $(build_tests)
