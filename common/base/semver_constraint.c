/* Constraints of semver.h: "^1.2", ">=1.2 <1.4 || 2.x", "1.2 - 1.4". */
#include <string.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/semver.h"
#include "common/base/vec.h"

enum {
    /* As the library has them. */
    CONSTRAINT_BYTES = 512,
    CONSTRAINT_GROUPS = 32,
};

enum op {
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_GREATER,
    OP_LESS,
    OP_AT_LEAST,
    OP_AT_MOST,
    OP_TILDE,
    OP_CARET
};

struct comparator {
    enum op op;
    struct semver version;
    struct str text;   /* of the version, as written */
    bool is_range;     /* a part is missing or a wildcard */
    bool minor_is_any; /* that part is the minor */
    bool patch_is_any; /* that part is the patch */
};

struct group {
    VEC(struct comparator) comparators;
    bool has_prerelease;
};

struct semver_constraint {
    VEC(struct group) groups;
};

static const struct op_row {
    struct str text;
    enum op op;
} OPS[] = {
    /* longer ones first */
    {{"!=", 2}, OP_NOT_EQUAL}, {{">=", 2}, OP_AT_LEAST}, {{"=>", 2}, OP_AT_LEAST},
    {{"<=", 2}, OP_AT_MOST},   {{"=<", 2}, OP_AT_MOST},  {{"~>", 2}, OP_TILDE},
    {{"=", 1}, OP_EQUAL},      {{">", 1}, OP_GREATER},   {{"<", 1}, OP_LESS},
    {{"~", 1}, OP_TILDE},      {{"^", 1}, OP_CARET},
};

/* ---- text ---- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

/* The bar is an accident of the library's pattern: such a part is no number and fails later. */
static bool is_part_char(char c)
{
    return (c >= '0' && c <= '9') || c == 'x' || c == 'X' || c == '*' || c == '|';
}

static bool is_identifier_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static size_t span(struct str s, size_t at, bool (*accepts)(char c))
{
    size_t from = at;
    while (at < s.n && accepts(s.p[at])) {
        at++;
    }
    return at - from;
}

/* A version with wildcards, in its pieces. */
struct pattern {
    struct str text;
    struct str parts[3];
    struct str pre; /* with "-" */
};

/* The end of "<mark>a.b.c" at `at`, or `at`. */
static size_t identifiers_end(struct str s, size_t at, char mark)
{
    size_t end = at;
    if (at < s.n && s.p[at] == mark) {
        for (at++; span(s, at, is_identifier_char) > 0; at += at < s.n && s.p[at] == '.') {
            at += span(s, at, is_identifier_char);
            end = at;
        }
    }
    return end;
}

/* Scan the pattern at *at; false and *at unchanged when there is none. */
static bool take_pattern(struct str s, size_t *at, struct pattern *ret)
{
    size_t pos = *at + (*at < s.n && s.p[*at] == 'v');
    size_t n = span(s, pos, is_part_char);
    if (n == 0) {
        return false;
    }
    *ret = (struct pattern){.parts = {str_sub(s, pos, pos + n)}};
    pos += n;
    for (size_t i = 1; i < 3 && pos < s.n && s.p[pos] == '.'; i++) {
        n = span(s, pos + 1, is_part_char);
        if (n == 0) {
            break;
        }
        ret->parts[i] = str_sub(s, pos + 1, pos + 1 + n);
        pos += n + 1;
    }
    size_t end = identifiers_end(s, pos, '-');
    ret->pre = str_sub(s, pos, end);
    end = identifiers_end(s, end, '+');
    ret->text = str_sub(s, *at, end);
    *at = end;
    return true;
}

/* "a - b" at `at`, with the blanks around; 0 = there is none. */
static size_t take_hyphen_range(struct str s, size_t at, struct pattern *low, struct pattern *high)
{
    size_t pos = at + span(s, at, is_space);
    if (!take_pattern(s, &pos, low)) {
        return 0;
    }
    size_t n = span(s, pos, is_space);
    pos += n;
    if (n == 0 || pos >= s.n || s.p[pos] != '-') {
        return 0;
    }
    n = span(s, ++pos, is_space);
    pos += n;
    if (n == 0 || !take_pattern(s, &pos, high)) {
        return 0;
    }
    return pos + span(s, pos, is_space) - at;
}

/* Hyphen ranges as pairs of comparators. */
static struct str rewrite_ranges(struct arena *arena, struct str s)
{
    struct buf out;
    buf_init(&out, s.n * 4 + 64);
    for (size_t at = 0; at < s.n;) {
        struct pattern low;
        struct pattern high;
        size_t n = take_hyphen_range(s, at, &low, &high);
        if (n == 0) {
            buf_put_char(&out, s.p[at++]);
            continue;
        }
        buf_printf(&out, ">= " STR_FMT ", <= " STR_FMT " ", STR_ARG(low.text), STR_ARG(high.text));
        at += n;
    }
    struct str rewritten = buf_to_arena(&out, arena);
    buf_done(&out);
    return rewritten;
}

/* ---- parsing ---- */

static bool is_any(struct str part)
{
    return part.n == 0 || (part.n == 1 && strchr("xX*", part.p[0]) != NULL);
}

static int make_comparator(struct arena *arena,
                           enum op op,
                           const struct pattern *p,
                           struct comparator *ret,
                           struct err *err)
{
    struct comparator c = {.op = op, .text = p->text};
    struct str text = p->text;
    if (is_any(p->parts[0])) {
        text = arena_printf(arena, "0.0.0" STR_FMT, STR_ARG(p->pre));
        c.is_range = true;
    } else if (is_any(p->parts[1])) {
        text = arena_printf(arena, STR_FMT ".0.0" STR_FMT, STR_ARG(p->parts[0]), STR_ARG(p->pre));
        c.is_range = c.minor_is_any = true;
    } else if (is_any(p->parts[2])) {
        text = arena_printf(arena, STR_FMT "." STR_FMT ".0" STR_FMT, STR_ARG(p->parts[0]),
                            STR_ARG(p->parts[1]), STR_ARG(p->pre));
        c.is_range = c.patch_is_any = true;
    }
    if (semver_parse(text, &c.version, err) < 0) {
        return err_set(err, ERR_INVALID, "constraint parser error");
    }
    *ret = c;
    return 0;
}

static enum op take_op(struct str s, size_t *at)
{
    for (size_t i = 0; i < ARRAY_LEN(OPS); i++) {
        if (str_starts_with(str_sub(s, *at, s.n), OPS[i].text)) {
            *at += OPS[i].text.n;
            return OPS[i].op;
        }
    }
    return OP_EQUAL;
}

/* %q for what is printable, which is all that matters in a message. */
static int improper(struct str segment, struct err *err)
{
    struct buf text;
    buf_init(&text, 2 * segment.n + 1);
    for (size_t i = 0; i < segment.n; i++) {
        if (segment.p[i] == '"' || segment.p[i] == '\\') {
            buf_put_char(&text, '\\');
        }
        buf_put_char(&text, segment.p[i]);
    }
    int rc = err_set(err, ERR_INVALID, "improper constraint: \"%s\"", text.p);
    buf_done(&text);
    return rc;
}

/* The blanks and the comma between two comparators; false: there is neither. */
static bool take_separator(struct str s, size_t *at)
{
    size_t from = *at;
    *at += span(s, *at, is_space);
    if (*at < s.n && s.p[*at] == ',') {
        (*at)++;
        *at += span(s, *at, is_space);
    }
    return *at > from;
}

static int
scan_comparator(struct str s, size_t *at, enum op *ret_op, struct pattern *ret, struct err *err)
{
    *ret_op = take_op(s, at);
    *at += span(s, *at, is_space);
    return take_pattern(s, at, ret) ? 0 : improper(s, err);
}

/* The whole group is scanned before a version of it is looked at: that is the order of messages. */
static int check_group_text(struct str s, struct err *err)
{
    enum op op;
    struct pattern pattern;
    size_t at = span(s, 0, is_space);
    TRY(scan_comparator(s, &at, &op, &pattern, err));
    while (at + span(s, at, is_space) < s.n) {
        if (!take_separator(s, &at)) {
            return improper(s, err);
        }
        TRY(scan_comparator(s, &at, &op, &pattern, err));
    }
    return 0;
}

static int parse_group(struct arena *arena, struct str s, struct group *ret, struct err *err)
{
    struct group group = {0};
    size_t at = span(s, 0, is_space);
    TRY(check_group_text(s, err));
    do {
        enum op op;
        struct pattern pattern;
        struct comparator c;
        TRY(scan_comparator(s, &at, &op, &pattern, err));
        TRY(make_comparator(arena, op, &pattern, &c, err));
        group.has_prerelease |= c.version.pre.n > 0;
        vec_push_in(arena, &group.comparators, c);
        (void)take_separator(s, &at); /* checked above */
    } while (at < s.n);
    *ret = group;
    return 0;
}

int semver_constraint_parse(struct arena *arena,
                            struct str text,
                            const struct semver_constraint **ret,
                            struct err *err)
{
    if (text.n > CONSTRAINT_BYTES) {
        return err_set(err, ERR_INVALID, "constraint string is too long (max %d bytes)",
                       CONSTRAINT_BYTES);
    }
    struct str rest = rewrite_ranges(arena, text);
    struct semver_constraint *c = ARENA_NEW(arena, struct semver_constraint);
    for (bool more = true; more;) {
        size_t bar = str_find(rest, STR("||"));
        more = bar != STR_NONE;
        if (c->groups.n == CONSTRAINT_GROUPS) {
            return err_set(err, ERR_INVALID, "too many constraint groups (max %d)",
                           CONSTRAINT_GROUPS);
        }
        struct group group;
        TRY(parse_group(arena, more ? str_sub(rest, 0, bar) : rest, &group, err));
        vec_push_in(arena, &c->groups, group);
        rest = more ? str_sub(rest, bar + 2, rest.n) : rest;
    }
    *ret = c;
    return 0;
}

/* ---- checking ---- */

/* What follows `"1.2.3" ` when a comparator fails; the second %s is the comparator's version. */
static const char PRERELEASE[] =
    "is a prerelease version and the constraint is only looking for release versions";
static const char EQUAL[] = "is equal to \"%s\"";
static const char NOT_EQUAL[] = "is not equal to \"%s\"";
static const char LESS[] = "is less than \"%s\"";
static const char LESS_OR_EQUAL[] = "is less than or equal to \"%s\"";
static const char GREATER[] = "is greater than \"%s\"";
static const char GREATER_OR_EQUAL[] = "is greater than or equal to \"%s\"";
static const char OTHER_MAJOR[] = "does not have same major version as \"%s\"";
static const char OTHER_MAJOR_MINOR[] = "does not have same major and minor version as \"%s\"";
static const char OTHER_MINOR[] = "does not have same minor version as \"%s\"";
static const char OTHER_MINOR_OF_0[] = "does not have same minor version as \"%s\". Expected minor "
                                       "versions to match when constraint major "
                                       "version is 0";
static const char OTHER_PATCH_OF_0[] = "does not equal \"%s\". Expect version and constraint to "
                                       "equal when major and minor versions are 0";

/* Each check gives NULL when the version satisfies it, or the reason. */

static const char *check_not_equal(const struct comparator *c, const struct semver *v)
{
    if (!c->is_range) {
        return semver_cmp(v, &c->version) == 0 ? EQUAL : NULL;
    }
    if (c->version.major != v->major) {
        return NULL;
    }
    if (c->minor_is_any) {
        return EQUAL;
    }
    if (c->version.minor != v->minor) {
        return NULL;
    }
    if (c->patch_is_any) {
        /* only the prereleases are compared */
        struct semver a = {.pre = v->pre};
        struct semver b = {.pre = c->version.pre};
        return semver_cmp(&a, &b) == 0 ? EQUAL : NULL;
    }
    return semver_cmp(v, &c->version) == 0 ? EQUAL : NULL;
}

static const char *check_greater(const struct comparator *c, const struct semver *v)
{
    if (c->is_range && v->major != c->version.major) {
        return v->major > c->version.major ? NULL : LESS_OR_EQUAL;
    }
    if (c->minor_is_any) {
        return LESS_OR_EQUAL;
    }
    if (c->patch_is_any) {
        return v->minor > c->version.minor ? NULL : LESS_OR_EQUAL;
    }
    return semver_cmp(v, &c->version) > 0 ? NULL : LESS_OR_EQUAL;
}

static const char *check_at_most(const struct comparator *c, const struct semver *v)
{
    if (!c->is_range) {
        return semver_cmp(v, &c->version) <= 0 ? NULL : GREATER;
    }
    if (v->major > c->version.major) {
        return GREATER;
    }
    bool later = v->major == c->version.major && v->minor > c->version.minor && !c->minor_is_any;
    return later ? GREATER : NULL;
}

static const char *check_tilde(const struct comparator *c, const struct semver *v)
{
    if (semver_cmp(v, &c->version) < 0) {
        return LESS;
    }
    bool is_zero = c->version.major == 0 && c->version.minor == 0 && c->version.patch == 0;
    if (is_zero && !c->minor_is_any && !c->patch_is_any) {
        return NULL; /* ~0.0.0 and ~* are "any" */
    }
    if (v->major != c->version.major) {
        return OTHER_MAJOR;
    }
    return v->minor != c->version.minor && !c->minor_is_any ? OTHER_MAJOR_MINOR : NULL;
}

static const char *check_caret(const struct comparator *c, const struct semver *v)
{
    if (semver_cmp(v, &c->version) < 0) {
        return LESS;
    }
    if (v->major != c->version.major) {
        return OTHER_MAJOR;
    }
    if (c->version.major > 0 || c->minor_is_any) {
        return NULL;
    }
    if (c->version.minor > 0 || c->patch_is_any) {
        return v->minor == c->version.minor ? NULL : OTHER_MINOR_OF_0;
    }
    if (v->minor > 0) {
        return OTHER_MINOR;
    }
    return v->patch == c->version.patch ? NULL : OTHER_PATCH_OF_0;
}

static const char *check_equal(const struct comparator *c, const struct semver *v)
{
    if (c->is_range) {
        return check_tilde(c, v);
    }
    return semver_cmp(v, &c->version) == 0 ? NULL : NOT_EQUAL;
}

static const char *check_comparator(const struct comparator *c, const struct semver *v)
{
    switch (c->op) {
    case OP_NOT_EQUAL:
        return check_not_equal(c, v);
    case OP_GREATER:
        return check_greater(c, v);
    case OP_LESS:
        return semver_cmp(v, &c->version) < 0 ? NULL : GREATER_OR_EQUAL;
    case OP_AT_LEAST:
        return semver_cmp(v, &c->version) >= 0 ? NULL : LESS;
    case OP_AT_MOST:
        return check_at_most(c, v);
    case OP_TILDE:
        return check_tilde(c, v);
    case OP_CARET:
        return check_caret(c, v);
    case OP_EQUAL:
    default:
        return check_equal(c, v);
    }
}

static void
put_reason(struct buf *out, const char *reason, const struct comparator *c, const struct semver *v)
{
    if (out->n > 0) {
        buf_put_char(out, '\n');
    }
    buf_put_char(out, '"');
    semver_format(v, out);
    buf_put_c(out, "\" ");
    struct str rest = str_from(reason);
    struct str before;
    size_t mark = str_find(rest, STR("%s"));
    if (mark != STR_NONE) {
        before = str_sub(rest, 0, mark);
        buf_put(out, before);
        buf_put(out, c->text);
        rest = str_sub(rest, mark + 2, rest.n);
    }
    buf_put(out, rest);
}

/* True when all comparators are satisfied; reasons may be NULL. */
static bool check_group(const struct group *group, const struct semver *v, struct buf *reasons)
{
    bool satisfied = true;
    for (size_t i = 0; i < group->comparators.n; i++) {
        const struct comparator *c = &group->comparators.items[i];
        const char *reason = check_comparator(c, v);
        satisfied = satisfied && reason == NULL;
        if (reason != NULL && reasons != NULL) {
            put_reason(reasons, reason, c, v);
        }
    }
    return satisfied;
}

bool semver_constraint_explain(const struct semver_constraint *c,
                               const struct semver *v,
                               struct buf *reasons)
{
    bool told_prerelease = reasons == NULL;
    for (size_t i = 0; i < c->groups.n; i++) {
        const struct group *group = &c->groups.items[i];
        if (v->pre.n > 0 && !group->has_prerelease) {
            if (!told_prerelease) {
                put_reason(reasons, PRERELEASE, NULL, v);
            }
            told_prerelease = true;
            continue;
        }
        if (check_group(group, v, reasons)) {
            if (reasons != NULL) {
                buf_reset(reasons);
            }
            return true;
        }
    }
    return false;
}

bool semver_constraint_check(const struct semver_constraint *c, const struct semver *v)
{
    return semver_constraint_explain(c, v, NULL);
}
