unit_tests += tests/store/test_policies tests/store/test_store
