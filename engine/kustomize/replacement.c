/* Replacements. A scalar target keeps its type and takes the text of the source; anything else is replaced as a whole.
 * A path that goes on below a string edits the YAML or JSON in that string. */
#include "engine/kustomize/replacement.h"

#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kdecode.h"
#include "engine/kustomize/kload.h"
#include "engine/kustomize/kpath.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/kustomization.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

#define DEFAULT_PATH STR("metadata.name")

static const struct value_yaml_opts YAML = {.schema = VALUE_YAML_CORE};

struct replacer {
    const struct klayer *layer;
    struct engine_env *env;
    struct resmap *m;
};

/* ---- texts ---- */

static bool is_scalar(const struct value *v)
{
    return !value_is(v, VALUE_MAP) && !value_is(v, VALUE_LIST);
}

static struct str text_of(struct arena *arena, const struct value *v)
{
    return kres_text(arena, v);
}

struct parts {
    VEC(struct str) list;
};

static struct parts split(struct arena *arena, struct str text, struct str delimiter)
{
    struct parts parts = {0};
    size_t at = 0;
    while ((at = str_find(text, delimiter)) != STR_NONE) {
        vec_push_in(arena, &parts.list, str_sub(text, 0, at));
        text = str_sub(text, at + delimiter.n, text.n);
    }
    vec_push_in(arena, &parts.list, text);
    return parts;
}

static struct str join(struct arena *arena, struct parts *parts, struct str delimiter)
{
    struct str text = STR_EMPTY;
    size_t n = 0;
    VEC_FOREACH(&parts->list, part) {
        n += part->n + delimiter.n;
    }
    char *p = arena_bytes(arena, n + 1);
    text.p = p;
    VEC_FOREACH(&parts->list, part) {
        struct str pieces[] = {text.n > 0 || part != parts->list.items ? delimiter : STR_EMPTY,
                               *part};
        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
            if (pieces[i].n > 0) {
                memcpy(p + text.n, pieces[i].p, pieces[i].n);
                text.n += pieces[i].n;
            }
        }
    }
    p[text.n] = '\0';
    return text;
}

/* ---- the source ---- */

static bool id_selected(const struct kschema *schema, const struct kid *by, const struct kid *id)
{
    return (by->name.n == 0 || str_eq(by->name, id->name)) && kgvk_selects(&by->gvk, &id->gvk) &&
           (by->namespace.n == 0 || str_eq(by->namespace, kid_effective_namespace(schema, id)));
}

static bool is_source(const struct kschema *schema, const struct kid *by, const struct kres *res)
{
    bool found = res->object != NULL && id_selected(schema, by, &res->id);
    for (size_t i = 0; res->object != NULL && !found && i < res->previous.n; i++) {
        struct kid id = kres_previous_id(res, i);
        found = id_selected(schema, by, &id);
    }
    return found;
}

static struct str source_text(struct arena *arena, const struct replacement_source *source)
{
    struct str id = kid_format(arena, &source->id);
    return source->field_path.n > 0
               ? arena_printf(arena, STR_FMT ":" STR_FMT, STR_ARG(id), STR_ARG(source->field_path))
               : id;
}

static int find_source(struct replacer *r,
                       const struct replacement_source *source,
                       const struct kres **ret,
                       struct err *err)
{
    bool by_name = source->id.name.n > 0;
    struct kres_list named =
        by_name ? resmap_match_name(r->m, source->id.name) : (struct kres_list){0};
    size_t n = by_name ? named.n : resmap_len(r->m);
    struct str text = source_text(r->env->arena, source);
    *ret = NULL;
    TRY(budget_steps(r->env->budget, n + 1, err));
    for (size_t i = 0; i < n; i++) {
        const struct kres *res = by_name ? named.items[i] : resmap_at(r->m, i);
        if (!is_source(r->layer->build->schema, &source->id, res)) {
            continue;
        }
        if (*ret != NULL) {
            return err_set(err, ERR_INVALID, "multiple matches for selector " STR_FMT,
                           STR_ARG(text));
        }
        *ret = res;
    }
    return *ret != NULL ? 0
                        : err_set(err, ERR_INVALID, "nothing selected by " STR_FMT, STR_ARG(text));
}

/* The part of the value that the options name. */
static int refine(struct replacer *r,
                  const struct replacement_options *options,
                  const struct value **v,
                  struct err *err)
{
    if (options->delimiter.n == 0) {
        return 0;
    }
    if (!is_scalar(*v)) {
        return err_set(err, ERR_INVALID, "delimiter option can only be used with scalar nodes");
    }
    struct str text = text_of(r->env->arena, *v);
    struct parts parts = split(r->env->arena, text, options->delimiter);
    if (options->index < 0 || (uint64_t)options->index >= parts.list.n) {
        return err_set(err, ERR_INVALID, "options.index %lld is out of bounds for value " STR_FMT,
                       (long long)options->index, STR_ARG(text));
    }
    *v = value_new_str(r->env->arena, parts.list.items[options->index]);
    return 0;
}

static int source_value(struct replacer *r,
                        const struct replacement *entry,
                        const struct value **ret,
                        struct err *err)
{
    const struct replacement_source *source = &entry->source;
    const struct kres *res = NULL;
    if (entry->has_source_value && entry->has_source) {
        return err_set(err, ERR_INVALID, "value and resource selectors are mutually exclusive");
    }
    if (entry->has_source_value) {
        *ret = value_new_str(r->env->arena, entry->source_value);
        return 0;
    }
    TRY(find_source(r, source, &res, err));
    struct str path = source->field_path.n > 0 ? source->field_path : DEFAULT_PATH;
    TRY_IN(kpath_get(r->env, res->object, kpath_split(r->env->arena, path, '.'), ret, err), err,
           "error looking up replacement source");
    if (value_type(*ret) == VALUE_NULL || (!is_scalar(*ret) && (*ret)->n == 0)) {
        struct str id = kid_format(r->env->arena, &source->id);
        return err_set(err, ERR_INVALID,
                       "fieldPath `" STR_FMT "` is missing for replacement source " STR_FMT,
                       STR_ARG(path), STR_ARG(id));
    }
    return refine(r, &source->options, ret, err);
}

/* ---- fields of targets ---- */

struct setting {
    const struct value *value;
    bool plain; /* its type follows from its text */
    const struct replacement_options *options;
};

static const char *tag_of(const struct value *v)
{
    static const char *const TAGS[] = {
        [VALUE_NULL] = "!!null",   [VALUE_BOOL] = "!!bool",  [VALUE_INT] = "!!int",
        [VALUE_FLOAT] = "!!float", [VALUE_STRING] = "!!str",
    };
    return is_scalar(v) ? TAGS[value_type(v)] : "!!map";
}

/* The text with the type the field has; in a field that was just made, with the type it looks like. */
static int retype(struct replacer *r,
                  const struct value *old,
                  struct str text,
                  const struct value **ret,
                  struct err *err)
{
    const struct value *v = NULL;
    if (old->type == VALUE_STRING) {
        struct value s = *value_new_str(r->env->arena, text);
        s.flags = old->flags;
        s.line = old->line;
        s.column = old->column;
        *ret = value_new_list(r->env->arena, &s, 1)->items;
        return 0;
    }
    if (value_from_yaml(r->env->arena, text, &YAML, &v, err) < 0 || !is_scalar(v)) {
        v = value_new_str(r->env->arena, text); /* no YAML of its own, so it is text */
    }
    bool fits = v->type == old->type || kpath_is_created(old) ||
                (old->type == VALUE_FLOAT && v->type == VALUE_INT);
    if (!fits) {
        return err_set(err, ERR_INVALID, "cannot decode %s `" STR_FMT "` as a %s", tag_of(v),
                       STR_ARG(text), tag_of(old));
    }
    *ret = v;
    return 0;
}

struct field_setter {
    struct replacer *replacer;
    const struct setting *setting;
};

static struct str replace_part(struct arena *arena,
                               const struct replacement_options *options,
                               struct str old,
                               struct str text)
{
    struct parts parts = split(arena, old, options->delimiter);
    if (options->index >= 0 && (uint64_t)options->index < parts.list.n) {
        parts.list.items[options->index] = text;
        return join(arena, &parts, options->delimiter);
    }
    struct str a = options->index < 0 ? text : old;
    struct str b = options->index < 0 ? old : text;
    return arena_printf(arena, STR_FMT STR_FMT STR_FMT, STR_ARG(a), STR_ARG(options->delimiter),
                        STR_ARG(b));
}

static int set_field(const struct kpath_edit *edit,
                     const struct value *leaf,
                     const struct value **ret,
                     struct err *err)
{
    const struct field_setter *setter = edit->data;
    const struct setting *s = setter->setting;
    struct arena *arena = edit->env->arena;
    bool delimited = s->options->delimiter.n > 0;
    if (!is_scalar(leaf)) {
        if (delimited) {
            return err_set(err, ERR_INVALID, "delimiter option can only be used with scalar nodes");
        }
        *ret = s->value;
        return s->plain ? retype(setter->replacer, &KPATH_CREATED, value_str(s->value), ret, err)
                        : 0;
    }
    struct str text = text_of(arena, s->value);
    if (delimited) {
        text = replace_part(arena, s->options, text_of(arena, leaf), text);
    }
    return retype(setter->replacer, leaf, text, ret, err);
}

/* ---- text inside strings ---- */

/* How many steps lead to a string with YAML or JSON in it, with more to come; 0 = none does. */
static size_t find_text(struct replacer *r,
                        const struct value *object,
                        struct kpath path,
                        const struct value **ret_string,
                        const struct value **ret_parsed)
{
    struct err err;
    for (size_t n = 1; n < path.n; n++) {
        const struct value *v = NULL;
        if (kpath_get(r->env, object, kpath_head(path, n), &v, &err) < 0 ||
            !value_is(v, VALUE_STRING)) {
            continue;
        }
        if (value_from_yaml(r->env->arena, value_str(v), &YAML, ret_parsed, &err) == 0) {
            *ret_string = v;
            return n;
        }
    }
    return 0;
}

static int put_text(const struct kpath_edit *edit,
                    const struct value *leaf UNUSED,
                    const struct value **ret,
                    struct err *err UNUSED)
{
    *ret = edit->data;
    return 0;
}

/* Returns 1 when the path goes into a string and the fields there were set, 0 when it does not. */
static int edit_text(const struct kpath_edit *edit,
                     struct replacer *r,
                     struct kpath path,
                     const struct value **object,
                     struct err *err)
{
    const struct value *string = NULL;
    const struct value *parsed = NULL;
    const struct value *changed = NULL;
    struct str text = STR_EMPTY;
    struct err ignored;
    size_t found = 0;
    size_t n = find_text(r, *object, path, &string, &parsed);
    if (n == 0 || kpath_edit(edit, parsed, kpath_tail(path, n), &changed, &found, &ignored) < 0 ||
        found == 0) {
        return 0; /* the ordinary way says what is wrong */
    }
    TRY(replacement_print_text(r->env, changed, value_str(string), &text, err));
    struct value v = *string;
    v.s = text.p;
    v.n = (uint32_t)text.n;
    struct kpath_edit put = {.env = r->env, .match = KPATH_EXACT, .set = put_text, .data = &v};
    TRY(kpath_edit(&put, *object, kpath_head(path, n), object, &found, err));
    return 1;
}

/* ---- targets ---- */

static int set_path(struct replacer *r,
                    const struct setting *setting,
                    struct str path,
                    const struct value **object,
                    struct err *err)
{
    struct field_setter setter = {r, setting};
    struct kpath_edit edit = {
        .env = r->env,
        .match = KPATH_REGEX,
        .create = setting->options->create,
        .created = value_type(setting->value),
        .set = set_field,
        .data = &setter,
    };
    struct kpath steps = kpath_split(r->env->arena, path, '.');
    size_t n = 0;
    int rc = edit_text(&edit, r, steps, object, err);
    if (rc != 0) {
        return rc < 0 ? rc : 0;
    }
    rc = kpath_edit(&edit, *object, steps, object, &n, err);
    if (rc == 0 && n > 0) {
        return 0;
    }
    const char *what = edit.create ? "find or create" : "find";
    if (rc == 0) {
        return err_set(err, ERR_INVALID, "unable to %s field \"" STR_FMT "\" in replacement target",
                       what, STR_ARG(path));
    }
    return n > 0 ? rc
                 : kbuild_wrap(r->layer->build, err,
                               "unable to %s field \"" STR_FMT "\" in replacement target", what,
                               STR_ARG(path));
}

static int set_all_paths(struct replacer *r,
                         const struct replacement_target *target,
                         const struct setting *setting,
                         struct kres *res,
                         struct err *err)
{
    static const struct str DEFAULT = {"metadata.name", 13};
    const struct value *object = res->object;
    const struct str *paths = target->field_paths.n > 0 ? target->field_paths.items : &DEFAULT;
    for (size_t i = 0; i < MAX(target->field_paths.n, (size_t)1); i++) {
        TRY(set_path(r, setting, paths[i], &object, err));
    }
    if (object != res->object) {
        kres_set(res, object);
    }
    return 0;
}

struct reject {
    struct selector_match *match;
    bool by_labels;
    bool by_id;
};

struct rejects {
    VEC(struct reject) list;
};

static bool has_id(const struct kid *id)
{
    return id->gvk.group.n + id->gvk.version.n + id->gvk.kind.n + id->name.n + id->namespace.n > 0;
}

static int
compile_rejects(struct replacer *r, const struct value *list, struct rejects *ret, struct err *err)
{
    *ret = (struct rejects){0};
    VALUE_FOREACH(list, item) {
        struct selector selector = {0};
        struct reject reject = {0};
        TRY(kdecode_map(r->env->arena, item, &KUSTOMIZATION_SELECTOR_TABLE, KDECODE_LAX, &selector,
                        err));
        TRY(selector_compile(r->env, &selector, &reject.match, err));
        reject.by_labels = selector.label_selector.n + selector.annotation_selector.n > 0;
        reject.by_id = has_id(&selector.id);
        vec_push_in(r->env->arena, &ret->list, reject);
    }
    return 0;
}

/* Returns 1, 0 or an error. */
static int is_rejected(struct replacer *r,
                       const struct rejects *rejects,
                       const struct kres *res,
                       struct err *err)
{
    for (size_t i = 0; i < rejects->list.n; i++) {
        const struct reject *reject = &rejects->list.items[i];
        if (reject->by_labels && selector_matches_labels(reject->match, res)) {
            return 1;
        }
        int rc = reject->by_id
                     ? selector_matches_id(reject->match, r->layer->build->schema, res, err)
                     : 0;
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static int apply_target(struct replacer *r,
                        const struct replacement_target *target,
                        struct setting setting,
                        struct err *err)
{
    struct selector_match *select = NULL;
    struct rejects rejects;
    struct kres_list list;
    setting.options = &target->options;
    if (!target->has_select) {
        return err_set(err, ERR_INVALID, "target must specify resources to select");
    }
    TRY_IN(selector_compile(r->env, &target->select, &select, err), err,
           "error creating target selector");
    TRY(compile_rejects(r, target->reject, &rejects, err));
    TRY(selector_select_any(select, r->layer->build->schema, r->m, &list, err));
    for (size_t i = 0; i < list.n; i++) {
        int rejected = is_rejected(r, &rejects, list.items[i], err);
        TRY(rejected);
        if (rejected == 0) {
            TRY(set_all_paths(r, target, &setting, list.items[i], err));
        }
    }
    return 0;
}

/* ---- entries ---- */

static int apply_entry(struct replacer *r, const struct replacement *entry, struct err *err)
{
    const struct replacement_target *targets = entry->targets.items;
    struct setting setting = {.plain = entry->has_source_value};
    if ((!entry->has_source && !entry->has_source_value) || !entry->has_targets) {
        return err_set(err, ERR_INVALID,
                       "replacements must specify a source and at least one target");
    }
    TRY(source_value(r, entry, &setting.value, err));
    for (size_t i = 0; i < entry->targets.n; i++) {
        TRY(apply_target(r, &targets[i], setting, err));
    }
    return 0;
}

static int apply_map(struct replacer *r, const struct value *map, struct err *err)
{
    struct replacement entry = {0};
    TRY(kdecode_map(r->env->arena, map, &KUSTOMIZATION_REPLACEMENT_TABLE, KDECODE_LAX, &entry,
                    err));
    return apply_entry(r, &entry, err);
}

/* A file has one replacement or a list. */
static int apply_file(struct replacer *r, struct str path, struct err *err)
{
    struct str text;
    const struct value *v = NULL;
    TRY(kload_file(r->layer->load, path, &text, err));
    struct str file = kload_path(r->layer->load, path);
    if (value_from_yaml(r->env->arena, text, NULL, &v, err) < 0) {
        return err_at(err, file, 0, 0);
    }
    if (value_is(v, VALUE_MAP)) {
        return apply_map(r, v, err);
    }
    if (!value_is(v, VALUE_LIST)) {
        return err_set(err, ERR_INVALID,
                       "unsupported replacement type encountered within replacement path: %s",
                       value_type_name(value_type(v)));
    }
    VALUE_FOREACH(v, item) {
        TRY(apply_map(r, item, err));
    }
    return 0;
}

int transform_replacements(const struct klayer *layer,
                           struct resmap *m,
                           const struct value *replacements,
                           struct err *err)
{
    struct replacer r = {.layer = layer, .env = layer->build->env, .m = m};
    if (value_len(replacements) > 0) {
        kbuild_end_edits(layer->build);
    }
    VALUE_FOREACH(replacements, item) {
        struct replacement entry = {0};
        TRY(kdecode_map(r.env->arena, item, &KUSTOMIZATION_REPLACEMENT_TABLE, KDECODE_LAX, &entry,
                        err));
        if (entry.path.n > 0 && (entry.has_source || entry.targets.n > 0)) {
            return err_set(err, ERR_INVALID, "cannot specify both path and inline replacement");
        }
        TRY(entry.path.n > 0 ? apply_file(&r, entry.path, err) : apply_entry(&r, &entry, err));
    }
    return 0;
}
