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

static int resolve(const struct refs *refs,
                   const char *revision,
                   const char *prefix,
                   struct refs_resolved *ret,
                   struct err *err)
{
    return refs_resolve(refs, &(struct refs_wanted){str_from(revision), str_from(prefix)}, ret,
                        err);
}

static void knows_annotated_tags(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct refs refs = refs_build(arena, ADVERTS, ARRAY_LEN(ADVERTS));
    ASSERT_STR(refs_find(&refs, STR("refs/tags/v1"))->tag, SHA("d"));
    ASSERT_STR(refs_find(&refs, STR("refs/tags/both"))->tag, "");
    ASSERT_STR(refs_find(&refs, STR("refs/heads/main"))->tag, "");
}

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
        ASSERT_OK(resolve(&refs, CASES[i].revision, "", &got, &err));
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
    ASSERT_OK(resolve(&refs, "abcdef1", "", &got, &err));
    assert_int_equal(got.kind, REFS_PREFIX);
    ASSERT_ERR(resolve(&refs, "abcdef", "", &got, &err), ERR_NOT_FOUND,
               "unable to resolve 'abcdef' to a commit SHA");
    ASSERT_ERR(resolve(&refs, "nope", "", &got, &err), ERR_NOT_FOUND, "'nope'");
}

static void tells_an_empty_repository(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct refs refs = refs_build(arena, NULL, 0);
    struct refs_resolved got;
    struct err err;
    ASSERT_ERR(resolve(&refs, "", "", &got, &err), ERR_NOT_FOUND, "'HEAD'");
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
    ASSERT_OK(resolve(&refs, "b", "", &got, &err));
    ASSERT_STR(got.oid, SHA("c"));
    ASSERT_ERR(resolve(&refs, "a", "", &got, &err), ERR_NOT_FOUND, "'a'");
}

static const struct refs_advert RELEASES[] = {
    {{"HEAD", 4}, {SHA("0"), 40}, {"refs/heads/main", 15}},
    {{"refs/heads/main", 15}, {SHA("0"), 40}, {"", 0}},
    {{"refs/heads/1.4", 14}, {SHA("1"), 40}, {"", 0}},
    {{"refs/heads/9.x", 14}, {SHA("2"), 40}, {"", 0}},
    {{"refs/tags/v1.2.9", 16}, {SHA("3"), 40}, {"", 0}},
    {{"refs/tags/v1.2.10", 17}, {SHA("9"), 40}, {"", 0}},
    {{"refs/tags/v1.2.10^{}", 20}, {SHA("4"), 40}, {"", 0}},
    {{"refs/tags/2.0.0-rc.1", 20}, {SHA("5"), 40}, {"", 0}},
    {{"refs/tags/nightly", 17}, {SHA("6"), 40}, {"", 0}},
    {{"refs/tags/web/1.0.0", 19}, {SHA("7"), 40}, {"", 0}},
    {{"refs/tags/web/1.0.1", 19}, {SHA("8"), 40}, {"", 0}},
};

static void chooses_the_newest_tag_of_a_range(void **state UNUSED)
{
    static const struct {
        const char *revision, *prefix, *oid;
    } CASES[] = {
        {"1.2.*", "", SHA("4")},
        {"^1.0", "", SHA("4")},
        {">=1.2.0, <1.2.10", "", SHA("3")},
        {"*", "", SHA("4")}, /* no prerelease */
        {">=1.0.0-0", "", SHA("5")},
        {"1.4", "", SHA("1")}, /* a version, no range: the branch */
        {"9.x", "", SHA("2")}, /* no tag satisfies it: the branch */
        {"v1.2.9", "", SHA("3")},
        {"1.0.*", "web/", SHA("8")},
        {"1.0.0", "web/", SHA("7")},
        {"main", "web/", SHA("0")},
        {"", "web/", SHA("0")},
        {"nightly", "web/", SHA("6")},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct refs refs = refs_build(arena, RELEASES, ARRAY_LEN(RELEASES));
    struct refs_resolved got;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_OK(resolve(&refs, CASES[i].revision, CASES[i].prefix, &got, &err));
        ASSERT_STR(got.oid, CASES[i].oid);
    }
    ASSERT_ERR(resolve(&refs, "3.*", "", &got, &err), ERR_NOT_FOUND,
               "unable to resolve '3.*' to a commit SHA");
    ASSERT_ERR(resolve(&refs, "2.*", "web/", &got, &err), ERR_NOT_FOUND, "'2.*'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_annotated_tags),
        cmocka_unit_test(resolves),
        cmocka_unit_test(leaves_short_shas_to_the_mirror),
        cmocka_unit_test(tells_an_empty_repository),
        cmocka_unit_test(follows_symbolic_references_a_few_times),
        cmocka_unit_test(chooses_the_newest_tag_of_a_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
