# Benchmarks are built and run by "make bench" only: speed is shown, never tested.
EXTRA_PROGRAMS += tests/bench/generate tests/bench/measure
tests_bench_generate_CPPFLAGS = $(PUBLIC_CPPFLAGS)
tests_bench_generate_LDADD    = lib/libconformal.la
tests_bench_measure_LDADD     =
EXTRA_DIST += \
	tests/bench/README.md \
	tests/bench/csv.sh \
	tests/bench/peers/pandas_predict.py \
	tests/bench/peers/pandas_threshold.py

.PHONY: bench
bench: conformal$(EXEEXT) tests/bench/generate$(EXEEXT) tests/bench/measure$(EXEEXT)
	BUILDDIR='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/bench/csv.sh
CLEANFILES += tests/bench/generate$(EXEEXT) tests/bench/measure$(EXEEXT)
