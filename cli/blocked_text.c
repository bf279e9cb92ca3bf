/* The condition's message without its last line, which is JSON. */
#include "cli/blocked_text.h"

#include "common/value/value.h"

#define TYPE "SyncBlocked"

struct str blocked_text_of(const struct value *condition)
{
    struct str message = value_dig_str(condition, "message");
    size_t at = message.n;
    if (!str_eq_c(value_dig_str(condition, "type"), TYPE)) {
        return message;
    }
    while (at > 0 && message.p[at - 1] != '\n') {
        at--;
    }
    bool json = at > 0 && at < message.n && message.p[at] == '{';
    return json ? str_sub(message, 0, at - 1) : message;
}

struct str blocked_text(const struct value *app)
{
    VALUE_FOREACH(value_dig(app, "status", "conditions"), c) {
        if (str_eq_c(value_dig_str(c, "type"), TYPE)) {
            return blocked_text_of(c);
        }
    }
    return STR_EMPTY;
}
