/* Short forms for the rows of decode tables, for this folder only. */
#pragma once

#include <stddef.h>

#include "common/value/value_decode.h"

/* {"name", FIELD_..., member of struct} */
#define MODEL_FIELD(name, type, of, member)                                     \
    {                                                                           \
        (name), (type), offsetof(struct of, member), FIELD_OPTIONAL, NULL, NULL \
    }
/* A struct or list of structs with a table of its own. */
#define MODEL_NESTED(name, type, of, member, table)                                 \
    {                                                                               \
        (name), (type), offsetof(struct of, member), FIELD_OPTIONAL, &(table), NULL \
    }
/* A block whose table has offsets in the struct around it. */
#define MODEL_BLOCK(name, table)                                \
    {                                                           \
        (name), FIELD_STRUCT, 0, FIELD_OPTIONAL, &(table), NULL \
    }
