/* Kustomizations and resource files: whatever they say, a build ends, and what it prints is what it builds from when that is read again
 * with nothing asked for.
 *
 * The input is the kustomization up to the first NUL byte, then the resource file. */
#include "common/base/budget.h"
#include "engine/kustomize/kustomize.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/mem_tree.h"

enum { MAX_BYTES = 16 * 1024, MAX_STEPS = 200 * 1000, MAX_DEPTH = 64 };

static int build(struct arena *arena, struct str k, struct str resources, struct str *ret)
{
    const struct mem_file files[] = {
        {"kustomization.yaml", arena_str(arena, k).p},
        {"r.yaml", arena_str(arena, resources).p},
        {"base/kustomization.yaml", "resources: [r.yaml]\n"},
        {"base/r.yaml", arena_str(arena, resources).p},
        {NULL, NULL},
    };
    struct mem_tree tree = mem_tree_of(files);
    struct budget budget = budget_unlimited();
    struct kustomize_options options = {.order = KUSTOMIZE_ORDER_FIFO};
    struct engine_env env = {.arena = arena, .budget = &budget, .files = &tree.files};
    struct kustomize_result result;
    struct err err;
    budget.steps = MAX_STEPS;
    budget.depth = MAX_DEPTH;
    TRY(kustomize_build(&env, STR_EMPTY, &options, &result, &err));
    return kustomize_print(&env, &result, ret, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = str_of((const char *)data, size);
    struct str k;
    struct str resources;
    struct str once;
    struct str twice;
    struct str again;
    if (size > MAX_BYTES) {
        return 0;
    }
    if (!str_cut(text, '\0', &k, &resources)) {
        resources = STR("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    }
    if (build(arena, k, resources, &once) < 0 || once.n == 0) {
        return 0;
    }
    /* annotations that were asked for go when nothing asks for them: only then it stays the same */
    if (build(arena, STR("resources: [r.yaml]\n"), once, &twice) == 0 &&
        build(arena, STR("resources: [r.yaml]\n"), twice, &again) == 0) {
        FUZZ_CHECK(str_eq(twice, again));
    }
    return 0;
}
