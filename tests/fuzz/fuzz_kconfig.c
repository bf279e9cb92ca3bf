/* Transformer configurations and crds of any content, merged with the defaults. */
#include "common/value/value_yaml.h"
#include "engine/kustomize/kconfig.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

/* A merge with the same again adds nothing. */
static void check_merges(struct arena *arena, const struct kconfig *config)
{
    const struct kconfig *once;
    const struct kconfig *twice;
    struct err err;
    if (kconfig_merge(arena, kconfig_default(), config, &once, &err) < 0) {
        return;
    }
    FUZZ_OK(kconfig_merge(arena, once, config, &twice, &err));
    for (size_t i = 0; i < KCONFIG_FIELD_COUNT; i++) {
        FUZZ_CHECK(once->fields[i].n == twice->fields[i].n);
        FUZZ_CHECK(once->fields[i].n >= kconfig_default()->fields[i].n);
    }
    FUZZ_CHECK(once->name_references.n == twice->name_references.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct value *v;
    const struct kconfig *config;
    struct err err;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (value_from_yaml(arena, str_of((const char *)data, size), NULL, &v, &err) < 0) {
        return 0;
    }
    if (kconfig_from_value(arena, v, &config, &err) == 0) {
        check_merges(arena, config);
    }
    if (kconfig_from_crds(arena, v, &config, &err) == 0) {
        check_merges(arena, config);
    }
    return 0;
}
