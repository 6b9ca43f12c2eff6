lib_libcore_la_SOURCES += \
	lib/predict/predict.c
