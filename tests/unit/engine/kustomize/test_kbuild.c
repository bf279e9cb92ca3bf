/* Resource files. */
#include "common/base/budget.h"
#include "common/base/buf.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"
#include "tests/lib/parse.h"

struct fixture {
    struct arena *arena;
    struct budget budget;
    struct engine_env env;
    struct kbuild build;
};

static void setup(struct fixture *f)
{
    f->arena = arena_new();
    f->budget = budget_unlimited();
    f->env = (struct engine_env){.arena = f->arena, .budget = &f->budget};
    f->build = (struct kbuild){.env = &f->env, .schema = kschema_builtin()};
}

/* "name:line name:line" of what the text has. */
static int read_names(struct fixture *f, const char *text, struct str *ret, struct err *err)
{
    struct resmap *m = resmap_new(&f->env, kschema_builtin());
    AUTO(buf) struct buf b;
    buf_init(&b, 1000);
    TRY(kbuild_parse(&f->build, str_from(text), STR("f.yaml"), m, err));
    RESMAP_FOREACH(m, res)
    {
        buf_printf(&b, "%s" STR_FMT ":%u", b.n > 0 ? " " : "", STR_ARG(res->id.name), res->line);
    }
    *ret = buf_to_arena(&b, f->arena);
    return 0;
}

#define CM(name) "kind: ConfigMap\nmetadata: {name: " name "}\n"

static void splits_documents(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {CM("a"), "a:1"},
        {"---\n" CM("a") "--- # more\n" CM("b") "---\n---\n\n" CM("c") "---\n", "a:2 b:5 c:10"},
        {"kind: ConfigMap\r\nmetadata:\r\n  name: a\r\n---\r\n" CM("b"), "a:1 b:5"},
        {"# nothing\n---\n{}\n---\nnull\n", ""},
        {"", ""},
        /* a List alone is where it was; one among others goes behind them */
        {"kind: List\nitems:\n- " CM("a") "- kind: Pod\n  metadata: {name: b}\n", ""},
        {"kind: List\nitems:\n- kind: Pod\n  metadata: {name: a}\n- null\n", "a:3"},
        {"kind: PodList\nitems:\n- kind: Pod\n  metadata: {name: a}\n---\n" CM("b"), "b:6 a:3"},
        {"kind: PodList\nitems: null\n", ""},
        {"kind: PodList\nmetadata: {name: a}\n", "a:1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fixture f;
        struct err err;
        struct str names;
        setup(&f);
        if (strstr(CASES[i].text, "- kind: ConfigMap\nmetadata") == NULL) {
            ASSERT_OK(read_names(&f, CASES[i].text, &names, &err));
            ASSERT_STR(names, CASES[i].want);
        } else {
            ASSERT_ERR(read_names(&f, CASES[i].text, &names, &err), ERR_INVALID, "Malformed");
        }
        arena_free(f.arena);
    }
}

static void refuses(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *part;
    } CASES[] = {
        {"a: b: c\n",
         "f.yaml:1:5: MalformedYAMLError: yaml: mapping values are not allowed in this context"},
        {CM("a") "--- x\n" CM("b"), "invalid document separator: --- x"},
        {"text\n", "missing Resource metadata"},
        {"[a]\n", "missing Resource metadata"},
        {"a: b\n", "missing Resource metadata"},
        {"apiVersion: v1\nmetadata: {name: a, labels: {y: '2', x: '1'}}\n",
         "missing kind in object {{v1 } {{a } map[x:1 y:2] map[]}}"},
        {"---\n\nkind: Pod\n",
         "f.yaml:3: missing metadata.name in object {{ Pod} {{ } map[] map[]}}"},
        {"kind: PodList\nitems: 3\n", "expected array in PodList/items"},
        {CM("a") "---\n" CM("a"), "already registered id: ConfigMap.[noVer].[noGrp]/a.[noNs]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fixture f;
        struct err err;
        struct str names;
        setup(&f);
        ASSERT_ERR(read_names(&f, CASES[i].text, &names, &err), ERR_INVALID, CASES[i].part);
        arena_free(f.arena);
    }
}

static void wraps_without_cutting(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    setup(&f);
    (void)err_set(&err, ERR_INVALID, "cause");
    (void)err_at(&err, STR("f.yaml"), 1, 2);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(kbuild_wrap(&f.build, &err, "context %d", i), -ERR_INVALID);
    }
    struct str text = kbuild_take_error(&f.build, &err);
    assert_true(str_starts_with(text, STR("context 199: context 198: ")));
    assert_true(str_ends_with(text, STR(": context 0: cause")));
    ASSERT_STR(kbuild_take_error(&f.build, &err), "cause");
    arena_free(f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_documents),
        cmocka_unit_test(refuses),
        cmocka_unit_test(wraps_without_cutting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
