/* The template parser: no input breaks it, what it printed parses to the same again, and neither failures
 * nor `tpl` leave anything in the set. */
#include <string.h>

#include "engine/template/ast.h"
#include "engine/template/func.h"
#include "engine/template/parse.h"
#include "engine/template/template.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024, MAX_DEPTH = 100, MAX_PRINTED = 1 << 20 };

static struct budget small_budget(void)
{
    struct budget budget = budget_unlimited();
    budget.depth = MAX_DEPTH;
    return budget;
}

static const struct tfunc *any_func(void *data, struct str name)
{
    static const struct tfunc FUNC = {.name = "f"};
    (void)data;
    (void)name;
    return &FUNC;
}

static int ignore_def(void *data, const struct tdef *def, struct err *err)
{
    (void)data;
    (void)def;
    (void)err;
    return 0;
}

static bool has_text(const struct tnodes *nodes)
{
    for (size_t i = 0; i < nodes->n; i++) {
        const struct tnode *node = &nodes->items[i];
        bool is_block =
            node->type == TNODE_IF || node->type == TNODE_WITH || node->type == TNODE_RANGE;
        /* text comes back as it is, where it may begin to mean something */
        if (node->type == TNODE_TEXT ||
            (is_block && (has_text(&node->body) || has_text(&node->other)))) {
            return true;
        }
    }
    return false;
}

static struct str print(struct arena *arena, const struct tdef *def)
{
    AUTO(buf) struct buf out;
    buf_init(&out, MAX_PRINTED);
    for (size_t i = 0; i < def->body.n; i++) {
        tnode_format(&def->body.items[i], &out);
    }
    return out.overflow ? STR_EMPTY : buf_to_arena(&out, arena);
}

static int parse(struct arena *arena, struct str text, const struct tdef **ret, struct err *err)
{
    struct budget budget = small_budget();
    struct parse_input in = {
        .arena = arena,
        .name = STR("file"),
        .text = text,
        .budget = &budget,
        .find_func = any_func,
        .define = ignore_def,
    };
    int rc = parse_file(&in, ret, err);
    FUZZ_CHECK(budget.depth == MAX_DEPTH);
    FUZZ_CHECK(rc == 0 || (err->pos.line > 0 && err->message[0] != '\0'));
    return rc;
}

static void round_trip(struct arena *arena, struct str text)
{
    struct err err;
    const struct tdef *def = NULL;
    const struct tdef *again = NULL;
    if (parse(arena, text, &def, &err) < 0) {
        return;
    }
    FUZZ_CHECK(def->max_slots > 0);
    struct str printed = print(arena, def);
    /* an {{else if}} chain comes back nested, but no deeper */
    if (printed.n > 0 && !has_text(&def->body)) {
        FUZZ_OK(parse(arena, printed, &again, &err));
        FUZZ_CHECK(str_eq(print(arena, again), printed));
    }
}

static void use_set(struct arena *arena, struct str text)
{
    struct err err;
    struct budget budget = small_budget();
    struct template_set *set = template_set_new(arena);
    FUZZ_OK(template_parse(set, STR("a"), STR("x{{define \"b\"}}x{{end}}"), &budget, &err));
    const struct tdef *a = template_find(set, STR("a"));
    const struct tdef *b = template_find(set, STR("b"));
    template_push(set);
    int rc = template_parse(set, STR("a"), text, &budget, &err);
    FUZZ_CHECK(rc == 0 || err.pos.line > 0);
    template_pop(set);
    FUZZ_CHECK(template_find(set, STR("a")) == a && template_find(set, STR("b")) == b);
    if (template_parse(set, STR("c"), text, &budget, &err) < 0) {
        FUZZ_CHECK(template_find(set, STR("c")) == NULL);
        FUZZ_CHECK(template_find(set, STR("b")) == b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = str_of((const char *)data, size);
    round_trip(arena, text);
    use_set(arena, text);
    return 0;
}
