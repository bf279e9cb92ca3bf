/* The rules are common/model/window.h's; here a file is read and the answer printed. */
#include "cli/cmd_admin_windows.h"

#include "cli/cli.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/tzdata.h"
#include "common/model/window.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_yaml.h"

struct windows_flags {
    const char *app;
    const char *namespace;
    const char *server;
    const char *cluster;
    const char *at;
    const char *started;
    const char *output;
    bool manual;
};

static const struct flag_row ROWS[] = {
    {"app", 0, FLAG_STR, offsetof(struct windows_flags, app), "NAME", "", "of the application"},
    {"namespace", 'n', FLAG_STR, offsetof(struct windows_flags, namespace), "NAMESPACE", "",
     "of its destination"},
    {"dest-server", 0, FLAG_STR, offsetof(struct windows_flags, server), "URL", "",
     "of its destination"},
    {"dest-name", 0, FLAG_STR, offsetof(struct windows_flags, cluster), "NAME", "",
     "of its destination's cluster"},
    {"at", 0, FLAG_STR, offsetof(struct windows_flags, at), "TIME", NULL,
     "RFC 3339, as 2026-12-24T18:00:00Z; now"},
    {"started", 0, FLAG_STR, offsetof(struct windows_flags, started), "TIME", NULL,
     "when the sync that asks began"},
    {"manual", 0, FLAG_BOOL, offsetof(struct windows_flags, manual), NULL, NULL,
     "for a sync somebody asks for"},
    {"output", 'o', FLAG_STR, offsetof(struct windows_flags, output), OUTPUT_CHOICES, "table",
     "format"},
};
const struct flag_set CMD_ADMIN_WINDOWS_FLAGS = FLAG_SET(struct windows_flags, ROWS);

static int read_time(const char *text, int64_t otherwise_ms, int64_t *ret_ms, struct err *err)
{
    if (text == NULL) {
        *ret_ms = otherwise_ms;
        return 0;
    }
    return clock_parse_rfc3339(str_from(text), ret_ms, err);
}

static int read_project(struct arena *arena, const char *path, struct project *ret, struct err *err)
{
    struct str text;
    const struct value *tree;
    TRY(fs_read_file(arena, path, LIMIT_DOC_BYTES, &text, err));
    if (value_from_yaml(arena, text, NULL, &tree, err) < 0 ||
        project_decode(arena, tree, ret, err) < 0) {
        return err_at(err, str_from(path), 0, 0);
    }
    return 0;
}

static struct str time_text(struct arena *arena, int64_t ms)
{
    char text[CLOCK_RFC3339_BYTES] = "never";
    if (ms != WINDOW_NEVER) {
        clock_rfc3339(ms, text);
    }
    return arena_str(arena, str_from(text));
}

static void
print_table(struct cli *cli, const struct window_states *states, const struct window_verdict *v)
{
    static const char *const HEADERS[] = {"KIND", "SCHEDULE", "DURATION", "ZONE",
                                          "OPEN", "CHANGES",  NULL};
    struct output_table *table = output_table_new(cli->arena, HEADERS);
    for (size_t i = 0; i < states->n; i++) {
        const struct window_state *s = &states->items[i];
        const struct project_window *w = s->window;
        const struct str cells[] = {w->kind,
                                    w->schedule,
                                    w->duration,
                                    w->time_zone.n > 0 ? w->time_zone : STR("UTC"),
                                    s->open ? STR("yes") : STR("no"),
                                    time_text(cli->arena, s->changes_ms)};
        output_table_row(table, cells);
    }
    output_table_print(table, &cli->out);
    struct str reason = window_reason(cli->arena, v);
    buf_printf(&cli->out, "sync: %s" STR_FMT "\n", v->allowed ? "allowed" : "blocked by ",
               STR_ARG(reason));
}

static const struct value *
tree_of(struct arena *arena, const struct window_states *states, const struct window_verdict *v)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_list(&b, "windows");
    for (size_t i = 0; i < states->n; i++) {
        const struct window_state *s = &states->items[i];
        value_build_map(&b);
        value_build_field_str(&b, "kind", s->window->kind);
        value_build_field_str(&b, "schedule", s->window->schedule);
        value_build_field_str(&b, "duration", s->window->duration);
        value_build_field_bool(&b, "open", s->open);
        value_build_field_str(&b, "changes", time_text(arena, s->changes_ms));
        value_build_end(&b);
    }
    value_build_end(&b);
    value_build_field_bool(&b, "canSync", v->allowed);
    value_build_field_str_opt(&b, "reason", window_reason(arena, v));
    value_build_end(&b);
    return value_build_finish(&b);
}

int cmd_admin_windows(struct cli *cli, struct err *err)
{
    const struct windows_flags *flags = cli->flags;
    enum output_format format = output_format_of(flags->output);
    struct project project;
    struct window_states states;
    struct window_verdict verdict;
    struct window_input in = {
        .project = &project,
        .target = {str_from(flags->app), str_from(flags->namespace), str_from(flags->server),
                   str_from(flags->cluster)},
        .zone = tzdata_read,
        .manual = flags->manual,
    };
    TRY_IN(read_time(flags->at, clock_wall_ms(clock_system()), &in.now_ms, err), err, "--at");
    TRY_IN(read_time(flags->started, 0, &in.started_ms, err), err, "--started");
    TRY(read_project(cli->arena, cli->args.items[0], &project, err));
    TRY(window_states_at(cli->arena, &in, &states, err));
    TRY(window_decide(cli->arena, &in, &verdict, err));
    if (output_is_structured(format)) {
        TRY(output_value(&cli->out, tree_of(cli->arena, &states, &verdict), format, err));
    } else {
        print_table(cli, &states, &verdict);
    }
    return CLI_EXIT_OK;
}
