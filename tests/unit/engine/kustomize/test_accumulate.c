/* Bases, components and remotes. What comes of them is in the cases of test_kustomize.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/kustomize/accumulate.h"
#include "tests/lib/kustomize_build.h"

#define CM(name) "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " name "}\n"

static const struct mem_file REMOTE[] = {
    {"deploy/kustomization.yaml", "resources: [a.yaml, ../shared]\n"},
    {"deploy/a.yaml", CM("remote")},
    {"shared/kustomization.yaml", "resources: [b.yaml]\n"},
    {"shared/b.yaml", CM("shared")},
    {"escape/kustomization.yaml", "resources: [../../x]\n"},
    {NULL, NULL},
};
static struct mem_tree remote_tree;
static size_t n_asked;
static bool is_here;

static int on_remote(struct engine_env *env UNUSED,
                     const struct engine_remote *what,
                     struct engine_remote_result *ret,
                     struct err *err)
{
    n_asked++;
    if (!is_here) {
        return err_set(err, ERR_UNAVAILABLE, "not here yet");
    }
    remote_tree = mem_tree_of(REMOTE);
    *ret = (struct engine_remote_result){.files = &remote_tree.files};
    if (what->type == ENGINE_REMOTE_FILE) {
        if (str_find(what->url, STR("file.yaml")) == STR_NONE) {
            return err_set(err, ERR_NOT_FOUND, "no such page");
        }
        ret->bytes = STR(CM("from-web"));
    }
    return 0;
}

static void enters_remotes(void **state UNUSED)
{
    static const struct mem_file FILES[] = {
        {"kustomization.yaml",
         "resources:\n- https://git.example.com/team/app/deploy?ref=v1\n"
         "- https://files.example.com/file.yaml\nbuildMetadata: [originAnnotations]\n"},
        {NULL, NULL},
    };
    struct kustomize_fixture f;
    struct err err;
    kustomize_fixture_init(&f, FILES);
    f.env.remote = on_remote;
    is_here = true;
    ASSERT_OK(kustomize_fixture_build(&f, "", &err));
    static const char *const PARTS[] = {
        "name: remote\n",
        "name: shared\n",
        "name: from-web\n",
        "path: deploy/a.yaml\n      repo: https://git.example.com/team/app\n      ref: v1\n",
        "path: shared/b.yaml\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
        if (str_find(f.text, str_from(PARTS[i])) == STR_NONE) {
            fail_msg("no '%s' in\n" STR_FMT, PARTS[i], STR_ARG(f.text));
        }
    }
    kustomize_fixture_done(&f);
}

static void asks_for_all_before_it_gives_up(void **state UNUSED)
{
    static const struct mem_file FILES[] = {
        {"kustomization.yaml",
         "resources:\n- base\n- ssh://git.example.com/a/one\n- ssh://git.example.com/a/two\n"
         "components:\n- ssh://git.example.com/a/three\n"},
        {"base/kustomization.yaml", "resources: [ssh://git.example.com/a/four]\n"},
        {NULL, NULL},
    };
    struct kustomize_fixture f;
    struct err err;
    kustomize_fixture_init(&f, FILES);
    f.env.remote = on_remote;
    n_asked = 0;
    is_here = false;
    ASSERT_ERR(kustomize_fixture_build(&f, "", &err), ERR_UNAVAILABLE, "not here yet");
    assert_int_equal(n_asked, 4);
    kustomize_fixture_done(&f);
}

static void refuses(void **state UNUSED)
{
    static const struct {
        const char *top;
        const char *part;
    } CASES[] = {
        {"resources: [ssh://git.example.com/a/b//escape]\n", "leads out of the source"},
        {"components: [base]\n",
         "accumulateDirectory: \"expected kind 'Component' for path '/base' but got "
         "'Kustomization'\""},
        {"components: [none]\n", "accumulating components: loader.New \"must build at directory"},
        {"resources: [base]\nopenapi: {path: s, version: v1.21.2}\n",
         "builtin version and custom schema provided, cannot use both"},
        {"resources: [base]\nopenapi: {version: v9}\n",
         "the specified OpenAPI version is not built in"},
        {"resources: [base]\nopenapi: {path: s.json}\n", "lstat /s.json: no such file"},
        {"resources: [base]\nconfigurations: [c.yaml]\n", "unknown field \"what\""},
        {"resources: [base, base]\n",
         "recursed merging from path '/base': may not add resource with an already registered id"},
        {"resources: [base]\ntransformers: ['{apiVersion: builtin, kind: No, metadata: {name: "
         "x}}']\n",
         "unable to load builtin No.builtin.[noGrp]"},
        {"resources: [base]\nvalidators: ['{apiVersion: builtin, kind: LabelTransformer, metadata: "
         "{name: x}, labels: {a: b}, fieldSpecs: [{path: metadata/labels, create: true}]}']\n",
         "validator shouldn't modify the resource map"},
        {"resources: [base]\nvars: [{name: A}, {name: A}]\n",
         "merging vars: var 'A' already encountered"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct mem_file files[] = {
            {"kustomization.yaml", CASES[i].top},
            {"base/kustomization.yaml", "resources: [a.yaml]\n"},
            {"base/a.yaml", CM("a")},
            {"c.yaml", "what: 1\n"},
            {NULL, NULL},
        };
        struct kustomize_fixture f;
        struct err err;
        kustomize_fixture_init(&f, files);
        f.env.remote = on_remote;
        is_here = true;
        int rc = kustomize_fixture_build(&f, "", &err);
        if (rc == 0 || str_find(f.error_text, str_from(CASES[i].part)) == STR_NONE) {
            fail_msg("error is\n" STR_FMT "\nwanted\n%s", STR_ARG(f.error_text), CASES[i].part);
        }
        kustomize_fixture_done(&f);
    }
}

static void stops_at_its_limits(void **state UNUSED)
{
    enum { LAYERS = 40 };
    /* each layer names the next one twice */
    static char names[LAYERS][2][64];
    static struct mem_file files[2 * LAYERS + 1];
    for (int i = 0; i < LAYERS; i++) {
        static const char TEXT[] = "resources: [../%02da, ../%02db]\n";
        for (int j = 0; j < 2; j++) {
            struct mem_file *file = &files[2 * i + j];
            (void)snprintf(names[i][j], sizeof(names[i][j]), "%02d%c/kustomization.yaml", i,
                           'a' + j);
            file->path = names[i][j];
            char *text = malloc(64);
            if (i == LAYERS - 1) {
                (void)snprintf(text, 64, "namePrefix: x\n");
            } else {
                (void)snprintf(text, 64, TEXT, i + 1, i + 1);
            }
            file->text = text;
        }
    }
    struct kustomize_fixture f;
    struct err err;
    kustomize_fixture_init(&f, files);
    f.budget.depth = LAYERS * 2;
    ASSERT_ERR(kustomize_fixture_build(&f, "00a", &err), ERR_LIMIT, "directories in one build");
    kustomize_fixture_done(&f);
    kustomize_fixture_init(&f, files);
    f.budget.depth = 5;
    ASSERT_ERR(kustomize_fixture_build(&f, "00a", &err), ERR_LIMIT, "");
    kustomize_fixture_done(&f);
    for (size_t i = 0; i < ARRAY_LEN(files) - 1; i++) {
        free((void *)(uintptr_t)files[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enters_remotes),
        cmocka_unit_test(asks_for_all_before_it_gives_up),
        cmocka_unit_test(refuses),
        cmocka_unit_test(stops_at_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
