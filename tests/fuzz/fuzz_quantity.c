/* Any text as a quantity: what is accepted has a canonical form that is accepted, equal, and its own
 * canonical form. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/compare/quantity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct quantity q;
    struct quantity again;
    if (quantity_parse(str_of((const char *)data, size), &q, &err) < 0) {
        return 0;
    }
    char first[QUANTITY_BYTES];
    char second[QUANTITY_BYTES];
    struct str form = quantity_format(q, first);
    int rc = quantity_parse(form, &again, &err);
    assert(rc == 0);
    (void)rc;
    assert(quantity_cmp(q, again) == 0);
    assert(str_eq(quantity_format(again, second), form));
    return 0;
}
