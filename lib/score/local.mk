lib_libcore_la_SOURCES += \
	lib/score/absolute.c \
	lib/score/band.h \
	lib/score/cqr.c \
	lib/score/cqr_m.c \
	lib/score/cqr_r.c \
	lib/score/normalized.c \
	lib/score/score.c lib/score/score.h \
	lib/score/signed.c
