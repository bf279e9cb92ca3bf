/* Any text as a tracking id: what is accepted comes back from formatting. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app-controller/compare/tracking.h"
#include "common/base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct tracking_id id;
    /* annotations are C strings on the way out */
    if (!tracking_id_parse(text, &id) || (size > 0 && memchr(data, '\0', size) != NULL)) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    assert(str_eq(tracking_id_format(arena, id.instance, id.key), text));
    return 0;
}
