/* The query says what a request for a sync says in its body; the controller makes the plan. */
#include "api-server/rest/plan.h"

#include "api-server/rest/applications.h"
#include "api-server/rest/ask.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/ipc/ipc_convert.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"

/* "group:kind:name", "group:kind:namespace/name" */
static int put_resource(struct value_builder *b, struct str text, struct err *err)
{
    struct str group;
    struct str kind;
    struct str rest;
    struct str namespace;
    struct str name;
    if (!str_cut(text, ':', &group, &rest) || !str_cut(rest, ':', &kind, &name) || kind.n == 0 ||
        name.n == 0) {
        return err_set(err, ERR_INVALID, "resource '" STR_FMT "' is not group:kind:name",
                       STR_ARG(text));
    }
    value_build_map(b);
    value_build_field_str(b, "group", group);
    value_build_field_str(b, "kind", kind);
    if (str_cut(name, '/', &namespace, &rest)) {
        value_build_field_str(b, "namespace", namespace);
        name = rest;
    }
    value_build_field_str(b, "name", name);
    value_build_end(b);
    return 0;
}

static int put_resources(struct value_builder *b, const struct rest_call *call, struct err *err)
{
    struct url_segments list = rest_query_all(call, "resources");
    if (list.n == 0) {
        return 0;
    }
    value_build_field_list(b, "resources");
    for (size_t i = 0; i < list.n; i++) {
        TRY(put_resource(b, list.items[i], err));
    }
    value_build_end(b);
    return 0;
}

static void put_list(struct value_builder *b, const struct rest_call *call, const char *name)
{
    struct url_segments list = rest_query_all(call, name);
    if (list.n == 0) {
        return;
    }
    value_build_field_list(b, name);
    for (size_t i = 0; i < list.n; i++) {
        value_build_str(b, list.items[i]);
    }
    value_build_end(b);
}

static void put_strategy(struct value_builder *b, const struct rest_call *call)
{
    bool apply = str_eq_c(rest_query(call, "strategy"), "apply");
    value_build_field_map(b, "syncStrategy");
    value_build_field_map(b, apply ? "apply" : "hook");
    value_build_field_bool(b, "force", rest_query_bool(call, "force", false));
    value_build_end(b);
    value_build_end(b);
}

static int operation_json(const struct rest_call *call, struct str *ret, struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_map(&b, "sync");
    value_build_field_str_opt(&b, "revision", rest_query(call, "revision"));
    put_list(&b, call, "revisions");
    value_build_field_bool(&b, "prune", rest_query_bool(call, "prune", false));
    put_strategy(&b, call);
    put_list(&b, call, "syncOptions");
    TRY(put_resources(&b, call, err));
    value_build_end(&b);
    value_build_end(&b);
    return value_to_json_in(call->arena, value_build_finish(&b), NULL, ret, err);
}

static int on_plan(struct rest_call *call, const struct value *plan, struct err *err UNUSED)
{
    rest_reply(call, plan);
    return 0;
}

int plan_get(struct rest_call *call, struct err *err)
{
    Belay__GetPlanRequest msg;
    Belay__AppRef app;
    struct doc *doc = NULL;
    struct str operation;
    TRY(applications_find(call, &doc, err));
    TRY(operation_json(call, &operation, err));
    ask_app_ref(call, doc_root(doc), &app);
    belay__get_plan_request__init(&msg);
    msg.app = &app;
    msg.operation = ipc_bytes_of(operation);
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_GET_PLAN,
        .name = "GetPlan",
        .message = &msg.base,
        .kind = ASK_READ,
        .done = on_plan,
    };
    ask_controller(call, &request);
    return 0;
}
