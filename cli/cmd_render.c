/* Flags become an ApplicationSource; the rest is render_local(). */
#include "cli/cmd_render.h"

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/render_local.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

struct render_flags {
    const char *path;
    const char *name;
    const char *namespace;
    const char *include;
    const char *exclude;
    const char *output;
    int64_t timeout_ms;
    bool recurse;
};

static const struct flag_row ROWS[] = {
    {"path", 0, FLAG_STR, offsetof(struct render_flags, path), "PATH", NULL,
     "of the source below DIR; links may lead to anywhere in DIR"},
    {"recurse", 0, FLAG_BOOL, offsetof(struct render_flags, recurse), NULL, NULL,
     "directories below, too"},
    {"include", 0, FLAG_STR, offsetof(struct render_flags, include), "GLOB", NULL,
     "only these files"},
    {"exclude", 0, FLAG_STR, offsetof(struct render_flags, exclude), "GLOB", NULL,
     "all but these files"},
    {"name", 0, FLAG_STR, offsetof(struct render_flags, name), "NAME", NULL,
     "of the application, for its override file"},
    {"namespace", 'n', FLAG_STR, offsetof(struct render_flags, namespace), "NAMESPACE", NULL,
     "of the destination"},
    {"timeout", 0, FLAG_DURATION, offsetof(struct render_flags, timeout_ms), "DURATION", "0",
     "give up after this time; 0: never"},
    {"output", 'o', FLAG_STR, offsetof(struct render_flags, output), "yaml|json|name", "yaml",
     "format"},
};
const struct flag_set CMD_RENDER_FLAGS = FLAG_SET(struct render_flags, ROWS);

static const struct value *source_of(struct arena *arena, const struct render_flags *flags)
{
    const struct value *source = NULL;
    if (flags->recurse) {
        source = value_with(arena, source, &VALUE_TRUE, "directory", "recurse");
    }
    if (flags->include != NULL) {
        source = value_with(arena, source, value_new_str(arena, str_from(flags->include)),
                            "directory", "include");
    }
    if (flags->exclude != NULL) {
        source = value_with(arena, source, value_new_str(arena, str_from(flags->exclude)),
                            "directory", "exclude");
    }
    return source;
}

int cmd_render(struct cli *cli, struct err *err)
{
    const struct render_flags *flags = cli->flags;
    struct render_local_options options = {
        .dir = cli->args.items[0],
        .path = flags->path,
        .source = source_of(cli->arena, flags),
        .app_name = flags->name,
        .namespace = flags->namespace,
        .format = output_format_of(flags->output),
        .timeout_ms = flags->timeout_ms,
    };
    TRY(render_local(&options, &cli->out, err));
    return CLI_EXIT_OK;
}
