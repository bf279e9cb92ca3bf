/* Field paths as kyaml's PathGetter and PathMatcher walk them. */
#include "engine/kustomize/kpath.h"

#include "common/base/num.h"
#include "common/base/vec.h"
#include "common/regex/regex.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kres.h"

const struct value KPATH_CREATED = {.type = VALUE_NULL, .flags = VALUE_BLANK};

bool kpath_is_created(const struct value *leaf)
{
    return value_is(leaf, VALUE_NULL) && (leaf->flags & VALUE_BLANK) != 0 && leaf->line == 0;
}

/* ---- splitting ---- */

struct pieces {
    VEC(struct str) list;
};

/* At separators that no backslash stands before. */
static struct pieces split_plain(struct arena *arena, struct str path, char separator)
{
    struct pieces pieces = {0};
    struct str one;
    if (path.n > 1 && path.p[0] == separator) {
        path = str_sub(path, 1, path.n);
    }
    while (str_next(&path, separator, &one)) {
        struct str *last = pieces.list.n > 0 ? &pieces.list.items[pieces.list.n - 1] : NULL;
        if (last != NULL && str_ends_with(*last, STR("\\"))) {
            *last = arena_printf(arena, STR_FMT "%c" STR_FMT, (int)last->n - 1, last->p, separator,
                                 STR_ARG(one));
        } else {
            vec_push_in(arena, &pieces.list, one);
        }
    }
    return pieces;
}

static struct str trim_brackets(struct str s)
{
    while (s.n > 0 && (s.p[0] == '[' || s.p[0] == ']')) {
        s = str_sub(s, 1, s.n);
    }
    while (s.n > 0 && (s.p[s.n - 1] == '[' || s.p[s.n - 1] == ']')) {
        s = str_sub(s, 0, s.n - 1);
    }
    return s;
}

struct kpath kpath_split(struct arena *arena, struct str path, char separator)
{
    struct pieces plain = split_plain(arena, path, separator);
    struct pieces steps = {0};
    for (size_t i = 0; i < plain.list.n; i++) {
        struct str step = plain.list.items[i];
        if (!str_starts_with(step, STR("[")) || str_ends_with(step, STR("]"))) {
            vec_push_in(arena, &steps.list, step);
            continue;
        }
        while (i + 1 < plain.list.n && !str_ends_with(step, STR("]"))) {
            step = arena_printf(arena, STR_FMT "%c" STR_FMT, STR_ARG(step), separator,
                                STR_ARG(plain.list.items[i + 1]));
            i++;
        }
        bool selects = str_find_char(step, '=') != STR_NONE;
        vec_push_in(arena, &steps.list, selects ? step : trim_brackets(step));
    }
    return (struct kpath){steps.list.items, steps.list.n};
}

struct kpath kpath_head(struct kpath path, size_t n)
{
    return (struct kpath){path.steps, MIN(n, path.n)};
}

struct kpath kpath_tail(struct kpath path, size_t n)
{
    n = MIN(n, path.n);
    return (struct kpath){path.steps + n, path.n - n};
}

/* ---- steps ---- */

static bool is_position(struct str step, int64_t *ret)
{
    struct err err;
    return num_parse_int(step, ret, &err) == 0;
}

static bool is_selection(struct str step)
{
    return step.n >= 2 && step.p[0] == '[' && step.p[step.n - 1] == ']';
}

/* "[key=value]", "[=value]" */
static int
split_selection(struct str step, struct str *ret_key, struct str *ret_value, struct err *err)
{
    if (!str_cut(str_sub(step, 1, step.n - 1), '=', ret_key, ret_value)) {
        return err_set(err, ERR_INVALID,
                       "list path element must contain fieldName=fieldValue for element to match");
    }
    return 0;
}

static const char *node_kind(const struct value *v)
{
    return value_is(v, VALUE_MAP)    ? "MappingNode"
           : value_is(v, VALUE_LIST) ? "SequenceNode"
                                     : "ScalarNode";
}

static int need(const struct value *v, enum value_type type, struct err *err)
{
    if (value_type(v) == type || value_type(v) == VALUE_NULL) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "wrong node kind: expected %s but got %s",
                   type == VALUE_MAP ? "MappingNode" : "SequenceNode", node_kind(v));
}

/* ---- getting ---- */

static const struct value *
find_element(struct engine_env *env, const struct value *list, struct str key, struct str text)
{
    VALUE_FOREACH(list, item) {
        const struct value *v = key.n > 0 ? value_find(item, key) : item;
        if (v != NULL && str_eq(kres_text(env->arena, v), text)) {
            return item;
        }
    }
    return NULL;
}

static int
get_position(const struct value *v, int64_t at, const struct value **ret, struct err *err)
{
    TRY(need(v, VALUE_LIST, err));
    if (at < 0) {
        return err_set(err, ERR_INVALID, "array index %lld cannot be negative", (long long)at);
    }
    *ret = (uint64_t)at < value_len(v) ? value_at(v, (size_t)at) : NULL;
    return 0;
}

static int get_step(struct engine_env *env,
                    const struct value *v,
                    struct str step,
                    const struct value **ret,
                    struct err *err)
{
    int64_t at = 0;
    struct str key;
    struct str text;
    if (is_position(step, &at)) {
        return get_position(v, at, ret, err);
    }
    if (str_eq(step, STR("-"))) {
        TRY(need(v, VALUE_LIST, err));
        *ret = value_len(v) > 0 ? value_at(v, value_len(v) - 1) : NULL;
        return 0;
    }
    if (str_eq(step, STR("*"))) {
        return err_set(err, ERR_INVALID, "wildcard is not supported in PathGetter");
    }
    if (is_selection(step)) {
        TRY(split_selection(step, &key, &text, err));
        TRY(need(v, VALUE_LIST, err));
        *ret = find_element(env, v, key, text);
        return 0;
    }
    TRY(need(v, VALUE_MAP, err));
    *ret = value_find(v, step);
    return 0;
}

int kpath_get(struct engine_env *env,
              const struct value *v,
              struct kpath path,
              const struct value **ret,
              struct err *err)
{
    for (size_t i = 0; i < path.n && v != NULL; i++) {
        struct str step = str_trim(path.steps[i]);
        if (step.n > 0) {
            TRY(get_step(env, v, step, &v, err));
        }
    }
    *ret = v;
    return 0;
}

/* ---- editing ---- */

static int edit_node(const struct kpath_edit *e,
                     const struct value *v,
                     struct kpath path,
                     const struct value **ret,
                     size_t *n,
                     struct err *err);

/* What a missing value is made of: the next step says. */
static const struct value *made_for(const struct kpath_edit *e, struct kpath rest)
{
    int64_t at = 0;
    enum value_type type = e->created;
    if (rest.n > 0) {
        bool list = is_selection(rest.steps[0]) || (is_position(rest.steps[0], &at) && at >= 0);
        type = list ? VALUE_LIST : VALUE_MAP;
    }
    return type == VALUE_LIST  ? &VALUE_EMPTY_LIST
           : type == VALUE_MAP ? &VALUE_EMPTY_MAP
                               : &KPATH_CREATED;
}

/* Below a scalar: its text as YAML. What is found there is counted, and lost. */
static int edit_in_text(const struct kpath_edit *e,
                        const struct value *scalar,
                        struct kpath path,
                        size_t *n,
                        struct err *err)
{
    static const struct value_yaml_opts OPTS = {.schema = VALUE_YAML_CORE};
    const struct value *parsed = NULL;
    const struct value *lost = NULL;
    struct str text = value_is(scalar, VALUE_NULL) ? STR("null") : kres_text(e->env->arena, scalar);
    TRY(value_from_yaml(e->env->arena, text, &OPTS, &parsed, err));
    return edit_node(e, parsed, path, &lost, n, err);
}

static int edit_field(const struct kpath_edit *e,
                      const struct value *v,
                      struct kpath path,
                      const struct value **ret,
                      size_t *n,
                      struct err *err)
{
    struct kpath rest = kpath_tail(path, 1);
    const struct value *changed = NULL;
    TRY(need(v, VALUE_MAP, err));
    const struct value *field = value_find(v, path.steps[0]);
    bool made = field == NULL;
    *ret = v;
    if (made && !e->create) {
        return 0;
    }
    field = made ? made_for(e, rest) : field;
    if (rest.n > 0 && !value_is(field, VALUE_MAP) && !value_is(field, VALUE_LIST)) {
        return edit_in_text(e, field, rest, n, err);
    }
    TRY(edit_node(e, field, rest, &changed, n, err));
    if (made || changed != field) {
        *ret = value_map_set(e->env->arena, v, path.steps[0], changed);
    }
    return 0;
}

static int edit_item(const struct kpath_edit *e,
                     size_t at,
                     struct kpath rest,
                     const struct value **list,
                     size_t *n,
                     struct err *err)
{
    const struct value *item = value_at(*list, at);
    const struct value *changed = NULL;
    TRY(edit_node(e, item, rest, &changed, n, err));
    if (changed != item) {
        *list = value_list_set(e->env->arena, *list, at, changed);
    }
    return 0;
}

static int edit_position(const struct kpath_edit *e,
                         const struct value *v,
                         struct kpath path,
                         const struct value **ret,
                         size_t *n,
                         struct err *err)
{
    int64_t at = 0;
    struct kpath rest = kpath_tail(path, 1);
    (void)is_position(path.steps[0], &at);
    TRY(need(v, VALUE_LIST, err));
    *ret = v;
    if (e->create && (uint64_t)at == value_len(v)) {
        *ret = value_list_append(e->env->arena, v, made_for(e, rest));
    }
    if ((uint64_t)at >= value_len(*ret)) {
        return err_set(err, ERR_INVALID, "index %lld specified but only %zu elements found",
                       (long long)at, value_len(*ret));
    }
    return edit_item(e, (size_t)at, rest, ret, n, err);
}

static int edit_all(const struct kpath_edit *e,
                    const struct value *v,
                    struct kpath path,
                    const struct value **ret,
                    size_t *n,
                    struct err *err)
{
    TRY(need(v, VALUE_LIST, err));
    *ret = v;
    for (size_t i = 0; i < value_len(v); i++) {
        TRY(edit_item(e, i, kpath_tail(path, 1), ret, n, err));
    }
    return 0;
}

/* ---- selected elements ---- */

struct selection {
    struct str key; /* "" = the element itself */
    struct str text;
    struct regex *regex; /* NULL: the text */
};

/* What an expression is matched with: YAML, so quoted text has its quotes. */
static int
text_in_yaml(struct engine_env *env, const struct value *v, struct str *ret, struct err *err)
{
    if (value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST)) {
        TRY(value_to_yaml_in(env->arena, v, NULL, ret, err));
        *ret = str_trim(*ret);
        return 0;
    }
    struct str text = value_is(v, VALUE_NULL) ? STR("null") : kres_text(env->arena, v);
    bool quoted = value_is(v, VALUE_STRING) && (v->flags & VALUE_QUOTED) != 0;
    *ret = quoted ? arena_printf(env->arena, "\"" STR_FMT "\"", STR_ARG(text)) : str_trim(text);
    return 0;
}

/* Returns 1, 0 or an error. */
static int selection_matches(const struct kpath_edit *e,
                             const struct selection *s,
                             const struct value *element,
                             struct err *err)
{
    struct str text;
    struct regex_span span;
    const struct value *v = s->key.n > 0 ? value_find(element, s->key) : element;
    if (v == NULL) {
        return 0;
    }
    if (s->regex == NULL) {
        return str_eq(kres_text(e->env->arena, v), s->text) ? 1 : 0;
    }
    TRY(text_in_yaml(e->env, v, &text, err));
    struct regex_job job = {e->env->arena, e->env->budget, s->regex, text};
    return regex_find(&job, &span, err);
}

static int edit_matching(const struct kpath_edit *e,
                         const struct selection *s,
                         struct kpath rest,
                         const struct value **list,
                         size_t *n,
                         struct err *err)
{
    const struct value *v = *list;
    rest = s->key.n > 0 ? rest : kpath_head(rest, 0); /* nothing is below a scalar element */
    for (size_t i = 0; i < value_len(v); i++) {
        int rc = selection_matches(e, s, value_at(v, i), err);
        TRY(rc);
        if (rc > 0) {
            TRY(edit_item(e, i, rest, list, n, err));
        }
        if (rc > 0 && e->match == KPATH_EXACT) {
            break;
        }
    }
    return 0;
}

/* The element that the selection describes. */
static int make_element(const struct kpath_edit *e,
                        const struct selection *s,
                        const struct value **ret,
                        struct err *err)
{
    static const struct value_yaml_opts OPTS = {.schema = VALUE_YAML_CORE};
    TRY(value_from_yaml(e->env->arena, s->text, &OPTS, ret, err));
    if (s->key.n > 0) {
        *ret = value_map_set(e->env->arena, &VALUE_EMPTY_MAP, s->key, *ret);
    }
    return 0;
}

static int edit_selection(const struct kpath_edit *e,
                          const struct value *v,
                          struct kpath path,
                          const struct value **ret,
                          size_t *n,
                          struct err *err)
{
    struct selection s = {0};
    const struct value *element = NULL;
    size_t before = *n;
    TRY(split_selection(path.steps[0], &s.key, &s.text, err));
    TRY(need(v, VALUE_LIST, err));
    if (e->match == KPATH_REGEX) {
        TRY(regex_compile(e->env->arena, s.text, &s.regex, err));
    }
    *ret = v;
    TRY(edit_matching(e, &s, kpath_tail(path, 1), ret, n, err));
    if (*n > before || !e->create) {
        return 0;
    }
    TRY(make_element(e, &s, &element, err));
    *ret = value_list_append(e->env->arena, v, element);
    return edit_item(e, value_len(v), s.key.n > 0 ? kpath_tail(path, 1) : kpath_head(path, 0), ret,
                     n, err);
}

static int edit_step(const struct kpath_edit *e,
                     const struct value *v,
                     struct kpath path,
                     const struct value **ret,
                     size_t *n,
                     struct err *err)
{
    int64_t at = 0;
    struct str step = path.steps[0];
    if (is_position(step, &at) && at >= 0) {
        return edit_position(e, v, path, ret, n, err);
    }
    if (is_selection(step)) {
        return edit_selection(e, v, path, ret, n, err);
    }
    if (str_eq(step, STR("*"))) {
        return edit_all(e, v, path, ret, n, err);
    }
    return edit_field(e, v, path, ret, n, err);
}

static int edit_node(const struct kpath_edit *e,
                     const struct value *v,
                     struct kpath path,
                     const struct value **ret,
                     size_t *n,
                     struct err *err)
{
    TRY(budget_steps(e->env->budget, 1, err));
    if (path.n == 0) {
        (*n)++;
        return e->set(e, v, ret, err);
    }
    TRY(budget_enter(e->env->budget, err));
    int rc = edit_step(e, v, path, ret, n, err);
    budget_leave(e->env->budget);
    return rc;
}

int kpath_edit(const struct kpath_edit *edit,
               const struct value *v,
               struct kpath path,
               const struct value **ret,
               size_t *ret_n,
               struct err *err)
{
    *ret_n = 0;
    return edit_node(edit, v, path, ret, ret_n, err);
}
