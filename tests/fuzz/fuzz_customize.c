/* argocd-cm as somebody wrote it: what it says of kinds is read, and its actions are listed and run within
 * their limits. */
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_yaml.h"
#include "engine/actions/action_script.h"
#include "engine/lua/customize.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

static void act(struct arena *arena, const struct customizations *scripts)
{
    const struct value_entry entries[] = {
        {STR("apiVersion"), value_of_str(STR("x/v1"))},
        {STR("kind"), value_of_str(STR("K"))},
    };
    struct action_run run = {
        .live = value_new_map(arena, entries, ARRAY_LEN(entries)),
        .name = STR("a"),
    };
    struct action_changes changes;
    struct action_list list;
    struct err err;
    if (action_script_discover(arena, scripts, clock_system(), run.live, &list, &err) == 0) {
        (void)action_list_to_value(arena, &list);
    }
    if (action_script_run(arena, scripts, clock_system(), &run, &changes, &err) == 0) {
        for (size_t i = 0; i < changes.n; i++) {
            FUZZ_CHECK(changes.items[i].object != NULL);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(customizations) struct customizations *scripts = NULL;
    const struct value *config = NULL;
    struct err err;
    if (value_from_yaml(arena, str_of((const char *)data, size), NULL, &config, &err) < 0 ||
        customizations_new(config, &scripts, &err) < 0) {
        return 0;
    }
    FUZZ_CHECK(customizations_same(scripts, scripts));
    (void)customizations_health(scripts, STR("x"), STR("K"));
    act(arena, scripts);
    return 0;
}
