/* The three lists of the file are edited by the name of their items; other fields are kept. */
#include "cli/context.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/rt/config.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"

int context_default_path(struct arena *arena, const char **ret, struct err *err)
{
    const char *base = config_env("XDG_CONFIG_HOME");
    const char *home = config_env("HOME");
    if (base != NULL) {
        *ret = arena_printf(arena, "%s/belay/config", base).p;
        return 0;
    }
    if (home == NULL) {
        return err_set(err, ERR_NOT_FOUND, "neither --config nor $HOME says where contexts are");
    }
    *ret = arena_printf(arena, "%s/.config/belay/config", home).p;
    return 0;
}

/* The file holds tokens. */
static int check_mode(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return errno == ENOENT ? 0 : err_set_errno(err, errno, "'%s'", path);
    }
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return err_set(err, ERR_DENIED, "'%s' may be read by others: chmod 600 it", path);
    }
    return 0;
}

int context_load(struct arena *arena, const char *path, struct context_file *ret, struct err *err)
{
    struct str text;
    const struct value *root = &VALUE_EMPTY_MAP;
    TRY(check_mode(path, err));
    int rc = fs_read_file(arena, path, LIMIT_MIB, &text, err);
    if (rc < 0 && rc != -ERR_NOT_FOUND) {
        return rc;
    }
    if (rc == 0 && value_from_yaml(arena, text, NULL, &root, err) < 0) {
        return err_at(err, str_from(path), err->pos.line, err->pos.column);
    }
    if (!value_is(root, VALUE_MAP) && !value_is(root, VALUE_NULL)) {
        return err_set(err, ERR_INVALID, "'%s' is not a list of contexts", path);
    }
    *ret = (struct context_file){arena, path, root};
    return 0;
}

/* ---- reading ---- */

static const struct value *
item_named(const struct context_file *file, const char *list, const char *key, struct str name)
{
    VALUE_FOREACH(value_dig(file->root, list), item) {
        if (str_eq(value_dig_str(item, key), name)) {
            return item;
        }
    }
    return NULL;
}

static struct context context_of(const struct context_file *file, const struct value *item)
{
    struct str server_name = value_dig_str(item, "server");
    const struct value *server = item_named(file, "servers", "server", server_name);
    const struct value *user = item_named(file, "users", "name", value_dig_str(item, "user"));
    return (struct context){
        .name = value_dig_str(item, "name"),
        .server = server_name,
        .token = value_dig_str(user, "auth-token"),
        .insecure = value_bool(value_dig(server, "insecure"), false),
        .plain_text = value_bool(value_dig(server, "plain-text"), false),
        .server_crt = value_dig_str(server, "server-crt"),
    };
}

int context_find(const struct context_file *file,
                 const char *name,
                 struct context *ret,
                 struct err *err)
{
    struct str wanted =
        name != NULL ? str_from(name) : value_dig_str(file->root, "current-context");
    if (wanted.n == 0) {
        return err_set(err, ERR_NOT_FOUND, "no server: log in, or give --server");
    }
    const struct value *item = item_named(file, "contexts", "name", wanted);
    if (item == NULL) {
        return err_set(err, ERR_NOT_FOUND, "no context '" STR_FMT "' in '%s'", STR_ARG(wanted),
                       file->path);
    }
    *ret = context_of(file, item);
    return 0;
}

bool context_find_server(const struct context_file *file, struct str server, struct context *ret)
{
    const struct value *item = item_named(file, "contexts", "server", server);
    if (item == NULL) {
        return false;
    }
    *ret = context_of(file, item);
    return true;
}

/* ---- changing ---- */

static void put_item(struct context_file *file,
                     const char *list_name,
                     const char *key,
                     struct str name,
                     const struct value *item)
{
    const struct value *list = value_dig(file->root, list_name);
    size_t i = 0;
    while (i < value_len(list) && !str_eq(value_dig_str(value_at(list, i), key), name)) {
        i++;
    }
    list = i < value_len(list) ? value_list_set(file->arena, list, i, item)
                               : value_list_append(file->arena, list, item);
    file->root = value_map_set(file->arena, file->root, str_from(list_name), list);
}

static const struct value *
with_str(struct context_file *file, const struct value *map, const char *key, struct str s)
{
    return value_map_set(file->arena, map, str_from(key), value_new_str(file->arena, s));
}

static const struct value *
with_bool(struct context_file *file, const struct value *map, const char *key, bool b)
{
    return b ? value_map_set(file->arena, map, str_from(key), value_new_bool(file->arena, b))
             : value_map_remove(file->arena, map, str_from(key));
}

static void put_user(struct context_file *file, struct str name, struct str token)
{
    const struct value *user =
        with_str(file, item_named(file, "users", "name", name), "name", name);
    user = token.n > 0 ? with_str(file, user, "auth-token", token)
                       : value_map_remove(file->arena, user, STR("auth-token"));
    put_item(file, "users", "name", name, user);
}

void context_put(struct context_file *file, const struct context *c)
{
    const struct value *item =
        with_str(file, item_named(file, "contexts", "name", c->name), "name", c->name);
    item = with_str(file, item, "server", c->server);
    item = with_str(file, item, "user", c->name);
    put_item(file, "contexts", "name", c->name, item);

    const struct value *server =
        with_str(file, item_named(file, "servers", "server", c->server), "server", c->server);
    server = with_bool(file, server, "insecure", c->insecure);
    server = with_bool(file, server, "plain-text", c->plain_text);
    server = c->server_crt.n > 0 ? with_str(file, server, "server-crt", c->server_crt)
                                 : value_map_remove(file->arena, server, STR("server-crt"));
    put_item(file, "servers", "server", c->server, server);

    put_user(file, c->name, c->token);
    file->root = with_str(file, file->root, "current-context", c->name);
}

void context_forget_token(struct context_file *file, struct str name)
{
    const struct value *item = item_named(file, "contexts", "name", name);
    if (item != NULL) {
        put_user(file, value_dig_str(item, "user"), STR_EMPTY);
    }
}

int context_save(const struct context_file *file, struct err *err)
{
    struct str text;
    const char *slash = strrchr(file->path, '/');
    if (slash != NULL && slash != file->path) {
        struct str dir = str_of(file->path, (size_t)(slash - file->path));
        TRY(fs_make_dirs(arena_str(file->arena, dir).p, 0700, err));
    }
    TRY(value_to_yaml_in(file->arena, file->root, NULL, &text, err));
    return fs_write_atomic(file->path, text, 0600, err);
}
