/* Lists of references and what revisions mean in them. */
#include "repo-server/git/refs.h"
#include "tests/lib/check.h"

#define SHA(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c

static const struct refs_advert ADVERTS[] = {
    {{"HEAD", 4}, {SHA("a"), 40}, {"refs/heads/main", 15}},
    {{"refs/tags/v1", 12}, {SHA("d"), 40}, {"", 0}},
    {{"refs/tags/v1^{}", 15}, {SHA("b"), 40}, {"", 0}},
    {{"refs/tags/both", 14}, {SHA("b"), 40}, {"", 0}},
    {{"refs/heads/main", 15}, {SHA("a"), 40}, {"", 0}},
    {{"refs/heads/both", 15}, {SHA("c"), 40}, {"", 0}},
    {{"refs/heads/deadbeef", 19}, {SHA("e"), 40}, {"", 0}},
    {{"refs/pull/1/head", 16}, {SHA("f"), 40}, {"", 0}},
};

static void resolves(void **state UNUSED)
{
    static const struct {
        const char *revision, *oid, *ref;
    } CASES[] = {
        {"", SHA("a"), "HEAD"},
        {"HEAD", SHA("a"), "HEAD"},
        {"main", SHA("a"), "refs/heads/main"},
        {"heads/main", SHA("a"), "refs/heads/main"},
        {"refs/heads/main", SHA("a"), "refs/heads/main"},
        {"v1", SHA("b"), "refs/tags/v1"},
        {"both", SHA("c"), "refs/heads/both"},
        {"refs/tags/both", SHA("b"), "refs/tags/both"},
        {"deadbeef", SHA("e"), "refs/heads/deadbeef"},
        {"refs/pull/1/head", SHA("f"), "refs/pull/1/head"},
        {"pull/1/head", SHA("f"), "refs/pull/1/head"},
        {SHA("9"), SHA("9"), NULL},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct refs refs = refs_build(arena, ADVERTS, ARRAY_LEN(ADVERTS));
    struct err err;
    assert_int_equal(refs.n, ARRAY_LEN(ADVERTS) - 1);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct refs_resolved got;
        ASSERT_OK(refs_resolve(&refs, str_from(CASES[i].revision), &got, &err));
        ASSERT_STR(got.oid, CASES[i].oid);
        assert_int_equal(got.kind, REFS_COMMIT);
        if (CASES[i].ref != NULL) {
            ASSERT_STR(got.ref->name, CASES[i].ref);
        } else {
            assert_null(got.ref);
        }
    }
}

static void leaves_short_shas_to_the_mirror(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct refs refs = refs_build(arena, ADVERTS, ARRAY_LEN(ADVERTS));
    struct refs_resolved got;
    struct err err;
    ASSERT_OK(refs_resolve(&refs, STR("abcdef1"), &got, &err));
    assert_int_equal(got.kind, REFS_PREFIX);
    ASSERT_ERR(refs_resolve(&refs, STR("abcdef"), &got, &err), ERR_NOT_FOUND,
               "unable to resolve 'abcdef' to a commit SHA");
    ASSERT_ERR(refs_resolve(&refs, STR("nope"), &got, &err), ERR_NOT_FOUND, "'nope'");
}

static void tells_an_empty_repository(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct refs refs = refs_build(arena, NULL, 0);
    struct refs_resolved got;
    struct err err;
    ASSERT_ERR(refs_resolve(&refs, STR(""), &got, &err), ERR_NOT_FOUND, "'HEAD'");
    assert_non_null(strstr(err.message, "empty"));
}

static void follows_symbolic_references_a_few_times(void **state UNUSED)
{
    static const struct refs_advert LOOP[] = {
        {{"HEAD", 4}, {"", 0}, {"refs/heads/a", 12}},
        {{"refs/heads/a", 12}, {"", 0}, {"HEAD", 4}},
        {{"refs/heads/b", 12}, {"", 0}, {"refs/heads/c", 12}},
        {{"refs/heads/c", 12}, {SHA("c"), 40}, {"", 0}},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct refs refs = refs_build(arena, LOOP, ARRAY_LEN(LOOP));
    struct refs_resolved got;
    struct err err;
    ASSERT_OK(refs_resolve(&refs, STR("b"), &got, &err));
    ASSERT_STR(got.oid, SHA("c"));
    ASSERT_ERR(refs_resolve(&refs, STR("a"), &got, &err), ERR_NOT_FOUND, "'a'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolves),
        cmocka_unit_test(leaves_short_shas_to_the_mirror),
        cmocka_unit_test(tells_an_empty_repository),
        cmocka_unit_test(follows_symbolic_references_a_few_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
