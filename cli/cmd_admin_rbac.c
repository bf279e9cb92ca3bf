/* Policies are common/rbac's; here files are read, and words checked that people may have wrong. */
#include "cli/cmd_admin_rbac.h"

#include "cli/cli.h"
#include "cli/object_file.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/model/project.h"
#include "common/rbac/rbac.h"
#include "common/rbac/rbac_config.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"

struct can_flags {
    const char *policy_file;
    const char *default_role;
    const char *match_mode;
    const char *project;
    struct flag_list groups;
    bool use_builtin;
    bool no_builtin;
    bool strict;
    bool quiet;
    bool explain;
};

static const struct flag_row CAN_ROWS[] = {
    {"policy-file", 0, FLAG_STR, offsetof(struct can_flags, policy_file), "FILE", NULL,
     "lines of policy, or the config map argocd-rbac-cm"},
    {"default-role", 0, FLAG_STR, offsetof(struct can_flags, default_role), "ROLE", NULL,
     "everybody's role, in place of policy.default"},
    {"match-mode", 0, FLAG_STR, offsetof(struct can_flags, match_mode), "glob|regex", NULL,
     "what patterns are, in place of policy.matchMode"},
    {"project", 0, FLAG_STR, offsetof(struct can_flags, project), "FILE", NULL,
     "an AppProject whose roles count for its objects"},
    {"group", 0, FLAG_LIST, offsetof(struct can_flags, groups), "NAME", NULL,
     "a group the subject is in"},
    {"use-builtin-policy", 0, FLAG_BOOL, offsetof(struct can_flags, use_builtin), NULL, "true",
     "know role:admin and role:readonly"},
    {"no-builtin", 0, FLAG_BOOL, offsetof(struct can_flags, no_builtin), NULL, NULL,
     "--use-builtin-policy=false"},
    {"strict", 0, FLAG_BOOL, offsetof(struct can_flags, strict), NULL, "true",
     "refuse resources and actions there are not"},
    {"quiet", 'q', FLAG_BOOL, offsetof(struct can_flags, quiet), NULL, NULL,
     "answer by the exit status only"},
    {"explain", 0, FLAG_BOOL, offsetof(struct can_flags, explain), NULL, NULL,
     "print which line decided, too"},
};
const struct flag_set CMD_ADMIN_RBAC_CAN_FLAGS = FLAG_SET(struct can_flags, CAN_ROWS);

struct validate_flags {
    const char *policy_file;
};

static const struct flag_row VALIDATE_ROWS[] = {
    {"policy-file", 0, FLAG_STR, offsetof(struct validate_flags, policy_file), "FILE", NULL,
     "lines of policy, or the config map argocd-rbac-cm"},
};
const struct flag_set CMD_ADMIN_RBAC_VALIDATE_FLAGS =
    FLAG_SET(struct validate_flags, VALIDATE_ROWS);

/* ---- words ---- */

struct resource_row {
    const char *name;
    const char *others;  /* what people may call it */
    const char *actions; /* those that end in a slash may have more behind it */
};

static const struct resource_row RESOURCES[] = {
    {"accounts", "account", "get create update"},
    {"applications", "app apps application",
     "get create update update/ delete delete/ sync rollback override action action/"},
    {"applicationsets", "appset appsets applicationset", "get create update delete"},
    {"certificates", "cert certs certificate", "get create update delete"},
    {"clusters", "cluster", "get create update delete"},
    {"exec", "", "create"},
    {"extensions", "extension", "invoke"},
    {"gpgkeys", "gpgkey key", "get create delete"},
    {"logs", "log", "get"},
    {"projects", "proj projs project", "get create update delete"},
    {"repositories", "repo repos repository", "get create update delete"},
    {"write-repositories", "write-repository", "get create update delete"},
};

static bool has_word(const char *words, struct str word)
{
    struct str rest = str_from(words);
    struct str one;
    while (str_next(&rest, ' ', &one)) {
        if (one.n > 0 && str_eq(one, word)) {
            return true;
        }
    }
    return false;
}

static const struct resource_row *find_resource(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(RESOURCES); i++) {
        if (str_eq_c(name, RESOURCES[i].name) || has_word(RESOURCES[i].others, name)) {
            return &RESOURCES[i];
        }
    }
    return NULL;
}

/* "update/apps/Deployment/..." is known by its "update/". */
static bool has_action(const struct resource_row *row, struct str action)
{
    size_t slash = str_find_char(action, '/');
    return has_word(row->actions, slash == STR_NONE ? action : str_sub(action, 0, slash + 1));
}

static int
check_words(const struct resource_row *row, struct str resource, struct str action, struct err *err)
{
    if (row == NULL) {
        return err_set(err, ERR_INVALID, "there is no resource '" STR_FMT "'", STR_ARG(resource));
    }
    if (!has_action(row, action)) {
        return err_set(err, ERR_INVALID, "there is no action '" STR_FMT "' on %s", STR_ARG(action),
                       row->name);
    }
    return 0;
}

/* ---- files ---- */

static int
read_policy(struct arena *arena, const char *path, struct rbac_opts *ret, struct err *err)
{
    struct err no_yaml;
    struct str text;
    const struct value *tree;
    if (path == NULL) {
        return err_set(err, ERR_INVALID, "--policy-file is needed");
    }
    TRY(fs_read_file(arena, path, LIMIT_RBAC_POLICY_BYTES, &text, err));
    if (value_from_yaml(arena, text, NULL, &tree, &no_yaml) == 0 &&
        value_is(value_find(tree, STR("data")), VALUE_MAP)) {
        rbac_config_read(arena, value_find(tree, STR("data")), ret);
        return 0;
    }
    struct rbac_text *lines = ARENA_NEW(arena, struct rbac_text);
    *lines = (struct rbac_text){str_from(path), text};
    *ret = (struct rbac_opts){.texts = lines, .n_texts = 1};
    return 0;
}

static int read_project(struct cli *cli,
                        const char *path,
                        enum rbac_mode mode,
                        struct rbac_policy **ret,
                        struct project *project,
                        struct err *err)
{
    const struct value *tree;
    TRY(cli_read_object(cli, path, &tree, err));
    TRY_IN(project_decode(cli->arena, tree, project, err), err, "%s", path);
    *ret = rbac_policy_of_project(project, mode);
    struct app_strs problems = rbac_policy_problems(*ret);
    if (problems.n > 0) {
        return err_set(err, ERR_INVALID, "%s: " STR_FMT, path, STR_ARG(problems.items[0]));
    }
    return 0;
}

/* ---- can ---- */

static void apply_flags(const struct can_flags *flags, struct rbac_opts *opts)
{
    opts->no_builtin = flags->no_builtin || !flags->use_builtin;
    if (flags->default_role != NULL) {
        opts->default_role = str_from(flags->default_role);
    }
    if (flags->match_mode != NULL) {
        opts->mode = str_eq_c(STR("regex"), flags->match_mode) ? RBAC_REGEX : RBAC_GLOB;
    }
}

static int read_question(struct cli *cli, struct rbac_question *ret, struct err *err)
{
    const struct can_flags *flags = cli->flags;
    struct str resource = str_from(cli->args.items[2]);
    const struct resource_row *row = find_resource(resource);
    struct str *groups = arena_calloc(cli->arena, flags->groups.n, sizeof(*groups));
    for (size_t i = 0; i < flags->groups.n; i++) {
        groups[i] = str_from(flags->groups.items[i]);
    }
    *ret = (struct rbac_question){
        .user = str_from(cli->args.items[0]),
        .groups = groups,
        .n_groups = flags->groups.n,
        .action = str_from(cli->args.items[1]),
        .resource = row != NULL ? str_from(row->name) : resource,
        .object = str_from(cli->args.n > 3 ? cli->args.items[3] : "*"),
    };
    bool in_project =
        has_word("applications applicationsets logs exec clusters repositories", ret->resource);
    if (in_project && (ret->object.n == 0 || str_eq(ret->object, STR("*")))) {
        ret->object = STR("*/*");
    }
    return flags->strict ? check_words(row, resource, ret->action, err) : 0;
}

static int answer(struct cli *cli, const struct rbac_decision *decision)
{
    const struct can_flags *flags = cli->flags;
    if (!flags->quiet) {
        buf_put_c(&cli->out, decision->allowed ? "Yes\n" : "No\n");
    }
    if (flags->explain) {
        buf_put(&cli->out, rbac_explain(cli->arena, decision));
        buf_put_char(&cli->out, '\n');
    }
    return decision->allowed ? CLI_EXIT_OK : CLI_EXIT_NO;
}

int cmd_admin_rbac_can(struct cli *cli, struct err *err)
{
    const struct can_flags *flags = cli->flags;
    AUTO(rbac_policy) struct rbac_policy *policy = NULL;
    AUTO(rbac_policy) struct rbac_policy *of_project = NULL;
    struct project project;
    struct rbac_question question;
    struct rbac_opts opts;
    TRY(read_question(cli, &question, err));
    TRY(read_policy(cli->arena, flags->policy_file, &opts, err));
    apply_flags(flags, &opts);
    TRY(rbac_policy_new(&opts, &policy, err));
    question.policy = policy;
    if (flags->project != NULL) {
        TRY(read_project(cli, flags->project, opts.mode, &of_project, &project, err));
        struct str name = rbac_project_of_object(question.resource, question.object);
        question.project = str_eq(name, project.name) ? of_project : NULL;
    }
    struct rbac_decision decision = rbac_decide(cli->arena, &question);
    return answer(cli, &decision);
}

/* ---- validate ---- */

int cmd_admin_rbac_validate(struct cli *cli, struct err *err)
{
    const struct validate_flags *flags = cli->flags;
    AUTO(rbac_policy) struct rbac_policy *policy = NULL;
    struct rbac_opts opts;
    TRY(read_policy(cli->arena, flags->policy_file, &opts, err));
    if (rbac_policy_new(&opts, &policy, err) < 0) {
        char text[ERR_MESSAGE_BYTES];
        err_format(err, text, sizeof(text));
        buf_printf(&cli->out, "Policy is invalid: %s\n", text);
        return CLI_EXIT_NO;
    }
    struct app_strs problems = rbac_policy_problems(policy);
    for (size_t i = 0; i < problems.n; i++) {
        buf_printf(&cli->out, "warning: " STR_FMT "\n", STR_ARG(problems.items[i]));
    }
    buf_put_c(&cli->out, "Policy is valid.\n");
    return CLI_EXIT_OK;
}
