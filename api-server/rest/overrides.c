/* Both forms of customizations in one map: resource.customizations, which has all kinds, and the keys of single
 * kinds below it, which win. */
#include "api-server/rest/overrides.h"

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"

#define PREFIX   "resource.customizations"
#define ALL      "*/*"
#define CRD_KIND "apiextensions.k8s.io/CustomResourceDefinition"

static const struct value *parsed_yaml(struct arena *arena, const struct value *text)
{
    const struct value *tree = NULL;
    struct err unused;
    if (!value_is(text, VALUE_STRING)) {
        return text;
    }
    return value_from_yaml(arena, value_str(text), NULL, &tree, &unused) < 0 ? NULL : tree;
}

/* ---- one part of an override ---- */

static const struct value *as_text(struct arena *arena UNUSED, const struct value *v)
{
    return value_is(v, VALUE_STRING) ? v : NULL;
}

static const struct value *as_bool(struct arena *arena, const struct value *v)
{
    const struct value *tree = parsed_yaml(arena, v);
    return value_is(tree, VALUE_BOOL) && value_bool(tree, false) ? tree : NULL;
}

static const struct value *as_list(struct arena *arena, const struct value *v)
{
    const struct value *tree = parsed_yaml(arena, v);
    return value_is(tree, VALUE_LIST) ? tree : NULL;
}

/* All three lists, as Argo CD writes its own struct. */
static const struct value *as_ignored(struct arena *arena, const struct value *v)
{
    static const char *const LISTS[] = {"jqPathExpressions", "jsonPointers",
                                        "managedFieldsManagers"};
    const struct value *tree = parsed_yaml(arena, v);
    const struct value *lists = &VALUE_EMPTY_MAP;
    struct str text = STR_EMPTY;
    struct err unused;
    for (size_t i = 0; i < ARRAY_LEN(LISTS); i++) {
        const struct value *list = value_find(tree, str_from(LISTS[i]));
        lists = value_map_set(arena, lists, str_from(LISTS[i]),
                              value_is(list, VALUE_LIST) ? list : &VALUE_NULL_VALUE);
    }
    return value_to_yaml_in(arena, lists, NULL, &text, &unused) < 0 ? NULL
                                                                    : value_new_str(arena, text);
}

enum part {
    PART_HEALTH,
    PART_OPEN_LIBS,
    PART_ACTIONS,
    PART_DIFFERENCES,
    PART_UPDATES,
    PART_KNOWN_TYPES,
    PART_COUNT,
};

static const struct {
    const char *key;   /* resource.customizations.<key>.<group>_<Kind> */
    const char *field; /* in the map of all kinds, and in the answer */
    const struct value *(*form)(struct arena *arena, const struct value *v);
} PARTS[PART_COUNT] = {
    [PART_HEALTH] = {"health", "health.lua", as_text},
    [PART_OPEN_LIBS] = {"useOpenLibs", "health.lua.useOpenLibs", as_bool},
    [PART_ACTIONS] = {"actions", "actions", as_text},
    [PART_DIFFERENCES] = {"ignoreDifferences", "ignoreDifferences", as_ignored},
    [PART_UPDATES] = {"ignoreResourceUpdates", "ignoreResourceUpdates", as_ignored},
    [PART_KNOWN_TYPES] = {"knownTypeFields", "knownTypeFields", as_list},
};

static const struct value *put(struct arena *arena,
                               const struct value *all,
                               struct str kind,
                               enum part part,
                               const struct value *v)
{
    const struct value *shown = PARTS[part].form(arena, v);
    const struct value *old = value_find(all, kind);
    if (shown == NULL) {
        return all;
    }
    old = value_map_set(arena, old != NULL ? old : &VALUE_EMPTY_MAP, str_from(PARTS[part].field),
                        shown);
    return value_map_set(arena, all, kind, old);
}

/* ---- both forms ---- */

static const struct value *take_map(struct arena *arena, const struct value *data)
{
    const struct value *all = &VALUE_EMPTY_MAP;
    const struct value *map = parsed_yaml(arena, value_find(data, STR(PREFIX)));
    VALUE_MAP_FOREACH(map, kind)
    {
        for (enum part i = 0; i < PART_COUNT; i++) {
            const struct value *v = value_find(&kind->value, str_from(PARTS[i].field));
            all = v != NULL ? put(arena, all, kind->key, i, v) : all;
        }
    }
    return all;
}

/* "<group>_<Kind>", "<Kind>", "all" */
static struct str kind_of(struct arena *arena, struct str name)
{
    struct str group;
    struct str kind;
    if (str_eq_c(name, "all")) {
        return STR(ALL);
    }
    return str_cut(name, '_', &group, &kind)
               ? arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(group), STR_ARG(kind))
               : name;
}

static const struct value *
take_key(struct arena *arena, const struct value *all, const struct value_entry *e)
{
    struct str rest = e->key;
    struct str what;
    struct str name;
    if (!str_cut_prefix(&rest, STR(PREFIX ".")) || !str_cut(rest, '.', &what, &name)) {
        return all;
    }
    for (enum part i = 0; i < PART_COUNT; i++) {
        if (str_eq_c(what, PARTS[i].key)) {
            return put(arena, all, kind_of(arena, name), i, &e->value);
        }
    }
    return all;
}

/* ---- what is always so ---- */

/* Status is ignored unless resource.compareoptions says otherwise. */
static const struct value *
ignore_status(struct arena *arena, const struct value *data, const struct value *all)
{
    const struct value *options =
        parsed_yaml(arena, value_find(data, STR("resource.compareoptions")));
    struct str word = value_dig_str(options, "ignoreResourceStatusField");
    bool crd = str_eq_c(word, "crd");
    struct str kind = crd ? STR(CRD_KIND) : STR(ALL);
    if (!crd && word.n > 0 && !str_eq_c(word, "all")) {
        return all;
    }
    const struct value *rule =
        parsed_yaml(arena, value_find(value_find(all, kind), STR("ignoreDifferences")));
    const struct value *list = value_find(rule, STR("jsonPointers"));
    list = value_list_append(arena, value_is(list, VALUE_LIST) ? list : &VALUE_EMPTY_LIST,
                             value_new_str(arena, STR("/status")));
    rule = value_map_set(arena, rule != NULL ? rule : &VALUE_EMPTY_MAP, STR("jsonPointers"), list);
    return put(arena, all, kind, PART_DIFFERENCES, rule);
}

const struct value *overrides_of(struct arena *arena, const struct value *data)
{
    const struct value *all = take_map(arena, data);
    VALUE_MAP_FOREACH(data, e)
    {
        all = take_key(arena, all, e);
    }
    return ignore_status(arena, data, all);
}
