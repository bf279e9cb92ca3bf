/* The set of named templates: a map of definitions and a journal of what they replaced, by which a failed
 * parse and the end of `tpl` are undone without copies.
 *
 * A file that can define nothing but itself is parsed when it is run, in the scratch arena, and forgotten with it: syntax
 * trees are many times as large as their texts. */
#include "common/base/map.h"
#include "common/base/vec.h"
#include "engine/template/ast.h"
#include "engine/template/func.h"
#include "engine/template/parse.h"
#include "engine/template/template.h"

struct definition {
    const struct tdef *def; /* NULL: not parsed yet */
    uint64_t parse;         /* number of the call that made it: two in one file are an error */
    struct str name;        /* of one that is parsed when it is run */
    struct str text;
};

struct replaced {
    struct str name;
    struct definition *was; /* NULL: there was none */
};

struct template_set {
    struct arena *arena;
    struct arena *scratch; /* of trees that are forgotten; NULL = arena */
    struct map *defs;      /* name -> struct definition */
    struct map *funcs;     /* name -> struct tfunc, all; helpers read it */
    uint64_t n_parses;
    VEC(struct replaced) journal;
    VEC(size_t) pushes;                   /* lengths of the journal */
    VEC(struct definition *) parsed_late; /* in the scratch arena */
};

static void free_set(void *p)
{
    struct template_set *set = p;
    map_free(set->defs);
    map_free(set->funcs);
    vec_done(&set->journal);
    vec_done(&set->pushes);
    vec_done(&set->parsed_late);
}

static struct map *all_funcs(void)
{
    struct map *funcs = map_new(NULL);
    const struct tfunc *f;
    for (size_t i = 0; (f = tfunc_at(i)) != NULL; i++) {
        union {
            const struct tfunc *constant;
            void *value;
        } func = {.constant = f};
        map_set(funcs, str_from(f->name), func.value);
    }
    return funcs;
}

struct template_set *template_set_new(struct arena *arena)
{
    struct template_set *set = ARENA_NEW(arena, struct template_set);
    set->arena = arena;
    set->defs = map_new(NULL);
    set->funcs = all_funcs();
    arena_defer(arena, free_set, set);
    return set;
}

const struct tdef *template_find(const struct template_set *set, struct str name)
{
    const struct definition *found = map_find(set->defs, name);
    return found != NULL ? found->def : NULL;
}

static void undo(struct template_set *set, size_t journal_n)
{
    while (set->journal.n > journal_n) {
        struct replaced *r = &set->journal.items[--set->journal.n];
        if (r->was != NULL) {
            map_set(set->defs, r->name, r->was);
        } else {
            (void)map_remove(set->defs, r->name);
        }
    }
}

void template_push(struct template_set *set)
{
    vec_push(&set->pushes, set->journal.n);
}

void template_pop(struct template_set *set)
{
    undo(set, set->pushes.items[--set->pushes.n]);
}

/* What `tpl` parses is dropped with what it makes. */
static struct arena *tree_arena(const struct template_set *set)
{
    return set->pushes.n > 0 && set->scratch != NULL ? set->scratch : set->arena;
}

static int define(void *data, const struct tdef *def, struct err *err)
{
    struct template_set *set = data;
    struct definition *was = map_find(set->defs, def->name);
    if (was != NULL && def->blank) {
        return 0;
    }
    if (was != NULL && was->def != NULL && was->parse == set->n_parses && !was->def->blank) {
        AUTO(buf) struct buf quoted;
        buf_init(&quoted, ERR_MESSAGE_BYTES);
        tval_quote(&quoted, def->name);
        return err_set(err, ERR_INVALID, "template: multiple definition of template %s", quoted.p);
    }
    struct replaced replaced = {.name = def->name, .was = was};
    struct definition *definition = ARENA_NEW(tree_arena(set), struct definition);
    *definition = (struct definition){.def = def, .parse = set->n_parses};
    vec_push(&set->journal, replaced);
    map_set(set->defs, def->name, definition);
    return 0;
}

static const struct tfunc *find_func(void *data, struct str name)
{
    const struct template_set *set = data;
    return map_find(set->funcs, name);
}

int template_parse_main(struct template_set *set,
                        struct str name,
                        struct str text,
                        struct budget *budget,
                        const struct tdef **ret,
                        struct err *err)
{
    struct parse_input in = {
        .arena = tree_arena(set),
        .name = name,
        .text = text,
        .budget = budget,
        .find_func = find_func,
        .define = define,
        .data = set,
    };
    size_t journal_n = set->journal.n;
    set->n_parses++;
    int rc = parse_file(&in, ret, err);
    if (rc < 0) {
        undo(set, journal_n);
    } else if (set->pushes.n == 0) {
        set->journal.n = 0;
    }
    return rc;
}

int template_parse(struct template_set *set,
                   struct str name,
                   struct str text,
                   struct budget *budget,
                   struct err *err)
{
    const struct tdef *def;
    return template_parse_main(set, name, text, budget, &def, err);
}

/* ---- later ---- */

/* "define" and "block" are not there, not even in a comment. */
static bool defines_nothing(struct str text)
{
    return str_find(text, STR("define")) == STR_NONE && str_find(text, STR("block")) == STR_NONE;
}

int template_parse_late(struct template_set *set,
                        struct str name,
                        struct str text,
                        struct budget *budget,
                        struct err *err)
{
    if (!defines_nothing(text) || map_has(set->defs, name)) {
        return template_parse(set, name, text, budget, err);
    }
    struct definition *d = ARENA_NEW(set->arena, struct definition);
    *d = (struct definition){.parse = ++set->n_parses, .name = name, .text = text};
    map_set(set->defs, name, d);
    return 0;
}

static int define_nothing(void *data UNUSED, const struct tdef *def UNUSED, struct err *err UNUSED)
{
    return 0;
}

static int parse_into(struct template_set *set,
                      struct arena *arena,
                      const struct definition *d,
                      struct budget *budget,
                      const struct tdef **ret,
                      struct err *err)
{
    struct parse_input in = {
        .arena = arena,
        .name = d->name,
        .text = d->text,
        .budget = budget,
        .find_func = find_func,
        .define = define_nothing,
        .data = set,
    };
    return parse_file(&in, ret, err);
}

int template_check(struct template_set *set,
                   struct str name,
                   struct str text,
                   struct budget *budget,
                   struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct definition d = {.name = name, .text = text};
    const struct tdef *ignored;
    return parse_into(set, arena, &d, budget, &ignored, err);
}

int template_get(struct template_set *set,
                 struct str name,
                 struct budget *budget,
                 const struct tdef **ret,
                 struct err *err)
{
    struct definition *d = map_find(set->defs, name);
    if (d != NULL && d->def == NULL) {
        struct arena *arena = set->scratch != NULL ? set->scratch : set->arena;
        TRY(parse_into(set, arena, d, budget, &d->def, err));
        vec_push(&set->parsed_late, d);
    }
    *ret = d != NULL ? d->def : NULL;
    return 0;
}

/* ---- ahead ---- */

static void parse_ahead(struct crew_task *task, struct arena *arena)
{
    struct template_ahead *a = CONTAINER_OF(task, struct template_ahead, task);
    struct err err;
    if (parse_into(a->set, a->arena, a->definition, &a->budget, &a->def, &err) < 0) {
        struct err *kept = ARENA_NEW(arena, struct err);
        *kept = err;
        a->err = kept;
    }
}

void template_ahead_offer(struct template_ahead *ahead,
                          struct template_set *set,
                          struct str name,
                          const struct budget *budget,
                          struct crew *crew,
                          struct arena *arena)
{
    struct definition *d = map_find(set->defs, name);
    if (d == NULL || d->text.p == NULL) {
        return;
    }
    *ahead = (struct template_ahead){
        .task = {.run = parse_ahead},
        .set = set,
        .arena = arena,
        .budget = budget_fork(budget),
        .definition = d,
    };
    crew_offer(crew, &ahead->task);
}

int template_ahead_take(struct template_ahead *ahead,
                        struct budget *budget,
                        struct crew *crew,
                        struct err *err)
{
    struct definition *d = ahead->definition;
    if (d == NULL) {
        return 0;
    }
    crew_take(crew, &ahead->task, ahead->set->arena);
    ahead->definition = NULL;
    if (ahead->err != NULL) {
        *err = *ahead->err;
        return -(int)err->code;
    }
    d->def = ahead->def;
    vec_push(&ahead->set->parsed_late, d);
    return budget_join(budget, &ahead->budget, err);
}

void template_use_scratch(struct template_set *set, struct arena *scratch)
{
    VEC_FOREACH(&set->parsed_late, d) {
        (*d)->def = NULL;
    }
    set->parsed_late.n = 0;
    set->scratch = scratch;
}
