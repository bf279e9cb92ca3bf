/* Health of GitOps Promoter's kinds: Ready decides first, with a kind's own words; then what a kind
 * tracks (applications, commits, environments) tells how far it is. */
#include <stdbool.h>

#include "common/base/buf.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

struct held {
    const char *finalizer;
    const char *text;
};

struct words {
    const char *kind;
    const char *deleting;
    const char *initializing;
    const char *stale;    /* "Waiting for <this> spec update to be observed" */
    const char *failed;   /* Ready is False with ReconciliationError: "<this>: message" */
    const char *unready;  /* with another reason: "<this> (reason): message" */
    const char *unknown;  /* Ready is Unknown, likewise; NULL = does not matter */
    const char *missing;  /* there is no Ready */
    struct held holds[2]; /* what the finalizers of a kind wait for */
};

#define PROVIDER_RISK                                                                           \
    " Risk if removed manually: GitRepository objects can reference a provider that no longer " \
    "exists."

static const struct words WORDS[] = {
    {
        .kind = "ArgoCDCommitStatus",
        .deleting = "Argo CD commit status is being deleted",
        .initializing = "Initializing Argo CD commit status",
        .stale = "Argo CD commit status",
        .failed = "Argo CD commit status reconciliation failed",
        .unready = "Argo CD commit status reconciliation failed",
        .missing = "Argo CD commit status is not ready yet",
    },
    {
        .kind = "CommitStatus",
        .deleting = "Commit status is being deleted",
        .initializing = "Initializing commit status",
        .stale = "commit status",
        .failed = "Commit status reconciliation failed",
        .unready = "Commit status reconciliation failed",
        .missing = "Commit status is not ready yet",
    },
    {
        .kind = "ChangeTransferPolicy",
        .deleting = "Change transfer policy is being deleted",
        .initializing = "Initializing change transfer policy",
        .stale = "change transfer policy",
        .failed = "Change transfer policy reconciliation failed",
        .unready = "Change transfer policy reconciliation failed",
        .missing = "Change transfer policy is not ready yet",
    },
    {
        .kind = "PromotionStrategy",
        .deleting = "Promotion strategy is being deleted",
        .initializing = "Initializing promotion strategy",
        .stale = "promotion strategy",
        .failed = "Promotion strategy reconciliation failed",
        .unready = "Promotion strategy reconciliation failed",
        .missing = "Promotion strategy is not ready yet",
    },
    {
        .kind = "PullRequest",
        .deleting = "Pull request is being deleted.",
        .initializing = "Initializing pull request",
        .stale = "pull request",
        .failed = "Pull request reconciliation failed",
        .unready = "Pull request reconciliation failed",
        .missing = "Pull request is not ready yet",
        .holds =
            {
                {"pullrequest.promoter.argoproj.io/finalizer",
                 "Waiting for SCM closure or reconciliation of the pull request. Risk if removed "
                 "manually: the real PR can stay open after the CR is gone."},
                {"changetransferpolicy.promoter.argoproj.io/pullrequest-finalizer",
                 "Waiting for the ChangeTransferPolicy to observe PR identity and state. Risk if "
                 "removed manually: promotion status or history can be wrong or racy."},
            },
    },
    {
        .kind = "ScmProvider",
        .deleting = "ScmProvider is being deleted.",
        .initializing = "Initializing SCM provider",
        .stale = "ScmProvider",
        .failed = "SCM provider validation failed",
        .unready = "SCM provider not ready",
        .unknown = "SCM provider readiness unknown",
        .missing = "ScmProvider Ready condition is missing",
        .holds = {{"scmprovider.promoter.argoproj.io/finalizer",
                   "Waiting until no GitRepository in this namespace still references this "
                   "provider." PROVIDER_RISK}},
    },
    {
        .kind = "ClusterScmProvider",
        .deleting = "ClusterScmProvider is being deleted.",
        .initializing = "Initializing cluster SCM provider",
        .stale = "ClusterScmProvider",
        .failed = "Cluster SCM provider validation failed",
        .unready = "Cluster SCM provider not ready",
        .unknown = "Cluster SCM provider readiness unknown",
        .missing = "ClusterScmProvider Ready condition is missing",
        .holds = {{"clusterscmprovider.promoter.argoproj.io/finalizer",
                   "Waiting until no GitRepository still references this cluster-wide SCM "
                   "provider." PROVIDER_RISK}},
    },
    {
        .kind = "GitRepository",
        .deleting = "GitRepository is being deleted.",
        .initializing = "Initializing Git repository",
        .stale = "GitRepository",
        .failed = "Git repository validation failed",
        .unready = "Git repository not ready",
        .unknown = "Git repository readiness unknown",
        .missing = "GitRepository Ready condition is missing",
        .holds = {{"gitrepository.promoter.argoproj.io/finalizer",
                   "Waiting until no non-deleting PullRequests still reference this repository. "
                   "Risk if removed manually: repository metadata may be removed while promotions "
                   "still depend on it."}},
    },
    {
        .kind = "GitCommitStatus",
        .deleting = "GitCommitStatus is being deleted",
        .initializing = "Initializing git commit validation",
        .stale = "GitCommitStatus",
        .failed = "Git commit validation failed",
        .unready = "Git commit validation not ready",
        .unknown = "Git commit validation status unknown",
        .missing = "GitCommitStatus Ready condition is missing",
    },
    {
        .kind = "TimedCommitStatus",
        .deleting = "TimedCommitStatus is being deleted",
        .initializing = "Initializing timed commit gate",
        .stale = "TimedCommitStatus",
        .failed = "Timed commit gate failed",
        .unready = "Timed commit gate not ready",
        .unknown = "Timed commit gate status unknown",
        .missing = "TimedCommitStatus Ready condition is missing",
    },
    {
        .kind = "WebRequestCommitStatus",
        .deleting = "WebRequestCommitStatus is being deleted",
        .initializing = "Initializing web request commit validation",
        .stale = "WebRequestCommitStatus",
        .failed = "Web request commit validation failed",
        .unready = "Web request commit validation not ready",
        .unknown = "Web request commit validation unknown",
        .missing = "WebRequestCommitStatus Ready condition is missing",
    },
};

static const struct words *words_of(const char *kind)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(WORDS) && strcmp(WORDS[i].kind, kind) != 0) {
        i++;
    }
    return &WORDS[i];
}

/* ---- deletion and Ready ---- */

static const char *hold_text(const struct words *words, struct str finalizer)
{
    for (size_t i = 0; i < ARRAY_LEN(words->holds); i++) {
        if (words->holds[i].finalizer != NULL && str_eq_c(finalizer, words->holds[i].finalizer)) {
            return words->holds[i].text;
        }
    }
    return "still present.";
}

static struct health
deleting(struct arena *arena, const struct value *live, const struct words *words)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    buf_put_c(&text, words->deleting);
    if (words->holds[0].finalizer != NULL) {
        VALUE_FOREACH(value_dig(live, "metadata", "finalizers"), finalizer) {
            buf_printf(&text, " " STR_FMT ": %s", STR_ARG(value_str(finalizer)),
                       hold_text(words, value_str(finalizer)));
        }
    }
    return health_make(HEALTH_STATUS_PROGRESSING, buf_to_arena(&text, arena));
}

static bool is_stale(const struct value *live, const struct value *ready)
{
    return health_holds(live, ready,
                        ".observedGeneration metadata.generation "
                        ".observedGeneration!=@metadata.generation");
}

static struct health of_ready(struct arena *arena,
                              const struct value *live,
                              const struct words *words,
                              const struct value *ready)
{
    const struct value *reason = value_find(ready, STR("reason"));
    const struct value *message = value_find(ready, STR("message"));
    struct str why = value_is(reason, VALUE_STRING) ? value_str(reason) : STR("Unknown");
    bool is_false = health_holds(NULL, ready, ".status=False");
    bool is_unknown = words->unknown != NULL && health_holds(NULL, ready, ".status=Unknown");
    struct str what = value_is(message, VALUE_STRING) ? value_str(message)
                      : is_false                      ? STR("Unknown error")
                                                      : STR("Unknown");
    if (is_stale(live, ready)) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for %s spec update to be observed", words->stale);
    }
    if (is_false && str_eq_c(why, "ReconciliationError")) {
        return health_printf(arena, HEALTH_STATUS_DEGRADED, "%s: " STR_FMT, words->failed,
                             STR_ARG(what));
    }
    if (is_false || is_unknown) {
        return health_printf(arena, is_false ? HEALTH_STATUS_DEGRADED : HEALTH_STATUS_PROGRESSING,
                             "%s (" STR_FMT "): " STR_FMT,
                             is_false ? words->unready : words->unknown, STR_ARG(why),
                             STR_ARG(what));
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}

/* NONE when nothing objects. */
static struct health basics(struct arena *arena, const struct value *live, const char *kind)
{
    const struct words *words = words_of(kind);
    bool has_ready = false;
    if (health_holds(live, NULL, "metadata.deletionTimestamp")) {
        return deleting(arena, live, words);
    }
    if (value_dig(live, "status") == NULL) {
        return health_make(HEALTH_STATUS_PROGRESSING, str_from(words->initializing));
    }
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        bool is_reconciled =
            strcmp(kind, "PullRequest") == 0 && health_holds(NULL, c, ".type=Reconciled");
        if (!is_reconciled && !health_holds(NULL, c, ".type=Ready")) {
            continue;
        }
        has_ready = true;
        struct health health = of_ready(arena, live, words, c);
        if (health.status != HEALTH_STATUS_NONE) {
            return health;
        }
    }
    if (!has_ready) {
        return health_make(HEALTH_STATUS_PROGRESSING, str_from(words->missing));
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}

/* ---- kinds that are healthy when Ready is ---- */

static const struct health_rule SIMPLE[] = {
    HEALTH_WHEN("kind=ScmProvider", HEALTHY, "SCM provider is ready"),
    HEALTH_WHEN("kind=ClusterScmProvider", HEALTHY, "Cluster SCM provider is ready"),
    HEALTH_WHEN("kind=GitRepository", HEALTHY, "Git repository is ready"),
    HEALTH_WHEN("kind=CommitStatus status.sha status.phase",
                HEALTHY,
                "Commit status for commit {status.sha} reports {status.phase}"),
    HEALTH_WHEN("kind=CommitStatus", HEALTHY, "Commit status is healthy"),
    HEALTH_WHEN("kind=PullRequest status.id status.state",
                HEALTHY,
                "Pull request is {status.state} as PR {status.id}"),
    HEALTH_WHEN("kind=PullRequest", HEALTHY, "Pull request is healthy"),
    HEALTH_WHEN("kind=ArgoCDCommitStatus #status.applicationsSelected=0",
                DEGRADED,
                "Argo CD commit status has no applications configured"),
    HEALTH_WHEN("kind=ArgoCDCommitStatus",
                HEALTHY,
                "Argo CD commit status is healthy and is tracking "
                "{#status.applicationsSelected} applications"),
};

static struct health simple(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules rules = HEALTH_RULES(SIMPLE);
    struct health health = basics(arena, live, name);
    return health.status != HEALTH_STATUS_NONE ? health
                                               : health_rules_run(arena, rules, name, live);
}

/* ---- gates: a phase for each environment ---- */

struct gate {
    const char *kind;
    const char *subject;
    const char *passed;
    const char *reconciled;
};

static const struct gate GATES[] = {
    {"GitCommitStatus", "Git commit validation", "Git commit validation passed",
     "Git commit validation reconciled"},
    {"TimedCommitStatus", "Timed commit gate", "Timed commit gate satisfied",
     "Timed commit gate reconciled"},
    {"WebRequestCommitStatus", "Web request validation", "Web request validation passed",
     "Web request commit validation reconciled"},
};

/* The branches of environments in a phase; anything but success and failure is pending. */
static struct str branches(struct arena *arena, const struct value *environments, const char *when)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    VALUE_FOREACH(environments, e) {
        if (health_holds(NULL, e, when)) {
            buf_put_c(&text, text.n > 0 ? ", " : "");
            health_message_put(&text, NULL, e, NULL, "{.branch|'?'}");
        }
    }
    return buf_to_arena(&text, arena);
}

static struct health gate(struct arena *arena, const struct value *live, const char *name)
{
    const struct value *environments = value_dig(live, "status", "environments");
    const struct gate *g = &GATES[0];
    for (size_t i = 0; i < ARRAY_LEN(GATES); i++) {
        g = strcmp(GATES[i].kind, name) == 0 ? &GATES[i] : g;
    }
    struct health health = basics(arena, live, name);
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    if (value_len(environments) == 0) {
        return health_make(HEALTH_STATUS_HEALTHY, str_from(g->reconciled));
    }
    struct str failed = branches(arena, environments, ".phase=failure");
    struct str pending = branches(arena, environments, ".phase!=failure|success");
    if (failed.n > 0) {
        return health_printf(arena, HEALTH_STATUS_DEGRADED, "%s failed for branch(es): " STR_FMT,
                             g->subject, STR_ARG(failed));
    }
    if (pending.n > 0) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "%s pending for branch(es): " STR_FMT, g->subject, STR_ARG(pending));
    }
    return health_printf(arena, HEALTH_STATUS_HEALTHY, "%s for %zu environment(s)", g->passed,
                         value_len(environments));
}

/* ---- promotions ---- */

struct tally {
    size_t pending;
    size_t success;
    size_t failure;
};

static struct tally count(const struct value *statuses)
{
    struct tally t = {0};
    VALUE_FOREACH(statuses, s) {
        t.pending += health_holds(NULL, s, ".phase=pending");
        t.success += health_holds(NULL, s, ".phase=success");
        t.failure += health_holds(NULL, s, ".phase=failure");
    }
    return t;
}

static void
keys_put(struct buf *out, const struct value *statuses, const char *when, const char *title)
{
    const char *separator = title;
    VALUE_FOREACH(statuses, s) {
        if (health_holds(NULL, s, when)) {
            buf_put_c(out, separator);
            health_message_put(out, NULL, s, NULL, "{.key}");
            separator = ", ";
        }
    }
    buf_put_c(out, separator != title ? ". " : "");
}

/* "1 pending, 0 successful, 1 failed. Pending commit statuses: a. Failed commit statuses: b. " */
static void statuses_put(struct buf *out, const struct value *statuses)
{
    struct tally t = count(statuses);
    buf_printf(out, "%zu pending, %zu successful, %zu failed. ", t.pending, t.success, t.failure);
    keys_put(out, statuses, ".phase=pending", "Pending commit statuses: ");
    keys_put(out, statuses, ".phase=failure", "Failed commit statuses: ");
}

static struct str dry_sha(const struct value *env, const char *side)
{
    return value_dig_str(env, side, "dry", "sha");
}

/* What the hydrator got to: it notes the commit where that changed nothing in this environment. */
static struct str hydrated_sha(const struct value *env)
{
    struct str noted = value_dig_str(env, "proposed", "note", "drySha");
    return noted.n > 0 ? noted : dry_sha(env, "proposed");
}

static struct str short_sha(struct str sha)
{
    return str_sub(sha, 0, 7);
}

static struct health transfer(struct arena *arena, const struct value *live, const char *name)
{
    const struct value *status = value_dig(live, "status");
    struct str active = dry_sha(status, "active");
    struct str proposed = dry_sha(status, "proposed");
    struct health health = basics(arena, live, name);
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    if (active.n == 0 || proposed.n == 0) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "The %s commit DRY SHA is missing or empty.",
                             active.n == 0 ? "active" : "proposed");
    }
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    if (!str_eq(active, proposed)) {
        buf_printf(&text, "Promotion in progress from '" STR_FMT "' to '" STR_FMT "': ",
                   STR_ARG(short_sha(active)), STR_ARG(short_sha(proposed)));
        statuses_put(&text, value_dig(status, "proposed", "commitStatuses"));
        return health_make(HEALTH_STATUS_PROGRESSING, buf_to_arena(&text, arena));
    }
    struct tally t = count(value_dig(status, "active", "commitStatuses"));
    if (t.pending + t.failure > 0) {
        buf_put_c(&text, "Environment is up-to-date, but there are non-successful active commit "
                         "statuses: ");
        statuses_put(&text, value_dig(status, "active", "commitStatuses"));
        return health_make(HEALTH_STATUS_HEALTHY, buf_to_arena(&text, arena));
    }
    return health_printf(arena, HEALTH_STATUS_HEALTHY,
                         "Environment is up-to-date on commit " STR_FMT ".",
                         STR_ARG(short_sha(active)));
}

/* An environment whose commits are not known, or that disagrees with the first. */
static struct health strategy_gaps(struct arena *arena, const struct value *environments)
{
    VALUE_FOREACH(environments, env) {
        const char *side = dry_sha(env, "active").n == 0     ? "active"
                           : dry_sha(env, "proposed").n == 0 ? "proposed"
                                                             : NULL;
        if (side != NULL) {
            return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                                 "The %s commit DRY SHA is missing or empty in environment "
                                 "'" STR_FMT "'.",
                                 side, STR_ARG(value_dig_str(env, "branch")));
        }
    }
    struct str first = hydrated_sha(value_at(environments, 0));
    VALUE_FOREACH(environments, env) {
        if (!str_eq(hydrated_sha(env), first)) {
            return health_make(HEALTH_STATUS_PROGRESSING,
                               STR("Not all environments have the same proposed commit SHA. This "
                                   "likely means the hydrator has not run for all environments "
                                   "yet."));
        }
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}

/* The first environment that is being promoted. */
static struct health strategy_progress(struct arena *arena, const struct value *environments)
{
    VALUE_FOREACH(environments, env) {
        struct str active = dry_sha(env, "active");
        struct str proposed = dry_sha(env, "proposed");
        if (str_eq(active, proposed)) {
            continue;
        }
        AUTO(buf) struct buf text;
        buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
        buf_printf(&text,
                   "Promotion in progress for environment '" STR_FMT "' from '" STR_FMT
                   "' to '" STR_FMT "': ",
                   STR_ARG(value_dig_str(env, "branch")), STR_ARG(short_sha(active)),
                   STR_ARG(short_sha(proposed)));
        statuses_put(&text, value_dig(env, "proposed", "commitStatuses"));
        buf_printf(&text, "Hydrator has processed dry commit '" STR_FMT "'. ",
                   STR_ARG(short_sha(hydrated_sha(env))));
        return health_make(HEALTH_STATUS_PROGRESSING, buf_to_arena(&text, arena));
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}

static struct health strategy_done(struct arena *arena, const struct value *environments)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    VALUE_FOREACH(environments, env) {
        struct tally t = count(value_dig(env, "active", "commitStatuses"));
        if (t.pending + t.failure > 0) {
            buf_printf(&text, "%s" STR_FMT " (%zu failed, %zu pending)", text.n > 0 ? ", " : "",
                       STR_ARG(value_dig_str(env, "branch")), t.failure, t.pending);
        }
    }
    if (text.n > 0) {
        return health_printf(arena, HEALTH_STATUS_HEALTHY,
                             "Environments are up-to-date, but some environments have "
                             "non-successful commit statuses: %s.",
                             text.p);
    }
    return health_printf(arena, HEALTH_STATUS_HEALTHY,
                         "All environments are up-to-date on commit '" STR_FMT "'.",
                         STR_ARG(short_sha(dry_sha(value_at(environments, 0), "proposed"))));
}

static struct health strategy(struct arena *arena, const struct value *live, const char *name)
{
    const struct value *environments = value_dig(live, "status", "environments");
    struct health health = basics(arena, live, name);
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    if (value_len(environments) == 0) {
        return health_make(HEALTH_STATUS_DEGRADED,
                           STR("Promotion strategy has no environments configured"));
    }
    health = strategy_gaps(arena, environments);
    if (health.status == HEALTH_STATUS_NONE) {
        health = strategy_progress(arena, environments);
    }
    return health.status != HEALTH_STATUS_NONE ? health : strategy_done(arena, environments);
}

static const struct health_kind KINDS[] = {
    {"promoter.argoproj.io", "ArgoCDCommitStatus", .name = "ArgoCDCommitStatus", .fn = simple},
    {"promoter.argoproj.io", "CommitStatus", .name = "CommitStatus", .fn = simple},
    {"promoter.argoproj.io", "PullRequest", .name = "PullRequest", .fn = simple},
    {"promoter.argoproj.io", "ScmProvider", .name = "ScmProvider", .fn = simple},
    {"promoter.argoproj.io", "ClusterScmProvider", .name = "ClusterScmProvider", .fn = simple},
    {"promoter.argoproj.io", "GitRepository", .name = "GitRepository", .fn = simple},
    {"promoter.argoproj.io", "GitCommitStatus", .name = "GitCommitStatus", .fn = gate},
    {"promoter.argoproj.io", "TimedCommitStatus", .name = "TimedCommitStatus", .fn = gate},
    {"promoter.argoproj.io", "WebRequestCommitStatus", .name = "WebRequestCommitStatus",
     .fn = gate},
    {"promoter.argoproj.io", "ChangeTransferPolicy", .name = "ChangeTransferPolicy",
     .fn = transfer},
    {"promoter.argoproj.io", "PromotionStrategy", .name = "PromotionStrategy", .fn = strategy},
};

const struct health_family HEALTH_CRD_PROMOTER = {KINDS, ARRAY_LEN(KINDS)};
