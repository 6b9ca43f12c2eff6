unit_tests += tests/statistical/test_batch tests/statistical/test_coverage \
	tests/statistical/test_pursuit
tests_statistical_test_coverage_SOURCES = \
	tests/statistical/law.c tests/statistical/law.h \
	tests/statistical/test_coverage.c
tests_statistical_test_pursuit_SOURCES = \
	tests/statistical/law.c tests/statistical/law.h \
	tests/statistical/test_pursuit.c
EXTRA_DIST += tests/statistical/batch_costs.py tests/statistical/batch_settings.R \
	tests/statistical/pursuit_evidence.py
