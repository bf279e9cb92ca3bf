/* Two JSON texts, a line each, as target and live object: comparing never fails badly, and what
 * applying predicts is not modified any more. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/value/value_json.h"
#include "engine/compare/diff.h"
#include "engine/compare/mask.h"
#include "engine/health/health.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct str first;
    struct str second;
    const struct value *target = NULL;
    const struct value *live = NULL;
    (void)str_cut(str_of((const char *)data, size), '\n', &first, &second); /* one line: no live */
    if (value_from_json(arena, first, NULL, &target, &err) < 0 ||
        value_from_json(arena, second, NULL, &live, &err) < 0) {
        return 0;
    }
    struct diff_result diff = {0};
    if (diff_objects(arena, target, live, NULL, &diff, &err) == 0) {
        assert(diff.modified == !value_equal(diff.normalized_live, diff.predicted_live));
    }
    (void)mask_object(arena, live, NULL, 0);
    (void)health_of(arena, live);
    return 0;
}
