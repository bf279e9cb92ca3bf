/* Settings as informers over the control plane's namespace, and the decoded forms rebuilt on change. */
#include "common/settings/settings.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/ipc/ipc_convert.h"
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/model/global_projects.h"
#include "common/net/url.h"
#include "common/rt/config.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "proto/repo.pb-c.h"

#define CONFIG_MAP      "argocd-cm"
#define PARAMS_MAP      "argocd-cmd-params-cm"
#define RBAC_MAP        "argocd-rbac-cm"
#define KNOWN_HOSTS_MAP "argocd-ssh-known-hosts-cm"
#define TLS_CERTS_MAP   "argocd-tls-certs-cm"
#define SECRET_NAME     "argocd-secret"
#define PART_OF         "app.kubernetes.io/part-of=argocd"

enum source {
    SOURCE_MAPS,
    SOURCE_SECRETS, /* of a secret-type */
    SOURCE_PROJECTS,
    SOURCE_SECRET, /* argocd-secret */
    SOURCE_NAMED,  /* secrets that are part of argocd */
    SOURCE_COUNT
};

struct project_entry {
    struct arena *arena;
    struct doc *doc; /* with what it inherits; held by the arena */
    struct project project;
};

struct settings {
    struct settings_opts opts;
    struct arena *strings;
    struct kube_informer *informers[SOURCE_COUNT];
    bool synced[SOURCE_COUNT];
    bool told_synced;
    struct arena *decoded; /* of repositories and clusters */
    struct repositories repositories;
    struct clusters clusters;
    struct map *projects; /* name -> struct project_entry */
    struct arena *globals_arena;
    struct global_projects globals;
    struct err problem; /* ERR_OK = none */
    unsigned n_stopping;
    void (*freed)(void *data);
    void *freed_data;
};

/* ---- repositories and clusters ---- */

typedef VEC(struct repository) repository_vec;
typedef VEC(struct cluster) cluster_vec;

static bool is_type(const struct value *secret, const char *type)
{
    return str_eq_c(kube_label(secret, STR(SECRET_TYPE_LABEL)), type);
}

static void
decode_secret(struct settings *s, struct doc *doc, repository_vec *repos, cluster_vec *clusters)
{
    const struct value *secret = doc_root(doc);
    struct err err;
    arena_hold(s->decoded, doc);
    if (is_type(secret, SECRET_TYPE_CLUSTER)) {
        struct cluster cluster;
        if (cluster_decode(s->decoded, secret, &cluster, &err) == 0) {
            vec_push_in(s->decoded, clusters, cluster);
        }
    } else if (is_type(secret, SECRET_TYPE_REPOSITORY) || is_type(secret, SECRET_TYPE_REPO_CREDS)) {
        struct repository repo;
        if (repository_decode(s->decoded, secret, &repo, &err) == 0) {
            vec_push_in(s->decoded, repos, repo);
        }
    }
}

static bool is_own(const struct cluster *cluster)
{
    return cluster_server_same(cluster->server, STR(CLUSTER_IN_CLUSTER_SERVER));
}

static void drop_own(cluster_vec *clusters)
{
    size_t n = 0;
    for (size_t i = 0; i < clusters->n; i++) {
        if (!is_own(&clusters->items[i])) {
            clusters->items[n++] = clusters->items[i];
        }
    }
    clusters->n = n;
}

static bool has_in_cluster(const cluster_vec *clusters)
{
    for (size_t i = 0; i < clusters->n; i++) {
        if (is_own(&clusters->items[i])) {
            return true;
        }
    }
    return false;
}

static void rebuild(struct settings *s)
{
    struct arena *old = s->decoded;
    s->decoded = arena_new();
    repository_vec repos = {0};
    cluster_vec clusters = {0};
    size_t at = 0;
    for (struct doc *d; (d = kube_informer_next(s->informers[SOURCE_SECRETS], &at)) != NULL;) {
        decode_secret(s, d, &repos, &clusters);
    }
    bool disabled = str_eq_c(settings_value(s, STR("cluster.inClusterEnabled")), "false");
    if (disabled) {
        drop_own(&clusters);
    } else if (!has_in_cluster(&clusters)) {
        struct cluster own = cluster_in_cluster();
        vec_push_in(s->decoded, &clusters, own);
    }
    s->repositories = (struct repositories){repos.items, repos.n};
    s->clusters = (struct clusters){clusters.items, clusters.n, disabled};
    arena_free(old);
}

static void on_secret(void *data, struct doc *before, struct doc *after)
{
    struct settings *s = data;
    const struct value *secret = doc_root(after != NULL ? after : before);
    if (!s->synced[SOURCE_SECRETS]) {
        return; /* once, when the list is complete */
    }
    rebuild(s);
    bool cluster = is_type(secret, SECRET_TYPE_CLUSTER);
    s->opts.on_change(s->opts.data, cluster ? SETTINGS_CLUSTERS : SETTINGS_REPOSITORIES, STR_EMPTY);
}

/* ---- projects ---- */

static void project_free(void *p)
{
    struct project_entry *e = p;
    arena_free(e->arena);
    mem_free(e);
}

static const struct value *find_project_tree(void *data, struct str name)
{
    const struct settings *s = data;
    struct doc *doc = kube_informer_find(s->informers[SOURCE_PROJECTS], s->opts.namespace, name);
    return doc != NULL ? doc_root(doc) : NULL;
}

static struct project_entry *project_build(struct settings *s, struct doc *doc)
{
    struct project_entry *e = MEM_NEW(struct project_entry);
    e->arena = arena_new();
    const struct value *obj =
        global_projects_apply(e->arena, &s->globals, doc_root(doc), find_project_tree, s);
    AUTO(doc) struct doc *whole = obj == doc_root(doc) ? doc_ref(doc) : doc_copy_of(obj);
    arena_hold(e->arena, whole);
    e->doc = whole;
    struct err err;
    if (project_decode(e->arena, doc_root(whole), &e->project, &err) < 0) {
        /* the CRD's schema does not let such objects in; deny everything rather than guess */
        e->project = (struct project){.name = kube_name(doc_root(doc)), .tree = doc_root(whole)};
    }
    e->project.own_repositories = &s->repositories;
    return e;
}

/* Others may inherit something else now. */
static void projects_rebuild(struct settings *s)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str *changed = arena_calloc(arena, map_len(s->projects), sizeof(*changed));
    size_t n = 0;
    size_t at = 0;
    for (struct doc *d; (d = kube_informer_next(s->informers[SOURCE_PROJECTS], &at)) != NULL;) {
        struct str name = kube_name(doc_root(d));
        const struct project_entry *old = map_find(s->projects, name);
        struct project_entry *fresh = project_build(s, d);
        if (old == NULL || value_equal(doc_root(old->doc), doc_root(fresh->doc))) {
            project_free(fresh);
            continue;
        }
        map_set(s->projects, name, fresh);
        changed[n++] = arena_str(arena, name);
    }
    for (size_t i = 0; i < n; i++) {
        s->opts.on_change(s->opts.data, SETTINGS_PROJECTS, changed[i]);
    }
}

static bool is_global(const struct settings *s, struct str name)
{
    for (size_t i = 0; i < s->globals.n; i++) {
        if (str_eq(s->globals.items[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void on_project(void *data, struct doc *before, struct doc *after)
{
    struct settings *s = data;
    struct str name = kube_name(doc_root(after != NULL ? after : before));
    if (after != NULL) {
        map_set(s->projects, name, project_build(s, after));
    } else {
        (void)map_remove(s->projects, name);
    }
    s->opts.on_change(s->opts.data, SETTINGS_PROJECTS, name);
    if (is_global(s, name)) {
        projects_rebuild(s);
    }
}

/* ---- config maps and the secret ---- */

static void read_globals(struct settings *s)
{
    arena_free(s->globals_arena);
    s->globals_arena = arena_new();
    struct str text = arena_str(s->globals_arena, settings_value(s, STR("globalProjects")));
    s->problem = (struct err){0};
    if (global_projects_parse(s->globals_arena, text, &s->globals, &s->problem) < 0) {
        s->globals = (struct global_projects){0};
    }
    projects_rebuild(s);
}

static bool has_changed(struct doc *before, struct doc *after, const char *key)
{
    return !str_eq(value_dig_str(before != NULL ? doc_root(before) : NULL, "data", key),
                   value_dig_str(after != NULL ? doc_root(after) : NULL, "data", key));
}

static void on_config(void *data, struct doc *before, struct doc *after)
{
    struct settings *s = data;
    if (has_changed(before, after, "globalProjects")) {
        read_globals(s);
    }
    if (has_changed(before, after, "cluster.inClusterEnabled") && s->synced[SOURCE_SECRETS]) {
        rebuild(s);
        s->opts.on_change(s->opts.data, SETTINGS_CLUSTERS, STR_EMPTY);
    }
    s->opts.on_change(s->opts.data, SETTINGS_CONFIG, STR_EMPTY);
}

static void on_own_secret(void *data, struct doc *before UNUSED, struct doc *after UNUSED)
{
    struct settings *s = data;
    s->opts.on_change(s->opts.data, SETTINGS_SECRET, STR_EMPTY);
}

/* ---- coming and going ---- */

static void source_synced(struct settings *s, enum source source)
{
    s->synced[source] = true;
    if (source == SOURCE_SECRETS) {
        rebuild(s);
    }
    if (!s->told_synced && settings_synced(s)) {
        s->told_synced = true;
        s->opts.on_synced(s->opts.data);
    }
}

static void on_maps_synced(void *data)
{
    source_synced(data, SOURCE_MAPS);
}

static void on_secrets_synced(void *data)
{
    source_synced(data, SOURCE_SECRETS);
}

static void on_projects_synced(void *data)
{
    source_synced(data, SOURCE_PROJECTS);
}

static void on_own_secret_synced(void *data)
{
    source_synced(data, SOURCE_SECRET);
}

static void on_named_synced(void *data)
{
    source_synced(data, SOURCE_NAMED);
}

static const struct {
    struct str group;
    struct str version;
    struct str resource;
    struct str kind;
    struct str labels;
    struct str fields;
    void (*on_change)(void *data, struct doc *before, struct doc *after);
    void (*on_synced)(void *data);
} SOURCES[SOURCE_COUNT] = {
    [SOURCE_MAPS] = {STR(""), STR("v1"), STR("configmaps"), STR("ConfigMap"), STR(PART_OF), STR(""),
                     on_config, on_maps_synced},
    [SOURCE_SECRETS] = {STR(""), STR("v1"), STR("secrets"), STR("Secret"), STR(SECRET_TYPE_LABEL),
                        STR(""), on_secret, on_secrets_synced},
    [SOURCE_PROJECTS] = {STR(APP_GROUP), STR(APP_VERSION), STR(APP_PROJECT_RESOURCE),
                         STR(APP_PROJECT_KIND), STR(""), STR(""), on_project, on_projects_synced},
    [SOURCE_SECRET] = {STR(""), STR("v1"), STR("secrets"), STR("Secret"), STR(""),
                       STR("metadata.name=" SECRET_NAME), on_own_secret, on_own_secret_synced},
    [SOURCE_NAMED] = {STR(""), STR("v1"), STR("secrets"), STR("Secret"), STR(PART_OF), STR(""),
                      on_own_secret, on_named_synced},
};

struct settings *settings_new(const struct settings_opts *opts)
{
    struct settings *s = MEM_NEW(struct settings);
    s->opts = *opts;
    s->strings = arena_new();
    s->opts.namespace = arena_str(s->strings, opts->namespace);
    s->projects = map_new(project_free);
    for (int i = 0; i < SOURCE_COUNT; i++) {
        if ((i == SOURCE_SECRET || i == SOURCE_NAMED) && !opts->want_secret) {
            s->synced[i] = true;
            continue;
        }
        struct kube_informer_opts informer = {
            .target = {.group = SOURCES[i].group,
                       .version = SOURCES[i].version,
                       .resource = SOURCES[i].resource,
                       .kind = SOURCES[i].kind,
                       .namespace = s->opts.namespace},
            .label_selector = SOURCES[i].labels,
            .field_selector = SOURCES[i].fields,
            .on_change = SOURCES[i].on_change,
            .on_synced = SOURCES[i].on_synced,
            .data = s,
        };
        s->informers[i] = kube_informer_start(opts->client, &informer);
    }
    return s;
}

static void on_stopped(void *data)
{
    struct settings *s = data;
    if (--s->n_stopping > 0) {
        return;
    }
    void (*freed)(void *data) = s->freed;
    void *freed_data = s->freed_data;
    map_free(s->projects);
    arena_free(s->globals_arena);
    arena_free(s->decoded);
    arena_free(s->strings);
    mem_free(s);
    if (freed != NULL) {
        freed(freed_data);
    }
}

void settings_free(struct settings *s, void (*freed)(void *data), void *data)
{
    s->freed = freed;
    s->freed_data = data;
    for (int i = 0; i < SOURCE_COUNT; i++) {
        s->n_stopping += s->informers[i] != NULL;
    }
    for (int i = 0; i < SOURCE_COUNT; i++) {
        kube_informer_stop(TAKE(s->informers[i]), on_stopped, s);
    }
}

bool settings_synced(const struct settings *s)
{
    for (int i = 0; i < SOURCE_COUNT; i++) {
        if (!s->synced[i]) {
            return false;
        }
    }
    return true;
}

/* ---- reading ---- */

static struct doc *find_map(const struct settings *s, const char *map)
{
    return kube_informer_find(s->informers[SOURCE_MAPS], s->opts.namespace, str_from(map));
}

static struct str map_value(const struct settings *s, const char *map, struct str key)
{
    struct doc *doc = find_map(s, map);
    if (doc == NULL) {
        return STR_EMPTY;
    }
    return value_str(value_find(value_dig(doc_root(doc), "data"), key));
}

struct str settings_value(const struct settings *s, struct str key)
{
    return map_value(s, CONFIG_MAP, key);
}

struct doc *settings_config(const struct settings *s)
{
    return find_map(s, CONFIG_MAP);
}

static void
take_pairs(struct arena *arena, struct doc *map, struct str prefix, struct config_pairs *ret)
{
    const struct value *data = map != NULL ? value_dig(doc_root(map), "data") : NULL;
    struct config_pair *items = arena_calloc(arena, ret->n + value_len(data), sizeof(*items));
    for (size_t i = 0; i < ret->n; i++) {
        items[i] = ret->items[i];
    }
    ret->items = items;
    VALUE_MAP_FOREACH(data, e)
    {
        if (str_starts_with(e->key, prefix)) {
            items[ret->n++] = (struct config_pair){e->key, str_trim(value_str(&e->value))};
        }
    }
}

struct config_pairs settings_params(const struct settings *s, struct arena *arena)
{
    struct doc *params = find_map(s, PARAMS_MAP);
    struct config_pairs pairs = {.partial = params == NULL};
    take_pairs(arena, find_map(s, CONFIG_MAP), STR("timeout."), &pairs);
    take_pairs(arena, params, STR_EMPTY, &pairs);
    return pairs;
}

struct str settings_rbac_value(const struct settings *s, struct str key)
{
    return map_value(s, RBAC_MAP, key);
}

struct doc *settings_secret(const struct settings *s)
{
    assert(s->opts.want_secret);
    return kube_informer_find(s->informers[SOURCE_SECRET], s->opts.namespace, STR(SECRET_NAME));
}

/* False: there is no such key. */
static bool
find_secret(void *data, struct arena *arena, struct str name, struct str key, struct str *ret)
{
    const struct settings *s = data;
    enum source source = name.n > 0 ? SOURCE_NAMED : SOURCE_SECRET;
    struct doc *doc = kube_informer_find(s->informers[source], s->opts.namespace,
                                         name.n > 0 ? name : STR(SECRET_NAME));
    const struct value *text =
        doc != NULL ? value_find(value_dig(doc_root(doc), "data"), key) : NULL;
    struct err unused; /* the API server only stores valid base64 */
    return text != NULL && b64_decode(arena, value_str(text), B64_STANDARD, ret, &unused) == 0;
}

struct str settings_secret_value(const struct settings *s, struct arena *arena, struct str key)
{
    struct str plain;
    assert(s->opts.want_secret);
    return find_secret((void *)(uintptr_t)s, arena, STR_EMPTY, key, &plain) ? plain : STR_EMPTY;
}

struct str settings_secret_resolved(const struct settings *s,
                                    struct arena *arena,
                                    struct str key,
                                    references_missing *missing)
{
    struct references_source source = {find_secret, (void *)(uintptr_t)s};
    return references_resolve(arena, &source, settings_secret_value(s, arena, key), missing);
}

int settings_tree(const struct settings *s,
                  struct arena *arena,
                  struct str key,
                  references_missing *missing,
                  const struct value **ret,
                  struct err *err)
{
    struct references_source source = {find_secret, (void *)(uintptr_t)s};
    struct str text = settings_value(s, key);
    const struct value *tree = NULL;
    assert(s->opts.want_secret);
    TRY_IN(value_from_yaml(arena, text, NULL, &tree, err), err, STR_FMT, STR_ARG(key));
    *ret = text.n > 0 ? references_resolve_tree(arena, &source, tree, missing) : NULL;
    return 0;
}

struct repositories settings_repositories(const struct settings *s)
{
    return s->repositories;
}

struct clusters settings_clusters(const struct settings *s)
{
    return s->clusters;
}

const struct project *settings_project(const struct settings *s, struct str name)
{
    const struct project_entry *e = map_find(s->projects, name);
    return e != NULL ? &e->project : NULL;
}

const struct project *settings_project_next(const struct settings *s, size_t *at)
{
    struct map_entry it;
    return map_next(s->projects, at, &it) ? &((struct project_entry *)it.value)->project : NULL;
}

struct doc *settings_project_doc(const struct settings *s, struct str name)
{
    const struct project_entry *e = map_find(s->projects, name);
    return e != NULL ? e->doc : NULL;
}

const struct err *settings_problem(const struct settings *s)
{
    return s->problem.code != ERR_OK ? &s->problem : NULL;
}

/* The CA bundle for the host of a URL, keyed by host name in argocd-tls-certs-cm. */
static struct str ca_for(const struct settings *s, struct arena *arena, struct str repo_url)
{
    struct url url;
    struct err err;
    if (url_parse(arena, repo_url, &url, &err) < 0) {
        return STR_EMPTY; /* scp-like addresses have no CA */
    }
    return map_value(s, TLS_CERTS_MAP, url.host);
}

static void put_repository(const struct settings *s,
                           struct arena *arena,
                           struct str url,
                           const struct repository *repo,
                           Belay__Repository *ret)
{
    belay__repository__init(ret);
    ret->url = ipc_string(arena, url);
    ret->type = ipc_string(arena, repo->type);
    ret->username = ipc_string(arena, repo->username);
    ret->password = ipc_string(arena, repo->password);
    ret->bearer_token = ipc_string(arena, repo->bearer_token);
    ret->ssh_private_key = ipc_string(arena, repo->ssh_private_key);
    ret->insecure = repo->insecure;
    ret->tls_client_cert = ipc_string(arena, repo->tls_client_cert_data);
    ret->tls_client_key = ipc_string(arena, repo->tls_client_cert_key);
    ret->proxy = ipc_string(arena, repo->proxy);
    ret->no_proxy = ipc_string(arena, repo->no_proxy);
    ret->force_basic_auth = repo->force_http_basic_auth;
    ret->name = ipc_string(arena, repo->name);
    ret->project = ipc_string(arena, repo->project);
    ret->enable_oci = repo->enable_oci;
    ret->insecure_oci_force_http = repo->insecure_oci_force_http;
    ret->tls_ca = ipc_string(arena, ca_for(s, arena, url));
}

void settings_repository(const struct settings *s,
                         struct arena *arena,
                         struct str url,
                         struct str project,
                         Belay__Repository *ret)
{
    struct repository repo;
    repository_for_url(&s->repositories, url, project, &repo);
    put_repository(s, arena, url, &repo, ret);
    ret->ssh_known_hosts = ipc_string(arena, map_value(s, KNOWN_HOSTS_MAP, STR("ssh_known_hosts")));
}

/* ---- rendering ---- */

void settings_fill_refs(const struct settings *s,
                        struct arena *arena,
                        const struct settings_refs *refs,
                        Belay__GenerateManifestsRequest *ret)
{
    const struct app_sources *sources = refs->sources;
    ret->refs = arena_calloc(arena, sources->n + 1, sizeof(Belay__RefSource *));
    for (size_t i = 0; i < sources->n; i++) {
        const struct app_source *source = &sources->items[i];
        bool given = refs->revisions != NULL && refs->revisions[i].n > 0;
        if (source->ref.n == 0) {
            continue;
        }
        Belay__RefSource *ref = ARENA_NEW(arena, Belay__RefSource);
        belay__ref_source__init(ref);
        ref->name = ipc_string(arena, source->ref);
        ref->repo = ARENA_NEW(arena, Belay__Repository);
        settings_repository(s, arena, source->repo_url, refs->project, ref->repo);
        ref->revision = ipc_string(arena, given ? refs->revisions[i] : source->target_revision);
        ref->chart = ipc_string(arena, source->chart);
        ref->tag_prefix = ipc_string(arena, source->tag_prefix);
        ret->refs[ret->n_refs++] = ref;
    }
}

/* ---- signatures ---- */

/* The default project is there even when nobody has made it. */
static const struct project *project_of(const struct settings *s, struct str name)
{
    const struct project *project = settings_project(s, name);
    return project == NULL && str_eq_c(name, APP_DEFAULT_PROJECT) ? &PROJECT_DEFAULT : project;
}

static const struct value *gpg_keys(const struct settings *s)
{
    struct doc *doc =
        kube_informer_find(s->informers[SOURCE_MAPS], s->opts.namespace, STR(SETTINGS_GPG_KEYS));
    return doc != NULL ? value_dig(doc_root(doc), "data") : NULL;
}

size_t settings_keyring_hash(const struct settings *s)
{
    size_t hash = 0;
    VALUE_MAP_FOREACH(gpg_keys(s), e)
    {
        hash = hash * 31 + str_hash(e->key);
        hash = hash * 31 + str_hash(value_str(&e->value));
    }
    return hash;
}

Belay__PublicKey **settings_keyring(const struct settings *s, struct arena *arena, size_t *ret_n)
{
    const struct value *keys = gpg_keys(s);
    Belay__PublicKey **list = arena_calloc(arena, value_len(keys) + 1, sizeof(*list));
    *ret_n = 0;
    VALUE_MAP_FOREACH(keys, e)
    {
        Belay__PublicKey *key = ARENA_NEW(arena, Belay__PublicKey);
        belay__public_key__init(key);
        key->id = ipc_string(arena, e->key);
        key->armored = ipc_string(arena, value_str(&e->value));
        list[(*ret_n)++] = key;
    }
    return list;
}

Belay__Integrity *settings_integrity(const struct settings *s,
                                     struct arena *arena,
                                     struct str repo_url,
                                     struct str project_name,
                                     struct str target_revision)
{
    const struct project *project = project_of(s, project_name);
    struct project_integrity rules;
    struct err err;
    bool is_git = !str_starts_with(repo_url, STR("oci://"));
    if (project == NULL || s->opts.ignore_signatures || !is_git) {
        return NULL;
    }
    Belay__Integrity *integrity = ARENA_NEW(arena, Belay__Integrity);
    belay__integrity__init(integrity);
    if (project_integrity(arena, project, repo_url, &rules, &err) < 0) {
        integrity->problem = arena_strdup(arena, err.message);
        return integrity;
    }
    if (rules.mode.n == 0) {
        return NULL;
    }
    integrity->mode = ipc_string(arena, rules.mode);
    integrity->target_revision = ipc_string(arena, target_revision);
    integrity->keys = arena_calloc(arena, rules.keys.n + 1, sizeof(char *));
    for (size_t i = 0; i < rules.keys.n; i++) {
        integrity->keys[integrity->n_keys++] = ipc_string(arena, rules.keys.items[i]);
    }
    return integrity;
}

bool settings_verifies(const struct settings *s,
                       const struct app_sources *sources,
                       struct str project)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < sources->n; i++) {
        const struct app_source *source = &sources->items[i];
        if (source->chart.n == 0 &&
            settings_integrity(s, arena, source->repo_url, project, STR_EMPTY) != NULL) {
            return true;
        }
    }
    return false;
}

void settings_fill_integrity(const struct settings *s,
                             struct arena *arena,
                             const struct settings_refs *refs,
                             const struct app_source *source,
                             Belay__GenerateManifestsRequest *ret)
{
    size_t at = 0;
    bool verifies = false;
    if (source->chart.n == 0) {
        ret->integrity =
            settings_integrity(s, arena, source->repo_url, refs->project, source->target_revision);
        verifies = ret->integrity != NULL;
    }
    for (size_t i = 0; i < refs->sources->n; i++) {
        const struct app_source *other = &refs->sources->items[i];
        if (other->ref.n == 0 || at >= ret->n_refs) { /* as settings_fill_refs() lists them */
            continue;
        }
        Belay__RefSource *ref = ret->refs[at++];
        if (other->chart.n == 0) {
            ref->integrity = settings_integrity(s, arena, other->repo_url, refs->project,
                                                other->target_revision);
            verifies |= ref->integrity != NULL;
        }
    }
    if (verifies) {
        ret->keyring = settings_keyring(s, arena, &ret->n_keyring);
    }
}

/* ---- remotes ---- */

static bool has_charts(const struct repository *repo)
{
    return repo->enable_oci || str_eq_c(repo->type, "helm") || str_eq_c(repo->type, "oci");
}

/* Credentials of other projects stay here. */
static bool may_use(const struct project *project, const struct repository *repo)
{
    if (repo->project.n > 0) {
        return project != NULL && str_eq(repo->project, project->name);
    }
    return project != NULL && project_permits_source(project, repo->url);
}

static void fill_helm_repos(const struct settings *s,
                            struct arena *arena,
                            struct str project_name,
                            Belay__GenerateManifestsRequest *ret)
{
    const struct project *project = project_of(s, project_name);
    const struct repositories *all = &s->repositories;
    ret->helm_repos = arena_calloc(arena, all->n + 1, sizeof(Belay__Repository *));
    for (size_t i = 0; i < all->n; i++) {
        const struct repository *from = &all->items[i];
        if (!has_charts(from) || !may_use(project, from)) {
            continue;
        }
        Belay__Repository *repo = ARENA_NEW(arena, Belay__Repository);
        if (from->creds || repository_has_credentials(from)) {
            put_repository(s, arena, from->url, from, repo);
        } else {
            settings_repository(s, arena, from->url, project_name, repo);
        }
        repo->is_prefix = from->creds;
        ret->helm_repos[ret->n_helm_repos++] = repo;
    }
}

/* Whoever asks for it without a secret gets as far as with one that says nothing. */
static bool says_something(const struct repository *repo)
{
    return repo->creds || repo->insecure || repo->proxy.n > 0 || repository_has_credentials(repo);
}

/* Of a prefix it is known only with a URL whether the project may use it: the repo-server looks. */
static bool may_use_git(const struct project *project, const struct repository *repo)
{
    return (repo->creds && repo->project.n == 0) || may_use(project, repo);
}

static void fill_git_repos(const struct settings *s,
                           struct arena *arena,
                           struct str project_name,
                           Belay__GenerateManifestsRequest *ret)
{
    const struct project *project = project_of(s, project_name);
    const struct repositories *all = &s->repositories;
    ret->git_repos = arena_calloc(arena, all->n + 1, sizeof(Belay__Repository *));
    for (size_t i = 0; project != NULL && i < all->n; i++) {
        const struct repository *from = &all->items[i];
        if (has_charts(from) || !says_something(from) || !may_use_git(project, from)) {
            continue;
        }
        Belay__Repository *repo = ARENA_NEW(arena, Belay__Repository);
        put_repository(s, arena, from->url, from, repo);
        repo->is_prefix = from->creds;
        ret->git_repos[ret->n_git_repos++] = repo;
    }
    if (project != NULL) {
        const struct app_strs *patterns = &project->source_repos;
        ret->n_source_repos = patterns->n;
        ret->source_repos = arena_calloc(arena, patterns->n + 1, sizeof(char *));
        for (size_t i = 0; i < patterns->n; i++) {
            ret->source_repos[i] = ipc_string(arena, patterns->items[i]);
        }
    }
}

/* As far as it can be told without its files. */
static bool may_be_kustomize(const struct app_source *source)
{
    return source->chart.n == 0 && value_find(source->tree, STR("helm")) == NULL &&
           value_find(source->tree, STR("directory")) == NULL;
}

static void
fill_host_cas(const struct settings *s, struct arena *arena, Belay__GenerateManifestsRequest *ret)
{
    struct doc *doc =
        kube_informer_find(s->informers[SOURCE_MAPS], s->opts.namespace, STR(TLS_CERTS_MAP));
    const struct value *data = doc != NULL ? value_dig(doc_root(doc), "data") : NULL;
    ret->host_cas = arena_calloc(arena, value_len(data) + 1, sizeof(Belay__HostCa *));
    VALUE_MAP_FOREACH(data, e)
    {
        Belay__HostCa *ca = ARENA_NEW(arena, Belay__HostCa);
        belay__host_ca__init(ca);
        ca->host = ipc_string(arena, e->key);
        ca->pem = ipc_string(arena, value_str(&e->value));
        ret->host_cas[ret->n_host_cas++] = ca;
    }
}

static void
fill_schemes(const struct settings *s, struct arena *arena, Belay__GenerateManifestsRequest *ret)
{
    struct str rest = settings_value(s, STR("helm.valuesFileSchemes"));
    VEC(char *) schemes = {0};
    while (rest.n > 0) {
        struct str scheme;
        if (!str_cut(rest, ',', &scheme, &rest)) {
            scheme = rest;
            rest = STR_EMPTY;
        }
        scheme = str_trim(scheme);
        if (scheme.n > 0) {
            vec_push_in(arena, &schemes, ipc_string(arena, scheme));
        }
    }
    ret->value_file_schemes = schemes.items;
    ret->n_value_file_schemes = schemes.n;
}

/* A version that the source asks for has options of its own. */
static struct str
build_options(const struct settings *s, struct arena *arena, const struct app_source *source)
{
    struct str version = value_dig_str(source->kustomize, "version");
    struct str key = STR("kustomize.buildOptions");
    if (version.n > 0) {
        key = arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(key), STR_ARG(version));
    }
    return settings_value(s, key);
}

void settings_fill_remotes(const struct settings *s,
                           struct arena *arena,
                           const struct app_source *source,
                           struct str project,
                           Belay__GenerateManifestsRequest *ret)
{
    fill_helm_repos(s, arena, project, ret);
    if (may_be_kustomize(source)) {
        fill_git_repos(s, arena, project, ret);
    }
    fill_host_cas(s, arena, ret);
    fill_schemes(s, arena, ret);
    ret->kustomize_build_options = ipc_string(arena, build_options(s, arena, source));
}
