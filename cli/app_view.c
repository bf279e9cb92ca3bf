/* Columns and labels are those of the argocd CLI, whose output scripts may read. */
#include "cli/app_view.h"

#include "cli/blocked_text.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/value/value.h"

enum { SHORT_REVISION = 7, FULL_SHA = 40 };

struct str app_view_name(struct arena *arena, const struct value *app)
{
    struct str namespace = value_dig_str(app, "metadata", "namespace");
    struct str name = value_dig_str(app, "metadata", "name");
    return namespace.n > 0
               ? arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(namespace), STR_ARG(name))
               : name;
}

/* ---- words for parts of an Application ---- */

static const struct value *source_of(const struct value *app)
{
    const struct value *sources = value_dig(app, "spec", "sources");
    return value_len(sources) > 0 ? value_at(sources, 0) : value_dig(app, "spec", "source");
}

static struct str or_else(struct str s, const char *other)
{
    return s.n > 0 ? s : str_from(other);
}

static struct str cluster_of(const struct value *app)
{
    struct str server = value_dig_str(app, "spec", "destination", "server");
    return server.n > 0 ? server : value_dig_str(app, "spec", "destination", "name");
}

static bool is_automated(const struct value *app)
{
    const struct value *automated = value_dig(app, "spec", "syncPolicy", "automated");
    return value_is(automated, VALUE_MAP) && value_bool(value_dig(automated, "enabled"), true);
}

static bool is_pruning(const struct value *app)
{
    return value_bool(value_dig(app, "spec", "syncPolicy", "automated", "prune"), false);
}

static struct str policy_word(const struct value *app)
{
    if (!is_automated(app)) {
        return STR("Manual");
    }
    return is_pruning(app) ? STR("Auto-Prune") : STR("Auto");
}

static struct str policy_text(const struct value *app)
{
    if (!is_automated(app)) {
        return STR("Manual");
    }
    return is_pruning(app) ? STR("Automated (Prune)") : STR("Automated");
}

/* "ComparisonError,SyncError(2)". */
static struct str conditions_word(struct arena *arena, const struct value *app)
{
    const struct value *conditions = value_dig(app, "status", "conditions");
    struct str text = STR_EMPTY;
    VALUE_FOREACH(conditions, c) {
        struct str type = value_dig_str(c, "type");
        size_t n = 0;
        bool first = true;
        VALUE_FOREACH(conditions, other) {
            bool same = str_eq(value_dig_str(other, "type"), type);
            first = first && (!same || other >= c);
            n += same;
        }
        if (!first) {
            continue;
        }
        text = arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(text), text.n > 0 ? "," : "",
                            STR_ARG(type));
        if (n > 1) {
            text = arena_printf(arena, STR_FMT "(%zu)", STR_ARG(text), n);
        }
    }
    return or_else(text, "<none>");
}

static struct str short_revision(struct str revision)
{
    return revision.n == FULL_SHA ? str_sub(revision, 0, SHORT_REVISION) : revision;
}

/* ---- list ---- */

enum { LIST_COLUMNS = 8, WIDE_COLUMNS = 11 };

static void list_row(struct arena *arena, struct output_table *table, const struct value *app)
{
    const struct value *source = source_of(app);
    const struct str cells[WIDE_COLUMNS] = {
        app_view_name(arena, app),
        cluster_of(app),
        value_dig_str(app, "spec", "destination", "namespace"),
        or_else(value_dig_str(app, "spec", "project"), "default"),
        or_else(value_dig_str(app, "status", "sync", "status"), "Unknown"),
        or_else(value_dig_str(app, "status", "health", "status"), "Unknown"),
        policy_word(app),
        conditions_word(arena, app),
        value_dig_str(source, "repoURL"),
        or_else(value_dig_str(source, "path"), value_dig_str(source, "chart").p),
        value_dig_str(source, "targetRevision"),
    };
    output_table_row(table, cells);
}

void app_view_list(struct arena *arena,
                   const struct value *items,
                   enum output_format format,
                   struct buf *out)
{
    static const char *const WIDE[WIDE_COLUMNS + 1] = {
        "NAME",       "CLUSTER",    "NAMESPACE", "PROJECT", "STATUS", "HEALTH",
        "SYNCPOLICY", "CONDITIONS", "REPO",      "PATH",    "TARGET", NULL};
    const char *headers[WIDE_COLUMNS + 1] = {NULL};
    size_t n = format == OUTPUT_WIDE ? WIDE_COLUMNS : LIST_COLUMNS;
    for (size_t i = 0; i < n; i++) {
        headers[i] = WIDE[i];
    }
    struct output_table *table = output_table_new(arena, headers);
    VALUE_FOREACH(items, app) {
        if (format == OUTPUT_NAME) {
            output_text(out, app_view_name(arena, app));
            buf_put_char(out, '\n');
        } else {
            list_row(arena, table, app);
        }
    }
    if (format != OUTPUT_NAME) {
        output_table_print(table, out);
    }
}

/* ---- summary ---- */

enum { LABEL_COLUMNS = 20 };

static void field(struct buf *out, const char *label, struct str text)
{
    buf_put_c(out, label);
    if (text.n > 0) {
        size_t n = str_from(label).n;
        buf_put_fill(out, ' ', n < LABEL_COLUMNS ? LABEL_COLUMNS - n : 1);
        output_text(out, text);
    }
    buf_put_char(out, '\n');
}

static void source_fields(struct buf *out, const struct value *source)
{
    static const struct {
        const char *label;
        const char *key;
    } ROWS[] = {
        {"  Target:", "targetRevision"},
        {"  Path:", "path"},
        {"  Chart:", "chart"},
        {"  Ref:", "ref"},
    };
    field(out, "- Repo:", value_dig_str(source, "repoURL"));
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct str text = value_dig_str(source, ROWS[i].key);
        if (text.n > 0) {
            field(out, ROWS[i].label, text);
        }
    }
}

static void sources(struct buf *out, const struct value *app)
{
    const struct value *list = value_dig(app, "spec", "sources");
    buf_put_c(out, value_len(list) > 0 ? "Sources:\n" : "Source:\n");
    if (value_len(list) == 0) {
        source_fields(out, value_dig(app, "spec", "source"));
    }
    VALUE_FOREACH(list, source) {
        source_fields(out, source);
    }
}

/* "Synced to HEAD (1a2b3c4)". */
static struct str sync_text(struct arena *arena, const struct value *app)
{
    struct str status = or_else(value_dig_str(app, "status", "sync", "status"), "Unknown");
    struct str target = or_else(value_dig_str(source_of(app), "targetRevision"), "HEAD");
    struct str revision = short_revision(value_dig_str(app, "status", "sync", "revision"));
    if (str_eq(status, STR("Unknown"))) {
        return status;
    }
    const char *joint = str_eq(status, STR("Synced")) ? "to" : "from";
    struct str text =
        arena_printf(arena, STR_FMT " %s " STR_FMT, STR_ARG(status), joint, STR_ARG(target));
    return revision.n > 0
               ? arena_printf(arena, STR_FMT " (" STR_FMT ")", STR_ARG(text), STR_ARG(revision))
               : text;
}

static struct str health_text(struct arena *arena, const struct value *app)
{
    struct str status = or_else(value_dig_str(app, "status", "health", "status"), "Unknown");
    struct str message = value_dig_str(app, "status", "health", "message");
    return message.n > 0
               ? arena_printf(arena, STR_FMT " (" STR_FMT ")", STR_ARG(status), STR_ARG(message))
               : status;
}

static void conditions(struct arena *arena, const struct value *app, struct buf *out)
{
    static const char *const HEADERS[] = {"CONDITION", "MESSAGE", "LAST TRANSITION", NULL};
    struct output_table *table = output_table_new(arena, HEADERS);
    VALUE_FOREACH(value_dig(app, "status", "conditions"), c) {
        const struct str cells[] = {value_dig_str(c, "type"), blocked_text_of(c),
                                    value_dig_str(c, "lastTransitionTime")};
        output_table_row(table, cells);
    }
    if (output_table_len(table) > 0) {
        buf_put_char(out, '\n');
        output_table_print(table, out);
    }
}

void app_view_summary(struct arena *arena, const struct value *app, struct str url, struct buf *out)
{
    field(out, "Name:", app_view_name(arena, app));
    field(out, "Project:", or_else(value_dig_str(app, "spec", "project"), "default"));
    field(out, "Server:", cluster_of(app));
    field(out, "Namespace:", value_dig_str(app, "spec", "destination", "namespace"));
    field(out, "URL:",
          arena_printf(arena, STR_FMT "/applications/" STR_FMT, STR_ARG(url),
                       STR_ARG(value_dig_str(app, "metadata", "name"))));
    sources(out, app);
    field(out, "Sync Policy:", policy_text(app));
    field(out, "Sync Status:", sync_text(arena, app));
    field(out, "Health Status:", health_text(arena, app));
    if (value_dig_str(app, "metadata", "deletionTimestamp").n > 0) {
        field(out, "Deleting since:", value_dig_str(app, "metadata", "deletionTimestamp"));
    }
    if (blocked_text(app).n > 0) {
        field(out, "Waiting:", blocked_text(app));
    }
    conditions(arena, app, out);
}

/* ---- operation ---- */

static void duration_field(const struct value *state, int64_t now_ms, struct buf *out)
{
    struct err ignored;
    int64_t start_ms;
    int64_t end_ms = now_ms;
    char text[CLOCK_DURATION_BYTES];
    struct str finished = value_dig_str(state, "finishedAt");
    if (clock_parse_rfc3339(value_dig_str(state, "startedAt"), &start_ms, &ignored) < 0 ||
        (finished.n > 0 && clock_parse_rfc3339(finished, &end_ms, &ignored) < 0)) {
        return; /* times of someone else's making: shown above as they are */
    }
    int64_t whole_s = MAX(end_ms - start_ms, (int64_t)0) / 1000;
    clock_format_duration(whole_s * 1000, text);
    field(out, "Duration:", str_from(text));
}

void app_view_operation(const struct value *app, int64_t now_ms, struct buf *out)
{
    const struct value *state = value_dig(app, "status", "operationState");
    if (!value_is(state, VALUE_MAP)) {
        return;
    }
    struct str revision = value_dig_str(state, "syncResult", "revision");
    bool dry_run = value_bool(value_dig(state, "operation", "sync", "dryRun"), false);
    field(out, "Operation:", dry_run ? STR("Sync (dry run)") : STR("Sync"));
    field(out, "Sync Revision:",
          revision.n > 0 ? revision : value_dig_str(state, "operation", "sync", "revision"));
    field(out, "Phase:", value_dig_str(state, "phase"));
    field(out, "Start:", value_dig_str(state, "startedAt"));
    field(out, "Finished:", value_dig_str(state, "finishedAt"));
    duration_field(state, now_ms, out);
    field(out, "Message:", value_dig_str(state, "message"));
}

/* ---- resources ---- */

static bool same_object(const struct value *a, const struct value *b)
{
    static const char *const KEYS[] = {"group", "kind", "namespace", "name"};
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        if (!str_eq(value_dig_str(a, KEYS[i]), value_dig_str(b, KEYS[i]))) {
            return false;
        }
    }
    return true;
}

static const struct value *find_object(const struct value *list, const struct value *object)
{
    VALUE_FOREACH(list, it) {
        if (same_object(it, object)) {
            return it;
        }
    }
    return NULL;
}

static void
resource_row(struct output_table *table, const struct value *resource, const struct value *result)
{
    struct str status = value_dig_str(resource, "status");
    if (status.n == 0) { /* a hook, or gone: what the operation made of it */
        status = or_else(value_dig_str(result, "status"), value_dig_str(result, "hookPhase").p);
    }
    const struct str cells[] = {
        value_dig_str(resource, "group"),
        value_dig_str(resource, "kind"),
        value_dig_str(resource, "namespace"),
        value_dig_str(resource, "name"),
        status,
        value_dig_str(resource, "health", "status"),
        value_dig_str(result, "hookType"),
        or_else(value_dig_str(result, "message"), value_dig_str(resource, "health", "message").p),
    };
    output_table_row(table, cells);
}

void app_view_resources(struct arena *arena, const struct value *app, struct buf *out)
{
    static const char *const HEADERS[] = {"GROUP",  "KIND", "NAMESPACE", "NAME", "STATUS",
                                          "HEALTH", "HOOK", "MESSAGE",   NULL};
    const struct value *resources = value_dig(app, "status", "resources");
    const struct value *results =
        value_dig(app, "status", "operationState", "syncResult", "resources");
    struct output_table *table = output_table_new(arena, HEADERS);
    VALUE_FOREACH(resources, resource) {
        resource_row(table, resource, find_object(results, resource));
    }
    VALUE_FOREACH(results, result) {
        if (find_object(resources, result) == NULL) {
            resource_row(table, result, result);
        }
    }
    output_table_print(table, out);
}

/* ---- history ---- */

enum { HISTORY_COLUMNS = 3, HISTORY_WIDE_COLUMNS = 5 };

static struct str target_and_revision(struct arena *arena, const struct value *entry)
{
    struct str target = or_else(value_dig_str(entry, "source", "targetRevision"), "HEAD");
    struct str revision = value_dig_str(entry, "revision");
    if (revision.n == 0 || str_eq(target, revision)) {
        return target;
    }
    return arena_printf(arena, STR_FMT " (" STR_FMT ")", STR_ARG(target),
                        STR_ARG(short_revision(revision)));
}

static struct str initiator(const struct value *entry)
{
    struct str user = value_dig_str(entry, "initiatedBy", "username");
    bool automated = value_bool(value_dig(entry, "initiatedBy", "automated"), false);
    return automated ? STR("automated") : user;
}

void app_view_history(struct arena *arena,
                      const struct value *app,
                      enum output_format format,
                      struct buf *out)
{
    static const char *const SHORT[] = {"ID", "DATE", "REVISION", NULL};
    static const char *const WIDE[] = {"ID", "DATE", "REVISION", "INITIATED BY", "REPO", NULL};
    struct output_table *table = output_table_new(arena, format == OUTPUT_WIDE ? WIDE : SHORT);
    VALUE_FOREACH(value_dig(app, "status", "history"), entry) {
        struct str id =
            arena_printf(arena, "%lld", (long long)value_int(value_dig(entry, "id"), 0));
        const struct str cells[HISTORY_WIDE_COLUMNS] = {
            id,
            value_dig_str(entry, "deployedAt"),
            target_and_revision(arena, entry),
            initiator(entry),
            value_dig_str(entry, "source", "repoURL"),
        };
        if (format == OUTPUT_NAME) {
            buf_printf(out, STR_FMT "\n", STR_ARG(id));
        }
        output_table_row(table, cells);
    }
    if (format != OUTPUT_NAME) {
        output_table_print(table, out);
    }
}

/* ---- tree ---- */

static void tree_rows(struct output_table *table, const struct value *nodes, struct str orphaned)
{
    VALUE_FOREACH(nodes, node) {
        const struct str cells[] = {
            value_dig_str(node, "group"),
            value_dig_str(node, "kind"),
            value_dig_str(node, "namespace"),
            value_dig_str(node, "name"),
            orphaned,
            value_dig_str(node, "health", "status"),
            value_dig_str(node, "health", "message"),
        };
        output_table_row(table, cells);
    }
}

static void tree_names(const struct value *nodes, struct buf *out)
{
    VALUE_FOREACH(nodes, node) {
        struct str group = value_dig_str(node, "group");
        output_lower(out, value_dig_str(node, "kind"));
        buf_put_c(out, group.n > 0 ? "." : "");
        output_text(out, group);
        buf_put_char(out, '/');
        output_text(out, value_dig_str(node, "name"));
        buf_put_char(out, '\n');
    }
}

void app_view_tree(struct arena *arena,
                   const struct value *tree,
                   enum output_format format,
                   struct buf *out)
{
    static const char *const SHORT[] = {"GROUP", "KIND", "NAMESPACE", "NAME", "ORPHANED", NULL};
    static const char *const WIDE[] = {"GROUP",    "KIND",   "NAMESPACE", "NAME",
                                       "ORPHANED", "HEALTH", "MESSAGE",   NULL};
    if (format == OUTPUT_NAME) {
        tree_names(value_dig(tree, "nodes"), out);
        tree_names(value_dig(tree, "orphanedNodes"), out);
        return;
    }
    struct output_table *table = output_table_new(arena, format == OUTPUT_WIDE ? WIDE : SHORT);
    tree_rows(table, value_dig(tree, "nodes"), STR("No"));
    tree_rows(table, value_dig(tree, "orphanedNodes"), STR("Yes"));
    output_table_print(table, out);
}
