/* Raw commits and tags: the signed part, the signature, parents, seals. */
#include "repo-server/git/signed.h"
#include "tests/lib/signed_fixture.h"

#define ID   "1111111111111111111111111111111111111111"
#define HEAD "tree " ID "\nparent " ID "\nauthor A B <a@b> 7 +0100\ncommitter C <c@d> 9 +0000\n"
#define SIG  "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----\n"

static const struct {
    const char *raw, *payload, *signature;
    bool odd, seal;
} COMMITS[] = {
    {HEAD "\nm\n", HEAD "\nm\n", "", false, false},
    {HEAD SIG "\nm\n", HEAD "\nm\n",
     "-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n", false, false},
    {HEAD "encoding x\n" SIG "other y\n z\n\nm", HEAD "encoding x\nother y\n z\n\nm",
     "-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n", false, false},
    {HEAD "gpgsig-sha256 s\n t\nmergetag a\n gpgsig b\n\n", HEAD "mergetag a\n gpgsig b\n\n", "",
     false, false},
    {HEAD "gpgsig a\ngpgsig b\n\nm", HEAD "\nm", "a\nb\n", true, false},
    {HEAD "\ngpgsig in the message\n", HEAD "\ngpgsig in the message\n", "", false, false},
    {HEAD "\nm\n\nARGOCD-gpg-Seal: yes\n", HEAD "\nm\n\nARGOCD-gpg-Seal: yes\n", "", false, true},
    {HEAD "\nno Argocd-gpg-seal: here\n", HEAD "\nno Argocd-gpg-seal: here\n", "", false, false},
    {HEAD "Argocd-gpg-seal: x\n\nm", HEAD "Argocd-gpg-seal: x\n\nm", "", false, false},
};

static void parses_commits(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(COMMITS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct signed_commit c;
        struct err err;
        ASSERT_OK(signed_commit_parse(arena, str_from(COMMITS[i].raw), &c, &err));
        ASSERT_STR(c.parts.payload, COMMITS[i].payload);
        ASSERT_STR(c.parts.signature, COMMITS[i].signature);
        ASSERT_STR(c.parts.who, "A B <a@b>");
        assert_int_equal(c.parts.odd, COMMITS[i].odd);
        assert_int_equal(c.seal, COMMITS[i].seal);
        assert_int_equal(c.n_parents, 1);
        assert_int_equal(c.date_s, 9);
    }
}

static void refuses_malformed_commits(void **state UNUSED)
{
    static const char *const RAW[] = {
        "",
        "tree " ID,
        "tree 12\n",
        "parent " ID "\n" HEAD "\n",
        "gpgsig x\n" HEAD "\nm",
        "tree " ID "\ngpgsig x\nauthor A <a> 1 +0\ncommitter A <a> 1 +0\n\nm",
        "tree " ID "\nauthor A <a> 1 +0\n\n",
        HEAD,
        HEAD "gpgsig x",
    };
    for (size_t i = 0; i < ARRAY_LEN(RAW); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct signed_commit c;
        struct err err;
        ASSERT_ERR(signed_commit_parse(arena, str_from(RAW[i]), &c, &err), ERR_INVALID,
                   "malformed Git commit");
    }
}

#define TAG  "object " ID "\ntype commit\ntag v1\ntagger A B <a@b> 7 +0100\n\nm\n"
#define PGP  "-----BEGIN PGP SIGNATURE-----\niQ\n-----END PGP SIGNATURE-----\n"
#define SSHS "-----BEGIN SSH SIGNATURE-----\nU1\n-----END SSH SIGNATURE-----\n"

static void parses_tags(void **state UNUSED)
{
    static const struct {
        const char *raw, *payload, *signature, *who;
    } TAGS[] = {
        {TAG, TAG, "", "A B \"<a@b>\""},
        {TAG PGP, TAG, PGP, "A B \"<a@b>\""},
        {TAG SSHS, TAG, SSHS, "A B \"<a@b>\""},
        {TAG PGP "more\n" PGP, TAG PGP "more\n", PGP, "A B \"<a@b>\""},
        {TAG " " PGP, TAG " " PGP, "", "A B \"<a@b>\""},
        {"object " ID "\ntype tag\ntag v1\n\nm", "object " ID "\ntype tag\ntag v1\n\nm", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(TAGS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct signed_tag t;
        struct err err;
        ASSERT_OK(signed_tag_parse(arena, str_from(TAGS[i].raw), &t, &err));
        ASSERT_STR(t.parts.payload, TAGS[i].payload);
        ASSERT_STR(t.parts.signature, TAGS[i].signature);
        ASSERT_STR(t.parts.who, TAGS[i].who);
        assert_int_equal(t.target.bytes[0], 0x11);
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct signed_tag t;
    struct err err;
    ASSERT_ERR(signed_tag_parse(arena, STR("type commit\n"), &t, &err), ERR_INVALID, "malformed");
    ASSERT_ERR(signed_tag_parse(arena, STR("object " ID "\ntype blob\ntag key\n\n"), &t, &err),
               ERR_INVALID, "tag 'key' is not of a commit");
}

static void knows_kinds_of_signatures(void **state UNUSED)
{
    assert_true(signed_is_openpgp(STR(PGP)));
    assert_false(signed_is_openpgp(STR(SSHS)));
    assert_false(signed_is_openpgp(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_commits),
        cmocka_unit_test(refuses_malformed_commits),
        cmocka_unit_test(parses_tags),
        cmocka_unit_test(knows_kinds_of_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
