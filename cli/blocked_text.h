/* Why an application's operation waits, as its condition SyncBlocked says it (docs/operations.md). Pure. */
#pragma once

#include "common/base/str.h"

struct value;

/* The words for people, without the line for programs; "" = it does not wait. */
struct str blocked_text(const struct value *app);
/* The same of one condition's message, whatever its type. */
struct str blocked_text_of(const struct value *condition);
