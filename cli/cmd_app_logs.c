/* Lines go to standard output one by one, as they are: other commands gather theirs, these may never end. */
#include "cli/cmd_app_logs.h"

#include <stdio.h>

#include "cli/app_ref.h"
#include "cli/cli.h"
#include "common/base/arena.h"
#include "common/value/value.h"

struct logs_flags {
    const char *group;
    const char *kind;
    const char *namespace;
    const char *name;
    const char *container;
    const char *filter;
    const char *until;
    int64_t tail;
    int64_t since_s;
    bool follow;
    bool previous;
    bool match_case;
    bool prefix;
};

#define FIELD(name) offsetof(struct logs_flags, name)
static const struct flag_row ROWS[] = {
    {"group", 0, FLAG_STR, FIELD(group), "GROUP", NULL, "of the object whose pods are meant"},
    {"kind", 0, FLAG_STR, FIELD(kind), "KIND", NULL, "of that object"},
    {"namespace", 0, FLAG_STR, FIELD(namespace), "NAMESPACE", NULL, "of that object"},
    {"name", 0, FLAG_STR, FIELD(name), "NAME", NULL, "of that object"},
    {"container", 'c', FLAG_STR, FIELD(container), "NAME", NULL,
     "of the pods; needed when they have several"},
    {"follow", 'f', FLAG_BOOL, FIELD(follow), NULL, NULL, "go on with what is written from now on"},
    {"tail", 0, FLAG_INT, FIELD(tail), "N", "0", "the last N lines of each pod; 0: all"},
    {"since-seconds", 0, FLAG_INT, FIELD(since_s), "N", "0",
     "what was written in the last N seconds; 0: all"},
    {"until-time", 0, FLAG_STR, FIELD(until), "TIME", NULL,
     "what was written until then (RFC 3339)"},
    {"filter", 0, FLAG_STR, FIELD(filter), "TEXT", NULL,
     "lines with this text; with a leading '!' those without"},
    {"match-case", 'm', FLAG_BOOL, FIELD(match_case), NULL, NULL, "in --filter"},
    {"previous", 'p', FLAG_BOOL, FIELD(previous), NULL, NULL,
     "of the containers that ran before a restart"},
    {"prefix", 0, FLAG_BOOL, FIELD(prefix), NULL, NULL, "the pod's name before each line"},
};
const struct flag_set CMD_APP_LOGS_FLAGS = FLAG_SET(struct logs_flags, ROWS);

struct reading {
    bool prefix;
    bool ended;
};

/* A reader of ours that went away, as `head` does, ends the stream. */
static int on_entry(void *data, const struct value *entry, struct err *err UNUSED)
{
    struct reading *r = data;
    struct str content = value_dig_str(entry, "content");
    struct str pod = value_dig_str(entry, "podName");
    if (value_bool(value_dig(entry, "last"), false)) {
        r->ended = true;
        return 1;
    }
    int n = r->prefix ? printf("[" STR_FMT "] " STR_FMT "\n", STR_ARG(pod), STR_ARG(content))
                      : printf(STR_FMT "\n", STR_ARG(content));
    if (n < 0 || fflush(stdout) != 0) {
        r->ended = true;
        return 1;
    }
    return 0;
}

static struct str number(struct arena *arena, int64_t n)
{
    return n > 0 ? arena_printf(arena, "%lld", (long long)n) : STR_EMPTY;
}

static struct str flag(bool on)
{
    return on ? STR("true") : STR_EMPTY;
}

static struct str text(const char *s)
{
    return s != NULL ? str_from(s) : STR_EMPTY;
}

int cmd_app_logs(struct cli *cli, struct err *err)
{
    const struct logs_flags *flags = cli->flags;
    struct reading reading = {.prefix = flags->prefix};
    struct app_ref ref;
    TRY(app_ref_parse(cli->args.items[0], &ref, err));
    const struct app_param params[] = {
        {"group", text(flags->group)},
        {"kind", text(flags->kind)},
        {"namespace", text(flags->namespace)},
        {"resourceName", text(flags->name)},
        {"container", text(flags->container)},
        {"follow", flag(flags->follow)},
        {"tailLines", number(cli->arena, flags->tail)},
        {"sinceSeconds", number(cli->arena, flags->since_s)},
        {"untilTime", text(flags->until)},
        {"filter", text(flags->filter)},
        {"matchCase", flag(flags->match_case)},
        {"previous", flag(flags->previous)},
        {NULL, STR_EMPTY},
    };
    struct client_stream stream = {
        .path = app_ref_path(cli->arena, &ref, "logs", params),
        .on_event = on_entry,
        .data = &reading,
    };
    TRY(cli_connect(cli, err));
    TRY(client_stream(cli->client, &stream, err));
    if (!reading.ended) {
        return err_set(err, ERR_UNAVAILABLE,
                       "the server ended the log before its end; ask again, with --since-seconds");
    }
    return CLI_EXIT_OK;
}
