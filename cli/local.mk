bin_PROGRAMS += conformal
conformal_SOURCES = \
	cli/batch.h \
	cli/batch_compare.c \
	cli/batch_costs.c \
	cli/batch_input.c \
	cli/batch_job.c cli/batch_job.h \
	cli/batch_rows.c \
	cli/calibration.c cli/calibration.h \
	cli/cmd_batch.c \
	cli/cmd_batch_count.c \
	cli/cmd_batch_pvalue.c \
	cli/cmd_batch_select.c \
	cli/cmd_batch_simultaneous.c \
	cli/cmd_calibrate.c \
	cli/cmd_demo.c \
	cli/cmd_evaluate.c \
	cli/cmd_help.c \
	cli/cmd_plan.c \
	cli/cmd_predict.c \
	cli/cmd_pursue_evaluate.c \
	cli/cmd_pursue_fit.c \
	cli/cmd_pursue_play.c \
	cli/cmd_pursue_serve.c \
	cli/cmd_quantile.c \
	cli/cmd_runs.c \
	cli/cmd_version.c \
	cli/columns.c cli/columns.h \
	cli/command.h \
	cli/frame.c cli/frame.h \
	cli/help.c cli/help.h \
	cli/in.c cli/in.h \
	cli/json.c cli/json.h \
	cli/main.c \
	cli/opt.c cli/opt.h \
	cli/out.c cli/out.h \
	cli/prediction.c cli/prediction.h \
	cli/provider.c cli/provider.h cli/provider_inside.h \
	cli/provider_program.c \
	cli/provider_table.c \
	cli/pursuit.h \
	cli/pursuit_append.c \
	cli/pursuit_data.c \
	cli/pursuit_oracle.c \
	cli/pursuit_policy.c \
	cli/pursuit_questions.c \
	cli/pursuit_reading.h \
	cli/pursuit_store.c \
	cli/record.c cli/record.h \
	cli/say.c cli/say.h \
	cli/serve.c cli/serve.h \
	cli/spool.c cli/spool.h
# The program is the first user of the public interface, and nothing more.
conformal_CPPFLAGS = $(PUBLIC_CPPFLAGS) -D_GNU_SOURCE -DDATASETS='"$(datasetsdir)"'
conformal_LDADD    = lib/libconformal.la
# One file that starts fast, in the build folder as after installation.
conformal_LDFLAGS  = -static
