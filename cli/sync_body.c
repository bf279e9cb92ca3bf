/* ApplicationSyncRequest of the REST API. */
#include "cli/sync_body.h"

#include "common/base/arena.h"
#include "common/value/value_build.h"

static int put_infos(struct value_builder *b, const struct flag_list *list, struct err *err)
{
    if (list->n == 0) {
        return 0;
    }
    value_build_field_list(b, "infos");
    for (size_t i = 0; i < list->n; i++) {
        struct str name;
        struct str text;
        if (!str_cut(str_from(list->items[i]), '=', &name, &text) || name.n == 0) {
            return err_set(err, ERR_INVALID, "info '%s' is not NAME=VALUE", list->items[i]);
        }
        value_build_map(b);
        value_build_field_str(b, "name", name);
        value_build_field_str(b, "value", text);
        value_build_end(b);
    }
    value_build_end(b);
    return 0;
}

static void put_strategy(struct value_builder *b, const struct sync_body_opts *opts)
{
    if (opts->strategy == NULL && !opts->force) {
        return;
    }
    value_build_field_map(b, "strategy");
    value_build_field_map(b, opts->strategy != NULL ? opts->strategy : "hook");
    if (opts->force) {
        value_build_field_bool(b, "force", true);
    }
    value_build_end(b);
    value_build_end(b);
}

static void put_options(struct value_builder *b, const struct sync_body_opts *opts)
{
    const struct {
        bool on;
        const char *text;
    } SWITCHES[] = {
        {opts->replace, "Replace=true"},
        {opts->server_side, "ServerSideApply=true"},
        {opts->apply_out_of_sync_only, "ApplyOutOfSyncOnly=true"},
    };
    bool any = opts->options.n > 0;
    for (size_t i = 0; i < ARRAY_LEN(SWITCHES); i++) {
        any |= SWITCHES[i].on;
    }
    if (!any) {
        return; /* the server then takes the Application's */
    }
    value_build_field_map(b, "syncOptions");
    value_build_field_list(b, "items");
    for (size_t i = 0; i < opts->options.n; i++) {
        value_build_str(b, str_from(opts->options.items[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(SWITCHES); i++) {
        if (SWITCHES[i].on) {
            value_build_str(b, str_from(SWITCHES[i].text));
        }
    }
    value_build_end(b);
    value_build_end(b);
}

static void put_retry(struct value_builder *b, const struct sync_body_opts *opts)
{
    if (opts->retry_limit != 0) {
        value_build_field_map(b, "retryStrategy");
        value_build_field_int(b, "limit", opts->retry_limit);
        value_build_end(b);
    }
}

int sync_body(struct arena *arena,
              const struct app_ref *ref,
              const struct sync_body_opts *opts,
              const struct value **ret,
              struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "name", ref->name);
    value_build_field_str_opt(&b, "appNamespace", ref->namespace);
    value_build_field_str_opt(&b, "revision", str_from(opts->revision));
    value_build_field_bool(&b, "prune", opts->prune);
    value_build_field_bool(&b, "dryRun", opts->dry_run);
    put_strategy(&b, opts);
    put_options(&b, opts);
    put_retry(&b, opts);
    if (opts->resources != NULL) {
        value_build_field(&b, "resources", opts->resources);
    }
    if (opts->manifests != NULL) {
        value_build_field(&b, "manifests", opts->manifests);
    }
    TRY(put_infos(&b, &opts->infos, err));
    value_build_end(&b);
    *ret = value_build_finish(&b);
    return 0;
}
