/* Which repository something from elsewhere comes from, and with whose credentials: what a request carries of the
 * repositories a project may use, made answerable. Pure. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/application.h"
#include "common/model/repository.h"
#include "engine/engine_env.h"
#include "proto/repo.pb-c.h"

struct asset_repos {
    const Belay__GenerateManifestsRequest *request; /* borrowed */
    struct repositories helm;                       /* as request->helm_repos */
    struct repositories git;                        /* as request->git_repos */
    struct app_strs source_repos;                   /* of the project */
};

void asset_repos_init(struct asset_repos *repos,
                      struct arena *arena,
                      const Belay__GenerateManifestsRequest *request);

/* For a chart: the repository of its name ("@name"), of its URL, or credentials for a prefix of the URL; for a file
 * nobody's.
 *
 * For a Git repository: its own, or credentials for a prefix of its URL, where the project may have it as a source;
 * else what the application's own repository has and what is safe to show: an SSH key to anyone whose host key is
 * known, all else to its own server only.
 *
 * ret's strings live in the arena or the request. ERR_NOT_FOUND: no repository of this name. */
MUST_CHECK int asset_repos_choose(const struct asset_repos *repos,
                                  struct arena *arena,
                                  const struct engine_remote *what,
                                  Belay__Repository *ret,
                                  struct err *err);
