/* The regex functions of sprig 3.3; those with must fail with another message. */
#include "engine/template/func.h"
#include "engine/template/regex.h"

typedef int (*compile_fn)(struct arena *arena,
                          struct str pattern,
                          struct regex **ret,
                          struct err *err);

static int begin(struct tcall *call,
                 compile_fn compile,
                 const struct tval *args,
                 struct regex_job *ret,
                 struct err *err)
{
    *ret = (struct regex_job){.arena = call->arena, .budget = call->budget, .text = args[1].s};
    TRY(budget_steps(call->budget, args[0].s.n + 1, err));
    return compile(call->arena, args[0].s, &ret->regex, err);
}

static struct tval piece(const struct regex_job *job, struct regex_span span)
{
    return tval_str(str_sub(job->text, span.start, span.end));
}

static struct tval pieces(const struct regex_job *job, struct regex_spans spans)
{
    struct tval list = tval_list_new(job->arena, TVAL_OF_STRING, spans.n);
    for (size_t i = 0; i < spans.n; i++) {
        list.list->items[i] = piece(job, spans.items[i]);
    }
    return list;
}

/* A nil []string. */
static struct tval no_pieces(const struct regex_job *job)
{
    return tval_list_new(job->arena, TVAL_OF_STRING, 0);
}

static int match_with(struct tcall *call,
                      compile_fn compile,
                      const struct tval *args,
                      struct tval *ret,
                      struct err *err)
{
    struct regex_job job;
    struct regex_span span;
    TRY(begin(call, compile, args, &job, err));
    int found = regex_find(&job, &span, err);
    TRY(found);
    *ret = tval_bool(found == 1);
    return 0;
}

/* A pattern that is none matches nothing, without a word. */
static int regex_match(TFUNC_PARAMS)
{
    int rc = match_with(call, regex_compile, args, ret, err);
    if (rc == -(int)ERR_INVALID) {
        *ret = tval_bool(false);
        return 0;
    }
    return rc;
}

static int must_regex_match(TFUNC_PARAMS)
{
    return match_with(call, regex_compile, args, ret, err);
}

static int find_with(struct tcall *call,
                     compile_fn compile,
                     const struct tval *args,
                     struct tval *ret,
                     struct err *err)
{
    struct regex_job job;
    struct regex_span span = {0};
    TRY(begin(call, compile, args, &job, err));
    TRY(regex_find(&job, &span, err));
    *ret = piece(&job, span);
    return 0;
}

static int regex_find_first(TFUNC_PARAMS)
{
    return find_with(call, regex_must_compile, args, ret, err);
}

static int must_regex_find(TFUNC_PARAMS)
{
    return find_with(call, regex_compile, args, ret, err);
}

static int find_all_with(struct tcall *call,
                         compile_fn compile,
                         const struct tval *args,
                         struct tval *ret,
                         struct err *err)
{
    struct regex_job job;
    struct regex_spans spans;
    TRY(begin(call, compile, args, &job, err));
    TRY(regex_find_all(&job, args[2].i, &spans, err));
    *ret = spans.n > 0 ? pieces(&job, spans) : no_pieces(&job);
    return 0;
}

static int regex_find_each(TFUNC_PARAMS)
{
    return find_all_with(call, regex_must_compile, args, ret, err);
}

static int must_regex_find_each(TFUNC_PARAMS)
{
    return find_all_with(call, regex_compile, args, ret, err);
}

static int split_with(struct tcall *call,
                      compile_fn compile,
                      const struct tval *args,
                      struct tval *ret,
                      struct err *err)
{
    struct regex_job job;
    struct regex_spans spans;
    TRY(begin(call, compile, args, &job, err));
    TRY(regex_split(&job, args[2].i, &spans, err));
    *ret = spans.n > 0 ? pieces(&job, spans) : no_pieces(&job);
    return 0;
}

static int regex_split_text(TFUNC_PARAMS)
{
    return split_with(call, regex_must_compile, args, ret, err);
}

static int must_regex_split(TFUNC_PARAMS)
{
    return split_with(call, regex_compile, args, ret, err);
}

static int replace_with(struct tcall *call,
                        compile_fn compile,
                        const struct tval *args,
                        enum regex_replacement how,
                        struct tval *ret,
                        struct err *err)
{
    struct regex_job job;
    struct str text;
    TRY(begin(call, compile, args, &job, err));
    TRY(regex_replace_all(&job, args[2].s, how, &text, err));
    *ret = tval_str(text);
    return 0;
}

static int regex_replace(TFUNC_PARAMS)
{
    return replace_with(call, regex_must_compile, args, REGEX_EXPAND, ret, err);
}

static int must_regex_replace(TFUNC_PARAMS)
{
    return replace_with(call, regex_compile, args, REGEX_EXPAND, ret, err);
}

static int regex_replace_literal(TFUNC_PARAMS)
{
    return replace_with(call, regex_must_compile, args, REGEX_LITERAL, ret, err);
}

static int must_regex_replace_literal(TFUNC_PARAMS)
{
    return replace_with(call, regex_compile, args, REGEX_LITERAL, ret, err);
}

static int quote_meta(TFUNC_PARAMS)
{
    TRY(budget_bytes(call->budget, 2 * args[0].s.n, err));
    *ret = tval_str(regex_quote_meta(call->arena, args[0].s));
    return 0;
}

static const struct tfunc ROWS[] = {
    {"regexMatch", "ss", regex_match},
    {"mustRegexMatch", "ss", must_regex_match},
    {"regexFind", "ss", regex_find_first},
    {"mustRegexFind", "ss", must_regex_find},
    {"regexFindAll", "ssi", regex_find_each},
    {"mustRegexFindAll", "ssi", must_regex_find_each},
    {"regexReplaceAll", "sss", regex_replace},
    {"mustRegexReplaceAll", "sss", must_regex_replace},
    {"regexReplaceAllLiteral", "sss", regex_replace_literal},
    {"mustRegexReplaceAllLiteral", "sss", must_regex_replace_literal},
    {"regexSplit", "ssi", regex_split_text},
    {"mustRegexSplit", "ssi", must_regex_split},
    {"regexQuoteMeta", "s", quote_meta},
};
const struct tfunc_table TFUNCS_REGEX = TFUNC_TABLE(ROWS);
