/* struct err: what failed, where, and what the user can do about it.
 *
 * A plain value of fixed size without allocations: it can be copied between threads and into an
 * IPC Status.  A function that can fail returns 0 or -ERR_..., takes `struct err *err` (never
 * NULL) last, writes it only on failure, and is MUST_CHECK. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/macro.h"
#include "common/base/str.h"

enum err_code {
    ERR_OK = 0,
#define ERR_CODE(name, http, grpc, retryable, text) ERR_##name,
#include "common/base/err_codes.def"
#undef ERR_CODE
    ERR_CODE_COUNT
};

enum {
    ERR_MESSAGE_BYTES = 2048, /* longer messages are cut, with an ellipsis */
    ERR_FRAMES = 6,           /* context frames kept; the outermost wins when there are more */
    ERR_FRAME_BYTES = 112,
    ERR_FILE_BYTES = 160,
};

/* Position in text the user wrote. */
struct err_pos {
    char file[ERR_FILE_BYTES]; /* "" = unknown */
    uint32_t line;             /* from 1; 0 = unknown */
    uint32_t column;           /* from 1; 0 = unknown */
};

struct err {
    enum err_code code;
    int32_t system_code; /* errno, CURLcode, libgit2 or HTTP status; 0 = none */
    const char *origin;  /* "file.c:123" of err_set(); static storage, may be NULL */
    uint8_t n_frames;
    char message[ERR_MESSAGE_BYTES];
    char frames[ERR_FRAMES][ERR_FRAME_BYTES]; /* innermost first */
    struct err_pos pos;
};

#define ERR_STRINGIFY_(x) #x
#define ERR_STRINGIFY(x)  ERR_STRINGIFY_(x)
#define ERR_ORIGIN        __FILE__ ":" ERR_STRINGIFY(__LINE__)

/* Record a failure; the value is -code, to be returned at once. Written so that compilers and analysers
 * see it is negative, and that outputs need not be written. */
#define err_set(err, code, ...) \
    ((void)err_set_at((err), (code), ERR_ORIGIN, __VA_ARGS__), -(int)(code))
PRINTF(4, 5)
int err_set_at(struct err *err, enum err_code code, const char *origin, const char *fmt, ...);

/* As err_set() for a text of lines that matter at both ends, as a chain of causes: what is too much is left out of
 * its middle. */
#define err_set_text(err, code, text) err_set_text_at((err), (code), ERR_ORIGIN, (text))
int err_set_text_at(struct err *err, enum err_code code, const char *origin, struct str text);

/* As err_set() for a failed system call: the message is followed by ": <strerror(errno_value)>",
 * the code follows from errno (ENOENT -> ERR_NOT_FOUND, EACCES -> ERR_DENIED, ...). */
#define err_set_errno(err, errno_value, ...) \
    err_set_errno_at((err), (errno_value), ERR_ORIGIN, __VA_ARGS__)
PRINTF(4, 5)
int err_set_errno_at(struct err *err, int errno_value, const char *origin, const char *fmt, ...);

/* Add context that only the caller knows ("chart 'web'"); returns -err->code. */
PRINTF(2, 3) int err_wrap(struct err *err, const char *fmt, ...);

/* Attach the user's position; an already known position is kept, as it is the more exact one.
 * Returns -err->code. */
int err_at(struct err *err, struct str file, uint32_t line, uint32_t column);

/* "outer: inner: file:line:col: message" into dst (always terminated, cut to size). */
void err_format(const struct err *err, char *dst, size_t dst_size);

/* Facts about codes, from err_codes.def. */
const char *err_code_name(enum err_code code); /* "NOT_FOUND" */
int err_code_http(enum err_code code);
int err_code_grpc(enum err_code code);
bool err_code_retryable(enum err_code code);
/* The code for an HTTP status >= 400. */
enum err_code err_code_from_http(int status);
/* The code for a gRPC code (1..16). */
enum err_code err_code_from_grpc(int code);

/* Pass a failure on unchanged. */
#define TRY(call)             \
    do {                      \
        int try_rc_ = (call); \
        if (try_rc_ < 0) {    \
            return try_rc_;   \
        }                     \
    } while (0)

/* Pass a failure on with context: TRY_IN(chart_load(..., err), err, "chart '%s'", dir). */
#define TRY_IN(call, err, ...)                   \
    do {                                         \
        if ((call) < 0) {                        \
            return err_wrap((err), __VA_ARGS__); \
        }                                        \
    } while (0)
