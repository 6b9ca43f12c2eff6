unit_tests += \
	tests/batch/test_baseline \
	tests/batch/test_batch_oom \
	tests/batch/test_claims \
	tests/batch/test_cost_law \
	tests/batch/test_exchange \
	tests/batch/test_joint_law \
	tests/batch/test_linear \
	tests/batch/test_max_sum \
	tests/batch/test_mean \
	tests/batch/test_monotone \
	tests/batch/test_order_law \
	tests/batch/test_outcomes \
	tests/batch/test_plan \
	tests/batch/test_rank_costs \
	tests/batch/test_rank_sum \
	tests/batch/test_refused \
	tests/batch/test_refused_plans \
	tests/batch/test_strata
noinst_HEADERS += \
	tests/batch/bound.h \
	tests/batch/enumerate.h \
	tests/batch/refused.h \
	tests/oracle/batch_baseline.h \
	tests/oracle/batch_claims.h \
	tests/oracle/batch_exchange.h \
	tests/oracle/batch_order.h \
	tests/oracle/batch_pair.h \
	tests/oracle/batch_rank_sum.h \
	tests/oracle/batch_sum.h
EXTRA_DIST += tests/oracle/make_batch.py
