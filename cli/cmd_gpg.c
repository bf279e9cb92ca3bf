/* Calls of /api/v1/gpgkeys, printed as the argocd CLI does. */
#include "cli/cmd_gpg.h"

#include "cli/cli.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/net/url.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

#define PATH "/api/v1/gpgkeys"

struct output_flags {
    const char *output;
};

static const struct flag_row OUTPUT_ROWS[] = {
    {"output", 'o', FLAG_STR, offsetof(struct output_flags, output), "wide|json|yaml", "wide",
     "format"},
};
const struct flag_set CMD_GPG_LIST_FLAGS = FLAG_SET(struct output_flags, OUTPUT_ROWS);
const struct flag_set CMD_GPG_GET_FLAGS = FLAG_SET(struct output_flags, OUTPUT_ROWS);

struct add_flags {
    const char *from;
    bool upsert;
};

static const struct flag_row ADD_ROWS[] = {
    {"from", 'f', FLAG_STR, offsetof(struct add_flags, from), "FILE", NULL,
     "file with the armoured key or keys"},
    {"upsert", 0, FLAG_BOOL, offsetof(struct add_flags, upsert), NULL, NULL,
     "replace keys that are there already"},
};
const struct flag_set CMD_GPG_ADD_FLAGS = FLAG_SET(struct add_flags, ADD_ROWS);

struct rm_flags {
    bool unused;
};
const struct flag_set CMD_GPG_RM_FLAGS = {NULL, 0, sizeof(struct rm_flags)};

static int call(struct cli *cli,
                const struct client_request *request,
                const struct value **ret,
                struct err *err)
{
    TRY(cli_connect(cli, err));
    return client_call(cli->client, cli->arena, request, ret, err);
}

/* PATH, what follows it, and the key's id as a server reads it in a URL. */
static struct str path_of(struct cli *cli, const char *before_id)
{
    AUTO(buf) struct buf path;
    buf_init(&path, LIMIT_HTTP_URL_BYTES);
    buf_put_c(&path, PATH);
    buf_put_c(&path, before_id);
    url_escape(&path, str_from(cli->args.items[0]));
    return buf_to_arena(&path, cli->arena);
}

static struct str upper(struct cli *cli, struct str text)
{
    char *p = arena_bytes(cli->arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        p[i] = text.p[i] >= 'a' && text.p[i] <= 'z' ? (char)(text.p[i] - 'a' + 'A') : text.p[i];
    }
    return str_of(p, text.n);
}

static enum output_format format_of(const struct cli *cli)
{
    const struct output_flags *flags = cli->flags;
    return output_format_of(flags->output);
}

/* ---- list ---- */

static void print_table(struct cli *cli, const struct value *items)
{
    static const char *const HEADERS[] = {"KEYID", "TYPE", "IDENTITY", NULL};
    struct output_table *table = output_table_new(cli->arena, HEADERS);
    VALUE_FOREACH(items, key) {
        const struct str cells[] = {
            value_dig_str(key, "keyID"),
            upper(cli, value_dig_str(key, "subType")),
            value_dig_str(key, "owner"),
        };
        output_table_row(table, cells);
    }
    output_table_print(table, &cli->out);
}

int cmd_gpg_list(struct cli *cli, struct err *err)
{
    const struct client_request request = {.path = STR(PATH)};
    const struct value *list = NULL;
    TRY(call(cli, &request, &list, err));
    const struct value *items = value_dig(list, "items");
    items = items != NULL ? items : &VALUE_EMPTY_LIST;
    if (output_is_structured(format_of(cli))) {
        return output_value(&cli->out, items, format_of(cli), err);
    }
    print_table(cli, items);
    return CLI_EXIT_OK;
}

/* ---- get ---- */

static void print_field(struct cli *cli, const char *name, struct str text)
{
    buf_printf(&cli->out, "%-17s", name);
    output_text(&cli->out, text);
    buf_put_char(&cli->out, '\n');
}

static void print_key(struct cli *cli, const struct value *key)
{
    print_field(cli, "Key ID:", value_dig_str(key, "keyID"));
    print_field(cli, "Key fingerprint:", value_dig_str(key, "fingerprint"));
    print_field(cli, "Key subtype:", upper(cli, value_dig_str(key, "subType")));
    print_field(cli, "Key owner:", value_dig_str(key, "owner"));
    buf_put_c(&cli->out, "Key data follows until EOF:\n");
    output_lines(&cli->out, value_dig_str(key, "keyData"));
    buf_put_char(&cli->out, '\n');
}

int cmd_gpg_get(struct cli *cli, struct err *err)
{
    const struct client_request request = {.path = path_of(cli, "/")};
    const struct value *key = NULL;
    TRY(call(cli, &request, &key, err));
    if (output_is_structured(format_of(cli))) {
        return output_value(&cli->out, key, format_of(cli), err);
    }
    print_key(cli, key);
    return CLI_EXIT_OK;
}

/* ---- changes ---- */

int cmd_gpg_add(struct cli *cli, struct err *err)
{
    const struct add_flags *flags = cli->flags;
    const struct value *answer = NULL;
    struct str text;
    if (flags->from == NULL) {
        return err_set(err, ERR_INVALID, "--from is missing: a file with the key");
    }
    TRY(fs_read_file(cli->arena, flags->from, LIMIT_PUBLIC_KEY_BYTES, &text, err));
    const struct client_request request = {
        .method = "POST",
        .path = flags->upsert ? STR(PATH "?upsert=true") : STR(PATH),
        .body = value_with(cli->arena, NULL, value_new_str(cli->arena, text), "keyData"),
    };
    TRY(call(cli, &request, &answer, err));
    size_t n_skipped = value_len(value_dig(answer, "skipped"));
    buf_printf(&cli->out, "Created %zu key(s) from input file",
               value_len(value_dig(answer, "created", "items")));
    if (n_skipped > 0) {
        buf_printf(&cli->out, ", and %zu key(s) were skipped because they exist already",
                   n_skipped);
    }
    buf_put_c(&cli->out, ".\n");
    return CLI_EXIT_OK;
}

int cmd_gpg_rm(struct cli *cli, struct err *err)
{
    const struct client_request request = {.method = "DELETE", .path = path_of(cli, "?keyID=")};
    TRY(call(cli, &request, NULL, err));
    buf_put_c(&cli->out, "Deleted key with key ID ");
    output_text(&cli->out, str_from(cli->args.items[0]));
    buf_put_char(&cli->out, '\n');
    return CLI_EXIT_OK;
}
