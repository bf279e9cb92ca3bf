/* GenerateManifests: one render for all, the cache, failures that are and are not kept. */
#include "common/base/limits.h"
#include "repo-server/generator.h"
#include "repo-server/git/fetcher.h"
#include "tests/lib/helper_fixture.h"

struct fixture {
    struct helper_fixture helper;
    struct fetcher *fetcher;
    struct generator *generator;
    Belay__Repository repo;
    Belay__GenerateManifestsRequest request;
    bool idle;
};

struct outcome {
    bool done;
    bool cached;
    size_t n;
    char revision[41];
    char hash[DIGEST_SHA256_HEX_BYTES];
    struct err err;
};

static void on_done(const struct generate_result *result, const struct err *err, void *data)
{
    struct outcome *o = data;
    assert_false(o->done);
    o->done = true;
    if (err != NULL) {
        o->err = *err;
        return;
    }
    o->cached = result->cached;
    o->n = result->set->n;
    (void)snprintf(o->revision, sizeof(o->revision), STR_FMT, STR_ARG(result->revision));
    memcpy(o->hash, result->set->content_hash, sizeof(o->hash));
}

static bool is_done(void *data)
{
    return ((struct outcome *)data)->done;
}

static void on_idle(void *data)
{
    ((struct fixture *)data)->idle = true;
}

static bool is_idle(void *data)
{
    struct fixture *f = data;
    return f->idle && generator_active(f->generator) == 0;
}

static struct generate *begin(struct fixture *f, struct outcome *o)
{
    *o = (struct outcome){0};
    int64_t deadline_ms = loop_now_ms(f->helper.loop) + HELPER_FIXTURE_MS;
    return generate_start(f->generator, &f->request, deadline_ms, on_done, o);
}

static struct outcome run(struct fixture *f)
{
    struct outcome o;
    (void)begin(f, &o);
    assert_false(o.done);
    helper_fixture_wait(&f->helper, is_done, &o);
    return o;
}

static void set_source(struct fixture *f, const char *json)
{
    char *text = arena_strdup(f->helper.repo.arena, json);
    f->request.source = (ProtobufCBinaryData){strlen(text), (uint8_t *)text};
}

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    helper_fixture_init(&f.helper);
    struct fetcher_options fetcher = helper_fixture_fetcher(&f.helper);
    f.fetcher = fetcher_new(&fetcher);
    struct generator_options options = {
        .loop = f.helper.loop,
        .work = f.helper.work,
        .fetcher = f.fetcher,
        .cache = {.max_bytes = 1 << 20, .fail_attempts = 2, .fail_ms = HELPER_FIXTURE_MS},
        .max_source_bytes = 1 << 20,
        .render_timeout_ms = HELPER_FIXTURE_MS};
    f.generator = generator_new(&options);
    belay__repository__init(&f.repo);
    belay__generate_manifests_request__init(&f.request);
    f.repo.url = f.helper.repo.url;
    f.request.repo = &f.repo;
    f.request.no_revision_cache = true;
    set_source(&f, "{\"path\":\"app\"}");
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fetcher_stop(f->fetcher, on_idle, f);
    helper_fixture_wait(&f->helper, is_idle, f);
    generator_free(f->generator);
    fetcher_free(f->fetcher);
    helper_fixture_done(&f->helper);
    return 0;
}

/* What was asked a moment ago answers who may take what is that old. */
static void references_may_be_as_old_as_the_request_says(void **state)
{
    struct fixture *f = *state;
    char before[41];
    assert_int_equal(run(f).err.code, ERR_OK);
    (void)snprintf(before, sizeof(before), "%s", f->helper.repo.head);
    repo_fixture_file(&f->helper.repo, "README", "x");
    (void)repo_fixture_commit(&f->helper.repo, "refs/heads/main");
    f->request.revision_age_ms = LIMIT_REVISION_AGE_MS;
    assert_string_equal(run(f).revision, before);
    f->request.revision_age_ms = 0;
    assert_string_equal(run(f).revision, f->helper.repo.head);
}

static void renders_once_and_proves_the_rest(void **state)
{
    struct fixture *f = *state;
    struct outcome both[2];
    (void)begin(f, &both[0]);
    (void)begin(f, &both[1]);
    helper_fixture_wait(&f->helper, is_done, &both[0]);
    helper_fixture_wait(&f->helper, is_done, &both[1]);
    assert_int_equal(both[0].err.code, ERR_OK);
    assert_int_equal(both[0].n, 1);
    assert_string_equal(both[0].hash, both[1].hash);
    assert_true(run(f).cached);
    repo_fixture_file(&f->helper.repo, "README", "x");
    (void)repo_fixture_commit(&f->helper.repo, "refs/heads/main");
    struct outcome o = run(f);
    assert_true(o.cached);
    assert_string_equal(o.revision, f->helper.repo.head);
    repo_fixture_file(&f->helper.repo, "app/b.yaml", repo_fixture_object(&f->helper.repo, "b"));
    (void)repo_fixture_commit(&f->helper.repo, "refs/heads/main");
    o = run(f);
    assert_false(o.cached);
    assert_int_equal(o.n, 2);
    f->request.no_cache = true;
    assert_false(run(f).cached);
    assert_true(generator_cache_stats(f->generator).bytes > 0);
}

/* Else every refresh would see a difference. */
static void random_values_stay_until_a_hard_refresh(void **state)
{
    static const char SECRET[] = "kind: Secret\napiVersion: v1\nmetadata: {name: a}\nstringData:\n"
                                 "  word: {{ randAlphaNum 32 }}\n"
                                 "  id: {{ uuidv4 }}\n"
                                 "  key: {{ (genCA \"ca\" 1).Key | b64enc }}\n"
                                 "  now: {{ now.UnixNano | quote }}\n";
    struct fixture *f = *state;
    set_source(f, "{\"path\":\"chart\"}");
    repo_fixture_file(&f->helper.repo, "chart/Chart.yaml", "name: random\nversion: 1.0.0\n");
    repo_fixture_file(&f->helper.repo, "chart/templates/secret.yaml", SECRET);
    (void)repo_fixture_commit(&f->helper.repo, "refs/heads/main");
    struct outcome first = run(f);
    assert_int_equal(first.err.code, ERR_OK);
    assert_false(first.cached);
    assert_string_equal(run(f).hash, first.hash);
    repo_fixture_file(&f->helper.repo, "README", "y");
    (void)repo_fixture_commit(&f->helper.repo, "refs/heads/main");
    assert_string_equal(run(f).hash, first.hash);
    f->request.no_cache = true;
    struct outcome hard = run(f);
    assert_string_not_equal(hard.hash, first.hash);
    f->request.no_cache = false;
    assert_string_equal(run(f).hash, hard.hash);
}

static void resolves_references_to_other_repositories(void **state)
{
    struct fixture *f = *state;
    Belay__RefSource ref;
    Belay__RefSource *refs[] = {&ref};
    belay__ref_source__init(&ref);
    ref.repo = &f->repo;
    f->request.refs = refs;
    f->request.n_refs = 1;
    assert_int_equal(run(f).err.code, ERR_OK);
    ref.repo = NULL;
    assert_int_equal(run(f).err.code, ERR_INVALID);
}

static void keeps_errors_of_a_commit_only(void **state)
{
    struct fixture *f = *state;
    repo_fixture_file(&f->helper.repo, "app/a.yaml", "apiVersion: v1\nkind: X\nmetadata: [\n");
    (void)repo_fixture_commit(&f->helper.repo, "refs/heads/main");
    for (int i = 0; i < 3; i++) {
        struct outcome o = run(f);
        assert_int_equal(o.err.code, ERR_INVALID);
        char text[2048];
        err_format(&o.err, text, sizeof(text));
        assert_int_equal(strstr(text, "(cached)") != NULL, i == 2);
    }
    repo_fixture_file(&f->helper.repo, "app/a.yaml", repo_fixture_object(&f->helper.repo, "a"));
    (void)repo_fixture_commit(&f->helper.repo, "refs/heads/main");
    assert_int_equal(run(f).err.code, ERR_OK);
    set_source(f, "{\"path\":\"nowhere\"}");
    assert_int_equal(run(f).err.code, ERR_NOT_FOUND);
}

static void may_be_cancelled_at_any_time(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    generate_cancel(begin(f, &o));
    helper_fixture_wait(&f->helper, is_done, &o);
    assert_int_equal(o.err.code, ERR_CANCELED);
    struct generate *g = begin(f, &o);
    (void)loop_run_until(f->helper.loop, is_done, &o, 20);
    if (!o.done) {
        generate_cancel(g);
        helper_fixture_wait(&f->helper, is_done, &o);
    }
    assert_int_equal(run(f).err.code, ERR_OK);
}

int main(int argc, char **argv)
{
    helper_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(renders_once_and_proves_the_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(references_may_be_as_old_as_the_request_says, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(random_values_stay_until_a_hard_refresh, setup, teardown),
        cmocka_unit_test_setup_teardown(resolves_references_to_other_repositories, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_errors_of_a_commit_only, setup, teardown),
        cmocka_unit_test_setup_teardown(may_be_cancelled_at_any_time, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
