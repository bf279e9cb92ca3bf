/* Functions that turn values into text and back: YAML, JSON, TOML, base64, base32, digests.
 *
 * Helm's forms never fail on bad input: toX gives "", fromX a map with the key Error or a list with the text.
 * The must forms fail.  Passing a limit fails in all of them. */
#include <string.h>

#include <openssl/evp.h>

#include "common/base/b64.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/template/func.h"
#include "engine/template/go_base.h"
#include "engine/template/toml.h"

enum {
    BYTES_PER_STEP = 64, /* writing or reading so many costs one step of the budget */
    /* go-yaml finds the colon behind a key within so many characters, quotes included */
    YAML_KEY_RUNES = 1024,
};

static int charge(struct tcall *call, struct str text, struct err *err)
{
    return budget_steps(call->budget, text.n / BYTES_PER_STEP + 1, err);
}

/* Sets what a function gives whose Go original swallows errors. */
static int or_empty(int rc, struct str text, struct tval *ret)
{
    if (rc == -(int)ERR_LIMIT) {
        return rc;
    }
    *ret = tval_str(rc < 0 ? STR_EMPTY : text);
    return 0;
}

/* As above for what reports them. */
static int or_fail(int rc, struct str text, struct tval *ret)
{
    if (rc == 0) {
        *ret = tval_str(text);
    }
    return rc;
}

/* ---- YAML ---- */

/* The characters go-yaml refuses to read; toYaml reads its own JSON. */
static bool is_readable(uint32_t rune)
{
    return (rune >= 0x20 && rune <= 0x7e) || rune < 0x20 /* escaped in JSON */ || rune == 0x85 ||
           (rune >= 0xa0 && rune != 0xfffe && rune != 0xffff);
}

static int check_readable(struct str text, struct err *err)
{
    for (size_t at = 0; at < text.n;) {
        unsigned char c = (unsigned char)text.p[at];
        uint32_t rune = c < 0x80 ? (at++, c) : utf8_next(text, &at);
        if (!is_readable(rune)) {
            return err_set(err, ERR_INVALID, "yaml: control characters are not allowed");
        }
    }
    return 0;
}

static int check_key(struct str key, struct err *err)
{
    TRY(check_readable(key, err));
    if (key.n < YAML_KEY_RUNES / 6) { /* an escape has six characters */
        return 0;
    }
    AUTO(buf) struct buf json;
    buf_init(&json, 6 * key.n + 2);
    value_json_put_string(&json, key, false);
    if (utf8_count(buf_str(&json)) > YAML_KEY_RUNES) {
        return err_set(err, ERR_INVALID, "yaml: did not find expected ',' or '}'");
    }
    return 0;
}

/* Whether go-yaml could read the value's JSON. The depth is bounded by tval_to_value(). */
static int check_yaml(const struct value *v, struct err *err)
{
    if (value_is(v, VALUE_STRING)) {
        return check_readable(value_str(v), err);
    }
    VALUE_FOREACH(v, item) {
        TRY(check_yaml(item, err));
    }
    VALUE_MAP_FOREACH(v, e)
    {
        TRY(check_key(e->key, err));
        TRY(check_yaml(&e->value, err));
    }
    return 0;
}

static int put_yaml(struct tcall *call,
                    struct tval v,
                    enum value_yaml_style style,
                    struct str *ret,
                    struct err *err)
{
    struct value_yaml_write opts = {.style = style};
    const struct value *tree = NULL;
    struct str text = STR_EMPTY;
    TRY(tval_to_value(call->arena, v, &tree, err));
    if (style == VALUE_YAML_GO2) {
        TRY(check_yaml(tree, err));
    }
    TRY(value_to_yaml_in(call->arena, tree, &opts, &text, err));
    (void)str_cut_suffix(&text, STR("\n"));
    TRY(charge(call, text, err));
    *ret = text;
    return 0;
}

static int fn_to_yaml(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_empty(put_yaml(call, args[0], VALUE_YAML_GO2, &text, err), text, ret);
}

static int fn_must_to_yaml(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_fail(put_yaml(call, args[0], VALUE_YAML_GO2, &text, err), text, ret);
}

static int fn_to_yaml_pretty(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_empty(put_yaml(call, args[0], VALUE_YAML_GO3, &text, err), text, ret);
}

/* ---- reading ---- */

/* As encoding/json calls a value in its messages. */
static const char *noun_of(const struct value *v)
{
    switch (value_type(v)) {
    case VALUE_MAP:
        return "object";
    case VALUE_LIST:
        return "array";
    case VALUE_STRING:
        return "string";
    case VALUE_INT:
    case VALUE_FLOAT:
        return "number";
    case VALUE_BOOL:
        return "bool";
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return "null";
}

static int
want_type(const struct value *v, enum value_type type, const char *before, struct err *err)
{
    if (value_type(v) == type || value_type(v) == VALUE_NULL) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "%sjson: cannot unmarshal %s into Go value of type %s", before,
                   noun_of(v), type == VALUE_MAP ? "map[string]interface {}" : "[]interface {}");
}

static int read_yaml(
    struct tcall *call, struct str text, enum value_type type, struct tval *ret, struct err *err)
{
    const struct value *v = NULL;
    struct err why;
    TRY(charge(call, text, err));
    int rc = value_from_yaml(call->arena, text, NULL, &v, &why);
    if (rc < 0) {
        struct str message = value_yaml_error_text(call->arena, &why);
        return err_set(err, why.code, "error converting YAML to JSON: " STR_FMT, STR_ARG(message));
    }
    TRY(want_type(v, type, "error unmarshaling JSON: while decoding JSON: ", err));
    *ret = tval_from_value(call->arena, v, false);
    return 0;
}

/* The position goes: it is one in the text, and the template's is wanted. */
static int read_json(struct tcall *call, struct str text, const struct value **ret, struct err *err)
{
    struct err why;
    TRY(charge(call, text, err));
    if (value_from_json(call->arena, text, NULL, ret, &why) < 0) {
        return err_set(err, why.code, "%s", why.message);
    }
    return 0;
}

static int read_json_as(
    struct tcall *call, struct str text, enum value_type type, struct tval *ret, struct err *err)
{
    const struct value *v = NULL;
    TRY(read_json(call, text, &v, err));
    TRY(want_type(v, type, "", err));
    *ret = tval_from_value(call->arena, v, false);
    return 0;
}

/* What Helm gives for text it cannot read, and for null. */
static int
or_error_map(struct tcall *call, int rc, struct tval v, struct tval *ret, const struct err *err)
{
    if (rc == -(int)ERR_LIMIT) {
        return rc;
    }
    if (rc == 0 && v.kind == TVAL_MAP) {
        *ret = v;
        return 0;
    }
    struct tmap *map = tmap_new(call->arena, TVAL_OF_ANY, NULL, NULL);
    if (rc < 0) {
        tmap_set(map, STR("Error"), tval_str(arena_str(call->arena, str_from(err->message))));
    }
    *ret = tval_map(map);
    return 0;
}

static int
or_error_list(struct tcall *call, int rc, struct tval v, struct tval *ret, const struct err *err)
{
    if (rc == -(int)ERR_LIMIT) {
        return rc;
    }
    if (rc == 0 && v.kind == TVAL_LIST) {
        *ret = v;
        return 0;
    }
    if (rc == 0) { /* encoding/json makes the slice nil */
        *ret = (struct tval){.kind = TVAL_LIST};
        return 0;
    }
    *ret = tval_list_new(call->arena, TVAL_OF_ANY, 1);
    ret->list->items[0] = tval_str(arena_str(call->arena, str_from(err->message)));
    return 0;
}

static int fn_from_yaml(TFUNC_PARAMS)
{
    struct tval v = tval_nil();
    int rc = read_yaml(call, args[0].s, VALUE_MAP, &v, err);
    return or_error_map(call, rc, v, ret, err);
}

static int fn_from_yaml_array(TFUNC_PARAMS)
{
    struct tval v = tval_nil();
    int rc = read_yaml(call, args[0].s, VALUE_LIST, &v, err);
    if (rc == 0 && v.kind == TVAL_NIL) { /* unlike JSON's null, which makes the slice nil */
        v = tval_list_new(call->arena, TVAL_OF_ANY, 0);
    }
    return or_error_list(call, rc, v, ret, err);
}

static int fn_from_json(TFUNC_PARAMS)
{
    struct tval v = tval_nil();
    int rc = read_json_as(call, args[0].s, VALUE_MAP, &v, err);
    if (rc == 0 && v.kind == TVAL_NIL) {
        *ret = tval_map(tmap_new_nil(call->arena, TVAL_OF_ANY));
        return 0;
    }
    return or_error_map(call, rc, v, ret, err);
}

static int fn_from_json_array(TFUNC_PARAMS)
{
    struct tval v = tval_nil();
    int rc = read_json_as(call, args[0].s, VALUE_LIST, &v, err);
    return or_error_list(call, rc, v, ret, err);
}

static int fn_must_from_json(TFUNC_PARAMS)
{
    const struct value *v = NULL;
    TRY(read_json(call, args[0].s, &v, err));
    *ret = tval_from_value(call->arena, v, false);
    return 0;
}

/* ---- JSON ---- */

static const struct value_json_write JSON_COMPACT = {.escape_html = true};
static const struct value_json_write JSON_PRETTY = {.escape_html = true, .pretty = true};
static const struct value_json_write JSON_RAW = {0};

static int put_json(struct tcall *call,
                    struct tval v,
                    const struct value_json_write *opts,
                    struct str *ret,
                    struct err *err)
{
    const struct value *tree = NULL;
    struct str text = STR_EMPTY;
    TRY(tval_to_value(call->arena, v, &tree, err));
    TRY(value_to_json_in(call->arena, tree, opts, &text, err));
    TRY(charge(call, text, err));
    *ret = text;
    return 0;
}

static int fn_to_json(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_empty(put_json(call, args[0], &JSON_COMPACT, &text, err), text, ret);
}

static int fn_must_to_json(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_fail(put_json(call, args[0], &JSON_COMPACT, &text, err), text, ret);
}

static int fn_to_pretty_json(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_empty(put_json(call, args[0], &JSON_PRETTY, &text, err), text, ret);
}

static int fn_must_to_pretty_json(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_fail(put_json(call, args[0], &JSON_PRETTY, &text, err), text, ret);
}

/* Also toRawJson, which panics where the other forms give "". */
static int fn_must_to_raw_json(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_fail(put_json(call, args[0], &JSON_RAW, &text, err), text, ret);
}

/* ---- TOML ---- */

static int put_toml(struct tcall *call, struct tval v, struct str *ret, struct err *err)
{
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_DOC_BYTES);
    TRY(toml_format(v, call->budget, &out, err));
    *ret = buf_to_arena(&out, call->arena);
    return charge(call, *ret, err);
}

/* Unlike the others it gives the error's text. */
static int fn_to_toml(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    int rc = put_toml(call, args[0], &text, err);
    if (rc == -(int)ERR_INVALID && args[0].kind != TVAL_NIL) {
        *ret = tval_str(arena_str(call->arena, str_from(err->message)));
        return 0;
    }
    return or_fail(rc, text, ret);
}

static int fn_must_to_toml(TFUNC_PARAMS)
{
    struct str text = STR_EMPTY;
    return or_fail(put_toml(call, args[0], &text, err), text, ret);
}

static int fn_from_toml(TFUNC_PARAMS)
{
    struct tval v = tval_nil();
    TRY(charge(call, args[0].s, err));
    int rc = toml_parse(call->arena, call->budget, args[0].s, &v, err);
    return or_error_map(call, rc, v, ret, err);
}

/* ---- base64 and base32 ---- */

static int fn_b64enc(TFUNC_PARAMS)
{
    TRY(charge(call, args[0].s, err));
    *ret = tval_str(b64_encode_in(call->arena, args[0].s, B64_STANDARD));
    return 0;
}

/* sprig gives the error's text as the result. */
static int fn_b64dec(TFUNC_PARAMS)
{
    struct str bytes = STR_EMPTY;
    struct err why;
    TRY(charge(call, args[0].s, err));
    bool ok = go_b64_decode(call->arena, args[0].s, &bytes, &why) == 0;
    *ret = tval_str(ok ? bytes : arena_str(call->arena, str_from(why.message)));
    return 0;
}

static int fn_b32enc(TFUNC_PARAMS)
{
    TRY(charge(call, args[0].s, err));
    *ret = tval_str(go_b32_encode(call->arena, args[0].s));
    return 0;
}

static int fn_b32dec(TFUNC_PARAMS)
{
    struct str bytes = STR_EMPTY;
    struct err why;
    TRY(charge(call, args[0].s, err));
    bool ok = go_b32_decode(call->arena, args[0].s, &bytes, &why) == 0;
    *ret = tval_str(ok ? bytes : arena_str(call->arena, str_from(why.message)));
    return 0;
}

/* ---- digests ---- */

static int
hex_digest(struct tcall *call, struct str text, const EVP_MD *md, struct tval *ret, struct err *err)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned n = 0;
    TRY(charge(call, text, err));
    if (EVP_Digest(text.n > 0 ? text.p : "", text.n, bytes, &n, md, NULL) != 1) {
        return err_set(err, ERR_INTERNAL, "OpenSSL cannot compute the digest");
    }
    digest_hex(bytes, n, hex);
    *ret = tval_str(arena_str(call->arena, str_from(hex)));
    return 0;
}

static int fn_sha1sum(TFUNC_PARAMS)
{
    return hex_digest(call, args[0].s, EVP_sha1(), ret, err);
}

static int fn_sha256sum(TFUNC_PARAMS)
{
    char hex[DIGEST_SHA256_HEX_BYTES];
    TRY(charge(call, args[0].s, err));
    digest_sha256_hex(args[0].s, hex);
    *ret = tval_str(arena_str(call->arena, str_from(hex)));
    return 0;
}

static int fn_sha512sum(TFUNC_PARAMS)
{
    return hex_digest(call, args[0].s, EVP_sha512(), ret, err);
}

static int fn_adler32sum(TFUNC_PARAMS)
{
    enum { ADLER_MOD = 65521 };
    uint32_t a = 1;
    uint32_t b = 0;
    TRY(charge(call, args[0].s, err));
    for (size_t i = 0; i < args[0].s.n; i++) {
        a = (a + (unsigned char)args[0].s.p[i]) % ADLER_MOD;
        b = (b + a) % ADLER_MOD;
    }
    *ret = tval_str(arena_printf(call->arena, "%u", b << 16 | a));
    return 0;
}

static const struct tfunc ROWS[] = {
    {"toYaml", "a", fn_to_yaml},
    {"mustToYaml", "a", fn_must_to_yaml},
    {"toYamlPretty", "a", fn_to_yaml_pretty},
    {"fromYaml", "s", fn_from_yaml},
    {"fromYamlArray", "s", fn_from_yaml_array},
    {"toJson", "a", fn_to_json},
    {"mustToJson", "a", fn_must_to_json},
    {"toPrettyJson", "a", fn_to_pretty_json},
    {"mustToPrettyJson", "a", fn_must_to_pretty_json},
    {"toRawJson", "a", fn_must_to_raw_json},
    {"mustToRawJson", "a", fn_must_to_raw_json},
    {"fromJson", "s", fn_from_json},
    {"fromJsonArray", "s", fn_from_json_array},
    {"mustFromJson", "s", fn_must_from_json},
    {"toToml", "a", fn_to_toml},
    {"mustToToml", "a", fn_must_to_toml},
    {"fromToml", "s", fn_from_toml},
    {"b64enc", "s", fn_b64enc},
    {"b64dec", "s", fn_b64dec},
    {"b32enc", "s", fn_b32enc},
    {"b32dec", "s", fn_b32dec},
    {"sha1sum", "s", fn_sha1sum},
    {"sha256sum", "s", fn_sha256sum},
    {"sha512sum", "s", fn_sha512sum},
    {"adler32sum", "s", fn_adler32sum},
};

const struct tfunc_table TFUNCS_ENCODING = TFUNC_TABLE(ROWS);
