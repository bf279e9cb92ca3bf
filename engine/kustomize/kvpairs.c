/* Pairs for generators. Nothing is read from the environment of the process, and keys are taken as they are. */
#include "engine/kustomize/kvpairs.h"

#include "common/base/map.h"
#include "common/base/path.h"
#include "common/base/utf8.h"
#include "engine/engine_env.h"
#include "engine/kustomize/generate.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kload.h"

static void add(struct arena *arena, struct kvpairs *pairs, struct str key, struct str value)
{
    struct value_str_pair pair = {key, value};
    vec_push_in(arena, &pairs->list, pair);
}

/* ---- env files ---- */

static struct str trim_left(struct str line)
{
    size_t at = 0;
    while (at < line.n) {
        size_t next = at;
        if (!utf8_is_space(utf8_next(line, &next))) {
            break;
        }
        at = next;
    }
    return str_sub(line, at, line.n);
}

static int
add_line(struct arena *arena, struct str line, size_t number, struct kvpairs *ret, struct err *err)
{
    struct str key;
    struct str value;
    if (!utf8_valid(line)) {
        return err_set(err, ERR_INVALID, "line %zu has invalid utf8 bytes", number);
    }
    if (number == 1) {
        (void)str_cut_prefix(&line, STR("\xef\xbb\xbf"));
    }
    line = trim_left(line);
    if (line.n == 0 || line.p[0] == '#') {
        return 0;
    }
    if (!str_cut(line, '=', &key, &value)) {
        value = STR_EMPTY;
    }
    if (key.n > 0) {
        add(arena, ret, key, value);
    }
    return 0;
}

int kvpairs_parse_env(struct arena *arena, struct str text, struct kvpairs *ret, struct err *err)
{
    struct str rest = text;
    struct str line;
    for (size_t number = 1; str_next(&rest, '\n', &line); number++) {
        (void)str_cut_suffix(&line, STR("\r"));
        TRY(add_line(arena, line, number, ret, err));
    }
    return 0;
}

static int
add_env_file(const struct klayer *layer, struct str path, struct kvpairs *ret, struct err *err)
{
    struct str text;
    if (kload_file(layer->load, path, &text, err) < 0 ||
        kvpairs_parse_env(layer->build->env->arena, text, ret, err) < 0) {
        return kbuild_wrap(layer->build, err, "env source files: [" STR_FMT "]", STR_ARG(path));
    }
    return 0;
}

/* ---- literals and files ---- */

static struct str without_quotes(struct str s)
{
    bool quoted = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];
    return quoted ? str_sub(s, 1, s.n - 1) : s;
}

static int
add_literal(struct arena *arena, struct str literal, struct kvpairs *ret, struct err *err)
{
    struct str key;
    struct str value;
    if (!str_cut(literal, '=', &key, &value) || key.n == 0) {
        return err_set(err, ERR_INVALID, "invalid literal source " STR_FMT ", expected key=value",
                       STR_ARG(literal));
    }
    add(arena, ret, key, without_quotes(value));
    return 0;
}

/* "path" or "key=path". */
static int
split_file_source(struct str source, struct str *ret_key, struct str *ret_path, struct err *err)
{
    if (!str_cut(source, '=', ret_key, ret_path)) {
        *ret_path = source;
        *ret_key = path_base(source);
        return 0;
    }
    if (str_find_char(*ret_path, '=') != STR_NONE) {
        return err_set(err, ERR_INVALID,
                       "source \"" STR_FMT "\" key name or file path contains '='",
                       STR_ARG(source));
    }
    if (ret_key->n == 0) {
        return err_set(err, ERR_INVALID,
                       "missing key name for file path \"" STR_FMT "\" in source \"" STR_FMT "\"",
                       STR_ARG(*ret_path), STR_ARG(source));
    }
    if (ret_path->n == 0) {
        return err_set(err, ERR_INVALID,
                       "missing file path for key name \"" STR_FMT "\" in source \"" STR_FMT "\"",
                       STR_ARG(*ret_key), STR_ARG(source));
    }
    return 0;
}

static int
add_file(const struct klayer *layer, struct str source, struct kvpairs *ret, struct err *err)
{
    struct str key;
    struct str path;
    struct str text;
    TRY(split_file_source(source, &key, &path, err));
    TRY(kload_file(layer->load, path, &text, err));
    add(layer->build->env->arena, ret, key, text);
    return 0;
}

/* ---- all ---- */

static int load_all(const struct klayer *layer,
                    const struct pairs_source *source,
                    struct kvpairs *ret,
                    struct err *err)
{
    for (size_t i = 0; i < source->envs.n; i++) {
        TRY(add_env_file(layer, source->envs.items[i], ret, err));
    }
    if (source->env.n > 0) {
        TRY(add_env_file(layer, source->env, ret, err));
    }
    for (size_t i = 0; i < source->literals.n; i++) {
        TRY(add_literal(layer->build->env->arena, source->literals.items[i], ret, err));
    }
    for (size_t i = 0; i < source->files.n; i++) {
        if (add_file(layer, source->files.items[i], ret, err) < 0) {
            return kbuild_wrap(layer->build, err, "file sources: [" STR_FMT "]",
                               STR_ARG(source->files.items[i]));
        }
    }
    return 0;
}

static int check_unique(struct str name, struct kvpairs *pairs, struct err *err)
{
    AUTO(map) struct map *keys = map_new(NULL);
    VEC_FOREACH(&pairs->list, pair) {
        if (map_has(keys, pair->key)) {
            return err_set(err, ERR_INVALID,
                           "configmap " STR_FMT " illegally repeats the key `" STR_FMT "`",
                           STR_ARG(name), STR_ARG(pair->key));
        }
        map_set(keys, pair->key, pairs);
    }
    return 0;
}

int kvpairs_load(const struct klayer *layer,
                 const struct pairs_source *source,
                 struct kvpairs *ret,
                 struct err *err)
{
    *ret = (struct kvpairs){0};
    if (load_all(layer, source, ret, err) < 0) {
        return kbuild_wrap(layer->build, err, "loading KV pairs");
    }
    return check_unique(source->name, ret, err);
}
