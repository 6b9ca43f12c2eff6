unit_tests += \
	tests/table/test_csv \
	tests/table/test_write
