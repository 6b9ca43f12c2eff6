lib_libcore_la_SOURCES += \
	lib/pursuit/bayes.c \
	lib/pursuit/calibrate.c \
	lib/pursuit/choose.c \
	lib/pursuit/evaluate.c \
	lib/pursuit/lbfgs.c lib/pursuit/lbfgs.h \
	lib/pursuit/logistic.c \
	lib/pursuit/model.c lib/pursuit/model.h \
	lib/pursuit/objective.c \
	lib/pursuit/oracle.c \
	lib/pursuit/policy.c lib/pursuit/policy.h \
	lib/pursuit/session.c \
	lib/pursuit/temperature.c
