# Bundled data: installed, so that "conformal demo" works from an installed copy too.
datasetsdir = $(datadir)/conformal/datasets
dist_datasets_DATA = \
	datasets/README.md \
	datasets/animals20.csv \
	datasets/animals20_questions.csv \
	datasets/diamonds_calibration.csv \
	datasets/diamonds_test.csv \
	datasets/house_votes84.csv \
	datasets/soybean.csv \
	datasets/zoo.csv
EXTRA_DIST += datasets/make/diamonds.py
