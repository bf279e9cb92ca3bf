/* managedFields of any content: "target\nlive", JSON. Unions hold what their parts hold, items are found by the keys
 * they are indexed under, and what a server-side apply makes of live is not changed by applying again. */
#include "common/value/value_json.h"
#include "engine/compare/fieldset.h"
#include "engine/compare/server_side.h"
#include "engine/compare/structured.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

#define MANAGER STR("m")

/* Every name of the part is in the whole. */
static void check_holds(const struct value *whole, const struct value *part)
{
    FUZZ_CHECK(!fieldset_has_self(part) || fieldset_has_self(whole));
    VALUE_MAP_FOREACH(part, e)
    {
        struct str name = e->key;
        const struct value *found = value_find(whole, e->key);
        FUZZ_CHECK(found != NULL);
        if (str_cut_prefix(&name, STR("f:"))) {
            FUZZ_CHECK(fieldset_member(whole, name) != NULL);
        }
        if (value_is(&e->value, VALUE_MAP)) {
            check_holds(found, &e->value);
        }
    }
}

static void check_items(struct arena *arena, const struct value *set, const struct value *list)
{
    struct fieldset_keys keys = {.n = 0};
    struct fieldset_index index;
    if (!fieldset_keys_of(arena, &set, 1, &keys)) {
        return;
    }
    fieldset_index_set(arena, &keys, set, &index);
    fieldset_index_list(arena, &keys, list, &index);
    VALUE_FOREACH(list, item) {
        struct str key = fieldset_item_key(arena, &keys, item);
        FUZZ_CHECK(key.p == NULL || fieldset_index_find(&index, key) != NULL);
    }
}

static void check_sets(struct arena *arena, const struct value *live)
{
    const struct value *applied = fieldset_of(arena, live, MANAGER, FIELDSET_APPLIED);
    const struct value *others = fieldset_of(arena, live, MANAGER, FIELDSET_OTHERS);
    const struct value *managed = fieldset_of(arena, live, MANAGER, FIELDSET_MANAGED);
    const struct value *both = fieldset_union(arena, applied, others);
    check_holds(both, applied);
    check_holds(both, others);
    check_holds(fieldset_union(arena, managed, applied), managed);
    VALUE_MAP_FOREACH(live, e)
    {
        check_items(arena, fieldset_member(both, e->key), &e->value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct str first;
    struct str second;
    const struct value *target = NULL;
    const struct value *live = NULL;
    if (size > MAX_BYTES || !str_cut(str_of((const char *)data, size), '\n', &first, &second)) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (value_from_json(arena, first, NULL, &target, &err) < 0 ||
        value_from_json(arena, second, NULL, &live, &err) < 0) {
        return 0;
    }
    check_sets(arena, live);
    const struct value *merged = structured_merge(arena, NULL, target, live, MANAGER);
    FUZZ_CHECK(value_equal(structured_merge(arena, NULL, target, merged, MANAGER), merged));
    (void)server_side_own(arena, live, merged, MANAGER);
    (void)server_side_own(arena, merged, live, MANAGER);
    return 0;
}
