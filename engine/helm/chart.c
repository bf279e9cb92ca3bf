/* Chart.yaml to struct chart_meta with the leniency of Go's sigs.k8s.io/yaml: numbers and booleans where a
 * string is wanted become text, unknown fields are passed over. */
#include "engine/helm/chart.h"

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/num.h"
#include "common/base/path.h"
#include "common/base/semver.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_yaml.h"

/* ---- text ---- */

/* sigs.k8s.io/yaml writes scalars as text when the field is a string: 1.10 is "1.1" by then. */
static int scalar_text(struct arena *arena, const struct value *v, struct str *ret, struct err *err)
{
    char text[NUM_FLOAT_BYTES];
    switch (value_type(v)) {
    case VALUE_NULL:
        *ret = STR_EMPTY;
        return 0;
    case VALUE_STRING:
        *ret = value_str(v);
        return 0;
    case VALUE_BOOL:
        *ret = v->b ? STR("true") : STR("false");
        return 0;
    case VALUE_INT:
        *ret = arena_printf(arena, "%lld", (long long)v->i);
        return 0;
    case VALUE_FLOAT:
        *ret = arena_str(arena, str_of(text, num_format_g(v->f, text)));
        return 0;
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_TYPE_COUNT:
        break;
    }
    return err_set(err, ERR_INVALID, "%s where text is wanted", value_type_noun(value_type(v)));
}

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

/* White space becomes a blank, what cannot be printed goes: the text ends up in terminals. */
static struct str sanitize(struct arena *arena, struct str s)
{
    AUTO(buf) struct buf out = {0};
    bool same = true;
    for (size_t i = 0; i < s.n; i++) {
        same = same && s.p[i] >= ' ' && s.p[i] < 0x7f;
    }
    if (same) {
        return s;
    }
    buf_init(&out, s.n * 3 + 1);
    for (size_t at = 0; at < s.n;) {
        uint32_t c = utf8_next(s, &at);
        if (is_space(c)) {
            buf_put_char(&out, ' ');
        } else if (utf8_is_print(c)) {
            utf8_put(&out, c);
        }
    }
    return buf_to_arena(&out, arena);
}

static int field_text(
    struct arena *arena, const struct value *map, const char *key, struct str *ret, struct err *err)
{
    struct str text;
    TRY_IN(scalar_text(arena, value_find(map, str_from(key)), &text, err), err, "field '%s'", key);
    *ret = sanitize(arena, text);
    return 0;
}

static int field_list(struct arena *arena,
                      const struct value *map,
                      const char *key,
                      struct chart_strs *ret,
                      struct err *err)
{
    const struct value *list = value_find(map, str_from(key));
    struct str *items = arena_calloc(arena, value_len(list) + 1, sizeof(*items));
    if (value_type(list) != VALUE_NULL && !value_is(list, VALUE_LIST)) {
        return err_set(err, ERR_INVALID, "field '%s' is a %s, not a list", key,
                       value_type_name(value_type(list)));
    }
    for (size_t i = 0; i < value_len(list); i++) {
        TRY_IN(scalar_text(arena, value_at(list, i), &items[i], err), err, "field '%s'", key);
        items[i] = sanitize(arena, items[i]);
    }
    *ret = (struct chart_strs){items, value_len(list)};
    return 0;
}

/* ---- fields ---- */

static const struct {
    const char *key;
    size_t offset;
} TEXTS[] = {
    {"name", offsetof(struct chart_meta, name)},
    {"home", offsetof(struct chart_meta, home)},
    {"version", offsetof(struct chart_meta, version)},
    {"description", offsetof(struct chart_meta, description)},
    {"icon", offsetof(struct chart_meta, icon)},
    {"apiVersion", offsetof(struct chart_meta, api_version)},
    {"condition", offsetof(struct chart_meta, condition)},
    {"tags", offsetof(struct chart_meta, tags)},
    {"appVersion", offsetof(struct chart_meta, app_version)},
    {"kubeVersion", offsetof(struct chart_meta, kube_version)},
    {"type", offsetof(struct chart_meta, type)},
};

static const struct {
    const char *key;
    size_t offset;
} DEPENDENCY_TEXTS[] = {
    {"name", offsetof(struct chart_dependency, name)},
    {"version", offsetof(struct chart_dependency, version)},
    {"repository", offsetof(struct chart_dependency, repository)},
    {"condition", offsetof(struct chart_dependency, condition)},
    {"alias", offsetof(struct chart_dependency, alias)},
};

static int parse_dependency(struct arena *arena,
                            const struct value *map,
                            struct chart_dependency *ret,
                            struct err *err)
{
    if (!value_is(map, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "dependencies must not contain empty or null nodes");
    }
    for (size_t i = 0; i < ARRAY_LEN(DEPENDENCY_TEXTS); i++) {
        struct str *field = (struct str *)(void *)((char *)ret + DEPENDENCY_TEXTS[i].offset);
        TRY(field_text(arena, map, DEPENDENCY_TEXTS[i].key, field, err));
    }
    TRY(field_list(arena, map, "tags", &ret->tags, err));
    ret->import_values = value_find(map, STR("import-values"));
    if (value_type(ret->import_values) != VALUE_NULL && ret->import_values->type != VALUE_LIST) {
        return err_set(err, ERR_INVALID, "field 'import-values' is not a list");
    }
    ret->enabled = value_bool(value_find(map, STR("enabled")), false);
    return 0;
}

static int parse_dependencies(struct arena *arena,
                              const struct value *map,
                              struct chart_meta *meta,
                              struct err *err)
{
    const struct value *list = value_find(map, STR("dependencies"));
    if (value_type(list) == VALUE_NULL) {
        return 0;
    }
    if (list->type != VALUE_LIST) {
        return err_set(err, ERR_INVALID, "field 'dependencies' is not a list");
    }
    meta->dependencies = arena_calloc(arena, list->n + 1, sizeof(*meta->dependencies));
    meta->n_dependencies = list->n;
    for (size_t i = 0; i < list->n; i++) {
        TRY_IN(parse_dependency(arena, value_at(list, i), &meta->dependencies[i], err), err,
               "dependency %zu", i + 1);
    }
    return 0;
}

static int parse_maintainers(struct arena *arena,
                             const struct value *map,
                             struct chart_meta *meta,
                             struct err *err)
{
    const struct value *list = value_find(map, STR("maintainers"));
    size_t n = value_is(list, VALUE_LIST) ? value_len(list) : 0;
    struct chart_maintainer *items = arena_calloc(arena, n + 1, sizeof(*items));
    if (value_type(list) != VALUE_NULL && list->type != VALUE_LIST) {
        return err_set(err, ERR_INVALID, "field 'maintainers' is not a list");
    }
    for (size_t i = 0; i < n; i++) {
        const struct value *m = value_at(list, i);
        if (!value_is(m, VALUE_MAP)) {
            return err_set(err, ERR_INVALID, "maintainers must not contain empty or null nodes");
        }
        TRY(field_text(arena, m, "name", &items[i].name, err));
        TRY(field_text(arena, m, "email", &items[i].email, err));
        TRY(field_text(arena, m, "url", &items[i].url, err));
    }
    meta->maintainers = items;
    meta->n_maintainers = n;
    return 0;
}

static int parse_annotations(struct arena *arena,
                             const struct value *map,
                             struct chart_meta *meta,
                             struct err *err)
{
    const struct value *in = value_find(map, STR("annotations"));
    if (value_type(in) == VALUE_NULL) {
        return 0;
    }
    if (in->type != VALUE_MAP) {
        return err_set(err, ERR_INVALID, "field 'annotations' is not a map");
    }
    struct value_entry *entries = arena_calloc(arena, in->n + 1, sizeof(*entries));
    size_t n = 0;
    VALUE_MAP_FOREACH(in, e)
    {
        struct str text;
        TRY_IN(scalar_text(arena, &e->value, &text, err), err, "field 'annotations'");
        entries[n++] = (struct value_entry){e->key, value_of_str(arena_str(arena, text))};
    }
    meta->annotations = value_new_map(arena, entries, n);
    return 0;
}

static int read_map(struct arena *arena, struct str text, const struct value **ret, struct err *err)
{
    TRY(value_from_yaml(arena, text, NULL, ret, err));
    if (value_type(*ret) == VALUE_NULL) {
        *ret = &VALUE_EMPTY_MAP;
    }
    if ((*ret)->type != VALUE_MAP) {
        return err_set(err, ERR_INVALID, "is a %s, not a map", value_type_name(value_type(*ret)));
    }
    return 0;
}

int chart_meta_parse(struct arena *arena, struct str text, struct chart_meta *ret, struct err *err)
{
    const struct value *map;
    struct chart_meta meta = {0};
    TRY_IN(read_map(arena, text, &map, err), err, "cannot load Chart.yaml");
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        struct str *field = (struct str *)(void *)((char *)&meta + TEXTS[i].offset);
        TRY_IN(field_text(arena, map, TEXTS[i].key, field, err), err, "cannot load Chart.yaml");
    }
    TRY_IN(field_list(arena, map, "sources", &meta.sources, err), err, "cannot load Chart.yaml");
    TRY_IN(field_list(arena, map, "keywords", &meta.keywords, err), err, "cannot load Chart.yaml");
    TRY_IN(parse_maintainers(arena, map, &meta, err), err, "cannot load Chart.yaml");
    TRY_IN(parse_annotations(arena, map, &meta, err), err, "cannot load Chart.yaml");
    TRY_IN(parse_dependencies(arena, map, &meta, err), err, "cannot load Chart.yaml");
    meta.deprecated = value_bool(value_find(map, STR("deprecated")), false);
    if (meta.api_version.n == 0) {
        meta.api_version = STR("v1");
    }
    *ret = meta;
    return 0;
}

int chart_meta_parse_requirements(struct arena *arena,
                                  struct str text,
                                  struct chart_meta *meta,
                                  struct err *err)
{
    const struct value *map;
    TRY_IN(read_map(arena, text, &map, err), err, "cannot load requirements.yaml");
    TRY_IN(parse_dependencies(arena, map, meta, err), err, "cannot load requirements.yaml");
    return 0;
}

int chart_lock_parse(struct arena *arena, struct str text, struct chart_lock *ret, struct err *err)
{
    const struct value *map;
    struct chart_meta meta = {0};
    struct chart_lock lock = {0};
    TRY(read_map(arena, text, &map, err));
    TRY(parse_dependencies(arena, map, &meta, err));
    TRY(field_text(arena, map, "digest", &lock.digest, err));
    lock.has_list = value_is(value_find(map, STR("dependencies")), VALUE_LIST);
    lock.dependencies = meta.dependencies;
    lock.n_dependencies = meta.n_dependencies;
    *ret = lock;
    return 0;
}

/* ---- checks ---- */

static bool is_alias_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static int check_dependency(const struct chart_meta *meta, size_t i, struct err *err)
{
    const struct chart_dependency *d = &meta->dependencies[i];
    struct str key = d->alias.n > 0 ? d->alias : d->name;
    for (size_t c = 0; c < d->alias.n; c++) {
        if (!is_alias_char(d->alias.p[c])) {
            return err_set(err, ERR_INVALID,
                           "dependency '" STR_FMT "' has disallowed characters in the alias",
                           STR_ARG(d->name));
        }
    }
    for (size_t k = 0; k < i; k++) {
        const struct chart_dependency *o = &meta->dependencies[k];
        if (str_eq(key, o->alias.n > 0 ? o->alias : o->name)) {
            return err_set(err, ERR_INVALID,
                           "more than one dependency with name or alias '" STR_FMT "'",
                           STR_ARG(key));
        }
    }
    return 0;
}

int chart_meta_check(const struct chart_meta *meta, struct err *err)
{
    struct semver version;
    struct err ignored;
    if (meta->name.n == 0) {
        return err_set(err, ERR_INVALID, "validation: chart.metadata.name is required");
    }
    if (!str_eq(meta->name, path_base(meta->name)) || str_eq_c(meta->name, ".") ||
        str_eq_c(meta->name, "..")) {
        return err_set(err, ERR_INVALID,
                       "validation: chart.metadata.name \"" STR_FMT "\" is invalid",
                       STR_ARG(meta->name));
    }
    if (meta->version.n == 0) {
        return err_set(err, ERR_INVALID, "validation: chart.metadata.version is required");
    }
    if (semver_parse(meta->version, &version, &ignored) < 0) {
        return err_set(err, ERR_INVALID,
                       "validation: chart.metadata.version \"" STR_FMT "\" is invalid",
                       STR_ARG(meta->version));
    }
    if (meta->type.n > 0 && !str_eq_c(meta->type, "application") &&
        !str_eq_c(meta->type, "library")) {
        return err_set(err, ERR_INVALID,
                       "validation: chart.metadata.type must be application or library");
    }
    for (size_t i = 0; i < meta->n_dependencies; i++) {
        TRY(check_dependency(meta, i, err));
    }
    return 0;
}

/* ---- the tree ---- */

struct str chart_path(struct arena *arena, const struct chart *chart)
{
    if (chart->parent == NULL) {
        return chart->meta.name;
    }
    struct str above = chart_path(arena, chart->parent);
    return arena_printf(arena, STR_FMT "/charts/" STR_FMT, STR_ARG(above),
                        STR_ARG(chart->meta.name));
}

bool chart_is_library(const struct chart *chart)
{
    return str_eq_nocase(chart->meta.type, STR("library"));
}

struct chart *chart_copy(struct arena *arena, const struct chart *chart, struct chart *parent)
{
    struct chart *copy = ARENA_NEW(arena, struct chart);
    size_t n = chart->meta.n_dependencies;
    *copy = *chart;
    copy->parent = parent;
    if (n > 0) {
        copy->meta.dependencies = arena_calloc(arena, n, sizeof(*copy->meta.dependencies));
        memcpy(copy->meta.dependencies, chart->meta.dependencies,
               n * sizeof(*copy->meta.dependencies));
    }
    copy->subcharts = arena_calloc(arena, chart->n_subcharts + 1, sizeof(struct chart *));
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        copy->subcharts[i] = chart_copy(arena, chart->subcharts[i], copy);
    }
    return copy;
}
