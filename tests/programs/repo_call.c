/* One call to belay-repo-server, for tests written in Python.
 *
 *     repo_call URL TIMEOUT_MS < request.json > answer.json
 *
 * request  {"method": "GenerateManifests", "repo": {"url": ..., "username": ..., ...}, "revision": ...,
 *           "source": {...}, "appName": ..., "noCache": bool, "noRevisionCache": bool}
 * answer   {"error": {"code": ..., "message": ...}} or the fields of the reply */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/rt/loop.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "proto/repo.pb-c.h"

struct call {
    struct arena *arena;
    const struct value *in;
    struct value_builder out;
    bool done;
};

static char *text(struct call *c, const struct value *map, const char *key)
{
    return ipc_string(c->arena, value_str(value_find(map, str_from(key))));
}

static bool flag(const struct value *map, const char *key)
{
    return value_bool(value_find(map, str_from(key)), false);
}

static Belay__Repository *make_repo(struct call *c)
{
    Belay__Repository *r = arena_alloc(c->arena, sizeof(*r));
    const struct value *repo = value_find(c->in, STR("repo"));
    belay__repository__init(r);
    r->url = text(c, repo, "url");
    r->username = text(c, repo, "username");
    r->password = text(c, repo, "password");
    r->bearer_token = text(c, repo, "bearerToken");
    r->ssh_private_key = text(c, repo, "sshPrivateKey");
    r->ssh_known_hosts = text(c, repo, "sshKnownHosts");
    r->tls_ca = text(c, repo, "tlsCa");
    r->tls_client_cert = text(c, repo, "tlsClientCert");
    r->proxy = text(c, repo, "proxy");
    r->insecure = flag(repo, "insecure");
    r->force_basic_auth = flag(repo, "forceBasicAuth");
    return r;
}

/* ---- replies ---- */

static void put_manifests(struct call *c, const ProtobufCMessage *message)
{
    const Belay__GenerateManifestsReply *r = (const void *)message;
    value_build_field_str(&c->out, "revision", str_from(r->revision));
    value_build_field_str(&c->out, "sourceType", str_from(r->source_type));
    value_build_field_str(&c->out, "contentHash", str_from(r->content_hash));
    value_build_field_bool(&c->out, "cached", r->cached);
    value_build_field_list(&c->out, "manifests");
    for (size_t i = 0; i < r->n_manifests; i++) {
        value_build_map(&c->out);
        value_build_field_str(&c->out, "json", ipc_bytes(r->manifests[i]->json));
        value_build_field_str(&c->out, "file", str_from(r->manifests[i]->file));
        value_build_field_int(&c->out, "line", r->manifests[i]->line);
        value_build_end(&c->out);
    }
    value_build_end(&c->out);
}

static void put_resolved(struct call *c, const ProtobufCMessage *message)
{
    const Belay__ResolveRevisionReply *r = (const void *)message;
    value_build_field_str(&c->out, "revision", str_from(r->revision));
    value_build_field_str(&c->out, "ambiguous", str_from(r->ambiguous));
}

static void put_strings(struct call *c, const char *key, char **items, size_t n)
{
    value_build_field_list(&c->out, key);
    for (size_t i = 0; i < n; i++) {
        value_build_str(&c->out, str_from(items[i]));
    }
    value_build_end(&c->out);
}

static void put_refs(struct call *c, const ProtobufCMessage *message)
{
    const Belay__ListRefsReply *r = (const void *)message;
    put_strings(c, "branches", r->branches, r->n_branches);
    put_strings(c, "tags", r->tags, r->n_tags);
}

static void put_metadata(struct call *c, const ProtobufCMessage *message)
{
    const Belay__GetRevisionMetadataReply *r = (const void *)message;
    value_build_field_str(&c->out, "author", str_from(r->author));
    value_build_field_int(&c->out, "dateMs", r->date_ms);
    value_build_field_str(&c->out, "message", str_from(r->message));
    put_strings(c, "tags", r->tags, r->n_tags);
}

static void put_apps(struct call *c, const ProtobufCMessage *message)
{
    const Belay__ListAppsReply *r = (const void *)message;
    value_build_field_map(&c->out, "apps");
    for (size_t i = 0; i < r->n_apps; i++) {
        const char *path = arena_strdup(c->arena, r->apps[i]->path);
        value_build_field_str(&c->out, path, str_from(r->apps[i]->type));
    }
    value_build_end(&c->out);
}

static void put_nothing(struct call *c UNUSED, const ProtobufCMessage *message UNUSED)
{
}

/* ---- requests ---- */

static ProtobufCMessage *make_generate(struct call *c)
{
    Belay__GenerateManifestsRequest *r = arena_alloc(c->arena, sizeof(*r));
    struct str source = STR("{}");
    struct err err;
    belay__generate_manifests_request__init(r);
    if (value_find(c->in, STR("source")) != NULL &&
        value_to_json_in(c->arena, value_find(c->in, STR("source")), NULL, &source, &err) < 0) {
        abort();
    }
    r->repo = make_repo(c);
    r->source = ipc_bytes_of(source);
    r->revision = text(c, c->in, "revision");
    r->app_name = text(c, c->in, "appName");
    r->no_cache = flag(c->in, "noCache");
    r->no_revision_cache = flag(c->in, "noRevisionCache");
    r->kustomize_build_options = text(c, c->in, "kustomizeBuildOptions");
    r->max_bytes = (uint64_t)value_int(value_find(c->in, STR("maxBytes")), 0);
    return &r->base;
}

#define SIMPLE_REQUEST(fn, type, init, ...)          \
    static ProtobufCMessage *fn(struct call *c)      \
    {                                                \
        type *r = arena_alloc(c->arena, sizeof(*r)); \
        init(r);                                     \
        r->repo = make_repo(c);                      \
        __VA_ARGS__;                                 \
        return &r->base;                             \
    }
SIMPLE_REQUEST(make_resolve,
               Belay__ResolveRevisionRequest,
               belay__resolve_revision_request__init,
               r->revision = text(c, c->in, "revision");
               r->no_cache = flag(c->in, "noCache"))
SIMPLE_REQUEST(make_refs, Belay__ListRefsRequest, belay__list_refs_request__init, (void)0)
SIMPLE_REQUEST(make_test,
               Belay__TestRepositoryRequest,
               belay__test_repository_request__init,
               (void)0)
SIMPLE_REQUEST(make_metadata,
               Belay__GetRevisionMetadataRequest,
               belay__get_revision_metadata_request__init,
               r->revision = text(c, c->in, "revision"))
SIMPLE_REQUEST(make_apps,
               Belay__ListAppsRequest,
               belay__list_apps_request__init,
               r->revision = text(c, c->in, "revision"))

static const struct method {
    const char *name;
    uint32_t method;
    ProtobufCMessage *(*make)(struct call *c);
    const ProtobufCMessageDescriptor *reply;
    void (*put)(struct call *c, const ProtobufCMessage *reply);
} METHODS[] = {
    {"GenerateManifests", BELAY__REPO_METHOD__REPO_GENERATE_MANIFESTS, make_generate,
     &belay__generate_manifests_reply__descriptor, put_manifests},
    {"ResolveRevision", BELAY__REPO_METHOD__REPO_RESOLVE_REVISION, make_resolve,
     &belay__resolve_revision_reply__descriptor, put_resolved},
    {"ListRefs", BELAY__REPO_METHOD__REPO_LIST_REFS, make_refs, &belay__list_refs_reply__descriptor,
     put_refs},
    {"GetRevisionMetadata", BELAY__REPO_METHOD__REPO_GET_REVISION_METADATA, make_metadata,
     &belay__get_revision_metadata_reply__descriptor, put_metadata},
    {"TestRepository", BELAY__REPO_METHOD__REPO_TEST_REPOSITORY, make_test,
     &belay__empty__descriptor, put_nothing},
    {"ListApps", BELAY__REPO_METHOD__REPO_LIST_APPS, make_apps, &belay__list_apps_reply__descriptor,
     put_apps},
};

static const struct method *current;

static void on_done(const ProtobufCMessage *reply, const struct err *err, void *data)
{
    struct call *c = data;
    char message[2048];
    value_build_map(&c->out);
    if (err != NULL) {
        err_format(err, message, sizeof(message));
        value_build_field_map(&c->out, "error");
        value_build_field_str(&c->out, "code", str_from(err_code_name(err->code)));
        value_build_field_str(&c->out, "message", str_from(message));
        value_build_end(&c->out);
    } else {
        current->put(c, reply);
    }
    value_build_end(&c->out);
    c->done = true;
}

static bool is_done(void *data)
{
    return ((struct call *)data)->done;
}

static int call(const char *url, int64_t timeout_ms, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(loop) struct loop *loop = loop_new();
    struct call c = {.arena = arena};
    struct str request;
    struct str answer;
    struct ipc_client *client = NULL;
    value_builder_init(&c.out, arena, VALUE_DUP_LAST);
    TRY(fs_read_fd(arena, STDIN_FILENO, LIMIT_DOC_BYTES, &request, err));
    TRY(value_from_json(arena, request, NULL, &c.in, err));
    for (size_t i = 0; i < ARRAY_LEN(METHODS); i++) {
        if (str_eq_c(value_dig_str(c.in, "method"), METHODS[i].name)) {
            current = &METHODS[i];
        }
    }
    if (current == NULL) {
        return err_set(err, ERR_INVALID, "unknown method");
    }
    struct ipc_client_options options = {.urls = &url, .n_urls = 1};
    TRY(ipc_client_new(loop, &options, &client, err));
    struct ipc_call_options what = {
        .method = current->method,
        .name = current->name,
        .request = current->make(&c),
        .reply = current->reply,
        .timeout_ms = timeout_ms,
        .repeat = IPC_REPEATABLE,
    };
    (void)ipc_client_call(client, &what, on_done, &c);
    (void)loop_run_until(loop, is_done, &c, -1);
    ipc_client_free(client);
    TRY(value_to_json_in(arena, value_build_finish(&c.out), NULL, &answer, err));
    value_builder_done(&c.out);
    return fs_write_fd(STDOUT_FILENO, answer, err);
}

int main(int argc, char **argv)
{
    struct err err;
    int64_t timeout_ms = 0;
    char message[2048];
    if (argc != 3 || num_parse_int(str_from(argv[2]), &timeout_ms, &err) < 0) {
        (void)fprintf(stderr, "usage: repo_call URL TIMEOUT_MS < request.json\n");
        return 2;
    }
    if (call(argv[1], timeout_ms, &err) < 0) {
        err_format(&err, message, sizeof(message));
        (void)fprintf(stderr, "%s\n", message);
        return 1;
    }
    return 0;
}
