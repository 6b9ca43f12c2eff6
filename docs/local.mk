dist_doc_DATA = README.md NEWS.md CONTRIBUTING.md LICENSE \
	docs/design.md \
	docs/stability.md \
	docs/style.md
methodsdocdir = $(docdir)/methods
dist_methodsdoc_DATA = \
	docs/methods/README.md \
	docs/methods/cqr.md \
	docs/methods/evaluate.md \
	docs/methods/mondrian.md \
	docs/methods/plan.md \
	docs/methods/quantile.md \
	docs/methods/split.md
examplesdocdir = $(docdir)/examples
dist_examplesdoc_DATA = docs/examples/interval.c

# The README's C program is compiled as any program of a user is, and run by the tests.
check_PROGRAMS += docs/examples/interval
docs_examples_interval_CPPFLAGS = $(PUBLIC_CPPFLAGS)
docs_examples_interval_LDADD    = lib/libconformal.la
