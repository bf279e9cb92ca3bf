/* Structured logs: one JSON object a line on stderr.
 *
 *     log_info("sync finished", LF_STR("app", name), LF_INT("n_resources", n), LF_MS("took", ms));
 *
 * The message is a literal in lower case without data in it; data stands in fields, whose keys are
 * listed in docs/log-fields.md.  Levels: error = someone must act; warn = degraded, going on;
 * info = a state change; debug.  Library code does not log above debug; exactly one frame logs an
 * error.  Any thread; a line is written with one write(2). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_COUNT };

enum log_field_type {
    LOG_FIELD_END,
    LOG_FIELD_STR,
    LOG_FIELD_INT,
    LOG_FIELD_MS,
    LOG_FIELD_ERR,
};

struct log_field {
    enum log_field_type type;
    const char *key;
    struct str s;
    int64_t i;
    const struct err *err;
};

#define LF_STR(key, value)  ((struct log_field){LOG_FIELD_STR, (key), (value), 0, NULL})
#define LF_CSTR(key, value) ((struct log_field){LOG_FIELD_STR, (key), str_from(value), 0, NULL})
#define LF_INT(key, value) \
    ((struct log_field){LOG_FIELD_INT, (key), {NULL, 0}, (int64_t)(value), NULL})
/* Milliseconds; the key gets the suffix "_ms". */
#define LF_MS(key, value) \
    ((struct log_field){LOG_FIELD_MS, (key), {NULL, 0}, (int64_t)(value), NULL})
/* Fields "error", "code", "origin". */
#define LF_ERR(e) ((struct log_field){LOG_FIELD_ERR, "error", {NULL, 0}, 0, (e)})

#define LOG_FIELDS_(...)                             \
    (const struct log_field[])                       \
    {                                                \
        __VA_ARGS__ __VA_OPT__(, )(struct log_field) \
        {                                            \
            LOG_FIELD_END, NULL, {NULL, 0}, 0, NULL  \
        }                                            \
    }

#define log_debug(message, ...) log_write(LOG_DEBUG, "" message, LOG_FIELDS_(__VA_ARGS__))
#define log_info(message, ...)  log_write(LOG_INFO, "" message, LOG_FIELDS_(__VA_ARGS__))
#define log_warn(message, ...)  log_write(LOG_WARN, "" message, LOG_FIELDS_(__VA_ARGS__))
#define log_error(message, ...) log_write(LOG_ERROR, "" message, LOG_FIELDS_(__VA_ARGS__))

/* fields end with LOG_FIELD_END; use the macros. */
void log_write(enum log_level level, const char *message, const struct log_field *fields);

/* At start, before other threads: component is a static string ("repo-server"). The default level is
 * LOG_INFO, the default descriptor 2. */
void log_init(const char *component, enum log_level level);
void log_set_level(enum log_level level);
void log_set_fd(int fd);
/* "debug", "info", "warn", "error". */
MUST_CHECK int log_level_parse(struct str text, enum log_level *ret, struct err *err);
