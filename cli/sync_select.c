/* Selectors are globs on each part; an exception wins over everything. */
#include "cli/sync_select.h"

#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/base/str.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

struct selector {
    bool except;
    struct str group;
    struct str kind;
    struct str namespace; /* "" = any */
    struct str name;
};

static int parse(const char *text, struct selector *ret, struct err *err)
{
    struct str rest = str_from(text);
    struct str namespace;
    struct str bare;
    bool except = str_starts_with(rest, STR("!"));
    struct selector s = {.except = except};
    rest = str_sub(rest, except ? 1 : 0, rest.n);
    if (!str_cut(rest, ':', &s.group, &rest) || !str_cut(rest, ':', &s.kind, &s.name) ||
        s.kind.n == 0 || s.name.n == 0) {
        return err_set(err, ERR_INVALID,
                       "resource '%s' is not GROUP:KIND:NAME or GROUP:KIND:NAMESPACE/NAME", text);
    }
    if (str_cut(s.name, '/', &namespace, &bare)) {
        s.namespace = namespace;
        s.name = bare;
    }
    *ret = s;
    return 0;
}

bool sync_select_is_pattern(const struct flag_list *selectors)
{
    for (size_t i = 0; i < selectors->n; i++) {
        if (selectors->items[i][0] == '!' || strpbrk(selectors->items[i], "*?[{") != NULL) {
            return true;
        }
    }
    return false;
}

static bool part_matches(struct str pattern, struct str text)
{
    return glob_match(pattern, text, GLOB_NO_SEPARATOR);
}

static bool matches(const struct selector *s, const struct value *resource)
{
    return part_matches(s->group, value_dig_str(resource, "group")) &&
           part_matches(s->kind, value_dig_str(resource, "kind")) &&
           part_matches(s->name, value_dig_str(resource, "name")) &&
           (s->namespace.n == 0 ||
            part_matches(s->namespace, value_dig_str(resource, "namespace")));
}

static bool is_selected(const struct selector *all, size_t n, const struct value *resource)
{
    bool only_exceptions = true;
    bool included = false;
    for (size_t i = 0; i < n; i++) {
        if (all[i].except && matches(&all[i], resource)) {
            return false;
        }
        only_exceptions = only_exceptions && all[i].except;
        included |= !all[i].except && matches(&all[i], resource);
    }
    return included || only_exceptions;
}

static void put(struct value_builder *b, const struct selector *s)
{
    value_build_map(b);
    value_build_field_str(b, "group", s->group);
    value_build_field_str(b, "kind", s->kind);
    value_build_field_str_opt(b, "namespace", s->namespace);
    value_build_field_str(b, "name", s->name);
    value_build_end(b);
}

/* Returns how many there are. */
static size_t
put_matching(struct value_builder *b, const struct selector *all, size_t n, const struct value *app)
{
    size_t found = 0;
    VALUE_FOREACH(value_dig(app, "status", "resources"), r) {
        if (is_selected(all, n, r)) {
            put(b, &(struct selector){.group = value_dig_str(r, "group"),
                                      .kind = value_dig_str(r, "kind"),
                                      .namespace = value_dig_str(r, "namespace"),
                                      .name = value_dig_str(r, "name")});
            found++;
        }
    }
    return found;
}

int sync_select(struct arena *arena,
                const struct flag_list *selectors,
                const struct value *app,
                const struct value **ret,
                struct err *err)
{
    struct selector *all = arena_calloc(arena, selectors->n, sizeof(*all));
    size_t found = selectors->n;
    for (size_t i = 0; i < selectors->n; i++) {
        TRY(parse(selectors->items[i], &all[i], err));
    }
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    if (sync_select_is_pattern(selectors)) {
        found = put_matching(&b, all, selectors->n, app);
    } else {
        for (size_t i = 0; i < selectors->n; i++) {
            put(&b, &all[i]);
        }
    }
    value_build_end(&b);
    *ret = value_build_finish(&b);
    if (found == 0 && selectors->n > 0) {
        return err_set(err, ERR_NOT_FOUND, "no resource of the application matches '%s'%s",
                       selectors->items[0], selectors->n > 1 ? ", ..." : "");
    }
    return 0;
}
