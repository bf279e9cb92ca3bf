/* Projects: which commits have to be signed, and by whom.
 *
 * A repository is known by its URL, which whoever writes the Application may spell in several ways: a policy covers all
 * spellings of a URL that it matches in one. */
#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/model/project.h"
#include "common/model/repository.h"

#define MODE_NONE   "none"
#define MODE_HEAD   "head"
#define MODE_STRICT "strict"

struct place {
    struct arena *arena;
    struct str written;
    struct str normal;
};

static bool is_match(const struct place *place, struct str pattern)
{
    return glob_match(pattern, place->written, GLOB_NO_SEPARATOR) ||
           glob_match(repository_url_normalize(place->arena, pattern), place->normal,
                      GLOB_NO_SEPARATOR);
}

static bool covers(const struct project_git_policy *policy, const struct place *place)
{
    bool found = false;
    for (size_t i = 0; i < policy->repos.n; i++) {
        struct str pattern = policy->repos.items[i].url;
        bool excludes = str_cut_prefix(&pattern, STR("!"));
        if (!is_match(place, pattern)) {
            continue;
        }
        if (excludes) {
            return false;
        }
        found = true;
    }
    return found;
}

static int apply_policy(const struct project_git_policy *policy,
                        struct project_integrity *ret,
                        struct err *err)
{
    *ret = (struct project_integrity){0};
    if (!policy->has_gpg || str_eq_c(policy->mode, MODE_NONE)) {
        return 0;
    }
    if (!str_eq_c(policy->mode, MODE_HEAD) && !str_eq_c(policy->mode, MODE_STRICT)) {
        return err_set(err, ERR_INVALID,
                       "unknown GPG mode \"" STR_FMT "\" configured for GIT source integrity",
                       STR_ARG(policy->mode));
    }
    *ret = (struct project_integrity){policy->mode, policy->keys};
    return 0;
}

/* signatureKeys: every repository, the commit alone. */
static void apply_signature_keys(struct arena *arena,
                                 const struct project *project,
                                 struct project_integrity *ret)
{
    size_t n = project->signature_keys.n;
    *ret = (struct project_integrity){0};
    if (n == 0) {
        return;
    }
    struct str *keys = arena_calloc(arena, n, sizeof(*keys));
    for (size_t i = 0; i < n; i++) {
        keys[i] = project->signature_keys.items[i].id;
    }
    *ret = (struct project_integrity){STR(MODE_HEAD), {keys, n}};
}

int project_integrity(struct arena *arena,
                      const struct project *project,
                      struct str repo_url,
                      struct project_integrity *ret,
                      struct err *err)
{
    struct place place = {arena, repo_url, repository_url_normalize(arena, repo_url)};
    const struct project_git_policy *found = NULL;
    size_t n_found = 0;
    if (!project->has_integrity) {
        apply_signature_keys(arena, project, ret);
        return 0;
    }
    for (size_t i = 0; i < project->git_policies.n; i++) {
        if (covers(&project->git_policies.items[i], &place)) {
            found = &project->git_policies.items[i];
            n_found++;
        }
    }
    if (n_found > 1) {
        return err_set(err, ERR_INVALID,
                       "multiple (%zu) git source integrity policies found for repo URL: " STR_FMT,
                       n_found, STR_ARG(repo_url));
    }
    if (found == NULL) {
        *ret = (struct project_integrity){0};
        return 0;
    }
    return apply_policy(found, ret, err);
}
