/* Layouts, for writing and reading times. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"

/* What a piece of a layout stands for. */
enum gotime_field {
    GOTIME_NONE, /* the layout has no further piece */
    /* numbers */
    GOTIME_YEAR,
    GOTIME_SHORT_YEAR,
    GOTIME_MONTH,
    GOTIME_DAY,
    GOTIME_DAY_OF_YEAR,
    GOTIME_HOUR,
    GOTIME_HOUR12,
    GOTIME_MINUTE,
    GOTIME_SECOND,
    /* names; width 3 is the short form */
    GOTIME_MONTH_NAME,
    GOTIME_WEEKDAY,
    GOTIME_UPPER_PM,
    GOTIME_LOWER_PM,
    /* zones */
    GOTIME_ZONE_NAME,
    GOTIME_OFFSET,
    /* .000 and .999; width is the number of digits */
    GOTIME_FRACTION,
    GOTIME_SHORT_FRACTION, /* zeros at the end are left out */
    GOTIME_FIELD_COUNT
};

struct gotime_chunk {
    enum gotime_field field;
    size_t start; /* in the layout */
    size_t end;
    uint32_t width; /* digits at least; of OFFSET: numbers, 1 to 3 */
    char pad;       /* '0' or ' ' */
    bool fixed;     /* reading takes all digits of the width, no fewer */
    bool colon;     /* OFFSET: between the numbers */
    bool iso;       /* OFFSET: Z for UTC */
};

/* The first piece of the layout from `from` on. */
struct gotime_chunk gotime_next_chunk(struct str layout, size_t from);
/* As package time quotes: every byte that is no plain ASCII as \x. */
void gotime_quote(struct buf *out, struct str s);
extern const char *const GOTIME_MONTHS[12];
extern const char *const GOTIME_WEEKDAYS[7];
