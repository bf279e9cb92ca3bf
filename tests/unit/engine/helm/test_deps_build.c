/* Dependencies from elsewhere: lock files, repositories, directories. */
#include "common/base/budget.h"
#include "engine/helm/chart.h"
#include "engine/helm/chart_load.h"
#include "engine/helm/deps_build.h"
#include "tests/lib/check.h"
#include "tests/lib/mem_tree.h"
#include "tests/lib/remote_fixture.h"

#define LOCK_URL            "http://127.0.0.1:18099/charts"
#define HEAD(name, version) "apiVersion: v2\nname: " name "\nversion: " version "\n"

static const struct remote_item REMOTE[] = {
    {"https://h/charts", "db", "^1", HEAD("db", "1.9.0")},
    {"https://h/charts", "db", "1.2.0", HEAD("db", "1.2.0")},
    {"https://h/charts", "db", "2.0.0", HEAD("db", "2.0.0")},
    {"oci://r/team", "cache", "0.1.0", HEAD("cache", "0.1.0")},
    {"@named", "db", "1.x", HEAD("db", "1.0.1")},
    {NULL, NULL, NULL, NULL},
};

struct build_case {
    const char *dependencies;
    const char *lock; /* NULL = none */
    const char *want; /* the subcharts; NULL: an error with... */
    const char *text;
};

static const struct build_case CASES[] = {
    {"[{name: db, version: ^1, repository: 'https://h/charts'}]", NULL, "old-1.0.0 db-1.9.0", NULL},
    {"[{name: db, version: 1.x, repository: '@named'}]", NULL, "old-1.0.0 db-1.0.1", NULL},
    {"[{name: cache, version: 0.1.0, repository: 'oci://r/team'}, "
     "{name: local, version: ~0.3, repository: 'file://../local'}]",
     NULL, "old-1.0.0 cache-0.1.0 local-0.3.1", NULL},
    /* twice the same, and two versions of one */
    {"[{name: db, version: ^1, repository: 'https://h/charts', alias: a}, "
     "{name: db, version: ^1, repository: 'https://h/charts'}, "
     "{name: db, version: 2.0.0, repository: 'https://h/charts', alias: c}]",
     NULL, "old-1.0.0 db-1.9.0 db-2.0.0", NULL},
    /* what is in charts/ is replaced when anything is missing, as long as it has a repository */
    {"[{name: old, version: 1.x}, {name: db, version: ^1, repository: 'https://h/charts'}]", NULL,
     "old-1.0.0 db-1.9.0", NULL},
    /* nothing is missing */
    {"[{name: old, version: 1.x, repository: 'https://h/charts'}]", "dependencies: []\n",
     "old-1.0.0", NULL},
    {"[{name: db, version: ^1, repository: 'https://h/charts'}]",
     "dependencies: [{name: db, version: 1.2.0, repository: 'https://h/charts'}]\n"
     "digest: sha256:d8ad4f2fbb5ee3d85d7ab7fa2ffa4e2f5d9cb1d0c1ff7d1ea2ff3a9d5b0a2a1b\n",
     NULL, "the lock file (Chart.lock) is out of sync"},
    {"[{name: db, version: ^1, repository: 'https://h/charts'}]", "- 1\n", NULL, "lock file"},
    {"[{name: gone, version: 1.0.0}]", NULL, NULL, "missing in charts/ directory: gone"},
    {"[{name: db, version: ^3, repository: 'https://h/charts'}]", NULL, NULL,
     "nothing at 'https://h/charts' for '^3'"},
    {"[{name: db, version: '', repository: 'https://h/charts'}]", NULL, NULL,
     "dependency 'db' has an invalid version/constraint format"},
    {"[{name: local, version: ^1, repository: 'file://../local'}]", NULL, NULL,
     "can't get a valid version for dependency 'local': '^1' is wanted"},
    {"[{name: local, version: ^1, repository: 'file://../nowhere'}]", NULL, NULL,
     "directory 'nowhere' is not there"},
    {"[{name: local, version: ^1, repository: 'file:///local'}]", NULL, NULL,
     "must be relative to the chart"},
    {"[{name: local, version: ^1, repository: 'file://../../local'}]", NULL, NULL, "local"},
};

struct world {
    struct mem_tree tree;
    struct mem_file files[8];
    struct remote_fixture remote;
    struct budget budget;
    struct engine_env env;
    struct chart *chart;
};

static void load(struct world *w, struct arena *arena, const struct build_case *c)
{
    struct err err;
    struct str head =
        arena_printf(arena, HEAD("web", "1.0.0") "dependencies: %s\n", c->dependencies);
    size_t n = 0;
    memset(w, 0, sizeof(*w));
    w->files[n++] = (struct mem_file){"web/Chart.yaml", head.p};
    w->files[n++] = (struct mem_file){"web/charts/old/Chart.yaml", HEAD("old", "1.0.0")};
    w->files[n++] = (struct mem_file){"local/Chart.yaml", HEAD("local", "0.3.1")};
    if (c->lock != NULL) {
        w->files[n++] = (struct mem_file){"web/Chart.lock", c->lock};
    }
    w->tree = mem_tree_of(w->files);
    w->remote.items = REMOTE;
    w->budget = budget_unlimited();
    w->env = (struct engine_env){.arena = arena,
                                 .budget = &w->budget,
                                 .files = &w->tree.files,
                                 .remote = remote_get,
                                 .data = &w->remote};
    ASSERT_OK(chart_load(&w->env, w->env.arena, STR("web"), &w->chart, &err));
}

static int build(struct world *w, struct err *err)
{
    const struct deps_build_options options = {.values = w->env.arena, .path = {"web", 3}};
    return deps_build(&w->env, &options, w->chart, err);
}

static void builds(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf is;
        struct world w;
        struct err err;
        buf_init(&is, 1000);
        load(&w, arena, &CASES[i]);
        int rc = build(&w, &err);
        if (CASES[i].want == NULL) {
            ASSERT_ERR(rc, err.code, CASES[i].text);
            continue;
        }
        ASSERT_OK(rc);
        for (size_t k = 0; k < w.chart->n_subcharts; k++) {
            const struct chart *sub = w.chart->subcharts[k];
            buf_printf(&is, "%s" STR_FMT "-" STR_FMT, k > 0 ? " " : "", STR_ARG(sub->meta.name),
                       STR_ARG(sub->meta.version));
            assert_ptr_equal(sub->parent, w.chart);
        }
        ASSERT_STR(buf_str(&is), CASES[i].want);
    }
}

/* Locks as `helm dependency update` of Helm 4.2 wrote them. */
static void knows_the_digests_of_helm(void **state UNUSED)
{
    static const char DECLARED[] =
        "[{name: db, version: '>=1.0.0 <1.5', repository: '" LOCK_URL "', condition: 'db.use,x.y', "
        "tags: [a, b], import-values: [x, {child: a.b, parent: 'c<d'}], alias: store}]";
    static const struct {
        const char *head;
        const char *dependencies;
        const char *digest;
        bool good;
    } LOCKS[] = {
        {"apiVersion: v2", DECLARED,
         "e5cffc1fc019718c71fcebb43d59d1ef5e8d8d5300d9f78807d3c4b369e21004", true},
        {"apiVersion: v2", DECLARED,
         "e5cffc1fc019718c71fcebb43d59d1ef5e8d8d5300d9f78807d3c4b369e21005", false},
        {"apiVersion: v2", "[{name: db, version: '>=1.0.0', repository: '" LOCK_URL "'}]",
         "e5cffc1fc019718c71fcebb43d59d1ef5e8d8d5300d9f78807d3c4b369e21004", false},
        {"apiVersion: v1", "[{name: db, version: '~1.2', repository: '" LOCK_URL "'}]",
         "cce2639ee47ad9f2851271b05509d39ae0393d53552fe56effd1fed63d9a2d4a", true},
    };
    static const struct remote_item ITEMS[] = {
        {LOCK_URL, "db", "1.2.0", HEAD("db", "1.2.0")},
        {NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(LOCKS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct world w;
        struct err err;
        struct build_case c = {.dependencies = LOCKS[i].dependencies};
        c.lock = arena_printf(arena,
                              "dependencies:\n- name: db\n  repository: " LOCK_URL
                              "\n  version: 1.2.0\ndigest: sha256:%s\n",
                              LOCKS[i].digest)
                     .p;
        load(&w, arena, &c);
        w.remote.items = ITEMS;
        w.chart->meta.api_version = str_sub(str_from(LOCKS[i].head), 12, 14);
        int rc = build(&w, &err);
        if (LOCKS[i].good) {
            ASSERT_OK(rc);
            ASSERT_STR(w.chart->subcharts[1]->meta.version, "1.2.0");
        } else {
            ASSERT_ERR(rc, ERR_INVALID, "is out of sync");
        }
    }
}

static void asks_for_all_before_it_waits(void **state UNUSED)
{
    static const struct build_case CASE = {
        .dependencies = "[{name: db, version: ^1, repository: 'https://h/charts'}, "
                        "{name: cache, version: 0.1.0, repository: 'oci://r/team'}]"};
    AUTO(arena) struct arena *arena = arena_new();
    struct world w;
    struct err err;
    load(&w, arena, &CASE);
    w.remote.awaited = true;
    ASSERT_ERR(build(&w, &err), ERR_UNAVAILABLE, "not here yet");
    assert_int_equal(w.remote.n_asked, 2);
    w.env.remote = NULL;
    ASSERT_ERR(build(&w, &err), ERR_NOT_FOUND, "missing in charts/ directory: db, cache");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds),
        cmocka_unit_test(knows_the_digests_of_helm),
        cmocka_unit_test(asks_for_all_before_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
