/* Errors as plain values: set, wrap, position, format; the table of codes.
 *
 * No allocation and no globals: usable on any thread, also while memory is short. */
#include "common/base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct code_info {
    const char *name;
    const char *text;
    int http;
    int grpc;
    bool retryable;
};

static const struct code_info CODES[ERR_CODE_COUNT] = {
    [ERR_OK] = {"OK", "ok", 200, 0, false},
#define ERR_CODE(name, http, grpc, retryable, text) \
    [ERR_##name] = {#name, text, http, grpc, retryable},
#include "common/base/err_codes.def"
#undef ERR_CODE
};

static const struct {
    int errno_value;
    enum err_code code;
} ERRNO_CODES[] = {
    {ENOENT, ERR_NOT_FOUND},
    {ENOTDIR, ERR_NOT_FOUND},
    {EACCES, ERR_DENIED},
    {EPERM, ERR_DENIED},
    {EEXIST, ERR_EXISTS},
    {ETIMEDOUT, ERR_TIMEOUT},
    {ECONNREFUSED, ERR_UNAVAILABLE},
    {ECONNRESET, ERR_UNAVAILABLE},
    {EPIPE, ERR_UNAVAILABLE},
    {EAGAIN, ERR_UNAVAILABLE},
    {EADDRINUSE, ERR_CONFLICT},
    {ENOSPC, ERR_UNAVAILABLE},
    {EMFILE, ERR_UNAVAILABLE},
    {ENFILE, ERR_UNAVAILABLE},
    {ENAMETOOLONG, ERR_LIMIT},
    {ELOOP, ERR_LIMIT},
    {ECANCELED, ERR_CANCELED},
    {EISDIR, ERR_INVALID},
};

/* Format into a fixed field; text that does not fit ends in "...", never in half a UTF-8 sequence. */
PRINTF(3, 0)
static void format_cut(char *dst, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(dst, size, fmt, ap);
    if (n < 0) {
        dst[0] = '\0';
        return;
    }
    if ((size_t)n < size) {
        return;
    }
    size_t end = size - 4;
    while (end > 0 && ((unsigned char)dst[end] & 0xc0) == 0x80) {
        end--;
    }
    memcpy(dst + end, "...", 4);
}

static void err_reset(struct err *err, enum err_code code, const char *origin)
{
    assert(code > ERR_OK && code < ERR_CODE_COUNT);
    err->code = code;
    err->system_code = 0;
    err->origin = origin;
    err->n_frames = 0;
    err->pos.file[0] = '\0';
    err->pos.line = 0;
    err->pos.column = 0;
}

int err_set_at(struct err *err, enum err_code code, const char *origin, const char *fmt, ...)
{
    char message[ERR_MESSAGE_BYTES]; /* arguments may point into err itself */
    va_list ap;
    va_start(ap, fmt);
    format_cut(message, sizeof(message), fmt, ap);
    va_end(ap);
    err_reset(err, code, origin);
    memcpy(err->message, message, sizeof(message));
    return -(int)code;
}

static bool is_inside_rune(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Where to end the beginning: at a line when one ends near. */
static size_t end_before(struct str text, size_t at, size_t reach)
{
    for (size_t i = at; i > at - reach; i--) {
        if (text.p[i] == '\n') {
            return i;
        }
    }
    while (is_inside_rune(text.p[at])) {
        at--;
    }
    return at;
}

static size_t start_after(struct str text, size_t at, size_t reach)
{
    for (size_t i = at; i < at + reach; i++) {
        if (text.p[i - 1] == '\n') {
            return i;
        }
    }
    while (at < text.n && is_inside_rune(text.p[at])) {
        at++;
    }
    return at;
}

/* The beginning and the end get a half each. */
static void copy_ends(char *dst, size_t size, struct str text)
{
    size_t half = (size - sizeof("\n...\n")) / 2;
    size_t head = end_before(text, half, half / 2);
    size_t tail = start_after(text, text.n - half, half / 2);
    (void)snprintf(dst, size, "%.*s\n...\n%.*s", (int)head, text.p, (int)(text.n - tail),
                   text.p + tail);
}

int err_set_text_at(struct err *err, enum err_code code, const char *origin, struct str text)
{
    if (text.n < sizeof(err->message)) {
        return err_set_at(err, code, origin, STR_FMT, STR_ARG(text));
    }
    char message[ERR_MESSAGE_BYTES]; /* the text may be in err itself */
    copy_ends(message, sizeof(message), text);
    err_reset(err, code, origin);
    memcpy(err->message, message, sizeof(message));
    return -(int)code;
}

static enum err_code code_from_errno(int errno_value)
{
    for (size_t i = 0; i < ARRAY_LEN(ERRNO_CODES); i++) {
        if (ERRNO_CODES[i].errno_value == errno_value) {
            return ERRNO_CODES[i].code;
        }
    }
    return ERR_INTERNAL;
}

int err_set_errno_at(struct err *err, int errno_value, const char *origin, const char *fmt, ...)
{
    char message[ERR_MESSAGE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    format_cut(message, sizeof(message), fmt, ap);
    va_end(ap);
    err_reset(err, code_from_errno(errno_value), origin);
    char text[128];
    const char *reason = strerror_r(errno_value, text, sizeof(text));
    (void)snprintf(err->message, sizeof(err->message), "%.*s: %s",
                   (int)(sizeof(err->message) - sizeof(text) - 3), message, reason);
    err->system_code = errno_value;
    return -(int)err->code;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
    assert(err->code > ERR_OK && err->code < ERR_CODE_COUNT);
    if (err->n_frames == ERR_FRAMES) { /* keep the innermost ones and the newest */
        err->n_frames--;
    }
    va_list ap;
    va_start(ap, fmt);
    format_cut(err->frames[err->n_frames], ERR_FRAME_BYTES, fmt, ap);
    va_end(ap);
    err->n_frames++;
    return -(int)err->code;
}

int err_at(struct err *err, struct str file, uint32_t line, uint32_t column)
{
    if (err->pos.file[0] == '\0' && file.n > 0) {
        (void)snprintf(err->pos.file, sizeof(err->pos.file), STR_FMT, STR_ARG(file));
    }
    if (err->pos.line == 0) {
        err->pos.line = line;
        err->pos.column = column;
    }
    return -(int)err->code;
}

/* Append to dst at *used; what does not fit is cut. */
PRINTF(4, 5)
static void append(char *dst, size_t size, size_t *used, const char *fmt, ...)
{
    if (*used + 1 >= size) {
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(dst + *used, size - *used, fmt, ap);
    va_end(ap);
    if (n > 0) {
        *used = MIN(*used + (size_t)n, size - 1);
    }
}

void err_format(const struct err *err, char *dst, size_t dst_size)
{
    size_t used = 0;
    assert(dst_size > 0);
    dst[0] = '\0';
    for (int i = err->n_frames - 1; i >= 0; i--) {
        append(dst, dst_size, &used, "%s: ", err->frames[i]);
    }
    if (err->pos.file[0] != '\0') {
        append(dst, dst_size, &used, "%s:", err->pos.file);
    }
    if (err->pos.line != 0) {
        append(dst, dst_size, &used, err->pos.file[0] != '\0' ? "%u:" : "line %u:", err->pos.line);
    }
    if (err->pos.line != 0 && err->pos.column != 0) {
        append(dst, dst_size, &used, "%u:", err->pos.column);
    }
    append(dst, dst_size, &used, "%s%s", used > 0 && dst[used - 1] == ':' ? " " : "", err->message);
}

const char *err_code_name(enum err_code code)
{
    return code < ERR_CODE_COUNT ? CODES[code].name : "UNKNOWN";
}

int err_code_http(enum err_code code)
{
    return code < ERR_CODE_COUNT ? CODES[code].http : 500;
}

int err_code_grpc(enum err_code code)
{
    return code < ERR_CODE_COUNT ? CODES[code].grpc : 13;
}

bool err_code_retryable(enum err_code code)
{
    return code < ERR_CODE_COUNT && CODES[code].retryable;
}

enum err_code err_code_from_http(int status)
{
    static const struct {
        int status;
        enum err_code code;
    } HTTP_CODES[] = {
        {400, ERR_INVALID},     {401, ERR_UNAUTHENTICATED}, {403, ERR_DENIED},
        {404, ERR_NOT_FOUND},   {405, ERR_UNSUPPORTED},     {408, ERR_TIMEOUT},
        {409, ERR_CONFLICT},    {410, ERR_NOT_FOUND},       {413, ERR_LIMIT},
        {415, ERR_UNSUPPORTED}, {422, ERR_INVALID},         {429, ERR_UNAVAILABLE},
        {501, ERR_UNSUPPORTED}, {502, ERR_UNAVAILABLE},     {503, ERR_UNAVAILABLE},
        {504, ERR_TIMEOUT},
    };
    for (size_t i = 0; i < ARRAY_LEN(HTTP_CODES); i++) {
        if (HTTP_CODES[i].status == status) {
            return HTTP_CODES[i].code;
        }
    }
    if (status >= 500) {
        return ERR_UNAVAILABLE;
    }
    return ERR_INVALID;
}

enum err_code err_code_from_grpc(int code)
{
    for (int i = 1; i < ERR_CODE_COUNT; i++) {
        if (CODES[i].grpc == code) {
            return (enum err_code)i;
        }
    }
    return code == 9 || code == 11 ? ERR_INVALID : ERR_INTERNAL;
}
