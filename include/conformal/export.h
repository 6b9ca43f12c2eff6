/* export.h - linkage of the public functions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_EXPORT_H
#define CONFORMAL_EXPORT_H

#ifdef __cplusplus
#define CONFORMAL_BEGIN_DECLS extern "C" {
#define CONFORMAL_END_DECLS }
#else
#define CONFORMAL_BEGIN_DECLS
#define CONFORMAL_END_DECLS
#endif

#if defined(__GNUC__)
#define CONFORMAL_API __attribute__((visibility("default")))
#define CONFORMAL_MUST_CHECK __attribute__((warn_unused_result))
#else
#define CONFORMAL_API
#define CONFORMAL_MUST_CHECK
#endif

#endif
