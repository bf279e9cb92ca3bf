/* Masking of Secrets.
 *
 * Per key of the data, each distinct value gets a run of '+' of its own length, in the order target,
 * live, normalised, predicted; stringData counts as what it would be in data. */
#include "engine/compare/mask.h"

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/macro.h"
#include "common/base/map.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "engine/compare/last_applied.h"

enum {
    MASK_MIN = 8,
    MASK_STEP = 4,
};

struct masker {
    struct arena *arena;
    struct map *masks;  /* "<bytes of key>:<key><value>" -> const char *mask */
    struct map *counts; /* key -> size_t *distinct values seen */
    const struct str *annotations;
    size_t n_annotations;
};

static bool is_secret(const struct value *obj)
{
    return str_eq_c(kube_kind_of(obj), "Secret") && kube_group_of(obj).n == 0;
}

static struct str mask_text(struct masker *m, struct str key, struct str text)
{
    struct str id =
        arena_printf(m->arena, "%zu:" STR_FMT STR_FMT, key.n, STR_ARG(key), STR_ARG(text));
    const char *known = map_find(m->masks, id);
    if (known != NULL) {
        return str_from(known);
    }
    size_t *count = map_find(m->counts, key);
    if (count == NULL) {
        count = ARENA_NEW(m->arena, size_t);
        map_set(m->counts, key, count);
    }
    size_t n = MASK_MIN + MASK_STEP * (*count)++;
    char *mask = arena_bytes(m->arena, n + 1);
    memset(mask, '+', n);
    mask[n] = '\0';
    map_set(m->masks, id, mask);
    return str_of(mask, n);
}

enum data_form {
    DATA_ENCODED,
    DATA_PLAIN, /* stringData */
};

static const struct value *
mask_data(struct masker *m, const struct value *obj, const char *field, enum data_form form)
{
    const struct value *data = value_dig(obj, field);
    if (!value_is(data, VALUE_MAP)) {
        return obj;
    }
    struct value_entry *entries = arena_calloc(m->arena, value_len(data), sizeof(*entries));
    size_t n = 0;
    VALUE_MAP_FOREACH(data, entry)
    {
        struct str text = value_str(&entry->value);
        if (form == DATA_PLAIN) {
            text = b64_encode_in(m->arena, text, B64_STANDARD);
        }
        struct str mask = mask_text(m, entry->key, text);
        entries[n++] = (struct value_entry){entry->key, value_of_str(mask)};
    }
    return value_with_path(m->arena, obj, value_new_map(m->arena, entries, n),
                           (const char *const[]){field, NULL});
}

static const struct value *mask_fields(struct masker *m, const struct value *obj)
{
    obj = mask_data(m, obj, "data", DATA_ENCODED);
    obj = mask_data(m, obj, "stringData", DATA_PLAIN);
    for (size_t i = 0; i < m->n_annotations; i++) {
        struct str key = m->annotations[i];
        if (kube_has_annotation(obj, key)) {
            struct str id = arena_printf(m->arena, "annotations/" STR_FMT, STR_ARG(key));
            struct str mask = mask_text(m, id, kube_annotation(obj, key));
            obj = kube_with_annotation(m->arena, obj, key, mask);
        }
    }
    return obj;
}

/* What the annotation says is masked like the object; what cannot be read is hidden as a whole. */
static const struct value *mask_last_applied(struct masker *m, const struct value *obj)
{
    if (!kube_has_annotation(obj, STR(LAST_APPLIED_ANNOTATION))) {
        return obj;
    }
    struct err unused;
    const struct value *last = NULL;
    struct str text = STR("++++++++");
    if (last_applied_of(m->arena, obj, &last, &unused) == 0 && last != NULL) {
        struct str json;
        if (value_to_json_in(m->arena, mask_fields(m, last), NULL, &json, &unused) == 0) {
            text = json;
        }
    }
    return kube_with_annotation(m->arena, obj, STR(LAST_APPLIED_ANNOTATION), text);
}

static const struct value *mask_one(struct masker *m, const struct value *obj)
{
    if (obj == NULL || !is_secret(obj)) {
        return obj;
    }
    return mask_last_applied(m, mask_fields(m, obj));
}

struct mask_set mask_secret(struct arena *arena,
                            struct mask_set set,
                            const struct str *annotations,
                            size_t n_annotations)
{
    AUTO(map) struct map *masks = map_new(NULL);
    AUTO(map) struct map *counts = map_new(NULL);
    struct masker m = {arena, masks, counts, annotations, n_annotations};
    struct mask_set masked;
    masked.target = mask_one(&m, set.target);
    masked.live = mask_one(&m, set.live);
    masked.normalized_live = mask_one(&m, set.normalized_live);
    masked.predicted_live = mask_one(&m, set.predicted_live);
    return masked;
}

const struct value *mask_object(struct arena *arena,
                                const struct value *obj,
                                const struct str *annotations,
                                size_t n_annotations)
{
    return mask_secret(arena, (struct mask_set){.live = obj}, annotations, n_annotations).live;
}
