/* Configuration by tables: flags, environment, keys of the argocd-cmd-params-cm config map.
 *
 * A component lists its settings in <component>/config.def, one row each:
 *
 *     CONFIG(field, TYPE, "flag", "ENV", "key", "default", min, max, "unit", RELOADABLE, "doc")
 *
 *   field       C identifier: the field of the component's config struct
 *   TYPE        STR LIST BOOL INT FLOAT DURATION BYTES
 *   "flag"      without dashes ("status-processors"); every row has one
 *   "ENV"       environment variable, "" = none
 *   "key"       key in argocd-cmd-params-cm, "" = none
 *   "default"   as text, in the same syntax as the flag
 *   min, max    checked when min < max; of DURATION in milliseconds, of BYTES in bytes, of STR and LIST
 *               not used (0, 0)
 *   "unit"      for the documentation: "apps", "requests/s"; "" = none
 *   RELOADABLE  or FIXED: whether a new value of its key counts without a restart
 *   "doc"       one sentence
 *
 * Texts are plain C string literals on the row; the documentation generator reads the file too.
 *
 *     struct controller_config {
 *     #define CONFIG(field, type, ...) CONFIG_CTYPE_##type field;
 *     #include "app-controller/config.def"
 *     #undef CONFIG
 *     };
 *     static const struct config_row ROWS[] = {
 *     #define CONFIG(field, ...) CONFIG_ROW(struct controller_config, field, __VA_ARGS__),
 *     #include "app-controller/config.def"
 *     #undef CONFIG
 *     };
 *
 * Precedence: flag, environment, key, default.  Durations are Go's ("1h30m"), a bare number is
 * seconds; bytes take Kubernetes' suffixes ("64Mi"); lists are separated by commas, a repeated
 * flag appends. Unknown flags and values out of range are errors; errors name the flag and the
 * nearest known one.
 *
 * Reads the environment (the only module that does). Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct config_list {
    const char **items; /* NUL-terminated, in an arena */
    size_t n;
};

enum config_type {
    CONFIG_STR,
    CONFIG_LIST,
    CONFIG_BOOL,
    CONFIG_INT,
    CONFIG_FLOAT,
    CONFIG_DURATION,
    CONFIG_BYTES,
    CONFIG_TYPE_COUNT
};

#define CONFIG_CTYPE_STR      const char * /* never NULL */
#define CONFIG_CTYPE_LIST     struct config_list
#define CONFIG_CTYPE_BOOL     bool
#define CONFIG_CTYPE_INT      int64_t
#define CONFIG_CTYPE_FLOAT    double
#define CONFIG_CTYPE_DURATION int64_t /* milliseconds */
#define CONFIG_CTYPE_BYTES    int64_t

enum config_reload { CONFIG_FIXED, CONFIG_RELOADABLE };

struct config_row {
    const char *flag;
    const char *env; /* "" = none */
    const char *key; /* "" = none */
    enum config_type type;
    enum config_reload reload;
    const char *def;
    double min; /* checked when min < max */
    double max;
    const char *unit;
    const char *doc;
    size_t offset; /* of the field in the config struct */
};

#define CONFIG_ROW(type, field, ...) CONFIG_ROW_(type, field, __VA_ARGS__)
#define CONFIG_ROW_(ctype, field, ctype_id, flag, env, key, def, min, max, unit, reload, doc) \
    {                                                                                         \
        flag, env, key, CONFIG_##ctype_id, CONFIG_##reload, def, min, max, unit, doc,         \
            offsetof(ctype, field)                                                            \
    }

/* Rows and the struct they fill. */
struct config_table {
    const struct config_row *rows;
    size_t n_rows;
    void *values;      /* borrowed; strings in it live as long as the struct config */
    const char *title; /* of the section in --help */
};

struct config;

enum config_request { CONFIG_REQUEST_RUN, CONFIG_REQUEST_HELP, CONFIG_REQUEST_VERSION };

/* The tables are borrowed for as long as the config; their values are set to the defaults. Two
 * rows with the same flag, environment variable or key, and defaults that do not parse, are
 * programming errors (assert). */
struct config *config_new(const struct config_table *tables, size_t n_tables);
void config_free(struct config *config);
DEFINE_CLEANUP(config, struct config, config_free);

/* Environment first, then argv[1..]. "--" and positional arguments are errors; --help (-h) and
 * --version end the parsing.  Errors: ERR_INVALID naming flag or variable. */
MUST_CHECK int config_parse(
    struct config *config, int argc, char *const *argv, enum config_request *ret, struct err *err);

enum config_when { CONFIG_AT_START, CONFIG_AT_RELOAD };

/* One entry of argocd-cmd-params-cm. What flag or environment have set stays; at reload only
 * RELOADABLE rows change.  *ret_changed says whether a value changed. Errors: ERR_NOT_FOUND (no
 * such key, with the nearest one), ERR_INVALID; the old value stays. */
MUST_CHECK int config_set_key(struct config *config,
                              enum config_when when,
                              struct str key,
                              struct str value,
                              bool *ret_changed,
                              struct err *err);

/* Every file of a directory as config_set_key(): a mounted config map (names that begin with a
 * dot are Kubernetes' own and skipped).  The map is shared with the other components, so unknown
 * keys are not an error here: on_unknown (may be NULL) is told of each with its message.  Keys
 * absent at reload go back to their default.  Errors: ERR_NOT_FOUND and the like of the
 * directory, ERR_INVALID of a value. */
MUST_CHECK int config_load_dir(struct config *config,
                               enum config_when when,
                               const char *dir,
                               void (*on_unknown)(const struct err *err, void *data),
                               void *data,
                               struct err *err);

struct config_pair {
    struct str key;
    struct str value;
};

/* Keys and values as config maps have them now. */
struct config_pairs {
    const struct config_pair *items; /* of equal keys the last counts */
    size_t n;
    bool partial; /* there may be more: what a directory has set stays as it is */
};

enum config_news {
    CONFIG_CHANGED,
    CONFIG_NEEDS_RESTART, /* a FIXED row would have another value after a restart */
    CONFIG_REFUSED,       /* the old value stays */
};

typedef void (*config_told_fn)(void *data,
                               const struct config_row *row,
                               enum config_news news,
                               const struct err *err);

/* Take over while running: RELOADABLE rows get their values, those that are gone their default. told is called
 * for each row that there is news of, err with CONFIG_REFUSED only. What flag or environment have set stays;
 * unknown keys are passed over. */
void config_set_pairs(struct config *config,
                      const struct config_pairs *pairs,
                      config_told_fn told,
                      void *data);

/* The text of --help. */
void config_help(const struct config *config,
                 const char *program,
                 const char *summary,
                 struct buf *out);

/* An environment variable that is not a setting of ours (KUBECONFIG, HOME, SSL_CERT_FILE); NULL
 * when unset or empty. */
const char *config_env(const char *name);
/* The whole environment, NULL at the end: for programs that are to see what we see. */
const char *const *config_environ(void);
