lib_libcore_la_SOURCES += \
	lib/store/bytes.h \
	lib/store/calibrators.c \
	lib/store/digest.c \
	lib/store/list.c \
	lib/store/open.c \
	lib/store/policies.c lib/store/policies.h \
	lib/store/policies_load.c \
	lib/store/run.c \
	lib/store/schema.c \
	lib/store/shelf.c lib/store/shelf.h \
	lib/store/sql.c \
	lib/store/store.h \
	lib/store/verify.c
