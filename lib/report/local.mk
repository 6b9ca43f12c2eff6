lib_libcore_la_SOURCES += \
	lib/report/csv.c \
	lib/report/json.c \
	lib/report/text_table.c \
	lib/report/tree.c lib/report/tree.h
