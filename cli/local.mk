bin_PROGRAMS += conformal
conformal_SOURCES = cli/main.c
# The program is the first user of the public interface, and nothing more.
conformal_CPPFLAGS = $(PUBLIC_CPPFLAGS)
conformal_LDADD = lib/libconformal.la
