/* Verdicts: asked of the helper once, remembered, and asked again when anything is different. */
#include "repo-server/verifier.h"
#include "tests/lib/helper_fixture.h"
#include "tests/lib/signed_fixture.h"

struct fixture {
    struct helper_fixture helper;
    struct verifier *verifier;
    Belay__Integrity integrity;
    Belay__PublicKey key;
    Belay__PublicKey *keyring[1];
    char *allowed[1];
    struct verifier_want want;
    bool idle;
};

struct answer {
    struct verifier_waiter waiter;
    bool done;
    size_t n_problems;
    struct err err;
    bool damaged;
};

static void on_done(struct verifier_waiter *waiter, const struct verifier_outcome *outcome)
{
    struct answer *a = CONTAINER_OF(waiter, struct answer, waiter);
    assert_false(a->done);
    a->done = true;
    a->damaged = outcome->mirror_damaged;
    if (outcome->err != NULL) {
        a->err = *outcome->err;
        return;
    }
    a->n_problems = outcome->result->n_problems;
}

static bool is_done(void *data)
{
    return ((struct answer *)data)->done;
}

static void on_idle(void *data)
{
    ((struct fixture *)data)->idle = true;
}

static bool is_idle(void *data)
{
    return ((struct fixture *)data)->idle;
}

static struct answer ask(struct fixture *f)
{
    static struct answer a;
    struct err err;
    a = (struct answer){.waiter.done = on_done};
    ASSERT_OK(verifier_join(f->verifier, f->helper.repo.arena, &f->want, &a.waiter, &err));
    assert_false(a.done);
    helper_fixture_wait(&f->helper, is_done, &a);
    return a;
}

static void set_policy(struct fixture *f, const char *mode, const char *key)
{
    belay__integrity__init(&f->integrity);
    f->integrity.mode = arena_strdup(f->helper.repo.arena, mode);
    f->allowed[0] = arena_strdup(f->helper.repo.arena, key);
    f->integrity.keys = f->allowed;
    f->integrity.n_keys = 1;
}

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    helper_fixture_init(&f.helper);
    signed_fixture_fill(&f.helper.repo);
    struct verifier_options options = {.loop = f.helper.loop,
                                       .store = f.helper.store,
                                       .gpgv = "/usr/bin/gpgv",
                                       .max_helpers = 2,
                                       .timeout_ms = HELPER_FIXTURE_MS};
    f.verifier = verifier_new(&options);
    belay__public_key__init(&f.key);
    f.key.id = arena_strdup(f.helper.repo.arena, ALICE_KEY);
    f.key.armored =
        arena_strdup(f.helper.repo.arena, signed_fixture_read(f.helper.repo.arena, "alice.asc").p);
    f.keyring[0] = &f.key;
    set_policy(&f, "head", ALICE_KEY);
    f.want = (struct verifier_want){.integrity = &f.integrity,
                                    .keyring = f.keyring,
                                    .n_keyring = 1,
                                    .commit = STR(SIGNED_TOP),
                                    .mirror = str_from(f.helper.repo.path),
                                    .repo_key = STR("key"),
                                    .shown = STR("r")};
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    verifier_stop(f->verifier, on_idle, f);
    helper_fixture_wait(&f->helper, is_idle, f);
    struct answer a = {.waiter.done = on_done};
    struct err err;
    ASSERT_ERR(verifier_join(f->verifier, f->helper.repo.arena, &f->want, &a.waiter, &err),
               ERR_CANCELED, "shutting down");
    verifier_free(f->verifier);
    helper_fixture_done(&f->helper);
    return 0;
}

static void remembers_by_all_that_counts(void **state)
{
    struct fixture *f = *state;
    assert_null(verifier_find(f->verifier, &f->want));
    assert_int_equal(ask(f).n_problems, 0);
    const Belay__IntegrityResult *known = verifier_find(f->verifier, &f->want);
    assert_non_null(known);
    assert_int_equal(known->n_problems, 0);
    assert_string_equal(known->signature,
                        "Good signature from Alice <alice@example.com> key " ALICE_KEY);
    f->want.commit = STR(SIGNED_MID);
    assert_null(verifier_find(f->verifier, &f->want));
    assert_int_equal(ask(f).n_problems, 1);
    assert_int_equal(verifier_find(f->verifier, &f->want)->n_problems, 1);
    f->want.tag = STR(SIGNED_V1);
    f->want.tag_name = STR("v1");
    assert_null(verifier_find(f->verifier, &f->want));
    assert_int_equal(ask(f).n_problems, 0);
    set_policy(f, "head", BOB_KEY);
    assert_null(verifier_find(f->verifier, &f->want));
    set_policy(f, "strict", ALICE_KEY);
    assert_null(verifier_find(f->verifier, &f->want));
    set_policy(f, "head", ALICE_KEY);
    assert_non_null(verifier_find(f->verifier, &f->want));
    f->want.n_keyring = 0;
    assert_null(verifier_find(f->verifier, &f->want));
}

/* An unsigned commit before one that has passed is not looked at: that one was a seal when it did. */
static void a_history_is_looked_at_once(void **state)
{
    struct fixture *f = *state;
    set_policy(f, "strict", ALICE_KEY);
    assert_int_equal(ask(f).n_problems, 1);
    f->want.commit = STR(SIGNED_SEAL);
    assert_int_equal(ask(f).n_problems, 0);
    f->want.commit = STR(SIGNED_MERGE);
    assert_int_equal(ask(f).n_problems, 1); /* Bob's */
    f->want.repo_key = STR("another");
    f->want.commit = STR(SIGNED_SEAL);
    assert_int_equal(ask(f).n_problems, 0);
}

static void errors_are_not_remembered(void **state)
{
    struct fixture *f = *state;
    f->want.commit = STR("1111111111111111111111111111111111111111");
    struct answer a = ask(f);
    assert_int_equal(a.err.code, ERR_INTERNAL);
    assert_true(a.damaged);
    assert_null(verifier_find(f->verifier, &f->want));
}

static void one_who_left_is_not_told(void **state)
{
    struct fixture *f = *state;
    static struct answer left;
    struct err err;
    left = (struct answer){.waiter.done = on_done};
    ASSERT_OK(verifier_join(f->verifier, f->helper.repo.arena, &f->want, &left.waiter, &err));
    verifier_leave(&left.waiter);
    assert_int_equal(ask(f).n_problems, 0);
    assert_false(left.done);
}

static void knows_what_is_wanted(void **state UNUSED)
{
    Belay__Integrity integrity;
    char text[] = "head";
    belay__integrity__init(&integrity);
    assert_false(verifier_is_wanted(NULL));
    assert_false(verifier_is_wanted(&integrity));
    integrity.problem = text;
    assert_true(verifier_is_wanted(&integrity));
    belay__integrity__init(&integrity);
    integrity.mode = text;
    assert_true(verifier_is_wanted(&integrity));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(remembers_by_all_that_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(a_history_is_looked_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_are_not_remembered, setup, teardown),
        cmocka_unit_test_setup_teardown(one_who_left_is_not_told, setup, teardown),
        cmocka_unit_test(knows_what_is_wanted),
    };
    helper_fixture_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
