/* The manifest cache: a map of slots, one per key, in the order of their last use. */
#include "repo-server/manifest_cache.h"

#include <assert.h>
#include <string.h>

#include "common/base/list.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "repo-server/source/source.h"

struct known_commit {
    char sha[REFS_OID_BYTES];
    struct manifest_entry *entry; /* one of the variants; not counted */
};

struct failure {
    char sha[REFS_OID_BYTES]; /* "" = none */
    unsigned n_failures;
    unsigned n_served;
    int64_t since_ms; /* when it was first served */
    struct err err;
};

struct slot {
    struct list node; /* in the order of use, the latest last */
    char *key_text;
    struct str key;
    struct manifest_entry *variants[MANIFEST_CACHE_VARIANTS]; /* newest first */
    size_t n_variants;
    struct known_commit commits[MANIFEST_CACHE_COMMITS]; /* a ring */
    size_t next_commit;
    struct failure *failure; /* NULL = none */
    size_t bytes;
};

struct manifest_cache {
    struct manifest_cache_options options;
    struct map *slots;
    struct list by_use;
    size_t bytes;
};

struct manifest_entry *manifest_entry_new(const struct manifest_set *set,
                                          const struct manifest_inputs *inputs)
{
    struct manifest_entry *e = MEM_NEW(struct manifest_entry);
    e->set = *set;
    e->inputs = *inputs;
    e->n_refs = 1;
    return e;
}

struct manifest_entry *manifest_entry_ref(struct manifest_entry *entry)
{
    entry->n_refs++;
    return entry;
}

void manifest_entry_unref(struct manifest_entry *entry)
{
    if (entry != NULL && --entry->n_refs == 0) {
        for (size_t i = 0; i < entry->inputs.n_trees; i++) {
            read_set_free(entry->inputs.trees[i].reads);
        }
        arena_free(entry->set.arena);
        mem_free(entry);
    }
}

static size_t entry_bytes(const struct manifest_entry *e)
{
    size_t bytes = sizeof(*e) + arena_used(e->set.arena);
    for (size_t i = 0; i < e->inputs.n_trees; i++) {
        bytes += e->inputs.trees[i].reads != NULL ? read_set_size(e->inputs.trees[i].reads) : 0;
    }
    return bytes;
}

/* ---- slots ---- */

static void slot_free(struct slot *s)
{
    for (size_t i = 0; i < s->n_variants; i++) {
        manifest_entry_unref(s->variants[i]);
    }
    list_remove(&s->node);
    mem_free(s->failure);
    mem_free(s->key_text);
    mem_free(s);
}

static void slot_drop(struct manifest_cache *cache, struct slot *s)
{
    cache->bytes -= s->bytes;
    (void)map_remove(cache->slots, s->key);
    slot_free(s);
}

static void slot_grow(struct manifest_cache *cache, struct slot *s, size_t bytes)
{
    s->bytes += bytes;
    cache->bytes += bytes;
}

static void slot_shrink(struct manifest_cache *cache, struct slot *s, size_t bytes)
{
    s->bytes -= bytes;
    cache->bytes -= bytes;
}

static struct slot *slot_find(struct manifest_cache *cache, struct str key)
{
    struct slot *s = map_find(cache->slots, key);
    if (s != NULL) {
        list_remove(&s->node);
        list_push(&cache->by_use, &s->node);
    }
    return s;
}

static struct slot *slot_get(struct manifest_cache *cache, struct str key)
{
    struct slot *s = slot_find(cache, key);
    if (s == NULL) {
        s = MEM_NEW(struct slot);
        s->key_text = mem_strndup(key.p, key.n);
        s->key = str_of(s->key_text, key.n);
        map_set(cache->slots, key, s);
        list_push(&cache->by_use, &s->node);
        slot_grow(cache, s, sizeof(*s) + key.n);
    }
    return s;
}

/* The least recently used go first; the one in use now stays, however large. */
static void evict(struct manifest_cache *cache, const struct slot *keep)
{
    LIST_FOREACH(&cache->by_use, node) {
        if (cache->bytes <= cache->options.max_bytes) {
            return;
        }
        struct slot *s = CONTAINER_OF(node, struct slot, node);
        if (s != keep) {
            slot_drop(cache, s);
        }
    }
}

/* ---- the cache ---- */

struct manifest_cache *manifest_cache_new(const struct manifest_cache_options *options)
{
    struct manifest_cache *cache = MEM_NEW(struct manifest_cache);
    cache->options = *options;
    cache->slots = map_new(NULL);
    list_init(&cache->by_use);
    return cache;
}

void manifest_cache_free(struct manifest_cache *cache)
{
    if (cache != NULL) {
        MAP_FOREACH(cache->slots, e) {
            slot_free(e.value);
        }
        map_free(cache->slots);
        mem_free(cache);
    }
}

static bool sha_is(const char sha[REFS_OID_BYTES], struct str commit)
{
    return commit.n > 0 && str_eq_c(commit, sha);
}

static void sha_set(char sha[REFS_OID_BYTES], struct str commit)
{
    assert(commit.n < REFS_OID_BYTES);
    memcpy(sha, commit.p, commit.n);
    sha[commit.n] = '\0';
}

struct manifest_entry *
manifest_cache_find(struct manifest_cache *cache, struct str key, struct str commit)
{
    struct slot *s = slot_find(cache, key);
    for (size_t i = 0; s != NULL && i < MANIFEST_CACHE_COMMITS; i++) {
        if (s->commits[i].entry != NULL && sha_is(s->commits[i].sha, commit)) {
            return s->commits[i].entry;
        }
    }
    return NULL;
}

size_t manifest_cache_variants(struct manifest_cache *cache,
                               struct str key,
                               struct manifest_entry *ret[MANIFEST_CACHE_VARIANTS])
{
    struct slot *s = slot_find(cache, key);
    if (s == NULL) {
        return 0;
    }
    for (size_t i = 0; i < s->n_variants; i++) {
        ret[i] = manifest_entry_ref(s->variants[i]);
    }
    return s->n_variants;
}

static void remove_variant(struct manifest_cache *cache, struct slot *s, size_t at)
{
    struct manifest_entry *e = s->variants[at];
    for (size_t i = 0; i < MANIFEST_CACHE_COMMITS; i++) {
        if (s->commits[i].entry == e) {
            s->commits[i] = (struct known_commit){0};
        }
    }
    memmove(&s->variants[at], &s->variants[at + 1],
            (s->n_variants - at - 1) * sizeof(struct manifest_entry *));
    s->n_variants--;
    slot_shrink(cache, s, entry_bytes(e));
    manifest_entry_unref(e);
}

/* Make the entry the first variant. */
static void use_variant(struct manifest_cache *cache, struct slot *s, struct manifest_entry *entry)
{
    size_t at = 0;
    while (at < s->n_variants && s->variants[at] != entry) {
        at++;
    }
    if (at == s->n_variants) {
        if (s->n_variants == MANIFEST_CACHE_VARIANTS) {
            remove_variant(cache, s, MANIFEST_CACHE_VARIANTS - 1);
        }
        at = s->n_variants++;
        s->variants[at] = manifest_entry_ref(entry);
        slot_grow(cache, s, entry_bytes(entry));
    }
    memmove(&s->variants[1], &s->variants[0], at * sizeof(struct manifest_entry *));
    s->variants[0] = entry;
}

static struct known_commit *commit_place(struct slot *s, struct str commit)
{
    for (size_t i = 0; i < MANIFEST_CACHE_COMMITS; i++) {
        if (sha_is(s->commits[i].sha, commit)) {
            return &s->commits[i];
        }
    }
    struct known_commit *place = &s->commits[s->next_commit];
    s->next_commit = (s->next_commit + 1) % MANIFEST_CACHE_COMMITS;
    return place;
}

static void drop_failure(struct manifest_cache *cache, struct slot *s)
{
    if (s->failure != NULL) {
        slot_shrink(cache, s, sizeof(*s->failure));
        mem_free(TAKE(s->failure));
    }
}

void manifest_cache_put(struct manifest_cache *cache,
                        struct str key,
                        struct str commit,
                        struct manifest_entry *entry)
{
    struct slot *s = slot_get(cache, key);
    use_variant(cache, s, entry);
    struct known_commit *place = commit_place(s, commit);
    sha_set(place->sha, commit);
    place->entry = entry;
    drop_failure(cache, s);
    evict(cache, s);
}

/* ---- failures ---- */

void manifest_cache_fail(struct manifest_cache *cache,
                         struct str key,
                         struct str commit,
                         const struct err *err,
                         int64_t now_ms)
{
    if (cache->options.fail_attempts == 0) {
        return;
    }
    struct slot *s = slot_get(cache, key);
    if (s->failure == NULL) {
        s->failure = MEM_NEW(struct failure);
        slot_grow(cache, s, sizeof(*s->failure));
    }
    struct failure *f = s->failure;
    if (!sha_is(f->sha, commit)) {
        *f = (struct failure){0};
        sha_set(f->sha, commit);
    }
    f->n_failures++;
    f->err = *err;
    if (f->n_failures == cache->options.fail_attempts) {
        f->since_ms = now_ms;
    }
    evict(cache, s);
}

bool manifest_cache_failure(struct manifest_cache *cache,
                            struct str key,
                            struct str commit,
                            int64_t now_ms,
                            struct err *ret_err)
{
    const struct manifest_cache_options *o = &cache->options;
    struct slot *s = slot_find(cache, key);
    if (s == NULL || s->failure == NULL || !sha_is(s->failure->sha, commit) ||
        s->failure->n_failures < o->fail_attempts) {
        return false;
    }
    struct failure *f = s->failure;
    bool over = (o->fail_ms > 0 && now_ms - f->since_ms >= o->fail_ms) ||
                (o->fail_requests > 0 && f->n_served >= o->fail_requests);
    if (over) {
        drop_failure(cache, s);
        return false;
    }
    f->n_served++;
    *ret_err = f->err;
    (void)err_wrap(ret_err, "Manifest generation error (cached)");
    return true;
}

void manifest_cache_forget_failure(struct manifest_cache *cache, struct str key)
{
    struct slot *s = slot_find(cache, key);
    if (s != NULL) {
        drop_failure(cache, s);
    }
}

struct manifest_cache_stats manifest_cache_stats(const struct manifest_cache *cache)
{
    return (struct manifest_cache_stats){map_len(cache->slots), cache->bytes};
}
