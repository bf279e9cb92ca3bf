/* The regex functions of sprig 3.3; those with must fail with another message. */
#include <string.h>

#include "common/base/buf.h"
#include "common/base/utf8.h"
#include "common/regex/regex.h"
#include "engine/template/func.h"

static bool is_must(const struct tcall *call)
{
    return strncmp(call->name, "must", 4) == 0;
}

/* strconv.CanBackquote, near enough for a message. */
static bool can_backquote(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '`' || c == 0x7f || (c < ' ' && c != '\t')) {
            return false;
        }
    }
    return utf8_valid(s);
}

/* With the message of Go's MustCompile. */
static int
must_compile(struct arena *arena, struct str pattern, struct regex **ret, struct err *err)
{
    int rc = regex_compile(arena, pattern, ret, err);
    if (rc >= 0 || err->code != ERR_INVALID) {
        return rc;
    }
    char message[ERR_MESSAGE_BYTES];
    memcpy(message, err->message, sizeof(message));
    struct buf quoted;
    buf_init(&quoted, 8 * pattern.n + 8);
    if (can_backquote(pattern)) {
        buf_printf(&quoted, "`" STR_FMT "`", STR_ARG(pattern));
    } else {
        tval_quote(&quoted, pattern);
    }
    rc = err_set(err, ERR_INVALID, "regexp: Compile(%s): %s", quoted.p, message);
    buf_done(&quoted);
    return rc;
}

static int
begin(struct tcall *call, const struct tval *args, struct regex_job *ret, struct err *err)
{
    struct regex **regex = &ret->regex;
    *ret = (struct regex_job){.arena = call->arena, .budget = call->budget, .text = args[1].s};
    TRY(budget_steps(call->budget, args[0].s.n + 1, err));
    return is_must(call) ? regex_compile(call->arena, args[0].s, regex, err)
                         : must_compile(call->arena, args[0].s, regex, err);
}

static struct tval piece(const struct regex_job *job, struct regex_span span)
{
    return tval_str(str_sub(job->text, span.start, span.end));
}

static struct tval pieces(const struct regex_job *job, struct regex_spans spans)
{
    struct tval list = tval_list_new(job->arena, TVAL_OF_STRING, spans.n);
    list.list->is_nil = spans.n == 0;
    for (size_t i = 0; i < spans.n; i++) {
        list.list->items[i] = piece(job, spans.items[i]);
    }
    return list;
}

/* mustRegexMatch tells what is wrong with a pattern; regexMatch takes it as one that matches nothing. */
static int regex_match(TFUNC_PARAMS)
{
    struct regex_job job;
    struct regex_span span;
    int rc = begin(call, args, &job, err);
    if (rc == -(int)ERR_INVALID && !is_must(call)) {
        *ret = tval_bool(false);
        return 0;
    }
    TRY(rc);
    int found = regex_find(&job, &span, err);
    TRY(found);
    *ret = tval_bool(found == 1);
    return 0;
}

static int regex_find_first(TFUNC_PARAMS)
{
    struct regex_job job;
    struct regex_span span = {0};
    TRY(begin(call, args, &job, err));
    TRY(regex_find(&job, &span, err));
    *ret = piece(&job, span);
    return 0;
}

static int regex_find_each(TFUNC_PARAMS)
{
    struct regex_job job;
    struct regex_spans spans;
    TRY(begin(call, args, &job, err));
    TRY(regex_find_all(&job, args[2].i, &spans, err));
    *ret = pieces(&job, spans);
    return 0;
}

static int regex_split_text(TFUNC_PARAMS)
{
    struct regex_job job;
    struct regex_spans spans;
    TRY(begin(call, args, &job, err));
    TRY(regex_split(&job, args[2].i, &spans, err));
    *ret = pieces(&job, spans);
    return 0;
}

static int replace_with(struct tcall *call,
                        const struct tval *args,
                        enum regex_replacement how,
                        struct tval *ret,
                        struct err *err)
{
    struct regex_job job;
    struct str text;
    TRY(begin(call, args, &job, err));
    TRY(regex_replace_all(&job, args[2].s, how, &text, err));
    *ret = tval_str(text);
    return 0;
}

static int regex_replace(TFUNC_PARAMS)
{
    return replace_with(call, args, REGEX_EXPAND, ret, err);
}

static int regex_replace_literal(TFUNC_PARAMS)
{
    return replace_with(call, args, REGEX_LITERAL, ret, err);
}

static int quote_meta(TFUNC_PARAMS)
{
    TRY(budget_bytes(call->budget, 2 * args[0].s.n, err));
    *ret = tval_str(regex_quote_meta(call->arena, args[0].s));
    return 0;
}

static const struct tfunc ROWS[] = {
    {"regexMatch", "ss", regex_match},
    {"mustRegexMatch", "ss", regex_match},
    {"regexFind", "ss", regex_find_first},
    {"mustRegexFind", "ss", regex_find_first},
    {"regexFindAll", "ssi", regex_find_each},
    {"mustRegexFindAll", "ssi", regex_find_each},
    {"regexReplaceAll", "sss", regex_replace},
    {"mustRegexReplaceAll", "sss", regex_replace},
    {"regexReplaceAllLiteral", "sss", regex_replace_literal},
    {"mustRegexReplaceAllLiteral", "sss", regex_replace_literal},
    {"regexSplit", "ssi", regex_split_text},
    {"mustRegexSplit", "ssi", regex_split_text},
    {"regexQuoteMeta", "s", quote_meta},
};
const struct tfunc_table TFUNCS_REGEX = TFUNC_TABLE(ROWS);
