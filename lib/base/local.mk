lib_libcore_la_SOURCES += \
	lib/base/alloc.c lib/base/alloc.h \
	lib/base/check.c lib/base/check.h \
	lib/base/digits.h \
	lib/base/error.c lib/base/error.h \
	lib/base/fft.c lib/base/fft.h \
	lib/base/near.c \
	lib/base/normal.c \
	lib/base/number.h \
	lib/base/number_exact.c lib/base/number_exact.h \
	lib/base/number_lemire.h \
	lib/base/number_many.c \
	lib/base/number_read.c \
	lib/base/number_tables.c lib/base/number_tables.h \
	lib/base/number_write.c \
	lib/base/options.c lib/base/options.h \
	lib/base/parallel.c lib/base/parallel.h \
	lib/base/random.c \
	lib/base/rank.c lib/base/rank.h \
	lib/base/round.h \
	lib/base/select.c lib/base/select.h \
	lib/base/select_read.c \
	lib/base/sha256.c \
	lib/base/sha256_blocks.c lib/base/sha256_blocks.h \
	lib/base/sort.c \
	lib/base/special.c lib/base/special.h \
	lib/base/sum.c lib/base/sum.h \
	lib/base/text_hash.h \
	lib/base/version.c
EXTRA_DIST += lib/base/number_tables.py
