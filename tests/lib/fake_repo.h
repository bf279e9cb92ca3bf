/* A repo-server in this process: answers GenerateManifests with what the test sets, and others with fixed
 * answers, over a socket of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "tests/lib/tmp_dir.h"

struct arena;
struct fake_repo;
struct loop;

struct fake_repo *fake_repo_new(struct loop *loop);
void fake_repo_free(struct fake_repo *repo); /* NULL is fine */
const char *fake_repo_url(const struct fake_repo *repo);

/* What every source has from now on: a YAML list of objects, at this revision. */
void fake_repo_set(struct fake_repo *repo, const char *revision, const char *yaml);
/* Calls fail with this; ERR_OK ends it. */
void fake_repo_fail(struct fake_repo *repo, enum err_code code);
/* Calls wait for fake_repo_let_go(), or for the end. */
void fake_repo_hold(struct fake_repo *repo);
void fake_repo_let_go(struct fake_repo *repo);
/* Answer with something that is no JSON. */
void fake_repo_garble(struct fake_repo *repo, bool garble);

size_t fake_repo_n_calls(const struct fake_repo *repo);
size_t fake_repo_n_held(const struct fake_repo *repo);

/* Of the last call. */
struct fake_repo_seen {
    char revision[64];
    char app_name[64];
    char repo_url[128];
    char refs[128]; /* "name=revision " for each */
    char chart[64];
    char cluster[128]; /* "version name name ", cut */
    char login[128];   /* TestRepository: "type user password token key insecure" */
    bool no_cache;
    bool no_revision_cache;
    bool describe;
};
const struct fake_repo_seen *fake_repo_seen(const struct fake_repo *repo);
