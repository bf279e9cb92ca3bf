/* JSON-lines logger. Each line is formatted in a local buffer and written at once, so lines of
 * different threads and processes do not mix; the settings are atomics. */
#include "common/base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/clock.h"

enum {
    LINE_MAX_BYTES = 16 * 1024,
};

static const char *const LEVELS[LOG_LEVEL_COUNT] = {"debug", "info", "warn", "error"};

static const char *component_name = "belay"; /* set once before threads start */
static atomic_int threshold = LOG_INFO;
static atomic_int out_fd = STDERR_FILENO;

void log_init(const char *component, enum log_level level)
{
    component_name = component;
    log_set_level(level);
}

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, (int)level);
}

void log_set_fd(int fd)
{
    atomic_store(&out_fd, fd);
}

int log_level_parse(struct str text, enum log_level *ret, struct err *err)
{
    for (int i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (str_eq_c(text, LEVELS[i])) {
            *ret = (enum log_level)i;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "'" STR_FMT "' is not one of debug, info, warn, error",
                   STR_ARG(text));
}

/* A JSON string; bytes that are not UTF-8 pass through: readers of logs cope, and nothing is lost. */
static void put_json_string(struct buf *b, struct str s)
{
    buf_put_char(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') {
            buf_put_char(b, '\\');
            buf_put_char(b, (char)c);
        } else if (c == '\n') {
            buf_put_c(b, "\\n");
        } else if (c < 0x20) {
            buf_printf(b, "\\u%04x", c);
        } else {
            buf_put_char(b, (char)c);
        }
    }
    buf_put_char(b, '"');
}

static void put_key(struct buf *b, const char *key, const char *suffix)
{
    buf_printf(b, ",\"%s%s\":", key, suffix);
}

static void put_err(struct buf *b, const struct err *err)
{
    char text[ERR_MESSAGE_BYTES + ERR_FRAMES * ERR_FRAME_BYTES + ERR_FILE_BYTES];
    err_format(err, text, sizeof(text));
    put_key(b, "error", "");
    put_json_string(b, str_from(text));
    put_key(b, "code", "");
    put_json_string(b, str_from(err_code_name(err->code)));
    if (err->origin != NULL) {
        put_key(b, "origin", "");
        put_json_string(b, str_from(err->origin));
    }
}

static void put_field(struct buf *b, const struct log_field *f)
{
    switch (f->type) {
    case LOG_FIELD_STR:
        put_key(b, f->key, "");
        put_json_string(b, f->s);
        break;
    case LOG_FIELD_INT:
        put_key(b, f->key, "");
        buf_put_int(b, f->i);
        break;
    case LOG_FIELD_MS:
        put_key(b, f->key, "_ms");
        buf_put_int(b, f->i);
        break;
    case LOG_FIELD_ERR:
        put_err(b, f->err);
        break;
    case LOG_FIELD_END:
        break;
    }
}

void log_write(enum log_level level, const char *message, const struct log_field *fields)
{
    if ((int)level < atomic_load(&threshold)) {
        return;
    }
    char time[CLOCK_RFC3339_BYTES];
    clock_rfc3339_ms(clock_wall_ms(clock_system()), time);
    __attribute__((cleanup(auto_cleanup_buf))) struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"component\":\"%s\",\"msg\":", time,
               LEVELS[level], component_name);
    put_json_string(&line, str_from(message));
    for (const struct log_field *f = fields; f->type != LOG_FIELD_END; f++) {
        size_t before = line.n;
        put_field(&line, f);
        if (line.overflow) { /* leave a line that parses: without this field */
            buf_truncate(&line, before);
            line.overflow = false;
            break;
        }
    }
    line.max_bytes += 2;
    buf_put_c(&line, "}\n");
    /* a log line that cannot be written has nowhere else to go */
    ssize_t n = write(atomic_load(&out_fd), line.p, line.n);
    (void)n;
}
