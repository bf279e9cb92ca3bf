/* Actions run by a whole controller: what is written, in which order, and what is refused. */
#include "app-controller/actions.h"
#include "tests/lib/controller_call.h"

#define CONFIG                                                                                    \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm, namespace: argocd, labels: "   \
    "{app.kubernetes.io/part-of: argocd}}, data: {resource.customizations.actions.ConfigMap: "    \
    "\"{definitions: [{name: both, action.lua: 'obj.data.text = actionParams.to; obj.status = "   \
    "{seen = true}; return obj'}, {name: status, action.lua: 'obj.status = {seen = 1}; return "   \
    "obj'}, {name: none, action.lua: 'return obj'}, {name: make, action.lua: 'return {{operation" \
    " = [[create]], resource = {apiVersion = [[v1]], kind = actionParams.kind, metadata = {name"  \
    " = [[made]]}}}, {operation = [[patch]], resource = obj}}'}]}\"}}"

static char WEB[] = "web";
static char CONFIG_MAP_KIND[] = "ConfigMap";
static char A[] = "a";

static struct controller_call list(struct controller_fixture *f, Belay__ResourceRef *resource)
{
    Belay__AppRef app = controller_call_app(WEB);
    Belay__ListActionsRequest req;
    belay__list_actions_request__init(&req);
    req.app = &app;
    req.resource = resource;
    return controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_LIST_ACTIONS, &req.base);
}

/* On ConfigMap a, with one parameter. */
static struct controller_call
run(struct controller_fixture *f, char *action, char *name, char *value)
{
    Belay__AppRef app = controller_call_app(WEB);
    Belay__ResourceRef resource = controller_call_resource(CONFIG_MAP_KIND, A);
    Belay__ActionParameter param;
    Belay__ActionParameter *params = &param;
    belay__action_parameter__init(&param);
    param.name = name;
    param.value = value;
    Belay__RunActionRequest req;
    belay__run_action_request__init(&req);
    req.app = &app;
    req.resource = &resource;
    req.action = action;
    req.parameters = &params;
    req.n_parameters = 1;
    fake_cluster_forget_log(f->cluster);
    return controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_RUN_ACTION, &req.base);
}

static void begin(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster, CONFIG);
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "]", "");
}

static const struct value *map_a(struct controller_fixture *f)
{
    return fake_cluster_get(f->cluster, "ConfigMap", "ns", "a");
}

static void status_body(struct controller_fixture *f)
{
    static char both[] = "both";
    static char status[] = "status";
    static char none[] = "none";
    static char to[] = "to";
    static char two[] = "two";
    begin(f);
    assert_int_equal(run(f, both, to, two).code, ERR_OK);
    ASSERT_STR(value_dig_str(map_a(f), "data", "text"), "two");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH ", "/configmaps/a/status"), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH ", "{\"data\":{\"text\":\"two\"}}"), 1);

    fake_cluster_fail(f->cluster, "/configmaps/a/status", 1, 404, "NotFound");
    static char three[] = "three";
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", "{status: null}");
    assert_int_equal(run(f, both, to, three).code, ERR_OK); /* all of it in one patch */
    ASSERT_STR(value_dig_str(map_a(f), "data", "text"), "three");
    assert_true(value_bool(value_dig(map_a(f), "status", "seen"), false));

    fake_cluster_fail(f->cluster, "/configmaps/a/status", 1, 403, "Forbidden");
    static char four[] = "four";
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", "{status: null}");
    assert_int_equal(run(f, both, to, four).code, ERR_DENIED);
    ASSERT_STR(value_dig_str(map_a(f), "data", "text"), "three");

    assert_int_equal(run(f, status, to, two).code, ERR_OK);
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH ", "/configmaps/a"), 1);
    assert_int_equal(run(f, none, to, two).code, ERR_OK);
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH ", "/configmaps/a"), 0);
}

static void the_status_goes_its_own_way(void **state UNUSED)
{
    CONTROLLER_TEST(status_body);
}

static void create_body(struct controller_fixture *f)
{
    static char make[] = "make";
    static char kind[] = "kind";
    static char unknown[] = "Unknown";
    static char secret[] = "Secret";
    begin(f);
    struct controller_call c = run(f, make, kind, unknown);
    assert_int_equal(c.code, ERR_INVALID);
    assert_non_null(strstr(c.message, "the cluster does not have"));
    c = run(f, make, kind, secret);
    assert_int_equal(c.code, ERR_OK);
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", "dryRun=All"), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", "/namespaces/ns/secrets"), 2);
    assert_non_null(fake_cluster_get(f->cluster, "Secret", "ns", "made"));
    c = run(f, make, kind, secret); /* tried before anything is written */
    assert_int_equal(c.code, ERR_EXISTS);
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", ""), 1);
}

static void creations_are_tried_first(void **state UNUSED)
{
    CONTROLLER_TEST(create_body);
}

static void refuse_body(struct controller_fixture *f)
{
    static char make[] = "make";
    static char kind[] = "kind";
    static char secret[] = "Secret";
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: "
                     "default, namespace: argocd}, spec: {sourceRepos: ['*'], destinations: "
                     "[{server: '*', namespace: '*'}], namespaceResourceBlacklist: [{group: '', "
                     "kind: Secret}]}}");
    begin(f);
    struct controller_call c = run(f, make, kind, secret);
    assert_int_equal(c.code, ERR_DENIED);
    assert_non_null(strstr(c.message, "application is not permitted to manage /Secret/made in ns"));
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", ""), 0);
}

static void the_project_may_refuse(void **state UNUSED)
{
    CONTROLLER_TEST(refuse_body);
}

static void list_body(struct controller_fixture *f)
{
    static char deployment[] = "Deployment";
    static char apps[] = "apps";
    static char secret[] = "Secret";
    controller_fixture_synced(f,
                              "[{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, "
                              "spec: {replicas: 1}}]",
                              "");
    Belay__ResourceRef resource = controller_call_resource(deployment, A);
    resource.group = apps;
    struct controller_call c = list(f, &resource);
    assert_int_equal(c.code, ERR_OK);
    assert_int_equal(value_len(value_dig(c.json, "actions")), 4);
    resource = controller_call_resource(secret, A);
    assert_int_equal(list(f, &resource).code, ERR_NOT_FOUND);
    assert_int_equal(list(f, NULL).code, ERR_INVALID);
}

static void actions_are_listed(void **state UNUSED)
{
    CONTROLLER_TEST(list_body);
}

static void itself_body(struct controller_fixture *f)
{
    static char kind[] = "Application";
    static char group[] = "argoproj.io";
    static char namespace[] = "argocd";
    static char toggle[] = "toggle-auto-sync";
    static char empty[] = "";
    begin(f);
    Belay__AppRef app = controller_call_app(WEB);
    Belay__ResourceRef resource = controller_call_resource(kind, WEB);
    resource.group = group;
    resource.namespace_ = namespace;
    Belay__RunActionRequest req;
    belay__run_action_request__init(&req);
    req.app = &app;
    req.resource = &resource;
    req.action = empty;
    struct controller_call c =
        controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_RUN_ACTION, &req.base);
    assert_int_equal(c.code, ERR_INVALID);
    req.action = toggle;
    c = controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_RUN_ACTION, &req.base);
    assert_int_equal(c.code, ERR_OK);
    assert_non_null(value_dig(controller_fixture_get(f, "web"), "spec", "syncPolicy", "automated"));
}

static void the_application_has_actions_itself(void **state UNUSED)
{
    CONTROLLER_TEST(itself_body);
}

static void impersonate_body(struct controller_fixture *f)
{
    static char none[] = "none";
    static char to[] = "to";
    static char two[] = "two";
    struct controller_call c;
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "]", "");
    fake_cluster_put(f->cluster,
                     "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm, namespace: "
                     "argocd, labels: {app.kubernetes.io/part-of: argocd}}, data: "
                     "{application.sync.impersonation.enabled: 'true'}}");
    do {
        c = run(f, none, to, two);
    } while (c.code == ERR_NOT_FOUND); /* there is no such action; that comes second */
    assert_int_equal(c.code, ERR_DENIED);
    assert_non_null(strstr(c.message, "no matching service account"));
}

static void writes_need_the_service_account_of_the_project(void **state UNUSED)
{
    CONTROLLER_TEST(impersonate_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_status_goes_its_own_way),
        cmocka_unit_test(creations_are_tried_first),
        cmocka_unit_test(the_project_may_refuse),
        cmocka_unit_test(actions_are_listed),
        cmocka_unit_test(writes_need_the_service_account_of_the_project),
        cmocka_unit_test(the_application_has_actions_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
