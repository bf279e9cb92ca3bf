/* What a sync would do, before it does. */
#include "cli/cmd_app_plan.h"

#include "cli/app_ref.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/plan_text.h"
#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/value/value.h"

struct plan_flags {
    const char *revision;
    const char *strategy;
    const char *output;
    struct flag_list resources;
    struct flag_list options;
    bool prune;
    bool force;
    bool all;
};

static const struct flag_row ROWS[] = {
    {"revision", 0, FLAG_STR, offsetof(struct plan_flags, revision), "REVISION", NULL,
     "of this revision instead of the one compared last"},
    {"prune", 0, FLAG_BOOL, offsetof(struct plan_flags, prune), NULL, NULL,
     "of a sync that deletes what Git does not have any more"},
    {"force", 0, FLAG_BOOL, offsetof(struct plan_flags, force), NULL, NULL,
     "of a sync that deletes and creates again what cannot be changed"},
    {"strategy", 0, FLAG_STR, offsetof(struct plan_flags, strategy), "apply|hook", NULL,
     "without or with hooks"},
    {"resource", 0, FLAG_LIST, offsetof(struct plan_flags, resources), "GROUP:KIND:NAME", NULL,
     "only this one; NAMESPACE/NAME is possible; may be repeated"},
    {"sync-option", 0, FLAG_LIST, offsetof(struct plan_flags, options), "OPTION", NULL,
     "besides the application's own; may be repeated"},
    {"all", 0, FLAG_BOOL, offsetof(struct plan_flags, all), NULL, NULL,
     "show what stays as it is, too"},
    {"output", 'o', FLAG_STR, offsetof(struct plan_flags, output), "tree|json|yaml", "tree",
     "format"},
};
const struct flag_set CMD_APP_PLAN_FLAGS = FLAG_SET(struct plan_flags, ROWS);

typedef VEC(struct app_param) param_vec;

static void add(struct arena *arena, param_vec *params, const char *name, const char *text)
{
    if (text != NULL) {
        struct app_param param = {name, str_from(text)};
        vec_push_in(arena, params, param);
    }
}

static void
add_all(struct arena *arena, param_vec *params, const char *name, const struct flag_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        add(arena, params, name, list->items[i]);
    }
}

static struct str path_of(struct cli *cli, const struct app_ref *ref)
{
    const struct plan_flags *flags = cli->flags;
    param_vec params = {0};
    add(cli->arena, &params, "revision", flags->revision);
    add(cli->arena, &params, "strategy", flags->strategy);
    add(cli->arena, &params, "prune", flags->prune ? "true" : NULL);
    add(cli->arena, &params, "force", flags->force ? "true" : NULL);
    add_all(cli->arena, &params, "resources", &flags->resources);
    add_all(cli->arena, &params, "syncOptions", &flags->options);
    struct app_param end = {NULL, STR_EMPTY};
    vec_push_in(cli->arena, &params, end);
    return app_ref_path(cli->arena, ref, "plan", params.items);
}

int cmd_app_plan(struct cli *cli, struct err *err)
{
    const struct plan_flags *flags = cli->flags;
    bool tree = str_eq_c(str_from(flags->output), "tree");
    struct app_ref ref;
    const struct value *plan = NULL;
    TRY(app_ref_parse(cli->args.items[0], &ref, err));
    TRY(cli_connect(cli, err));
    struct client_request request = {.path = path_of(cli, &ref)};
    TRY_IN(client_call(cli->client, cli->arena, &request, &plan, err), err,
           "application '" STR_FMT "'", STR_ARG(ref.name));
    if (tree) {
        plan_text(cli->arena, plan, flags->all ? PLAN_TEXT_ALL : PLAN_TEXT_CHANGES, &cli->out);
    } else {
        TRY(output_value(&cli->out, plan, output_format_of(flags->output), err));
    }
    return plan_text_has_work(plan) ? CLI_EXIT_NO : CLI_EXIT_OK;
}
