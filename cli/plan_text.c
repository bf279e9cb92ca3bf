/* Plans as indented text. */
#include "cli/plan_text.h"

#include "cli/output.h"
#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

static const struct {
    const char *action;
    const char *sign;
    const char *words; /* in the summary */
    bool work;
} ACTIONS[] = {
    {"create", "+", "to create", true},
    {"update", "~", "to change", true},
    {"replace", "~", "to replace", true},
    {"prune", "-", "to delete", true},
    {"confirm-prune", "-", "to delete after confirmation", true},
    {"skip-prune", "!", "not in the source any more, kept", false},
    {"unchanged", "=", "unchanged", false},
    {"none", "=", "left out", false},
};

static size_t find_action(const struct value *task)
{
    struct str action = value_dig_str(task, "action");
    for (size_t i = 0; i < ARRAY_LEN(ACTIONS); i++) {
        if (str_eq_c(action, ACTIONS[i].action)) {
            return i;
        }
    }
    return ARRAY_LEN(ACTIONS);
}

static bool is_hook(const struct value *task)
{
    return value_bool(value_dig(task, "hook"), false);
}

bool plan_text_has_work(const struct value *plan)
{
    VALUE_FOREACH(value_dig(plan, "tasks"), task) {
        size_t at = find_action(task);
        if (!is_hook(task) && (at == ARRAY_LEN(ACTIONS) || ACTIONS[at].work)) {
            return true;
        }
    }
    return false;
}

static void put_value(struct arena *arena, const struct value *v, struct buf *out)
{
    struct str json = STR("?");
    struct err err;
    if (v == NULL) {
        buf_put_c(out, "(none)");
    } else if (value_to_json_in(arena, v, NULL, &json, &err) == 0) {
        output_text(out, json);
    }
}

static void put_change(struct arena *arena, const struct value *change, struct buf *out)
{
    struct str manager = value_dig_str(change, "manager");
    struct str time = value_dig_str(change, "time");
    buf_put_c(out, "          ");
    output_text(out, value_dig_str(change, "path"));
    buf_put_c(out, ": ");
    put_value(arena, value_dig(change, "live"), out);
    buf_put_c(out, " -> ");
    put_value(arena, value_dig(change, "wanted"), out);
    if (manager.n > 0) {
        buf_put_c(out, "  (set by ");
        output_text(out, manager);
        buf_put_c(out, time.n > 0 ? ", " : "");
        output_text(out, time);
        buf_put_char(out, ')');
    }
    buf_put_char(out, '\n');
}

static void put_object(const struct value *task, struct buf *out)
{
    static const char *const PARTS[][2] = {{"group", "/"}, {"kind", " "}, {"namespace", "/"}};
    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
        struct str part = value_dig_str(task, PARTS[i][0]);
        if (part.n > 0) {
            output_text(out, part);
            buf_put_c(out, PARTS[i][1]);
        }
    }
    output_text(out, value_dig_str(task, "name"));
}

static void put_task(struct arena *arena, const struct value *task, struct buf *out)
{
    size_t at = find_action(task);
    struct str refused = value_dig_str(task, "refused");
    buf_printf(out, "    %s ", at < ARRAY_LEN(ACTIONS) ? ACTIONS[at].sign : "?");
    put_object(task, out);
    buf_put_c(out, is_hook(task) ? "  (hook)" : "");
    buf_put_c(out, str_eq_c(value_dig_str(task, "action"), "replace") ? "  (replace)" : "");
    buf_put_c(out, value_bool(value_dig(task, "overBudget"), false) ? "  (over budget)" : "");
    if (refused.n > 0) {
        buf_put_c(out, "  (refused: ");
        output_text(out, refused);
        buf_put_char(out, ')');
    }
    buf_put_char(out, '\n');
    VALUE_FOREACH(value_dig(task, "changes"), change) {
        put_change(arena, change, out);
    }
}

static bool is_shown(const struct value *task, enum plan_text_detail detail)
{
    size_t at = find_action(task);
    return detail == PLAN_TEXT_ALL || at == ARRAY_LEN(ACTIONS) || ACTIONS[at].sign[0] != '=' ||
           value_dig(task, "refused") != NULL;
}

static void put_summary(const struct value *plan, struct buf *out)
{
    const struct value *counts = value_dig(plan, "counts");
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(ACTIONS); i++) {
        int64_t n = value_int(value_find(counts, str_from(ACTIONS[i].action)), 0);
        if (n > 0) {
            buf_printf(out, "%s%lld %s", any ? ", " : "", (long long)n, ACTIONS[i].words);
            any = true;
        }
    }
    buf_put_c(out, any ? "\n" : "nothing to do\n");
}

static void
put_note(const struct value *plan, const char *field, const char *words, struct buf *out)
{
    struct str text = value_find(plan, str_from(field)) != NULL
                          ? value_str(value_find(plan, str_from(field)))
                          : STR_EMPTY;
    if (text.n > 0) {
        buf_put_c(out, words);
        output_text(out, text);
        buf_put_char(out, '\n');
    }
}

void plan_text(struct arena *arena,
               const struct value *plan,
               enum plan_text_detail detail,
               struct buf *out)
{
    struct str phase = STR_EMPTY;
    int64_t wave = 0;
    VALUE_FOREACH(value_dig(plan, "tasks"), task) {
        struct str of = value_dig_str(task, "phase");
        int64_t own = value_int(value_dig(task, "wave"), 0);
        if (!is_shown(task, detail)) {
            continue;
        }
        bool begins = !str_eq(of, phase);
        if (begins) {
            output_text(out, of);
            buf_put_char(out, '\n');
        }
        if (begins || own != wave) {
            buf_printf(out, "  wave %lld\n", (long long)own);
        }
        phase = of;
        wave = own;
        put_task(arena, task, out);
    }
    put_summary(plan, out);
    put_note(plan, "deletionBudget", "needs confirmation: ", out);
    put_note(plan, "refused", "would fail: ", out);
}
