/* Answers in a map by key; lists are sorted, as they are searched by many. */
#include "app-controller/answers.h"

#include <stdlib.h>

#include "app-controller/jq.h"
#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/value/value.h"

struct entry {
    char *resource_version;
    uint64_t target_hash;
    struct doc *doc;
};

struct answers {
    unsigned refs;
    struct map *entries;
    struct jq_memo *memo;
};

static void free_entry(void *value)
{
    struct entry *e = value;
    doc_unref(e->doc);
    mem_free(e->resource_version);
    mem_free(e);
}

struct answers *answers_new(void)
{
    struct answers *a = MEM_NEW(struct answers);
    a->refs = 1;
    a->entries = map_new(free_entry);
    return a;
}

struct answers *answers_ref(struct answers *a)
{
    if (a != NULL) {
        a->refs++;
    }
    return a;
}

void answers_unref(struct answers *a)
{
    if (a != NULL && --a->refs == 0) {
        map_free(a->entries);
        jq_memo_free(a->memo);
        mem_free(a);
    }
}

void answers_put(struct answers *a, const struct answer *answer)
{
    struct entry *e = MEM_NEW(struct entry);
    e->resource_version = mem_strndup(answer->resource_version.p, answer->resource_version.n);
    e->target_hash = answer->target_hash;
    e->doc = doc_ref(answer->doc);
    map_set(a->entries, answer->key, e);
}

static int cmp_str(const void *a, const void *b)
{
    const struct str *x = a;
    const struct str *y = b;
    return str_cmp(*x, *y);
}

/* keys come sorted: they are those of a comparison. */
void answers_keep(struct answers *a, const struct str *keys, size_t n_keys)
{
    MAP_FOREACH(a->entries, it) {
        if (n_keys == 0 || bsearch(&it.key, keys, n_keys, sizeof(*keys), cmp_str) == NULL) {
            (void)map_remove(a->entries, it.key);
        }
    }
}

size_t answers_count(const struct answers *a)
{
    return map_len(a->entries);
}

static int cmp_answers(const void *a, const void *b)
{
    const struct answer *x = a;
    const struct answer *y = b;
    return str_cmp(x->key, y->key);
}

struct answer_list answers_list(const struct answers *a, struct arena *arena)
{
    if (a == NULL || map_len(a->entries) == 0) {
        return (struct answer_list){NULL, 0};
    }
    struct answer *items = arena_calloc(arena, map_len(a->entries), sizeof(*items));
    size_t n = 0;
    MAP_FOREACH(a->entries, it) {
        const struct entry *e = it.value;
        arena_hold(arena, e->doc);
        items[n++] = (struct answer){
            .key = arena_str(arena, it.key),
            .resource_version = arena_str(arena, str_from(e->resource_version)),
            .target_hash = e->target_hash,
            .doc = e->doc,
        };
    }
    qsort(items, n, sizeof(*items), cmp_answers);
    return (struct answer_list){items, n};
}

const struct value *answer_list_find(struct answer_list list, const struct answer *wanted)
{
    const struct answer *found =
        list.n > 0 ? bsearch(wanted, list.items, list.n, sizeof(*wanted), cmp_answers) : NULL;
    bool same = found != NULL && found->target_hash == wanted->target_hash &&
                str_eq(found->resource_version, wanted->resource_version);
    return same ? doc_root(found->doc) : NULL;
}

struct jq_memo *answers_take_memo(struct answers *a)
{
    struct jq_memo *memo = a->memo;
    a->memo = NULL;
    return memo;
}

void answers_give_memo(struct answers *a, struct jq_memo *memo)
{
    jq_memo_free(a->memo);
    a->memo = memo;
}
