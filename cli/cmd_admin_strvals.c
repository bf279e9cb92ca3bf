/* One JSON object a line, in and out: {"kind": "set", "expr": "a=1"} gives {"values": {...}} or
 * {"error": "..."}. */
#include "cli/cmd_admin_strvals.h"

#include <unistd.h>

#include "cli/cli.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "engine/helm/strvals.h"

struct admin_strvals_flags {
    bool none;
};
const struct flag_set CMD_ADMIN_STRVALS_FLAGS = {NULL, 0, sizeof(struct admin_strvals_flags)};

static const struct {
    const char *name;
    enum strvals_kind kind;
} KINDS[] = {
    {"set", STRVALS_TYPED},
    {"set-string", STRVALS_STRING},
    {"set-json", STRVALS_JSON},
    {"set-literal", STRVALS_LITERAL},
};

static int find_kind(struct str name, enum strvals_kind *ret, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        if (str_eq_c(name, KINDS[i].name)) {
            *ret = KINDS[i].kind;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "'" STR_FMT "' is no kind", STR_ARG(name));
}

static int
run(struct arena *arena, const struct value *request, const struct value **ret, struct err *err)
{
    struct strvals_options options = {0};
    struct tmap *map = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    TRY(find_kind(value_dig_str(request, "kind"), &options.kind, err));
    TRY(strvals_parse(arena, value_dig_str(request, "expr"), &options, map, err));
    return tval_to_value(arena, tval_map(map), ret, err);
}

static int answer(struct cli *cli, struct str line, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *request;
    const struct value *values;
    struct err failure;
    char text[ERR_MESSAGE_BYTES];
    const struct value *reply = NULL;
    TRY(value_from_json(arena, line, NULL, &request, err));
    if (run(arena, request, &values, &failure) == 0) {
        reply = value_with(arena, NULL, values, "values");
    } else {
        err_format(&failure, text, sizeof(text));
        reply = value_with(arena, NULL, value_new_str(arena, str_from(text)), "error");
    }
    TRY(value_to_json(&cli->out, reply, NULL, err));
    buf_put_char(&cli->out, '\n');
    return 0;
}

int cmd_admin_strvals(struct cli *cli, struct err *err)
{
    struct str all;
    struct str line;
    TRY(fs_read_fd(cli->arena, STDIN_FILENO, LIMIT_DOC_BYTES, &all, err));
    while (str_next(&all, '\n', &line)) {
        if (str_trim(line).n > 0) {
            TRY(answer(cli, line, err));
        }
    }
    return CLI_EXIT_OK;
}
