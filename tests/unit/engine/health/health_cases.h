/* Runs the cases tests/data/health/<group>_<Kind>/ of a health module. */
#pragma once

#include "engine/health/health.h"
#include "tests/lib/cases.h"
#include "tests/lib/check.h"

static inline void health_case(struct arena *arena, const char *dir, const char *name UNUSED)
{
    const struct value *want = cases_yaml(arena, dir, "want.yaml");
    struct health is = health_of(arena, cases_yaml(arena, dir, "in.yaml"));
    struct str status = value_dig_str(want, "status");
    const struct value *message = value_dig(want, "message");
    if (!str_eq_c(status, status_health_name(is.status)) ||
        (message != NULL && !str_eq(value_str(message), is.message))) {
        fail_msg("%s: %s '" STR_FMT "', wanted " STR_FMT " '" STR_FMT "'", dir,
                 status_health_name(is.status), STR_ARG(is.message), STR_ARG(status),
                 STR_ARG(value_str(message)));
    }
}

/* The objects of tests/data/health/families/<name>.yaml with the health each has. */
static inline void health_family_file(const char *name)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str file = arena_printf(arena, "%s.yaml", name);
    const struct value *cases = cases_yaml(arena, "tests/data/health/families", file.p);
    assert_true(value_len(cases) > 0);
    VALUE_FOREACH(cases, c) {
        struct health is = health_by_rules(arena, value_find(c, STR("is")));
        const struct value *message = value_find(c, STR("message"));
        if (!str_eq_c(value_dig_str(c, "status"), status_health_name(is.status)) ||
            (message != NULL && !str_eq(value_str(message), is.message))) {
            fail_msg("%s line %u: %s '" STR_FMT "'", name, c->line, status_health_name(is.status),
                     STR_ARG(is.message));
        }
    }
}
