/* Objects are chosen among the managed ones that exist, by what flags say of them. */
#include "cli/cmd_app_actions.h"

#include "cli/app_ref.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

/* Which objects. */
struct choice {
    const char *namespace;
    const char *name;
    const char *kind;
    const char *group; /* NULL = any */
    const char *app_namespace;
};

#define CHOICE_ROWS(type)                                                                        \
    {"namespace",                                                                                \
     0,                                                                                          \
     FLAG_STR,                                                                                   \
     offsetof(type, choice.namespace),                                                           \
     "NAMESPACE",                                                                                \
     NULL,                                                                                       \
     "only objects in this namespace"},                                                          \
        {"resource-name",                                                                        \
         0,                                                                                      \
         FLAG_STR,                                                                               \
         offsetof(type, choice.name),                                                            \
         "NAME",                                                                                 \
         NULL,                                                                                   \
         "only objects of this name"},                                                           \
        {"kind",                                                                                 \
         0,                                                                                      \
         FLAG_STR,                                                                               \
         offsetof(type, choice.kind),                                                            \
         "KIND",                                                                                 \
         NULL,                                                                                   \
         "only objects of this kind"},                                                           \
        {"group",                                                                                \
         0,                                                                                      \
         FLAG_STR,                                                                               \
         offsetof(type, choice.group),                                                           \
         "GROUP",                                                                                \
         NULL,                                                                                   \
         "only objects of this API group"},                                                      \
    {                                                                                            \
        "app-namespace", 'N', FLAG_STR, offsetof(type, choice.app_namespace), "NAMESPACE", NULL, \
            "namespace of the application"                                                       \
    }

struct list_flags {
    struct choice choice;
    const char *out;
};

static const struct flag_row LIST_ROWS[] = {
    CHOICE_ROWS(struct list_flags),
    {"out", 'o', FLAG_STR, offsetof(struct list_flags, out), "table|json|yaml", "table", "format"},
};
const struct flag_set CMD_APP_ACTIONS_LIST_FLAGS = FLAG_SET(struct list_flags, LIST_ROWS);

struct run_flags {
    struct choice choice;
    struct flag_list params;
    bool all;
};

static const struct flag_row RUN_ROWS[] = {
    CHOICE_ROWS(struct run_flags),
    {"param", 0, FLAG_LIST, offsetof(struct run_flags, params), "KEY=VALUE", NULL,
     "a parameter of the action; may be given more than once"},
    {"all", 0, FLAG_BOOL, offsetof(struct run_flags, all), NULL, NULL,
     "run it on every object that matches"},
};
const struct flag_set CMD_APP_ACTIONS_RUN_FLAGS = FLAG_SET(struct run_flags, RUN_ROWS);

/* ---- the objects ---- */

struct object {
    struct str group;
    struct str version;
    struct str kind;
    struct str namespace;
    struct str name;
};

typedef VEC(struct object) object_vec;

static bool is_chosen(const char *wanted, struct str is)
{
    return wanted == NULL || str_eq_c(is, wanted);
}

static bool matches(const struct choice *c, const struct object *o)
{
    return is_chosen(c->namespace, o->namespace) && is_chosen(c->name, o->name) &&
           is_chosen(c->kind, o->kind) && is_chosen(c->group, o->group);
}

/* The version is known to the live object alone. */
static struct str version_of(const struct value *live)
{
    struct str api_version = value_dig_str(live, "apiVersion");
    struct str group;
    struct str version;
    return str_cut(api_version, '/', &group, &version) ? version : api_version;
}

static int add_object(struct cli *cli,
                      const struct choice *choice,
                      const struct value *item,
                      object_vec *ret,
                      struct err *err)
{
    const struct value *live = NULL;
    struct str json = value_dig_str(item, "liveState");
    struct object object = {
        .group = value_dig_str(item, "group"),
        .kind = value_dig_str(item, "kind"),
        .namespace = value_dig_str(item, "namespace"),
        .name = value_dig_str(item, "name"),
    };
    if (json.n == 0 || str_eq_c(json, "null") || !matches(choice, &object)) {
        return 0;
    }
    TRY_IN(value_from_json(cli->arena, json, NULL, &live, err), err, "liveState");
    object.version = version_of(live);
    vec_push_in(cli->arena, ret, object);
    return 0;
}

static int find_objects(struct cli *cli,
                        const struct app_ref *ref,
                        const struct choice *choice,
                        object_vec *ret,
                        struct err *err)
{
    const struct value *answer = NULL;
    struct client_request request = {
        .path = app_ref_path(cli->arena, ref, "managed-resources", NULL),
    };
    TRY_IN(client_call(cli->client, cli->arena, &request, &answer, err), err,
           "application '" STR_FMT "'", STR_ARG(ref->name));
    VALUE_FOREACH(value_dig(answer, "items"), item) {
        TRY(add_object(cli, choice, item, ret, err));
    }
    if (ret->n == 0) {
        return err_set(err, ERR_NOT_FOUND, "No matching resource found");
    }
    return 0;
}

static int begin(struct cli *cli, const struct choice *choice, struct app_ref *ret, struct err *err)
{
    TRY(app_ref_parse(cli->args.items[0], ret, err));
    if (choice->app_namespace != NULL) {
        ret->namespace = str_from(choice->app_namespace);
    }
    return cli_connect(cli, err);
}

/* ---- list ---- */

static int fetch_actions(struct cli *cli,
                         const struct app_ref *ref,
                         const struct object *o,
                         const struct value **ret,
                         struct err *err)
{
    const struct app_param params[] = {
        {"namespace", o->namespace}, {"resourceName", o->name}, {"version", o->version},
        {"group", o->group},         {"kind", o->kind},         {NULL, STR_EMPTY},
    };
    const struct value *answer = NULL;
    struct client_request request = {
        .path = app_ref_path(cli->arena, ref, "resource/actions", params),
    };
    TRY_IN(client_call(cli->client, cli->arena, &request, &answer, err), err,
           STR_FMT " '" STR_FMT "'", STR_ARG(o->kind), STR_ARG(o->name));
    *ret = value_dig(answer, "actions");
    return 0;
}

/* Rows of the table, or of the list that the other formats print. */
struct listing {
    struct output_table *table;
    struct value_builder list;
};

static void put_action(struct listing *l, const struct object *o, const struct value *action)
{
    bool disabled = value_bool(value_dig(action, "disabled"), false);
    struct str name = value_dig_str(action, "name");
    const struct str cells[] = {o->group, o->kind, o->name, name,
                                disabled ? STR("true") : STR("false")};
    output_table_row(l->table, cells);
    value_build_map(&l->list);
    value_build_field_str(&l->list, "Group", o->group);
    value_build_field_str(&l->list, "Kind", o->kind);
    value_build_field_str(&l->list, "Name", o->name);
    value_build_field_str(&l->list, "Action", name);
    value_build_field_bool(&l->list, "Disabled", disabled);
    value_build_end(&l->list);
}

int cmd_app_actions_list(struct cli *cli, struct err *err)
{
    static const char *const HEADERS[] = {"GROUP", "KIND", "NAME", "ACTION", "DISABLED", NULL};
    const struct list_flags *flags = cli->flags;
    enum output_format format = output_format_of(flags->out);
    struct app_ref ref;
    object_vec objects = {0};
    TRY(begin(cli, &flags->choice, &ref, err));
    TRY(find_objects(cli, &ref, &flags->choice, &objects, err));
    struct listing l = {.table = output_table_new(cli->arena, HEADERS)};
    value_builder_init(&l.list, cli->arena, VALUE_DUP_LAST);
    value_build_list(&l.list);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < objects.n; i++) {
        const struct value *actions = NULL;
        rc = fetch_actions(cli, &ref, &objects.items[i], &actions, err);
        VALUE_FOREACH(actions, action) {
            put_action(&l, &objects.items[i], action);
        }
    }
    value_build_end(&l.list);
    if (rc == 0 && output_is_structured(format)) {
        rc = output_value(&cli->out, value_build_finish(&l.list), format, err);
    } else if (rc == 0) {
        output_table_print(l.table, &cli->out);
    }
    value_builder_done(&l.list);
    return rc < 0 ? rc : CLI_EXIT_OK;
}

/* ---- run ---- */

static int
read_params(struct cli *cli, struct flag_list params, const struct value **ret, struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, cli->arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < params.n; i++) {
        struct str name;
        struct str value;
        if (!str_cut(str_from(params.items[i]), '=', &name, &value)) {
            return err_set(err, ERR_INVALID, "--param '%s' is not KEY=VALUE", params.items[i]);
        }
        value_build_map(&b);
        value_build_field_str(&b, "name", name);
        value_build_field_str(&b, "value", value);
        value_build_end(&b);
    }
    value_build_end(&b);
    *ret = value_build_finish(&b);
    return 0;
}

static int run_one(struct cli *cli,
                   const struct app_ref *ref,
                   const struct object *o,
                   const struct value *params,
                   struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, cli->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str_opt(&b, "appNamespace", ref->namespace);
    value_build_field_str(&b, "namespace", o->namespace);
    value_build_field_str(&b, "resourceName", o->name);
    value_build_field_str(&b, "version", o->version);
    value_build_field_str(&b, "group", o->group);
    value_build_field_str(&b, "kind", o->kind);
    value_build_field_str(&b, "action", str_from(cli->args.items[1]));
    if (value_len(params) > 0) {
        value_build_field(&b, "resourceActionParameters", params);
    }
    value_build_end(&b);
    struct client_request request = {
        .method = "POST",
        .path = app_ref_path(cli->arena, ref, "resource/actions/v2", NULL),
        .body = value_build_finish(&b),
    };
    TRY_IN(client_call(cli->client, cli->arena, &request, NULL, err), err, STR_FMT " '" STR_FMT "'",
           STR_ARG(o->kind), STR_ARG(o->name));
    return 0;
}

static int check_objects(const struct run_flags *flags, const object_vec *objects, struct err *err)
{
    if (objects->n > 1 && !flags->all) {
        return err_set(err, ERR_INVALID,
                       "Multiple resources match inputs. Use the --all flag to run the action on "
                       "multiple resources");
    }
    for (size_t i = 1; i < objects->n; i++) {
        if (!str_eq(objects->items[i].group, objects->items[0].group)) {
            return err_set(err, ERR_INVALID,
                           "Ambiguous resource group. Use flag --group to specify resource group "
                           "explicitly.");
        }
    }
    return 0;
}

int cmd_app_actions_run(struct cli *cli, struct err *err)
{
    const struct run_flags *flags = cli->flags;
    const struct value *params = NULL;
    struct app_ref ref;
    object_vec objects = {0};
    if (flags->choice.kind == NULL) {
        return err_set(err, ERR_INVALID, "--kind is required");
    }
    TRY(read_params(cli, flags->params, &params, err));
    TRY(begin(cli, &flags->choice, &ref, err));
    TRY(find_objects(cli, &ref, &flags->choice, &objects, err));
    TRY(check_objects(flags, &objects, err));
    for (size_t i = 0; i < objects.n; i++) {
        TRY(run_one(cli, &ref, &objects.items[i], params, err));
    }
    return CLI_EXIT_OK;
}
