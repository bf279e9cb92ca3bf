/* The way a pair is compared, and what it asks for. */
#include "app-controller/how.h"
#include "tests/lib/parse.h"

static const char LIVE[] =
    "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: ns, resourceVersion: '1'}}";

struct world {
    struct arena *arena;
    struct application app;
    struct how how;
};

static void begin(struct world *w, const char *app)
{
    struct err err;
    w->arena = arena_new();
    const struct value *obj = parse_yaml(w->arena, app);
    ASSERT_OK(application_decode(w->arena, obj, &w->app, &err));
    w->how = (struct how){.arena = w->arena, .app = &w->app, .object = obj};
}

#define APP(compare, options)                                                          \
    "{metadata: {name: x, annotations: {argocd.argoproj.io/compare-options: '" compare \
    "'}}, spec: {project: default, destination: {}, syncPolicy: {syncOptions: [" options "]}}}"

static void the_way_is_chosen(void **state UNUSED)
{
    static const struct {
        const char *app;
        bool by_default;
        const char *target_options;
        enum diff_mode want;
    } CASES[] = {
        {APP("", ""), false, "", DIFF_THREE_WAY},
        {APP("", ""), true, "", DIFF_SERVER_SIDE},
        {APP("ServerSideDiff=false", ""), true, "", DIFF_THREE_WAY},
        {APP("ServerSideDiff=true,IncludeMutationWebhook=true", "ServerSideApply=true"), false, "",
         DIFF_SERVER_SIDE},
        {APP("", "ServerSideApply=true"), false, "", DIFF_STRUCTURED},
        {APP("", ""), false, "ServerSideApply=true", DIFF_STRUCTURED},
        {APP("", "ServerSideApply=true"), false, "ServerSideApply=false", DIFF_THREE_WAY},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct world w;
        begin(&w, CASES[i].app);
        w.how.server_side = CASES[i].by_default;
        struct str target =
            arena_printf(w.arena,
                         "{apiVersion: v1, kind: Service, metadata: {name: a, annotations: "
                         "{argocd.argoproj.io/sync-options: '%s'}}}",
                         CASES[i].target_options);
        assert_int_equal(how_mode(&w.how, parse_yaml(w.arena, target.p), parse_yaml(w.arena, LIVE)),
                         CASES[i].want);
        arena_free(w.arena);
    }
}

static void
compare(struct world *w, const char *target, const struct value **live, struct diff_opts *opts)
{
    struct err err;
    *opts = (struct diff_opts){0};
    ASSERT_OK(how_compare(&w->how, parse_yaml(w->arena, target), live, opts, &err));
}

static void a_dry_run_is_asked_for_once(void **state UNUSED)
{
    struct world w;
    struct diff_opts opts;
    struct err err;
    begin(&w, APP("ServerSideDiff=true,IncludeMutationWebhook=true", ""));
    const struct value *live = parse_yaml(w.arena, LIVE);
    compare(&w, LIVE, &live, &opts);
    compare(&w, LIVE, &live, &opts);
    assert_true(how_has_questions(&w.how));
    assert_int_equal(w.how.answers.n, 1);
    AUTO(doc) struct doc *doc = doc_copy_of(live);
    w.how.answers.items[0].doc = doc;
    assert_false(how_has_questions(&w.how));
    compare(&w, LIVE, &live, &opts);
    assert_ptr_equal(opts.answer, doc_root(doc));
    assert_true(opts.keep_mutations);
    struct err cause;
    (void)err_set(&cause, ERR_DENIED, "no way");
    w.how.answers.items[0].doc = NULL;
    w.how.answers.items[0].err = &cause;
    ASSERT_ERR(how_compare(&w.how, live, &live, &opts, &err), ERR_DENIED, "dry run");
    arena_free(w.arena);
}

static void another_version_is_asked_for(void **state UNUSED)
{
    struct world w;
    struct diff_opts opts;
    begin(&w, APP("", ""));
    const struct value *live = parse_yaml(w.arena, LIVE);
    const struct value *other = live;
    compare(&w, "{apiVersion: v2, kind: Service, metadata: {name: a}}", &other, &opts);
    assert_ptr_equal(other, live);
    assert_int_equal(w.how.answers.items[0].what, HOW_VERSION);
    AUTO(doc) struct doc *doc = doc_copy_of(live);
    w.how.answers.items[0].doc = doc;
    compare(&w, "{apiVersion: v2, kind: Service, metadata: {name: a}}", &other, &opts);
    assert_ptr_equal(other, doc_root(doc));
    arena_free(w.arena);
}

static void schemas_are_read_where_they_came(void **state UNUSED)
{
    struct world w;
    struct diff_opts opts;
    begin(&w, APP("", "ServerSideApply=true"));
    const struct value *live = parse_yaml(w.arena, LIVE);
    compare(&w, LIVE, &live, &opts);
    assert_null(opts.api);
    assert_true(how_has_questions(&w.how));
    w.how.schemas.items[0].asked = true;
    w.how.schemas.items[0].text =
        STR("{\"components\":{\"schemas\":{\"a\":{\"description\":\"x\"}}}}");
    how_read_schemas(&w.how);
    assert_false(how_has_questions(&w.how));
    assert_true(w.how.schemas.items[0].fresh);
    compare(&w, LIVE, &live, &opts);
    assert_yaml(w.arena, opts.api, "{kinds: {}, schemas: {a: {}}}");
    arena_free(w.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_way_is_chosen),
        cmocka_unit_test(a_dry_run_is_asked_for_once),
        cmocka_unit_test(another_version_is_asked_for),
        cmocka_unit_test(schemas_are_read_where_they_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
