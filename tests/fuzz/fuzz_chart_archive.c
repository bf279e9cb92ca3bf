/* Charts from archives: packed ones as they are, others taken for the tar inside, so that the fuzzer need not
 * guess gzip's checksums. */
#include "common/base/budget.h"
#include "engine/engine_env.h"
#include "engine/helm/chart.h"
#include "engine/helm/chart_load.h"
#include "engine/helm/deps.h"
#include "engine/helm/values_coalesce.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/archive.h"

enum { MAX_BYTES = 64 * 1024 };

static void check_names(const struct chart_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        struct str name = files->items[i].name;
        FUZZ_CHECK(name.n > 0 && name.p[0] != '/' && !str_starts_with(name, STR("../")));
        FUZZ_CHECK(str_find(name, STR("/../")) == STR_NONE && !str_ends_with(name, STR("/..")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct str bytes = str_of((const char *)data, size);
    const struct values_merge merge = {arena, VALUES_COALESCE, NULL, VALUES_SRC_KEPT};
    struct chart *chart;
    struct tmap *values;
    struct err err;
    budget.depth = 20;
    budget.bytes = 16 * 1024 * 1024;
    if (!(size > 1 && data[0] == 0x1f && data[1] == 0x8b)) {
        bytes = archive_pack_raw(arena, data, size);
    }
    if (chart_load_archive(&env, env.arena, bytes, &chart, &err) < 0) {
        return 0;
    }
    check_names(&chart->templates);
    check_names(&chart->files);
    if (deps_process(arena, arena, chart, NULL, NULL, &err) == 0) {
        int rc = values_coalesce(&merge, chart, NULL, &values, &err);
        FUZZ_CHECK(rc == 0 || err.code == ERR_INVALID);
    }
    return 0;
}
