/* Reading argocd-cm into lists of rules. */
#include "engine/compare/rules.h"

#include <stdatomic.h>

#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_decode.h"
#include "common/value/value_yaml.h"

#define PREFIX "resource.customizations"

struct filter {
    struct app_strs groups;
    struct app_strs kinds;
    struct app_strs clusters;
};

struct filters {
    const struct filter *items;
    size_t n;
};

struct options {
    bool ignore_aggregated;
    bool ignore_on_updates;
    struct str status; /* all, crd, none (off) */
};

struct compare_rules {
    atomic_uint refs;
    struct arena *arena;
    const struct value *data; /* the keys these were made of */
    VEC(struct app_ignore_difference) ignore;
    VEC(struct app_ignore_difference) updates;
    VEC(struct known_field) known;
    struct app_ignore_differences ignore_list;
    struct app_ignore_differences updates_list;
    struct filters exclusions;
    struct filters inclusions;
    struct options options;
    enum compare_rbac rbac;
    bool updates_on;
    struct app_strs masked;
};

/* ---- tables ---- */

#define ROW(name, type, of, member)                                             \
    {                                                                           \
        (name), (type), offsetof(struct of, member), FIELD_OPTIONAL, NULL, NULL \
    }

static const struct value_field IGNORE_FIELDS[] = {
    ROW("jsonPointers", FIELD_STR_LIST, app_ignore_difference, json_pointers),
    ROW("jqPathExpressions", FIELD_STR_LIST, app_ignore_difference, jq_path_expressions),
    ROW("managedFieldsManagers", FIELD_STR_LIST, app_ignore_difference, managed_fields_managers),
};
static const struct value_table IGNORE = VALUE_TABLE(struct app_ignore_difference, IGNORE_FIELDS);

static const struct value_field KNOWN_FIELDS[] = {
    ROW("field", FIELD_STR, known_field, path),
    ROW("type", FIELD_STR, known_field, type),
};
static const struct value_table KNOWN = VALUE_TABLE(struct known_field, KNOWN_FIELDS);

static const struct value_field FILTER_FIELDS[] = {
    ROW("apiGroups", FIELD_STR_LIST, filter, groups),
    ROW("kinds", FIELD_STR_LIST, filter, kinds),
    ROW("clusters", FIELD_STR_LIST, filter, clusters),
};
static const struct value_table FILTER = VALUE_TABLE(struct filter, FILTER_FIELDS);

static const struct value_field OPTION_FIELDS[] = {
    ROW("ignoreAggregatedRoles", FIELD_BOOL, options, ignore_aggregated),
    ROW("ignoreDifferencesOnResourceUpdates", FIELD_BOOL, options, ignore_on_updates),
    ROW("ignoreResourceStatusField", FIELD_TEXT, options, status),
};
static const struct value_table OPTIONS = VALUE_TABLE(struct options, OPTION_FIELDS);

struct list_of {
    struct value_slice items;
};

static int decode_list(struct arena *arena,
                       const struct value *list,
                       const struct value_table *table,
                       struct value_slice *ret,
                       struct err *err)
{
    const struct value_field field = {"list",         FIELD_LIST, offsetof(struct list_of, items),
                                      FIELD_OPTIONAL, table,      NULL};
    const struct value_table outer = {&field, 1, sizeof(struct list_of)};
    const struct value_entry entry = {STR("list"), list != NULL ? *list : VALUE_NULL_VALUE};
    struct list_of wrapped = {{NULL, 0}};
    TRY(value_decode(arena, value_new_map(arena, &entry, 1), &outer, VALUE_DECODE_LAX, &wrapped,
                     err));
    *ret = wrapped.items;
    return 0;
}

/* ---- one kind ---- */

/* "<group>_<Kind>", "<group>/<Kind>", "<Kind>", "all" */
static void split_kind(struct str key, char separator, struct str *ret_group, struct str *ret_kind)
{
    if (str_eq_c(key, "all") || str_eq_c(key, "*")) {
        *ret_group = *ret_kind = STR("*");
        return;
    }
    if (!str_cut(key, separator, ret_group, ret_kind)) {
        *ret_group = STR_EMPTY;
        *ret_kind = key;
    }
}

struct kind_name {
    struct str group;
    struct str kind;
};

static int take_ignore(struct compare_rules *r,
                       struct kind_name of,
                       const struct value *v,
                       struct app_ignore_difference *ret,
                       struct err *err)
{
    *ret = (struct app_ignore_difference){.group = of.group, .kind = of.kind};
    return value_decode(r->arena, v, &IGNORE, VALUE_DECODE_LAX, ret, err);
}

/* Text holds YAML; in the map of all kinds it may be written out, too. */
static int
tree_of(struct compare_rules *r, const struct value *v, const struct value **ret, struct err *err)
{
    *ret = v;
    return value_is(v, VALUE_STRING) ? value_from_yaml(r->arena, value_str(v), NULL, ret, err) : 0;
}

static int
take_known(struct compare_rules *r, struct kind_name of, const struct value *list, struct err *err)
{
    struct value_slice slice = {NULL, 0};
    TRY(decode_list(r->arena, list, &KNOWN, &slice, err));
    const struct known_field *fields = slice.items;
    for (size_t i = 0; i < slice.n; i++) {
        struct known_field field = {of.group, of.kind, fields[i].path, fields[i].type};
        vec_push_in(r->arena, &r->known, field);
    }
    return 0;
}

/* what: "ignoreDifferences", ...; unknown ones are for others. */
static int take_part(struct compare_rules *r,
                     struct str what,
                     struct kind_name of,
                     const struct value *v,
                     struct err *err)
{
    struct app_ignore_difference rule;
    const struct value *tree = NULL;
    bool ignore = str_eq_c(what, "ignoreDifferences");
    bool updates = str_eq_c(what, "ignoreResourceUpdates");
    if (!ignore && !updates && !str_eq_c(what, "knownTypeFields")) {
        return 0;
    }
    TRY(tree_of(r, v, &tree, err));
    if (!ignore && !updates) {
        return take_known(r, of, tree, err);
    }
    TRY(take_ignore(r, of, tree, &rule, err));
    if (ignore) {
        vec_push_in(r->arena, &r->ignore, rule);
    } else {
        vec_push_in(r->arena, &r->updates, rule);
    }
    return 0;
}

/* The map of older versions: "<group>/<Kind>" to what is said of it. */
static int take_map(struct compare_rules *r, const struct value *data, struct err *err)
{
    const struct value *map = NULL;
    TRY_IN(tree_of(r, value_find(data, STR(PREFIX)), &map, err), err, PREFIX);
    VALUE_MAP_FOREACH(map, kind)
    {
        struct kind_name of;
        split_kind(kind->key, '/', &of.group, &of.kind);
        VALUE_MAP_FOREACH(&kind->value, part)
        {
            TRY_IN(take_part(r, part->key, of, &part->value, err), err,
                   PREFIX ": " STR_FMT ": " STR_FMT, STR_ARG(kind->key), STR_ARG(part->key));
        }
    }
    return 0;
}

static int take_keys(struct compare_rules *r, const struct value *data, struct err *err)
{
    VALUE_MAP_FOREACH(data, entry)
    {
        struct str rest = entry->key;
        struct str what;
        struct str name;
        if (str_cut_prefix(&rest, STR(PREFIX ".")) && str_cut(rest, '.', &what, &name)) {
            struct kind_name of;
            split_kind(name, '_', &of.group, &of.kind);
            TRY_IN(take_part(r, what, of, &entry->value, err), err, STR_FMT, STR_ARG(entry->key));
        }
    }
    return 0;
}

/* ---- the rest ---- */

static int take_filters(struct compare_rules *r,
                        const struct value *data,
                        const char *key,
                        struct filters *ret,
                        struct err *err)
{
    const struct value *list = NULL;
    struct value_slice slice = {NULL, 0};
    TRY_IN(tree_of(r, value_find(data, str_from(key)), &list, err), err, "%s", key);
    TRY_IN(decode_list(r->arena, list, &FILTER, &slice, err), err, "%s", key);
    *ret = (struct filters){slice.items, slice.n};
    return 0;
}

static int take_options(struct compare_rules *r, const struct value *data, struct err *err)
{
    static const char KEY[] = "resource.compareoptions";
    const struct value *map = NULL;
    r->options.status = STR("all");
    TRY_IN(tree_of(r, value_find(data, STR("resource.compareoptions")), &map, err), err, "%s", KEY);
    TRY_IN(value_decode(r->arena, map, &OPTIONS, VALUE_DECODE_LAX, &r->options, err), err, "%s",
           KEY);
    return 0;
}

static void take_words(struct compare_rules *r, const struct value *data)
{
    struct str rbac = str_trim(value_str(value_find(data, STR("resource.respectRBAC"))));
    r->rbac = str_eq_c(rbac, "strict")   ? COMPARE_RBAC_STRICT
              : str_eq_c(rbac, "normal") ? COMPARE_RBAC_NORMAL
                                         : COMPARE_RBAC_OFF;
    struct str on =
        str_trim(value_str(value_find(data, STR("resource.ignoreResourceUpdatesEnabled"))));
    r->updates_on = !str_eq_c(on, "false");
    struct str rest = value_str(value_find(data, STR("resource.sensitive.mask.annotations")));
    struct str word;
    VEC(struct str) words = {0};
    while (rest.n > 0 && str_next(&rest, ',', &word)) {
        word = str_trim(word);
        if (word.n > 0) {
            vec_push_in(r->arena, &words, word);
        }
    }
    r->masked = (struct app_strs){words.items, words.n};
}

/* What is ignored in comparisons counts for updates as well, when asked for. */
static void finish_lists(struct compare_rules *r)
{
    for (size_t i = 0; r->options.ignore_on_updates && i < r->ignore.n; i++) {
        vec_push_in(r->arena, &r->updates, r->ignore.items[i]);
    }
    r->ignore_list = (struct app_ignore_differences){r->ignore.items, r->ignore.n};
    r->updates_list = (struct app_ignore_differences){r->updates.items, r->updates.n};
}

/* The keys that matter, so that others may change without a new comparison of everything. */
static const struct value *relevant(struct arena *arena, const struct value *data)
{
    struct value_entry *entries = arena_calloc(arena, value_len(data) + 1, sizeof(*entries));
    size_t n = 0;
    VALUE_MAP_FOREACH(data, entry)
    {
        if (str_starts_with(entry->key, STR("resource."))) {
            entries[n++] = *entry;
        }
    }
    return value_copy(arena, value_new_map(arena, entries, n));
}

int compare_rules_new(const struct value *data, struct compare_rules **ret, struct err *err)
{
    AUTO(compare_rules) struct compare_rules *r = MEM_NEW(struct compare_rules);
    atomic_init(&r->refs, 1);
    r->arena = arena_new();
    r->data = relevant(r->arena, data);
    TRY(take_map(r, r->data, err));
    TRY(take_keys(r, r->data, err));
    TRY(take_options(r, r->data, err));
    TRY(take_filters(r, r->data, "resource.exclusions", &r->exclusions, err));
    TRY(take_filters(r, r->data, "resource.inclusions", &r->inclusions, err));
    take_words(r, r->data);
    finish_lists(r);
    *ret = TAKE(r);
    return 0;
}

struct compare_rules *compare_rules_ref(struct compare_rules *r)
{
    if (r != NULL) {
        atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    }
    return r;
}

void compare_rules_unref(struct compare_rules *r)
{
    if (r != NULL && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1) {
        arena_free(r->arena);
        mem_free(r);
    }
}

bool compare_rules_same(const struct compare_rules *a, const struct compare_rules *b)
{
    return value_equal(a != NULL ? a->data : &VALUE_EMPTY_MAP,
                       b != NULL ? b->data : &VALUE_EMPTY_MAP);
}

/* ---- asking ---- */

static const struct app_ignore_differences NOTHING = {NULL, 0};

const struct app_ignore_differences *compare_rules_ignore(const struct compare_rules *r)
{
    return r != NULL ? &r->ignore_list : &NOTHING;
}

bool compare_rules_keep_status(const struct compare_rules *r, struct str group, struct str kind)
{
    struct str status = r != NULL ? r->options.status : STR("all");
    if (str_eq_c(status, "crd")) {
        return !str_eq_c(kind, "CustomResourceDefinition") ||
               !str_eq_c(group, "apiextensions.k8s.io");
    }
    return str_eq_c(status, "none") || str_eq_c(status, "off") || str_eq_c(status, "false");
}

bool compare_rules_ignore_aggregated(const struct compare_rules *r)
{
    return r != NULL && r->options.ignore_aggregated;
}

struct known_fields compare_rules_known(const struct compare_rules *r)
{
    return r != NULL ? (struct known_fields){r->known.items, r->known.n}
                     : (struct known_fields){NULL, 0};
}

static bool any_matches(struct app_strs patterns, struct str text)
{
    for (size_t i = 0; i < patterns.n; i++) {
        if (glob_match(patterns.items[i], text, GLOB_NO_SEPARATOR)) {
            return true;
        }
    }
    return patterns.n == 0;
}

static bool
filtered(const struct filters *filters, struct str group, struct str kind, struct str server)
{
    for (size_t i = 0; i < filters->n; i++) {
        const struct filter *f = &filters->items[i];
        if (any_matches(f->groups, group) && any_matches(f->kinds, kind) &&
            any_matches(f->clusters, server)) {
            return true;
        }
    }
    return false;
}

/* Never watched: too many changes, nothing to manage. */
static bool is_noise(struct str group, struct str kind)
{
    return str_eq_c(group, "events.k8s.io") || str_eq_c(group, "metrics.k8s.io") ||
           (group.n == 0 && str_eq_c(kind, "Event")) ||
           (str_eq_c(group, "coordination.k8s.io") && str_eq_c(kind, "Lease"));
}

bool compare_rules_excluded(const struct compare_rules *r,
                            struct str group,
                            struct str kind,
                            struct str server)
{
    if (r == NULL || is_noise(group, kind)) {
        return is_noise(group, kind);
    }
    bool included = r->inclusions.n == 0 || filtered(&r->inclusions, group, kind, server);
    return !included || filtered(&r->exclusions, group, kind, server);
}

enum compare_rbac compare_rules_rbac(const struct compare_rules *r)
{
    return r != NULL ? r->rbac : COMPARE_RBAC_OFF;
}

const struct app_ignore_differences *compare_rules_updates(const struct compare_rules *r)
{
    return r == NULL || r->updates_on ? (r != NULL ? &r->updates_list : &NOTHING) : NULL;
}

struct app_strs compare_rules_masked(const struct compare_rules *r)
{
    return r != NULL ? r->masked : (struct app_strs){NULL, 0};
}
