/* Helm's default list of API versions is that of client-go's scheme: group versions without kinds, old ones that
 * no cluster serves any more among them. Charts ask for those, so they are part of the behaviour. */
#include "engine/helm/capabilities.h"

#include "engine/template/func.h"

/* The release whose behaviour is matched. */
#define HELM_VERSION        "v4.2.4"
#define GO_VERSION          "go1.26"
#define KUBE_CLIENT_VERSION "v1.36"

static const struct str DEFAULT_KUBE_VERSION = {KUBE_CLIENT_VERSION ".0",
                                                sizeof(KUBE_CLIENT_VERSION ".0") - 1};

static const char *const API_VERSIONS[] = {
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
};

/* ---- versions ---- */

/* The digits at the start of *rest, which moves behind them. */
static struct str take_digits(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9') {
        n++;
    }
    struct str digits = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return digits;
}

int kube_version_parse(struct arena *arena,
                       struct str text,
                       struct kube_version *ret,
                       struct err *err)
{
    struct kube_version v = {0};
    struct str number = text.n > 0 ? text : DEFAULT_KUBE_VERSION;
    (void)str_cut_prefix(&number, STR("v")); /* optional */
    struct str rest = number;
    v.major = take_digits(&rest);
    bool has_minor = str_cut_prefix(&rest, STR("."));
    v.minor = take_digits(&rest);
    struct str behind = rest;
    if (v.major.n == 0 || !has_minor || v.minor.n == 0) {
        return err_set(err, ERR_INVALID, "invalid kube version '" STR_FMT "'", STR_ARG(text));
    }
    if (str_cut_prefix(&behind, STR(".")) && take_digits(&behind).n > 0) {
        rest = behind;
    }
    v.version = arena_printf(arena, "v" STR_FMT, STR_ARG(number));
    v.normalized = str_sub(v.version, 0, v.version.n - rest.n);
    *ret = v;
    return 0;
}

int capabilities_make(struct arena *arena,
                      struct str kube_version,
                      const struct str *extra,
                      size_t n_extra,
                      const struct capabilities **ret,
                      struct err *err)
{
    struct capabilities *c = ARENA_NEW(arena, struct capabilities);
    struct str *versions =
        arena_calloc(arena, ARRAY_LEN(API_VERSIONS) + n_extra, sizeof(*versions));
    TRY(kube_version_parse(arena, kube_version, &c->kube, err));
    for (size_t i = 0; i < ARRAY_LEN(API_VERSIONS); i++) {
        versions[i] = str_from(API_VERSIONS[i]);
    }
    for (size_t i = 0; i < n_extra; i++) {
        versions[ARRAY_LEN(API_VERSIONS) + i] = extra[i];
    }
    c->api_versions = versions;
    c->n_api_versions = ARRAY_LEN(API_VERSIONS) + n_extra;
    *ret = c;
    return 0;
}

/* ---- objects ---- */

static bool kube_field(struct tcall *call UNUSED, void *data, struct str name, struct tval *ret)
{
    const struct kube_version *v = data;
    if (str_eq_c(name, "Version")) {
        *ret = tval_str(v->version);
    } else if (str_eq_c(name, "Major")) {
        *ret = tval_str(v->major);
    } else if (str_eq_c(name, "Minor")) {
        *ret = tval_str(v->minor);
    } else {
        return false;
    }
    return true;
}

static void kube_print(const void *data, struct buf *out)
{
    buf_put(out, ((const struct kube_version *)data)->normalized);
}

static int kube_git_version(TMETHOD_PARAMS)
{
    *ret = tval_str(((const struct kube_version *)data)->version);
    return 0;
}

static int kube_string(TMETHOD_PARAMS)
{
    *ret = tval_str(((const struct kube_version *)data)->normalized);
    return 0;
}

static const struct tmethod KUBE_METHODS[] = {
    {"GitVersion", "", kube_git_version},
    {"String", "", kube_string},
    {NULL, NULL, NULL},
};

static const struct tclass KUBE_VERSION = {
    .type = "common.KubeVersion",
    .kind = "struct",
    .field = kube_field,
    .methods = KUBE_METHODS,
    .print = kube_print,
};

static bool
helm_field(struct tcall *call UNUSED, void *data UNUSED, struct str name, struct tval *ret)
{
    static const struct {
        const char *name;
        const char *text;
    } FIELDS[] = {
        {"Version", HELM_VERSION},
        {"GitCommit", ""},
        {"GitTreeState", "clean"},
        {"GoVersion", GO_VERSION},
        {"KubeClientVersion", KUBE_CLIENT_VERSION},
    };
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++) {
        if (str_eq_c(name, FIELDS[i].name)) {
            *ret = tval_str(str_from(FIELDS[i].text));
            return true;
        }
    }
    return false;
}

static void helm_print(const void *data UNUSED, struct buf *out)
{
    buf_put_c(out, "{" HELM_VERSION "  clean " GO_VERSION " " KUBE_CLIENT_VERSION "}");
}

static const struct tclass HELM_BUILD = {
    .type = "version.BuildInfo",
    .kind = "struct",
    .field = helm_field,
    .print = helm_print,
};

static int versions_has(TMETHOD_PARAMS)
{
    const struct capabilities *c = data;
    bool found = false;
    for (size_t i = 0; i < c->n_api_versions && !found; i++) {
        found = str_eq(c->api_versions[i], args[0].s);
    }
    *ret = tval_bool(found);
    return 0;
}

static const struct tmethod VERSIONS_METHODS[] = {{"Has", "s", versions_has}, {NULL, NULL, NULL}};

static const struct tclass VERSION_SET = {
    .type = "common.VersionSet",
    .kind = "slice",
    .methods = VERSIONS_METHODS,
};

/* The fields of Capabilities are looked up often: made once. */
struct fields {
    struct tval kube;
    struct tval versions;
    struct tval helm;
};

static bool
capabilities_field(struct tcall *call UNUSED, void *data, struct str name, struct tval *ret)
{
    const struct fields *f = data;
    if (str_eq_c(name, "KubeVersion")) {
        *ret = f->kube;
    } else if (str_eq_c(name, "APIVersions")) {
        *ret = f->versions;
    } else if (str_eq_c(name, "HelmVersion")) {
        *ret = f->helm;
    } else {
        return false;
    }
    return true;
}

static void capabilities_print(const void *data, struct buf *out)
{
    const struct fields *f = data;
    buf_put_c(out, "&{");
    tval_print(out, f->kube);
    buf_put_c(out, " ");
    tval_print(out, f->versions);
    buf_put_c(out, " ");
    tval_print(out, f->helm);
    buf_put_c(out, "}");
}

static const struct tclass CAPABILITIES = {
    .type = "*common.Capabilities",
    .kind = "ptr",
    .field = capabilities_field,
    .print = capabilities_print,
};

struct tval capabilities_object(struct arena *arena, const struct capabilities *c)
{
    struct capabilities *data = ARENA_NEW(arena, struct capabilities);
    struct fields *f = ARENA_NEW(arena, struct fields);
    *data = *c;
    f->kube = tval_obj(arena, &KUBE_VERSION, &data->kube);
    f->helm = tval_obj(arena, &HELM_BUILD, NULL);
    f->versions = tval_strings(arena, data->api_versions, data->n_api_versions);
    f->versions.list->class = &VERSION_SET;
    f->versions.list->class_data = data;
    return tval_obj(arena, &CAPABILITIES, f);
}
