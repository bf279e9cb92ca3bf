/* Functions that run templates or look outside of them: include, tpl, required, fail, lookup. */
#include "common/base/limits.h"
#include "common/value/value.h"
#include "engine/engine_env.h"
#include "engine/template/texec.h"

enum { NESTED_INCLUDES_MAX = 1000 }; /* of one name, as in Helm */

#define GOTPL STR("gotpl") /* Helm's name of the set, and of what tpl runs */

static int finish(struct tcall *call, struct str text, struct tval *ret, struct err *err)
{
    TRY(budget_bytes(call->budget, text.n, err));
    *ret = tval_str(arena_str(call->arena, text));
    return 0;
}

/* ---- include ---- */

static int fail_nesting(struct tcall *call, struct str name, struct err *err)
{
    return texec_failed(call->exec,
                        arena_printf(call->arena,
                                     "rendering template has a nested reference name: " STR_FMT
                                     ": unable to execute template",
                                     STR_ARG(name)),
                        NULL, err);
}

static int fail_unknown(struct tcall *call, struct str name, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    buf_put_c(&text, "template: no template ");
    tval_quote(&text, name);
    buf_put_c(&text, " associated with template \"gotpl\"");
    return texec_failed(call->exec, buf_str(&text), NULL, err);
}

static int run_included(
    struct tcall *call, struct str name, struct tval data, struct tval *ret, struct err *err)
{
    const struct tdef *def;
    TRY(template_get(call->exec->set, name, call->budget, &def, err));
    if (def == NULL) {
        return fail_unknown(call, name, err);
    }
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_DOC_BYTES);
    TRY(texec_run(call->exec, def, (struct texec_value){data, false}, &out, err));
    return finish(call, buf_str(&out), ret, err);
}

static int helm_include(TFUNC_PARAMS)
{
    struct str name = args[0].s;
    struct tmap *included = call->exec->included;
    int64_t running = tmap_get(included, name).i;
    if (running > NESTED_INCLUDES_MAX) {
        return fail_nesting(call, name, err);
    }
    tmap_set(included, name, tval_int(running + 1));
    int rc = run_included(call, name, args[1], ret, err);
    tmap_set(included, name, tval_int(running));
    return rc;
}

/* ---- tpl ---- */

/* "WHAT "TEXT": " with the cause behind it. */
static int fail_tpl(struct tcall *call,
                    const char *what,
                    struct str text,
                    const struct texec_failure *cause,
                    struct err *err)
{
    AUTO(buf) struct buf message;
    buf_init(&message, LIMIT_MIB);
    buf_put_c(&message, what);
    buf_put_char(&message, ' ');
    tval_quote(&message, text);
    buf_put_c(&message, ": ");
    return texec_failed(call->exec, buf_str(&message), cause, err);
}

/* What prints nothing is no value: Helm takes the words out. */
static struct str drop_no_value(struct arena *arena, struct str s)
{
    const struct str words = STR("<no value>");
    size_t at = str_find(s, words);
    if (at == STR_NONE) {
        return s;
    }
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_DOC_BYTES);
    for (; at != STR_NONE; at = str_find(s, words)) {
        buf_put(&out, str_sub(s, 0, at));
        s = str_sub(s, at + words.n, s.n);
    }
    buf_put(&out, s);
    return buf_to_arena(&out, arena);
}

static int
run_text(struct tcall *call, struct str text, struct tval data, struct tval *ret, struct err *err)
{
    struct template_exec *exec = call->exec;
    const struct tdef *def = NULL;
    if (template_parse_main(exec->set, GOTPL, text, call->budget, &def, err) < 0) {
        if (texec_is_outside(err)) {
            return -(int)err->code;
        }
        struct str message =
            arena_printf(call->arena, "template: gotpl:%u: %s", err->pos.line, err->message);
        (void)texec_failed(exec, message, NULL, err);
        return fail_tpl(call, "cannot parse template", text, exec->failure, err);
    }
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_DOC_BYTES);
    int rc = texec_run(exec, def, (struct texec_value){data, false}, &out, err);
    if (rc < 0) {
        return texec_is_outside(err) ? rc
                                     : fail_tpl(call, "error during tpl function execution for",
                                                text, exec->failure, err);
    }
    return finish(call, drop_no_value(call->arena, buf_str(&out)), ret, err);
}

static int helm_tpl(TFUNC_PARAMS)
{
    struct template_set *set = call->exec->set;
    template_push(set);
    int rc = run_text(call, args[0].s, args[1], ret, err);
    template_pop(set);
    return rc;
}

/* ---- required, fail ---- */

static int fail_with(struct tcall *call, struct str message, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    buf_put_c(&text, TEMPLATE_WARNING_START);
    buf_put(&text, message);
    buf_put_c(&text, TEMPLATE_WARNING_END);
    return texec_failed(call->exec, buf_str(&text), NULL, err);
}

static int helm_required(TFUNC_PARAMS)
{
    if (args[1].kind == TVAL_NIL || (args[1].kind == TVAL_STRING && args[1].s.n == 0)) {
        return fail_with(call, args[0].s, err);
    }
    *ret = args[1];
    return 0;
}

static int helm_fail(TFUNC_PARAMS)
{
    return fail_with(call, args[0].s, err);
}

/* ---- the world ---- */

static int helm_lookup(TFUNC_PARAMS)
{
    struct engine_env *env = call->env;
    const struct value *object = NULL;
    if (env != NULL && env->lookup != NULL) {
        TRY(env->lookup(env, args[0].s, args[1].s, args[2].s, args[3].s, &object, err));
    }
    *ret = tval_from_value(call->arena, object != NULL ? object : &VALUE_EMPTY_MAP, false);
    return 0;
}

/* Helm answers so unless DNS was asked for. */
static int helm_get_host_by_name(TFUNC_PARAMS)
{
    *ret = tval_str(STR_EMPTY);
    return 0;
}

static const struct tfunc ROWS[] = {
    {"fail", "s", helm_fail},          {"getHostByName", "s", helm_get_host_by_name},
    {"include", "sa", helm_include},   {"lookup", "ssss", helm_lookup},
    {"required", "sa", helm_required}, {"tpl", "sa", helm_tpl},
};
const struct tfunc_table TFUNCS_HELM = TFUNC_TABLE(ROWS);
