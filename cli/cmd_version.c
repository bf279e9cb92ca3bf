/* The client's version is known; the server's is asked for, when there is a server. */
#include "cli/cmd_version.h"

#include "cli/cli.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "version.h"

struct version_flags {
    const char *output;
    bool client;
    bool is_short;
};

static const struct flag_row ROWS[] = {
    {"output", 'o', FLAG_STR, offsetof(struct version_flags, output), "table|json|yaml", "table",
     "format"},
    {"client", 0, FLAG_BOOL, offsetof(struct version_flags, client), NULL, NULL,
     "the client's only: no server is asked"},
    {"short", 0, FLAG_BOOL, offsetof(struct version_flags, is_short), NULL, NULL,
     "without the commit"},
};
const struct flag_set CMD_VERSION_FLAGS = FLAG_SET(struct version_flags, ROWS);

static const struct value *client_version(struct arena *arena, bool is_short)
{
    const struct value *v =
        value_with(arena, NULL, value_new_str(arena, STR("v" BELAY_VERSION)), "Version");
    return is_short ? v
                    : value_with(arena, v, value_new_str(arena, STR(BELAY_COMMIT)), "GitCommit");
}

static int ask_server(struct cli *cli, const struct value **ret, struct err *err)
{
    struct client_request request = {.path = STR("/api/version")};
    TRY(cli_connect(cli, err));
    return client_call(cli->client, cli->arena, &request, ret, err);
}

static void print_text(struct buf *out, const char *who, const struct value *v)
{
    struct str commit = value_dig_str(v, "GitCommit");
    buf_printf(out, "%s: ", who);
    output_text(out, value_dig_str(v, "Version"));
    if (commit.n > 0) {
        buf_put_c(out, "+");
        output_text(out, str_sub(commit, 0, 7));
    }
    buf_put_char(out, '\n');
}

static int
print(struct cli *cli, const struct value *client, const struct value *server, struct err *err)
{
    const struct version_flags *flags = cli->flags;
    enum output_format format = output_format_of(flags->output);
    if (output_is_structured(format)) {
        const struct value *both = value_with(cli->arena, NULL, client, "client");
        if (server != NULL) {
            both = value_with(cli->arena, both, server, "server");
        }
        return output_value(&cli->out, both, format, err);
    }
    print_text(&cli->out, "belay", client);
    if (server != NULL) {
        print_text(&cli->out, "belay-api-server", server);
    }
    return 0;
}

int cmd_version(struct cli *cli, struct err *err)
{
    const struct version_flags *flags = cli->flags;
    const struct value *client = client_version(cli->arena, flags->is_short);
    const struct value *server = NULL;
    int asked = flags->client ? 0 : ask_server(cli, &server, err);
    if (server != NULL && flags->is_short) {
        server = value_without(cli->arena, server, "GitCommit");
    }
    struct err print_err;
    if (print(cli, client, server, &print_err) < 0) {
        *err = print_err;
        return -(int)err->code;
    }
    return asked < 0 ? err_wrap(err, "the server's version") : CLI_EXIT_OK;
}
