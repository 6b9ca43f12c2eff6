lib_libcore_la_SOURCES += \
	lib/batch/baseline.c \
	lib/batch/bounds.c \
	lib/batch/claims.c \
	lib/batch/cost_law.c lib/batch/cost_law.h \
	lib/batch/cost_law_exact.c \
	lib/batch/cost_law_fourier.c \
	lib/batch/count.c \
	lib/batch/draws.c lib/batch/draws.h \
	lib/batch/joint_law.c lib/batch/joint_law.h \
	lib/batch/joint_rank.c \
	lib/batch/level.c lib/batch/level.h \
	lib/batch/linear.c lib/batch/linear.h \
	lib/batch/max_halving.c \
	lib/batch/max_hull.c \
	lib/batch/max_strata.c \
	lib/batch/max_sum.c lib/batch/max_sum.h \
	lib/batch/monotone.c \
	lib/batch/order_law.c lib/batch/order_law.h \
	lib/batch/plan.c lib/batch/plan.h \
	lib/batch/plan_linear.c \
	lib/batch/plan_order.c \
	lib/batch/plan_outcomes.c \
	lib/batch/plan_sum.c \
	lib/batch/pvalue.c \
	lib/batch/rank_costs.c \
	lib/batch/rank_sum.c lib/batch/rank_sum.h \
	lib/batch/rank_sum_tilt.c \
	lib/batch/reject.c \
	lib/batch/strata_rank.c
