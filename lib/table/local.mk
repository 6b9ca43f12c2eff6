lib_libcore_la_SOURCES += \
	lib/table/csv.h \
	lib/table/csv_write.c \
	lib/table/dictionary.c \
	lib/table/fields.c \
	lib/table/header.c \
	lib/table/masks.c \
	lib/table/parser.c \
	lib/table/rows.c \
	lib/table/scan.c lib/table/scan.h
