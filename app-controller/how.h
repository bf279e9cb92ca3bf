/* How each pair of an application is compared, and what has to be asked of the cluster before.
 *
 * Annotations and sync options choose the way; a way that needs something unknown yet (the answer of a dry run, the
 * schema of a group) notes it, to be asked for on the loop (ask.h), and the comparison is made again. Pool or loop
 * thread; pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app-controller/answers.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/vec.h"
#include "common/model/application.h"
#include "engine/compare/diff.h"

struct arena;
struct compare_rules;
struct doc;
struct value;

/* The dry run of one target, or the live object in the target's version. */
enum how_question { HOW_DRY_RUN, HOW_VERSION };

struct how_answer {
    enum how_question what;
    struct answer key;
    const struct value *target;
    struct doc *doc; /* the answer, held by the arena; NULL while not asked, or when it failed */
    const struct err *err;
};

/* The OpenAPI document of one group and version. */
struct how_schema {
    struct str group;
    struct str version;
    struct str text;         /* as it came; "" = there is none */
    const struct value *api; /* reduced; NULL = not (yet), or none */
    struct doc *reduced;     /* as above, a document of its own; held by the arena */
    bool fresh;              /* made of `text` here: worth keeping */
    bool asked;
    bool missing; /* the cluster says so */
};

struct how {
    struct arena *arena;
    const struct application *app;
    const struct value *object; /* the Application */
    const struct compare_rules *rules;
    bool server_side; /* the controller's default */
    struct answer_list known;
    VEC(struct how_answer) answers; /* asked for in this evaluation */
    VEC(struct how_schema) schemas;
};

/* Fills opts for a pair; both are there. *live becomes the object in the target's version. ERR_*: why asking failed. */
MUST_CHECK int how_compare(struct how *how,
                           const struct value *target,
                           const struct value **live,
                           struct diff_opts *opts,
                           struct err *err);

/* What an answer is kept under: dry runs have version "". */
struct str how_answer_key(struct arena *arena, struct kube_key key, struct str version);
/* Something is to be asked for. */
bool how_has_questions(const struct how *how);
/* Texts that came become schemas. Pool thread: they are large. */
void how_read_schemas(struct how *how);

/* By annotation, sync option and default. */
enum diff_mode
how_mode(const struct how *how, const struct value *target, const struct value *live);
