/* Discovery snapshots.
 *
 * The builder keeps one slot per group version in the server's order (a group's preferred version
 * first), filled at once from an aggregated answer or one by one; finishing flattens the slots and
 * indexes them.  Index keys are "group/version/k:Kind" and "group/version/r:resource", with an empty
 * version for what is preferred. */
#include "common/kube/kube_api.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/num.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"

struct resources {
    struct kube_resource *items;
    size_t n;
    size_t cap;
};

struct failures {
    struct kube_group_failure *items;
    size_t n;
    size_t cap;
};

struct kube_api {
    atomic_uint n_refs;
    struct arena *arena;
    struct resources resources;
    struct failures failures;
    struct map *index;    /* of struct kube_resource, borrowed */
    struct map *versions; /* "group/version" -> anything */
    struct str *names;    /* of kube_api_names() */
    size_t n_names;
    struct str server_version;
    int major;
    int minor;
};

/* ---- reading ---- */

struct kube_api *kube_api_ref(struct kube_api *api)
{
    atomic_fetch_add(&api->n_refs, 1);
    return api;
}

void kube_api_unref(struct kube_api *api)
{
    if (api != NULL && atomic_fetch_sub(&api->n_refs, 1) == 1) {
        map_free(api->index);
        map_free(api->versions);
        arena_free(api->arena);
        mem_free(api);
    }
}

size_t kube_api_count(const struct kube_api *api)
{
    return api->resources.n;
}

const struct kube_resource *kube_api_at(const struct kube_api *api, size_t i)
{
    return &api->resources.items[i];
}

size_t kube_api_failure_count(const struct kube_api *api)
{
    return api->failures.n;
}

const struct kube_group_failure *kube_api_failure_at(const struct kube_api *api, size_t i)
{
    return &api->failures.items[i];
}

enum { KEY_BYTES = 1024 };

static void
format_key(struct buf *key, struct str group, struct str version, char space, struct str name)
{
    buf_put(key, group);
    buf_put_char(key, '/');
    buf_put(key, version);
    buf_put_char(key, '/');
    buf_put_char(key, space);
    buf_put_char(key, ':');
    buf_put(key, name);
}

static const struct kube_resource *
find(const struct kube_api *api, struct str group, struct str version, char space, struct str name)
{
    AUTO(buf) struct buf key;
    buf_init(&key, KEY_BYTES);
    format_key(&key, group, version, space, name);
    return key.overflow ? NULL : map_find(api->index, buf_str(&key));
}

const struct kube_resource *kube_api_find_kind(const struct kube_api *api,
                                               struct str group,
                                               struct str version,
                                               struct str kind)
{
    return find(api, group, version, 'k', kind);
}

const struct kube_resource *kube_api_find_resource(const struct kube_api *api,
                                                   struct str group,
                                                   struct str version,
                                                   struct str resource)
{
    return find(api, group, version, 'r', resource);
}

bool kube_api_has_version(const struct kube_api *api, struct str group, struct str version)
{
    AUTO(buf) struct buf key;
    buf_init(&key, KEY_BYTES);
    format_key(&key, group, version, 'v', STR_EMPTY);
    return map_has(api->versions, buf_str(&key));
}

bool kube_api_is_namespaced(const struct kube_api *api, struct str group, struct str kind, bool def)
{
    const struct kube_resource *resource = kube_api_find_kind(api, group, STR_EMPTY, kind);
    return resource != NULL ? resource->namespaced : def;
}

bool kube_resource_has_subresource(const struct kube_resource *resource, struct str name)
{
    for (size_t i = 0; i < resource->n_subresources; i++) {
        if (str_eq(resource->subresources[i], name)) {
            return true;
        }
    }
    return false;
}

struct str kube_api_server_version(const struct kube_api *api)
{
    return api->server_version;
}

int kube_api_server_major(const struct kube_api *api)
{
    return api->major;
}

int kube_api_server_minor(const struct kube_api *api)
{
    return api->minor;
}

/* ---- building ---- */

struct slot {
    struct str group;
    struct str version;
    struct resources resources;
    bool wanted; /* to be asked for by itself */
    bool failed;
    struct err err;
};

struct kube_api_builder {
    struct arena *arena;
    struct {
        struct slot *items;
        size_t n;
        size_t cap;
    } slots;
    struct str server_version;
    int major;
    int minor;
};

struct kube_api_builder *kube_api_builder_new(void)
{
    struct kube_api_builder *builder = MEM_NEW(struct kube_api_builder);
    builder->arena = arena_new();
    return builder;
}

void kube_api_builder_free(struct kube_api_builder *builder)
{
    if (builder != NULL) {
        arena_free(builder->arena);
        mem_free(builder);
    }
}

/* "20", "20+" -> 20; 0 = none. */
static int leading_number(struct str text)
{
    size_t n = 0;
    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9') {
        n++;
    }
    uint64_t number = 0;
    return num_digits(str_sub(text, 0, n), 10, &number) && number < 10000 ? (int)number : 0;
}

void kube_api_builder_version(struct kube_api_builder *builder, const struct value *answer)
{
    builder->server_version = arena_str(builder->arena, value_dig_str(answer, "gitVersion"));
    builder->major = leading_number(value_dig_str(answer, "major"));
    builder->minor = leading_number(value_dig_str(answer, "minor"));
}

static struct slot *add_slot(struct kube_api_builder *builder, struct str group, struct str version)
{
    struct slot slot = {
        .group = arena_str(builder->arena, group),
        .version = arena_str(builder->arena, version),
    };
    vec_push_in(builder->arena, &builder->slots, slot);
    return &builder->slots.items[builder->slots.n - 1];
}

static const struct {
    const char *name;
    enum kube_can can;
} VERBS[] = {
    {"get", KUBE_CAN_GET},       {"list", KUBE_CAN_LIST},
    {"watch", KUBE_CAN_WATCH},   {"create", KUBE_CAN_CREATE},
    {"update", KUBE_CAN_UPDATE}, {"patch", KUBE_CAN_PATCH},
    {"delete", KUBE_CAN_DELETE}, {"deletecollection", KUBE_CAN_DELETECOLLECTION},
};

static uint32_t read_verbs(const struct value *list)
{
    uint32_t verbs = 0;
    VALUE_FOREACH(list, verb) {
        for (size_t i = 0; i < ARRAY_LEN(VERBS); i++) {
            verbs |= str_eq_c(value_str(verb), VERBS[i].name) ? (uint32_t)VERBS[i].can : 0;
        }
    }
    return verbs;
}

/* Strings of a list, or of one field of its maps. */
static const struct str *
read_strs(struct arena *arena, const struct value *list, const char *field, size_t *ret_n)
{
    struct str *items = arena_calloc(arena, value_len(list) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(list, item) {
        struct str text = field != NULL ? value_dig_str(item, field) : value_str(item);
        if (text.n > 0) {
            items[n++] = arena_str(arena, text);
        }
    }
    *ret_n = n;
    return items;
}

static void
add_resource(struct kube_api_builder *builder, struct slot *slot, struct kube_resource r)
{
    if (r.resource.n > 0 && r.kind.n > 0) {
        r.group = slot->group;
        r.version = slot->version;
        r.resource = arena_str(builder->arena, r.resource);
        r.kind = arena_str(builder->arena, r.kind);
        vec_push_in(builder->arena, &slot->resources, r);
    }
}

/* ---- aggregated answers ---- */

static void add_aggregated_resource(struct kube_api_builder *builder,
                                    struct slot *slot,
                                    const struct value *item)
{
    struct kube_resource r = {
        .resource = value_dig_str(item, "resource"),
        .kind = value_dig_str(item, "responseKind", "kind"),
        .namespaced = str_eq_c(value_dig_str(item, "scope"), "Namespaced"),
        .verbs = read_verbs(value_dig(item, "verbs")),
    };
    r.short_names =
        read_strs(builder->arena, value_dig(item, "shortNames"), NULL, &r.n_short_names);
    r.subresources = read_strs(builder->arena, value_dig(item, "subresources"), "subresource",
                               &r.n_subresources);
    add_resource(builder, slot, r);
}

static void add_aggregated_group(struct kube_api_builder *builder, const struct value *group)
{
    struct str name = value_dig_str(group, "metadata", "name");
    VALUE_FOREACH(value_dig(group, "versions"), version) {
        struct slot *slot = add_slot(builder, name, value_dig_str(version, "version"));
        VALUE_FOREACH(value_dig(version, "resources"), item) {
            add_aggregated_resource(builder, slot, item);
        }
        if (str_eq_c(value_dig_str(version, "freshness"), "Stale")) {
            slot->failed = true;
            (void)err_set(&slot->err, ERR_UNAVAILABLE,
                          "the API server could not ask the server of this group"); /* kept */
        }
    }
}

/* ---- classic answers ---- */

static void add_wanted(struct kube_api_builder *builder, struct str group, struct str version)
{
    if (version.n > 0) {
        add_slot(builder, group, version)->wanted = true;
    }
}

/* The preferred version first, the others as listed. */
static void add_classic_group(struct kube_api_builder *builder, const struct value *group)
{
    struct str name = value_dig_str(group, "name");
    struct str preferred = value_dig_str(group, "preferredVersion", "version");
    add_wanted(builder, name, preferred);
    VALUE_FOREACH(value_dig(group, "versions"), item) {
        struct str version = value_dig_str(item, "version");
        if (!str_eq(version, preferred)) {
            add_wanted(builder, name, version);
        }
    }
}

int kube_api_builder_groups(struct kube_api_builder *builder,
                            const struct value *answer,
                            struct err *err)
{
    struct str kind = kube_kind_of(answer);
    if (str_eq_c(kind, "APIGroupDiscoveryList")) {
        VALUE_FOREACH(value_dig(answer, "items"), group) {
            add_aggregated_group(builder, group);
        }
        return 0;
    }
    if (str_eq_c(kind, "APIGroupList")) {
        VALUE_FOREACH(value_dig(answer, "groups"), group) {
            add_classic_group(builder, group);
        }
        return 0;
    }
    if (str_eq_c(kind, "APIVersions")) {
        VALUE_FOREACH(value_dig(answer, "versions"), version) {
            add_wanted(builder, STR_EMPTY, value_str(version));
        }
        return 0;
    }
    return err_set(err, ERR_INVALID, "the server answers discovery with '" STR_FMT "'",
                   STR_ARG(kind));
}

static struct slot *wanted_slot(const struct kube_api_builder *builder, size_t i)
{
    for (size_t k = 0; k < builder->slots.n; k++) {
        struct slot *slot = &builder->slots.items[k];
        if (slot->wanted && i-- == 0) {
            return slot;
        }
    }
    return NULL;
}

bool kube_api_builder_wanted(const struct kube_api_builder *builder,
                             size_t i,
                             struct str *ret_group,
                             struct str *ret_version)
{
    const struct slot *slot = wanted_slot(builder, i);
    if (slot != NULL) {
        *ret_group = slot->group;
        *ret_version = slot->version;
    }
    return slot != NULL;
}

/* "deployments/scale" belongs to "deployments". */
static void collect_subresources(struct kube_api_builder *builder,
                                 const struct value *list,
                                 struct kube_resource *r)
{
    struct str *items = arena_calloc(builder->arena, value_len(list) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(list, item) {
        struct str before;
        struct str after;
        if (str_cut(value_dig_str(item, "name"), '/', &before, &after) &&
            str_eq(before, r->resource)) {
            items[n++] = arena_str(builder->arena, after);
        }
    }
    r->subresources = items;
    r->n_subresources = n;
}

void kube_api_builder_resources(struct kube_api_builder *builder,
                                size_t i,
                                const struct value *answer)
{
    struct slot *slot = wanted_slot(builder, i);
    const struct value *list = value_dig(answer, "resources");
    VALUE_FOREACH(list, item) {
        struct kube_resource r = {
            .resource = value_dig_str(item, "name"),
            .kind = value_dig_str(item, "kind"),
            .namespaced = value_bool(value_dig(item, "namespaced"), false),
            .verbs = read_verbs(value_dig(item, "verbs")),
        };
        if (str_find_char(r.resource, '/') != STR_NONE) {
            continue;
        }
        r.short_names =
            read_strs(builder->arena, value_dig(item, "shortNames"), NULL, &r.n_short_names);
        collect_subresources(builder, list, &r);
        add_resource(builder, slot, r);
    }
}

void kube_api_builder_failed(struct kube_api_builder *builder, size_t i, const struct err *err)
{
    struct slot *slot = wanted_slot(builder, i);
    slot->failed = true;
    slot->err = *err;
}

/* ---- finishing ---- */

static void
take_over(struct kube_api_builder *builder, struct slot *slot, const struct kube_api *old)
{
    for (size_t i = 0; i < old->resources.n; i++) {
        struct kube_resource r = old->resources.items[i];
        if (!str_eq(r.group, slot->group) || !str_eq(r.version, slot->version)) {
            continue;
        }
        struct str *short_names =
            arena_calloc(builder->arena, r.n_short_names + 1, sizeof(struct str));
        struct str *subresources =
            arena_calloc(builder->arena, r.n_subresources + 1, sizeof(struct str));
        for (size_t k = 0; k < r.n_short_names; k++) {
            short_names[k] = arena_str(builder->arena, r.short_names[k]);
        }
        for (size_t k = 0; k < r.n_subresources; k++) {
            subresources[k] = arena_str(builder->arena, r.subresources[k]);
        }
        r.short_names = short_names;
        r.subresources = subresources;
        r.stale = true;
        add_resource(builder, slot, r);
    }
}

static void
add_key(struct map *index, const struct kube_resource *r, struct str version, char space)
{
    AUTO(buf) struct buf key;
    buf_init(&key, KEY_BYTES);
    format_key(&key, r->group, version, space, space == 'k' ? r->kind : r->resource);
    if (!key.overflow && !map_has(index, buf_str(&key))) {
        union {
            const struct kube_resource *in;
            void *out;
        } cast = {.in = r}; /* struct map has no const values; it only borrows */
        map_set(index, buf_str(&key), cast.out);
    }
}

/* The first of a group's versions that has a kind is the preferred one, as versions are in order. */
static void index_resources(struct kube_api *api)
{
    for (size_t i = 0; i < api->resources.n; i++) {
        struct kube_resource *r = &api->resources.items[i];
        r->preferred = kube_api_find_kind(api, r->group, STR_EMPTY, r->kind) == NULL;
        add_key(api->index, r, r->version, 'k');
        add_key(api->index, r, r->version, 'r');
        add_key(api->index, r, STR_EMPTY, 'k');
        add_key(api->index, r, STR_EMPTY, 'r');
    }
}

static void add_slot_to(struct kube_api *api, const struct slot *slot)
{
    AUTO(buf) struct buf key;
    buf_init(&key, KEY_BYTES);
    format_key(&key, slot->group, slot->version, 'v', STR_EMPTY);
    map_set(api->versions, buf_str(&key), api);
    for (size_t i = 0; i < slot->resources.n; i++) {
        vec_push_in(api->arena, &api->resources, slot->resources.items[i]);
    }
    if (slot->failed) {
        struct kube_group_failure failure = {slot->group, slot->version, slot->err};
        vec_push_in(api->arena, &api->failures, failure);
    }
}

static int compare_names(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void list_names(struct kube_api *api)
{
    struct str *names = arena_calloc(api->arena, 2 * api->resources.n + 1, sizeof(*names));
    size_t n = 0;
    for (size_t i = 0; i < api->resources.n; i++) {
        const struct kube_resource *r = &api->resources.items[i];
        const char *slash = r->group.n > 0 ? "/" : "";
        struct str version = arena_printf(api->arena, STR_FMT "%s" STR_FMT, STR_ARG(r->group),
                                          slash, STR_ARG(r->version));
        names[n++] = version;
        names[n++] =
            arena_printf(api->arena, STR_FMT "/" STR_FMT, STR_ARG(version), STR_ARG(r->kind));
    }
    if (n > 0) {
        qsort(names, n, sizeof(*names), compare_names);
    }
    api->names = names;
    for (size_t i = 0; i < n; i++) {
        if (api->n_names == 0 || !str_eq(names[i], names[api->n_names - 1])) {
            names[api->n_names++] = names[i];
        }
    }
}

const struct str *kube_api_names(const struct kube_api *api, size_t *ret_n)
{
    *ret_n = api->n_names;
    return api->names;
}

struct kube_api *kube_api_builder_finish(struct kube_api_builder *builder,
                                         const struct kube_api *old)
{
    struct kube_api *api = MEM_NEW(struct kube_api);
    atomic_init(&api->n_refs, 1);
    api->arena = builder->arena;
    api->index = map_new(NULL);
    api->versions = map_new(NULL);
    api->server_version = builder->server_version;
    api->major = builder->major;
    api->minor = builder->minor;
    for (size_t i = 0; i < builder->slots.n; i++) {
        struct slot *slot = &builder->slots.items[i];
        if (slot->failed && slot->resources.n == 0 && old != NULL) {
            take_over(builder, slot, old);
        }
        add_slot_to(api, slot);
    }
    index_resources(api);
    list_names(api);
    *builder = (struct kube_api_builder){.arena = arena_new()};
    return api;
}
