/* belay-repo-server: from Git repositories to manifests. */
#include "common/rt/daemon.h"
#include "repo-server/git/worker.h"
#include "repo-server/repo_server.h"

/* The same program is its own Git helper process. */
static bool run_mode(const void *values, int *ret_status UNUSED)
{
    const struct repo_server_config *config = values;
    if (config->git_worker) {
        worker_main();
    }
    return false;
}

int main(int argc, char **argv)
{
    static struct repo_server_config config;
    struct daemon_spec spec = {
        .name = "repo-server",
        .program = "belay-repo-server",
        .summary = "Mirrors Git repositories and renders what is in them to Kubernetes manifests.",
        .rows = REPO_SERVER_ROWS,
        .n_rows = REPO_SERVER_N_ROWS,
        .values = &config,
        .mode = run_mode,
        .start = repo_server_start,
        .stop = repo_server_stop,
        .free = repo_server_free,
    };
    return daemon_main(argc, argv, &spec);
}
