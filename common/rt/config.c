/* Settings from flags, environment and config map keys, by the rows of the components' tables.
 *
 * Each row has a slot that remembers where its value came from, so that a weaker source never
 * overrides a stronger one, whatever the order of reading.  Values live in one arena: strings of
 * replaced values stay valid until the end, as others may still point to them; reloads are rare. */
#include "common/rt/config.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/nearest.h"
#include "common/base/str.h"
#include "common/rt/config_internal.h"

/* Weakest first. */
enum source { FROM_DEFAULT, FROM_KEY, FROM_ENV, FROM_FLAG };

struct slot {
    const struct config_row *row;
    void *field;
    enum source source;
    bool seen;    /* in the directory that is being read */
    bool watched; /* set while running */
};

struct config {
    struct arena *arena;
    const struct config_table *tables;
    size_t n_tables;
    struct slot *slots;
    size_t n_slots;
};

enum name_kind { NAME_FLAG, NAME_ENV, NAME_KEY };

static const char *row_name(const struct config_row *row, enum name_kind kind)
{
    switch (kind) {
    case NAME_FLAG:
        return row->flag;
    case NAME_ENV:
        return row->env;
    case NAME_KEY:
        return row->key;
    }
    return "";
}

static struct slot *slot_find(const struct config *config, enum name_kind kind, struct str name)
{
    for (size_t i = 0; i < config->n_slots && name.n > 0; i++) {
        if (str_eq_c(name, row_name(config->slots[i].row, kind))) {
            return &config->slots[i];
        }
    }
    return NULL;
}

/* The known name most like this one; NULL when none is near. */
static const char *nearest_name(const struct config *config, enum name_kind kind, struct str name)
{
    struct nearest near = nearest_to(name);
    for (size_t i = 0; i < config->n_slots; i++) {
        nearest_offer(&near, row_name(config->slots[i].row, kind));
    }
    return near.best;
}

static void set_default(struct config *config, struct slot *slot)
{
    struct err err;
    int rc =
        config_value_parse(config->arena, slot->row, str_from(slot->row->def), slot->field, &err);
    assert(rc == 0); /* a row whose default breaks its own rules */
    (void)rc;
    slot->source = FROM_DEFAULT;
}

static void check_unique(const struct config *config, const struct config_row *row)
{
    assert(row->flag[0] != '\0');
    assert(slot_find(config, NAME_FLAG, str_from(row->flag)) == NULL);
    assert(slot_find(config, NAME_ENV, str_from(row->env)) == NULL);
    assert(slot_find(config, NAME_KEY, str_from(row->key)) == NULL);
}

struct config *config_new(const struct config_table *tables, size_t n_tables)
{
    struct config *config = MEM_NEW(struct config);
    config->arena = arena_new();
    config->tables = tables;
    config->n_tables = n_tables;
    size_t n_rows = 0;
    for (size_t i = 0; i < n_tables; i++) {
        n_rows += tables[i].n_rows;
    }
    config->slots = arena_calloc(config->arena, n_rows + 1, sizeof(*config->slots));
    for (size_t i = 0; i < n_tables; i++) {
        for (size_t j = 0; j < tables[i].n_rows; j++) {
            const struct config_row *row = &tables[i].rows[j];
            check_unique(config, row);
            struct slot *slot = &config->slots[config->n_slots++];
            slot->row = row;
            slot->field = (char *)tables[i].values + row->offset;
            set_default(config, slot);
        }
    }
    return config;
}

void config_free(struct config *config)
{
    if (config != NULL) {
        arena_free(config->arena);
        mem_free(config);
    }
}

const char *config_env(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *const *config_environ(void)
{
    return (const char *const *)environ;
}

static int read_environment(struct config *config, struct err *err)
{
    for (size_t i = 0; i < config->n_slots; i++) {
        struct slot *slot = &config->slots[i];
        const char *value = slot->row->env[0] != '\0' ? config_env(slot->row->env) : NULL;
        if (value == NULL) {
            continue;
        }
        TRY_IN(config_value_parse(config->arena, slot->row, str_from(value), slot->field, err), err,
               "environment variable %s", slot->row->env);
        slot->source = FROM_ENV;
    }
    return 0;
}

static int unknown_flag(const struct config *config, struct str name, struct err *err)
{
    const char *near = nearest_name(config, NAME_FLAG, name);
    if (near != NULL) {
        return err_set(err, ERR_INVALID, "unknown flag --" STR_FMT "; did you mean --%s?",
                       STR_ARG(name), near);
    }
    return err_set(err, ERR_INVALID, "unknown flag --" STR_FMT "; --help lists them",
                   STR_ARG(name));
}

/* The flag at argv[*at], whose value may be the next argument. */
static int read_flag(struct config *config, int argc, char *const *argv, int *at, struct err *err)
{
    struct str arg = str_from(argv[*at]);
    struct str name;
    struct str value;
    if (!str_cut_prefix(&arg, STR("--")) || arg.n == 0) {
        return err_set(err, ERR_INVALID, "unexpected argument '%s'", argv[*at]);
    }
    bool has_value = str_cut(arg, '=', &name, &value);
    struct slot *slot = slot_find(config, NAME_FLAG, name);
    if (slot == NULL) {
        return unknown_flag(config, name, err);
    }
    if (!has_value && slot->row->type == CONFIG_BOOL) {
        value = STR("true");
    } else if (!has_value) {
        if (*at + 1 >= argc) {
            return err_set(err, ERR_INVALID, "flag --%s needs a value", slot->row->flag);
        }
        value = str_from(argv[++*at]);
    }
    bool again = slot->source == FROM_FLAG;
    int rc = again ? config_value_append(config->arena, slot->row, value, slot->field, err)
                   : config_value_parse(config->arena, slot->row, value, slot->field, err);
    TRY_IN(rc, err, "flag --%s", slot->row->flag);
    slot->source = FROM_FLAG;
    return 0;
}

int config_parse(
    struct config *config, int argc, char *const *argv, enum config_request *ret, struct err *err)
{
    for (int i = 1; i < argc; i++) { /* asked for help, one is not told about other mistakes */
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            *ret = CONFIG_REQUEST_HELP;
            return 0;
        }
        if (strcmp(argv[i], "--version") == 0) {
            *ret = CONFIG_REQUEST_VERSION;
            return 0;
        }
    }
    TRY(read_environment(config, err));
    for (int i = 1; i < argc; i++) {
        TRY(read_flag(config, argc, argv, &i, err));
    }
    *ret = CONFIG_REQUEST_RUN;
    return 0;
}

static bool may_set_key(const struct slot *slot, enum config_when when)
{
    return slot->source <= FROM_KEY &&
           (when == CONFIG_AT_START || slot->row->reload == CONFIG_RELOADABLE);
}

int config_set_key(struct config *config,
                   enum config_when when,
                   struct str key,
                   struct str value,
                   bool *ret_changed,
                   struct err *err)
{
    struct slot *slot = slot_find(config, NAME_KEY, key);
    if (slot == NULL) {
        const char *near = nearest_name(config, NAME_KEY, key);
        return err_set(err, ERR_NOT_FOUND, "unknown key '" STR_FMT "'%s%s%s", STR_ARG(key),
                       near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                       near != NULL ? "'?" : "");
    }
    slot->seen = true;
    bool changed = false;
    if (may_set_key(slot, when)) {
        struct config_list space; /* as large and aligned as any value */
        TRY_IN(config_value_parse(config->arena, slot->row, value, &space, err), err, "key '%s'",
               slot->row->key);
        changed = !config_value_equal(slot->row, &space, slot->field);
        memcpy(slot->field, &space, config_value_size(slot->row));
        slot->source = FROM_KEY;
    }
    *ret_changed = changed;
    return 0;
}

/* A whole small file, without the newline that editors leave at its end. */
static int read_value(int dir_fd, const char *name, struct buf *out, struct err *err)
{
    AUTO_FD fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_set_errno(err, errno, "opening '%s'", name);
    }
    for (;;) {
        char chunk[4096];
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return err_set_errno(err, errno, "reading '%s'", name);
        }
        if (n == 0) {
            break;
        }
        buf_put_bytes(out, chunk, (size_t)n);
    }
    while (out->n > 0 && out->p[out->n - 1] == '\n') {
        buf_truncate(out, out->n - 1);
    }
    return buf_check(out, name, err);
}

struct dir_load {
    struct config *config;
    enum config_when when;
    void (*on_unknown)(const struct err *err, void *data);
    void *data;
};

static int load_file(const struct dir_load *load, int dir_fd, const char *name, struct err *err)
{
    __attribute__((cleanup(auto_cleanup_buf))) struct buf value;
    buf_init(&value, LIMIT_CONFIG_VALUE_BYTES);
    TRY(read_value(dir_fd, name, &value, err));
    bool changed;
    struct err failure;
    if (config_set_key(load->config, load->when, str_from(name), buf_str(&value), &changed,
                       &failure) == 0) {
        return 0;
    }
    if (failure.code == ERR_NOT_FOUND) {
        if (load->on_unknown != NULL) {
            load->on_unknown(&failure, load->data);
        }
        return 0;
    }
    *err = failure;
    return -(int)err->code;
}

static int load_files(const struct dir_load *load, DIR *dir, struct err *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            return errno == 0 ? 0 : err_set_errno(err, errno, "reading the directory");
        }
        if (entry->d_name[0] != '.') {
            TRY(load_file(load, dirfd(dir), entry->d_name, err));
        }
    }
}

int config_load_dir(struct config *config,
                    enum config_when when,
                    const char *dir,
                    void (*on_unknown)(const struct err *err, void *data),
                    void *data,
                    struct err *err)
{
    const struct dir_load load = {config, when, on_unknown, data};
    for (size_t i = 0; i < config->n_slots; i++) {
        config->slots[i].seen = false;
    }
    DIR *handle = opendir(dir);
    if (handle == NULL) {
        return err_set_errno(err, errno, "opening directory '%s'", dir);
    }
    int rc = load_files(&load, handle, err);
    (void)closedir(handle); /* only read from */
    TRY_IN(rc, err, "parameters in '%s'", dir);
    for (size_t i = 0; i < config->n_slots; i++) {
        struct slot *slot = &config->slots[i];
        if (slot->source == FROM_KEY && !slot->seen && may_set_key(slot, when)) {
            set_default(config, slot);
        }
    }
    return 0;
}

/* ---- while running ---- */

static const struct config_pair *find_pair(const struct config_pairs *pairs, const char *key)
{
    const struct config_pair *found = NULL;
    for (size_t i = 0; i < pairs->n; i++) {
        if (str_eq_c(pairs->items[i].key, key)) {
            found = &pairs->items[i];
        }
    }
    return found;
}

static void
set_pair(struct config *config, struct slot *slot, struct str text, config_told_fn told, void *data)
{
    struct config_list space; /* as large and aligned as any value */
    struct err err;
    if (config_value_parse(config->arena, slot->row, text, &space, &err) < 0) {
        (void)err_wrap(&err, "key '%s'", slot->row->key);
        told(data, slot->row, CONFIG_REFUSED, &err);
    } else if (config_value_equal(slot->row, &space, slot->field)) {
        return;
    } else if (slot->row->reload == CONFIG_FIXED) {
        told(data, slot->row, CONFIG_NEEDS_RESTART, NULL);
    } else {
        memcpy(slot->field, &space, config_value_size(slot->row));
        told(data, slot->row, CONFIG_CHANGED, NULL);
    }
}

void config_set_pairs(struct config *config,
                      const struct config_pairs *pairs,
                      config_told_fn told,
                      void *data)
{
    for (size_t i = 0; i < config->n_slots; i++) {
        struct slot *slot = &config->slots[i];
        const struct config_pair *pair = find_pair(pairs, slot->row->key);
        if (slot->row->key[0] == '\0' || slot->source > FROM_KEY) {
            continue;
        }
        if (pair != NULL) {
            set_pair(config, slot, pair->value, told, data);
            slot->source = FROM_KEY;
            slot->watched = true;
        } else if (slot->source == FROM_KEY && (slot->watched || !pairs->partial)) {
            set_pair(config, slot, str_from(slot->row->def), told, data);
            slot->watched = false;
        }
    }
}

static void help_row(const struct config_row *row, struct buf *out)
{
    buf_printf(out, "  --%s", row->flag);
    if (row->type != CONFIG_BOOL) {
        buf_printf(out, " <%s>", config_type_name(row->type));
    }
    buf_printf(out, "\n        %s", row->doc);
    const char *separator = " (";
    if (row->def[0] != '\0') {
        buf_printf(out, "%sdefault %s", separator, row->def);
        separator = ", ";
    }
    if (row->unit[0] != '\0') {
        buf_printf(out, "%sin %s", separator, row->unit);
        separator = ", ";
    }
    if (row->env[0] != '\0') {
        buf_printf(out, "%senvironment %s", separator, row->env);
        separator = ", ";
    }
    if (row->key[0] != '\0') {
        buf_printf(out, "%skey %s", separator, row->key);
        separator = ", ";
    }
    buf_put_c(out, separator[0] == ',' ? ")\n" : "\n");
}

void config_help(const struct config *config,
                 const char *program,
                 const char *summary,
                 struct buf *out)
{
    buf_printf(out, "%s\n\nUsage: %s [flags]\n", summary, program);
    for (size_t i = 0; i < config->n_tables; i++) {
        buf_printf(out, "\n%s:\n", config->tables[i].title);
        for (size_t j = 0; j < config->tables[i].n_rows; j++) {
            help_row(&config->tables[i].rows[j], out);
        }
    }
    buf_put_c(
        out,
        "\nGeneral:\n  --help\n        This text.\n  --version\n        Version and commit.\n");
}
