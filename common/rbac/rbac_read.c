/* Lines of text become rules under the names they are for.
 *
 * What Argo CD refuses to load is an error here. What it loads and then ignores, as an effect it does not know, is
 * kept as it is and noted as a problem, so that a policy that works there works here. */
#include <stdarg.h>

#include "common/base/arena.h"
#include "common/rbac/rbac_internal.h"

enum {
    P_FIELDS = 6, /* p, subject, resource, action, object, effect */
    G_FIELDS = 3, /* g, member, role; more are ignored */
};

struct rbac_policy *rbac_read_begin(enum rbac_mode mode)
{
    struct arena *arena = arena_new();
    struct rbac_policy *policy = ARENA_NEW(arena, struct rbac_policy);
    atomic_init(&policy->refs, 1);
    policy->arena = arena;
    policy->mode = mode;
    policy->subjects = map_new(NULL);
    return policy;
}

void rbac_read_problem(struct rbac_policy *policy,
                       const struct rbac_place *place,
                       const char *fmt,
                       ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str what = arena_vprintf(policy->arena, fmt, ap);
    va_end(ap);
    struct str text =
        place->line == 0 ? arena_printf(policy->arena, STR_FMT ": '" STR_FMT "': " STR_FMT,
                                        STR_ARG(place->source), STR_ARG(place->text), STR_ARG(what))
                         : arena_printf(policy->arena, STR_FMT ":%u: " STR_FMT,
                                        STR_ARG(place->source), place->line, STR_ARG(what));
    vec_push_in(policy->arena, &policy->problems, text);
}

static struct rbac_subject *subject_of(struct rbac_policy *policy, struct str name)
{
    struct rbac_subject *subject = map_find(policy->subjects, name);
    if (subject == NULL) {
        subject = ARENA_NEW(policy->arena, struct rbac_subject);
        subject->name = arena_str(policy->arena, name);
        map_set(policy->subjects, name, subject);
    }
    return subject;
}

void rbac_read_rule(struct rbac_policy *policy, struct str name, const struct rbac_rule *rule)
{
    struct rbac_subject *subject = subject_of(policy, name);
    vec_push_in(policy->arena, &subject->rules, *rule);
}

void rbac_read_member(struct rbac_policy *policy, struct str member, struct str role)
{
    struct rbac_subject *to = subject_of(policy, role);
    vec_push_in(policy->arena, &subject_of(policy, member)->roles, to);
}

static void init_pattern(struct rbac_policy *policy,
                         const struct rbac_place *place,
                         struct str text,
                         struct rbac_pattern *ret)
{
    struct err err;
    if (rbac_pattern_init(policy->arena, policy->mode, text, ret, &err) < 0) {
        rbac_read_problem(policy, place, "%s: the line %s", err.message,
                          policy->mode == RBAC_REGEX ? "denies what it is asked for"
                                                     : "does nothing");
    }
}

/* Fields are compared as they are, so that this one will hardly match what was meant. */
static void check_spaces(struct rbac_policy *policy,
                         const struct rbac_place *place,
                         const struct policy_csv *csv)
{
    for (size_t i = 0; i < csv->n && i < POLICY_CSV_FIELDS; i++) {
        struct str field = csv->fields[i];
        if (str_trim(field).n != field.n) {
            rbac_read_problem(policy, place, "white space is part of '" STR_FMT "'",
                              STR_ARG(field));
        }
    }
}

static void
read_rule(struct rbac_policy *policy, const struct rbac_place *place, const struct policy_csv *csv)
{
    const struct str *f = csv->fields;
    struct rbac_rule rule = {.place = *place, .denies = str_eq(f[5], STR("deny"))};
    init_pattern(policy, place, f[2], &rule.resource);
    init_pattern(policy, place, f[3], &rule.action);
    init_pattern(policy, place, f[4], &rule.object);
    check_spaces(policy, place, csv);
    if (!rule.denies && !str_eq(f[5], STR("allow"))) {
        rbac_read_problem(policy, place,
                          "the effect '" STR_FMT
                          "' is neither allow nor deny: the line does nothing",
                          STR_ARG(f[5]));
        return;
    }
    rbac_read_rule(policy, f[1], &rule);
}

static int read_kind(struct rbac_policy *policy,
                     const struct rbac_place *place,
                     const struct policy_csv *csv,
                     struct err *err)
{
    struct str kind = csv->fields[0];
    bool is_rule = str_eq(kind, STR("p"));
    if (is_rule && csv->n != P_FIELDS) {
        return err_set(err, ERR_INVALID,
                       "'p, subject, resource, action, object, allow|deny' is expected, there are "
                       "%zu fields",
                       csv->n);
    }
    if (is_rule) {
        read_rule(policy, place, csv);
        return 0;
    }
    if (!str_eq(kind, STR("g"))) {
        return err_set(err, ERR_INVALID, "a line begins with p or g, not with '" STR_FMT "'",
                       STR_ARG(kind));
    }
    if (csv->n < G_FIELDS) {
        return err_set(err, ERR_INVALID, "'g, member, role' is expected, there are %zu fields",
                       csv->n);
    }
    check_spaces(policy, place, csv);
    rbac_read_member(policy, csv->fields[1], csv->fields[2]);
    return 0;
}

int rbac_read_line(struct rbac_policy *policy, const struct rbac_place *place, struct err *err)
{
    struct policy_csv csv;
    if (policy_csv_read(policy->arena, place->text, &csv, err) < 0 ||
        read_kind(policy, place, &csv, err) < 0) {
        return err_at(err, place->source, place->line, 0);
    }
    return 0;
}

int rbac_read_text(struct rbac_policy *policy, const struct rbac_text *text, struct err *err)
{
    struct str rest = text->text;
    struct str line;
    for (uint32_t number = 1; str_next(&rest, '\n', &line); number++) {
        struct rbac_place place = {text->name, number, str_trim(line)};
        if (place.text.n > 0 && place.text.p[0] != '#') {
            TRY(rbac_read_line(policy, &place, err));
        }
    }
    return 0;
}
