unit_tests += tests/report/test_report
