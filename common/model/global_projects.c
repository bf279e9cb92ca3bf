/* Global projects: the setting, and an AppProject with what it inherits. */
#include "common/model/global_projects.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/label_selector.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"

/* ---- selectors ---- */

/* Keys and values become parts of a text: nothing else may be in them than such have. */
static int put_word(struct buf *out, const struct value *v, struct err *err)
{
    struct str word = value_str(v);
    bool ok = value_is(v, VALUE_STRING);
    for (size_t i = 0; ok && i < word.n; i++) {
        char c = word.p[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_' || c == '.' || c == '/';
    }
    if (!ok) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' in a label selector is no label",
                       STR_ARG(word));
    }
    buf_put(out, word);
    return 0;
}

static int put_list(struct buf *out, const struct value *values, struct err *err)
{
    const char *before = "(";
    VALUE_FOREACH(values, v) {
        buf_put_c(out, before);
        TRY(put_word(out, v, err));
        before = ",";
    }
    buf_put_c(out, value_len(values) > 0 ? ")" : "()");
    return 0;
}

static int put_expression(struct buf *out, const struct value *e, struct err *err)
{
    const struct value *key = value_dig(e, "key");
    struct str operator= value_dig_str(e, "operator");
    if (str_eq_c(operator, "In") || str_eq_c(operator, "NotIn")) {
        TRY(put_word(out, key, err));
        buf_put_c(out, str_eq_c(operator, "In") ? " in " : " notin ");
        return put_list(out, value_dig(e, "values"), err);
    }
    if (str_eq_c(operator, "Exists") || str_eq_c(operator, "DoesNotExist")) {
        buf_put_c(out, str_eq_c(operator, "Exists") ? "" : "!");
        return put_word(out, key, err);
    }
    return err_set(err, ERR_INVALID, "operator '" STR_FMT "' of a label selector is unknown",
                   STR_ARG(operator));
}

/* The selector as text, which there is a parser for. */
static int selector_text(const struct value *selector, struct buf *out, struct err *err)
{
    const char *before = "";
    VALUE_MAP_FOREACH(value_dig(selector, "matchLabels"), e)
    {
        const struct value key = value_of_str(e->key);
        buf_put_c(out, before);
        TRY(put_word(out, &key, err));
        buf_put_c(out, "=");
        TRY(put_word(out, &e->value, err));
        before = ",";
    }
    VALUE_FOREACH(value_dig(selector, "matchExpressions"), e) {
        buf_put_c(out, before);
        TRY(put_expression(out, e, err));
        before = ",";
    }
    return buf_check(out, "a label selector", err);
}

static int read_entry(struct arena *arena,
                      const struct value *entry,
                      struct global_project *ret,
                      struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    ret->name = value_dig_str(entry, "projectName");
    if (ret->name.n == 0) {
        return err_set(err, ERR_INVALID, "projectName is missing");
    }
    TRY(selector_text(value_dig(entry, "labelSelector"), &text, err));
    return label_selector_parse(arena, buf_to_arena(&text, arena), &ret->selector, err);
}

int global_projects_parse(struct arena *arena,
                          struct str text,
                          struct global_projects *ret,
                          struct err *err)
{
    const struct value *list = NULL;
    *ret = (struct global_projects){0};
    if (str_trim(text).n == 0) {
        return 0;
    }
    TRY_IN(value_from_yaml(arena, text, NULL, &list, err), err, "globalProjects");
    if (!value_is(list, VALUE_LIST)) {
        return err_set(err, ERR_INVALID, "globalProjects: must be a list");
    }
    struct global_project *items = arena_calloc(arena, value_len(list), sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(list, entry) {
        TRY_IN(read_entry(arena, entry, &items[n], err), err, "globalProjects[%zu]", n);
        n++;
    }
    *ret = (struct global_projects){items, n};
    return 0;
}

/* ---- inheriting ---- */

static const char *const LISTS[] = {
    "sourceRepos",
    "destinations",
    "clusterResourceWhitelist",
    "clusterResourceBlacklist",
    "namespaceResourceWhitelist",
    "namespaceResourceBlacklist",
    "syncWindows",
};

static const struct value *
append(struct arena *arena, const struct value *obj, const struct value *from, const char *field)
{
    const struct value *more = value_dig(from, "spec", field);
    if (value_len(more) == 0) {
        return obj;
    }
    const struct value *list = value_dig(obj, "spec", field);
    VALUE_FOREACH(more, item) {
        list = value_list_append(arena, list, item);
    }
    return value_with(arena, obj, list, "spec", field);
}

const struct value *global_projects_apply(struct arena *arena,
                                          const struct global_projects *globals,
                                          const struct value *obj,
                                          const struct value *(*find)(void *data, struct str name),
                                          void *data)
{
    struct str name = value_dig_str(obj, "metadata", "name");
    const struct value *labels = value_dig(obj, "metadata", "labels");
    for (size_t i = 0; i < globals->n; i++) {
        const struct global_project *g = &globals->items[i];
        const struct value *from = find(data, g->name);
        if (from == NULL || str_eq(g->name, name) || !label_selector_matches(g->selector, labels)) {
            continue;
        }
        for (size_t k = 0; k < ARRAY_LEN(LISTS); k++) {
            obj = append(arena, obj, from, LISTS[k]);
        }
    }
    return obj;
}
