/* Looking references up, in texts and trees. */
#include "common/settings/references.h"

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_mask.h"

/* False: the text is no reference, or leads nowhere. */
static bool look_up(struct arena *arena,
                    const struct references_source *source,
                    struct str text,
                    references_missing *missing,
                    struct str *ret)
{
    struct str name;
    struct str key;
    struct str found;
    if (!str_starts_with(text, STR("$"))) {
        return false;
    }
    struct str rest = str_sub(text, 1, text.n);
    if (!str_cut(rest, ':', &name, &key)) {
        key = rest;
        name = STR_EMPTY;
    } else if (name.n == 0) {
        key = STR_EMPTY; /* which no secret has */
    }
    if (!source->find(source->data, arena, name, key, &found)) {
        vec_push_in(arena, missing, arena_str(arena, text));
        return false;
    }
    *ret = str_trim(found);
    return true;
}

struct str references_resolve(struct arena *arena,
                              const struct references_source *source,
                              struct str text,
                              references_missing *missing)
{
    struct str found = text;
    return look_up(arena, source, text, missing, &found) ? found : text;
}

struct walk {
    struct arena *arena;
    const struct references_source *source;
    references_missing *missing;
};

static struct value resolved(struct walk *w, const struct value *v, int depth);

static struct value resolved_list(struct walk *w, const struct value *list, int depth)
{
    struct value *items = arena_calloc(w->arena, value_len(list) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(list, item) {
        items[n++] = resolved(w, item, depth + 1);
    }
    return *value_new_list(w->arena, items, n);
}

static struct value resolved_map(struct walk *w, const struct value *map, int depth)
{
    struct value_entry *entries = arena_calloc(w->arena, value_len(map) + 1, sizeof(*entries));
    size_t n = 0;
    VALUE_MAP_FOREACH(map, e)
    {
        entries[n++] = (struct value_entry){e->key, resolved(w, &e->value, depth + 1)};
    }
    return *value_new_map(w->arena, entries, n);
}

/* What is nested deeper than any parser lets in stays as it is. */
static struct value resolved(struct walk *w, const struct value *v, int depth)
{
    struct str found;
    if (depth > LIMIT_DOC_DEPTH) {
        return *v;
    }
    if (value_is(v, VALUE_LIST)) {
        return resolved_list(w, v, depth);
    }
    if (value_is(v, VALUE_MAP)) {
        return resolved_map(w, v, depth);
    }
    if (value_is(v, VALUE_STRING) &&
        look_up(w->arena, w->source, value_str(v), w->missing, &found)) {
        return *value_sensitive(w->arena, value_new_str(w->arena, found));
    }
    return *v;
}

const struct value *references_resolve_tree(struct arena *arena,
                                            const struct references_source *source,
                                            const struct value *tree,
                                            references_missing *missing)
{
    struct walk w = {arena, source, missing};
    struct value *ret = ARENA_NEW(arena, struct value);
    *ret = tree != NULL ? resolved(&w, tree, 0) : VALUE_NULL_VALUE;
    return ret;
}
