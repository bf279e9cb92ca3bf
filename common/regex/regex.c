/* Compiling, searching, splitting and replacing with the regular expressions of regex.h. */
#include "common/regex/regex.h"

#include <stdio.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "common/regex/regex_internal.h"

enum {
    BYTES_PER_STEP = 16,                  /* of text searched */
    MAX_GROUP_NUMBER = 1000 * 1000 * 100, /* a longer number in a replacement is a name, as in Go */
    PARENS_DEPTH = 3000,                  /* regex_parse.c allows fewer */
};

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    const struct str *names; /* of groups; "" = none */
    size_t n_groups;         /* the whole match included */
    bool is_empty;           /* the pattern was "" */
};

/* ---- compiling ---- */

static void on_free(void *p)
{
    struct regex *re = p;
    pcre2_match_data_free(re->data);
    pcre2_match_context_free(re->context);
    pcre2_code_free(re->code);
}

static pcre2_code *compile(struct str pattern, int *ret_code)
{
    PCRE2_SIZE offset;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *code = NULL;
    *ret_code = PCRE2_ERROR_NOMEMORY;
    if (context != NULL) {
        (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
        (void)pcre2_set_parens_nest_limit(context, PARENS_DEPTH);
        uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
        code = pcre2_compile((PCRE2_SPTR)(pattern.n > 0 ? pattern.p : ""), pattern.n, options,
                             ret_code, &offset, context);
    }
    pcre2_compile_context_free(context);
    return code;
}

bool regex_knows_property(const char *property)
{
    char pattern[128];
    int code;
    (void)snprintf(pattern, sizeof(pattern), "\\p{%s}", property);
    pcre2_code *compiled = compile(str_from(pattern), &code);
    pcre2_code_free(compiled);
    return compiled != NULL;
}

/* What Go takes and PCRE2 does not is too large for it. */
static int compile_failed(int code, struct err *err)
{
    unsigned char text[128];
    if (pcre2_get_error_message(code, text, sizeof(text)) < 0) {
        text[0] = '\0';
    }
    return err_set(err, ERR_LIMIT, "regular expression cannot be compiled: %s", (char *)text);
}

/* With the code, all that a search needs. */
static int make_ready(struct arena *arena, struct regex *re, struct err *err)
{
    arena_defer(arena, on_free, re);
    re->data = pcre2_match_data_create_from_pattern(re->code, NULL);
    re->context = pcre2_match_context_create(NULL);
    if (re->data == NULL || re->context == NULL) {
        return compile_failed(PCRE2_ERROR_NOMEMORY, err);
    }
    (void)pcre2_set_match_limit(re->context, LIMIT_REGEX_STEPS);
    (void)pcre2_set_heap_limit(re->context, LIMIT_REGEX_HEAP_KIB);
    return 0;
}

int regex_compile(struct arena *arena, struct str pattern, struct regex **ret, struct err *err)
{
    struct regex_translation t;
    TRY(regex_translate(arena, pattern, &t, err));
    struct regex *re = ARENA_NEW(arena, struct regex);
    int code;
    re->names = t.names;
    re->n_groups = t.n_groups;
    re->is_empty = pattern.n == 0;
    re->code = compile(t.pattern, &code);
    if (re->code == NULL) {
        return compile_failed(code, err);
    }
    TRY(make_ready(arena, re, err));
    *ret = re;
    return 0;
}

int regex_compile_perl(struct arena *arena, struct str pattern, struct regex **ret, struct err *err)
{
    struct regex *re = ARENA_NEW(arena, struct regex);
    int code;
    re->is_empty = pattern.n == 0;
    re->code = pattern.n <= LIMIT_REGEX_BYTES ? compile(pattern, &code) : NULL;
    if (re->code == NULL) {
        return err_set(err, ERR_INVALID, "error parsing regexp: `" STR_FMT "`", STR_ARG(pattern));
    }
    TRY(make_ready(arena, re, err));
    *ret = re;
    return 0;
}

/* ---- searching ---- */

/* The text as PCRE2 sees it. */
struct subject {
    struct str utf8;
    const size_t *origin; /* of each byte in the job's text; NULL: the same */
};

/* Invalid bytes become U+FFFD, and positions are translated back. */
static int make_subject(const struct regex_job *job, struct subject *ret, struct err *err)
{
    struct str s = job->text;
    *ret = (struct subject){.utf8 = s.n > 0 ? s : STR_EMPTY};
    TRY(budget_steps(job->budget, s.n / BYTES_PER_STEP + 1, err));
    if (utf8_valid(s)) {
        return 0;
    }
    TRY(budget_bytes(job->budget, s.n * (3 + 3 * sizeof(size_t)), err));
    struct buf valid;
    buf_init(&valid, 3 * s.n);
    size_t *origin = arena_calloc(job->arena, 3 * s.n + 1, sizeof(*origin));
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        size_t start = valid.n;
        utf8_put(&valid, utf8_next(s, &at));
        for (size_t i = start; i < valid.n; i++) {
            origin[i] = from;
        }
        origin[valid.n] = at;
    }
    ret->utf8 = buf_to_arena(&valid, job->arena);
    ret->origin = origin;
    buf_done(&valid);
    return 0;
}

static int search_failed(int code, struct err *err)
{
    if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
        code == PCRE2_ERROR_DEPTHLIMIT) {
        return err_set(err, ERR_LIMIT, "regular expression takes more than %d steps on this text",
                       LIMIT_REGEX_STEPS);
    }
    unsigned char text[128];
    if (pcre2_get_error_message(code, text, sizeof(text)) < 0) {
        text[0] = '\0';
    }
    return err_set(err, ERR_INTERNAL, "regular expression: %s", (char *)text);
}

/* First match at or behind `from`, both in the subject: 1, or 0. Groups stay in the match data. */
static int search(const struct regex_job *job,
                  const struct subject *subject,
                  size_t from,
                  struct regex_span *ret,
                  struct err *err)
{
    const struct regex *re = job->regex;
    TRY(budget_steps(job->budget, 1, err));
    int rc = pcre2_match(re->code, (PCRE2_SPTR)subject->utf8.p, subject->utf8.n, from,
                         PCRE2_NO_UTF_CHECK, re->data, re->context);
    if (rc == PCRE2_ERROR_NOMATCH) {
        return 0;
    }
    if (rc < 0) {
        return search_failed(rc, err);
    }
    const PCRE2_SIZE *groups = pcre2_get_ovector_pointer(re->data);
    *ret = (struct regex_span){groups[0], groups[1]};
    TRY(budget_steps(job->budget, (ret->end - from) / BYTES_PER_STEP, err));
    return 1;
}

static struct regex_span to_text(const struct subject *subject, struct regex_span span)
{
    if (subject->origin == NULL) {
        return span;
    }
    return (struct regex_span){subject->origin[span.start], subject->origin[span.end]};
}

/* Bytes of the code point at `at`; 0 at the end. */
static size_t rune_width(const struct subject *subject, size_t at)
{
    return utf8_len(subject->utf8.p + at, subject->utf8.n - at);
}

int regex_find(const struct regex_job *job, struct regex_span *ret, struct err *err)
{
    struct subject subject;
    struct regex_span span;
    TRY(make_subject(job, &subject, err));
    int found = search(job, &subject, 0, &span, err);
    if (found == 1) {
        *ret = to_text(&subject, span);
    }
    return found;
}

/* As make_subject(), for a single search that keeps no positions. */
static struct str valid_utf8(struct str text, struct buf *valid)
{
    buf_init(valid, 3 * text.n + 1);
    if (utf8_valid(text)) {
        return text.n > 0 ? text : STR_EMPTY;
    }
    for (size_t at = 0; at < text.n;) {
        utf8_put(valid, utf8_next(text, &at));
    }
    return buf_str(valid);
}

int regex_matches(const struct regex *re, struct str text, struct err *err)
{
    AUTO(buf) struct buf valid;
    struct str subject = valid_utf8(text, &valid);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int rc = PCRE2_ERROR_NOMEMORY;
    if (data != NULL) {
        rc = pcre2_match(re->code, (PCRE2_SPTR)subject.p, subject.n, 0, PCRE2_NO_UTF_CHECK, data,
                         re->context);
    }
    pcre2_match_data_free(data);
    if (rc == PCRE2_ERROR_NOMATCH) {
        return 0;
    }
    return rc < 0 ? search_failed(rc, err) : 1;
}

int regex_find_all(const struct regex_job *job,
                   int64_t max,
                   struct regex_spans *ret,
                   struct err *err)
{
    VEC(struct regex_span) spans = {0};
    struct subject subject;
    TRY(make_subject(job, &subject, err));
    size_t last_end = STR_NONE;
    for (size_t at = 0; at <= subject.utf8.n && (max < 0 || spans.n < (size_t)max);) {
        struct regex_span span;
        int found = search(job, &subject, at, &span, err);
        TRY(found);
        if (found == 0) {
            break;
        }
        /* an empty match right behind another one does not count */
        bool empty = span.end == at;
        if (!empty || span.start != last_end) {
            TRY(budget_nodes(job->budget, 1, err));
            vec_push_in(job->arena, &spans, to_text(&subject, span));
        }
        last_end = span.end;
        at = empty ? at + MAX(rune_width(&subject, at), (size_t)1) : span.end;
    }
    *ret = (struct regex_spans){spans.items, spans.n};
    return 0;
}

int regex_split(const struct regex_job *job, int64_t max, struct regex_spans *ret, struct err *err)
{
    VEC(struct regex_span) pieces = {0};
    struct regex_spans matches;
    *ret = (struct regex_spans){0};
    if (max == 0) {
        return 0;
    }
    if (job->text.n == 0 && !job->regex->is_empty) {
        vec_push_in(job->arena, &pieces, ((struct regex_span){0, 0}));
        *ret = (struct regex_spans){pieces.items, pieces.n};
        return 0;
    }
    TRY(regex_find_all(job, max, &matches, err));
    size_t begin = 0;
    size_t end = 0;
    for (size_t i = 0; i < matches.n && (max < 0 || (int64_t)pieces.n < max - 1); i++) {
        end = matches.items[i].start;
        if (matches.items[i].end != 0) {
            vec_push_in(job->arena, &pieces, ((struct regex_span){begin, end}));
        }
        begin = matches.items[i].end;
    }
    if (end != job->text.n) {
        vec_push_in(job->arena, &pieces, ((struct regex_span){begin, job->text.n}));
    }
    *ret = (struct regex_spans){pieces.items, pieces.n};
    return 0;
}

/* ---- replacing ---- */

struct replacer {
    const struct regex_job *job;
    struct subject subject;
    struct str replacement;
    enum regex_replacement how;
    struct buf out;
};

static void put_group(struct replacer *r, size_t group)
{
    const PCRE2_SIZE *groups = pcre2_get_ovector_pointer(r->job->regex->data);
    if (group < r->job->regex->n_groups && groups[2 * group] != PCRE2_UNSET) {
        struct regex_span span = {groups[2 * group], groups[2 * group + 1]};
        span = to_text(&r->subject, span);
        buf_put(&r->out, str_sub(r->job->text, span.start, span.end));
    }
}

static bool is_set(const struct regex *re, size_t group)
{
    return pcre2_get_ovector_pointer(re->data)[2 * group] != PCRE2_UNSET;
}

/* The first group of the name that took part. */
static void put_named_group(struct replacer *r, struct str name)
{
    const struct regex *re = r->job->regex;
    for (size_t i = 1; i < re->n_groups; i++) {
        if (str_eq(re->names[i], name) && is_set(re, i)) {
            put_group(r, i);
            return;
        }
    }
}

static size_t name_length(struct str s)
{
    size_t at = 0;
    while (at < s.n) {
        size_t next = at;
        uint32_t rune = utf8_next(s, &next);
        if (rune != '_' && !utf8_is_letter(rune) && !utf8_is_digit(rune)) {
            break;
        }
        at = next;
    }
    return at;
}

/* A number without leading zeros; false: it is a name. */
static bool group_number(struct str name, size_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] < '0' || name.p[i] > '9' || *ret >= MAX_GROUP_NUMBER) {
            return false;
        }
        *ret = *ret * 10 + (size_t)(name.p[i] - '0');
    }
    return name.n == 1 || name.p[0] != '0';
}

/* Behind a "$": how much of the text it takes; 0 = the "$" stands for itself. */
static size_t expand_reference(struct replacer *r, struct str s)
{
    if (str_starts_with(s, STR("$"))) {
        buf_put_char(&r->out, '$');
        return 1;
    }
    size_t brace = str_starts_with(s, STR("{")) ? 1 : 0;
    struct str name = str_sub(s, brace, s.n);
    name = str_sub(name, 0, name_length(name));
    size_t end = brace + name.n;
    if (name.n == 0 || (brace == 1 && (end == s.n || s.p[end] != '}'))) {
        return 0;
    }
    size_t group;
    if (group_number(name, &group)) {
        put_group(r, group);
    } else {
        put_named_group(r, name);
    }
    return end + brace;
}

static void put_replacement(struct replacer *r)
{
    struct str rest = r->replacement;
    size_t mark;
    while (r->how == REGEX_EXPAND && (mark = str_find_char(rest, '$')) != STR_NONE) {
        buf_put(&r->out, str_sub(rest, 0, mark));
        rest = str_sub(rest, mark + 1, rest.n);
        size_t n = expand_reference(r, rest);
        if (n == 0) {
            buf_put_char(&r->out, '$');
        }
        rest = str_sub(rest, n, rest.n);
    }
    buf_put(&r->out, rest);
}

/* Where to go on behind a match found from `at`: one code point further at least. */
static size_t next_position(const struct replacer *r, size_t at, size_t match_end)
{
    size_t width = MAX(rune_width(&r->subject, at), (size_t)1);
    return MAX(at + width, match_end);
}

static int replace_all(struct replacer *r, struct err *err)
{
    struct str text = r->job->text;
    size_t last_end = 0; /* in the text */
    for (size_t at = 0; at <= r->subject.utf8.n;) {
        struct regex_span found;
        int rc = search(r->job, &r->subject, at, &found, err);
        TRY(rc);
        if (rc == 0) {
            break;
        }
        struct regex_span span = to_text(&r->subject, found);
        buf_put(&r->out, str_sub(text, last_end, span.start));
        /* not for an empty match right behind another one */
        if (span.end > last_end || span.start == 0) {
            put_replacement(r);
        }
        TRY(buf_check(&r->out, "a string", err));
        last_end = span.end;
        at = next_position(r, at, found.end);
    }
    buf_put(&r->out, str_sub(text, last_end, text.n));
    return buf_check(&r->out, "a string", err);
}

int regex_replace_all(const struct regex_job *job,
                      struct str replacement,
                      enum regex_replacement how,
                      struct str *ret,
                      struct err *err)
{
    struct replacer r = {.job = job, .replacement = replacement, .how = how};
    TRY(make_subject(job, &r.subject, err));
    buf_init(&r.out, LIMIT_TEMPLATE_STRING_BYTES);
    int rc = replace_all(&r, err);
    if (rc >= 0) {
        rc = budget_bytes(job->budget, r.out.n, err);
    }
    if (rc >= 0) {
        *ret = buf_to_arena(&r.out, job->arena);
    }
    buf_done(&r.out);
    return rc;
}

struct str regex_quote_meta(struct arena *arena, struct str text)
{
    char *quoted = arena_bytes(arena, 2 * text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\0' && strchr("\\.+*?()|[]{}^$", text.p[i]) != NULL) {
            quoted[n++] = '\\';
        }
        quoted[n++] = text.p[i];
    }
    return str_of(quoted, n);
}
