/* The controller knows the actions and runs them; here is who may do what. */
#include "api-server/rest/resource_actions.h"

#include "api-server/rest/applications.h"
#include "api-server/rest/ask.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/ipc/ipc_convert.h"
#include "common/value/value.h"
#include "proto/controller.pb-c.h"

/* A field of the query or of the body. */
typedef struct str (*field_fn)(const struct rest_call *call, const char *name);

static int
find_resource(struct rest_call *call, field_fn field, Belay__ResourceRef *ret, struct err *err)
{
    belay__resource_ref__init(ret);
    ret->group = ipc_string(call->arena, field(call, "group"));
    ret->version = ipc_string(call->arena, field(call, "version"));
    ret->kind = ipc_string(call->arena, field(call, "kind"));
    ret->namespace_ = ipc_string(call->arena, field(call, "namespace"));
    ret->name = ipc_string(call->arena, field(call, "resourceName"));
    if (ret->kind[0] == '\0' || ret->name[0] == '\0') {
        return err_set(err, ERR_INVALID, "the request must have resourceName and kind");
    }
    return 0;
}

static int find_app(struct rest_call *call, Belay__AppRef *ret, struct err *err)
{
    struct doc *doc = NULL;
    TRY(applications_find(call, &doc, err));
    ask_app_ref(call, doc_root(doc), ret);
    return 0;
}

static int on_list(struct rest_call *call, const struct value *list, struct err *err UNUSED)
{
    rest_reply(call, list);
    return 0;
}

int resource_actions_list(struct rest_call *call, struct err *err)
{
    Belay__ListActionsRequest msg;
    Belay__ResourceRef resource;
    Belay__AppRef app;
    TRY(find_app(call, &app, err));
    TRY(find_resource(call, rest_query, &resource, err));
    belay__list_actions_request__init(&msg);
    msg.app = &app;
    msg.resource = &resource;
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_LIST_ACTIONS,
        .name = "ListActions",
        .message = &msg.base,
        .kind = ASK_READ,
        .done = on_list,
    };
    ask_controller(call, &request);
    return 0;
}

/* ---- running ---- */

static int on_ran(struct rest_call *call, const struct value *v UNUSED, struct err *err UNUSED)
{
    rest_reply_empty(call);
    return 0;
}

static int read_parameters(struct rest_call *call, Belay__RunActionRequest *msg, struct err *err)
{
    const struct value *list = rest_body(call, "resourceActionParameters");
    size_t n = value_len(list);
    Belay__ActionParameter *items = arena_calloc(call->arena, n, sizeof(*items));
    msg->parameters = arena_calloc(call->arena, n, sizeof(*msg->parameters));
    for (size_t i = 0; i < n; i++) {
        belay__action_parameter__init(&items[i]);
        struct str name = value_dig_str(value_at(list, i), "name");
        struct str value = value_dig_str(value_at(list, i), "value");
        if (name.n == 0) {
            return err_set(err, ERR_INVALID, "a parameter of the action has no name");
        }
        items[i].name = ipc_string(call->arena, name);
        items[i].value = ipc_string(call->arena, value);
        msg->parameters[i] = &items[i];
    }
    msg->n_parameters = n;
    return 0;
}

/* Asked for: the right action/<group>/<Kind>/<action>. */
static int run(struct rest_call *call,
               const Belay__ResourceRef *resource,
               Belay__RunActionRequest *msg,
               struct err *err)
{
    Belay__ResourceRef of = *resource;
    Belay__AppRef app;
    if (msg->action[0] == '\0') {
        return err_set(err, ERR_INVALID, "the request names no action");
    }
    call->right = arena_printf(call->arena, "action/%s/%s/%s", of.group, of.kind, msg->action).p;
    TRY(find_app(call, &app, err));
    msg->app = &app;
    msg->resource = &of;
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_RUN_ACTION,
        .name = "RunAction",
        .message = &msg->base,
        .kind = ASK_CHANGE,
        .done = on_ran,
    };
    ask_controller(call, &request);
    return 0;
}

int resource_actions_run(struct rest_call *call, struct err *err)
{
    Belay__RunActionRequest msg;
    Belay__ResourceRef resource;
    if (!value_is(call->body, VALUE_STRING)) {
        return err_set(err, ERR_INVALID, "the body must be the name of an action as a JSON string");
    }
    TRY(find_resource(call, rest_query, &resource, err));
    belay__run_action_request__init(&msg);
    msg.action = ipc_string(call->arena, value_str(call->body));
    return run(call, &resource, &msg, err);
}

int resource_actions_run_v2(struct rest_call *call, struct err *err)
{
    Belay__RunActionRequest msg;
    Belay__ResourceRef resource;
    TRY(find_resource(call, rest_body_str, &resource, err));
    belay__run_action_request__init(&msg);
    msg.action = ipc_string(call->arena, rest_body_str(call, "action"));
    TRY(read_parameters(call, &msg, err));
    return run(call, &resource, &msg, err);
}
