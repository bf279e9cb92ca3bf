/* Checking a tree against a schema: compile what is needed, apply it, print what is wrong. */
#include "engine/helm/schema.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "engine/helm/schema_check_internal.h"

#define HELM_URL STR("file:///values.schema.json")

static int compile(struct schema_set *set,
                   const struct value *schema,
                   struct schema_node **ret,
                   struct err *err)
{
    struct str url = set->opts->url.n > 0 ? set->opts->url : HELM_URL;
    struct schema_root *root = NULL;
    /* a map has no const values; nobody writes through it */
    map_set(set->docs, url, (void *)(uintptr_t)schema);
    TRY(schema_root_get(set, url, &root, err));
    return schema_compile(set, root, STR_EMPTY, ret, err);
}

static int report(struct schema_set *set, const struct schema_problems *problems, struct err *err)
{
    struct buf *out = set->report;
    size_t start = out->n;
    TRY(schema_problems_put(out, problems, set->budget, err));
    TRY(buf_check(out, "the list of problems with values", err));
    struct str text = str_trim(str_sub(buf_str(out), start, out->n));
    return err_set(err, ERR_INVALID, STR_FMT, STR_ARG(text));
}

int schema_validate(struct arena *arena,
                    const struct value *schema,
                    const struct value *instance,
                    struct budget *budget,
                    const struct schema_opts *opts,
                    struct buf *problems,
                    struct err *err)
{
    static const struct schema_opts NONE = {.resolve = NULL};
    struct schema_set set;
    struct schema_node *node = NULL;
    struct schema_problems found = {0};
    size_t start = problems->n;
    schema_set_init(&set, arena, budget, opts != NULL ? opts : &NONE, problems);
    int rc = compile(&set, schema, &node, err);
    if (rc == -(int)ERR_INVALID && problems->n == start) {
        buf_put_c(problems, err->message);
    }
    TRY(rc);
    TRY(schema_check(&set, node, instance, NULL, false, &found, err));
    return found.n == 0 ? 0 : report(&set, &found, err);
}
