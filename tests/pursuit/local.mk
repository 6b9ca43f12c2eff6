unit_tests += \
	tests/pursuit/test_callback \
	tests/pursuit/test_deterministic \
	tests/pursuit/test_evaluate \
	tests/pursuit/test_logistic \
	tests/pursuit/test_lookahead \
	tests/pursuit/test_models \
	tests/pursuit/test_objectives \
	tests/pursuit/test_policies \
	tests/pursuit/test_pursuit_oom \
	tests/pursuit/test_session \
	tests/pursuit/test_sets \
	tests/pursuit/test_thresholds \
	tests/pursuit/test_tiny \
	tests/pursuit/test_traces
noinst_HEADERS += \
	tests/oracle/pursuit_coverage.h \
	tests/oracle/pursuit_deterministic.h \
	tests/oracle/pursuit_quantile.h \
	tests/oracle/pursuit_tiny.h \
	tests/oracle/pursuit_trace.h \
	tests/pursuit/made.h \
	tests/pursuit/problem.h
EXTRA_DIST += tests/oracle/make_pursuit.py
