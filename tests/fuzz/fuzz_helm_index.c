/* Chart indexes: what was read is sorted, and every version in it can be found again by its own text. */
#include "common/base/limits.h"
#include "repo-server/source/helm_index.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

static void check_chart(const struct helm_index *index, struct str chart)
{
    struct helm_versions v = helm_index_versions(index, chart);
    for (size_t i = 0; i < v.n; i++) {
        struct err err;
        const struct helm_version *found;
        FUZZ_CHECK(i == 0 || semver_cmp(&v.items[i - 1].semver, &v.items[i].semver) >= 0);
        FUZZ_CHECK(v.items[i].digest.n == 0 || v.items[i].digest.n == 64);
        struct str text = v.items[i].semver.original;
        FUZZ_OK(helm_index_resolve(index, chart, text, &found, &err));
        FUZZ_CHECK(str_eq(found->semver.original, text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    AUTO(helm_index) struct helm_index *index = NULL;
    const struct helm_version *found;
    if (size > MAX_BYTES) {
        return 0;
    }
    struct str text = str_of((const char *)data, size);
    if (helm_index_parse(text, &index, &err) < 0) {
        return 0;
    }
    check_chart(index, STR("web"));
    check_chart(index, STR(""));
    (void)(helm_index_resolve(index, STR("web"), STR("*"), &found, &err) < 0);
    (void)(helm_index_resolve(index, STR("web"), str_sub(text, 0, 32), &found, &err) < 0);
    return 0;
}
