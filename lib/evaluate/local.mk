lib_libcore_la_SOURCES += \
	lib/evaluate/coverage_interval.c \
	lib/evaluate/intervals.c \
	lib/evaluate/pinball.c
