/* A change is a merge patch of the version that was looked at; when others were quicker it is worked out anew. */
#include "api-server/rest/gpg_keys.h"

#include <string.h>

#include "api-server/api_server.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/base/armor.h"
#include "common/base/pgp_key.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_object.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

enum {
    TRIES = 10,
};

struct gpg_call;

/* data: the entries; NULL = there are none. Answers, or starts a write. */
typedef int (*gpg_step_fn)(struct gpg_call *g, const struct value *data, struct err *err);

/* One request on its way. */
struct gpg_call {
    struct rest_call *call;
    gpg_step_fn step;
    struct str id;         /* asked for; "" = none */
    struct pgp_keys added; /* of the body */
    struct str version;    /* of the config map; "" = there is none */
    const struct value *answer;
    int n_tries;
};

/* ---- the config map ---- */

static struct kube_request request_for(struct gpg_call *g,
                                       enum kube_verb verb,
                                       void (*done)(void *data, const struct kube_reply *reply))
{
    return (struct kube_request){
        .verb = verb,
        .target = {.version = STR("v1"),
                   .resource = STR("configmaps"),
                   .kind = STR("ConfigMap"),
                   .namespace = str_from(g->call->server->config->ns),
                   .name = verb == KUBE_CREATE ? STR_EMPTY : STR(SETTINGS_GPG_KEYS)},
        .timeout_ms = g->call->server->config->call_timeout_ms,
        .done = done,
        .data = g,
    };
}

static void on_read(void *data, const struct kube_reply *reply)
{
    struct gpg_call *g = data;
    struct err err;
    const struct value *entries = NULL;
    bool missing = reply->err != NULL && reply->err->code == ERR_NOT_FOUND;
    if (reply->err != NULL && !missing) {
        rest_reply_err(g->call, reply->err);
        return;
    }
    g->version = STR_EMPTY;
    if (!missing) {
        arena_hold(g->call->arena, reply->doc);
        g->version = kube_resource_version(doc_root(reply->doc));
        entries = value_dig(doc_root(reply->doc), "data");
    }
    if (g->step(g, entries, &err) < 0) {
        rest_reply_err(g->call, &err);
    }
}

static void begin(struct gpg_call *g)
{
    struct kube_request request = request_for(g, KUBE_GET, on_read);
    (void)kube_start(g->call->server->client, &request);
}

static struct gpg_call *gpg_call_new(struct rest_call *call, gpg_step_fn step)
{
    struct gpg_call *g = ARENA_NEW(call->arena, struct gpg_call);
    g->call = call;
    g->step = step;
    return g;
}

static void on_written(void *data, const struct kube_reply *reply)
{
    struct gpg_call *g = data;
    if (reply->err == NULL) {
        rest_reply(g->call, g->answer);
        return;
    }
    bool others = reply->err->code == ERR_CONFLICT || reply->err->code == ERR_EXISTS ||
                  reply->err->code == ERR_NOT_FOUND;
    if (!others || ++g->n_tries >= TRIES) {
        rest_reply_err(g->call, reply->err);
        return;
    }
    begin(g);
}

/* entries: to be set, null to be removed. The answer follows when they are written. */
static void write_entries(struct gpg_call *g, const struct value *entries)
{
    struct arena *a = g->call->arena;
    bool is_new = g->version.n == 0;
    struct kube_request request = request_for(g, is_new ? KUBE_CREATE : KUBE_PATCH, on_written);
    const struct value *map = value_with(a, NULL, entries, "data");
    if (is_new) {
        map = value_with(a, map, value_new_str(a, STR("v1")), "apiVersion");
        map = value_with(a, map, value_new_str(a, STR("ConfigMap")), "kind");
        map = value_with(a, map, value_new_str(a, STR(SETTINGS_GPG_KEYS)), "metadata", "name");
        map = value_with(a, map, value_new_str(a, STR("argocd")), "metadata", "labels",
                         "app.kubernetes.io/part-of");
    } else {
        map = value_with(a, map, value_new_str(a, g->version), "metadata", "resourceVersion");
        request.patch = KUBE_PATCH_MERGE;
    }
    request.body = map;
    (void)kube_start(g->call->server->client, &request);
}

/* ---- keys ---- */

static int read_text(struct arena *arena, struct str text, struct pgp_keys *ret, struct err *err)
{
    struct str packets;
    TRY(armor_decode(arena, text, &packets, err));
    return pgp_keys_read(arena, packets, ret, err);
}

/* An entry is one key, under its own id. */
static int read_entry(struct arena *arena,
                      const struct value_entry *entry,
                      struct pgp_key *ret,
                      struct err *err)
{
    char id[PGP_KEY_ID_DIGITS + 1];
    struct pgp_keys keys;
    if (!pgp_key_id(entry->key, id)) {
        return err_set(err, ERR_INVALID,
                       "'" STR_FMT "' in " SETTINGS_GPG_KEYS " is no id of an OpenPGP key",
                       STR_ARG(entry->key));
    }
    TRY_IN(read_text(arena, value_str(&entry->value), &keys, err), err,
           "'" STR_FMT "' in " SETTINGS_GPG_KEYS, STR_ARG(entry->key));
    if (keys.n != 1 || strcmp(keys.items[0].id, id) != 0) {
        return err_set(err, ERR_INVALID,
                       "'" STR_FMT "' in " SETTINGS_GPG_KEYS
                       " is not one key with this id but %s%s",
                       STR_ARG(entry->key), keys.items[0].id, keys.n > 1 ? " and others" : "");
    }
    *ret = keys.items[0];
    return 0;
}

/* The entry of a key, whose name may be its fingerprint. */
static const struct value_entry *find_entry(const struct value *data, struct str id)
{
    VALUE_MAP_FOREACH(data, e)
    {
        char is[PGP_KEY_ID_DIGITS + 1];
        if (pgp_key_id(e->key, is) && str_eq_c(id, is)) {
            return e;
        }
    }
    return NULL;
}

static void put_key(struct value_builder *b, const struct pgp_key *key, struct str data)
{
    value_build_map(b);
    value_build_field_str(b, "keyID", str_from(key->id));
    value_build_field_str(b, "fingerprint", str_from(key->fingerprint));
    value_build_field_str(b, "owner", key->owner);
    value_build_field_str(b, "trust", STR("unknown"));
    value_build_field_str(b, "subType", str_from(key->type));
    value_build_field_str_opt(b, "keyData", data);
    value_build_end(b);
}

static int take_id(struct rest_call *call, struct str text, struct str *ret, struct err *err)
{
    char id[PGP_KEY_ID_DIGITS + 1];
    if (!pgp_key_id(text, id)) {
        return err_set(err, ERR_INVALID, "KeyID is malformed or empty");
    }
    *ret = arena_str(call->arena, str_from(id));
    return 0;
}

static int no_such_key(struct str id, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "No such key: " STR_FMT, STR_ARG(id));
}

/* ---- reading ---- */

static int
put_listed(struct gpg_call *g, const struct value *data, struct value_builder *b, struct err *err)
{
    const struct value_entry *wanted = g->id.n > 0 ? find_entry(data, g->id) : NULL;
    VALUE_MAP_FOREACH(data, e)
    {
        struct pgp_key key;
        if (g->id.n == 0 || e == wanted) {
            TRY(read_entry(g->call->arena, e, &key, err));
            put_key(b, &key, STR_EMPTY);
        }
    }
    return 0;
}

static int answer_list(struct gpg_call *g, const struct value *data, struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, g->call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field(&b, "metadata", &VALUE_EMPTY_MAP);
    value_build_field_list(&b, "items");
    TRY(put_listed(g, data, &b, err));
    value_build_end(&b);
    value_build_end(&b);
    rest_reply(g->call, value_build_finish(&b));
    return 0;
}

int gpg_keys_list(struct rest_call *call, struct err *err)
{
    struct gpg_call *g = gpg_call_new(call, answer_list);
    struct str id = rest_query(call, "keyID");
    if (id.n > 0) {
        TRY(take_id(call, id, &g->id, err));
    }
    begin(g);
    return 0;
}

static int answer_one(struct gpg_call *g, const struct value *data, struct err *err)
{
    const struct value_entry *entry = find_entry(data, g->id);
    struct pgp_key key;
    struct value_builder b;
    if (entry == NULL) {
        return no_such_key(g->id, err);
    }
    TRY(read_entry(g->call->arena, entry, &key, err));
    value_builder_init(&b, g->call->arena, VALUE_DUP_LAST);
    put_key(&b, &key, value_str(&entry->value));
    rest_reply(g->call, value_build_finish(&b));
    value_builder_done(&b);
    return 0;
}

int gpg_keys_get(struct rest_call *call, struct err *err)
{
    struct gpg_call *g = gpg_call_new(call, answer_one);
    TRY(take_id(call, rest_param(call, 0), &g->id, err));
    begin(g);
    return 0;
}

/* ---- writing ---- */

/* What becomes of the config map, and the answer. */
struct additions {
    struct value_builder entries;
    struct value_builder created;
    struct value_builder skipped;
    size_t n_created;
};

static void add_key(struct gpg_call *g,
                    const struct value *data,
                    const struct pgp_key *key,
                    struct additions *all)
{
    struct str id = str_from(key->id);
    struct str text = armor_encode(g->call->arena, key->packets);
    const struct value_entry *old = find_entry(data, id);
    bool replaces = old != NULL && rest_query_bool(g->call, "upsert", false) &&
                    !str_eq(value_str(&old->value), text);
    if (old != NULL && !replaces) {
        value_build_str(&all->skipped, id);
        return;
    }
    value_build_key(&all->entries, old != NULL ? old->key : id);
    value_build_str(&all->entries, text);
    put_key(&all->created, key, text);
    all->n_created++;
}

static const struct value *answer_of(struct gpg_call *g, struct additions *all)
{
    struct arena *a = g->call->arena;
    const struct value *created = value_build_finish(&all->created);
    const struct value *skipped = value_build_finish(&all->skipped);
    const struct value *v = value_with(a, NULL, &VALUE_EMPTY_MAP, "created", "metadata");
    v = value_with(a, v, created, "created", "items");
    return value_len(skipped) > 0 ? value_with(a, v, skipped, "skipped") : v;
}

static int add_keys(struct gpg_call *g, const struct value *data, struct err *err UNUSED)
{
    struct additions all = {.n_created = 0};
    struct arena *a = g->call->arena;
    value_builder_init(&all.entries, a, VALUE_DUP_LAST);
    value_builder_init(&all.created, a, VALUE_DUP_LAST);
    value_builder_init(&all.skipped, a, VALUE_DUP_LAST);
    value_build_map(&all.entries);
    value_build_list(&all.created);
    value_build_list(&all.skipped);
    for (size_t i = 0; i < g->added.n; i++) {
        add_key(g, data, &g->added.items[i], &all);
    }
    value_build_end(&all.entries);
    value_build_end(&all.created);
    value_build_end(&all.skipped);
    const struct value *entries = value_build_finish(&all.entries);
    g->answer = answer_of(g, &all);
    value_builder_done(&all.entries);
    value_builder_done(&all.created);
    value_builder_done(&all.skipped);
    if (all.n_created > 0) {
        write_entries(g, entries);
    } else {
        rest_reply(g->call, g->answer);
    }
    return 0;
}

int gpg_keys_create(struct rest_call *call, struct err *err)
{
    struct gpg_call *g = gpg_call_new(call, add_keys);
    struct str text = rest_body_str(call, "keyData");
    if (str_trim(text).n == 0) {
        return err_set(err, ERR_INVALID, "Submitted key data is empty");
    }
    TRY(read_text(call->arena, text, &g->added, err));
    begin(g);
    return 0;
}

static int delete_key(struct gpg_call *g, const struct value *data, struct err *err)
{
    const struct value_entry *entry = find_entry(data, g->id);
    if (entry == NULL) {
        return no_such_key(g->id, err);
    }
    g->answer = &VALUE_EMPTY_MAP;
    write_entries(g,
                  value_map_set(g->call->arena, &VALUE_EMPTY_MAP, entry->key, &VALUE_NULL_VALUE));
    return 0;
}

int gpg_keys_delete(struct rest_call *call, struct err *err)
{
    struct gpg_call *g = gpg_call_new(call, delete_key);
    TRY(take_id(call, rest_query(call, "keyID"), &g->id, err));
    begin(g);
    return 0;
}
