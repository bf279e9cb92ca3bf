/* Chart indexes: from index.yaml or a list of versions to sorted arrays, and choosing one. */
#include "repo-server/source/helm_index.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"

enum {
    SHOWN_VERSIONS = 10, /* in messages */
};

struct helm_index {
    struct arena *arena;
    struct map *charts; /* name -> struct helm_versions, in the arena */
    struct str etag;
    struct str last_modified;
    unsigned refs;
};

struct listed {
    struct helm_version version;
    size_t place; /* of equal versions the one listed first comes first */
};

static struct helm_index *index_new(void)
{
    struct helm_index *index = MEM_NEW(struct helm_index);
    index->arena = arena_new();
    index->charts = map_new(NULL);
    index->etag = index->last_modified = STR_EMPTY;
    index->refs = 1;
    return index;
}

struct helm_index *helm_index_ref(struct helm_index *index)
{
    index->refs++;
    return index;
}

void helm_index_unref(struct helm_index *index)
{
    if (index != NULL && --index->refs == 0) {
        map_free(index->charts);
        arena_free(index->arena);
        mem_free(index);
    }
}

void helm_index_set_validators(struct helm_index *index, struct str etag, struct str last_modified)
{
    index->etag = arena_str(index->arena, etag);
    index->last_modified = arena_str(index->arena, last_modified);
}

struct str helm_index_etag(const struct helm_index *index)
{
    return index->etag;
}

struct str helm_index_last_modified(const struct helm_index *index)
{
    return index->last_modified;
}

size_t helm_index_size(const struct helm_index *index)
{
    return sizeof(*index) + arena_used(index->arena);
}

/* ---- building ---- */

static int highest_first(const void *a, const void *b)
{
    const struct listed *x = a;
    const struct listed *y = b;
    int order = semver_cmp(&y->version.semver, &x->version.semver);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static void add_chart(struct helm_index *index, struct str name, struct listed *list, size_t n)
{
    struct helm_versions *versions = ARENA_NEW(index->arena, struct helm_versions);
    struct helm_version *items = arena_calloc(index->arena, n + 1, sizeof(*items));
    if (n > 0) {
        qsort(list, n, sizeof(*list), highest_first);
    }
    for (size_t i = 0; i < n; i++) {
        items[i] = list[i].version;
    }
    *versions = (struct helm_versions){items, n};
    map_set(index->charts, name, versions);
}

/* A copy in the index; false for what is no version. */
static bool
copy_version(struct helm_index *index, const struct helm_version *from, struct helm_version *ret)
{
    struct err err;
    struct str text = arena_str(index->arena, from->semver.original);
    if (semver_parse(text, &ret->semver, &err) < 0) {
        return false;
    }
    ret->digest = arena_str(index->arena, from->digest);
    ret->url = arena_str(index->arena, from->url);
    return true;
}

struct helm_index *
helm_index_from_versions(struct str chart, const struct helm_version *items, size_t n)
{
    struct helm_index *index = index_new();
    struct listed *list = mem_calloc(n + 1, sizeof(*list));
    size_t n_list = 0;
    for (size_t i = 0; i < n; i++) {
        if (copy_version(index, &items[i], &list[n_list].version)) {
            list[n_list].place = i;
            n_list++;
        }
    }
    add_chart(index, chart, list, n_list);
    mem_free(list);
    return index;
}

/* ---- index.yaml ---- */

/* "sha256:" is written by some tools; anything that is not a SHA-256 could not be checked. */
static int read_digest(struct arena *scratch, struct str text, struct str *ret, struct err *err)
{
    char *lower = arena_strdup(scratch, arena_str(scratch, str_trim(text)).p);
    struct str digest = str_from(lower);
    for (size_t i = 0; i < digest.n; i++) {
        lower[i] = (char)(lower[i] >= 'A' && lower[i] <= 'F' ? lower[i] - 'A' + 'a' : lower[i]);
    }
    (void)str_cut_prefix(&digest, STR("sha256:"));
    bool good = digest.n == DIGEST_SHA256_HEX_BYTES - 1;
    for (size_t i = 0; i < digest.n && good; i++) {
        good = (digest.p[i] >= '0' && digest.p[i] <= '9') ||
               (digest.p[i] >= 'a' && digest.p[i] <= 'f');
    }
    if (!good && digest.n > 0) {
        return err_set(err, ERR_INVALID, "the digest is not a SHA-256");
    }
    *ret = digest;
    return 0;
}

static bool read_version(struct helm_index *index,
                         struct arena *scratch,
                         const struct value *entry,
                         struct helm_version *ret)
{
    struct err err;
    struct helm_version v = {
        .semver.original = value_dig_str(entry, "version"),
        .url = value_str(value_at(value_dig(entry, "urls"), 0)),
    };
    if (read_digest(scratch, value_dig_str(entry, "digest"), &v.digest, &err) < 0) {
        return false;
    }
    return copy_version(index, &v, ret);
}

static void
read_chart(struct helm_index *index, struct arena *scratch, const struct value_entry *chart)
{
    size_t n = value_is(&chart->value, VALUE_LIST) ? value_len(&chart->value) : 0;
    struct listed *list = mem_calloc(n + 1, sizeof(*list));
    size_t n_list = 0;
    VALUE_FOREACH(&chart->value, entry) {
        if (read_version(index, scratch, entry, &list[n_list].version)) {
            list[n_list].place = n_list;
            n_list++;
        }
    }
    add_chart(index, chart->key, list, n_list);
    mem_free(list);
}

int helm_index_parse(struct str yaml, struct helm_index **ret, struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new();
    const struct value *root;
    struct value_yaml_opts opts = {.max_bytes = LIMIT_HELM_INDEX_BYTES};
    TRY_IN(value_from_yaml(scratch, yaml, &opts, &root, err), err, "index.yaml");
    if (!value_is(root, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "index.yaml is not a chart index");
    }
    if (value_dig_str(root, "apiVersion").n == 0) {
        return err_set(err, ERR_INVALID, "index.yaml is not a chart index: no apiVersion");
    }
    struct helm_index *index = index_new();
    VALUE_MAP_FOREACH(value_dig(root, "entries"), chart)
    {
        read_chart(index, scratch, chart);
    }
    *ret = index;
    return 0;
}

/* ---- choosing ---- */

bool helm_index_next(const struct helm_index *index, size_t *at, struct str *ret_chart)
{
    struct map_entry e;
    if (!map_next(index->charts, at, &e)) {
        return false;
    }
    *ret_chart = e.key;
    return true;
}

struct helm_versions helm_index_versions(const struct helm_index *index, struct str chart)
{
    const struct helm_versions *versions = map_find(index->charts, chart);
    return versions != NULL ? *versions : (struct helm_versions){NULL, 0};
}

static const struct helm_version *find_exact(struct helm_versions versions, struct str text)
{
    for (size_t i = 0; i < versions.n; i++) {
        if (str_eq(versions.items[i].semver.original, text)) {
            return &versions.items[i];
        }
    }
    return NULL;
}

static struct str list_versions(struct arena *arena, struct helm_versions versions)
{
    AUTO(buf) struct buf text;
    buf_init(&text, ERR_MESSAGE_BYTES);
    for (size_t i = 0; i < MIN(versions.n, (size_t)SHOWN_VERSIONS); i++) {
        buf_put_c(&text, i > 0 ? ", " : "");
        buf_put(&text, versions.items[i].semver.original);
    }
    if (versions.n > SHOWN_VERSIONS) {
        buf_printf(&text, " and %zu older", versions.n - SHOWN_VERSIONS);
    }
    return buf_to_arena(&text, arena);
}

static int find_highest(struct helm_versions versions,
                        struct str text,
                        const struct helm_version **ret,
                        struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct semver_constraint *constraint;
    TRY(semver_constraint_parse(arena, text, &constraint, err));
    for (size_t i = 0; i < versions.n; i++) {
        if (semver_constraint_check(constraint, &versions.items[i].semver)) {
            *ret = &versions.items[i];
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "no version matches '" STR_FMT "' (there are " STR_FMT ")",
                   STR_ARG(text), STR_ARG(list_versions(arena, versions)));
}

int helm_index_resolve(const struct helm_index *index,
                       struct str chart,
                       struct str version,
                       const struct helm_version **ret,
                       struct err *err)
{
    struct helm_versions versions = helm_index_versions(index, chart);
    if (versions.n == 0) {
        return err_set(err, ERR_NOT_FOUND, "chart '" STR_FMT "' is not in the repository%s",
                       STR_ARG(chart),
                       map_has(index->charts, chart) ? " in any valid version" : "");
    }
    const struct helm_version *found = find_exact(versions, version);
    if (found == NULL) {
        struct str text = version.n > 0 ? version : STR("*");
        TRY_IN(find_highest(versions, text, &found, err), err, "chart '" STR_FMT "'",
               STR_ARG(chart));
    }
    *ret = found;
    return 0;
}
