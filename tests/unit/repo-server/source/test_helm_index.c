/* Chart indexes: what is read, what is left out, which version is meant. */
#include "repo-server/source/helm_index.h"
#include "tests/lib/check.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char INDEX[] = "apiVersion: v1\n"
                            "entries:\n"
                            "  web:\n"
                            "  - version: 1.2.0\n"
                            "    urls: [web-1.2.0.tgz, second.tgz]\n"
                            "    digest: " DIGEST "\n"
                            "  - {version: 2.0.0-rc.1, urls: [web-2.0.0-rc.1.tgz]}\n"
                            "  - {version: v1.10.0, urls: ['https://h/web.tgz']}\n"
                            "  - {version: 1.2.0, urls: [again.tgz]}\n"
                            "  - {version: not a version, urls: [x]}\n"
                            "  - {version: 9.9.9, digest: 'md5:1'}\n"
                            "  - null\n"
                            "  - 1.2.3+build\n"
                            "  pre: [{version: 0.1.0-alpha, urls: [p]}]\n"
                            "  empty: []\n"
                            "  odd: 3\n";

static struct helm_index *parse(const char *text)
{
    struct helm_index *index;
    struct err err;
    ASSERT_OK(helm_index_parse(str_from(text), &index, &err));
    return index;
}

static void keeps_valid_versions_the_highest_first(void **state UNUSED)
{
    AUTO(helm_index) struct helm_index *index = parse(INDEX);
    struct helm_versions v = helm_index_versions(index, STR("web"));
    assert_int_equal(v.n, 4);
    ASSERT_STR(v.items[0].semver.original, "2.0.0-rc.1");
    ASSERT_STR(v.items[1].semver.original, "v1.10.0");
    ASSERT_STR(v.items[1].url, "https://h/web.tgz");
    ASSERT_STR(v.items[1].digest, "");
    ASSERT_STR(v.items[2].url, "web-1.2.0.tgz");
    ASSERT_STR(v.items[2].digest, DIGEST);
    ASSERT_STR(v.items[3].url, "again.tgz");
    assert_int_equal(helm_index_versions(index, STR("odd")).n, 0);
    assert_int_equal(helm_index_versions(index, STR("none")).n, 0);
    assert_true(helm_index_size(index) > sizeof(struct helm_version) * 4);
}

static void chooses_the_version_that_is_meant(void **state UNUSED)
{
    static const struct {
        const char *chart, *version, *want; /* NULL: an error with... */
        const char *text;
    } CASES[] = {
        {"web", "", "v1.10.0", NULL},
        {"web", "*", "v1.10.0", NULL},
        {"web", "1.2.0", "1.2.0", NULL},
        {"web", "1.10.0", "v1.10.0", NULL},
        {"web", "v1.2", "1.2.0", NULL},
        {"web", "~1.2", "1.2.0", NULL},
        {"web", ">0.0.0-0", "2.0.0-rc.1", NULL},
        {"web", "2.0.0-rc.1", "2.0.0-rc.1", NULL},
        {"web", "<1.10 || >5", "1.2.0", NULL},
        {"web", "^3", NULL,
         "chart 'web': no version matches '^3' (there are 2.0.0-rc.1, v1.10.0, "},
        {"web", "latest", NULL, "improper constraint"},
        {"pre", "", NULL, "no version matches '*'"},
        {"pre", "0.1.0-alpha", "0.1.0-alpha", NULL},
        {"empty", "", NULL, "chart 'empty' is not in the repository in any valid version"},
        {"none", "1", NULL, "chart 'none' is not in the repository"},
    };
    AUTO(helm_index) struct helm_index *index = parse(INDEX);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        const struct helm_version *got = NULL;
        int rc = helm_index_resolve(index, str_from(CASES[i].chart), str_from(CASES[i].version),
                                    &got, &err);
        if (CASES[i].want == NULL) {
            assert_true(rc < 0);
            check_contains(&err, CASES[i].text);
        } else {
            ASSERT_OK(rc);
            ASSERT_STR(got->semver.original, CASES[i].want);
        }
    }
}

static void refuses_what_is_no_index(void **state UNUSED)
{
    struct helm_index *index;
    struct err err;
    ASSERT_ERR(helm_index_parse(STR(""), &index, &err), ERR_INVALID, "not a chart index");
    ASSERT_ERR(helm_index_parse(STR("<html><body>log in</body></html>"), &index, &err), ERR_INVALID,
               "not a chart index");
    ASSERT_ERR(helm_index_parse(STR("entries: {}"), &index, &err), ERR_INVALID, "no apiVersion");
    ASSERT_ERR(helm_index_parse(STR("a: ["), &index, &err), ERR_INVALID, "index.yaml");
    struct helm_index *empty = parse("{\"apiVersion\": \"v1\"}");
    helm_index_unref(empty);
}

static void lists_versions_and_keeps_validators(void **state UNUSED)
{
    const struct helm_version versions[] = {
        {.semver.original = STR("1.0.0+x")},
        {.semver.original = STR("latest")},
        {.semver.original = STR("1.1.0"), .digest = STR("d")},
    };
    AUTO(helm_index)
    struct helm_index *index = helm_index_from_versions(STR("a/b"), versions, ARRAY_LEN(versions));
    struct helm_versions v = helm_index_versions(index, STR("a/b"));
    assert_int_equal(v.n, 2);
    ASSERT_STR(v.items[0].semver.original, "1.1.0");
    ASSERT_STR(v.items[0].digest, "d");
    ASSERT_STR(helm_index_etag(index), "");
    helm_index_set_validators(index, STR("\"e\""), STR("now"));
    ASSERT_STR(helm_index_etag(index), "\"e\"");
    ASSERT_STR(helm_index_last_modified(index), "now");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_valid_versions_the_highest_first),
        cmocka_unit_test(chooses_the_version_that_is_meant),
        cmocka_unit_test(refuses_what_is_no_index),
        cmocka_unit_test(lists_versions_and_keeps_validators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
