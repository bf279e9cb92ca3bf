/* Scripts judge objects on the pool: the last state counts, and stopping is possible at any time. */
#include "app-controller/live/live_judge.h"
#include "common/rt/loop.h"
#include "common/rt/work.h"
#include "engine/lua/customize.h"
#include "tests/lib/parse.h"

#define CONFIG(script) "{resource.customizations.health.ConfigMap: \"" script "\"}"
#define BY_DATA        "return {status = 'Degraded', message = obj.data.x}"

struct fixture {
    struct loop *loop;
    struct work *work;
    struct live_judge *judge;
    struct arena *arena;
    unsigned n_judged;
    unsigned n_wanted;
    char info[256]; /* the last */
    char version[16];
};

static void on_judged(void *data, const struct live_judged *what)
{
    struct fixture *f = data;
    f->n_judged++;
    (void)snprintf(f->info, sizeof(f->info), STR_FMT, STR_ARG(what->info));
    (void)snprintf(f->version, sizeof(f->version), STR_FMT, STR_ARG(what->resource_version));
}

static void on_idle(void *data UNUSED)
{
}

static void setup(struct fixture *f, const char *config)
{
    *f = (struct fixture){.loop = loop_new(), .arena = arena_new()};
    f->work = work_new(f->loop, NULL);
    const struct live_judge_opts opts = {
        .loop = f->loop,
        .work = f->work,
        .on_judged = on_judged,
        .on_idle = on_idle,
        .data = f,
    };
    f->judge = live_judge_new(&opts);
    AUTO(customizations) struct customizations *scripts = NULL;
    struct err err;
    ASSERT_OK(customizations_new(parse_yaml(f->arena, config), &scripts, &err));
    live_judge_set_scripts(f->judge, scripts);
}

static bool is_idle(void *data)
{
    return live_judge_is_idle(((struct fixture *)data)->judge);
}

static bool is_judged(void *data)
{
    const struct fixture *f = data;
    return f->n_judged >= f->n_wanted && live_judge_is_idle(f->judge);
}

static void wait_judged(struct fixture *f, unsigned n)
{
    f->n_wanted = n;
    assert_true(loop_run_until(f->loop, is_judged, f, 20000));
}

static void teardown(struct fixture *f)
{
    live_judge_stop(f->judge);
    assert_true(loop_run_until(f->loop, is_idle, f, 20000));
    live_judge_free(f->judge);
    work_free(f->work);
    loop_free(f->loop);
    arena_free(f->arena);
}

static void add(struct fixture *f, const char *name, int version)
{
    char text[256];
    (void)snprintf(text, sizeof(text),
                   "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: ns, "
                   "resourceVersion: '%d'}, data: {x: v%d}}",
                   name, version, version);
    live_judge_add(f->judge, parse_yaml(f->arena, text));
}

static void objects_are_judged(void **state UNUSED)
{
    struct fixture f;
    setup(&f, CONFIG(BY_DATA));
    assert_true(live_judge_wants(f.judge, STR(""), STR("ConfigMap")));
    assert_false(live_judge_wants(f.judge, STR(""), STR("Secret")));
    add(&f, "a", 1);
    wait_judged(&f, 1);
    assert_string_equal(f.info, "{\"health\":{\"message\":\"v1\",\"status\":\"Degraded\"}}");
    assert_string_equal(f.version, "1");
    teardown(&f);
}

static void of_many_states_the_last_counts(void **state UNUSED)
{
    struct fixture f;
    setup(&f, CONFIG(BY_DATA));
    for (int i = 1; i <= 500; i++) {
        add(&f, "a", i);
    }
    wait_judged(&f, 2); /* the first was under way when the others came */
    assert_string_equal(f.version, "500");
    assert_int_equal(f.n_judged, 2);
    teardown(&f);
}

static void many_objects_take_several_jobs(void **state UNUSED)
{
    struct fixture f;
    setup(&f, CONFIG(BY_DATA));
    for (int i = 0; i < 200; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "m%d", i);
        add(&f, name, i);
    }
    wait_judged(&f, 200);
    assert_int_equal(f.n_judged, 200);
    teardown(&f);
}

static void nothing_comes_after_the_stop(void **state UNUSED)
{
    struct fixture f;
    setup(&f, CONFIG("while true do end"));
    add(&f, "a", 1);
    add(&f, "b", 1);
    teardown(&f);
    assert_int_equal(f.n_judged, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_judged),
        cmocka_unit_test(of_many_states_the_last_counts),
        cmocka_unit_test(many_objects_take_several_jobs),
        cmocka_unit_test(nothing_comes_after_the_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
