/* Fetching of targets from a repo-server in this process. */
#include "app-controller/targets.h"
#include "common/kube/kube_api.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "tests/lib/fake_world.h"
#include "tests/lib/parse.h"

struct fixture {
    struct fake_world world;
    struct settings *settings;
    bool synced;
    bool freed;
    struct app_source sources[2];
    struct app_sources list;
    struct kube_api *api;
    struct targets_request request;
    struct targets_fetch *fetch;
    unsigned n_done;
    struct targets *targets;
    struct err err;
};

static void on_change(void *data UNUSED, enum settings_part part UNUSED, struct str name UNUSED)
{
}

static void on_synced(void *data)
{
    ((struct fixture *)data)->synced = true;
}

static void on_done(void *data, struct targets *targets, const struct err *err)
{
    struct fixture *f = data;
    f->n_done++;
    f->targets = targets;
    if (err != NULL) {
        f->err = *err;
    }
}

static bool is_done(void *data)
{
    return ((struct fixture *)data)->n_done > 0;
}

static struct kube_api *make_api(void)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(kube_api_builder) struct kube_api_builder *builder = kube_api_builder_new();
    struct err err;
    kube_api_builder_version(builder, parse_yaml(arena, "{gitVersion: v1.30.2}"));
    ASSERT_OK(kube_api_builder_groups(
        builder,
        parse_yaml(arena, "kind: APIGroupDiscoveryList\nitems:\n- metadata: {name: apps}\n"
                          "  versions: [{version: v1, resources: [{resource: x, "
                          "responseKind: {kind: X}, scope: Cluster}]}]\n"),
        &err));
    return kube_api_builder_finish(builder, NULL);
}

static void begin(struct fixture *f, size_t n_sources)
{
    *f = (struct fixture){0};
    fake_world_init(&f->world);
    const struct settings_opts opts = {.client = f->world.client,
                                       .namespace = STR("argocd"),
                                       .on_change = on_change,
                                       .on_synced = on_synced,
                                       .data = f};
    f->settings = settings_new(&opts);
    fake_world_wait(&f->world, fake_world_is_set, &f->synced);
    for (size_t i = 0; i < n_sources; i++) {
        f->sources[i] = (struct app_source){.repo_url = STR("https://git.test/repo"),
                                            .target_revision = STR("main"),
                                            .tree = &VALUE_EMPTY_MAP};
    }
    f->list = (struct app_sources){f->sources, n_sources};
    f->api = make_api();
    f->request = (struct targets_request){.repo_server = f->world.ipc,
                                          .sources = &f->list,
                                          .instance = STR("web"),
                                          .project = STR("default"),
                                          .settings = f->settings,
                                          .api = f->api,
                                          .timeout_ms = 10000};
}

static void end(struct fixture *f)
{
    kube_api_unref(f->api);
    settings_free(f->settings, fake_world_set, &f->freed);
    fake_world_wait(&f->world, fake_world_is_set, &f->freed);
    fake_world_done(&f->world);
}

static void start(struct fixture *f)
{
    struct err err;
    f->n_done = 0;
    f->targets = NULL;
    f->err = (struct err){0};
    ASSERT_OK(targets_fetch(&f->request, on_done, f, &f->fetch, &err));
    assert_int_equal(f->n_done, 0);
}

static void fetch(struct fixture *f)
{
    start(f);
    fake_world_wait(&f->world, is_done, f);
    assert_int_equal(f->n_done, 1);
}

static void objects_and_revisions_of_every_source_come(void **state UNUSED)
{
    struct fixture f;
    begin(&f, 2);
    fake_repo_set(f.world.repo, "r1", "[{kind: A}, {kind: B}]");
    fetch(&f);
    assert_int_equal(f.targets->n_sources, 2);
    assert_int_equal(f.targets->n_objects, 4);
    ASSERT_STR(f.targets->revisions[1], "r1");
    assert_int_equal(f.targets->types[0], SOURCE_TYPE_DIRECTORY);
    ASSERT_STR(value_dig_str(f.targets->objects[3], "kind"), "B");
    assert_string_equal(fake_repo_seen(f.world.repo)->revision, "main");
    assert_string_equal(fake_repo_seen(f.world.repo)->app_name, "web");
    assert_string_equal(fake_repo_seen(f.world.repo)->cluster, "v1.30.2 apps/v1 apps/v1/X ");
    targets_unref(f.targets);
    end(&f);
}

static void the_revision_asked_for_and_references_are_passed_on(void **state UNUSED)
{
    struct fixture f;
    const struct str revisions[] = {STR("r7")};
    begin(&f, 1);
    f.sources[0].ref = STR("values");
    f.sources[0].chart = STR("web");
    f.request.revisions = revisions;
    f.request.no_cache = true;
    fetch(&f);
    assert_string_equal(fake_repo_seen(f.world.repo)->revision, "r7");
    assert_string_equal(fake_repo_seen(f.world.repo)->refs, "values=r7 ");
    assert_string_equal(fake_repo_seen(f.world.repo)->chart, "web");
    assert_true(fake_repo_seen(f.world.repo)->no_cache);
    targets_unref(f.targets);
    end(&f);
}

static void equal_answers_are_the_known_one(void **state UNUSED)
{
    struct fixture f;
    begin(&f, 1);
    fake_repo_set(f.world.repo, "r1", "[{kind: A}]");
    fetch(&f);
    struct targets *first = f.targets;
    f.request.known = first;
    fetch(&f);
    assert_ptr_equal(f.targets, first);
    assert_int_equal(first->refs, 2);
    targets_unref(f.targets);
    fake_repo_set(f.world.repo, "r2", "[{kind: A}]"); /* the same at another revision */
    fetch(&f);
    assert_ptr_not_equal(f.targets, first);
    assert_int_equal(f.targets->hash, first->hash);
    targets_unref(f.targets);
    targets_unref(first);
    end(&f);
}

static void a_failure_is_told_once(void **state UNUSED)
{
    struct fixture f;
    begin(&f, 2);
    fake_repo_fail(f.world.repo, ERR_NOT_FOUND);
    fetch(&f);
    assert_null(f.targets);
    assert_int_equal(f.err.code, ERR_NOT_FOUND);
    check_contains(&f.err, "told to fail");
    end(&f);
}

static void what_does_not_parse_is_named(void **state UNUSED)
{
    struct fixture f;
    begin(&f, 1);
    fake_repo_set(f.world.repo, "r1", "[{kind: A}]");
    fake_repo_garble(f.world.repo, true);
    fetch(&f);
    assert_null(f.targets);
    check_contains(&f.err, "manifest of app.yaml:1");
    end(&f);
}

static bool is_held(void *data)
{
    return fake_repo_n_held(((struct fixture *)data)->world.repo) > 0;
}

static void a_fetch_can_be_cancelled(void **state UNUSED)
{
    struct fixture f;
    begin(&f, 2);
    fake_repo_hold(f.world.repo);
    start(&f);
    fake_world_wait(&f.world, is_held, &f);
    targets_fetch_cancel(f.fetch);
    fake_world_wait(&f.world, is_done, &f);
    assert_int_equal(f.err.code, ERR_CANCELED);
    targets_fetch_cancel(NULL);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_and_revisions_of_every_source_come),
        cmocka_unit_test(the_revision_asked_for_and_references_are_passed_on),
        cmocka_unit_test(equal_answers_are_the_known_one),
        cmocka_unit_test(a_failure_is_told_once),
        cmocka_unit_test(what_does_not_parse_is_named),
        cmocka_unit_test(a_fetch_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
