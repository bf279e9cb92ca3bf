/* Joins resources of the status with nodes of the tree. */
#include "api-server/rest/app_health.h"

#include "api-server/rest/ask.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

struct fill {
    const struct value *app;
    void (*done)(struct rest_call *call, const struct value *app);
};

static bool same_field(const struct value *a, const struct value *b, const char *field)
{
    return str_eq(value_dig_str(a, field), value_dig_str(b, field));
}

static const struct value *health_in(const struct value *tree, const struct value *resource)
{
    VALUE_FOREACH(value_dig(tree, "nodes"), node) {
        if (same_field(node, resource, "name") && same_field(node, resource, "kind") &&
            same_field(node, resource, "group") && same_field(node, resource, "namespace")) {
            return value_dig(node, "health");
        }
    }
    return NULL;
}

static const struct value *
with_health(struct arena *arena, const struct value *app, const struct value *tree)
{
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    VALUE_FOREACH(value_dig(app, "status", "resources"), resource) {
        const struct value *health = health_in(tree, resource);
        value_build_value(&b, health != NULL ? value_with(arena, resource, health, "health")
                                             : resource);
    }
    value_build_end(&b);
    const struct value *list = value_build_finish(&b);
    value_builder_done(&b);
    return value_with(arena, app, list, "status", "resources");
}

static int on_tree(struct rest_call *call, const struct value *tree, struct err *err UNUSED)
{
    const struct fill *f = call->state;
    f->done(call, with_health(call->arena, f->app, tree));
    return 0;
}

/* The rest of the Application is still worth an answer. */
static int on_no_tree(struct rest_call *call, struct err *err UNUSED)
{
    const struct fill *f = call->state;
    f->done(call, f->app);
    return 0;
}

void app_health_fill(struct rest_call *call,
                     const struct value *app,
                     void (*done)(struct rest_call *call, const struct value *app))
{
    const struct value *shown =
        kube_without_fields(call->arena, value_copy(call->arena, app), KUBE_MANAGED_FIELDS);
    if (value_len(value_dig(shown, "status", "resources")) == 0) {
        done(call, shown);
        return;
    }
    struct fill *f = ARENA_NEW(call->arena, struct fill);
    f->app = shown;
    f->done = done;
    call->state = f;
    ask_tree(call, shown, on_tree, on_no_tree);
}
