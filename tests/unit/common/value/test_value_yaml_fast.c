/* The fast YAML reader against libyaml: texts made at random of pieces both have to think about. */
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/num.h"
#include "common/base/rand.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml_internal.h"
#include "tests/lib/check.h"

enum {
    N_TEXTS = 30000,
    MAX_LINES = 8,
    MAX_PIECES = 4,
};

static const char *const STARTS[] = {
    "",  "",    "  ",  "  ",    "    ", "- ",   "- - ",  "-   ", "  - ", "-",
    " ", "a: ", "b: ", "  c: ", "d:",   "  e:", "- f: ", "---",  "# ",   "g: h: "};
static const char *const PIECES[] = {
    "a",
    "b c",
    ":",
    ": ",
    "- ",
    "#",
    " #",
    " # x",
    "'q'",
    "\"q\"",
    "'",
    "\"",
    "''",
    "\\n",
    "\"\\n\"",
    "|",
    "|-",
    "|+",
    ">",
    ">-",
    "[]",
    "{}",
    "[a, b]",
    "{k: v}",
    "[a",
    "]",
    ",",
    "&x ",
    "*x",
    "!!str ",
    "\t",
    " ",
    "  ",
    "key: ",
    "key:",
    "1",
    "true",
    "null",
    "\xc3\xa9",
    "\xe2\x80\xa8",
    "-",
    "?",
    "? ",
    "...",
    "---",
    "%",
    "@",
    "`",
    "x#y",
    "x:y",
    "<<",
    "~",
    "[[1], {a: [b]}]",
    "\"\\u00e9\"",
    "text that goes on",
    "'it''s'",
    "'opens",
    "closes'",
    "\"opens \\t",
    "closes\"",
    ":8443",
    "?x",
    "\\",
};

static struct buf *make_text(struct rand *rand, struct buf *b)
{
    size_t n_lines = rand_below(rand, MAX_LINES) + 1;
    buf_reset(b);
    for (size_t i = 0; i < n_lines; i++) {
        buf_put_c(b, STARTS[rand_below(rand, ARRAY_LEN(STARTS))]);
        size_t n_pieces = rand_below(rand, MAX_PIECES);
        for (size_t k = 0; k < n_pieces; k++) {
            buf_put_c(b, PIECES[rand_below(rand, ARRAY_LEN(PIECES))]);
        }
        if (i + 1 < n_lines || rand_below(rand, 4) > 0) {
            buf_put_char(b, '\n');
        }
    }
    return b;
}

static bool same_tree(const struct value *a, const struct value *b)
{
    bool same = a->type == b->type && a->flags == b->flags && a->n == b->n && a->line == b->line &&
                a->column == b->column && a->lexeme_n == b->lexeme_n &&
                (a->type >= VALUE_LIST || value_cmp(a, b) == 0);
    for (size_t i = 0; same && a->type == VALUE_LIST && i < a->n; i++) {
        same = same_tree(value_at(a, i), value_at(b, i));
    }
    for (size_t i = 0; same && a->type == VALUE_MAP && i < a->n; i++) {
        same = str_eq(a->entries[i].key, b->entries[i].key) &&
               same_tree(&a->entries[i].value, &b->entries[i].value);
    }
    return same;
}

static bool same_docs(const struct value_yaml_docs *a, const struct value_yaml_docs *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) {
        same =
            a->items[i].line == b->items[i].line && same_tree(a->items[i].value, b->items[i].value);
    }
    return same;
}

static bool same_err(const struct err *a, const struct err *b)
{
    return a->code == b->code && strcmp(a->message, b->message) == 0 &&
           a->pos.line == b->pos.line && a->pos.column == b->pos.column;
}

/* Both readers give the same; whether it was a tree. */
static bool compare(struct str text, enum value_yaml_schema schema, enum value_yaml_extent extent)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err fast_err;
    struct err slow_err;
    struct value_yaml_docs fast = {0};
    struct value_yaml_docs slow = {0};
    struct value_yaml_opts opts = {.schema = schema, .duplicates = VALUE_DUP_ERROR};
    int a = value_yaml_read(arena, text, &opts, VALUE_YAML_READER_BEST, extent, &fast, &fast_err);
    int b =
        value_yaml_read(arena, text, &opts, VALUE_YAML_READER_LIBYAML, extent, &slow, &slow_err);
    bool same = a == b && (a == 0 ? same_docs(&fast, &slow) : same_err(&fast_err, &slow_err));
    if (!same) {
        fail_msg("the readers differ (%d, %d) on:\n" STR_FMT, a, b, STR_ARG(text));
    }
    return a == 0;
}

static void random_texts_are_read_alike(void **state UNUSED)
{
    size_t n_trees = 0;
    struct rand_seeded seeded;
    const char *seed = getenv("BELAY_TEST_SEED");
    const char *rounds = getenv("BELAY_TEST_ROUNDS");
    uint64_t seed_value = 1;
    uint64_t n_texts = N_TEXTS;
    (void)num_digits(str_from(seed), 10, &seed_value);
    (void)num_digits(str_from(rounds), 10, &n_texts);
    rand_seeded_init(&seeded, seed_value);
    AUTO(buf) struct buf b;
    buf_init(&b, 4096);
    for (uint64_t i = 0; i < n_texts; i++) {
        struct str text = buf_str(make_text(&seeded.rand, &b));
        n_trees += compare(text, VALUE_YAML_JSON, VALUE_YAML_ALL);
        (void)compare(text, VALUE_YAML_CORE, VALUE_YAML_FIRST);
    }
    assert_true(n_trees > n_texts / 20); /* not only errors */
}

static void plain_manifests_do_not_need_libyaml(void **state UNUSED)
{
    static const char *const TEXTS[] = {
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {}\nspec:\n  containers:\n"
        "  - name: c # comment\n    image: \"i:1\"\n    args: [\"-v\", '--x=y', z]\n    env:\n"
        "      - name: A\n        value: \"1\"\n      -\n        name: B\n",
        "data:\n  script: |\n    #!/bin/sh\n    echo 1\n\n    exit\n  folded: >-\n    a\n    b\n"
        "  plain: one\n    two\n\n    three\n",
        "- a\n- - b\n  - c\n- null\n-\n",
        "text",
        "a: 'one\n  it''s \t\n\n\n  three' # comment\nb:\n- \"four \\t\n five\"\n- :8443\n- ?x\n",
        "\"key\" : 'it''s'\n'x': \"\\n\\u00e9\"\n\xc3\xa9: \xe6\x97\xa5\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct value_yaml_opts opts = {0};
        AUTO(value_yaml_tree) struct value_yaml_tree *tree = value_yaml_tree_new(arena, &opts);
        struct value_yaml_fast *fast = value_yaml_fast_new(arena, tree, str_from(TEXTS[i]));
        bool content = false;
        uint32_t line = 0;
        assert_non_null(fast);
        assert_int_equal(value_yaml_fast_read(fast, &content, &line), VALUE_YAML_FAST_DOCUMENT);
        (void)value_yaml_tree_finish(tree);
        assert_int_equal(value_yaml_fast_read(fast, &content, &line), VALUE_YAML_FAST_END);
        (void)compare(str_from(TEXTS[i]), VALUE_YAML_JSON, VALUE_YAML_ALL);
    }
}

static void one_unusual_document_leaves_the_others_fast(void **state UNUSED)
{
    static const char *const TEXTS[] = {
        "a: 1\n---\nb: &x [1,\n  2]\nc: *x\n---\nd: |\n  e\n",
        "a: 1\n---\nb: [\n---\nd: 2\n",
        "a: 1\n---\n\"b\n---\nd: 2\n",
        "--- {a: 1}\n--- [b]\n---\nc: 1\n",
        "# x\n\n---\n? a\n---\n---\n",
        "a: *x\n---\nb: &x 1\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        (void)compare(str_from(TEXTS[i]), VALUE_YAML_JSON, VALUE_YAML_ALL);
        (void)compare(str_from(TEXTS[i]), VALUE_YAML_JSON, VALUE_YAML_FIRST);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_texts_are_read_alike),
        cmocka_unit_test(plain_manifests_do_not_need_libyaml),
        cmocka_unit_test(one_unusual_document_leaves_the_others_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
