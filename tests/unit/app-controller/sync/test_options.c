/* Sync options on the levels they count on. */
#include "app-controller/sync/options.h"
#include "tests/lib/parse.h"

static struct sync_options app_options(const struct str *words, size_t n)
{
    struct sync_options options = sync_options_default();
    sync_options_add(&options, (struct app_strs){words, n});
    return options;
}

static void options_of_applications(void **state UNUSED)
{
    const struct str words[] = {
        STR("CreateNamespace=true"), STR("Prune=confirm"), STR("PrunePropagationPolicy=background"),
        STR("Validate=false"),       STR("Force=true"),    STR("Unheard=of")};
    struct sync_options o = app_options(words, ARRAY_LEN(words));
    assert_true(o.create_namespace);
    assert_int_equal(o.prune, SYNC_CONSENT_ASK);
    assert_int_equal(o.delete, SYNC_CONSENT_GIVEN);
    assert_string_equal(sync_propagation_name(o.prune_propagation), "Background");
    assert_false(o.validate);
    assert_false(o.force); /* comes from the strategy */
    assert_true(o.client_side_apply_migration);
}

static void later_words_win_and_refusal_is_final(void **state UNUSED)
{
    const struct str words[] = {STR("ServerSideApply=true"), STR("ServerSideApply=false"),
                                STR("Prune=false"), STR("Prune=confirm")};
    struct sync_options o = app_options(words, ARRAY_LEN(words));
    assert_false(o.server_side_apply);
    assert_int_equal(o.prune, SYNC_CONSENT_REFUSED);
}

static void annotations_count_where_they_belong(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct str words[] = {STR("ServerSideApply=true")};
    struct sync_options app = app_options(words, 1);
    const struct value *obj = parse_yaml(
        arena, "{metadata: {annotations: {" SYNC_OPTIONS_ANNOTATION
               ": 'Prune=false, Replace=true,Force=true, ServerSideApply=false, PruneLast=true, "
               "CreateNamespace=true'}}}");
    struct sync_options target = sync_options_of(&app, obj, NULL);
    assert_true(target.replace && target.force);
    assert_false(target.server_side_apply);
    assert_int_equal(target.prune, SYNC_CONSENT_GIVEN);
    struct sync_options live = sync_options_of(&app, NULL, obj);
    assert_int_equal(live.prune, SYNC_CONSENT_REFUSED);
    assert_true(live.prune_last && live.replace && live.server_side_apply);
    assert_true(live.force);
    assert_false(live.create_namespace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_applications),
        cmocka_unit_test(later_words_win_and_refusal_is_final),
        cmocka_unit_test(annotations_count_where_they_belong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
