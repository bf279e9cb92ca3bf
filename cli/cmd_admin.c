/* Each line of standard input is a request in JSON and gets one line as an answer. */
#include "cli/cmd_admin.h"

#include <unistd.h>

#include "cli/cli.h"
#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/clock.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/rand.h"
#include "common/base/tzdata.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "engine/engine_env.h"
#include "engine/template/template.h"
#include "engine/template/tval.h"

struct admin_flags {
    bool none;
};
const struct flag_set CMD_ADMIN_TEMPLATE_FLAGS = {NULL, 0, sizeof(struct admin_flags)};

/* Go's int in place of int64, which is what data in Go programs has. */
static void make_ints(struct tval *v)
{
    struct str key;
    struct tval *member;
    if (v->kind == TVAL_INT64) {
        v->kind = TVAL_INT;
    } else if (v->kind == TVAL_LIST && v->list != NULL) {
        for (size_t i = 0; i < v->list->n; i++) {
            make_ints(&v->list->items[i]);
        }
    } else if (v->kind == TVAL_MAP) {
        for (size_t at = 0; tmap_next(v->map, &at, &key, &member);) {
            make_ints(member);
        }
    }
}

static struct tval data_of(struct arena *arena, const struct value *request)
{
    bool ints = value_bool(value_dig(request, "ints"), false);
    struct tval data = tval_from_value(arena, value_dig(request, "data"), ints);
    if (ints) {
        make_ints(&data);
    }
    return data;
}

/* What it prints, or the error as Helm shows it. */
static int run_template(struct arena *arena,
                        const struct value *request,
                        struct buf *out,
                        struct buf *chain,
                        struct err *err)
{
    const struct str name = STR("template");
    struct budget budget = budget_unlimited();
    budget.steps = LIMIT_TEMPLATE_STEPS;
    budget.bytes = LIMIT_DOC_BYTES;
    budget.depth = LIMIT_TEMPLATE_DEPTH;
    struct engine_env env = {
        .arena = arena,
        .budget = &budget,
        .now_ms = clock_wall_ms(clock_system()),
        .rand = rand_system(),
        .zone = tzdata_read,
    };
    struct template_run run = {
        .set = template_set_new(arena),
        .arena = arena,
        .budget = &budget,
        .env = &env,
        .missing = TEMPLATE_MISSING_VALUE, /* a template of its own, in no chart */
    };
    TRY(template_parse(run.set, name, value_dig_str(request, "template"), &budget, err));
    return template_execute(&run, name, data_of(arena, request), out, chain, err);
}

static const struct value *answer_template(struct arena *arena, const struct value *request)
{
    AUTO(buf) struct buf out;
    AUTO(buf) struct buf chain;
    struct err err;
    const char *key = "output";
    buf_init(&out, LIMIT_DOC_BYTES);
    buf_init(&chain, LIMIT_MIB);
    if (run_template(arena, request, &out, &chain, &err) < 0) {
        char text[ERR_MESSAGE_BYTES];
        err_format(&err, text, sizeof(text));
        key = "error";
        buf_reset(&out);
        if (chain.n > 0) {
            buf_put(&out, buf_str(&chain));
        } else {
            buf_put_c(&out, text);
        }
    }
    struct value_entry entry = {str_from(key), *value_new_str(arena, buf_str(&out))};
    return value_new_map(arena, &entry, 1);
}

static int answer_lines(struct cli *cli,
                        const struct value *(*answer)(struct arena *arena,
                                                      const struct value *request),
                        struct err *err)
{
    struct str rest;
    struct str line;
    TRY(fs_read_fd(cli->arena, STDIN_FILENO, LIMIT_DOC_BYTES, &rest, err));
    for (uint32_t number = 1; str_next(&rest, '\n', &line); number++) {
        AUTO(arena) struct arena *arena = arena_new();
        const struct value *request = NULL;
        if (str_trim(line).n == 0) {
            continue;
        }
        TRY_IN(value_from_json(arena, line, NULL, &request, err), err, "line %u", number);
        TRY(value_to_json(&cli->out, answer(arena, request), NULL, err));
        buf_put_char(&cli->out, '\n');
    }
    return 0;
}

int cmd_admin_template(struct cli *cli, struct err *err)
{
    TRY(answer_lines(cli, answer_template, err));
    return CLI_EXIT_OK;
}
