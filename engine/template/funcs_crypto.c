/* Random texts, password hashes, AES, keys and certificates.
 *
 * Randomness comes from env->rand, except where cert.h says otherwise; without it these functions fail. */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/b64.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/password.h"
#include "common/base/rand.h"
#include "engine/engine_env.h"
#include "engine/template/cert.h"
#include "engine/template/func.h"
#include "engine/template/go_base.h"

enum {
    /* What slow calls cost of the budget: hashing a password or making a key takes as long as many thousands
     * of steps. */
    SLOW_STEPS = 20000,
    BYTES_PER_STEP = 64,
    UUID_BYTES = 16,
    RSA_KEY_BITS = 4096,      /* of genPrivateKey */
    RSA_CERT_KEY_BITS = 2048, /* of certificates' own keys */
};

static int get_rand(struct tcall *call, struct rand **ret, struct err *err)
{
    if (call->env == NULL || call->env->rand == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "%s: random values are not available here",
                       call->name);
    }
    *ret = call->env->rand;
    return 0;
}

/* ---- random texts ---- */

static int check_count(struct tcall *call, int64_t n, struct err *err)
{
    if (n > (int64_t)LIMIT_TEMPLATE_RANDOM_BYTES) {
        return err_set(err, ERR_LIMIT, "more than %zu random characters",
                       LIMIT_TEMPLATE_RANDOM_BYTES);
    }
    return budget_steps(call->budget, n > 0 ? (uint64_t)n / BYTES_PER_STEP + 1 : 1, err);
}

/* n characters of the alphabet; none for a negative n, as in sprig. */
static int
random_text(struct tcall *call, int64_t n, const char *alphabet, struct tval *ret, struct err *err)
{
    struct rand *rand = NULL;
    size_t n_letters = strlen(alphabet);
    TRY(get_rand(call, &rand, err));
    TRY(check_count(call, n, err));
    size_t n_bytes = n > 0 ? (size_t)n : 0;
    char *text = arena_bytes(call->arena, n_bytes + 1);
    for (size_t i = 0; i < n_bytes; i++) {
        text[i] = alphabet[rand_below(rand, n_letters)];
    }
    text[n_bytes] = '\0';
    *ret = tval_str(str_of(text, n_bytes));
    return 0;
}

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static int rand_alpha_num(TFUNC_PARAMS)
{
    return random_text(call, args[0].i, DIGITS LETTERS, ret, err);
}

static int rand_alpha(TFUNC_PARAMS)
{
    return random_text(call, args[0].i, LETTERS, ret, err);
}

static int rand_numeric(TFUNC_PARAMS)
{
    return random_text(call, args[0].i, DIGITS, ret, err);
}

static int rand_ascii(TFUNC_PARAMS)
{
    return random_text(call, args[0].i, DIGITS LETTERS " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", ret,
                       err);
}

static int rand_bytes(TFUNC_PARAMS)
{
    struct rand *rand = NULL;
    TRY(get_rand(call, &rand, err));
    TRY(check_count(call, args[0].i, err));
    if (args[0].i < 0) {
        return err_set(err, ERR_INVALID, "runtime error: makeslice: len out of range");
    }
    size_t n = (size_t)args[0].i;
    char *bytes = arena_bytes(call->arena, n + 1);
    rand_fill(rand, bytes, n);
    *ret = tval_str(b64_encode_in(call->arena, str_of(bytes, n), B64_STANDARD));
    return 0;
}

static int uuid_v4(TFUNC_PARAMS)
{
    struct rand *rand = NULL;
    uint8_t b[UUID_BYTES];
    TRY(get_rand(call, &rand, err));
    rand_fill(rand, b, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4, variant of RFC 4122 */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    *ret = tval_str(arena_printf(
        call->arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
        b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
        b[15]));
    return 0;
}

/* ---- passwords ---- */

/* sprig gives its errors as text. */
static int bcrypt_text(struct tcall *call, struct str password, struct str *ret, struct err *err)
{
    struct rand *rand = NULL;
    if (password.n > PASSWORD_BYTES_MAX) {
        *ret = STR("failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 "
                   "bytes");
        return 0;
    }
    TRY(get_rand(call, &rand, err));
    TRY(budget_steps(call->budget, SLOW_STEPS, err));
    return password_hash(call->arena, rand, password, ret, err);
}

static int bcrypt(TFUNC_PARAMS)
{
    struct str hash = STR_EMPTY;
    TRY(bcrypt_text(call, args[0].s, &hash, err));
    *ret = tval_str(hash);
    return 0;
}

static int htpasswd(TFUNC_PARAMS)
{
    struct str user = args[0].s;
    struct str hash = STR_EMPTY;
    if (str_find_char(user, ':') != STR_NONE) {
        *ret = tval_str(arena_printf(call->arena, "invalid username: " STR_FMT, STR_ARG(user)));
        return 0;
    }
    TRY(bcrypt_text(call, args[1].s, &hash, err));
    *ret = tval_str(arena_printf(call->arena, STR_FMT ":" STR_FMT, STR_ARG(user), STR_ARG(hash)));
    return 0;
}

/* ---- derivePassword: the Master Password algorithm ---- */

static const char SITE_SCOPE[] = "com.lyndir.masterpassword";

/* Templates of a type, separated by blanks; each letter stands for a class of characters. */
static const char *password_templates(struct str type)
{
    static const struct {
        const char *type;
        const char *templates;
    } TYPES[] = {
        {"maximum", "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno"},
        {"long", "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv "
                 "CvccCvcvCvcvno CvcvnoCvccCvcv CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc "
                 "CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv CvccCvccCvcvno "
                 "CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc "
                 "CvccCvcvCvccno"},
        {"medium", "CvcnoCvc CvcCvcno"},
        {"short", "Cvcn"},
        {"basic", "aaanaaan aannaaan aaannaaa"},
        {"pin", "nnnn"},
    };
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        if (str_eq_c(type, TYPES[i].type)) {
            return TYPES[i].templates;
        }
    }
    return NULL;
}

static const char *password_class(char letter)
{
#define VOWELS     "AEIOUaeiou"
#define CONSONANTS "BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
    switch (letter) {
    case 'V':
        return "AEIOU";
    case 'C':
        return "BCDFGHJKLMNPQRSTVWXYZ";
    case 'v':
        return "aeiou";
    case 'c':
        return "bcdfghjklmnpqrstvwxyz";
    case 'a':
        return VOWELS CONSONANTS;
    case 'n':
        return DIGITS;
    case 'o':
        return "@&%?,=[]_:-+*$#!'^~;()/.";
    default:
        return VOWELS CONSONANTS DIGITS "!@#$%^&*()";
    }
}

static struct str nth_template(const char *templates, unsigned char choice)
{
    struct str rest = str_from(templates);
    struct str part = STR_EMPTY;
    size_t n = 1;
    for (const char *c = templates; *c != '\0'; c++) {
        n += *c == ' ';
    }
    for (size_t i = 0; i <= choice % n; i++) {
        (void)str_next(&rest, ' ', &part);
    }
    return part;
}

static void put_u32(struct buf *b, uint32_t n)
{
    char bytes[] = {(char)(n >> 24), (char)(n >> 16 & 0xff), (char)(n >> 8 & 0xff),
                    (char)(n & 0xff)};
    buf_put_bytes(b, bytes, sizeof(bytes));
}

/* The scope, then a text behind its length. */
static void put_scope(struct buf *b, struct str text)
{
    buf_reset(b);
    buf_put_c(b, SITE_SCOPE);
    put_u32(b, (uint32_t)text.n);
    buf_put(b, text);
}

struct password_input {
    uint32_t counter;
    struct str password;
    struct str user;
    struct str site;
};

static int
password_seed(const struct password_input *in, unsigned char ret[EVP_MAX_MD_SIZE], struct err *err)
{
    enum { N = 32768, R = 8, P = 2, KEY_BYTES = 64, MEMORY = 64 * 1024 * 1024 };
    unsigned char key[KEY_BYTES];
    unsigned n = 0;
    AUTO(buf) struct buf b;
    buf_init(&b, sizeof(SITE_SCOPE) + in->user.n + in->site.n + 16);
    put_scope(&b, in->user);
    bool ok =
        EVP_PBE_scrypt(in->password.n > 0 ? in->password.p : "", in->password.n,
                       (const unsigned char *)b.p, b.n, N, R, P, MEMORY, key, sizeof(key)) == 1;
    put_scope(&b, in->site);
    put_u32(&b, in->counter);
    ok = ok &&
         HMAC(EVP_sha256(), key, sizeof(key), (const unsigned char *)b.p, b.n, ret, &n) != NULL;
    mem_erase(key, sizeof(key));
    return ok ? 0 : err_set(err, ERR_INTERNAL, "OpenSSL cannot derive the password");
}

static int derive_password(TFUNC_PARAMS)
{
    unsigned char seed[EVP_MAX_MD_SIZE];
    char password[EVP_MAX_MD_SIZE];
    struct password_input in = {(uint32_t)args[0].i, args[2].s, args[3].s, args[4].s};
    const char *templates = password_templates(args[1].s);
    if (templates == NULL) {
        *ret = tval_str(arena_printf(call->arena, "cannot find password template " STR_FMT,
                                     STR_ARG(args[1].s)));
        return 0;
    }
    if (args[0].i < 0 || args[0].i > UINT32_MAX) {
        return err_set(err, ERR_INVALID, "cannot convert %lld to type uint32",
                       (long long)args[0].i);
    }
    TRY(budget_steps(call->budget, SLOW_STEPS, err));
    TRY(password_seed(&in, seed, err));
    struct str template = nth_template(templates, seed[0]);
    for (size_t i = 0; i < template.n; i++) {
        const char *class = password_class(template.p[i]);
        password[i] = class[seed[i + 1] % strlen(class)];
    }
    *ret = tval_str(arena_str(call->arena, str_of(password, template.n)));
    return 0;
}

/* ---- AES ---- */

enum { AES_BLOCK_BYTES = 16, AES_KEY_BYTES = 32 };

enum direction { DECRYPT, ENCRYPT };

/* AES-256-CBC without padding; the key is the password cut or filled with zeros. */
static int run_aes(struct str password,
                   const unsigned char iv[AES_BLOCK_BYTES],
                   struct str in,
                   enum direction direction,
                   unsigned char *out,
                   struct err *err)
{
    unsigned char key[AES_KEY_BYTES] = {0};
    int n = 0;
    memcpy(key, password.n > 0 ? password.p : "", MIN(password.n, sizeof(key)));
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx != NULL && in.n < INT32_MAX &&
              EVP_CipherInit_ex(ctx, EVP_aes_256_cbc(), NULL, key, iv, direction == ENCRYPT) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              EVP_CipherUpdate(ctx, out, &n, (const unsigned char *)in.p, (int)in.n) == 1;
    EVP_CIPHER_CTX_free(ctx);
    mem_erase(key, sizeof(key));
    return ok ? 0 : err_set(err, ERR_INTERNAL, "OpenSSL cannot run AES");
}

static int encrypt_aes(TFUNC_PARAMS)
{
    struct rand *rand = NULL;
    struct str text = args[1].s;
    if (text.n == 0) {
        *ret = tval_str(STR_EMPTY);
        return 0;
    }
    TRY(get_rand(call, &rand, err));
    TRY(budget_steps(call->budget, text.n / BYTES_PER_STEP + 1, err));
    size_t n_padding = AES_BLOCK_BYTES - text.n % AES_BLOCK_BYTES;
    size_t n = text.n + n_padding;
    char *plain = arena_bytes(call->arena, n);
    unsigned char *out = arena_alloc(call->arena, AES_BLOCK_BYTES + n);
    memcpy(plain, text.p, text.n);
    memset(plain + text.n, (int)n_padding, n_padding);
    rand_fill(rand, out, AES_BLOCK_BYTES);
    TRY(run_aes(args[0].s, out, str_of(plain, n), ENCRYPT, out + AES_BLOCK_BYTES, err));
    struct str bytes = str_of((const char *)out, AES_BLOCK_BYTES + n);
    *ret = tval_str(b64_encode_in(call->arena, bytes, B64_STANDARD));
    return 0;
}

/* The texts are those of the panics of the Go code, which checks nothing. */
static int check_cipher_text(struct str bytes, struct err *err)
{
    if (bytes.n < AES_BLOCK_BYTES) {
        return err_set(err, ERR_INVALID,
                       "runtime error: slice bounds out of range [:16] with capacity %zu", bytes.n);
    }
    if (bytes.n % AES_BLOCK_BYTES != 0) {
        return err_set(err, ERR_INVALID, "crypto/cipher: input not full blocks");
    }
    if (bytes.n == AES_BLOCK_BYTES) {
        return err_set(err, ERR_INVALID, "runtime error: index out of range [-1]");
    }
    return 0;
}

static int decrypt_aes(TFUNC_PARAMS)
{
    struct str bytes = STR_EMPTY;
    if (args[1].s.n == 0) {
        *ret = tval_str(STR_EMPTY);
        return 0;
    }
    TRY(budget_steps(call->budget, args[1].s.n / BYTES_PER_STEP + 1, err));
    TRY(go_b64_decode(call->arena, args[1].s, &bytes, err));
    TRY(check_cipher_text(bytes, err));
    size_t n = bytes.n - AES_BLOCK_BYTES;
    unsigned char *out = arena_alloc(call->arena, n);
    TRY(run_aes(args[0].s, (const unsigned char *)bytes.p, str_of(bytes.p + AES_BLOCK_BYTES, n),
                DECRYPT, out, err));
    if (out[n - 1] > n) {
        return err_set(err, ERR_INVALID, "runtime error: slice bounds out of range [:%lld]",
                       (long long)n - out[n - 1]);
    }
    *ret = tval_str(str_of((const char *)out, n - out[n - 1]));
    return 0;
}

/* ---- certificates as values ---- */

static bool cert_field(struct tcall *call UNUSED, void *data, struct str name, struct tval *ret)
{
    const struct cert *cert = data;
    bool is_cert = str_eq_c(name, "Cert");
    if (!is_cert && !str_eq_c(name, "Key")) {
        return false;
    }
    *ret = tval_str(is_cert ? cert->cert : cert->key);
    return true;
}

static void cert_print(const void *data, struct buf *out)
{
    const struct cert *cert = data;
    buf_printf(out, "{" STR_FMT " " STR_FMT "}", STR_ARG(cert->cert), STR_ARG(cert->key));
}

static struct tval cert_to_json(struct arena *arena, const void *data)
{
    const struct cert *cert = data;
    struct tmap *map = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    tmap_set(map, STR("Cert"), tval_str(cert->cert));
    tmap_set(map, STR("Key"), tval_str(cert->key));
    return tval_map(map);
}

static const struct tclass CERT_CLASS = {
    .type = "sprig.certificate",
    .kind = "struct",
    .field = cert_field,
    .print = cert_print,
    .to_json = cert_to_json,
};

static struct tval cert_value(struct tcall *call, struct cert cert)
{
    struct cert *copy = ARENA_NEW(call->arena, struct cert);
    *copy = cert;
    return tval_obj(call->arena, &CERT_CLASS, copy);
}

/* ---- keys and certificates ---- */

static int key_type(struct str name, enum cert_key_type *ret)
{
    static const struct {
        const char *name;
        enum cert_key_type type;
    } TYPES[] = {
        {"", CERT_KEY_RSA},        {"rsa", CERT_KEY_RSA},         {"dsa", CERT_KEY_DSA},
        {"ecdsa", CERT_KEY_ECDSA}, {"ed25519", CERT_KEY_ED25519},
    };
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        if (str_eq_c(name, TYPES[i].name)) {
            *ret = TYPES[i].type;
            return 1;
        }
    }
    return 0;
}

static int gen_private_key(TFUNC_PARAMS)
{
    AUTO(cert_key) EVP_PKEY *key = NULL;
    struct rand *rand = NULL;
    struct str pem = STR_EMPTY;
    enum cert_key_type type = CERT_KEY_RSA;
    if (!key_type(args[0].s, &type)) {
        *ret = tval_str(arena_printf(call->arena, "Unknown type " STR_FMT, STR_ARG(args[0].s)));
        return 0;
    }
    TRY(get_rand(call, &rand, err));
    TRY(budget_steps(call->budget, SLOW_STEPS, err));
    TRY(cert_key_new(type, RSA_KEY_BITS, rand, &key, err));
    TRY(cert_key_pem(call->arena, key, &pem, err));
    *ret = tval_str(pem);
    return 0;
}

/* The strings of a list argument; nil is an empty one. format has %v of what is no string. */
static int strings_of(struct tcall *call,
                      struct tval list,
                      const char *what,
                      const struct str **ret,
                      size_t *ret_n,
                      struct err *err)
{
    size_t n = list.kind == TVAL_LIST && list.list != NULL ? list.list->n : 0;
    struct str *strings = arena_calloc(call->arena, n + 1, sizeof(struct str));
    TRY(budget_steps(call->budget, n + 1, err));
    for (size_t i = 0; i < n; i++) {
        struct tval v = list.list->items[i];
        if (v.kind != TVAL_STRING) {
            return err_set(err, ERR_INVALID, "error %s: " STR_FMT " is not a string", what,
                           STR_ARG(tval_text(call->arena, v)));
        }
        strings[i] = v.s;
    }
    *ret = strings;
    *ret_n = n;
    return 0;
}

/* key_pem NULL: a key of its own. */
static int make_cert(struct tcall *call,
                     const struct cert_spec *spec,
                     const struct str *key_pem,
                     struct tval *ret,
                     struct err *err)
{
    AUTO(cert_key) EVP_PKEY *key = NULL;
    struct rand *rand = NULL;
    struct cert cert;
    struct err why;
    TRY(get_rand(call, &rand, err));
    TRY(budget_steps(call->budget, SLOW_STEPS, err));
    if (key_pem == NULL) {
        TRY(cert_key_new(CERT_KEY_RSA, RSA_CERT_KEY_BITS, rand, &key, err));
    } else if (cert_key_parse(*key_pem, &key, &why) < 0) {
        return err_set(err, why.code, "parsing private key: %s", why.message);
    }
    TRY(cert_make(call->arena, spec, key, rand, &cert, err));
    *ret = cert_value(call, cert);
    return 0;
}

static int64_t now_ms(const struct tcall *call)
{
    return call->env != NULL ? call->env->now_ms : 0;
}

static int gen_ca_with(struct tcall *call,
                       const struct tval *args,
                       const struct str *key_pem,
                       struct tval *ret,
                       struct err *err)
{
    struct cert_spec spec = {
        .common_name = args[0].s,
        .days = args[1].i,
        .now_ms = now_ms(call),
        .is_ca = true,
    };
    return make_cert(call, &spec, key_pem, ret, err);
}

static int gen_ca(TFUNC_PARAMS)
{
    return gen_ca_with(call, args, NULL, ret, err);
}

static int gen_ca_with_key(TFUNC_PARAMS)
{
    return gen_ca_with(call, args, &args[2].s, ret, err);
}

static int gen_cert_with(struct tcall *call,
                         const struct tval *args,
                         const struct cert *signer,
                         const struct str *key_pem,
                         struct tval *ret,
                         struct err *err)
{
    struct cert_spec spec = {
        .common_name = args[0].s,
        .days = args[3].i,
        .now_ms = now_ms(call),
        .signer = signer,
    };
    TRY(strings_of(call, args[1], "parsing ip", &spec.ips, &spec.n_ips, err));
    TRY(strings_of(call, args[2], "processing alternate dns name", &spec.dns_names,
                   &spec.n_dns_names, err));
    return make_cert(call, &spec, key_pem, ret, err);
}

static int gen_self_signed_cert(TFUNC_PARAMS)
{
    return gen_cert_with(call, args, NULL, NULL, ret, err);
}

static int gen_self_signed_cert_with_key(TFUNC_PARAMS)
{
    return gen_cert_with(call, args, NULL, &args[4].s, ret, err);
}

static int signer_of(struct tcall *call, struct tval v, const struct cert **ret, struct err *err)
{
    if (v.kind != TVAL_OBJECT || v.obj->class != &CERT_CLASS) {
        struct str type = tval_type_name(call->arena, v);
        return err_set(err, ERR_INVALID,
                       "wrong type for value; expected sprig.certificate; got " STR_FMT,
                       STR_ARG(type));
    }
    *ret = v.obj->data;
    return 0;
}

static int gen_signed_cert(TFUNC_PARAMS)
{
    const struct cert *signer = NULL;
    TRY(signer_of(call, args[4], &signer, err));
    return gen_cert_with(call, args, signer, NULL, ret, err);
}

static int gen_signed_cert_with_key(TFUNC_PARAMS)
{
    const struct cert *signer = NULL;
    TRY(signer_of(call, args[4], &signer, err));
    return gen_cert_with(call, args, signer, &args[5].s, ret, err);
}

static int build_custom_cert(TFUNC_PARAMS)
{
    AUTO(cert_key) EVP_PKEY *key = NULL;
    struct cert cert;
    struct err why;
    TRY(budget_steps(call->budget, (args[0].s.n + args[1].s.n) / BYTES_PER_STEP + 1, err));
    if (go_b64_decode(call->arena, args[0].s, &cert.cert, &why) < 0) {
        return err_set(err, ERR_INVALID, "unable to decode base64 certificate");
    }
    if (go_b64_decode(call->arena, args[1].s, &cert.key, &why) < 0) {
        return err_set(err, ERR_INVALID, "unable to decode base64 private key");
    }
    TRY(cert_check(cert.cert, "decodedCert.Bytes", err));
    if (cert_key_parse(cert.key, &key, &why) < 0) {
        return err_set(err, why.code, "error parsing private key: %s", why.message);
    }
    *ret = cert_value(call, cert);
    return 0;
}

static const struct tfunc ROWS[] = {
    {"randAlphaNum", "i", rand_alpha_num},
    {"randAlpha", "i", rand_alpha},
    {"randNumeric", "i", rand_numeric},
    {"randAscii", "i", rand_ascii},
    {"randBytes", "i", rand_bytes},
    {"uuidv4", "", uuid_v4},
    {"bcrypt", "s", bcrypt},
    {"htpasswd", "ss", htpasswd},
    {"derivePassword", "issss", derive_password},
    {"encryptAES", "ss", encrypt_aes},
    {"decryptAES", "ss", decrypt_aes},
    {"genPrivateKey", "s", gen_private_key},
    {"genCA", "si", gen_ca},
    {"genCAWithKey", "sis", gen_ca_with_key},
    {"genSelfSignedCert", "sLLi", gen_self_signed_cert},
    {"genSelfSignedCertWithKey", "sLLis", gen_self_signed_cert_with_key},
    {"genSignedCert", "sLLia", gen_signed_cert},
    {"genSignedCertWithKey", "sLLias", gen_signed_cert_with_key},
    {"buildCustomCert", "ss", build_custom_cert},
};

const struct tfunc_table TFUNCS_CRYPTO = TFUNC_TABLE(ROWS);
