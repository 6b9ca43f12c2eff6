unit_tests += tests/testing/test_benjamini_hochberg
