/* What functions that make strings share. */
#include "engine/template/func_text.h"

#include <inttypes.h>

#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "engine/template/func.h"

void func_text_init(struct buf *out)
{
    buf_init(out, LIMIT_TEMPLATE_STRING_BYTES);
}

int func_text_return(struct tcall *call, struct buf *out, struct tval *ret, struct err *err)
{
    int rc = buf_check(out, "a string", err);
    if (rc >= 0) {
        rc = budget_bytes(call->budget, out->n, err);
    }
    if (rc >= 0) {
        *ret = tval_str(buf_to_arena(out, call->arena));
    }
    buf_done(out);
    return rc;
}

int func_text_bounds(struct err *err, int64_t low, int64_t high)
{
    return err_set(err, ERR_INVALID,
                   "runtime error: slice bounds out of range [%" PRId64 ":%" PRId64 "]", low, high);
}

static bool in_set(uint32_t rune, const struct str *set)
{
    if (set == NULL) {
        return utf8_is_space(rune);
    }
    for (size_t at = 0; at < set->n;) {
        if (utf8_next(*set, &at) == rune) {
            return true;
        }
    }
    return false;
}

/* Where the last code point of s begins. */
static size_t last_rune(struct str s)
{
    for (size_t n = MIN(s.n, (size_t)UTF8_MAX_BYTES); n > 1; n--) {
        if (utf8_len(s.p + s.n - n, n) == n) {
            return s.n - n;
        }
    }
    return s.n - 1;
}

/* set NULL: white space. */
static struct str trim(struct str s, const struct str *set)
{
    size_t start = 0;
    while (start < s.n) {
        size_t next = start;
        if (!in_set(utf8_next(s, &next), set)) {
            break;
        }
        start = next;
    }
    s = str_sub(s, start, s.n);
    while (s.n > 0) {
        size_t last = last_rune(s);
        size_t at = last;
        if (!in_set(utf8_next(s, &at), set)) {
            break;
        }
        s.n = last;
    }
    return s;
}

struct str func_text_trim(struct str s, struct str set)
{
    return trim(s, &set);
}

struct str func_text_trim_space(struct str s)
{
    return trim(s, NULL);
}
