/* del(f) of jq is delpaths([path(f)]): the inner half is run here, so that the tree stays the caller's. */
#include "engine/jq/jq_eval.h"

#include <jq.h>

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/mem.h"

enum {
    PROGRAMS_MAX = 100, /* compiled ones kept; compiling takes some ten milliseconds */
    PROGRAM_BYTES_MAX = 16384,
};

struct jq_eval {
    struct map *programs; /* expression -> jq_state */
    char message[ERR_MESSAGE_BYTES];
};

static void free_program(void *value)
{
    jq_state *jq = value;
    jq_teardown(&jq);
}

struct jq_eval *jq_eval_new(void)
{
    struct jq_eval *e = MEM_NEW(struct jq_eval);
    e->programs = map_new(free_program);
    return e;
}

void jq_eval_free(struct jq_eval *e)
{
    if (e != NULL) {
        map_free(e->programs);
        mem_free(e);
    }
}

/* The first message says what is wrong, others follow from it. */
static void on_message(void *data, jv message)
{
    struct jq_eval *e = data;
    if (jv_get_kind(message) == JV_KIND_STRING && e->message[0] == '\0') {
        struct str text = str_trim(str_from(jv_string_value(message)));
        (void)str_cut_prefix(&text, STR("jq: "));
        (void)str_cut(text, '\n', &text, &(struct str){NULL, 0});
        size_t n = MIN(text.n, sizeof(e->message) - 1);
        memcpy(e->message, text.p, n);
        e->message[n] = '\0';
    }
    jv_free(message);
}

static int compile(struct jq_eval *e, struct str expression, jq_state **ret, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    if (expression.n > PROGRAM_BYTES_MAX || str_find_char(expression, '\0') != STR_NONE) {
        return err_set(err, ERR_INVALID, "longer than %d bytes, or with a zero byte in it",
                       PROGRAM_BYTES_MAX);
    }
    jq_state *jq = jq_init();
    e->message[0] = '\0';
    jq_set_error_cb(jq, on_message, e);
    /* a comment at its end ends with the line */
    struct str program = arena_printf(arena, "[path(" STR_FMT "\n)]", STR_ARG(expression));
    if (!jq_compile(jq, program.p)) {
        jq_teardown(&jq);
        return err_set(err, ERR_INVALID, "%s", e->message);
    }
    *ret = jq;
    return 0;
}

static int program_of(struct jq_eval *e, struct str expression, jq_state **ret, struct err *err)
{
    jq_state *jq = map_find(e->programs, expression);
    if (jq == NULL) {
        TRY(compile(e, expression, &jq, err));
        if (map_len(e->programs) == PROGRAMS_MAX) {
            map_clear(e->programs);
        }
        map_set(e->programs, expression, jq);
    }
    *ret = jq;
    return 0;
}

/* Where jq refuses, there is nothing to delete: Argo CD leaves such objects as they are. */
static void put_paths(jq_state *jq, struct buf *out)
{
    jv paths = jq_next(jq);
    if (jv_is_valid(paths) && jv_get_kind(paths) == JV_KIND_ARRAY) {
        jv text = jv_dump_string(paths, 0);
        buf_put_c(out, jv_string_value(text));
        jv_free(text);
        return;
    }
    jv_free(paths);
    buf_put_c(out, "[]");
}

int jq_eval_paths(
    struct jq_eval *e, struct str expression, struct str json, struct buf *out, struct err *err)
{
    jq_state *jq = NULL;
    TRY(program_of(e, expression, &jq, err));
    jv input = jv_parse_sized(json.p, (int)json.n);
    if (!jv_is_valid(input)) {
        jv_free(input);
        return err_set(err, ERR_INVALID, "not a JSON text");
    }
    jq_start(jq, input, 0);
    put_paths(jq, out);
    jq_start(jq, jv_null(), 0); /* lets go of what is left of this run */
    return 0;
}
