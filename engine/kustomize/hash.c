/* Content hashes: SHA-256 of a JSON text with the data and type, of which ten digits are taken, in letters that do not
 * spell words. The name does not count: kustomize looks it up under a wrong path, and finds it empty. */
#include "engine/kustomize/hash.h"

#include "common/base/digest.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

/* The field as it is; a scalar as its text, "" when there is none. */
static void put_field(struct value_builder *b, const struct value *object, const char *name)
{
    const struct value *v = value_find(object, str_from(name));
    if (value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST)) {
        value_build_field(b, name, v);
    } else {
        value_build_field_str(b, name, kres_text(b->arena, v));
    }
}

static void put_map(struct value_builder *b, const struct value *object, const char *name)
{
    const struct value *v = value_find(object, str_from(name));
    if (value_is(v, VALUE_MAP)) {
        value_build_field(b, name, v);
    }
}

static const struct value *content(struct arena *arena, const struct value *object)
{
    struct str kind = value_str(value_find(object, STR("kind")));
    bool secret = str_eq(kind, STR("Secret"));
    if (!secret && !str_eq(kind, STR("ConfigMap"))) {
        return object;
    }
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "kind", kind);
    value_build_field_str(&b, "name", STR_EMPTY);
    put_field(&b, object, "data");
    if (secret) {
        put_field(&b, object, "type");
        put_map(&b, object, "stringData");
    } else {
        put_map(&b, object, "binaryData");
    }
    value_build_end(&b);
    return value_build_finish(&b);
}

static char letter_of(char digit)
{
    static const char DIGITS[] = "013ae";
    static const char LETTERS[] = "ghkmt";
    for (size_t i = 0; i < sizeof(DIGITS) - 1; i++) {
        if (digit == DIGITS[i]) {
            return LETTERS[i];
        }
    }
    return digit;
}

int hash_object(struct arena *arena, const struct value *object, struct str *ret, struct err *err)
{
    static const struct value_json_write JSON = {.escape_html = true};
    struct str text;
    char hex[DIGEST_SHA256_HEX_BYTES];
    TRY(value_to_json_in(arena, content(arena, object), &JSON, &text, err));
    digest_sha256_hex(text, hex);
    for (size_t i = 0; i < HASH_BYTES; i++) {
        hex[i] = letter_of(hex[i]);
    }
    *ret = arena_str(arena, str_of(hex, HASH_BYTES));
    return 0;
}

int transform_hash(const struct klayer *layer, struct resmap *m, struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    for (size_t i = 0; i < resmap_len(m); i++) {
        struct kres *res = resmap_at(m, i);
        struct str hash;
        if (!res->needs_hash || res->object == NULL) {
            continue;
        }
        TRY(hash_object(arena, res->object, &hash, err));
        struct str name =
            arena_printf(arena, STR_FMT "-" STR_FMT, STR_ARG(res->id.name), STR_ARG(hash));
        kres_remember(arena, res);
        kres_set(res,
                 value_with(arena, res->object, value_new_str(arena, name), "metadata", "name"));
    }
    return 0;
}
