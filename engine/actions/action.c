/* Looks kinds up, evaluates the conditions of rows and makes the edits they name. The rows are in
 * action_<family>.c; adding an action is adding a row there. */
#include "engine/actions/action.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/num.h"
#include "common/kube/kube_object.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/actions/action_internal.h"
#include "engine/health/health_rules.h"

enum {
    PATH_KEYS_MAX = 8,
    PARAM_MAX_BYTES = 256,
};

static const struct action_family *const FAMILIES[] = {
    &ACTION_APPS, &ACTION_ARGO, &ACTION_FLUX, &ACTION_NUMA, &ACTION_OPERATORS,
};

static const struct action_kind *find_kind(const struct value *live)
{
    struct kube_gvk gvk = kube_gvk_of(live);
    for (size_t f = 0; f < ARRAY_LEN(FAMILIES); f++) {
        for (size_t i = 0; i < FAMILIES[f]->n; i++) {
            const struct action_kind *kind = &FAMILIES[f]->kinds[i];
            if (str_eq_c(gvk.kind, kind->kind) && str_eq_c(gvk.group, kind->group)) {
                return kind;
            }
        }
    }
    return NULL;
}

/* ---- discovery ---- */

static bool any_holds(struct arena *arena, const struct value *live, const char *conditions)
{
    struct str rest = str_from(conditions);
    while (rest.n > 0) {
        size_t at = str_find(rest, STR(" || "));
        struct str one = str_sub(rest, 0, at);
        rest = at == STR_NONE ? STR_EMPTY : str_sub(rest, at + 4, rest.n);
        if (health_holds(live, NULL, arena_str(arena, one).p)) {
            return true;
        }
    }
    return false;
}

static struct str message(struct arena *arena, const struct value *live, const char *text)
{
    AUTO(buf) struct buf out;
    buf_init(&out, PARAM_MAX_BYTES);
    health_message_put(&out, live, NULL, NULL, text != NULL ? text : "");
    return buf_to_arena(&out, arena);
}

struct action_list action_discover(struct arena *arena, const struct value *live)
{
    const struct action_kind *kind = find_kind(live);
    if (kind == NULL) {
        return (struct action_list){NULL, 0};
    }
    struct action *items = arena_calloc(arena, kind->n, sizeof(*items));
    size_t n = 0;
    for (size_t i = 0; i < kind->n; i++) {
        const struct action_row *row = &kind->rows[i];
        if (row->listed != NULL && !any_holds(arena, live, row->listed)) {
            continue;
        }
        items[n++] = (struct action){
            .name = str_from(row->name),
            .display_name = message(arena, live, row->display_name),
            .icon_class = str_from(row->icon_class != NULL ? row->icon_class : ""),
            .disabled = row->disabled != NULL && any_holds(arena, live, row->disabled),
        };
        if (row->param != NULL) {
            struct action_param *param = ARENA_NEW(arena, struct action_param);
            param->name = str_from(row->param);
            param->def = message(arena, live, row->param_default);
            items[n - 1].params = param;
            items[n - 1].n_params = 1;
        }
    }
    return (struct action_list){items, n};
}

static void put_params(struct value_builder *b, const struct action *action)
{
    if (action->n_params == 0) {
        return;
    }
    value_build_field_list(b, "params");
    for (size_t i = 0; i < action->n_params; i++) {
        value_build_map(b);
        value_build_field_str(b, "name", action->params[i].name);
        value_build_field_str_opt(b, "default", action->params[i].def);
        value_build_end(b);
    }
    value_build_end(b);
}

const struct value *action_list_to_value(struct arena *arena, const struct action_list *list)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < list->n; i++) {
        const struct action *action = &list->items[i];
        value_build_map(&b);
        value_build_field_str(&b, "name", action->name);
        value_build_field_bool(&b, "disabled", action->disabled);
        value_build_field_str_opt(&b, "iconClass", action->icon_class);
        value_build_field_str_opt(&b, "displayName", action->display_name);
        put_params(&b, action);
        value_build_end(&b);
    }
    value_build_end(&b);
    return value_build_finish(&b);
}

/* ---- edits ---- */

static void split_path(struct arena *arena, struct str path, const char *keys[PATH_KEYS_MAX + 1])
{
    size_t n = 0;
    while (path.n > 0 && n < PATH_KEYS_MAX) {
        bool quoted = str_cut_prefix(&path, STR("'"));
        size_t end = str_find_char(path, quoted ? '\'' : '.');
        keys[n++] = arena_str(arena, str_sub(path, 0, end)).p;
        path = end == STR_NONE ? STR_EMPTY : str_sub(path, end + 1, path.n);
        if (quoted) {
            (void)str_cut_prefix(&path, STR(".")); /* none at the end */
        }
    }
    keys[n] = NULL;
}

struct str action_now(struct arena *arena, int64_t now_ms)
{
    char text[CLOCK_RFC3339_BYTES];
    clock_rfc3339(now_ms, text);
    return arena_str(arena, str_from(text));
}

static struct str time_text(struct arena *arena, const char *text, int64_t now_ms)
{
    struct str now = action_now(arena, now_ms);
    const struct value_entry entries[] = {
        {STR("now"), value_of_str(now)},
        {STR("second"), value_of_str(arena_str(arena, str_sub(now, 0, now.n - 1)))},
    };
    return message(arena, value_new_map(arena, entries, ARRAY_LEN(entries)), text);
}

const struct value *action_edit(struct arena *arena,
                                const struct value *object,
                                const struct action_edit *edit,
                                int64_t now_ms)
{
    const char *keys[PATH_KEYS_MAX + 1];
    const struct value *item = NULL;
    split_path(arena, str_from(edit->path), keys);
    switch (edit->kind) {
    case ACTION_SET_TRUE:
        item = &VALUE_TRUE;
        break;
    case ACTION_SET_FALSE:
        item = &VALUE_FALSE;
        break;
    case ACTION_SET_TEXT:
        item = value_new_str(arena, str_from(edit->text));
        break;
    case ACTION_SET_TIME:
        item = value_new_str(arena, time_text(arena, edit->text, now_ms));
        break;
    case ACTION_REMOVE:
        return value_without_path(arena, object, keys);
    }
    return value_with_path(arena, object, item, keys);
}

/* ---- running ---- */

static void change(struct arena *arena,
                   enum action_op op,
                   const struct value *object,
                   struct action_changes *ret)
{
    struct action_change *item = ARENA_NEW(arena, struct action_change);
    *item = (struct action_change){op, object};
    *ret = (struct action_changes){item, 1};
}

void action_patch(struct arena *arena, const struct value *object, struct action_changes *ret)
{
    change(arena, ACTION_PATCH, object, ret);
}

void action_create(struct arena *arena, const struct value *object, struct action_changes *ret)
{
    change(arena, ACTION_CREATE, object, ret);
}

int action_arg(const struct action_run *run, const char *name, struct str *ret, struct err *err)
{
    for (size_t i = 0; i < run->n_args; i++) {
        if (str_eq_c(run->args[i].name, name)) {
            *ret = run->args[i].value;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "%s parameter is required", name);
}

int action_arg_count(const struct action_run *run, const char *name, int64_t *ret, struct err *err)
{
    struct str text;
    struct err ignored;
    TRY(action_arg(run, name, &text, err));
    if (num_parse_int_range(text, 0, INT32_MAX, ret, &ignored) < 0) {
        return err_set(err, ERR_INVALID,
                       "invalid number: " STR_FMT " (must be a non-negative integer)",
                       STR_ARG(text));
    }
    return 0;
}

struct str action_new_name(struct arena *arena, const struct action_run *run)
{
    struct str now = action_now(arena, run->now_ms); /* 2006-01-02T15:04:05Z */
    return arena_printf(arena, STR_FMT "-%.4s%.2s%.2s%.2s%.2s", STR_ARG(kube_name(run->live)),
                        now.p, now.p + 5, now.p + 8, now.p + 11, now.p + 14);
}

static const struct action_row *find_row(const struct action_kind *kind, struct str name)
{
    for (size_t i = 0; kind != NULL && i < kind->n; i++) {
        if (str_eq_c(name, kind->rows[i].name)) {
            return &kind->rows[i];
        }
    }
    return NULL;
}

int action_run(struct arena *arena,
               const struct action_run *run,
               struct action_changes *ret,
               struct err *err)
{
    const struct action_row *row = find_row(find_kind(run->live), run->name);
    if (row == NULL) {
        return err_set(err, ERR_NOT_FOUND, "built-in action '" STR_FMT "' not found for " STR_FMT,
                       STR_ARG(run->name), STR_ARG(kube_kind_of(run->live)));
    }
    if (row->fn != NULL) {
        return row->fn(arena, run, ret, err);
    }
    const struct value *object = run->live;
    for (size_t i = 0; i < ACTION_EDITS_MAX && row->edits[i].path != NULL; i++) {
        object = action_edit(arena, object, &row->edits[i], run->now_ms);
    }
    action_patch(arena, object, ret);
    return 0;
}
