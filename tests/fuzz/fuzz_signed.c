/* Any bytes as a commit and as a tag: what was signed and the signature are never more than there is. */
#include "repo-server/git/signed.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 256 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str raw = str_of((const char *)data, size);
    struct signed_commit commit;
    struct signed_tag tag;
    struct err err;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (signed_commit_parse(arena, raw, &commit, &err) == 0) {
        FUZZ_CHECK(commit.parts.payload.n + commit.parts.signature.n <= raw.n);
        FUZZ_CHECK(str_starts_with(commit.parts.payload, STR("tree ")));
        FUZZ_CHECK(commit.parts.signature.n > 0 || !commit.parts.odd);
    } else {
        FUZZ_CHECK(err.code == ERR_INVALID);
    }
    if (signed_tag_parse(arena, raw, &tag, &err) == 0) {
        FUZZ_CHECK(tag.parts.payload.n + tag.parts.signature.n == raw.n);
    } else {
        FUZZ_CHECK(err.code == ERR_INVALID);
    }
    return 0;
}
