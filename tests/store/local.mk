unit_tests += tests/store/test_store
