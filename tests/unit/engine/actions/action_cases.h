/* Runs the cases of tests/data/actions/<family>.yaml. */
#pragma once

#include "common/base/buf.h"
#include "common/value/value_build.h"
#include "common/value/value_patch.h"
#include "engine/actions/action.h"
#include "tests/lib/cases.h"
#include "tests/lib/check.h"

#define ACTION_CASE_NOW_MS 1714979289000 /* 2024-05-06T07:08:09Z */

/* "-pause, restart": in the order of the rows. */
static inline void action_case_offers(struct arena *arena, const struct value *c)
{
    AUTO(buf) struct buf is;
    AUTO(buf) struct buf want;
    struct action_list list = action_discover(arena, value_find(c, STR("is")));
    buf_init(&is, 4096);
    buf_init(&want, 4096);
    for (size_t i = 0; i < list.n; i++) {
        buf_put_c(&is, list.items[i].disabled ? "-" : "");
        buf_put(&is, list.items[i].name);
        buf_put_char(&is, ' ');
    }
    VALUE_FOREACH(value_find(c, STR("offers")), name) {
        buf_put(&want, value_str(name));
        buf_put_char(&want, ' ');
    }
    if (!str_eq(buf_str(&is), buf_str(&want))) {
        fail_msg("line %u: %s, wanted %s", c->line, is.p, want.p);
    }
}

static inline void
action_case_run(struct arena *arena, const struct value *live, const struct value *c)
{
    struct err err;
    struct action_changes changes;
    struct action_arg args[4];
    struct action_run run = {
        .live = live,
        .name = value_dig_str(c, "action"),
        .args = args,
        .now_ms = ACTION_CASE_NOW_MS,
    };
    VALUE_MAP_FOREACH(value_find(c, STR("args")), e)
    {
        assert_true(run.n_args < ARRAY_LEN(args));
        args[run.n_args++] = (struct action_arg){e->key, value_str(&e->value)};
    }
    int rc = action_run(arena, &run, &changes, &err);
    if (value_find(c, STR("error")) != NULL) {
        assert_true(rc < 0);
        assert_non_null(strstr(err.message, value_dig_str(c, "error").p));
        return;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(changes.n, 1);
    const struct value *created = value_find(c, STR("create"));
    assert_int_equal(changes.items[0].op, created != NULL ? ACTION_CREATE : ACTION_PATCH);
    const struct value *is = created != NULL
                                 ? changes.items[0].object
                                 : value_merge_patch_between(arena, live, changes.items[0].object);
    cases_assert_equal(value_dig_str(c, "action").p, is,
                       created != NULL ? created : value_find(c, STR("patch")));
}

static inline void action_family_file(const char *name)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *cases =
        cases_yaml(arena, "tests/data/actions", arena_printf(arena, "%s.yaml", name).p);
    assert_true(value_len(cases) > 0);
    VALUE_FOREACH(cases, c) {
        if (value_find(c, STR("offers")) != NULL) {
            action_case_offers(arena, c);
        }
        VALUE_FOREACH(value_find(c, STR("runs")), run) {
            action_case_run(arena, value_find(c, STR("is")), run);
        }
    }
}
