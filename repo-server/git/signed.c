/* Raw commits and tags: header lines, an empty line, a message. A header goes on in lines that begin with a blank. */
#include "repo-server/git/signed.h"

#include "common/base/num.h"
#include "common/base/vec.h"

#define SEAL_TRAILER    "argocd-gpg-seal:"
#define OPENPGP_BEGIN   "-----BEGIN PGP SIGNATURE-----"
#define OPENPGP_MESSAGE "-----BEGIN PGP MESSAGE-----"

static int malformed(const char *what, struct err *err)
{
    return err_set(err, ERR_INVALID, "malformed Git %s", what);
}

/* A line with the newline it must have. */
static bool take_line(struct str *rest, struct str *ret)
{
    size_t n = str_find_char(*rest, '\n');
    if (n == STR_NONE) {
        return false;
    }
    *ret = str_sub(*rest, 0, n + 1);
    *rest = str_sub(*rest, n + 1, rest->n);
    return true;
}

/* The value of a header that must be next. */
static bool take_header(struct str *rest, struct str name, struct str *ret)
{
    struct str after = *rest;
    if (!take_line(&after, ret) || !str_cut_prefix(ret, name)) {
        return false;
    }
    *ret = str_sub(*ret, 0, ret->n - 1);
    *rest = after;
    return true;
}

static bool take_id(struct str *rest, struct str name, struct object_id *ret)
{
    struct str hex;
    struct str after = *rest;
    if (!take_header(&after, name, &hex) || !object_id_parse(hex, ret)) {
        return false;
    }
    *rest = after;
    return true;
}

/* "Name <mail> 1700000000 +0100" */
struct person {
    struct str name;
    struct str mail; /* with its brackets */
    int64_t date_s;  /* 0 when it cannot be read: it only orders messages */
};

static struct person person_of(struct str line)
{
    struct person p = {.name = line};
    struct err ignored;
    size_t open = str_find_char(line, '<');
    size_t close = str_rfind_char(line, '>');
    if (open == STR_NONE || close == STR_NONE || close < open) {
        return p;
    }
    p.name = str_trim(str_sub(line, 0, open));
    p.mail = str_sub(line, open, close + 1);
    struct str when = str_trim(str_sub(line, close + 1, line.n));
    struct str zone;
    (void)str_cut(when, ' ', &when, &zone); /* without a zone it is the time alone */
    if (num_parse_int(when, &p.date_s, &ignored) < 0) {
        p.date_s = 0;
    }
    return p;
}

/* ---- commits ---- */

struct split {
    struct arena *arena;
    VEC(struct str) payload;
    VEC(struct str) signature;
    size_t n_signatures;
    size_t payload_bytes;
    size_t signature_bytes;
};

static void keep(struct split *s, struct str line)
{
    vec_push_in(s->arena, &s->payload, line);
    s->payload_bytes += line.n;
}

static void keep_signature(struct split *s, struct str line)
{
    vec_push_in(s->arena, &s->signature, line);
    s->signature_bytes += line.n;
}

static struct str join(struct arena *arena, const struct str *items, size_t n, size_t bytes)
{
    char *all = arena_bytes(arena, bytes + 1);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(all + at, items[i].p, items[i].n);
        at += items[i].n;
    }
    all[at] = '\0';
    return str_of(all, at);
}

enum header {
    HEADER_KEPT,
    HEADER_SIGNATURE, /* gpgsig */
    HEADER_DROPPED,   /* a signature for another hash function: Git signs without it */
};

/* All that is behind the committer, message included. */
static bool split_rest(struct split *s, struct str *rest)
{
    enum header at = HEADER_KEPT;
    struct str line;
    while (take_line(rest, &line)) {
        struct str value = line;
        bool more = str_starts_with(line, STR(" "));
        if (!more) {
            at = HEADER_KEPT;
        }
        if (!more && str_cut_prefix(&value, STR("gpgsig "))) {
            at = HEADER_SIGNATURE;
            s->n_signatures++;
        } else if (!more && str_starts_with(line, STR("gpgsig-sha256 "))) {
            at = HEADER_DROPPED;
        } else if (more && at == HEADER_SIGNATURE) {
            (void)str_cut_prefix(&value, STR(" ")); /* it is there */
        }
        if (at == HEADER_KEPT) {
            keep(s, line);
        } else if (at == HEADER_SIGNATURE) {
            keep_signature(s, value);
        }
        if (line.n == 1) {
            keep(s, *rest);
            return true;
        }
    }
    return false;
}

static bool is_seal(struct str message)
{
    struct str line;
    while (str_next(&message, '\n', &line)) {
        struct str begin = str_sub(line, 0, sizeof(SEAL_TRAILER) - 1);
        if (str_eq_nocase(begin, STR(SEAL_TRAILER))) {
            return true;
        }
    }
    return false;
}

static bool
read_head(struct arena *arena, struct str *rest, struct signed_commit *ret, struct str *ret_author)
{
    struct object_id tree;
    struct object_id parent;
    struct str committer;
    VEC(struct object_id) parents = {0};
    if (!take_id(rest, STR("tree "), &tree)) {
        return false;
    }
    while (take_id(rest, STR("parent "), &parent)) {
        vec_push_in(arena, &parents, parent);
    }
    ret->parents = parents.items;
    ret->n_parents = parents.n;
    if (!take_header(rest, STR("author "), ret_author) ||
        !take_header(rest, STR("committer "), &committer)) {
        return false;
    }
    ret->date_s = person_of(committer).date_s;
    return true;
}

int signed_commit_parse(struct arena *arena,
                        struct str raw,
                        struct signed_commit *ret,
                        struct err *err)
{
    struct signed_commit commit = {0};
    struct split s = {.arena = arena};
    struct str rest = raw;
    struct str author;
    if (!read_head(arena, &rest, &commit, &author)) {
        return malformed("commit", err);
    }
    keep(&s, str_sub(raw, 0, raw.n - rest.n));
    if (!split_rest(&s, &rest)) {
        return malformed("commit", err);
    }
    struct person p = person_of(author);
    commit.seal = is_seal(rest);
    commit.parts = (struct signed_parts){
        .payload = join(arena, s.payload.items, s.payload.n, s.payload_bytes),
        .signature = join(arena, s.signature.items, s.signature.n, s.signature_bytes),
        .odd = s.n_signatures > 1,
        .who = arena_printf(arena, STR_FMT " " STR_FMT, STR_ARG(p.name), STR_ARG(p.mail)),
    };
    *ret = commit;
    return 0;
}

/* ---- tags ---- */

static bool begins_signature(struct str text)
{
    static const char *const BEGINS[] = {OPENPGP_BEGIN, OPENPGP_MESSAGE,
                                         "-----BEGIN SSH SIGNATURE-----",
                                         "-----BEGIN SIGNED MESSAGE-----"};
    for (size_t i = 0; i < ARRAY_LEN(BEGINS); i++) {
        if (str_starts_with(text, str_from(BEGINS[i]))) {
            return true;
        }
    }
    return false;
}

/* The last line that begins a signature, as Git looks for it. */
static size_t find_signature(struct str raw)
{
    size_t found = raw.n;
    size_t at = 0;
    while (at < raw.n) {
        struct str rest = str_sub(raw, at, raw.n);
        struct str line;
        if (begins_signature(rest)) {
            found = at;
        }
        if (!take_line(&rest, &line)) {
            break;
        }
        at += line.n;
    }
    return found;
}

static bool type_of(struct str name, enum object_type *ret)
{
    *ret = str_eq_c(name, "tag") ? OBJECT_TYPE_TAG : OBJECT_TYPE_COMMIT;
    return str_eq_c(name, "tag") || str_eq_c(name, "commit");
}

int signed_tag_parse(struct arena *arena, struct str raw, struct signed_tag *ret, struct err *err)
{
    struct signed_tag tag = {0};
    struct str rest = raw;
    struct str type;
    struct str name;
    struct str tagger;
    if (!take_id(&rest, STR("object "), &tag.target) || !take_header(&rest, STR("type "), &type) ||
        !take_header(&rest, STR("tag "), &name)) {
        return malformed("tag", err);
    }
    if (!type_of(type, &tag.type)) {
        return err_set(err, ERR_INVALID, "tag '" STR_FMT "' is not of a commit", STR_ARG(name));
    }
    size_t end = find_signature(raw);
    tag.parts.payload = str_sub(raw, 0, end);
    tag.parts.signature = str_sub(raw, end, raw.n);
    if (take_header(&rest, STR("tagger "), &tagger)) {
        struct person p = person_of(tagger);
        tag.parts.who =
            arena_printf(arena, STR_FMT " \"" STR_FMT "\"", STR_ARG(p.name), STR_ARG(p.mail));
    }
    *ret = tag;
    return 0;
}

bool signed_is_openpgp(struct str signature)
{
    return str_starts_with(signature, STR(OPENPGP_BEGIN)) ||
           str_starts_with(signature, STR(OPENPGP_MESSAGE));
}
