/* Identity and metadata of Kubernetes objects, over struct value.
 *
 * Everything is a walk over the tree or a path-copying edit; nothing here knows a kind. */
#include "common/kube/kube_object.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

const char *const KUBE_MANAGED_FIELDS[] = {"metadata.managedFields", NULL};
const char *const KUBE_SERVER_FIELDS[] = {
    "metadata.managedFields",     "metadata.resourceVersion", "metadata.uid", "metadata.generation",
    "metadata.creationTimestamp", "metadata.selfLink",        "status",       NULL,
};

/* ---- identity ---- */

int kube_api_version_parse(struct str api_version,
                           struct str *ret_group,
                           struct str *ret_version,
                           struct err *err)
{
    struct str before;
    struct str after;
    bool grouped = str_cut(api_version, '/', &before, &after);
    bool valid = api_version.n > 0 && (!grouped || (before.n > 0 && after.n > 0));
    if (!valid || (grouped && str_find_char(after, '/') != STR_NONE)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not an apiVersion",
                       STR_ARG(api_version));
    }
    *ret_group = grouped ? before : STR_EMPTY;
    *ret_version = grouped ? after : before;
    return 0;
}

struct str kube_api_version_format(struct arena *arena, struct str group, struct str version)
{
    if (group.n == 0) {
        return arena_str(arena, version);
    }
    return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(group), STR_ARG(version));
}

/* Tolerant: for objects that were checked before, or only looked at. */
static void
split_api_version(const struct value *obj, struct str *ret_group, struct str *ret_version)
{
    struct str text = value_dig_str(obj, "apiVersion");
    struct str before;
    struct str after;
    bool grouped = str_cut(text, '/', &before, &after);
    *ret_group = grouped ? before : STR_EMPTY;
    *ret_version = grouped ? after : text;
}

struct kube_gvk kube_gvk_of(const struct value *obj)
{
    struct kube_gvk gvk = {.kind = kube_kind_of(obj)};
    split_api_version(obj, &gvk.group, &gvk.version);
    return gvk;
}

struct str kube_group_of(const struct value *obj)
{
    return kube_gvk_of(obj).group;
}

struct str kube_kind_of(const struct value *obj)
{
    return value_dig_str(obj, "kind");
}

struct kube_key kube_key_of(const struct value *obj)
{
    return (struct kube_key){
        .group = kube_group_of(obj),
        .kind = kube_kind_of(obj),
        .namespace = kube_namespace(obj),
        .name = kube_name(obj),
    };
}

int kube_object_check(const struct value *obj, struct err *err)
{
    if (!value_is(obj, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "not a Kubernetes object but a %s",
                       value_type_name(value_type(obj)));
    }
    static const char *const REQUIRED[] = {"apiVersion", "kind"};
    for (size_t i = 0; i < ARRAY_LEN(REQUIRED); i++) {
        if (value_dig_str(obj, REQUIRED[i]).n == 0) {
            return err_set(err, ERR_INVALID, "not a Kubernetes object: %s is missing", REQUIRED[i]);
        }
    }
    struct str group;
    struct str version;
    TRY(kube_api_version_parse(value_dig_str(obj, "apiVersion"), &group, &version, err));
    if (kube_name(obj).n == 0 && value_dig_str(obj, "metadata", "generateName").n == 0) {
        return err_set(err, ERR_INVALID, STR_FMT " without metadata.name",
                       STR_ARG(kube_kind_of(obj)));
    }
    return 0;
}

bool kube_gvk_eq(struct kube_gvk a, struct kube_gvk b)
{
    return str_eq(a.kind, b.kind) && str_eq(a.group, b.group) && str_eq(a.version, b.version);
}

bool kube_key_eq(struct kube_key a, struct kube_key b)
{
    return str_eq(a.name, b.name) && str_eq(a.kind, b.kind) && str_eq(a.namespace, b.namespace) &&
           str_eq(a.group, b.group);
}

int kube_key_cmp(struct kube_key a, struct kube_key b)
{
    int order = str_cmp(a.group, b.group);
    order = order != 0 ? order : str_cmp(a.kind, b.kind);
    order = order != 0 ? order : str_cmp(a.namespace, b.namespace);
    return order != 0 ? order : str_cmp(a.name, b.name);
}

size_t kube_key_hash(struct kube_key key)
{
    const struct str parts[] = {key.group, key.kind, key.namespace, key.name};
    size_t hash = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        hash = hash * 31 + str_hash(parts[i]);
    }
    return hash;
}

struct kube_key kube_key_copy(struct arena *arena, struct kube_key key)
{
    return (struct kube_key){
        .group = arena_str(arena, key.group),
        .kind = arena_str(arena, key.kind),
        .namespace = arena_str(arena, key.namespace),
        .name = arena_str(arena, key.name),
    };
}

void kube_key_format(struct kube_key key, struct buf *out)
{
    buf_put(out, key.group);
    buf_put_char(out, '/');
    buf_put(out, key.kind);
    buf_put_char(out, '/');
    buf_put(out, key.namespace);
    buf_put_char(out, '/');
    buf_put(out, key.name);
}

struct str kube_key_to_str(struct arena *arena, struct kube_key key)
{
    return arena_printf(arena, STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(key.group),
                        STR_ARG(key.kind), STR_ARG(key.namespace), STR_ARG(key.name));
}

int kube_key_parse(struct str text, struct kube_key *ret, struct err *err)
{
    /* no part but the name may hold a slash, so three cuts are exact */
    struct kube_key key;
    struct str rest = text;
    if (!str_cut(rest, '/', &key.group, &rest) || !str_cut(rest, '/', &key.kind, &rest) ||
        !str_cut(rest, '/', &key.namespace, &key.name) || key.kind.n == 0 || key.name.n == 0) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not group/Kind/namespace/name",
                       STR_ARG(text));
    }
    *ret = key;
    return 0;
}

/* ---- metadata ---- */

static const struct value *metadata(const struct value *obj, const char *field)
{
    return value_dig(obj, "metadata", field);
}

struct str kube_name(const struct value *obj)
{
    return value_str(metadata(obj, "name"));
}

struct str kube_namespace(const struct value *obj)
{
    return value_str(metadata(obj, "namespace"));
}

struct str kube_uid(const struct value *obj)
{
    return value_str(metadata(obj, "uid"));
}

struct str kube_resource_version(const struct value *obj)
{
    return value_str(metadata(obj, "resourceVersion"));
}

int64_t kube_generation(const struct value *obj)
{
    return value_int(metadata(obj, "generation"), 0);
}

struct str kube_creation_timestamp(const struct value *obj)
{
    return value_str(metadata(obj, "creationTimestamp"));
}

struct str kube_deletion_timestamp(const struct value *obj)
{
    return value_str(metadata(obj, "deletionTimestamp"));
}

bool kube_is_deleting(const struct value *obj)
{
    return kube_deletion_timestamp(obj).n > 0;
}

static const struct value *metadata_map(const struct value *obj, const char *field)
{
    const struct value *map = metadata(obj, field);
    return value_is(map, VALUE_MAP) ? map : NULL;
}

const struct value *kube_labels(const struct value *obj)
{
    return metadata_map(obj, "labels");
}

const struct value *kube_annotations(const struct value *obj)
{
    return metadata_map(obj, "annotations");
}

struct str kube_label(const struct value *obj, struct str key)
{
    return value_str(value_find(kube_labels(obj), key));
}

struct str kube_annotation(const struct value *obj, struct str key)
{
    return value_str(value_find(kube_annotations(obj), key));
}

bool kube_has_label(const struct value *obj, struct str key)
{
    return value_find(kube_labels(obj), key) != NULL;
}

bool kube_has_annotation(const struct value *obj, struct str key)
{
    return value_find(kube_annotations(obj), key) != NULL;
}

bool kube_annotation_has(const struct value *obj, struct str key, struct str element)
{
    struct str rest = kube_annotation(obj, key);
    struct str part;
    while (str_next(&rest, ',', &part)) {
        if (str_eq(str_trim(part), element)) {
            return true;
        }
    }
    return false;
}

size_t kube_finalizer_count(const struct value *obj)
{
    const struct value *list = metadata(obj, "finalizers");
    return value_is(list, VALUE_LIST) ? value_len(list) : 0;
}

/* Position of a finalizer, or STR_NONE. */
static size_t finalizer_index(const struct value *obj, struct str name)
{
    const struct value *list = metadata(obj, "finalizers");
    for (size_t i = 0; i < kube_finalizer_count(obj); i++) {
        if (str_eq(value_str(value_at(list, i)), name)) {
            return i;
        }
    }
    return STR_NONE;
}

bool kube_has_finalizer(const struct value *obj, struct str name)
{
    return finalizer_index(obj, name) != STR_NONE;
}

size_t kube_owner_count(const struct value *obj)
{
    const struct value *list = metadata(obj, "ownerReferences");
    return value_is(list, VALUE_LIST) ? value_len(list) : 0;
}

bool kube_owner_at(const struct value *obj, size_t i, struct kube_owner *ret)
{
    const struct value *entry = value_at(metadata(obj, "ownerReferences"), i);
    if (!value_is(entry, VALUE_MAP)) {
        return false;
    }
    *ret = (struct kube_owner){
        .kind = kube_kind_of(entry),
        .name = value_dig_str(entry, "name"),
        .uid = value_dig_str(entry, "uid"),
        .controller = value_bool(value_dig(entry, "controller"), false),
        .block_owner_deletion = value_bool(value_dig(entry, "blockOwnerDeletion"), false),
    };
    split_api_version(entry, &ret->group, &ret->version);
    return true;
}

bool kube_controller_of(const struct value *obj, struct kube_owner *ret)
{
    for (size_t i = 0; i < kube_owner_count(obj); i++) {
        struct kube_owner owner;
        if (kube_owner_at(obj, i, &owner) && owner.controller) {
            *ret = owner;
            return true;
        }
    }
    return false;
}

/* ---- edited copies ---- */

static const struct value *
set_metadata(struct arena *arena, const struct value *obj, const char *field, const struct value *v)
{
    return value_with(arena, obj, v, "metadata", field);
}

static const struct value *set_in_map(struct arena *arena,
                                      const struct value *obj,
                                      const char *field,
                                      struct str key,
                                      struct str text)
{
    const struct value *map = metadata_map(obj, field);
    return set_metadata(arena, obj, field,
                        value_map_set(arena, map, key, value_new_str(arena, text)));
}

static const struct value *
remove_from_map(struct arena *arena, const struct value *obj, const char *field, struct str key)
{
    const struct value *map = metadata_map(obj, field);
    if (value_find(map, key) == NULL) {
        return obj;
    }
    if (value_len(map) == 1) {
        return value_without(arena, obj, "metadata", field);
    }
    return set_metadata(arena, obj, field, value_map_remove(arena, map, key));
}

const struct value *
kube_with_label(struct arena *arena, const struct value *obj, struct str key, struct str text)
{
    return set_in_map(arena, obj, "labels", key, text);
}

const struct value *
kube_with_annotation(struct arena *arena, const struct value *obj, struct str key, struct str text)
{
    return set_in_map(arena, obj, "annotations", key, text);
}

const struct value *kube_without_label(struct arena *arena, const struct value *obj, struct str key)
{
    return remove_from_map(arena, obj, "labels", key);
}

const struct value *
kube_without_annotation(struct arena *arena, const struct value *obj, struct str key)
{
    return remove_from_map(arena, obj, "annotations", key);
}

const struct value *
kube_with_namespace(struct arena *arena, const struct value *obj, struct str namespace)
{
    return set_metadata(arena, obj, "namespace", value_new_str(arena, namespace));
}

const struct value *kube_with_name(struct arena *arena, const struct value *obj, struct str name)
{
    return set_metadata(arena, obj, "name", value_new_str(arena, name));
}

const struct value *
kube_with_finalizer(struct arena *arena, const struct value *obj, struct str name)
{
    if (kube_has_finalizer(obj, name)) {
        return obj;
    }
    const struct value *list = kube_finalizer_count(obj) > 0 ? metadata(obj, "finalizers") : NULL;
    return set_metadata(arena, obj, "finalizers",
                        value_list_append(arena, list, value_new_str(arena, name)));
}

const struct value *
kube_without_finalizer(struct arena *arena, const struct value *obj, struct str name)
{
    size_t at = finalizer_index(obj, name);
    if (at == STR_NONE) {
        return obj;
    }
    if (kube_finalizer_count(obj) == 1) {
        return value_without(arena, obj, "metadata", "finalizers");
    }
    return set_metadata(arena, obj, "finalizers",
                        value_list_remove(arena, metadata(obj, "finalizers"), at));
}

const struct value *kube_with_type(struct arena *arena,
                                   const struct value *obj,
                                   struct str api_version,
                                   struct str kind)
{
    size_t n = value_is(obj, VALUE_MAP) ? value_len(obj) : 0;
    struct value_entry *entries = arena_calloc(arena, n + 2, sizeof(*entries));
    entries[0] = (struct value_entry){STR("apiVersion"), *value_new_str(arena, api_version)};
    entries[1] = (struct value_entry){STR("kind"), *value_new_str(arena, kind)};
    size_t used = 2;
    for (size_t i = 0; i < n; i++) {
        const struct value_entry *entry = value_entry_at(obj, i);
        if (!str_eq_c(entry->key, "apiVersion") && !str_eq_c(entry->key, "kind")) {
            entries[used++] = *entry;
        }
    }
    return value_new_map(arena, entries, used);
}

const struct value *kube_object_metadata_only(struct arena *arena,
                                              const struct value *obj,
                                              struct str api_version,
                                              struct str kind)
{
    const struct value_entry entries[] = {
        {STR("apiVersion"), *value_new_str(arena, api_version)},
        {STR("kind"), *value_new_str(arena, kind)},
        {STR("metadata"), *(value_dig(obj, "metadata") ?: &VALUE_EMPTY_MAP)},
    };
    return value_new_map(arena, entries, ARRAY_LEN(entries));
}

/* One dotted path; recursion is as deep as the path has dots. */
static const struct value *remove_path(struct arena *arena, const struct value *v, struct str path)
{
    struct str key;
    struct str rest;
    bool nested = str_cut(path, '.', &key, &rest);
    const struct value *child = value_is(v, VALUE_MAP) ? value_find(v, key) : NULL;
    if (child == NULL) {
        return v;
    }
    if (!nested) {
        return value_map_remove(arena, v, key);
    }
    const struct value *edited = remove_path(arena, child, rest);
    return edited == child ? v : value_map_set(arena, v, key, edited);
}

const struct value *
kube_without_fields(struct arena *arena, const struct value *obj, const char *const *paths)
{
    for (; *paths != NULL; paths++) {
        obj = remove_path(arena, obj, str_from(*paths));
    }
    return obj;
}

int kube_canonical_json(const struct value *obj, struct buf *out, struct err *err)
{
    return value_to_json(out, obj, NULL, err);
}
