/* A table of what each role may do, turned into lines as people write them. */
#include "common/rbac/rbac_builtin.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/rbac/rbac_internal.h"

struct row {
    const char *resource;
    const char *actions; /* separated by spaces */
    const char *object;
};

static const struct row READONLY[] = {
    {"applications", "get", "*/*"}, {"applicationsets", "get", "*/*"},
    {"logs", "get", "*/*"},         {"accounts", "get", "*"},
    {"certificates", "get", "*"},   {"clusters", "get", "*"},
    {"gpgkeys", "get", "*"},        {"projects", "get", "*"},
    {"repositories", "get", "*"},   {"write-repositories", "get", "*"},
};

static const struct row ADMIN[] = {
    {"applications", "create update update/* delete delete/* sync rollback override action/*",
     "*/*"},
    {"applicationsets", "get create update delete", "*/*"},
    {"exec", "create", "*/*"},
    {"accounts", "update", "*"},
    {"certificates", "create update delete", "*"},
    {"clusters", "create update delete", "*"},
    {"gpgkeys", "create delete", "*"},
    {"projects", "create update delete", "*"},
    {"repositories", "create update delete", "*"},
    {"write-repositories", "create update delete", "*"},
};

static void add_line(struct rbac_policy *policy, struct str text)
{
    struct err err;
    struct rbac_place place = {STR("built-in policy"), 0, text};
    int rc = rbac_read_line(policy, &place, &err);
    assert(rc == 0);
}

static void add_rows(struct rbac_policy *policy, const char *role, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str rest = str_from(rows[i].actions);
        struct str action;
        while (str_next(&rest, ' ', &action)) {
            add_line(policy, arena_printf(policy->arena, "p, %s, %s, " STR_FMT ", %s, allow", role,
                                          rows[i].resource, STR_ARG(action), rows[i].object));
        }
    }
}

void rbac_builtin_add(struct rbac_policy *policy)
{
    enum rbac_mode mode = policy->mode;
    policy->mode = RBAC_GLOB;
    add_rows(policy, "role:readonly", READONLY, ARRAY_LEN(READONLY));
    add_rows(policy, "role:admin", ADMIN, ARRAY_LEN(ADMIN));
    add_line(policy, STR("g, role:admin, role:readonly"));
    add_line(policy, STR("g, admin, role:admin"));
    policy->mode = mode;
}
