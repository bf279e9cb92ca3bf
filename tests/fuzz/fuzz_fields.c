/* "fields\nJSON": any selection of any answer, which must stay an answer; any text as a label selector. */
#include <string.h>

#include "api-server/rest/fields.h"
#include "common/base/arena.h"
#include "common/value/label_selector.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = str_of((const char *)data, size);
    struct str fields;
    struct str json;
    struct str out;
    const struct value *v = NULL;
    struct err err;
    const struct label_selector *selector = NULL;
    if (!str_cut(text, '\n', &fields, &json)) {
        return 0;
    }
    if (value_from_json(arena, json, NULL, &v, &err) < 0) {
        v = &VALUE_EMPTY_MAP;
    }
    if (fields_check(fields, &err) == 0) {
        const struct value *kept = fields_apply(arena, v, fields);
        /* the same selection of what was selected changes nothing */
        FUZZ_CHECK(value_equal(kept, fields_apply(arena, kept, fields)));
        FUZZ_OK(value_to_json_in(arena, kept, NULL, &out, &err));
    }
    if (label_selector_parse(arena, fields, &selector, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID);
    } else {
        (void)label_selector_matches(selector, v);
    }
    return 0;
}
