/* Random texts, password hashes, AES and certificates, called as the executor calls them. */
#include <crypt.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/rand.h"
#include "engine/engine_env.h"
#include "engine/template/func.h"
#include "tests/lib/check.h"

static struct arena *arena;
static struct budget budget;
static struct rand_seeded seeded;
static struct engine_env env;

static int setup(void **state UNUSED)
{
    arena = arena_new();
    budget = budget_unlimited();
    rand_seeded_init(&seeded, 3);
    env = (struct engine_env){.now_ms = INT64_C(1700000000000), .rand = &seeded.rand};
    return 0;
}

static int teardown(void **state UNUSED)
{
    arena_free(arena);
    return 0;
}

static int call(const char *name, const struct tval *args, struct tval *ret, struct err *err)
{
    const struct tfunc *f = tfunc_find(str_from(name));
    assert_non_null(f);
    struct tcall c = {.arena = arena, .budget = &budget, .env = &env, .name = f->name};
    return f->fn(&c, args, strlen(f->params), ret, err);
}

static struct str text_of(const char *name, const struct tval *args)
{
    struct err err;
    struct tval ret = tval_nil();
    ASSERT_OK(call(name, args, &ret, &err));
    assert_int_equal(ret.kind, TVAL_STRING);
    return ret.s;
}

#define TEXT(literal) tval_str(STR(literal))
#define ARGS(...)     ((const struct tval[]){__VA_ARGS__})

static bool consists_of(struct str s, const char *alphabet)
{
    for (size_t i = 0; i < s.n; i++) {
        if (strchr(alphabet, s.p[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static void random_texts_have_their_letters(void **state UNUSED)
{
    struct str digits = text_of("randNumeric", ARGS(tval_int(200)));
    assert_int_equal(digits.n, 200);
    assert_true(consists_of(digits, "0123456789"));
    struct str letters = text_of("randAlpha", ARGS(tval_int(200)));
    assert_int_equal(letters.n, 200);
    for (size_t i = 0; i < letters.n; i++) {
        char c = (char)(letters.p[i] | 0x20);
        assert_true(c >= 'a' && c <= 'z');
    }
    struct str ascii = text_of("randAscii", ARGS(tval_int(500)));
    for (size_t i = 0; i < ascii.n; i++) {
        assert_true(ascii.p[i] >= ' ' && ascii.p[i] <= '~');
    }
    assert_int_equal(text_of("randAlphaNum", ARGS(tval_int(16))).n, 16);
    assert_int_equal(text_of("randAlphaNum", ARGS(tval_int(-1))).n, 0);
    assert_int_equal(text_of("randBytes", ARGS(tval_int(6))).n, 8);
    struct str uuid = text_of("uuidv4", NULL);
    assert_int_equal(uuid.n, 36);
    assert_int_equal(uuid.p[14], '4');
    assert_true(strchr("89ab", uuid.p[19]) != NULL);
}

static void randomness_is_that_of_the_environment(void **state UNUSED)
{
    static const char *const NAMES[] = {"randAlphaNum", "randAscii", "randBytes"};
    struct err err;
    struct tval ret = tval_nil();
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        rand_seeded_init(&seeded, 3);
        struct str a = text_of(NAMES[i], ARGS(tval_int(12)));
        struct str other = text_of(NAMES[i], ARGS(tval_int(12)));
        rand_seeded_init(&seeded, 3);
        assert_true(str_eq(a, text_of(NAMES[i], ARGS(tval_int(12)))));
        assert_false(str_eq(a, other));
    }
    env.rand = NULL;
    ASSERT_ERR(call("uuidv4", NULL, &ret, &err), ERR_UNSUPPORTED, "random values");
    ASSERT_ERR(call("genPrivateKey", ARGS(TEXT("rsa")), &ret, &err), ERR_UNSUPPORTED,
               "random values");
}

static void random_texts_are_bounded(void **state UNUSED)
{
    struct err err;
    struct tval ret = tval_nil();
    int64_t most = (int64_t)LIMIT_TEMPLATE_RANDOM_BYTES;
    assert_int_equal(text_of("randAlpha", ARGS(tval_int(most))).n, most);
    ASSERT_ERR(call("randAlpha", ARGS(tval_int(most + 1)), &ret, &err), ERR_LIMIT, "random");
    ASSERT_ERR(call("randBytes", ARGS(tval_int(-1)), &ret, &err), ERR_INVALID,
               "makeslice: len out of range");
}

static void password_hashes_match_their_password(void **state UNUSED)
{
    struct crypt_data data = {0};
    struct str hash = text_of("bcrypt", ARGS(TEXT("open sesame")));
    assert_true(str_starts_with(hash, STR("$2a$10$")));
    ASSERT_STR(hash, crypt_r("open sesame", hash.p, &data));
    struct str line = text_of("htpasswd", ARGS(TEXT("ali"), TEXT("x")));
    assert_true(str_starts_with(line, STR("ali:$2a$10$")));
    ASSERT_STR(text_of("htpasswd", ARGS(TEXT("a:b"), TEXT("x"))), "invalid username: a:b");
    char long_text[73] = "";
    memset(long_text, 'x', sizeof(long_text));
    ASSERT_STR(text_of("bcrypt", ARGS(tval_str(str_of(long_text, sizeof(long_text))))),
               "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes");
}

static void derived_passwords_are_those_of_the_algorithm(void **state UNUSED)
{
    /* as sprig 3.3.0 gives them */
    static const struct {
        const char *type;
        const char *want;
    } CASES[] = {
        {"maximum", "E%*L*EEDig^u9luiQH7'"},
        {"long", "Nafi1&CovdCeyj"},
        {"medium", "NafTek1*"},
        {"short", "Naf2"},
        {"basic", "EIa2juE8"},
        {"pin", "7032"},
        {"tiny", "cannot find password template tiny"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(text_of("derivePassword", ARGS(tval_int(1), tval_str(str_from(CASES[i].type)),
                                                  TEXT("pa"), TEXT("user"), TEXT("example.com"))),
                   CASES[i].want);
    }
}

static void aes_goes_there_and_back(void **state UNUSED)
{
    static const char *const TEXTS[] = {"", "x", "exactly 16 bytes", "more than sixteen bytes"};
    struct err err;
    struct tval ret = tval_nil();
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        struct str secret = text_of("encryptAES", ARGS(TEXT("key"), tval_str(str_from(TEXTS[i]))));
        ASSERT_STR(text_of("decryptAES", ARGS(TEXT("key"), tval_str(secret))), TEXTS[i]);
    }
    ASSERT_ERR(call("decryptAES", ARGS(TEXT("key"), TEXT("!")), &ret, &err), ERR_INVALID,
               "illegal base64 data at input byte 0");
    ASSERT_ERR(call("decryptAES", ARGS(TEXT("key"), TEXT("YWJj")), &ret, &err), ERR_INVALID,
               "slice bounds out of range [:16] with capacity 3");
    ASSERT_ERR(call("decryptAES", ARGS(TEXT("key"), TEXT("AAAAAAAAAAAAAAAAAAAAAAA=")), &ret, &err),
               ERR_INVALID, "input not full blocks");
}

static void certificates_are_structs(void **state UNUSED)
{
    struct err err;
    struct tval key = tval_str(text_of("genPrivateKey", ARGS(TEXT("ecdsa"))));
    struct tval nil = tval_nil();
    struct tval ca = tval_nil();
    struct tval leaf = tval_nil();
    struct tval field = tval_nil();
    ASSERT_OK(call("genCAWithKey", ARGS(TEXT("ca"), tval_int(5), key), &ca, &err));
    ASSERT_OK(
        call("genSignedCertWithKey", ARGS(TEXT("x"), nil, nil, tval_int(5), ca, key), &leaf, &err));
    ASSERT_STR(tval_type_name(arena, leaf), "sprig.certificate");
    assert_true(leaf.obj->class->field(NULL, leaf.obj->data, STR("Cert"), &field));
    assert_true(str_starts_with(field.s, STR("-----BEGIN CERTIFICATE-----\n")));
    assert_true(leaf.obj->class->field(NULL, leaf.obj->data, STR("Key"), &field));
    assert_true(str_eq(field.s, key.s));
    assert_false(leaf.obj->class->field(NULL, leaf.obj->data, STR("key"), &field));
    assert_true(str_starts_with(tval_text(arena, leaf), STR("{-----BEGIN CERTIFICATE-----\n")));
    ASSERT_ERR(
        call("genSignedCertWithKey", ARGS(TEXT("x"), nil, nil, tval_int(5), nil, key), &ca, &err),
        ERR_INVALID, "expected sprig.certificate; got <nil>");
    struct tval number = tval_list_new(arena, TVAL_OF_ANY, 1);
    number.list->items[0] = tval_int(1);
    ASSERT_ERR(
        call("genSelfSignedCertWithKey", ARGS(TEXT("x"), number, nil, tval_int(5), key), &ca, &err),
        ERR_INVALID, "error parsing ip: 1 is not a string");
    ASSERT_ERR(call("genCAWithKey", ARGS(TEXT("x"), tval_int(5), TEXT("none")), &ca, &err),
               ERR_INVALID, "parsing private key: no PEM data in input");
    ASSERT_STR(text_of("genPrivateKey", ARGS(TEXT("rot13"))), "Unknown type rot13");
}

static void custom_certificates_are_checked(void **state UNUSED)
{
    struct err err;
    struct tval key = tval_str(text_of("genPrivateKey", ARGS(TEXT("ed25519"))));
    struct tval ca = tval_nil();
    struct tval custom = tval_nil();
    struct tval cert = tval_nil();
    ASSERT_OK(call("genCAWithKey", ARGS(TEXT("ca"), tval_int(5), key), &ca, &err));
    assert_true(ca.obj->class->field(NULL, ca.obj->data, STR("Cert"), &cert));
    struct tval cert64 = tval_str(text_of("b64enc", &cert));
    struct tval key64 = tval_str(text_of("b64enc", &key));
    ASSERT_OK(call("buildCustomCert", ARGS(cert64, key64), &custom, &err));
    assert_true(str_eq(tval_text(arena, ca), tval_text(arena, custom)));
    ASSERT_ERR(call("buildCustomCert", ARGS(TEXT("a"), key64), &custom, &err), ERR_INVALID,
               "unable to decode base64 certificate");
    ASSERT_ERR(call("buildCustomCert", ARGS(cert64, TEXT("a")), &custom, &err), ERR_INVALID,
               "unable to decode base64 private key");
    ASSERT_ERR(call("buildCustomCert", ARGS(key64, key64), &custom, &err), ERR_INVALID,
               "error parsing certificate: decodedCert.Bytes: ");
    ASSERT_ERR(call("buildCustomCert", ARGS(cert64, cert64), &custom, &err), ERR_INVALID,
               "error parsing private key: no private key data in PEM block of type CERTIFICATE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_texts_have_their_letters, setup, teardown),
        cmocka_unit_test_setup_teardown(randomness_is_that_of_the_environment, setup, teardown),
        cmocka_unit_test_setup_teardown(random_texts_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(password_hashes_match_their_password, setup, teardown),
        cmocka_unit_test_setup_teardown(derived_passwords_are_those_of_the_algorithm, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(aes_goes_there_and_back, setup, teardown),
        cmocka_unit_test_setup_teardown(certificates_are_structs, setup, teardown),
        cmocka_unit_test_setup_teardown(custom_certificates_are_checked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
