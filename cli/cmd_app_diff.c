/* Live and target state of every managed object, as the controller compared them: it has left out what is
 * ignored and filled in defaults. */
#include "cli/cmd_app_diff.h"

#include "cli/app_ref.h"
#include "cli/cli.h"
#include "cli/diff_text.h"
#include "cli/field_table.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"

struct diff_flags {
    bool refresh;
    bool hard_refresh;
    bool exit_code;
    bool authors;
    int64_t diff_exit_code;
    int64_t context;
};

static const struct flag_row ROWS[] = {
    {"refresh", 0, FLAG_BOOL, offsetof(struct diff_flags, refresh), NULL, NULL,
     "compare with Git and the cluster first"},
    {"hard-refresh", 0, FLAG_BOOL, offsetof(struct diff_flags, hard_refresh), NULL, NULL,
     "as --refresh, and render the manifests anew"},
    {"exit-code", 0, FLAG_BOOL, offsetof(struct diff_flags, exit_code), NULL, "true",
     "a difference gives the next flag's status; with =false 0"},
    {"diff-exit-code", 0, FLAG_INT, offsetof(struct diff_flags, diff_exit_code), "N", "1",
     "exit status of a difference"},
    {"authors", 0, FLAG_BOOL, offsetof(struct diff_flags, authors), NULL, "true",
     "tell for each field who set it last, and when"},
    {"context", 'U', FLAG_INT, offsetof(struct diff_flags, context), "N", "3",
     "equal lines shown around a change"},
};
const struct flag_set CMD_APP_DIFF_FLAGS = FLAG_SET(struct diff_flags, ROWS);

enum { CONTEXT_MAX = 100000 };

static int refresh(struct cli *cli, const struct app_ref *ref, struct err *err)
{
    const struct diff_flags *flags = cli->flags;
    if (!flags->refresh && !flags->hard_refresh) {
        return 0;
    }
    const struct app_param params[] = {
        {"refresh", flags->hard_refresh ? STR("hard") : STR("normal")}, {NULL, STR_EMPTY}};
    struct client_request request = {.path = app_ref_path(cli->arena, ref, NULL, params)};
    return client_call(cli->client, cli->arena, &request, NULL, err);
}

/* An object as YAML; nothing for "null" and for no text at all. */
static int state_yaml(struct arena *arena,
                      const struct value *item,
                      const char *key,
                      struct str *ret,
                      struct err *err)
{
    struct str json = value_dig_str(item, key);
    const struct value *object = NULL;
    *ret = STR_EMPTY;
    if (json.n == 0) {
        return 0;
    }
    TRY_IN(value_from_json(arena, json, NULL, &object, err), err, "%s", key);
    return value_is(object, VALUE_MAP) ? value_to_yaml_in(arena, object, NULL, ret, err) : 0;
}

/* What is there, and what a sync would make of it. An object that is missing has no live state, one that would
 * be pruned no target. */
static int states(struct arena *arena,
                  const struct value *item,
                  struct str *ret_live,
                  struct str *ret_target,
                  struct err *err)
{
    TRY(state_yaml(arena, item, "normalizedLiveState", ret_live, err));
    TRY(state_yaml(arena, item, "predictedLiveState", ret_target, err));
    struct str raw_target;
    TRY(state_yaml(arena, item, "targetState", &raw_target, err));
    if (ret_live->n == 0) {
        TRY(state_yaml(arena, item, "liveState", ret_live, err));
    }
    if (raw_target.n == 0) {
        *ret_target = STR_EMPTY;
    } else if (ret_target->n == 0) {
        *ret_target = raw_target;
    }
    return 0;
}

static void head(struct cli *cli, const struct value *item)
{
    struct buf *out = &cli->out;
    struct str namespace = value_dig_str(item, "namespace");
    buf_put_c(out, cli->colour ? "\033[1m===== " : "===== ");
    output_text(out, value_dig_str(item, "group"));
    buf_put_char(out, '/');
    output_text(out, value_dig_str(item, "kind"));
    buf_put_char(out, ' ');
    output_text(out, namespace);
    buf_put_c(out, namespace.n > 0 ? "/" : "");
    output_text(out, value_dig_str(item, "name"));
    buf_put_c(out, cli->colour ? " =====\033[0m\n" : " =====\n");
}

static int diff_item(struct cli *cli, const struct value *item, bool *differs, struct err *err)
{
    const struct diff_flags *flags = cli->flags;
    struct str live;
    struct str target;
    struct diff_text_opts opts = {
        .context = (size_t)flags->context,
        .colour = cli->colour,
        .old_name = "live",
        .new_name = "target",
    };
    if (value_bool(value_dig(item, "hook"), false)) {
        return 0; /* runs with a sync, is not compared */
    }
    TRY(states(cli->arena, item, &live, &target, err));
    if (!str_eq(live, target)) {
        *differs = true;
        head(cli, item);
        (void)diff_text(live, target, &opts, &cli->out);
        if (flags->authors) {
            field_table(cli, value_dig(item, "changes"));
        }
    }
    return 0;
}

int cmd_app_diff(struct cli *cli, struct err *err)
{
    const struct diff_flags *flags = cli->flags;
    struct app_ref ref;
    const struct value *answer = NULL;
    bool differs = false;
    if (flags->context < 0 || flags->context > CONTEXT_MAX || flags->diff_exit_code < 0 ||
        flags->diff_exit_code > 255) {
        return err_set(err, ERR_INVALID, "--context or --diff-exit-code is out of range");
    }
    TRY(app_ref_parse(cli->args.items[0], &ref, err));
    TRY(cli_connect(cli, err));
    TRY(refresh(cli, &ref, err));
    struct client_request request = {.path =
                                         app_ref_path(cli->arena, &ref, "managed-resources", NULL)};
    TRY_IN(client_call(cli->client, cli->arena, &request, &answer, err), err,
           "application '" STR_FMT "'", STR_ARG(ref.name));
    VALUE_FOREACH(value_dig(answer, "items"), item) {
        TRY_IN(diff_item(cli, item, &differs, err), err, STR_FMT " '" STR_FMT "'",
               STR_ARG(value_dig_str(item, "kind")), STR_ARG(value_dig_str(item, "name")));
    }
    return differs && flags->exit_code ? (int)flags->diff_exit_code : CLI_EXIT_OK;
}
