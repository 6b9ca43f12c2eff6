lib_libcore_la_SOURCES += \
	lib/calibrate/calibrator.c lib/calibrate/calibrator.h \
	lib/calibrate/cluster.c \
	lib/calibrate/groups.c lib/calibrate/runs.h \
	lib/calibrate/plan.c \
	lib/calibrate/plan_size.c \
	lib/calibrate/quantile.c lib/calibrate/scores.h \
	lib/calibrate/split.c \
	lib/calibrate/weighted_quantile.c
