/* Health of Flux's kinds. All are variations of one scheme: Ready and a kind-specific set of further
 * conditions are counted; the message is Ready's reason. */
#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

struct scheme {
    const char *kind;
    const char *not_ready; /* Ready's status that, while reconciling, is progress */
    const char *reasons;   /* of Reconciling that count as progress; NULL = all */
    const char *also;      /* types that must be True as well; one of them is enough */
    bool suspends;         /* has spec.suspend */
    bool fails;            /* never in progress: what is not ready is degraded */
};

static const struct scheme SCHEMES[] = {
    {"Kustomization", "Unknown", NULL, NULL, true, false},
    {"HelmRelease", "Unknown", NULL, "Released|TestSuccess", true, false},
    {"ImageUpdateAutomation", "Unknown", NULL, NULL, true, false},
    {"ImageRepository", "False", "NewGeneration|Scanning", NULL, true, false},
    {"ImagePolicy", "False", "NewGeneration|AccessingRepository|ApplyingPolicy", NULL, true, false},
    {"Receiver", "False", NULL, NULL, true, true},
    {"Bucket", "Unknown", NULL, "ArtifactInStorage", true, false},
    {"GitRepository", "Unknown", NULL, "ArtifactInStorage", true, false},
    {"HelmChart", "Unknown", NULL, "ArtifactInStorage", true, false},
    {"HelmRepository", "Unknown", NULL, "ArtifactInStorage", true, false},
    {"OCIRepository", "Unknown", NULL, "ArtifactInStorage", true, false},
};

static bool is_one_of(struct str text, const char *words)
{
    struct str rest = str_from(words);
    struct str word;
    while (str_next(&rest, '|', &word)) {
        if (str_eq(text, word)) {
            return true;
        }
    }
    return false;
}

struct tally {
    int progressing;
    int succeeded;
    struct buf message;
};

static void count(const struct scheme *scheme, const struct value *condition, struct tally *t)
{
    struct str type = value_dig_str(condition, "type");
    struct str status = value_dig_str(condition, "status");
    struct str reason = value_dig_str(condition, "reason");
    bool is_true = str_eq_c(status, "True");
    if (str_eq_c(type, "Ready")) {
        t->succeeded += is_true;
        t->progressing += str_eq_c(status, scheme->not_ready);
        buf_reset(&t->message);
        buf_put(&t->message, reason);
    } else if (str_eq_c(type, "Reconciling") && is_true) {
        t->progressing += scheme->reasons == NULL || is_one_of(reason, scheme->reasons);
    } else if (str_eq_c(type, "ArtifactOutdated") && is_true) {
        buf_put_char(&t->message, ' ');
        buf_put(&t->message, reason);
    } else if (scheme->also != NULL && is_one_of(type, scheme->also) && is_true) {
        t->succeeded++;
    }
}

static enum health_status verdict(const struct scheme *scheme, const struct tally *t)
{
    int wanted = scheme->also != NULL ? 2 : 1;
    if (t->progressing == 2 && !scheme->fails) {
        return HEALTH_STATUS_PROGRESSING;
    }
    return t->succeeded >= wanted ? HEALTH_STATUS_HEALTHY : HEALTH_STATUS_DEGRADED;
}

static const struct scheme *find_scheme(struct str kind)
{
    for (size_t i = 0; i < ARRAY_LEN(SCHEMES); i++) {
        if (str_eq_c(kind, SCHEMES[i].kind)) {
            return &SCHEMES[i];
        }
    }
    return &SCHEMES[0];
}

static struct health flux(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    const struct scheme *scheme = find_scheme(kube_kind_of(live));
    if (scheme->suspends && value_bool(value_dig(live, "spec", "suspend"), false)) {
        return health_printf(arena, HEALTH_STATUS_SUSPENDED, "%s is suspended", scheme->kind);
    }
    if (str_eq_c(kube_kind_of(live), "HelmRepository") &&
        str_eq_c(value_dig_str(live, "spec", "type"), "oci")) {
        return health_make(HEALTH_STATUS_HEALTHY,
                           STR("Helm repositories of type 'oci' do not contain any information in "
                               "the status."));
    }
    const struct value *conditions = value_dig(live, "status", "conditions");
    if (!value_is(conditions, VALUE_LIST)) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Status unknown"));
    }
    struct tally t = {0};
    buf_init(&t.message, HEALTH_MESSAGE_MAX_BYTES);
    VALUE_FOREACH(conditions, condition) {
        count(scheme, condition, &t);
    }
    struct health health = health_make(verdict(scheme, &t), buf_to_arena(&t.message, arena));
    buf_done(&t.message);
    return health;
}

static const struct health_kind KINDS[] = {
    {"kustomize.toolkit.fluxcd.io", "Kustomization", .fn = flux},
    {"helm.toolkit.fluxcd.io", "HelmRelease", .fn = flux},
    {"image.toolkit.fluxcd.io", "ImagePolicy", .fn = flux},
    {"image.toolkit.fluxcd.io", "ImageRepository", .fn = flux},
    {"image.toolkit.fluxcd.io", "ImageUpdateAutomation", .fn = flux},
    {"notification.toolkit.fluxcd.io", "Receiver", .fn = flux},
    {"source.toolkit.fluxcd.io", "Bucket", .fn = flux},
    {"source.toolkit.fluxcd.io", "GitRepository", .fn = flux},
    {"source.toolkit.fluxcd.io", "HelmChart", .fn = flux},
    {"source.toolkit.fluxcd.io", "HelmRepository", .fn = flux},
    {"source.toolkit.fluxcd.io", "OCIRepository", .fn = flux},
};

const struct health_family HEALTH_CRD_FLUX = {KINDS, ARRAY_LEN(KINDS)};
