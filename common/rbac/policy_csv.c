/* A line is read field by field; nothing is copied but quoted fields with quotes in them. */
#include "common/rbac/policy_csv.h"

#include "common/base/arena.h"
#include "common/base/utf8.h"

static struct str skip_space(struct str s)
{
    size_t at = 0;
    while (at < s.n) {
        size_t next = at;
        if (!utf8_is_space(utf8_next(s, &next))) {
            break;
        }
        at = next;
    }
    return str_sub(s, at, s.n);
}

static int read_plain(struct str *rest, struct str *ret, struct err *err)
{
    size_t end = MIN(str_find_char(*rest, ','), rest->n);
    struct str field = str_sub(*rest, 0, end);
    if (str_find_char(field, '"') != STR_NONE) {
        return err_set(err, ERR_INVALID, "a '\"' in the middle of a field: '" STR_FMT "'",
                       STR_ARG(field));
    }
    *ret = field;
    *rest = str_sub(*rest, end, rest->n);
    return 0;
}

/* Where the quote that ends the field stands: one that no other follows. STR_NONE: nowhere. */
static size_t closing_quote(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') {
            if (i + 1 == s.n || s.p[i + 1] != '"') {
                return i;
            }
            i++;
        }
    }
    return STR_NONE;
}

static struct str without_doubled_quotes(struct arena *arena, struct str s)
{
    if (str_find_char(s, '"') == STR_NONE) {
        return s;
    }
    char *text = arena_bytes(arena, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        i += s.p[i] == '"';
        text[n++] = s.p[i];
    }
    return str_of(text, n);
}

/* rest: behind the first quote. */
static int read_quoted(struct arena *arena, struct str *rest, struct str *ret, struct err *err)
{
    size_t end = closing_quote(*rest);
    if (end == STR_NONE) {
        return err_set(err, ERR_INVALID, "a field in quotes does not end");
    }
    *ret = without_doubled_quotes(arena, str_sub(*rest, 0, end));
    *rest = str_sub(*rest, end + 1, rest->n);
    if (rest->n > 0 && rest->p[0] != ',') {
        return err_set(err, ERR_INVALID, "a comma must follow a field in quotes");
    }
    return 0;
}

int policy_csv_read(struct arena *arena, struct str line, struct policy_csv *ret, struct err *err)
{
    struct str rest = line;
    *ret = (struct policy_csv){0};
    for (;;) {
        struct str field;
        rest = skip_space(rest);
        if (str_cut_prefix(&rest, STR("\""))) {
            TRY(read_quoted(arena, &rest, &field, err));
        } else {
            TRY(read_plain(&rest, &field, err));
        }
        if (ret->n < POLICY_CSV_FIELDS) {
            ret->fields[ret->n] = field;
        }
        ret->n++;
        if (rest.n == 0) {
            return 0;
        }
        rest = str_sub(rest, 1, rest.n);
    }
}
