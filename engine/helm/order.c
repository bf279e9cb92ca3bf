/* What Helm does between rendering and printing. Only the head of a document is looked at (apiVersion, kind,
 * metadata.name and annotations), as text: any scalar is taken for one.
 *
 * Files are read by themselves, perhaps by a crew's helpers, and joined in the order of their names. */
#include "engine/helm/order.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crew.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"

#define HOOK STR("helm.sh/hook")

static const char *const INSTALL_ORDER[] = {
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
};

static const struct {
    const char *name;
    enum order_event event;
} EVENTS[] = {
    {"pre-install", ORDER_PRE_INSTALL},
    {"post-install", ORDER_POST_INSTALL},
    {"pre-delete", ORDER_PRE_DELETE},
    {"post-delete", ORDER_POST_DELETE},
    {"pre-upgrade", ORDER_PRE_UPGRADE},
    {"post-upgrade", ORDER_POST_UPGRADE},
    {"pre-rollback", ORDER_PRE_ROLLBACK},
    {"post-rollback", ORDER_POST_ROLLBACK},
    {"test", ORDER_TEST},
    {"test-success", ORDER_TEST},
};

struct part_list {
    VEC(struct order_part) parts;
    size_t counted; /* where `line` is, from 1 */
    uint32_t line;
};

struct read_part {
    struct order_manifest manifest;
    bool is_hook;
};

struct read_file {
    struct crew_task task;
    struct str name;
    struct str text;
    enum order_documents documents;
    struct read_part *parts;
    size_t n_parts;
    const struct err *err; /* NULL: it could be read */
};

struct order {
    struct arena *arena;
    struct crew *crew;
    enum order_documents documents;
    VEC(struct read_file *) files;
};

/* ---- splitting ---- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
push_part(struct arena *arena, struct part_list *list, struct str text, size_t from, size_t to)
{
    struct order_part part = {0};
    while (from < to && is_space(text.p[from])) {
        from++;
    }
    if (from == to) {
        return;
    }
    part.text = str_sub(text, from, to);
    for (; list->counted < from; list->counted++) {
        list->line += text.p[list->counted] == '\n' ? 1 : 0;
    }
    part.line = list->line;
    vec_push_in(arena, &list->parts, part);
}

/* Behind the "---" and the blanks after it when a line begins so at i; else i. */
static size_t skip_separator(struct str text, size_t i)
{
    size_t end = i + 3;
    if (text.n - i < 3 || memcmp(text.p + i, "---", 3) != 0) {
        return i;
    }
    while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\t')) {
        end++;
    }
    return end;
}

/* The text begins with its first character that is no white space, and a "---" there counts as well. */
void order_split(struct arena *arena, struct str text, struct order_parts *ret)
{
    struct part_list list = {.line = 1};
    size_t i = 0;
    while (i < text.n && is_space(text.p[i])) {
        i++;
    }
    size_t from = i;
    while (i < text.n) {
        size_t end = skip_separator(text, i);
        if (end > i) {
            push_part(arena, &list, text, from, i);
            from = end;
        }
        size_t line = str_find_char(str_sub(text, end, text.n), '\n');
        i = line == STR_NONE ? text.n : end + line + 1;
    }
    push_part(arena, &list, text, from, text.n);
    *ret = (struct order_parts){list.parts.items, list.parts.n};
}

/* ---- heads ---- */

/* Go reads heads into a struct of strings: a list or map there is an error. */
static int check_scalar(const struct value *v, const char *what, struct err *err)
{
    if (value_is(v, VALUE_LIST) || value_is(v, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "%s is a %s, not text", what,
                       value_type_name(value_type(v)));
    }
    return 0;
}

static int check_map(const struct value *v, const char *what, struct err *err)
{
    if (value_type(v) != VALUE_NULL && v->type != VALUE_MAP) {
        return err_set(err, ERR_INVALID, "%s is a %s, not a map", what,
                       value_type_name(value_type(v)));
    }
    return 0;
}

static int check_head(const struct value *v, struct err *err)
{
    const struct value *metadata = value_find(v, STR("metadata"));
    const struct value *annotations = value_find(metadata, STR("annotations"));
    TRY(check_map(v, "document", err));
    TRY(check_scalar(value_find(v, STR("apiVersion")), "apiVersion", err));
    TRY(check_scalar(value_find(v, STR("kind")), "kind", err));
    TRY(check_map(metadata, "metadata", err));
    TRY(check_scalar(value_find(metadata, STR("name")), "metadata.name", err));
    TRY(check_map(annotations, "metadata.annotations", err));
    VALUE_MAP_FOREACH(annotations, e)
    {
        TRY_IN(check_scalar(&e->value, "annotation", err), err, "'" STR_FMT "'", STR_ARG(e->key));
    }
    return 0;
}

static uint32_t event_of(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(EVENTS); i++) {
        if (str_eq_nocase(name, str_from(EVENTS[i].name))) {
            return EVENTS[i].event;
        }
    }
    return 0;
}

/* The events of a hook; false when one is unknown. */
static bool read_events(struct str text, uint32_t *ret)
{
    struct str name;
    *ret = 0;
    while (str_next(&text, ',', &name)) {
        uint32_t event = event_of(str_trim(name));
        if (event == 0) {
            return false;
        }
        *ret |= event;
    }
    return true;
}

/* As Helm tells it; the line is that of the document. */
static int wrong_yaml(struct str file, struct err *err)
{
    struct str message = str_from(err->message);
    if (err->code != ERR_INVALID || err->pos.line == 0) {
        return err_wrap(err, "YAML parse error on " STR_FMT, STR_ARG(file));
    }
    return err_set(err, ERR_INVALID,
                   "YAML parse error on " STR_FMT
                   ": error converting YAML to JSON: yaml: line %u: " STR_FMT,
                   STR_ARG(file), err->pos.line, STR_ARG(message));
}

/* 0 = a hook of an unknown kind, 1 = read. */
static int read_part(struct arena *arena,
                     struct str file,
                     const struct order_part *part,
                     struct read_part *ret,
                     struct err *err)
{
    struct order_manifest m = {.file = file, .text = part->text, .line = part->line};
    if (value_from_yaml(arena, part->text, NULL, &m.value, err) < 0) {
        return wrong_yaml(file, err);
    }
    TRY_IN(check_head(m.value, err), err, "YAML parse error on " STR_FMT, STR_ARG(file));
    m.kind = value_dig_str(m.value, "kind");
    const struct value *hook = value_find(value_dig(m.value, "metadata", "annotations"), HOOK);
    bool is_known = hook == NULL || read_events(value_str(hook), &m.events);
    *ret = (struct read_part){m, hook != NULL};
    return is_known ? 1 : 0;
}

/* scratch  where documents are read when they are forgotten. */
static int
read_parts(struct read_file *f, struct arena *arena, struct arena *scratch, struct err *err)
{
    struct order_parts parts;
    bool forget = f->documents == ORDER_FORGET_DOCUMENTS;
    order_split(scratch, f->text, &parts);
    f->parts = arena_calloc(arena, parts.n, sizeof(*f->parts));
    for (size_t i = 0; i < parts.n; i++) {
        struct read_part *part = &f->parts[f->n_parts];
        int rc = read_part(forget ? scratch : arena, f->name, &parts.items[i], part, err);
        TRY(rc);
        if (forget) {
            part->manifest.kind = arena_str(arena, part->manifest.kind);
            part->manifest.value = NULL;
        }
        f->n_parts += (size_t)rc;
    }
    return 0;
}

static void read_file(struct crew_task *task, struct arena *arena)
{
    struct read_file *f = CONTAINER_OF(task, struct read_file, task);
    AUTO(arena) struct arena *scratch = arena_new();
    struct err err;
    if (read_parts(f, arena, scratch, &err) < 0) {
        struct err *kept = ARENA_NEW(arena, struct err);
        *kept = err;
        f->err = kept;
    }
}

/* ---- order ---- */

static size_t rank_of(struct str kind)
{
    size_t i = 0;
    while (i < ARRAY_LEN(INSTALL_ORDER) && !str_eq_c(kind, INSTALL_ORDER[i])) {
        i++;
    }
    return i;
}

struct ranked {
    size_t rank;
    size_t at; /* where it was: equal ones stay in order */
    const struct order_manifest *manifest;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->rank != y->rank) {
        return x->rank < y->rank ? -1 : 1;
    }
    int kinds =
        x->rank < ARRAY_LEN(INSTALL_ORDER) ? 0 : str_cmp(x->manifest->kind, y->manifest->kind);
    return kinds != 0 ? kinds : (x->at > y->at) - (x->at < y->at);
}

struct ranked_list {
    VEC(struct ranked) items;
};

static void
add_ranked(struct arena *arena, struct ranked_list *list, const struct order_manifest *m)
{
    struct ranked ranked = {rank_of(m->kind), list->items.n, m};
    vec_push_in(arena, &list->items, ranked);
}

static const struct order_manifest *const *sort_by_kind(struct arena *arena,
                                                        struct ranked_list *list)
{
    size_t n = list->items.n;
    const struct order_manifest **sorted = arena_calloc(arena, n + 1, sizeof(*sorted));
    if (n > 0) {
        qsort(list->items.items, n, sizeof(struct ranked), compare_ranked);
    }
    for (size_t i = 0; i < n; i++) {
        sorted[i] = list->items.items[i].manifest;
    }
    return sorted;
}

static int compare_files(const void *a, const void *b)
{
    return str_cmp((*(struct read_file *const *)a)->name, (*(struct read_file *const *)b)->name);
}

/* ---- the module's entries ---- */

struct order *order_new(struct arena *arena, struct crew *crew, enum order_documents documents)
{
    struct order *order = ARENA_NEW(arena, struct order);
    order->arena = arena;
    order->crew = crew;
    order->documents = documents;
    return order;
}

void order_add(struct order *order, struct str name, struct str text)
{
    if (str_starts_with(path_base(name), STR("_"))) {
        return;
    }
    struct read_file *f = ARENA_NEW(order->arena, struct read_file);
    f->task.run = read_file;
    f->name = name;
    f->text = text;
    f->documents = order->documents;
    vec_push_in(order->arena, &order->files, f);
    crew_offer(order->crew, &f->task);
}

int order_finish(struct order *order, struct order_result *ret, struct err *err)
{
    struct ranked_list manifests = {0};
    struct ranked_list hooks = {0};
    AUTO(arena) struct arena *scratch = arena_new();
    if (order->files.n > 0) {
        qsort(order->files.items, order->files.n, sizeof(*order->files.items), compare_files);
    }
    VEC_FOREACH(&order->files, f) {
        crew_take(order->crew, &(*f)->task, order->arena);
        if ((*f)->err != NULL) {
            *err = *(*f)->err;
            return -(int)err->code;
        }
        for (size_t i = 0; i < (*f)->n_parts; i++) {
            const struct read_part *part = &(*f)->parts[i];
            add_ranked(scratch, part->is_hook ? &hooks : &manifests, &part->manifest);
        }
    }
    *ret = (struct order_result){
        .n_manifests = manifests.items.n,
        .manifests = sort_by_kind(order->arena, &manifests),
        .n_hooks = hooks.items.n,
        .hooks = sort_by_kind(order->arena, &hooks),
    };
    return 0;
}
