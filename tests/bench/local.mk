# Benchmarks are built and run by "make bench" only: speed is shown, never tested.
EXTRA_PROGRAMS += tests/bench/generate tests/bench/measure tests/bench/batch \
	tests/bench/pursuit
tests_bench_generate_CPPFLAGS = $(PUBLIC_CPPFLAGS)
tests_bench_generate_LDADD    = lib/libconformal.la
tests_bench_measure_LDADD     =
tests_bench_batch_SOURCES     = tests/bench/batch.c tests/bench/batch_peer.c \
	tests/bench/batch_peer.h
tests_bench_batch_CPPFLAGS    = $(PUBLIC_CPPFLAGS)
tests_bench_batch_LDADD       = lib/libconformal.la
tests_bench_pursuit_CPPFLAGS  = $(PUBLIC_CPPFLAGS)
tests_bench_pursuit_LDADD     = lib/libconformal.la
EXTRA_DIST += \
	tests/bench/README.md \
	tests/bench/batch.sh \
	tests/bench/csv.sh \
	tests/bench/peers/batch_plain.R \
	tests/bench/peers/pandas_predict.py \
	tests/bench/peers/pandas_threshold.py \
	tests/bench/peers/pursuit_numpy.py \
	tests/bench/pursuit.sh

.PHONY: bench
bench: conformal$(EXEEXT) tests/bench/generate$(EXEEXT) tests/bench/measure$(EXEEXT) \
		tests/bench/batch$(EXEEXT) tests/bench/pursuit$(EXEEXT)
	BUILDDIR='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/bench/csv.sh
	BUILDDIR='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/bench/batch.sh
	BUILDDIR='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/bench/pursuit.sh
CLEANFILES += tests/bench/generate$(EXEEXT) tests/bench/measure$(EXEEXT) \
	tests/bench/batch$(EXEEXT) tests/bench/pursuit$(EXEEXT)
