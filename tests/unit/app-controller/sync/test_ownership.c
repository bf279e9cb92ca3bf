/* Field ownership moves to server-side apply. */
#include "app-controller/sync/ownership.h"
#include "tests/lib/parse.h"

#define ENTRY(manager, operation, fields)                                                     \
    "{manager: " manager ", operation: " operation ", apiVersion: v1, fieldsType: FieldsV1, " \
    "fieldsV1: {" fields "}}"
#define LIVE(entries) "{metadata: {name: a, resourceVersion: '7', managedFields: [" entries "]}}"
#define PATCH(entries)                                                      \
    "[{op: replace, path: /metadata/managedFields, value: [" entries "]}, " \
    "{op: replace, path: /metadata/resourceVersion, value: '7'}]"
#define LAST \
    "'f:metadata': {'f:annotations': {'f:kubectl.kubernetes.io/last-applied-configuration': {}}}"
#define OTHER ENTRY("kubelet", "Update", "'f:status': {}")

static const struct {
    const char *name;
    const char *live;
    const char *want; /* NULL = no patch */
} CASES[] = {
    {"nobody owns anything", "{metadata: {name: a}}", NULL},
    {"others keep theirs", LIVE(OTHER), NULL},
    {"what was applied on the server's side stays",
     LIVE(ENTRY("us", "Apply", "'f:data': {'f:a': {}}")), NULL},
    {"kubectl's fields are ours",
     LIVE(OTHER ", " ENTRY("kubectl-client-side-apply", "Update", "'f:data': {'f:a': {}}")),
     PATCH(OTHER ", " ENTRY("us", "Apply", "'f:data': {'f:a': {}}"))},
    {"sets are united",
     LIVE(ENTRY("us", "Apply", "'f:data': {'f:b': {}}") ", " ENTRY(
         "kubectl-client-side-apply", "Update", "'f:data': {'f:a': {}}, 'f:type': {}")),
     PATCH(ENTRY("us", "Apply", "'f:data': {'f:b': {}, 'f:a': {}}, 'f:type': {}"))},
    {"who wrote last-applied applied from the client",
     LIVE(ENTRY("us", "Update", LAST ", 'f:data': {'f:a': {}}")),
     PATCH(ENTRY("us", "Apply", LAST ", 'f:data': {'f:a': {}}"))},
    {"an update of ours that was no apply stays", LIVE(ENTRY("us", "Update", "'f:data': {}")),
     NULL},
    {"a subresource is nobody's source",
     LIVE("{manager: kubectl-client-side-apply, operation: Update, subresource: status, fieldsV1: "
          "{'f:status': {}}}"),
     NULL},
};

static void fields_change_hands(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const struct value *patch = ownership_patch(arena, parse_yaml(arena, CASES[i].live),
                                                    STR(OWNERSHIP_CLIENT_SIDE_MANAGER), STR("us"));
        print_message("%s\n", CASES[i].name);
        if (CASES[i].want == NULL) {
            assert_null(patch);
        } else {
            assert_yaml(arena, patch, CASES[i].want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_change_hands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
