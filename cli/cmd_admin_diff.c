/* Two files in, the verdict of engine/compare out. Values of Secrets are masked as everywhere. */
#include "cli/cmd_admin_diff.h"

#include "cli/cli.h"
#include "cli/diff_text.h"
#include "cli/field_table.h"
#include "cli/object_file.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/compare/diff.h"
#include "engine/compare/field_changes.h"
#include "engine/compare/mask.h"
#include "engine/compare/shape.h"

struct admin_diff_flags {
    const char *live;
    const char *desired;
    const char *mode;
    const char *dry_run;
    const char *openapi;
    const char *output;
    bool aggregated;
    bool webhooks;
    bool exit_code;
};

static const struct flag_row ROWS[] = {
    {"live", 0, FLAG_STR, offsetof(struct admin_diff_flags, live), "FILE", NULL,
     "the object as the cluster has it"},
    {"desired", 0, FLAG_STR, offsetof(struct admin_diff_flags, desired), "FILE", NULL,
     "its manifest"},
    {"mode", 0, FLAG_STR, offsetof(struct admin_diff_flags, mode),
     "three-way|structured-merge|server-side", "three-way", "how it is compared"},
    {"dry-run-response", 0, FLAG_STR, offsetof(struct admin_diff_flags, dry_run), "FILE", NULL,
     "what a dry run of a server-side apply gave; for server-side"},
    {"include-mutation-webhook", 0, FLAG_BOOL, offsetof(struct admin_diff_flags, webhooks), NULL,
     NULL, "what webhooks made of the dry run counts"},
    {"openapi", 0, FLAG_STR, offsetof(struct admin_diff_flags, openapi), "FILE", NULL,
     "OpenAPI v3 document of the object's group and version; for structured-merge"},
    {"ignore-aggregated-roles", 0, FLAG_BOOL, offsetof(struct admin_diff_flags, aggregated), NULL,
     NULL, "rules of aggregated roles do not count"},
    {"exit-code", 0, FLAG_BOOL, offsetof(struct admin_diff_flags, exit_code), NULL, NULL,
     "exit status 1 when they differ"},
    {"output", 'o', FLAG_STR, offsetof(struct admin_diff_flags, output), "json|diff|fields", "json",
     "format"},
};
const struct flag_set CMD_ADMIN_DIFF_FLAGS = FLAG_SET(struct admin_diff_flags, ROWS);

static int
read_optional(struct cli *cli, const char *file, const struct value **ret, struct err *err)
{
    *ret = NULL;
    return file != NULL ? cli_read_object(cli, file, ret, err) : 0;
}

static int read_api(struct cli *cli, const char *file, const struct value **ret, struct err *err)
{
    const struct value *document;
    TRY(read_optional(cli, file, &document, err));
    *ret = NULL;
    if (document != NULL) {
        TRY_IN(shape_reduce_openapi(cli->arena, document, SHAPE_KEEP_MERGING, ret, err), err, "%s",
               file);
    }
    return 0;
}

static int run(struct cli *cli, struct mask_set *shown, bool *ret_modified, struct err *err)
{
    const struct admin_diff_flags *flags = cli->flags;
    struct diff_opts opts = {
        .normalize = {.ignore_aggregated_roles = flags->aggregated},
        .keep_mutations = flags->webhooks,
    };
    struct diff_result diff = {0};
    TRY(diff_mode_parse(str_from(flags->mode), &opts.mode, err));
    TRY(read_optional(cli, flags->live, &shown->live, err));
    TRY(read_optional(cli, flags->desired, &shown->target, err));
    TRY(read_optional(cli, flags->dry_run, &opts.answer, err));
    TRY(read_api(cli, flags->openapi, &opts.api, err));
    if (shown->live == NULL && shown->target == NULL) {
        return err_set(err, ERR_INVALID, "--live or --desired is needed");
    }
    TRY(diff_objects(cli->arena, shown->target, shown->live, &opts, &diff, err));
    shown->normalized_live = diff.normalized_live;
    shown->predicted_live = diff.predicted_live;
    *shown = mask_secret(cli->arena, *shown, NULL, 0);
    *ret_modified = diff.modified;
    return 0;
}

static const struct value *changes_of(struct arena *arena, const struct mask_set *shown)
{
    const struct field_changes changes =
        field_changes_of(arena, shown->normalized_live, shown->predicted_live, shown->live);
    return field_changes_value(arena, &changes);
}

static int print_json(struct cli *cli, const struct mask_set *shown, bool modified, struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, cli->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_bool(&b, "modified", modified);
    value_build_field(&b, "changes", changes_of(cli->arena, shown));
    value_build_field(&b, "normalizedLiveState", shown->normalized_live);
    value_build_field(&b, "predictedLiveState", shown->predicted_live);
    value_build_end(&b);
    TRY(value_to_json(&cli->out, value_build_finish(&b), NULL, err));
    buf_put_char(&cli->out, '\n');
    return 0;
}

static int text_of(struct arena *arena, const struct value *v, struct str *ret, struct err *err)
{
    *ret = STR_EMPTY;
    return v != NULL ? value_to_yaml_in(arena, v, NULL, ret, err) : 0;
}

static int print_diff(struct cli *cli, const struct mask_set *shown, struct err *err)
{
    enum { CONTEXT_LINES = 3 };
    const struct diff_text_opts opts = {
        .context = CONTEXT_LINES,
        .colour = cli->colour,
        .old_name = "live",
        .new_name = "desired",
    };
    struct str live;
    struct str wanted;
    TRY(text_of(cli->arena, shown->normalized_live, &live, err));
    TRY(text_of(cli->arena, shown->target != NULL ? shown->predicted_live : NULL, &wanted, err));
    (void)diff_text(live, wanted, &opts, &cli->out);
    return 0;
}

int cmd_admin_diff(struct cli *cli, struct err *err)
{
    const struct admin_diff_flags *flags = cli->flags;
    struct mask_set shown = {0};
    bool modified = false;
    TRY(run(cli, &shown, &modified, err));
    struct str form = str_from(flags->output);
    if (str_eq_c(form, "json")) {
        TRY(print_json(cli, &shown, modified, err));
    } else if (str_eq_c(form, "diff")) {
        TRY(print_diff(cli, &shown, err));
    } else {
        field_table(cli, changes_of(cli->arena, &shown));
    }
    return modified && flags->exit_code ? CLI_EXIT_NO : CLI_EXIT_OK;
}
