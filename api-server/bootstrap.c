/* First start. The password is hashed on the pool; each write is refused by the API server when somebody
 * else was quicker, which is fine. */
#include "api-server/bootstrap.h"

#include "api-server/api_server.h"
#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/password.h"
#include "common/base/rand.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/rt/loop.h"
#include "common/rt/work.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

#define SECRET         "argocd-secret"
#define INITIAL_SECRET "argocd-initial-admin-secret"

enum {
    KEY_BYTES = 32,
    PASSWORD_LETTERS = 16,
};

struct bootstrap {
    struct job job;
    struct api_server *server;
    void (*done)(struct api_server *server);
    struct arena *arena;
    struct str password; /* of the admin; "" = there is one already */
    struct str hash;
    bool need_key;
};

static void finish(void *data)
{
    struct bootstrap *b = data;
    void (*done)(struct api_server * server) = b->done;
    struct api_server *server = b->server;
    arena_free(b->arena);
    done(server);
}

static void end(struct bootstrap *b)
{
    loop_post(b->server->loop, finish, b);
}

static void complain(const struct err *err, const char *what)
{
    if (err != NULL && err->code != ERR_EXISTS && err->code != ERR_CONFLICT) {
        log_warn("bootstrap step failed", LF_CSTR("what", what), LF_ERR(err));
    }
}

static const struct value *metadata(struct bootstrap *b, const char *name)
{
    const struct value *meta =
        value_with(b->arena, NULL, value_new_str(b->arena, str_from(name)), "name");
    return value_map_set(b->arena, meta, STR("labels"),
                         value_map_set(b->arena, &VALUE_EMPTY_MAP, STR("app.kubernetes.io/part-of"),
                                       value_new_str(b->arena, STR("argocd"))));
}

static const struct value *
secret_of(struct bootstrap *b, const char *name, const struct value *data)
{
    struct arena *a = b->arena;
    const struct value *obj = value_with(a, NULL, value_new_str(a, STR("v1")), "apiVersion");
    obj = value_with(a, obj, value_new_str(a, STR("Secret")), "kind");
    obj = value_with(a, obj, metadata(b, name), "metadata");
    return value_with(a, obj, data, "data");
}

static struct kube_request
secret_request(struct bootstrap *b, enum kube_verb verb, const char *name)
{
    return (struct kube_request){
        .verb = verb,
        .target = {.version = STR("v1"),
                   .resource = STR("secrets"),
                   .kind = STR("Secret"),
                   .namespace = str_from(b->server->config->ns),
                   .name = verb == KUBE_CREATE ? STR_EMPTY : str_from(name)},
        .data = b,
    };
}

/* ---- the default project ---- */

static void on_project(void *data, const struct kube_reply *reply)
{
    complain(reply->err, "default project");
    end(data);
}

static const struct value *any(struct bootstrap *b, const char *first, const char *second)
{
    struct arena *a = b->arena;
    const struct value *star = value_new_str(a, STR("*"));
    const struct value *entry = value_map_set(a, &VALUE_EMPTY_MAP, str_from(first), star);
    entry = value_map_set(a, entry, str_from(second), star);
    return value_list_append(a, &VALUE_EMPTY_LIST, entry);
}

static void make_project(struct bootstrap *b)
{
    struct arena *a = b->arena;
    if (b->server->stopping ||
        settings_project(b->server->settings, STR(APP_DEFAULT_PROJECT)) != NULL) {
        end(b);
        return;
    }
    const struct value *spec =
        value_with(a, NULL, value_list_append(a, &VALUE_EMPTY_LIST, value_new_str(a, STR("*"))),
                   "sourceRepos");
    spec = value_with(a, spec, any(b, "server", "namespace"), "destinations");
    spec = value_with(a, spec, any(b, "group", "kind"), "clusterResourceWhitelist");
    const struct value *obj =
        value_with(a, NULL, value_new_str(a, STR(APP_GROUP "/" APP_VERSION)), "apiVersion");
    obj = value_with(a, obj, value_new_str(a, STR(APP_PROJECT_KIND)), "kind");
    obj = value_with(a, obj, value_new_str(a, STR(APP_DEFAULT_PROJECT)), "metadata", "name");
    obj = value_with(a, obj, spec, "spec");
    struct kube_request request = {
        .verb = KUBE_CREATE,
        .target = {.group = STR(APP_GROUP),
                   .version = STR(APP_VERSION),
                   .resource = STR(APP_PROJECT_RESOURCE),
                   .kind = STR(APP_PROJECT_KIND),
                   .namespace = str_from(b->server->config->ns)},
        .body = obj,
        .done = on_project,
        .data = b,
    };
    (void)kube_start(b->server->client, &request);
}

/* ---- secrets ---- */

static const struct value *
put(struct bootstrap *b, const struct value *data, const char *key, struct str text)
{
    struct str coded = b64_encode_in(b->arena, text, B64_STANDARD);
    return value_map_set(b->arena, data, str_from(key), value_new_str(b->arena, coded));
}

static void on_initial_secret(void *data, const struct kube_reply *reply)
{
    complain(reply->err, "initial password");
    make_project(data);
}

/* The first password, for the one who installs. */
static void on_secret(void *data, const struct kube_reply *reply)
{
    struct bootstrap *b = data;
    complain(reply->err, "secret");
    if (reply->err != NULL || b->password.n == 0 || b->server->stopping) {
        make_project(b);
        return;
    }
    struct kube_request request = secret_request(b, KUBE_CREATE, INITIAL_SECRET);
    request.body = secret_of(b, INITIAL_SECRET, put(b, &VALUE_EMPTY_MAP, "password", b->password));
    request.done = on_initial_secret;
    (void)kube_start(b->server->client, &request);
}

static void write_secret(struct bootstrap *b)
{
    if (b->server->stopping) { /* the client is gone; the next start does it */
        end(b);
        return;
    }
    char key[KEY_BYTES];
    char now[CLOCK_RFC3339_BYTES];
    const struct value *data = &VALUE_EMPTY_MAP;
    if (b->need_key) {
        rand_fill(b->server->rand, key, sizeof(key));
        struct str text = b64_encode_in(b->arena, str_of(key, sizeof(key)), B64_STANDARD);
        data = put(b, data, "server.secretkey", text);
    }
    if (b->hash.n > 0) {
        clock_rfc3339(clock_wall_ms(clock_system()), now);
        data = put(b, data, "admin.password", b->hash);
        data = put(b, data, "admin.passwordMtime", str_from(now));
    }
    struct doc *old = settings_secret(b->server->settings);
    struct kube_request request = secret_request(b, old != NULL ? KUBE_PATCH : KUBE_CREATE, SECRET);
    request.body = secret_of(b, SECRET, data);
    if (old != NULL) { /* the resourceVersion keeps what another replica made meanwhile */
        request.patch = KUBE_PATCH_MERGE;
        request.body = value_with(b->arena, value_with(b->arena, NULL, data, "data"),
                                  value_new_str(b->arena, kube_resource_version(doc_root(old))),
                                  "metadata", "resourceVersion");
    }
    request.done = on_secret;
    (void)kube_start(b->server->client, &request);
}

static int run_hash(struct job *job, struct err *err)
{
    struct bootstrap *b = CONTAINER_OF(job, struct bootstrap, job);
    return password_hash(b->arena, rand_system(), b->password, &b->hash, err);
}

static void on_hashed(struct job *job, const struct err *err)
{
    struct bootstrap *b = CONTAINER_OF(job, struct bootstrap, job);
    complain(err, "password hash");
    write_secret(b);
}

static struct str random_password(struct bootstrap *b)
{
    static const char LETTERS[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    char *text = arena_bytes(b->arena, PASSWORD_LETTERS + 1);
    for (int i = 0; i < PASSWORD_LETTERS; i++) {
        text[i] = LETTERS[rand_below(b->server->rand, sizeof(LETTERS) - 1)];
    }
    text[PASSWORD_LETTERS] = '\0';
    return str_of(text, PASSWORD_LETTERS);
}

void bootstrap_run(struct api_server *server, void (*done)(struct api_server *server))
{
    struct arena *arena = arena_new();
    struct bootstrap *b = ARENA_NEW(arena, struct bootstrap);
    struct settings *s = server->settings;
    struct err err;
    b->server = server;
    b->done = done;
    b->arena = arena;
    b->need_key = settings_secret_value(s, arena, STR("server.secretkey")).n == 0;
    bool need_password = settings_secret_value(s, arena, STR("admin.password")).n == 0;
    if (!b->need_key && !need_password) {
        make_project(b);
        return;
    }
    if (!need_password) {
        write_secret(b);
        return;
    }
    b->password = random_password(b);
    b->job.run = run_hash;
    b->job.done = on_hashed;
    if (work_submit(server->work, WORK_HASH, &b->job, &err) < 0) {
        complain(&err, "password hash");
        end(b);
    }
}
