# The code, once. libconformal.la publishes part of it; the unit tests see all of it.
noinst_LTLIBRARIES += lib/libcore.la
lib_libcore_la_SOURCES  =
lib_libcore_la_CPPFLAGS = $(PUBLIC_CPPFLAGS) -I$(top_srcdir)/lib
lib_libcore_la_CFLAGS   = $(AM_CFLAGS) $(GSL_CFLAGS) $(LAPACKE_CFLAGS) $(SQLITE_CFLAGS)
core_libs = $(LAPACKE_LIBS) $(GSL_LIBS) $(SQLITE_LIBS)

include lib/base/local.mk
include lib/table/local.mk
include lib/score/local.mk
include lib/calibrate/local.mk
include lib/predict/local.mk
include lib/batch/local.mk
include lib/testing/local.mk
include lib/pursuit/local.mk
include lib/evaluate/local.mk
include lib/store/local.mk
include lib/report/local.mk

lib_LTLIBRARIES += lib/libconformal.la
lib_libconformal_la_SOURCES =
lib_libconformal_la_LIBADD  = lib/libcore.la $(core_libs)
lib_libconformal_la_LDFLAGS = -no-undefined -version-info $(CONFORMAL_LT_VERSION) \
	-export-symbols $(top_srcdir)/lib/libconformal.sym
EXTRA_lib_libconformal_la_DEPENDENCIES = lib/libconformal.sym

pkgconfigdir    = $(libdir)/pkgconfig
pkgconfig_DATA  = conformal.pc
EXTRA_DIST     += lib/libconformal.sym
