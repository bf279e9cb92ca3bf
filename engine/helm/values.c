/* Recursion follows maps, whose depth is bounded where they are made: by the YAML and JSON readers, and by --set's
 * own limit. */
#include "engine/helm/values.h"

#include <stdint.h>

#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/helm/strvals.h"

static struct tmap *new_map(struct arena *arena)
{
    return tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
}

static struct tmap *map_of(const struct tval *v)
{
    return v != NULL && v->kind == TVAL_MAP ? v->map : NULL;
}

/* ---- reading ---- */

/* From a tree that goes to maps that stay. */
struct reading {
    struct arena *maps;
    struct arena *texts;
    struct str text; /* stays, too: what lies in it needs no copy */
};

static struct str kept(const struct reading *r, struct str s)
{
    uintptr_t at = (uintptr_t)s.p;
    uintptr_t start = (uintptr_t)r->text.p;
    return at >= start && at + s.n <= start + r->text.n ? s : arena_str(r->texts, s);
}

static struct tval from_tree(const struct reading *r, const struct value *v)
{
    if (value_is(v, VALUE_STRING)) {
        return tval_str(kept(r, value_str(v)));
    }
    if (value_is(v, VALUE_LIST)) {
        struct tval list = tval_list_new(r->maps, TVAL_OF_ANY, value_len(v));
        for (size_t i = 0; i < list.list->n; i++) {
            list.list->items[i] = from_tree(r, value_at(v, i));
        }
        return list;
    }
    if (!value_is(v, VALUE_MAP)) {
        return tval_from_value(r->maps, v, false);
    }
    struct tmap *map = new_map(r->maps);
    tmap_reserve(map, value_len(v));
    VALUE_MAP_FOREACH(v, e)
    {
        tmap_set_borrowed(map, kept(r, e->key), from_tree(r, &e->value));
    }
    return tval_map(map);
}

static int add_document(const struct reading *r,
                        const struct value_yaml_doc *doc,
                        struct tmap **map,
                        struct err *err)
{
    if (value_type(doc->value) == VALUE_NULL) {
        return 0;
    }
    if (doc->value->type != VALUE_MAP) {
        (void)err_set(err, ERR_INVALID, "values are a %s, not a map",
                      value_type_name(value_type(doc->value)));
        return err_at(err, STR_EMPTY, doc->line, 0);
    }
    struct tmap *read = from_tree(r, doc->value).map;
    if (*map == NULL) {
        *map = read;
    } else {
        values_overlay(*map, read);
    }
    return 0;
}

int values_from_yaml(
    struct arena *maps, struct arena *texts, struct str text, struct tmap **ret, struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new();
    const struct reading r = {maps, texts, text};
    struct value_yaml_docs docs;
    struct tmap *map = NULL;
    TRY(value_from_yaml_stream(scratch, text, NULL, &docs, err));
    for (size_t i = 0; i < docs.n; i++) {
        TRY(add_document(&r, &docs.items[i], &map, err));
    }
    *ret = map != NULL ? map : new_map(maps);
    return 0;
}

/* ---- two maps ---- */

void values_overlay(struct tmap *dst, const struct tmap *over)
{
    struct str key;
    struct tval *v;
    for (size_t at = 0; tmap_next(over, &at, &key, &v);) {
        struct tmap *below = map_of(tmap_find(dst, key));
        if (below != NULL && v->kind == TVAL_MAP) {
            values_overlay(below, v->map);
        } else {
            tmap_set_borrowed(dst, key, *v);
        }
    }
}

/* ---- paths ---- */

struct tval *values_find(const struct tmap *map, struct str path)
{
    struct tval *v = NULL;
    struct str part;
    while (str_next(&path, '.', &part)) {
        if (map == NULL || (v = tmap_find(map, part)) == NULL) {
            return NULL;
        }
        map = map_of(v);
    }
    return v;
}

struct tmap *values_table(const struct tmap *map, struct str path)
{
    return map_of(values_find(map, path));
}

/* ---- inputs ---- */

static int
add_file(struct arena *arena, struct tmap *to, const struct values_input *in, struct err *err)
{
    struct tmap *map;
    if (values_from_yaml(arena, arena, in->text, &map, err) < 0) {
        return err_at(err, in->name, 0, 0);
    }
    values_overlay(to, map);
    return 0;
}

static int add_json_object(struct arena *arena, struct tmap *to, struct str text, struct err *err)
{
    const struct value *v;
    TRY_IN(value_from_json(arena, text, NULL, &v, err), err, "failed parsing --set-json data JSON");
    if (v->type == VALUE_MAP) {
        values_overlay(to, tval_from_value(arena, v, false).map);
    }
    return 0;
}

static int add_input(struct arena *arena,
                     struct tmap *to,
                     const struct values_input *in,
                     const struct values_reader *reader,
                     struct err *err)
{
    static const struct {
        enum strvals_kind kind;
        const char *flag;
    } SETS[VALUES_INPUT_COUNT] = {
        [VALUES_SET_JSON] = {STRVALS_JSON, "--set-json"},
        [VALUES_SET] = {STRVALS_TYPED, "--set"},
        [VALUES_SET_STRING] = {STRVALS_STRING, "--set-string"},
        [VALUES_SET_FILE] = {STRVALS_FILE, "--set-file"},
        [VALUES_SET_LITERAL] = {STRVALS_LITERAL, "--set-literal"},
    };
    struct strvals_options options = {.kind = SETS[in->type].kind, .reader = reader};
    if (in->type == VALUES_FILE) {
        return add_file(arena, to, in, err);
    }
    if (in->type == VALUES_SET_JSON && str_starts_with(str_trim(in->text), STR("{"))) {
        return add_json_object(arena, to, str_trim(in->text), err);
    }
    TRY_IN(strvals_parse(arena, in->text, &options, to, err), err, "failed parsing %s data",
           SETS[in->type].flag);
    return 0;
}

int values_from_inputs(struct arena *arena,
                       const struct values_input *inputs,
                       size_t n,
                       const struct values_reader *reader,
                       struct tmap **ret,
                       struct err *err)
{
    struct tmap *map = new_map(arena);
    for (int type = 0; type < VALUES_INPUT_COUNT; type++) {
        for (size_t i = 0; i < n; i++) {
            if ((int)inputs[i].type == type) {
                TRY(add_input(arena, map, &inputs[i], reader, err));
            }
        }
    }
    *ret = map;
    return 0;
}
