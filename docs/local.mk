dist_doc_DATA = README.md NEWS.md CONTRIBUTING.md LICENSE \
	docs/design.md \
	docs/stability.md \
	docs/store.md \
	docs/style.md
methodsdocdir = $(docdir)/methods
dist_methodsdoc_DATA = \
	docs/methods/README.md \
	docs/methods/batch.md \
	docs/methods/batch-evidence.md \
	docs/methods/batch-mean.md \
	docs/methods/batch-pvalue.md \
	docs/methods/batch-quantile.md \
	docs/methods/batch-sets.md \
	docs/methods/batch-shift.md \
	docs/methods/cqr.md \
	docs/methods/evaluate.md \
	docs/methods/mondrian.md \
	docs/methods/plan.md \
	docs/methods/pursuit.md \
	docs/methods/pursuit-evidence.md \
	docs/methods/quantile.md \
	docs/methods/split.md
examplesdocdir = $(docdir)/examples
dist_examplesdoc_DATA = docs/examples/batch.c docs/examples/interval.c docs/examples/pursuit.c

# The C programs of the pages are compiled as any program of a user is, and run by the tests.
check_PROGRAMS += docs/examples/batch docs/examples/interval docs/examples/pursuit
docs_examples_batch_CPPFLAGS    = $(PUBLIC_CPPFLAGS)
docs_examples_batch_LDADD       = lib/libconformal.la
docs_examples_interval_CPPFLAGS = $(PUBLIC_CPPFLAGS)
docs_examples_interval_LDADD    = lib/libconformal.la
docs_examples_pursuit_CPPFLAGS  = $(PUBLIC_CPPFLAGS)
docs_examples_pursuit_LDADD     = lib/libconformal.la

# Man pages and completion come from the program's own option tables.
man_commands = batch-count batch-l-statistic batch-mean batch-median batch-pvalue \
	batch-quantile batch-quartiles batch-select batch-simultaneous \
	batch-sum batch-top-mean batch-trimmed-mean \
	calibrate demo evaluate help plan predict \
	pursue-evaluate pursue-fit pursue-play pursue-serve pursue-show quantile runs-calibrators \
	runs-delete runs-export runs-forget runs-list runs-show runs-verify version
nodist_man_MANS = \
	docs/man/conformal.1 \
	docs/man/conformal-batch-count.1 \
	docs/man/conformal-batch-l-statistic.1 \
	docs/man/conformal-batch-mean.1 \
	docs/man/conformal-batch-median.1 \
	docs/man/conformal-batch-pvalue.1 \
	docs/man/conformal-batch-quantile.1 \
	docs/man/conformal-batch-quartiles.1 \
	docs/man/conformal-batch-select.1 \
	docs/man/conformal-batch-simultaneous.1 \
	docs/man/conformal-batch-sum.1 \
	docs/man/conformal-batch-top-mean.1 \
	docs/man/conformal-batch-trimmed-mean.1 \
	docs/man/conformal-calibrate.1 \
	docs/man/conformal-demo.1 \
	docs/man/conformal-evaluate.1 \
	docs/man/conformal-help.1 \
	docs/man/conformal-plan.1 \
	docs/man/conformal-predict.1 \
	docs/man/conformal-pursue-evaluate.1 \
	docs/man/conformal-pursue-fit.1 \
	docs/man/conformal-pursue-play.1 \
	docs/man/conformal-pursue-serve.1 \
	docs/man/conformal-pursue-show.1 \
	docs/man/conformal-quantile.1 \
	docs/man/conformal-runs-calibrators.1 \
	docs/man/conformal-runs-delete.1 \
	docs/man/conformal-runs-export.1 \
	docs/man/conformal-runs-forget.1 \
	docs/man/conformal-runs-list.1 \
	docs/man/conformal-runs-show.1 \
	docs/man/conformal-runs-verify.1 \
	docs/man/conformal-version.1
nodist_completion_DATA = docs/completion/conformal
docs/man/stamp: conformal$(EXEEXT)
	@$(MKDIR_P) docs/man docs/completion
	$(AM_V_GEN)./conformal$(EXEEXT) help --man > docs/man/conformal.1 && \
	for name in $(man_commands); do \
		./conformal$(EXEEXT) help --man `echo $$name | sed 's/-/ /'` > docs/man/conformal-$$name.1 || exit 1; \
	done && \
	./conformal$(EXEEXT) help --bash-completion > docs/completion/conformal && touch $@
$(nodist_man_MANS) $(nodist_completion_DATA): docs/man/stamp
CLEANFILES += $(nodist_man_MANS) $(nodist_completion_DATA) docs/man/stamp
