/* A repository with the signed commits and tags of tests/data/signatures, and the keys. */
#pragma once

#include "tests/lib/repo_fixture.h"

#define SIGNED_ROOT  "1a3eb8e53c944a7cefa80a7b5743d0f767ff2114"
#define SIGNED_MID   "9fb73b08a98a0a3168915345fdcdf89ede185b2a"
#define SIGNED_TOP   "14900bd963c38e1178d7218dd21c9ee16932a02e"
#define SIGNED_SEAL  "6145f36a86bf747397064e53861c7b180e5a8cef"
#define SIGNED_BOBS  "56ef76891afdb322e842eb5888664b32560f5563"
#define SIGNED_MERGE "4bdc21edaf0aedd4b9461133767f70e1cdc5ccb9"
#define SIGNED_OLD   "3f9e022c5eccbf78ba22e3365013d77404e1e8b2"
#define SIGNED_V1    "d5ed2a500763bceb940c63919c35a7f8ed119c2c"
#define SIGNED_V2    "c96f710fba03f1a5816d158c52fadd16f483b8a3"
#define SIGNED_V3    "45a9d9f9180b36252c9aee4683f96f06df7acd95"

#define ALICE_KEY  "FB3ECB13A0886942"
#define BOB_KEY    "56D4470E23483CC9"
#define BOB_SUBKEY "79765F4767C3405B"

static inline struct str signed_fixture_read(struct arena *arena, const char *name)
{
    struct str text;
    struct err err;
    struct str path = arena_printf(arena, "tests/data/signatures/%s", name);
    ASSERT_OK(fs_read_file(arena, path.p, (size_t)64 * 1024, &text, &err));
    return text;
}

static inline void
signed_fixture_put(struct repo_fixture *f, const char *name, git_object_t type, const char *id)
{
    git_odb *odb = NULL;
    git_oid oid;
    char hex[GIT_OID_HEXSZ + 1];
    struct str raw = signed_fixture_read(f->arena, name);
    assert_int_equal(git_repository_odb(&odb, f->repo), 0);
    assert_int_equal(git_odb_write(&oid, odb, raw.p, raw.n, type), 0);
    assert_string_equal(git_oid_tostr(hex, sizeof(hex), &oid), id);
    git_odb_free(odb);
}

/* Into the repository of an initialised fixture. */
static inline void signed_fixture_fill(struct repo_fixture *f)
{
    static const struct {
        const char *name;
        git_object_t type;
        const char *id;
    } OBJECTS[] = {
        {"root.commit", GIT_OBJECT_COMMIT, SIGNED_ROOT},
        {"mid.commit", GIT_OBJECT_COMMIT, SIGNED_MID},
        {"top.commit", GIT_OBJECT_COMMIT, SIGNED_TOP},
        {"seal.commit", GIT_OBJECT_COMMIT, SIGNED_SEAL},
        {"bobs.commit", GIT_OBJECT_COMMIT, SIGNED_BOBS},
        {"merge.commit", GIT_OBJECT_COMMIT, SIGNED_MERGE},
        {"old.commit", GIT_OBJECT_COMMIT, SIGNED_OLD},
        {"v1.tag", GIT_OBJECT_TAG, SIGNED_V1},
        {"v2.tag", GIT_OBJECT_TAG, SIGNED_V2},
        {"v3.tag", GIT_OBJECT_TAG, SIGNED_V3},
    };
    for (size_t i = 0; i < ARRAY_LEN(OBJECTS); i++) {
        signed_fixture_put(f, OBJECTS[i].name, OBJECTS[i].type, OBJECTS[i].id);
    }
}
