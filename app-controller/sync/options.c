/* Sync options as one table of words: which field each sets, to what, and on which level it counts. */
#include "app-controller/sync/options.h"

#include <stddef.h>

#include "common/base/macro.h"
#include "common/kube/kube_object.h"

enum field {
    FIELD_PRUNE,
    FIELD_DELETE,
    FIELD_PROPAGATION,
    FIELD_BOOL,
};

enum level {
    LEVEL_APP = 1 << 0,
    LEVEL_TARGET = 1 << 1, /* annotation of the target */
    LEVEL_LIVE = 1 << 2,   /* annotation of the live object */
};

struct word {
    const char *text;
    enum field field;
    int value;
    size_t offset; /* of a bool */
    unsigned levels;
};

#define BOOL_WORD(text, member, value, levels)                                 \
    {                                                                          \
        text, FIELD_BOOL, value, offsetof(struct sync_options, member), levels \
    }

/* Replace=false and ApplyOutOfSyncOnly=false exist in Argo CD but change nothing there. */
static const struct word WORDS[] = {
    {"Prune=false", FIELD_PRUNE, SYNC_CONSENT_REFUSED, 0, LEVEL_APP | LEVEL_LIVE},
    {"Prune=confirm", FIELD_PRUNE, SYNC_CONSENT_ASK, 0, LEVEL_APP | LEVEL_LIVE},
    {"Delete=false", FIELD_DELETE, SYNC_CONSENT_REFUSED, 0, LEVEL_APP | LEVEL_LIVE},
    {"Delete=confirm", FIELD_DELETE, SYNC_CONSENT_ASK, 0, LEVEL_APP | LEVEL_LIVE},
    {"PrunePropagationPolicy=foreground", FIELD_PROPAGATION, SYNC_PROPAGATION_FOREGROUND, 0,
     LEVEL_APP},
    {"PrunePropagationPolicy=background", FIELD_PROPAGATION, SYNC_PROPAGATION_BACKGROUND, 0,
     LEVEL_APP},
    {"PrunePropagationPolicy=orphan", FIELD_PROPAGATION, SYNC_PROPAGATION_ORPHAN, 0, LEVEL_APP},
    BOOL_WORD("Validate=false", validate, false, LEVEL_APP | LEVEL_TARGET),
    BOOL_WORD("Validate=true", validate, true, LEVEL_APP),
    BOOL_WORD("SkipDryRunOnMissingResource=true",
              skip_dry_run_on_missing,
              true,
              LEVEL_APP | LEVEL_TARGET),
    BOOL_WORD("ApplyOutOfSyncOnly=true", apply_out_of_sync_only, true, LEVEL_APP),
    BOOL_WORD("PruneLast=true", prune_last, true, LEVEL_APP | LEVEL_LIVE),
    BOOL_WORD("Replace=true", replace, true, LEVEL_APP | LEVEL_TARGET | LEVEL_LIVE),
    BOOL_WORD("Force=true", force, true, LEVEL_TARGET | LEVEL_LIVE),
    BOOL_WORD("ServerSideApply=true", server_side_apply, true, LEVEL_APP | LEVEL_TARGET),
    BOOL_WORD("ServerSideApply=false", server_side_apply, false, LEVEL_APP | LEVEL_TARGET),
    BOOL_WORD("ClientSideApplyMigration=false", client_side_apply_migration, false, LEVEL_APP),
    BOOL_WORD("FailOnSharedResource=true", fail_on_shared_resource, true, LEVEL_APP),
    BOOL_WORD("RespectIgnoreDifferences=true", respect_ignore_differences, true, LEVEL_APP),
    BOOL_WORD("CreateNamespace=true", create_namespace, true, LEVEL_APP),
    BOOL_WORD("CreateNamespace=false", create_namespace, false, LEVEL_APP),
};

struct sync_options sync_options_default(void)
{
    return (struct sync_options){.validate = true, .client_side_apply_migration = true};
}

static enum sync_consent stricter(enum sync_consent a, enum sync_consent b)
{
    return a > b ? a : b;
}

static void set_word(struct sync_options *options, const struct word *word)
{
    switch (word->field) {
    case FIELD_PRUNE:
        options->prune = stricter(options->prune, (enum sync_consent)word->value);
        break;
    case FIELD_DELETE:
        options->delete = stricter(options->delete, (enum sync_consent)word->value);
        break;
    case FIELD_PROPAGATION:
        options->prune_propagation = (enum sync_propagation)word->value;
        break;
    case FIELD_BOOL:
        *(bool *)((char *)options + word->offset) = word->value != 0;
        break;
    }
}

static void add_word(struct sync_options *options, struct str text, enum level level)
{
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if ((WORDS[i].levels & level) != 0 && str_eq_c(text, WORDS[i].text)) {
            set_word(options, &WORDS[i]);
            return;
        }
    }
}

void sync_options_add(struct sync_options *options, struct app_strs words)
{
    for (size_t i = 0; i < words.n; i++) {
        add_word(options, words.items[i], LEVEL_APP);
    }
}

static void add_annotation(struct sync_options *options, const struct value *obj, enum level level)
{
    struct str rest = kube_annotation(obj, STR(SYNC_OPTIONS_ANNOTATION));
    struct str part;
    while (str_next(&rest, ',', &part)) {
        add_word(options, str_trim(part), level);
    }
}

struct sync_options sync_options_of(const struct sync_options *app,
                                    const struct value *target,
                                    const struct value *live)
{
    struct sync_options options = *app;
    add_annotation(&options, live, LEVEL_LIVE);
    add_annotation(&options, target, LEVEL_TARGET);
    return options;
}

const char *sync_propagation_name(enum sync_propagation propagation)
{
    static const char *const NAMES[] = {
        [SYNC_PROPAGATION_FOREGROUND] = "Foreground",
        [SYNC_PROPAGATION_BACKGROUND] = "Background",
        [SYNC_PROPAGATION_ORPHAN] = "Orphan",
    };
    return NAMES[propagation];
}
