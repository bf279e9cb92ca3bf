/* The manifest cache: commits, variants, eviction, failures. */
#include "repo-server/manifest_cache.h"
#include "repo-server/source/source.h"
#include "tests/lib/repo_fixture.h"

static const struct object_id NO_TREE;

/* An entry with an empty read-set and about `bytes` of content. */
static struct manifest_entry *make_entry(size_t bytes)
{
    struct source *source = source_new(NULL, &NO_TREE);
    struct manifest_set set = {.arena = arena_new(), .source_type = "Directory"};
    (void)arena_alloc(set.arena, bytes);
    struct manifest_inputs inputs = {.n_trees = 1};
    inputs.trees = ARENA_NEW(set.arena, struct manifest_tree);
    inputs.trees[0].reads = source_read_set(source, false);
    struct manifest_entry *e = manifest_entry_new(&set, &inputs);
    source_free(source);
    return e;
}

static struct str sha(char c)
{
    static char text[41];
    memset(text, c, 40);
    return str_of(text, 40);
}

static void put(struct manifest_cache *cache, const char *key, char commit, size_t bytes)
{
    struct manifest_entry *e = make_entry(bytes);
    manifest_cache_put(cache, str_from(key), sha(commit), e);
    manifest_entry_unref(e);
}

static void remembers_by_commit(void **state UNUSED)
{
    struct manifest_cache_options options = {.max_bytes = 1 << 20};
    AUTO(manifest_cache) struct manifest_cache *cache = manifest_cache_new(&options);
    put(cache, "k", 'a', 10);
    struct manifest_entry *e = manifest_cache_find(cache, STR("k"), sha('a'));
    assert_non_null(e);
    assert_null(manifest_cache_find(cache, STR("k"), sha('b')));
    assert_null(manifest_cache_find(cache, STR("other"), sha('a')));
    manifest_cache_put(cache, STR("k"), sha('b'), e); /* proved to be the same */
    assert_ptr_equal(manifest_cache_find(cache, STR("k"), sha('b')), e);
    for (int i = 0; i < MANIFEST_CACHE_COMMITS + 2; i++) {
        manifest_cache_put(cache, STR("k"), sha((char)('c' + i)), e);
    }
    assert_null(manifest_cache_find(cache, STR("k"), sha('a')));
}

static void keeps_a_few_variants(void **state UNUSED)
{
    struct manifest_cache_options options = {.max_bytes = 1 << 20};
    AUTO(manifest_cache) struct manifest_cache *cache = manifest_cache_new(&options);
    struct manifest_entry *variants[MANIFEST_CACHE_VARIANTS];
    assert_int_equal(manifest_cache_variants(cache, STR("k"), variants), 0);
    for (char c = 'a'; c < 'a' + MANIFEST_CACHE_VARIANTS + 1; c++) {
        put(cache, "k", c, 10);
    }
    assert_null(manifest_cache_find(cache, STR("k"), sha('a')));
    assert_non_null(manifest_cache_find(cache, STR("k"), sha('b')));
    size_t n = manifest_cache_variants(cache, STR("k"), variants);
    assert_int_equal(n, MANIFEST_CACHE_VARIANTS);
    assert_ptr_equal(variants[0], manifest_cache_find(cache, STR("k"), sha('e')));
    for (size_t i = 0; i < n; i++) {
        manifest_entry_unref(variants[i]);
    }
}

static void forgets_what_was_not_used_for_longest(void **state UNUSED)
{
    struct manifest_cache_options options = {.max_bytes = 300 * 1000};
    AUTO(manifest_cache) struct manifest_cache *cache = manifest_cache_new(&options);
    put(cache, "one", 'a', 100 * 1000);
    put(cache, "two", 'a', 100 * 1000);
    assert_non_null(manifest_cache_find(cache, STR("one"), sha('a')));
    put(cache, "three", 'a', 100 * 1000);
    assert_null(manifest_cache_find(cache, STR("two"), sha('a')));
    assert_non_null(manifest_cache_find(cache, STR("one"), sha('a')));
    put(cache, "huge", 'a', 1000 * 1000);
    assert_non_null(manifest_cache_find(cache, STR("huge"), sha('a')));
    assert_int_equal(manifest_cache_stats(cache).n_keys, 1);
    put(cache, "small", 'a', 10);
    assert_int_equal(manifest_cache_stats(cache).n_keys, 1);
    assert_true(manifest_cache_stats(cache).bytes < options.max_bytes);
}

static void serves_errors_after_some_failures(void **state UNUSED)
{
    struct manifest_cache_options options = {
        .max_bytes = 1 << 20, .fail_attempts = 2, .fail_ms = 1000, .fail_requests = 0};
    AUTO(manifest_cache) struct manifest_cache *cache = manifest_cache_new(&options);
    struct err err;
    struct err got;
    (void)err_set(&err, ERR_INVALID, "broken");
    manifest_cache_fail(cache, STR("k"), sha('a'), &err, 0);
    assert_false(manifest_cache_failure(cache, STR("k"), sha('a'), 1, &got));
    manifest_cache_fail(cache, STR("k"), sha('a'), &err, 10);
    assert_true(manifest_cache_failure(cache, STR("k"), sha('a'), 11, &got));
    check_contains(&got, "Manifest generation error (cached): broken");
    assert_false(manifest_cache_failure(cache, STR("k"), sha('b'), 11, &got));
    assert_false(manifest_cache_failure(cache, STR("k"), sha('a'), 1010, &got));
    manifest_cache_fail(cache, STR("k"), sha('a'), &err, 2000);
    manifest_cache_fail(cache, STR("k"), sha('b'), &err, 2000);
    assert_false(manifest_cache_failure(cache, STR("k"), sha('b'), 2001, &got));
    manifest_cache_fail(cache, STR("k"), sha('b'), &err, 2000);
    assert_true(manifest_cache_failure(cache, STR("k"), sha('b'), 2001, &got));
    manifest_cache_forget_failure(cache, STR("k"));
    assert_false(manifest_cache_failure(cache, STR("k"), sha('b'), 2001, &got));
}

static void serves_errors_to_some_requests(void **state UNUSED)
{
    struct manifest_cache_options options = {
        .max_bytes = 1 << 20, .fail_attempts = 1, .fail_requests = 2};
    AUTO(manifest_cache) struct manifest_cache *cache = manifest_cache_new(&options);
    struct err err;
    (void)err_set(&err, ERR_INVALID, "broken");
    manifest_cache_fail(cache, STR("k"), sha('a'), &err, 0);
    assert_true(manifest_cache_failure(cache, STR("k"), sha('a'), 0, &err));
    assert_true(manifest_cache_failure(cache, STR("k"), sha('a'), 0, &err));
    assert_false(manifest_cache_failure(cache, STR("k"), sha('a'), 0, &err));
    put(cache, "k", 'a', 10);
    assert_false(manifest_cache_failure(cache, STR("k"), sha('a'), 0, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_by_commit),
        cmocka_unit_test(keeps_a_few_variants),
        cmocka_unit_test(forgets_what_was_not_used_for_longest),
        cmocka_unit_test(serves_errors_after_some_failures),
        cmocka_unit_test(serves_errors_to_some_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
