/* .Capabilities: versions of Kubernetes, API versions, what templates see of them. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "engine/helm/capabilities.h"
#include "engine/template/func.h"
#include "tests/lib/check.h"

static const struct {
    const char *text;
    const char *version;
    const char *normalized;
    const char *minor;
} VERSIONS[] = {
    {"1.30.1", "v1.30.1", "v1.30.1", "30"},
    {"v1.31.2-eks-abc", "v1.31.2-eks-abc", "v1.31.2", "31"},
    {"v1.29.0+k3s1", "v1.29.0+k3s1", "v1.29.0", "29"},
    {"1.27", "v1.27", "v1.27", "27"},
    {"1.27+", "v1.27+", "v1.27", "27"},
    {"1.27.", "v1.27.", "v1.27", "27"},
};

static void versions_lose_their_suffix(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kube_version v;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(VERSIONS); i++) {
        ASSERT_OK(kube_version_parse(arena, str_from(VERSIONS[i].text), &v, &err));
        ASSERT_STR(v.version, VERSIONS[i].version);
        ASSERT_STR(v.normalized, VERSIONS[i].normalized);
        ASSERT_STR(v.major, "1");
        ASSERT_STR(v.minor, VERSIONS[i].minor);
    }
    ASSERT_ERR(kube_version_parse(arena, STR("one"), &v, &err), ERR_INVALID, "'one'");
    ASSERT_ERR(kube_version_parse(arena, STR("1"), &v, &err), ERR_INVALID, "'1'");
    ASSERT_OK(kube_version_parse(arena, STR_EMPTY, &v, &err));
    ASSERT_STR(v.major, "1");
}

static struct tval field(struct tval obj, const char *name)
{
    struct tval ret = tval_nil();
    assert_int_equal(obj.kind, TVAL_OBJECT);
    assert_true(obj.obj->class->field(NULL, obj.obj->data, str_from(name), &ret));
    return ret;
}

static struct tval ask(struct tval obj, const char *name)
{
    const struct tmethod *method = tmethod_find(obj.obj->class, str_from(name));
    struct tval ret = tval_nil();
    struct err err;
    assert_string_equal(method->params, "");
    ASSERT_OK(method->fn(NULL, obj.obj->data, NULL, 0, &ret, &err));
    return ret;
}

static bool has(struct tval versions, const char *name)
{
    struct err err;
    struct tval ret = tval_nil();
    struct tval arg = tval_str(str_from(name));
    const struct tclass *class = versions.list->class;
    const struct tmethod *method = tmethod_find(class, STR("Has"));
    assert_string_equal(method->params, "s");
    ASSERT_OK(method->fn(NULL, versions.list->class_data, &arg, 1, &ret, &err));
    return ret.b;
}

static void templates_see_fields_and_methods(void **state UNUSED)
{
    static const struct str EXTRA[] = {{"example.com/v1", 14}};
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    const struct capabilities *c = NULL;
    struct err err;
    ASSERT_OK(capabilities_make(arena, STR("v1.33.4-gke.1"), EXTRA, 1, &c, &err));
    struct tval obj = capabilities_object(arena, c);
    struct tval kube = field(obj, "KubeVersion");
    ASSERT_STR(field(kube, "Version").s, "v1.33.4-gke.1");
    ASSERT_STR(ask(kube, "GitVersion").s, "v1.33.4-gke.1");
    ASSERT_STR(ask(kube, "String").s, "v1.33.4");
    ASSERT_STR(field(kube, "Minor").s, "33");
    buf_init(&out, 10000);
    tval_print(&out, kube);
    ASSERT_STR(buf_str(&out), "v1.33.4");
    tval_print(&out, obj);
    assert_int_equal(field(field(obj, "HelmVersion"), "Version").s.p[0], 'v');
    struct tval versions = field(obj, "APIVersions");
    assert_true(has(versions, "v1"));
    assert_true(has(versions, "policy/v1beta1"));
    assert_true(has(versions, "example.com/v1"));
    assert_false(has(versions, "apps/v1/Deployment"));
    assert_false(has(versions, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_lose_their_suffix),
        cmocka_unit_test(templates_see_fields_and_methods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
