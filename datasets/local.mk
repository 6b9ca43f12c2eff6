# Bundled data: installed, so that "conformal demo" works from an installed copy too.
datasetsdir = $(datadir)/conformal/datasets
dist_datasets_DATA = \
	datasets/README.md \
	datasets/diamonds_calibration.csv \
	datasets/diamonds_test.csv
EXTRA_DIST += datasets/make/diamonds.py
