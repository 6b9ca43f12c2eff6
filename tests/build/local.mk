build_tests = \
	tests/build/headers.sh \
	tests/build/install.sh \
	tests/build/symbols.sh \
	tests/build/valgrind.sh
dist_check_SCRIPTS += $(build_tests)
TESTS += $(build_tests)
