/* Argo CD's block as changes to a kustomization. */
#include "engine/kustomize/kustomize_source.h"
#include "tests/lib/kustomize_build.h"
#include "tests/lib/parse.h"

static const char DEPLOYMENT[] =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n"
    "  template:\n    spec:\n      containers: [{name: c, image: 'shop/web:1'}]\n";

static int build(struct kustomize_fixture *f,
                 const char *k,
                 const char *block,
                 const char *options,
                 struct err *err)
{
    static struct mem_file files[8];
    struct kustomize_result result;
    size_t n = 0;
    files[n++] = (struct mem_file){"app/kustomization.yaml", k};
    files[n++] = (struct mem_file){"app/d.yaml", DEPLOYMENT};
    files[n++] = (struct mem_file){
        "comp/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -comp\n"};
    files[n++] =
        (struct mem_file){"outside.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: o}\n"};
    files[n] = (struct mem_file){NULL, NULL};
    kustomize_fixture_init(f, files);
    f->env.app = (struct engine_app){.name = STR("shop"), .project = STR("p")};
    const struct value *source =
        parse_yaml(f->arena, arena_printf(f->arena, "{path: app, kustomize: %s}", block).p);
    TRY(kustomize_source_build(&f->env, STR("app"), source, str_from(options), &result, err));
    return kustomize_print(&f->env, &result, &f->text, err);
}

#define BASE "resources: [d.yaml]\n"

static void edits_in_memory(void **state UNUSED)
{
    static const struct {
        const char *k;
        const char *block;
        const char *part;
    } CASES[] = {
        {BASE "namePrefix: old-\n", "{namePrefix: new-, nameSuffix: -s}", "name: new-web-s\n"},
        {BASE, "{namespace: other}", "namespace: other\n"},
        {BASE, "{images: ['shop/web:2']}", "image: shop/web:2\n"},
        {BASE, "{images: ['shop/web=mirror/web:3']}", "image: mirror/web:3\n"},
        {BASE, "{images: ['shop/web@sha256:0a']}", "image: shop/web@sha256:0a\n"},
        {BASE, "{images: ['shop/web:${ARGOCD_APP_NAME}']}", "image: shop/web:shop\n"},
        {BASE "images: [{name: shop/web, newName: kept/web, newTag: v1}]\n",
         "{images: ['shop/web=*:v2']}", "image: kept/web:v2\n"},
        {BASE "images: [{name: shop/web, newTag: v1}]\n", "{images: ['shop/web:v2']}",
         "image: shop/web:v2\n"},
        {BASE, "{replicas: [{name: web, count: 4}]}", "replicas: 4\n"},
        {BASE "replicas: [{name: web, count: 2}]\n", "{replicas: [{name: web, count: '5'}]}",
         "replicas: 5\n"},
        {BASE, "{commonLabels: {a: $ARGOCD_APP_NAME}}", "matchLabels:\n      a: shop\n"},
        {BASE, "{commonLabels: {a: b}, labelWithoutSelector: true}",
         "labels:\n    a: b\n  name: web\n"},
        {BASE "labels: [{pairs: {x: z}, includeTemplates: true}]\n",
         "{commonLabels: {a: b}, labelWithoutSelector: true, labelIncludeTemplates: true}",
         "labels:\n        a: b\n        x: z\n"},
        {BASE "commonLabels: {a: old}\n", "{commonLabels: {a: new}, forceCommonLabels: true}",
         "a: new\n"},
        {BASE, "{commonAnnotations: {a: $ARGOCD_APP_NAME}}", "a: $ARGOCD_APP_NAME\n"},
        {BASE, "{commonAnnotations: {a: $ARGOCD_APP_NAME}, commonAnnotationsEnvsubst: true}",
         "a: shop\n"},
        {BASE "commonAnnotations: {a: old}\n",
         "{commonAnnotations: {a: new}, forceCommonAnnotations: true}", "a: new\n"},
        {BASE "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"add\", \"path\": "
              "\"/one\", \"value\": 1}]'}]\n",
         "{patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"move\", \"from\": \"/one\", "
         "\"path\": \"/two\"}]'}]}",
         "two: 1\n"},
        {BASE, "{components: [../comp]}", "name: web-comp\n"},
        {BASE, "{components: [../comp, ../none], ignoreMissingComponents: true}",
         "name: web-comp\n"},
        {BASE "components: [../comp]\n", "{components: [../comp]}", "name: web-comp\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustomize_fixture f;
        struct err err;
        ASSERT_OK(build(&f, CASES[i].k, CASES[i].block, "", &err));
        if (str_find(f.text, str_from(CASES[i].part)) == STR_NONE) {
            fail_msg("%s: no '%s' in\n" STR_FMT, CASES[i].block, CASES[i].part, STR_ARG(f.text));
        }
        kustomize_fixture_done(&f);
    }
}

static void refuses(void **state UNUSED)
{
    static const struct {
        const char *k;
        const char *block;
        const char *options;
        enum err_code code;
        const char *part;
    } CASES[] = {
        {BASE "commonLabels: {a: old}\n", "{commonLabels: {a: new}}", "", ERR_INVALID,
         "label a already in kustomization file"},
        {BASE "labels: [{pairs: {a: old}}]\n",
         "{commonLabels: {a: new}, labelWithoutSelector: true}", "", ERR_INVALID,
         "label a already in kustomization file"},
        {BASE "commonAnnotations: {a: old}\n", "{commonAnnotations: {a: new}}", "", ERR_INVALID,
         "annotation a already in kustomization file"},
        {BASE, "{commonLabels: {a: b}, labelIncludeTemplates: true}", "", ERR_INVALID,
         "--without-selector flag must be specified"},
        {BASE, "{images: [web]}", "", ERR_INVALID, "invalid format of image"},
        {BASE, "{replicas: [{name: web, count: many}]}", "", ERR_INVALID, "not a whole number"},
        {BASE, "{components: [../none]}", "", ERR_NOT_FOUND, "component '../none'"},
        {BASE, "{namePrefix: [a]}", "", ERR_INVALID, "source.kustomize.namePrefix"},
        {"resources: [../outside.yaml]\n", "{}", "", ERR_DENIED, "security; file"},
        {BASE, "{}", "--enable-alpha-plugins", ERR_UNSUPPORTED, "kustomize.buildOptions"},
        {BASE, "{}", "--what", ERR_INVALID, "unknown flag: --what"},
        {BASE, "{}", "--load-restrictor some", ERR_INVALID, "illegal flag value"},
        {BASE, "{}", "--reorder=up", ERR_INVALID, "illegal flag value"},
        {"- a list\n", "{namePrefix: a}", "", ERR_INVALID, "cannot unmarshal array"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustomize_fixture f;
        struct err err;
        int rc = build(&f, CASES[i].k, CASES[i].block, CASES[i].options, &err);
        if (rc != -(int)CASES[i].code) {
            fail_msg("%s %s %s: %d", CASES[i].k, CASES[i].block, CASES[i].options, rc);
        }
        check_contains(&err, CASES[i].part);
        kustomize_fixture_done(&f);
    }
}

static void takes_build_options(void **state UNUSED)
{
    struct kustomize_fixture f;
    struct err err;
    ASSERT_OK(build(&f, "resources: [../outside.yaml]\n", "{}",
                    " --enable-helm  --load-restrictor LoadRestrictionsNone --reorder=none "
                    "--enable-managedby-label --helm-command helm3",
                    &err));
    assert_true(str_find(f.text, STR("managed-by: kustomize-")) != STR_NONE);
    kustomize_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_in_memory),
        cmocka_unit_test(refuses),
        cmocka_unit_test(takes_build_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
