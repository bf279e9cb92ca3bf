/* Rows of the tables of actions, and what their functions share. */
#pragma once

#include "common/value/value.h"
#include "engine/actions/action.h"

enum action_edit_kind {
    ACTION_SET_TRUE,
    ACTION_SET_FALSE,
    ACTION_SET_TEXT,
    ACTION_SET_TIME, /* text, with {now} and {second}: RFC 3339 with and without the Z */
    ACTION_REMOVE,
};

/* One change of a field. Keys with dots in the path are 'quoted'. Maps on the way are made. */
struct action_edit {
    enum action_edit_kind kind;
    const char *path;
    const char *text;
};

enum { ACTION_EDITS_MAX = 3 };

typedef int (*action_fn)(struct arena *arena,
                         const struct action_run *run,
                         struct action_changes *ret,
                         struct err *err);

/* Conditions are those of engine/health/health_rules.h; " || " between them means or. */
struct action_row {
    const char *name;
    const char *listed;   /* NULL = always */
    const char *disabled; /* NULL = never */
    const char *display_name;
    const char *icon_class;
    const char *param;
    const char *param_default;                  /* a message of health_rules.h; NULL = none */
    struct action_edit edits[ACTION_EDITS_MAX]; /* the path is NULL at the end */
    action_fn fn;                               /* instead of edits */
};

struct action_kind {
    const char *group;
    const char *kind;
    const struct action_row *rows;
    size_t n;
};

struct action_family {
    const struct action_kind *kinds;
    size_t n;
};

extern const struct action_family ACTION_APPS;
extern const struct action_family ACTION_ARGO;
extern const struct action_family ACTION_FLUX;
extern const struct action_family ACTION_NUMA;
extern const struct action_family ACTION_OPERATORS;

/* The object with one field changed. */
const struct value *action_edit(struct arena *arena,
                                const struct value *object,
                                const struct action_edit *edit,
                                int64_t now_ms);
/* One change. */
void action_patch(struct arena *arena, const struct value *object, struct action_changes *ret);
void action_create(struct arena *arena, const struct value *object, struct action_changes *ret);
/* The value of a parameter; ERR_INVALID "replicas parameter is required". */
MUST_CHECK int
action_arg(const struct action_run *run, const char *name, struct str *ret, struct err *err);
/* Of a whole number from 0 on. ERR_INVALID. */
MUST_CHECK int
action_arg_count(const struct action_run *run, const char *name, int64_t *ret, struct err *err);
/* "2006-01-02T15:04:05Z". */
struct str action_now(struct arena *arena, int64_t now_ms);
/* "<name of live>-200601021504", for what is made from it. */
struct str action_new_name(struct arena *arena, const struct action_run *run);
