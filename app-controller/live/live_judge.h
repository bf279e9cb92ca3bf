/* struct live_judge: what the resource tree shows of objects whose kind has a health script.
 *
 * Scripts may take long, so objects wait for them (live_queue.h). Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/kube/kube_object.h"

struct customizations;
struct live_judge;
struct loop;
struct value;
struct work;

struct live_judged {
    struct kube_key key;
    struct str resource_version;
    struct str info; /* as live_info_of() */
};

struct live_judge_opts {
    struct loop *loop;
    struct work *work;
    void (*on_judged)(void *data, const struct live_judged *what);
    /* The job has ended: nothing of the judge is in use elsewhere. */
    void (*on_idle)(void *data);
    void *data;
};

struct live_judge *live_judge_new(const struct live_judge_opts *opts);
/* No more reports but on_idle(), when a job is under way. */
void live_judge_stop(struct live_judge *judge);
bool live_judge_is_idle(const struct live_judge *judge);
/* It must be idle. */
void live_judge_free(struct live_judge *judge);

/* Takes a reference; NULL = none. What is waiting is judged by these. */
void live_judge_set_scripts(struct live_judge *judge, struct customizations *scripts);
struct customizations *live_judge_scripts(const struct live_judge *judge);
bool live_judge_wants(const struct live_judge *judge, struct str group, struct str kind);
void live_judge_add(struct live_judge *judge, const struct value *obj);
