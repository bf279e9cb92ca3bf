/* Verifications as the helper makes them. */
#include "repo-server/git/verify.h"
#include "tests/lib/signed_fixture.h"
#include "tests/lib/tmp_dir.h"

static struct repo_fixture f;
static char home[TMP_DIR_BYTES];
static char *alice;
static char *bob;

static int setup(void **state UNUSED)
{
    repo_fixture_init(&f);
    signed_fixture_fill(&f);
    tmp_dir_new(home);
    alice = arena_strdup(f.arena, signed_fixture_read(f.arena, "alice.asc").p);
    bob = arena_strdup(f.arena, signed_fixture_read(f.arena, "bob.asc").p);
    return 0;
}

static int teardown(void **state UNUSED)
{
    tmp_dir_remove(home);
    repo_fixture_done(&f);
    return 0;
}

enum { BOTH = 3, ALICE = 1, BOB = 2 };

static const struct {
    const char *commit, *tag, *mode;
    int allowed, known;
    const char *verified;
    const char *signature;
    const char *problems[3];
} CASES[] = {
    {SIGNED_TOP,
     "",
     "head",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {NULL}},
    {SIGNED_MID,
     "",
     "head",
     ALICE,
     BOTH,
     NULL,
     "Revision is not signed.",
     {"GIT/GPG: Failed verifying revision " SIGNED_MID
      " by 'Alice <alice@example.com>': unsigned (key_id=)"}},
    {SIGNED_BOBS,
     "",
     "head",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " BOB_SUBKEY,
     {"GIT/GPG: Failed verifying revision " SIGNED_BOBS
      " by 'Alice <alice@example.com>': signed with unallowed key (key_id=" BOB_SUBKEY ")"}},
    {SIGNED_BOBS,
     "",
     "head",
     BOB,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " BOB_SUBKEY,
     {NULL}},
    {SIGNED_BOBS,
     "",
     "head",
     BOTH,
     ALICE,
     NULL,
     "Invalid signature from Alice <alice@example.com> key " BOB_SUBKEY,
     {"GIT/GPG: Failed verifying revision " SIGNED_BOBS
      " by 'Alice <alice@example.com>': signed with key not in keyring (key_id=" BOB_SUBKEY ")"}},
    /* tags: only they count in head mode */
    {SIGNED_MID,
     SIGNED_V1,
     "head",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice \"<alice@example.com>\" key " ALICE_KEY,
     {NULL}},
    {SIGNED_MID,
     SIGNED_V3,
     "head",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice \"<alice@example.com>\" key " ALICE_KEY,
     {NULL}},
    {SIGNED_MID,
     SIGNED_V2,
     "head",
     ALICE,
     BOTH,
     NULL,
     "Revision is not signed.",
     {"GIT/GPG: Failed verifying revision vX by 'Alice \"<alice@example.com>\"': unsigned "
      "(key_id=)"}},
    {SIGNED_MID,
     SIGNED_V1,
     "head",
     BOB,
     BOTH,
     NULL,
     "Good signature from Alice \"<alice@example.com>\" key " ALICE_KEY,
     {"GIT/GPG: Failed verifying revision vX by 'Alice \"<alice@example.com>\"': signed with "
      "unallowed key (key_id=" ALICE_KEY ")"}},
    /* histories */
    {SIGNED_ROOT,
     "",
     "strict",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {NULL}},
    {SIGNED_TOP,
     "",
     "strict",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {"GIT/GPG: Failed verifying revision " SIGNED_MID
      " by 'Alice <alice@example.com>': unsigned (key_id=)"}},
    {SIGNED_TOP,
     "",
     "strict",
     ALICE,
     BOTH,
     SIGNED_MID,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {NULL}},
    {SIGNED_SEAL,
     "",
     "strict",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {NULL}},
    {SIGNED_MERGE,
     "",
     "strict",
     BOTH,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {NULL}},
    {SIGNED_MERGE,
     "",
     "strict",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {"GIT/GPG: Failed verifying revision " SIGNED_BOBS
      " by 'Alice <alice@example.com>': signed with unallowed key (key_id=" BOB_SUBKEY ")"}},
    /* a seal of somebody else is none; of many commits of one key one is told */
    {SIGNED_SEAL,
     "",
     "strict",
     BOB,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {"GIT/GPG: Failed verifying revision " SIGNED_SEAL
      " by 'Alice <alice@example.com>': signed with unallowed key (key_id=" ALICE_KEY ")",
      "GIT/GPG: Failed verifying revision " SIGNED_MID
      " by 'Alice <alice@example.com>': unsigned (key_id=)"}},
    {SIGNED_OLD,
     "",
     "strict",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice <alice@example.com> key " ALICE_KEY,
     {"GIT/GPG: Failed verifying revision " SIGNED_MID
      " by 'Alice <alice@example.com>': unsigned (key_id=)"}},
    {SIGNED_MID,
     SIGNED_V1,
     "strict",
     ALICE,
     BOTH,
     NULL,
     "Good signature from Alice \"<alice@example.com>\" key " ALICE_KEY,
     {"GIT/GPG: Failed verifying revision " SIGNED_MID
      " by 'Alice <alice@example.com>': unsigned (key_id=)"}},
};

struct want {
    Belay__GitWorkerRequest request;
    Belay__GitWorkerVerify verify;
    Belay__PublicKey keys[2];
    Belay__PublicKey *keyring[2];
    char *allowed[2];
    char *verified[1];
};

static void init_want(struct want *w, const char *commit, const char *tag, const char *mode)
{
    belay__git_worker_request__init(&w->request);
    belay__git_worker_verify__init(&w->verify);
    w->request.mirror = f.path;
    w->request.home = home;
    w->request.verify = &w->verify;
    w->verify.commit = arena_strdup(f.arena, commit);
    w->verify.tag = arena_strdup(f.arena, tag);
    w->verify.tag_name = arena_strdup(f.arena, "vX");
    w->verify.mode = arena_strdup(f.arena, mode);
    w->verify.gpgv = arena_strdup(f.arena, "/usr/bin/gpgv");
    w->verify.keyring = w->keyring;
    w->verify.keys = w->allowed;
    w->verify.verified = w->verified;
}

static void add_key(struct want *w, char *armored)
{
    Belay__PublicKey *key = &w->keys[w->verify.n_keyring];
    belay__public_key__init(key);
    key->id = arena_strdup(f.arena, "entry");
    key->armored = armored;
    w->keyring[w->verify.n_keyring++] = key;
}

static void allow(struct want *w, const char *key)
{
    w->allowed[w->verify.n_keys++] = arena_strdup(f.arena, key);
}

static void tells_problems(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct want w = {0};
        Belay__IntegrityResult *result = NULL;
        struct err err;
        init_want(&w, CASES[i].commit, CASES[i].tag, CASES[i].mode);
        if ((CASES[i].known & ALICE) != 0) {
            add_key(&w, alice);
        }
        if ((CASES[i].known & BOB) != 0) {
            add_key(&w, bob);
        }
        if ((CASES[i].allowed & ALICE) != 0) {
            allow(&w, "fb3ecb13a0886942");
        }
        if ((CASES[i].allowed & BOB) != 0) {
            allow(&w, "3AC089144EA25731E37C13ED" BOB_KEY);
        }
        if (CASES[i].verified != NULL) {
            w.verified[w.verify.n_verified++] = arena_strdup(f.arena, CASES[i].verified);
        }
        ASSERT_OK(verify_run(f.arena, &w.request, &result, &err));
        assert_string_equal(result->signature, CASES[i].signature);
        for (size_t k = 0; k < result->n_problems; k++) {
            assert_non_null(CASES[i].problems[k]);
            assert_string_equal(result->problems[k], CASES[i].problems[k]);
        }
        assert_null(CASES[i].problems[result->n_problems]);
    }
}

static void a_broken_key_is_told_with_a_failure(void **state UNUSED)
{
    struct want w = {0};
    Belay__IntegrityResult *result = NULL;
    struct err err;
    init_want(&w, SIGNED_TOP, "", "head");
    add_key(&w, arena_strdup(f.arena, "nothing"));
    add_key(&w, alice);
    allow(&w, ALICE_KEY);
    ASSERT_OK(verify_run(f.arena, &w.request, &result, &err));
    assert_int_equal(result->n_problems, 0);
    w.verify.commit = arena_strdup(f.arena, SIGNED_MID);
    ASSERT_OK(verify_run(f.arena, &w.request, &result, &err));
    assert_int_equal(result->n_problems, 2);
    assert_string_equal(result->problems[1],
                        "GIT/GPG: key 'entry' of the keyring: no armoured OpenPGP public key");
}

static void what_cannot_be_known_is_an_error(void **state UNUSED)
{
    struct want w = {0};
    Belay__IntegrityResult *result = NULL;
    struct err err;
    init_want(&w, SIGNED_TOP, "", "loose");
    ASSERT_ERR(verify_run(f.arena, &w.request, &result, &err), ERR_INVALID,
               "unknown GPG mode \"loose\" configured for GIT source integrity");
    w.verify.mode = arena_strdup(f.arena, "head");
    w.verify.tag = arena_strdup(f.arena, SIGNED_V1);
    ASSERT_ERR(verify_run(f.arena, &w.request, &result, &err), ERR_CONFLICT,
               "tag 'vX': it does not lead to the commit any more");
    w.verify.tag = arena_strdup(f.arena, "");
    w.verify.gpgv = arena_strdup(f.arena, "/nonexistent/gpgv");
    ASSERT_ERR(verify_run(f.arena, &w.request, &result, &err), ERR_UNAVAILABLE, "cannot run");
    w.verify.commit = arena_strdup(f.arena, "12");
    ASSERT_ERR(verify_run(f.arena, &w.request, &result, &err), ERR_INVALID, "no object id");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_problems),
        cmocka_unit_test(a_broken_key_is_told_with_a_failure),
        cmocka_unit_test(what_cannot_be_known_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
