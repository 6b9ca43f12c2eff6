unit_tests += \
	tests/calibrate/test_groups \
	tests/calibrate/test_plan \
	tests/calibrate/test_quantile \
	tests/calibrate/test_split
