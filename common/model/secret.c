/* Secrets to structs. */
#include "common/model/secret.h"

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/mem.h"
#include "common/base/num.h"
#include "common/value/value.h"

struct kept {
    char *p;
    size_t n;
};

static void erase(void *p)
{
    struct kept *kept = p;
    mem_erase(kept->p, kept->n);
}

/* A copy that is erased with the arena. */
static struct str keep(struct arena *arena, struct str bytes)
{
    struct kept *kept = ARENA_NEW(arena, struct kept);
    kept->n = bytes.n;
    kept->p = arena_bytes(arena, bytes.n + 1);
    memcpy(kept->p, bytes.p, bytes.n);
    kept->p[bytes.n] = '\0';
    arena_defer(arena, erase, kept);
    return str_of(kept->p, kept->n);
}

int secret_text(struct arena *arena,
                const struct value *secret,
                const char *key,
                struct str *ret,
                struct err *err)
{
    struct str plain = value_dig_str(secret, "stringData", key);
    struct str encoded = value_dig_str(secret, "data", key);
    struct str bytes;
    if (plain.n > 0 || encoded.n == 0) {
        *ret = plain.n > 0 ? keep(arena, plain) : STR_EMPTY;
        return 0;
    }
    AUTO(arena) struct arena *scratch = arena_new();
    TRY(b64_decode(scratch, encoded, B64_STANDARD, &bytes, err));
    *ret = keep(arena, bytes);
    mem_erase((void *)(uintptr_t)bytes.p, bytes.n);
    return 0;
}

static int parse_bool(struct str text, bool *ret, struct err *err)
{
    static const struct {
        const char *text;
        bool value;
    } WORDS[] = {
        {"true", true},   {"True", true}, {"TRUE", true},   {"t", true},
        {"T", true},      {"1", true},    {"false", false}, {"False", false},
        {"FALSE", false}, {"f", false},   {"F", false},     {"0", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (str_eq_c(text, WORDS[i].text)) {
            *ret = WORDS[i].value;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "neither true nor false");
}

static int store(const struct secret_field *field, struct str text, void *ret, struct err *err)
{
    void *member = (char *)ret + field->offset;
    switch (field->type) {
    case SECRET_BOOL:
        return parse_bool(str_trim(text), member, err);
    case SECRET_INT:
        if (num_parse_int(str_trim(text), member, err) < 0) {
            return err_set(err, ERR_INVALID, "not a number"); /* the text may be a secret */
        }
        return 0;
    case SECRET_STR:
        *(struct str *)member = text;
        return 0;
    }
    return 0;
}

int secret_decode(struct arena *arena,
                  const struct value *secret,
                  const struct secret_field *fields,
                  size_t n_fields,
                  void *ret,
                  struct err *err)
{
    struct str name = value_dig_str(secret, "metadata", "name");
    for (size_t i = 0; i < n_fields; i++) {
        struct str text;
        TRY_IN(secret_text(arena, secret, fields[i].key, &text, err), err,
               "secret '" STR_FMT "': %s", STR_ARG(name), fields[i].key);
        if (text.n > 0) {
            TRY_IN(store(&fields[i], text, ret, err), err, "secret '" STR_FMT "': %s",
                   STR_ARG(name), fields[i].key);
        }
    }
    return 0;
}
