/* Every cap on input, with unit and reason. Passing one gives ERR_LIMIT naming it. Defaults of
 * configurable limits stand in the components' config.def; these are what no setting may pass, or
 * what needs no setting. */
#pragma once

#include <stddef.h>

#define LIMIT_KIB ((size_t)1024)
#define LIMIT_MIB (1024 * LIMIT_KIB)

/* One YAML or JSON document or file: Kubernetes itself takes 3 MiB, charts' values some more. */
#define LIMIT_DOC_BYTES (64 * LIMIT_MIB)
/* Nesting of maps and lists: deeper is an attack on recursion; Kubernetes stops at 10,000 for JSON and
 * real manifests stay below 100. */
#define LIMIT_DOC_DEPTH 512
/* Values in one document, alias expansion included (billion laughs). */
#define LIMIT_DOC_NODES ((size_t)4 * 1000 * 1000)
/* Nodes that may come from YAML aliases: go-yaml allows about this many before it looks at ratios. */
#define LIMIT_ALIAS_NODES ((size_t)400 * 1000)
/* Templates: nodes run, calls and rounds of loops in one render, of which the largest charts need some
 * hundred thousand; and nesting of blocks, parentheses, templates and includes, which is C stack (about a KiB
 * each): Helm itself stops 1000 includes of one name. */
#define LIMIT_TEMPLATE_STEPS ((size_t)200 * 1000 * 1000)
#define LIMIT_TEMPLATE_DEPTH 3000

/* Scripts of users in Lua. The time is the one Argo CD gives; the rest bounds what happens within. */
#define LIMIT_SCRIPT_MS    1000
#define LIMIT_SCRIPT_STEPS ((uint64_t)50 * 1000 * 1000)
#define LIMIT_SCRIPT_BYTES ((size_t)32 * LIMIT_MIB)
#define LIMIT_SCRIPT_DEPTH 200
#define LIMIT_SCRIPT_NODES ((size_t)200 * 1000)
/* Fields a table is made for at once: more are added as they come. */
#define LIMIT_SCRIPT_PREALLOC 4096
/* Stack of a pool thread, where renders run: what the deepest nesting takes, twice. */
#define LIMIT_WORK_STACK_BYTES (8 * LIMIT_MIB)
/* The jq helper: address space (its libraries take some of it; 0 = no limit, as sanitizers need terabytes), and one
 * list of paths. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define LIMIT_JQ_BYTES ((size_t)0)
#else
#    define LIMIT_JQ_BYTES ((size_t)512 * LIMIT_MIB)
#endif
#define LIMIT_JQ_ANSWER_BYTES LIMIT_MIB
/* Fields of one object that are told to differ: nobody reads more. Managers looked at for who set them: objects have
 * a handful. */
#define LIMIT_FIELD_CHANGES 200
#define LIMIT_FIELD_OWNERS  64
/* Operations of one JSON patch, as many as the API server takes. */
#define LIMIT_PATCH_OPS 10000

/* HTTP server: request line and headers together; body of ordinary requests. */
#define LIMIT_HTTP_HEADER_BYTES (32 * LIMIT_KIB)
#define LIMIT_HTTP_BODY_BYTES   (32 * LIMIT_MIB)
#define LIMIT_HTTP_URL_BYTES    (16 * LIMIT_KIB)
/* All request bodies a server holds at once: more are refused with 503. */
#define LIMIT_HTTP_BODIES_BYTES (256 * LIMIT_MIB)
/* HTTP client: a whole response kept in memory; a list page of 500 large objects fits. */
#define LIMIT_HTTP_RESPONSE_BYTES (256 * LIMIT_MIB)
/* One line of a watch stream: one object with its envelope. */
#define LIMIT_WATCH_LINE_BYTES (8 * LIMIT_MIB)
/* One line of a log: longer ones come in pieces. */
#define LIMIT_LOG_LINE_BYTES (256 * LIMIT_KIB)
/* A Kubernetes list without its items: apiVersion, kind and metadata. */
#define LIMIT_KUBE_ENVELOPE_BYTES LIMIT_MIB
/* One kubeconfig file; one token, certificate or CA bundle it names. */
#define LIMIT_KUBE_CONFIG_BYTES (4 * LIMIT_MIB)
/* Event streams (SSE): open at once per process; bytes waiting for one slow client. */
#define LIMIT_SSE_CLIENTS       1000
#define LIMIT_SSE_BACKLOG_BYTES (8 * LIMIT_MIB)

/* One message between processes: rendered manifests of the largest applications. */
#define LIMIT_IPC_MESSAGE_BYTES (128 * LIMIT_MIB)

/* Git: one blob read into memory; a path; a whole mirror on disk; files walked for one source. */
#define LIMIT_GIT_BLOB_BYTES (64 * LIMIT_MIB)
#define LIMIT_PATH_BYTES     4096
#define LIMIT_TREE_FILES     100000
/* Signatures: one commit or tag that is verified; commits walked for one verification; the armoured keys of one entry of
 * argocd-gpg-keys-cm (a config map has at most 1 MiB); what gpgv says of one signature; verdicts kept. */
#define LIMIT_SIGNED_OBJECT_BYTES (4 * LIMIT_MIB)
#define LIMIT_SIGNED_COMMITS      ((size_t)1000 * 1000)
#define LIMIT_PUBLIC_KEY_BYTES    (2 * LIMIT_MIB)
#define LIMIT_GPG_STATUS_BYTES    (64 * LIMIT_KIB)
#define LIMIT_VERDICTS            4096
/* index.yaml of a chart repository: the largest public ones have about 30 MiB. */
#define LIMIT_HELM_INDEX_BYTES (64 * LIMIT_MIB)
/* A chart archive as downloaded: charts have kilobytes, some with all their subcharts a few megabytes. */
#define LIMIT_CHART_ARCHIVE_BYTES (32 * LIMIT_MIB)
/* OCI registries: one JSON answer (a chart's manifest has a kilobyte, a page of tags some ten); tags of one
 * repository. */
#define LIMIT_OCI_ANSWER_BYTES LIMIT_MIB
#define LIMIT_OCI_TAGS         ((size_t)20 * 1000)
/* Manifests of one plain source together: Argo CD's default. */
#define LIMIT_SOURCE_BYTES (10 * LIMIT_MIB)
/* One file of a chart and a whole chart with its subcharts, unpacked: Helm's own limits. */
#define LIMIT_CHART_FILE_BYTES (5 * LIMIT_MIB)
#define LIMIT_CHART_BYTES      (100 * LIMIT_MIB)
/* Submodules of one commit, and the file that names them. */
#define LIMIT_GITMODULES       1000
#define LIMIT_GITMODULES_BYTES LIMIT_MIB
/* Dependencies, remote files and repositories of one render. */
#define LIMIT_RENDER_ASSETS 256
/* Entries of one archive: the largest charts have some thousand files. */
#define LIMIT_ARCHIVE_ENTRIES 20000
/* A long name or extended header in an archive. */
#define LIMIT_ARCHIVE_HEADER_BYTES (64 * LIMIT_KIB)
/* `--set`: the highest index of a list and the deepest path, both Helm's own. */
#define LIMIT_SET_INDEX 65536
#define LIMIT_SET_DEPTH 30
/* Nulls and items that one `--set` may create: "a[65535][65535]..." would square otherwise. */
#define LIMIT_SET_ITEMS ((size_t)1000 * 1000)
/* Everything one chart prints, hooks and CRDs included. */
#define LIMIT_CHART_OUTPUT_BYTES LIMIT_DOC_BYTES
/* Objects one application may have. */
#define LIMIT_APP_OBJECTS 20000
/* One build of a kustomization: objects on their way, directories entered (each base counts every time it is named, so that bases
 * that name each other's twice end), and files and repositories asked of the network. */
#define LIMIT_KUSTOMIZE_OBJECTS     (100 * 1000)
#define LIMIT_KUSTOMIZE_DIRECTORIES (20 * 1000)
#define LIMIT_KUSTOMIZE_REMOTES     500
/* All that one build prints. */
#define LIMIT_KUSTOMIZE_OUTPUT_BYTES (512 * LIMIT_MIB)
/* Jobs waiting per work class before new ones are refused. */
#define LIMIT_WORK_QUEUE 10000
/* One setting in a mounted config map: the whole map may have 1 MiB. */
#define LIMIT_CONFIG_VALUE_BYTES (64 * LIMIT_KIB)
/* Label combinations of one metric: an application each, in the largest installation. */
#define LIMIT_METRIC_SERIES 20000
/* One text of access policy: a config map has 1 MiB. */
#define LIMIT_RBAC_POLICY_BYTES (4 * LIMIT_MIB)
/* The whole metrics page. */
#define LIMIT_METRICS_BYTES (64 * LIMIT_MIB)
/* A decimal number while templates compute with addf and the like: any float has fewer than 400 digits. */
#define LIMIT_TEMPLATE_DECIMAL_BYTES (16 * LIMIT_KIB)
/* Numbers that until, untilStep and seq give at most. */
#define LIMIT_TEMPLATE_RANGE ((size_t)1000 * 1000)

/* Bytes one call of a template's random function gives: keys and passwords are short. */
#define LIMIT_TZDATA_BYTES          (64 * LIMIT_KIB) /* one zone; the largest has 4 KiB */
#define LIMIT_TZDATA_NAME_BYTES     ((size_t)128)
#define LIMIT_TEMPLATE_RANDOM_BYTES (64 * LIMIT_KIB)
/* Templates: a regular expression. PCRE2 takes some 64 KiB of its own form. */
#define LIMIT_REGEX_BYTES (32 * LIMIT_KIB)
/* Steps of one search of a regular expression, of which a second has some 50 millions: Go's need no limit
 * because they do not backtrack. And the memory to remember where to go back to. */
#define LIMIT_REGEX_STEPS    (10 * 1000 * 1000)
#define LIMIT_REGEX_HEAP_KIB (64 * 1024)
/* One string a function of a template makes. */
#define LIMIT_TEMPLATE_STRING_BYTES (64 * LIMIT_MIB)
/* A JSON schema of a chart: problems found while values are checked, those of alternatives that do not matter in the
 * end included. */
#define LIMIT_SCHEMA_PROBLEM_BYTES (64 * LIMIT_MIB)
/* Problems told of one object checked against a cluster's OpenAPI document: they are for a person to read. */
#define LIMIT_VALIDATION_PROBLEMS ((size_t)30)
/* Schemas applied inside each other: each takes some 700 bytes of stack; a level of nesting in values takes a few. */
#define LIMIT_SCHEMA_DEPTH 2500

/* Fields of one list of a Kustomize transformer configuration: each is compared with those before it. */
#define LIMIT_KUSTOMIZE_FIELDSPECS 10000
/* Properties of `crds` looked at, counted again for each type that uses them; types inside each other. */
#define LIMIT_KUSTOMIZE_CRD_PROPERTIES 100000
#define LIMIT_KUSTOMIZE_CRD_DEPTH      100
/* Asking once more for a refresh that is asked for already changes nothing anybody could see. What a repository said
 * since the first time answers both, but not for longer than this. */
#define LIMIT_REVISION_AGE_MS 10000
