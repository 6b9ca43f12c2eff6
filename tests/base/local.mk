unit_tests += \
	tests/base/test_base \
	tests/base/test_number \
	tests/base/test_rank \
	tests/base/test_round \
	tests/base/test_select \
	tests/base/test_special
tests_base_test_round_CFLAGS = $(AM_CFLAGS) -frounding-math -Wno-unknown-pragmas
noinst_HEADERS += \
	tests/oom.h \
	tests/oracle/beta.h \
	tests/oracle/core_extra.h \
	tests/oracle/core_metrics.h \
	tests/oracle/core_plan.h \
	tests/oracle/core_split.h \
	tests/oracle/core_weighted.h
EXTRA_DIST += tests/oracle/make_beta.R tests/oracle/make_core.py
