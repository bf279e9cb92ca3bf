/* Requests in terms of HTTP, as a table. */
#include "common/base/arena.h"
#include "common/kube/kube_request.h"
#include "common/value/value.h"
#include "tests/lib/check.h"

#define DEPLOYMENTS                                                              \
    .group = {"apps", 4}, .version = {"v1", 2}, .resource = {"deployments", 11}, \
    .namespace = {"shop", 4}
#define WEB                               \
    {                                     \
        DEPLOYMENTS, .name = { "web", 3 } \
    }
#define TEXT(s)            \
    {                      \
        (s), sizeof(s) - 1 \
    }

static const struct {
    struct kube_request request;
    const char *method;
    const char *path;
    const char *type; /* content type, NULL = none */
    const char *body; /* NULL = none */
    enum kube_repeat repeat;
} WIRES[] = {
    {{.verb = KUBE_GET, .target = WEB},
     "GET",
     "/apis/apps/v1/namespaces/shop/deployments/web",
     NULL,
     NULL,
     KUBE_REPEAT_IDEMPOTENT},
    {{.verb = KUBE_GET,
      .target = {.version = TEXT("v1"), .resource = TEXT("nodes"), .name = TEXT("a:b/c d")}},
     "GET",
     "/api/v1/nodes/a%3Ab%2Fc%20d",
     NULL,
     NULL,
     KUBE_REPEAT_IDEMPOTENT},
    {{.verb = KUBE_CREATE,
      .target = {DEPLOYMENTS},
      .body_json = TEXT("{}"),
      .dry_run = true,
      .field_manager = TEXT("me"),
      .field_validation = KUBE_FIELDS_STRICT},
     "POST",
     "/apis/apps/v1/namespaces/shop/deployments?fieldManager=me&dryRun=All&fieldValidation=Strict",
     "application/json",
     "{}",
     KUBE_REPEAT_IDEMPOTENT},
    {{.verb = KUBE_CREATE, .target = {DEPLOYMENTS}, .body = &VALUE_EMPTY_MAP},
     "POST",
     "/apis/apps/v1/namespaces/shop/deployments",
     "application/json",
     "{}",
     KUBE_REPEAT_UNSEEN},
    {{.verb = KUBE_UPDATE, .target = WEB, .body_json = TEXT("{}")},
     "PUT",
     "/apis/apps/v1/namespaces/shop/deployments/web",
     "application/json",
     "{}",
     KUBE_REPEAT_UNSEEN},
    {{.verb = KUBE_PATCH,
      .target = {DEPLOYMENTS, .name = TEXT("web"), .subresource = TEXT("status")},
      .patch = KUBE_PATCH_MERGE,
      .body_json = TEXT("{}")},
     "PATCH",
     "/apis/apps/v1/namespaces/shop/deployments/web/status",
     "application/merge-patch+json",
     "{}",
     KUBE_REPEAT_IDEMPOTENT},
    {{.verb = KUBE_PATCH, .target = WEB, .patch = KUBE_PATCH_JSON, .body_json = TEXT("[]")},
     "PATCH",
     "/apis/apps/v1/namespaces/shop/deployments/web",
     "application/json-patch+json",
     "[]",
     KUBE_REPEAT_UNSEEN},
    {{.verb = KUBE_PATCH,
      .target = WEB,
      .patch = KUBE_PATCH_STRATEGIC,
      .body_json = TEXT("{}"),
      .force = true},
     "PATCH",
     "/apis/apps/v1/namespaces/shop/deployments/web",
     "application/strategic-merge-patch+json",
     "{}",
     KUBE_REPEAT_IDEMPOTENT},
    {{.verb = KUBE_PATCH,
      .target = WEB,
      .patch = KUBE_PATCH_APPLY,
      .body_json = TEXT("{}"),
      .force = true,
      .field_manager = TEXT("argocd controller")},
     "PATCH",
     "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=argocd%20controller&force=true",
     "application/apply-patch+yaml",
     "{}",
     KUBE_REPEAT_IDEMPOTENT},
    {{.verb = KUBE_DELETE, .target = WEB},
     "DELETE",
     "/apis/apps/v1/namespaces/shop/deployments/web",
     "application/json",
     "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\"}",
     KUBE_REPEAT_IDEMPOTENT},
    {{.verb = KUBE_DELETE,
      .target = WEB,
      .propagation = KUBE_PROPAGATION_FOREGROUND,
      .has_grace_period = true,
      .precondition_uid = TEXT("u"),
      .precondition_resource_version = TEXT("7"),
      .dry_run = true},
     "DELETE",
     "/apis/apps/v1/namespaces/shop/deployments/web",
     "application/json",
     "{\"apiVersion\":\"v1\",\"dryRun\":[\"All\"],\"gracePeriodSeconds\":0,"
     "\"kind\":\"DeleteOptions\",\"preconditions\":{\"resourceVersion\":\"7\",\"uid\":\"u\"},"
     "\"propagationPolicy\":\"Foreground\"}",
     KUBE_REPEAT_IDEMPOTENT},
    {{.raw_path = TEXT("/version")}, "GET", "/version", NULL, NULL, KUBE_REPEAT_IDEMPOTENT},
};

static void requests_become_http(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(WIRES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct kube_wire wire;
        struct err err;
        ASSERT_OK(kube_request_wire(arena, &WIRES[i].request, &wire, &err));
        assert_string_equal(wire.method, WIRES[i].method);
        ASSERT_STR(wire.path, WIRES[i].path);
        ASSERT_STR(http_header_find(wire.headers, STR("Content-Type")),
                   WIRES[i].type != NULL ? WIRES[i].type : "");
        ASSERT_STR(wire.body, WIRES[i].body != NULL ? WIRES[i].body : "");
        assert_int_equal(wire.repeat, WIRES[i].repeat);
    }
}

static const struct {
    struct kube_request request;
    const char *message;
} NONSENSE[] = {
    {{.verb = KUBE_GET, .target = {DEPLOYMENTS}}, "get deployments.apps shop: get needs a name"},
    {{.verb = KUBE_CREATE, .target = {DEPLOYMENTS}}, "create needs a body"},
    {{.verb = KUBE_GET, .target = WEB, .body_json = TEXT("{}")}, "get takes no body"},
    {{.verb = KUBE_LIST, .target = {DEPLOYMENTS}}, "list is not about one object"},
    {{.verb = KUBE_PATCH, .target = WEB, .patch = KUBE_PATCH_APPLY, .body_json = TEXT("{}")},
     "field manager"},
    {{.verb = KUBE_GET, .target = {DEPLOYMENTS, .name = TEXT("..")}}, "'..' cannot be a name"},
    {{.verb = KUBE_GET, .target = {.resource = TEXT("x"), .name = TEXT("y")}},
     "'' cannot be a version"},
};

static void nonsense_is_refused(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(NONSENSE); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct kube_wire wire;
        struct err err;
        ASSERT_ERR(kube_request_wire(arena, &NONSENSE[i].request, &wire, &err), ERR_INVALID,
                   NONSENSE[i].message);
    }
}

static const struct {
    struct kube_collection collection;
    const char *path;
    const char *accept;
} COLLECTIONS[] = {
    {{.verb = KUBE_LIST, .target = {DEPLOYMENTS}, .limit = 500},
     "/apis/apps/v1/namespaces/shop/deployments?limit=500",
     "application/json"},
    {{.verb = KUBE_LIST,
      .target = {.version = TEXT("v1"), .resource = TEXT("pods")},
      .metadata_only = true,
      .continue_token = TEXT("a=="),
      .field_selector = TEXT("a!=b")},
     "/api/v1/pods?continue=a%3D%3D&fieldSelector=a%21%3Db",
     "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"},
    {{.verb = KUBE_WATCH,
      .target = {.version = TEXT("v1"), .resource = TEXT("pods")},
      .metadata_only = true,
      .resource_version = TEXT("7"),
      .timeout_s = 300},
     "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=7",
     "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"},
    {{.verb = KUBE_WATCH,
      .target = {.version = TEXT("v1"), .resource = TEXT("pods")},
      .initial_events = true},
     "/api/v1/pods?watch=true&allowWatchBookmarks=true&sendInitialEvents=true"
     "&resourceVersionMatch=NotOlderThan",
     "application/json"},
};

static void lists_and_watches_become_http(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(COLLECTIONS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct kube_wire wire;
        struct err err;
        ASSERT_OK(kube_request_collection(arena, &COLLECTIONS[i].collection, &wire, &err));
        ASSERT_STR(wire.path, COLLECTIONS[i].path);
        ASSERT_STR(http_header_find(wire.headers, STR("Accept")), COLLECTIONS[i].accept);
    }
}

static void impersonation_is_a_header(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct str groups[] = {STR("g1"), STR("g2")};
    const struct kube_request request = {
        .verb = KUBE_GET,
        .target = WEB,
        .as_user = STR("system:serviceaccount:a:b"),
        .as_groups = groups,
        .n_as_groups = 2,
    };
    struct kube_wire wire;
    struct err err;
    ASSERT_OK(kube_request_wire(arena, &request, &wire, &err));
    assert_int_equal(wire.headers.n, 4);
    ASSERT_STR(http_header_find(wire.headers, STR("Impersonate-User")),
               "system:serviceaccount:a:b");
    ASSERT_STR(wire.headers.items[3].value, "g2");
}

static void targets_are_described(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct kube_target web = {DEPLOYMENTS, .name = TEXT("web"), .subresource = TEXT("scale")};
    const struct kube_target node = {.resource = TEXT("nodes"), .name = TEXT("n")};
    const struct kube_target all = {.resource = TEXT("nodes")};
    ASSERT_STR(kube_request_describe(arena, &web), "deployments.apps/scale shop/web");
    ASSERT_STR(kube_request_describe(arena, &node), "nodes n");
    ASSERT_STR(kube_request_describe(arena, &all), "nodes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_become_http),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(lists_and_watches_become_http),
        cmocka_unit_test(impersonation_is_a_header),
        cmocka_unit_test(targets_are_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
