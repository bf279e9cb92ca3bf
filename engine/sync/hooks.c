/* Hook annotations, Argo CD's own and Helm's, read into one form.
 *
 * Helm's count only where there is no valid one of Argo CD: charts are rendered here, never installed
 * by Helm, so what Helm would do around an installation becomes a phase of the sync. */
#include "engine/sync/hooks.h"

#include <ctype.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"

#define HELM_HOOK_ANNOTATION          "helm.sh/hook"
#define HELM_DELETE_POLICY_ANNOTATION "helm.sh/hook-delete-policy"

enum {
    REVISION_SHORT_BYTES = 7,
    SYNC_PHASES = 1 << SYNC_PHASE_PRE_SYNC | 1 << SYNC_PHASE_SYNC | 1 << SYNC_PHASE_POST_SYNC |
                  1 << SYNC_PHASE_SYNC_FAIL,
    DELETE_PHASES = 1 << SYNC_PHASE_PRE_DELETE | 1 << SYNC_PHASE_POST_DELETE,
};

struct word {
    const char *text;
    unsigned bits;
};

/* Other Helm hooks (test, pre-rollback, post-rollback) have no phase here: they are never run. */
static const struct word HELM_HOOKS[] = {
    {"pre-install", 1 << SYNC_PHASE_PRE_SYNC},   {"pre-upgrade", 1 << SYNC_PHASE_PRE_SYNC},
    {"post-install", 1 << SYNC_PHASE_POST_SYNC}, {"post-upgrade", 1 << SYNC_PHASE_POST_SYNC},
    {"pre-delete", 1 << SYNC_PHASE_PRE_DELETE},  {"post-delete", 1 << SYNC_PHASE_POST_DELETE},
};

static const struct word DELETE_POLICIES[] = {
    {"BeforeHookCreation", HOOK_DELETE_BEFORE_CREATION},
    {"HookSucceeded", HOOK_DELETE_SUCCEEDED},
    {"HookFailed", HOOK_DELETE_FAILED},
};

static const struct word HELM_DELETE_POLICIES[] = {
    {"before-hook-creation", HOOK_DELETE_BEFORE_CREATION},
    {"hook-succeeded", HOOK_DELETE_SUCCEEDED},
    {"hook-failed", HOOK_DELETE_FAILED},
};

static unsigned word_bits(const struct word *words, size_t n, struct str text)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(text, words[i].text)) {
            return words[i].bits;
        }
    }
    return 0;
}

/* The bits of all words in a comma separated annotation. */
static unsigned
annotation_bits(const struct value *obj, struct str key, const struct word *words, size_t n)
{
    struct str rest = kube_annotation(obj, key);
    struct str part;
    unsigned bits = 0;
    while (str_next(&rest, ',', &part)) {
        bits |= word_bits(words, n, str_trim(part));
    }
    return bits;
}

static unsigned argo_phases(const struct value *obj)
{
    struct str rest = kube_annotation(obj, STR(HOOK_ANNOTATION));
    struct str part;
    unsigned bits = 0;
    while (str_next(&rest, ',', &part)) {
        enum sync_phase phase = status_phase_parse(str_trim(part));
        if (phase < SYNC_PHASE_COUNT) {
            bits |= 1u << phase;
        }
    }
    return bits;
}

struct hook hook_of(const struct value *obj)
{
    bool argo = kube_has_annotation(obj, STR(HOOK_ANNOTATION));
    bool helm = kube_has_annotation(obj, STR(HELM_HOOK_ANNOTATION));
    if (!argo && !helm) {
        return (struct hook){0};
    }
    unsigned phases = argo_phases(obj);
    if (phases == 0) {
        phases = annotation_bits(obj, STR(HELM_HOOK_ANNOTATION), HELM_HOOKS, ARRAY_LEN(HELM_HOOKS));
    }
    const unsigned skip = 1u << SYNC_PHASE_SKIP;
    if (phases == skip) {
        return (struct hook){.skip = true};
    }
    /* Helm marks CustomResourceDefinitions with crd-install; they are ordinary resources. */
    bool crd = str_eq_c(kube_annotation(obj, STR(HELM_HOOK_ANNOTATION)), "crd-install");
    if (!argo && crd) {
        return (struct hook){0};
    }
    return (struct hook){.is_hook = true, .phases = phases & ~skip};
}

bool hook_in_sync(struct hook hook)
{
    return (hook.phases & SYNC_PHASES) != 0;
}

bool hook_only_delete(struct hook hook)
{
    return (hook.phases & DELETE_PHASES) != 0 && !hook_in_sync(hook);
}

unsigned hook_delete_policies(const struct value *obj)
{
    unsigned bits = annotation_bits(obj, STR(HOOK_DELETE_POLICY_ANNOTATION), DELETE_POLICIES,
                                    ARRAY_LEN(DELETE_POLICIES));
    bits |= annotation_bits(obj, STR(HELM_DELETE_POLICY_ANNOTATION), HELM_DELETE_POLICIES,
                            ARRAY_LEN(HELM_DELETE_POLICIES));
    return bits != 0 ? bits : HOOK_DELETE_BEFORE_CREATION;
}

static struct str lower(struct arena *arena, struct str text)
{
    char *p = arena_bytes(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        p[i] = (char)tolower((unsigned char)text.p[i]);
    }
    p[text.n] = '\0';
    return str_of(p, text.n);
}

struct str hook_name(struct arena *arena,
                     const struct value *obj,
                     enum sync_phase phase,
                     struct str revision,
                     int64_t started_at_ms)
{
    if (kube_name(obj).n > 0) {
        return kube_name(obj);
    }
    size_t n = revision.n > REVISION_SHORT_BYTES ? REVISION_SHORT_BYTES : revision.n;
    struct str suffix = arena_printf(arena, STR_FMT "-%s-%lld", STR_ARG(str_sub(revision, 0, n)),
                                     status_phase_name(phase), (long long)(started_at_ms / 1000));
    struct str prefix = value_dig_str(obj, "metadata", "generateName");
    suffix = lower(arena, suffix);
    return arena_printf(arena, STR_FMT STR_FMT, STR_ARG(prefix), STR_ARG(suffix));
}

const struct value *hook_instance(struct arena *arena,
                                  const struct value *obj,
                                  enum sync_phase phase,
                                  struct str revision,
                                  int64_t started_at_ms)
{
    if (kube_name(obj).n == 0) {
        obj = kube_with_name(arena, obj, hook_name(arena, obj, phase, revision, started_at_ms));
    }
    if (kube_has_finalizer(obj, STR(HOOK_FINALIZER))) {
        return obj;
    }
    return kube_with_finalizer(arena, obj, STR(HOOK_FINALIZER));
}
