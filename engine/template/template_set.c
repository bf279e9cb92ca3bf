/* The set of named templates: a map of definitions and a journal of what they replaced, by which a failed
 * parse and the end of `tpl` are undone without copies. */
#include "common/base/map.h"
#include "common/base/vec.h"
#include "engine/template/ast.h"
#include "engine/template/func.h"
#include "engine/template/parse.h"
#include "engine/template/template.h"

struct definition {
    const struct tdef *def;
    uint64_t parse; /* number of the call that made it: two in one file are an error */
};

struct replaced {
    struct str name;
    struct definition *was; /* NULL: there was none */
};

struct template_set {
    struct arena *arena;
    struct map *defs;  /* name -> struct definition */
    struct map *funcs; /* name -> struct tfunc, those that were used */
    uint64_t n_parses;
    VEC(struct replaced) journal;
    VEC(size_t) pushes; /* lengths of the journal */
};

static void free_set(void *p)
{
    struct template_set *set = p;
    map_free(set->defs);
    map_free(set->funcs);
    vec_done(&set->journal);
    vec_done(&set->pushes);
}

struct template_set *template_set_new(struct arena *arena)
{
    struct template_set *set = ARENA_NEW(arena, struct template_set);
    set->arena = arena;
    set->defs = map_new(NULL);
    set->funcs = map_new(NULL);
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

static int define(void *data, const struct tdef *def, struct err *err)
{
    struct template_set *set = data;
    struct definition *was = map_find(set->defs, def->name);
    if (was != NULL && def->blank) {
        return 0;
    }
    if (was != NULL && was->parse == set->n_parses && !was->def->blank) {
        AUTO(buf) struct buf quoted;
        buf_init(&quoted, ERR_MESSAGE_BYTES);
        tval_quote(&quoted, def->name);
        return err_set(err, ERR_INVALID, "template: multiple definition of template %s", quoted.p);
    }
    struct replaced replaced = {.name = def->name, .was = was};
    struct definition *definition = ARENA_NEW(set->arena, struct definition);
    *definition = (struct definition){.def = def, .parse = set->n_parses};
    vec_push(&set->journal, replaced);
    map_set(set->defs, def->name, definition);
    return 0;
}

static const struct tfunc *find_func(void *data, struct str name)
{
    struct template_set *set = data;
    union {
        const struct tfunc *constant;
        void *value;
    } found = {.value = map_find(set->funcs, name)};
    if (found.value == NULL) {
        found.constant = tfunc_find(name);
        if (found.constant != NULL) {
            map_set(set->funcs, name, found.value);
        }
    }
    return found.constant;
}

int template_parse_main(struct template_set *set,
                        struct str name,
                        struct str text,
                        struct budget *budget,
                        const struct tdef **ret,
                        struct err *err)
{
    struct parse_input in = {
        .arena = set->arena,
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
