/* A map by "group/version"; a document of null stands for "there is none". */
#include "app-controller/live/live_schema.h"

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/value/value.h"

struct live_schemas {
    struct map *docs;
};

static void free_doc(void *value)
{
    doc_unref(value);
}

struct live_schemas *live_schemas_new(void)
{
    struct live_schemas *s = MEM_NEW(struct live_schemas);
    s->docs = map_new(free_doc);
    return s;
}

void live_schemas_free(struct live_schemas *s)
{
    if (s != NULL) {
        map_free(s->docs);
        mem_free(s);
    }
}

void live_schemas_clear(struct live_schemas *s)
{
    map_clear(s->docs);
}

static struct str key_of(struct arena *arena, struct str group, struct str version)
{
    return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(group), STR_ARG(version));
}

bool live_schemas_find(const struct live_schemas *s,
                       struct str group,
                       struct str version,
                       struct doc **ret)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct doc *doc = map_find(s->docs, key_of(arena, group, version));
    *ret = doc != NULL && value_is(doc_root(doc), VALUE_MAP) ? doc : NULL;
    return doc != NULL;
}

void live_schemas_set(struct live_schemas *s, struct str group, struct str version, struct doc *doc)
{
    AUTO(arena) struct arena *arena = arena_new();
    map_set(s->docs, key_of(arena, group, version),
            doc != NULL ? doc_ref(doc) : doc_copy_of(&VALUE_NULL_VALUE));
}
