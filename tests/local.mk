AM_TESTS_ENVIRONMENT = CONFORMAL='$(abs_top_builddir)/conformal$(EXEEXT)'; \
	SRCDIR='$(abs_top_srcdir)'; BUILDDIR='$(abs_top_builddir)'; \
	CC='$(CC)'; SANITIZED='$(sanitized)'; \
	export CONFORMAL SRCDIR BUILDDIR CC SANITIZED;
TEST_EXTENSIONS = .sh
# Check speaks TAP: each of its test cases becomes one line of "make check". The shell
# tests speak TAP too (tests/cli/tap.sh).
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' CK_TAP_LOG_FILE_NAME=- CK_FORK=no \
	$(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_COMPILER = $(SHELL)

unit_tests =
include tests/base/local.mk
include tests/table/local.mk
include tests/score/local.mk
include tests/calibrate/local.mk
include tests/predict/local.mk
include tests/batch/local.mk
include tests/testing/local.mk
include tests/pursuit/local.mk
include tests/evaluate/local.mk
include tests/store/local.mk
include tests/report/local.mk
include tests/statistical/local.mk
include tests/cli/local.mk
include tests/bench/local.mk
include tests/build/local.mk
include tests/docs/local.mk

if HAVE_CHECK
check_PROGRAMS += $(unit_tests)
TESTS          += $(unit_tests)
AM_CPPFLAGS     = $(PUBLIC_CPPFLAGS) -I$(top_srcdir)/lib -I$(top_srcdir)/tests \
	$(CHECK_CFLAGS) $(SQLITE_CFLAGS)
LDADD           = lib/libcore.la $(core_libs) $(CHECK_LIBS)
endif
noinst_HEADERS += tests/test.h
