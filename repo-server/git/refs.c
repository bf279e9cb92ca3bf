/* References: folding what a server advertises, and resolving revisions. */
#include "repo-server/git/refs.h"

#include <stdlib.h>

#include "common/base/semver.h"
#include "common/base/vec.h"

#define TAGS "refs/tags/"

enum {
    SHA_DIGITS = 40,
    SHORT_SHA_DIGITS = 7, /* the least Argo CD takes for a short SHA */
    SYMREF_HOPS = 5,
};

static int advert_cmp(const void *a, const void *b)
{
    const struct refs_advert *x = a;
    const struct refs_advert *y = b;
    return str_cmp(x->name, y->name);
}

struct refs refs_build(struct arena *arena, const struct refs_advert *adverts, size_t n)
{
    if (n == 0) {
        return (struct refs){0};
    }
    struct refs_advert *sorted = arena_calloc(arena, n, sizeof(*sorted));
    memcpy(sorted, adverts, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), advert_cmp);
    VEC(struct ref) out = {0};
    for (size_t i = 0; i < n; i++) {
        struct str name = sorted[i].name;
        bool peeled = str_cut_suffix(&name, STR("^{}"));
        if (!peeled) {
            struct ref r = {.name = name, .oid = sorted[i].oid, .target = sorted[i].target};
            vec_push_in(arena, &out, r);
        }
    }
    struct refs refs = {out.items, out.n};
    for (size_t i = 0; i < n; i++) {
        struct str name = sorted[i].name;
        if (str_cut_suffix(&name, STR("^{}"))) {
            const struct ref *tag = refs_find(&refs, name);
            if (tag != NULL) {
                out.items[tag - refs.items].tag = tag->oid;
                out.items[tag - refs.items].oid = sorted[i].oid;
            }
        }
    }
    return refs;
}

static int ref_name_cmp(const void *key, const void *item)
{
    const struct str *name = key;
    const struct ref *ref = item;
    return str_cmp(*name, ref->name);
}

const struct ref *refs_find(const struct refs *refs, struct str name)
{
    if (refs->n == 0) {
        return NULL;
    }
    return bsearch(&name, refs->items, refs->n, sizeof(*refs->items), ref_name_cmp);
}

static bool is_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
            return false;
        }
    }
    return true;
}

bool refs_is_sha(struct str revision)
{
    return revision.n == SHA_DIGITS && is_hex(revision);
}

/* prefix + name, as one reference. */
static const struct ref *find_below(const struct refs *refs, const char *prefix, struct str name)
{
    char full[512];
    size_t n = strlen(prefix);
    if (n + name.n > sizeof(full)) {
        return NULL;
    }
    memcpy(full, prefix, n);
    memcpy(full + n, name.p, name.n);
    return refs_find(refs, str_of(full, n + name.n));
}

/* Git's own order of namespaces, tags behind branches as in Argo CD. */
static const struct ref *find_ref(const struct refs *refs, struct str revision)
{
    static const char *const PREFIXES[] = {"refs/heads/", TAGS, "refs/", "refs/remotes/"};
    const struct ref *ref = refs_find(refs, revision);
    for (size_t i = 0; ref == NULL && i < ARRAY_LEN(PREFIXES); i++) {
        ref = find_below(refs, PREFIXES[i], revision);
    }
    for (int hops = 0; ref != NULL && ref->oid.n == 0 && hops < SYMREF_HOPS; hops++) {
        ref = refs_find(refs, ref->target);
    }
    return ref != NULL && ref->oid.n > 0 ? ref : NULL;
}

/* What follows refs/tags/ and the prefix. */
static bool tag_version(struct str tag, struct str prefix, struct semver *ret)
{
    struct err ignored;
    return str_cut_prefix(&tag, STR(TAGS)) && str_cut_prefix(&tag, prefix) &&
           semver_parse(tag, ret, &ignored) == 0;
}

static const struct ref *
newest_tag(const struct refs *refs, const struct semver_constraint *constraint, struct str prefix)
{
    const struct ref *newest = NULL;
    struct semver highest;
    for (size_t i = 0; i < refs->n; i++) {
        struct semver version;
        if (tag_version(refs->items[i].name, prefix, &version) &&
            semver_constraint_check(constraint, &version) &&
            (newest == NULL || semver_cmp(&version, &highest) > 0)) {
            newest = &refs->items[i];
            highest = version;
        }
    }
    return newest;
}

/* Versions and constraints on them; all else is no business of tags alone. */
static const struct ref *find_version(const struct refs *refs, const struct refs_wanted *wanted)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct semver_constraint *constraint;
    struct semver pinned;
    struct err ignored;
    if (semver_parse(wanted->revision, &pinned, &ignored) == 0) {
        struct str name = arena_printf(arena, TAGS STR_FMT STR_FMT, STR_ARG(wanted->tag_prefix),
                                       STR_ARG(wanted->revision));
        return wanted->tag_prefix.n > 0 ? refs_find(refs, name) : NULL;
    }
    if (semver_constraint_parse(arena, wanted->revision, &constraint, &ignored) < 0) {
        return NULL;
    }
    return newest_tag(refs, constraint, wanted->tag_prefix);
}

int refs_resolve(const struct refs *refs,
                 const struct refs_wanted *wanted,
                 struct refs_resolved *ret,
                 struct err *err)
{
    if (refs_is_sha(wanted->revision)) {
        *ret = (struct refs_resolved){REFS_COMMIT, wanted->revision, NULL};
        return 0;
    }
    struct str name = wanted->revision.n == 0 ? STR("HEAD") : wanted->revision;
    const struct ref *ref = find_version(refs, wanted);
    if (ref == NULL) {
        ref = find_ref(refs, name);
    }
    if (ref != NULL) {
        *ret = (struct refs_resolved){REFS_COMMIT, ref->oid, ref};
        return 0;
    }
    if (name.n >= SHORT_SHA_DIGITS && name.n < SHA_DIGITS && is_hex(name)) {
        *ret = (struct refs_resolved){REFS_PREFIX, name, NULL};
        return 0;
    }
    const char *hint = refs->n == 0 ? ": the repository is empty" : "";
    return err_set(err, ERR_NOT_FOUND, "unable to resolve '" STR_FMT "' to a commit SHA%s",
                   STR_ARG(name), hint);
}
