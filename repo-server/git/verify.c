/* One verification: the keyring, then the tag, then the commit or all of its history. */
#include "repo-server/git/verify.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/armor.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/ipc/ipc_convert.h"
#include "repo-server/git/gpgv.h"
#include "repo-server/git/history.h"
#include "repo-server/git/objects.h"
#include "repo-server/git/signed.h"

#define CHECK_NAME "GIT/GPG"

enum {
    PROBLEMS_MAX = 10, /* that are told, as in Argo CD */
    TAG_HOPS_MAX = 8,  /* tags of tags */
    GPGV_TIMEOUT_MS = 30 * 1000,
};

struct verification {
    struct arena *arena;
    const Belay__GitWorkerVerify *want;
    struct objects *objects;
    struct gpgv gpgv;
    VEC(char *) problems;
    VEC(char *) broken_keys;   /* of the keyring */
    VEC(struct str) told_keys; /* of commits: one problem for each key is enough */
    struct str signature;      /* the first one looked at */
};

static void add_problem(struct verification *v, struct str text)
{
    vec_push_in(v->arena, &v->problems, ipc_string(v->arena, text));
}

/* ---- keys ---- */

static int write_keyring(struct verification *v, struct err *err)
{
    AUTO(buf) struct buf all;
    buf_init(&all, LIMIT_PUBLIC_KEY_BYTES);
    for (size_t i = 0; i < v->want->n_keyring; i++) {
        const Belay__PublicKey *key = v->want->keyring[i];
        struct str packets;
        struct err why;
        if (armor_decode(v->arena, str_from(key->armored), &packets, &why) == 0) {
            buf_put(&all, packets);
            continue;
        }
        struct str text = arena_printf(v->arena, CHECK_NAME ": key '%s' of the keyring: %s",
                                       key->id, why.message);
        vec_push_in(v->arena, &v->broken_keys, ipc_string(v->arena, text));
    }
    TRY(buf_check(&all, "the keyring", err));
    return gpgv_init(&v->gpgv, buf_str(&all), err);
}

static bool is_allowed(const struct verification *v, const struct gpg_verdict *verdict)
{
    for (size_t i = 0; i < v->want->n_keys; i++) {
        char id[PGP_KEY_ID_DIGITS + 1];
        if (pgp_key_id(str_from(v->want->keys[i]), id) &&
            (strcmp(id, verdict->key) == 0 || strcmp(id, verdict->primary) == 0)) {
            return true;
        }
    }
    return false;
}

/* ---- one signature ---- */

/* Of a commit or a tag. */
struct subject {
    const struct signed_parts *parts;
    struct str revision;
    bool is_commit;
};

static int judge(const struct verification *v,
                 const struct signed_parts *parts,
                 struct gpg_verdict *ret,
                 struct err *err)
{
    if (parts->signature.n == 0) {
        *ret = (struct gpg_verdict){.result = GPG_RESULT_UNSIGNED};
        return 0;
    }
    if (parts->odd || !signed_is_openpgp(parts->signature)) {
        *ret = (struct gpg_verdict){.result = GPG_RESULT_UNCHECKABLE};
        return 0;
    }
    return gpgv_check(&v->gpgv, parts->payload, parts->signature, ret, err);
}

static struct str
describe_signature(struct arena *arena, struct str who, const struct gpg_verdict *verdict)
{
    const char *word = "Invalid";
    if (verdict->result == GPG_RESULT_UNSIGNED) {
        return STR("Revision is not signed.");
    }
    if (verdict->result == GPG_RESULT_GOOD) {
        word = "Good";
    } else if (verdict->result == GPG_RESULT_BAD) {
        word = "Bad";
    }
    return arena_printf(arena, "%s signature from " STR_FMT " key %s", word, STR_ARG(who),
                        verdict->key);
}

/* True the first time. */
static bool tell_key(struct verification *v, const struct gpg_verdict *verdict)
{
    struct str key = str_from(verdict->key);
    for (size_t i = 0; i < v->told_keys.n; i++) {
        if (str_eq(v->told_keys.items[i], key)) {
            return false;
        }
    }
    key = arena_str(v->arena, key);
    vec_push_in(v->arena, &v->told_keys, key);
    return true;
}

static void tell(struct verification *v, const struct subject *s, const struct gpg_verdict *verdict)
{
    const char *result = verdict->result == GPG_RESULT_GOOD ? "signed with unallowed key"
                                                            : gpg_result_text(verdict->result);
    if (s->is_commit && verdict->key[0] != '\0' && !tell_key(v, verdict)) {
        return;
    }
    add_problem(v,
                arena_printf(v->arena,
                             CHECK_NAME ": Failed verifying revision " STR_FMT " by '" STR_FMT
                                        "': %s (key_id=%s)",
                             STR_ARG(s->revision), STR_ARG(s->parts->who), result, verdict->key));
}

static int
check_subject(struct verification *v, const struct subject *s, bool *ret_good, struct err *err)
{
    struct gpg_verdict verdict;
    TRY_IN(judge(v, s->parts, &verdict, err), err, "signature of " STR_FMT, STR_ARG(s->revision));
    if (v->signature.n == 0) {
        v->signature = describe_signature(v->arena, s->parts->who, &verdict);
    }
    *ret_good = verdict.result == GPG_RESULT_GOOD && is_allowed(v, &verdict);
    if (!*ret_good) {
        tell(v, s, &verdict);
    }
    return 0;
}

/* ---- commits ---- */

static int
check_commit(struct verification *v, const struct object_id *id, bool *ret_seal, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct signed_commit commit;
    struct str raw;
    char hex[2 * OBJECT_ID_BYTES + 1];
    bool good = false;
    object_id_hex(id, hex);
    TRY(objects_raw(v->objects, arena, id, OBJECT_TYPE_COMMIT, LIMIT_SIGNED_OBJECT_BYTES, &raw,
                    err));
    TRY_IN(signed_commit_parse(arena, raw, &commit, err), err, "commit %s", hex);
    struct subject s = {&commit.parts, str_from(hex), true};
    TRY(check_subject(v, &s, &good, err));
    *ret_seal = good && commit.seal;
    return 0;
}

static int check_history(struct verification *v, const struct object_id *head, struct err *err)
{
    AUTO(history) struct history *history = NULL;
    struct object_id id;
    TRY(history_read(v->objects, head, &history, err));
    for (size_t i = 0; i < v->want->n_verified; i++) {
        if (object_id_parse(str_from(v->want->verified[i]), &id)) {
            history_trust(history, &id);
        }
    }
    while (v->problems.n < PROBLEMS_MAX && history_next(history, &id)) {
        bool seal = false;
        TRY(check_commit(v, &id, &seal, err));
        if (seal) {
            history_seal(history);
        }
    }
    return 0;
}

/* ---- tags ---- */

static int read_tag(struct verification *v,
                    const struct object_id *id,
                    struct signed_tag *ret,
                    struct err *err)
{
    struct str raw;
    TRY(objects_raw(v->objects, v->arena, id, OBJECT_TYPE_TAG, LIMIT_SIGNED_OBJECT_BYTES, &raw,
                    err));
    return signed_tag_parse(v->arena, raw, ret, err);
}

/* The tag itself is signed; those between it and the commit it names by their ids. */
static int check_target(struct verification *v,
                        struct signed_tag tag,
                        const struct object_id *commit,
                        struct err *err)
{
    for (int hops = 0; tag.type == OBJECT_TYPE_TAG; hops++) {
        if (hops == TAG_HOPS_MAX) {
            return err_set(err, ERR_LIMIT, "more than %d tags of tags", TAG_HOPS_MAX);
        }
        struct object_id next = tag.target;
        TRY(read_tag(v, &next, &tag, err));
    }
    if (!object_id_equal(&tag.target, commit)) {
        return err_set(err, ERR_CONFLICT, "it does not lead to the commit any more");
    }
    return 0;
}

static int check_tag(struct verification *v, const struct object_id *commit, struct err *err)
{
    struct object_id id;
    struct signed_tag tag;
    bool good = false;
    if (!object_id_parse(str_from(v->want->tag), &id)) {
        return err_set(err, ERR_INVALID, "'%s' is no object id", v->want->tag);
    }
    TRY(read_tag(v, &id, &tag, err));
    TRY(check_target(v, tag, commit, err));
    struct subject s = {&tag.parts, str_from(v->want->tag_name), false};
    return check_subject(v, &s, &good, err);
}

/* ---- all ---- */

static int check(struct verification *v, struct err *err)
{
    struct object_id head;
    bool strict = strcmp(v->want->mode, VERIFY_STRICT) == 0;
    bool seal = false;
    if (!strict && strcmp(v->want->mode, VERIFY_HEAD) != 0) {
        return err_set(err, ERR_INVALID,
                       "unknown GPG mode \"%s\" configured for GIT source integrity",
                       v->want->mode);
    }
    if (!object_id_parse(str_from(v->want->commit), &head)) {
        return err_set(err, ERR_INVALID, "'%s' is no object id", v->want->commit);
    }
    if (v->want->tag[0] != '\0') {
        TRY_IN(check_tag(v, &head, err), err, "tag '%s'", v->want->tag_name);
        if (!strict) {
            return 0;
        }
    }
    return strict ? check_history(v, &head, err) : check_commit(v, &head, &seal, err);
}

static Belay__IntegrityResult *result_of(struct verification *v)
{
    Belay__IntegrityResult *result = ARENA_NEW(v->arena, Belay__IntegrityResult);
    belay__integrity_result__init(result);
    for (size_t i = 0; v->problems.n > 0 && i < v->broken_keys.n; i++) {
        vec_push_in(v->arena, &v->problems, v->broken_keys.items[i]);
    }
    result->problems = v->problems.items;
    result->n_problems = v->problems.n;
    result->signature = ipc_string(v->arena, v->signature);
    return result;
}

int verify_run(struct arena *arena,
               const Belay__GitWorkerRequest *request,
               Belay__IntegrityResult **ret,
               struct err *err)
{
    AUTO(objects) struct objects *objects = NULL;
    struct verification v = {
        .arena = arena,
        .want = request->verify,
        .gpgv = {.program = request->verify->gpgv,
                 .dir = request->home,
                 .timeout_ms = GPGV_TIMEOUT_MS},
    };
    TRY(objects_open(request->mirror, &objects, err));
    v.objects = objects;
    TRY(write_keyring(&v, err));
    TRY(check(&v, err));
    *ret = result_of(&v);
    return 0;
}
