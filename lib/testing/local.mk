lib_libcore_la_SOURCES += lib/testing/benjamini_hochberg.c
