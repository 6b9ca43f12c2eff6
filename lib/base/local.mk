lib_libcore_la_SOURCES += \
	lib/base/alloc.c lib/base/alloc.h \
	lib/base/check.c lib/base/check.h \
	lib/base/error.c lib/base/error.h \
	lib/base/linalg.h \
	lib/base/near.h \
	lib/base/number_write.c \
	lib/base/options.c lib/base/options.h \
	lib/base/parallel.h \
	lib/base/rank.h \
	lib/base/round.h \
	lib/base/select.h \
	lib/base/special.h \
	lib/base/sum.h
