/* Keys over REST: what argocd-gpg-keys-cm says afterwards, and what is told of it. */
#include "common/base/fs.h"
#include "tests/lib/api_fixture.h"

#define PATH  "/api/v1/gpgkeys"
#define ALICE "FB3ECB13A0886942"
#define BOB   "56D4470E23483CC9"

static const struct value *entries(struct api_fixture *f)
{
    return value_dig(fake_cluster_get(f->cluster, "ConfigMap", "argocd", "argocd-gpg-keys-cm"),
                     "data");
}

static struct str key_text(struct api_fixture *f, const char *name)
{
    struct str text;
    struct err err;
    struct str path = arena_printf(f->arena, "tests/data/signatures/%s.asc", name);
    ASSERT_OK(fs_read_file(f->arena, path.p, (size_t)64 * 1024, &text, &err));
    return text;
}

/* {"keyData": ...} of both texts. */
static const char *body(struct api_fixture *f, struct str first, struct str second)
{
    struct str both = arena_printf(f->arena, STR_FMT STR_FMT, STR_ARG(first), STR_ARG(second));
    const struct value_entry entry = {STR("keyData"), value_of_str(both)};
    return print_json(f->arena, value_new_map(f->arena, &entry, 1), NULL).p;
}

static const struct value *post(struct api_fixture *f, const char *query, const char *json)
{
    struct str path = arena_printf(f->arena, PATH "%s", query);
    struct api_answer a = api_fixture_call(f, "POST", path.p, json);
    assert_int_equal(a.status, 200);
    return a.json;
}

static void keys_body(struct api_fixture *f)
{
    api_fixture_login(f);
    struct str alice = key_text(f, "alice");
    struct str bob = key_text(f, "bob");
    assert_yaml(f->arena, api_fixture_get(f, PATH), "{metadata: {}, items: []}");
    const struct value *made = post(f, "", body(f, alice, STR_EMPTY));
    assert_int_equal(value_len(value_dig(made, "created", "items")), 1);
    assert_null(value_dig(made, "skipped"));
    assert_yaml(f->arena, api_fixture_get(f, PATH),
                "{metadata: {}, items: [{keyID: " ALICE
                ", fingerprint: 86D0565BB893F8BAEE58BCE4" ALICE
                ", owner: 'Alice <alice@example.com>', trust: unknown, subType: ed25519}]}");
    made = post(f, "", body(f, alice, bob));
    ASSERT_STR(value_str(value_at(value_dig(made, "skipped"), 0)), ALICE);
    ASSERT_STR(value_dig_str(value_at(value_dig(made, "created", "items"), 0), "keyID"), BOB);
    assert_int_equal(value_len(entries(f)), 2);
    const struct value *one = api_fixture_get(f, PATH "/3ac089144ea25731e37c13ed" BOB);
    ASSERT_STR(value_dig_str(one, "keyData"), value_dig_str(entries(f), BOB).p);
    assert_int_equal(value_len(value_dig(api_fixture_get(f, PATH "?keyID=" BOB), "items")), 1);
    API_REFUSED(f, "GET", PATH "/0123456789abcdef", NULL, 404, 5, "No such key: 0123456789ABCDEF");
    API_REFUSED(f, "GET", PATH "/x", NULL, 400, 3, "KeyID is malformed or empty");
    assert_int_equal(api_fixture_call(f, "DELETE", PATH "?keyID=" ALICE, NULL).status, 200);
    assert_null(value_dig(entries(f), ALICE));
    API_REFUSED(f, "DELETE", PATH "?keyID=" ALICE, NULL, 404, 5, "No such key");
    API_REFUSED(f, "DELETE", PATH, NULL, 400, 3, "KeyID is malformed or empty");
}

static void keys_come_and_go(void **state UNUSED)
{
    API_TEST(keys_body);
}

static void wrong_body(struct api_fixture *f)
{
    api_fixture_login(f);
    API_REFUSED(f, "POST", PATH, "{}", 400, 3, "Submitted key data is empty");
    API_REFUSED(f, "POST", PATH, body(f, STR("text"), STR_EMPTY), 400, 3,
                "no armoured OpenPGP public key");
    assert_null(entries(f));
    fake_cluster_put(f->cluster, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "
                                 "argocd-gpg-keys-cm, namespace: argocd}, data: {note: x}}");
    API_REFUSED(f, "GET", PATH, NULL, 400, 3, "'note' in argocd-gpg-keys-cm is no id");
    (void)post(f, "", body(f, key_text(f, "alice"), STR_EMPTY));
    fake_cluster_patch(f->cluster, "ConfigMap", "argocd", "argocd-gpg-keys-cm",
                       "{data: {note: null, " BOB ": 'no key'}}");
    API_REFUSED(f, "GET", PATH, NULL, 400, 3, "'" BOB "' in argocd-gpg-keys-cm: no armoured");
    (void)api_fixture_get(f, PATH "/" ALICE); /* is none of its business */
    /* one that is there is left alone, broken as it is, unless it is to be replaced */
    const struct value *made = post(f, "", body(f, key_text(f, "bob"), STR_EMPTY));
    assert_int_equal(value_len(value_dig(made, "skipped")), 1);
    made = post(f, "?upsert=true", body(f, key_text(f, "bob"), key_text(f, "alice")));
    assert_int_equal(value_len(value_dig(made, "created", "items")), 1);
    ASSERT_STR(value_str(value_at(value_dig(made, "skipped"), 0)), ALICE); /* nothing new */
    assert_int_equal(value_len(value_dig(api_fixture_get(f, PATH), "items")), 2);
}

static void what_is_wrong_is_named(void **state UNUSED)
{
    API_TEST(wrong_body);
}

static void race_body(struct api_fixture *f)
{
    api_fixture_login(f);
    (void)post(f, "", body(f, key_text(f, "alice"), STR_EMPTY));
    fake_cluster_fail(f->cluster, "PATCH /api/v1/namespaces/argocd/configmaps", 2, 409, "Conflict");
    (void)post(f, "", body(f, key_text(f, "bob"), STR_EMPTY));
    assert_int_equal(value_len(entries(f)), 2);
    fake_cluster_fail(f->cluster, "PATCH /api/v1/namespaces/argocd/configmaps", 1000, 409,
                      "Conflict");
    API_REFUSED(f, "DELETE", PATH "?keyID=" BOB, NULL, 409, 10, "Conflict");
    fake_cluster_fail(f->cluster, "GET /api/v1/namespaces/argocd/configmaps/argocd-gpg", 1, 403,
                      "Forbidden");
    API_REFUSED(f, "GET", PATH, NULL, 403, 7, "Forbidden");
}

static void others_may_be_quicker(void **state UNUSED)
{
    API_TEST(race_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_and_go),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(others_may_be_quicker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
