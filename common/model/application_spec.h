/* The spec and the operation of an Application: decoding, defaults, checks.
 *
 * Decoding is by tables and forgiving: unknown fields are left alone, and everything that is handed
 * on to others (helm, kustomize, plugin blocks, whole sources) is also there as the tree it came from,
 * so that nothing is lost in a round trip. Strings and trees are borrowed from the object, arrays live
 * in the arena; the result is valid as long as both. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

#define APP_DEFAULT_PROJECT "default"

enum {
    APP_HISTORY_DEFAULT = 10,
    APP_RETRY_LIMIT_DEFAULT = 5, /* of automated syncs without a retry block */
    APP_BACKOFF_FACTOR_DEFAULT = 2,
    APP_BACKOFF_DEFAULT_MS = 5 * 1000,
    APP_BACKOFF_MAX_DEFAULT_MS = 3 * 60 * 1000,
};

/* Lists of strings. */
struct app_strs {
    const struct str *items;
    size_t n;
};

struct app_name_value {
    struct str name;
    struct str value;
};

struct app_name_values {
    const struct app_name_value *items;
    size_t n;
};

struct app_destination {
    struct str server;
    struct str name;
    struct str namespace;
};

struct app_directory {
    bool recurse;
    bool disable_extension_filter;
    struct str include;
    struct str exclude;
    const struct value *jsonnet; /* tree or NULL */
};

struct app_source {
    struct str repo_url;
    struct str path;
    struct str target_revision;
    struct str chart;
    struct str ref;
    struct str name;
    struct str tag_prefix;
    struct app_directory directory;
    const struct value *directory_tree; /* blocks as written; NULL = absent */
    const struct value *helm;
    const struct value *kustomize;
    const struct value *plugin;
    const struct value *tree; /* the whole source as written */
};

struct app_sources {
    const struct app_source *items;
    size_t n;
};

struct app_retry {
    bool set;      /* there was a block; without one all below is as if it were empty */
    int64_t limit; /* negative = for ever, 0 = none */
    bool refresh;
    int64_t backoff_ms; /* the defaults filled in */
    int64_t factor;
    int64_t backoff_max_ms;
    const struct value *tree; /* the block as written; NULL = made here */
};

struct app_sync_policy {
    bool automated;     /* has_automated and enabled: on */
    bool has_automated; /* the block is there */
    bool enabled;       /* of the block; true unless it says false */
    bool prune;
    bool self_heal;
    bool allow_empty;
    struct app_strs sync_options;
    struct app_retry retry;
    const struct value *managed_namespace_metadata; /* tree or NULL */
};

struct app_ignore_difference {
    struct str group; /* glob */
    struct str kind;  /* glob */
    struct str name;
    struct str namespace;
    struct app_strs json_pointers;
    struct app_strs jq_path_expressions;
    struct app_strs managed_fields_managers;
};

struct app_ignore_differences {
    const struct app_ignore_difference *items;
    size_t n;
};

struct app_spec {
    struct str project; /* "" as written is "default" here */
    struct app_sources
        sources;       /* of `sources`, or the one of `source`; empty when there is neither */
    bool multi_source; /* they come from `sources` */
    bool has_hydrator;
    struct app_destination destination;
    struct app_sync_policy sync_policy;
    struct app_ignore_differences ignore_differences;
    struct app_name_values info;
    int64_t revision_history_limit; /* default filled in */
    const struct value *tree;
};

struct app_sync_resource {
    struct str group;
    struct str kind;
    struct str name;
    struct str namespace;
};

struct app_sync_resources {
    const struct app_sync_resource *items;
    size_t n;
};

/* A requested or running sync. */
struct app_operation {
    bool has_sync;
    struct str revision;
    struct app_strs revisions;
    bool prune;
    bool dry_run;
    bool apply_only; /* syncStrategy.apply: no hooks */
    bool force;      /* of the strategy chosen */
    struct app_sync_resources resources;
    struct app_sources sources; /* of `sources` or `source`; empty = spec's */
    bool multi_source;
    struct app_strs manifests;
    struct app_strs sync_options;
    int64_t auto_heal_attempts;
    struct str username;
    bool automated;
    struct app_name_values info;
    struct app_retry retry;
    const struct value *tree; /* as written: goes into status.operationState unchanged */
};

/* Fields of a wrong type are ERR_INVALID naming the path; unknown ones are ignored. */
MUST_CHECK int app_spec_decode(struct arena *arena,
                               const struct value *spec,
                               struct app_spec *ret,
                               struct err *err);
/* `sources`, or the one of `source`, of a map that may have either; path leads messages ("spec"). */
MUST_CHECK int app_sources_decode(struct arena *arena,
                                  const struct value *map,
                                  const char *path,
                                  struct app_sources *ret,
                                  bool *ret_multi_source,
                                  struct err *err);
/* Server, name, namespace of a destination; {} when empty. */
const struct value *app_destination_to_value(struct arena *arena,
                                             const struct app_destination *destination);
MUST_CHECK int app_operation_decode(struct arena *arena,
                                    const struct value *operation,
                                    struct app_operation *ret,
                                    struct err *err);

/* What is wrong with a spec by itself (destination, sources, refs, retry), as the texts of
 * InvalidSpecError conditions; none = fine. */
struct app_strs app_spec_problems(struct arena *arena, const struct app_spec *spec);

/* The tree it was decoded from, when it was; else built from the fields, without what is empty. */
const struct value *app_operation_to_value(struct arena *arena,
                                           const struct app_operation *operation);

/* Append "source" or "sources" with the trees as written; nothing when there are none. */
const struct value *app_sources_with(struct arena *arena,
                                     const struct value *map,
                                     const struct app_sources *sources,
                                     bool multi_source);

/* The last entry of a list of "Name=value" options that sets Name: "true", "false", ...; "" = not set.
 * Options of several levels are looked up in the more specific list first. */
struct str app_sync_option(struct app_strs options, struct str name);

/* The wait before retry number retry_count + 1: min(max, backoff * factor^retry_count). */
int64_t app_retry_wait_ms(const struct app_retry *retry, int64_t retry_count);
