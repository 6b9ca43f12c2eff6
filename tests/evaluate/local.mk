unit_tests += tests/evaluate/test_intervals
