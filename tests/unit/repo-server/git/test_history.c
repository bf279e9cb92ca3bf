/* The order and extent of a walk, with seals and trusted commits. */
#include "repo-server/git/history.h"
#include "tests/lib/signed_fixture.h"

static struct repo_fixture f;

static int setup(void **state UNUSED)
{
    repo_fixture_init(&f);
    signed_fixture_fill(&f);
    return 0;
}

static int teardown(void **state UNUSED)
{
    repo_fixture_done(&f);
    return 0;
}

static const struct {
    const char *name;
    const char *head;
    const char *trusted; /* or NULL */
    const char *seal;    /* or NULL */
    const char *walk[8];
} WALKS[] = {
    {"all",
     SIGNED_MERGE,
     NULL,
     NULL,
     {SIGNED_MERGE, SIGNED_BOBS, SIGNED_SEAL, SIGNED_TOP, SIGNED_MID, SIGNED_ROOT}},
    {"a root", SIGNED_ROOT, NULL, NULL, {SIGNED_ROOT}},
    {"a seal at the head", SIGNED_SEAL, NULL, SIGNED_SEAL, {SIGNED_SEAL}},
    /* root is before the seal, but bobs is not */
    {"a seal on one branch",
     SIGNED_MERGE,
     NULL,
     SIGNED_SEAL,
     {SIGNED_MERGE, SIGNED_BOBS, SIGNED_SEAL, SIGNED_ROOT}},
    {"a parent before the seal",
     SIGNED_OLD,
     NULL,
     SIGNED_SEAL,
     {SIGNED_OLD, SIGNED_SEAL, SIGNED_MID}},
    {"trusted", SIGNED_MERGE, SIGNED_SEAL, NULL, {SIGNED_MERGE, SIGNED_BOBS, SIGNED_ROOT}},
    {"trusted and its own parent", SIGNED_OLD, SIGNED_SEAL, NULL, {SIGNED_OLD, SIGNED_MID}},
    {"trusted itself", SIGNED_TOP, SIGNED_TOP, NULL, {NULL}},
    {"trusted elsewhere", SIGNED_MID, SIGNED_TOP, NULL, {SIGNED_MID, SIGNED_ROOT}},
};

static struct object_id id_of(const char *hex)
{
    struct object_id id;
    assert_true(object_id_parse(str_from(hex), &id));
    return id;
}

static void walks(void **state UNUSED)
{
    AUTO(objects) struct objects *objects = NULL;
    struct err err;
    ASSERT_OK(objects_open(f.path, &objects, &err));
    for (size_t i = 0; i < ARRAY_LEN(WALKS); i++) {
        AUTO(history) struct history *history = NULL;
        struct object_id id = id_of(WALKS[i].head);
        size_t n = 0;
        ASSERT_OK(history_read(objects, &id, &history, &err));
        if (WALKS[i].trusted != NULL) {
            struct object_id trusted = id_of(WALKS[i].trusted);
            history_trust(history, &trusted);
        }
        while (history_next(history, &id)) {
            char hex[2 * OBJECT_ID_BYTES + 1];
            object_id_hex(&id, hex);
            if (WALKS[i].walk[n] == NULL || strcmp(hex, WALKS[i].walk[n]) != 0) {
                fail_msg("%s: step %zu is %s", WALKS[i].name, n, hex);
            }
            if (WALKS[i].seal != NULL && strcmp(hex, WALKS[i].seal) == 0) {
                history_seal(history);
            }
            n++;
        }
        assert_null(WALKS[i].walk[n]);
    }
}

static void tells_what_is_missing(void **state UNUSED)
{
    AUTO(objects) struct objects *objects = NULL;
    AUTO(history) struct history *history = NULL;
    struct object_id none = {{1}};
    struct object_id tag = id_of(SIGNED_V1);
    struct err err;
    ASSERT_OK(objects_open(f.path, &objects, &err));
    ASSERT_ERR(history_read(objects, &none, &history, &err), ERR_INTERNAL, "cannot read object");
    ASSERT_ERR(history_read(objects, &tag, &history, &err), ERR_INVALID, "is a tag, not a commit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks),
        cmocka_unit_test(tells_what_is_missing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
