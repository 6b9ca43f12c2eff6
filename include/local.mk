include_HEADERS = \
	include/conformal.h
conformalincludedir = $(includedir)/conformal
conformalinclude_HEADERS = \
	include/conformal/array.h \
	include/conformal/batch.h \
	include/conformal/calibrate.h \
	include/conformal/error.h \
	include/conformal/evaluate.h \
	include/conformal/export.h \
	include/conformal/groups.h \
	include/conformal/number.h \
	include/conformal/plan.h \
	include/conformal/predict.h \
	include/conformal/pursuit.h \
	include/conformal/quantile.h \
	include/conformal/random.h \
	include/conformal/report.h \
	include/conformal/score.h \
	include/conformal/store.h \
	include/conformal/table.h \
	include/conformal/testing.h
nodist_conformalinclude_HEADERS = \
	include/conformal/version.h
