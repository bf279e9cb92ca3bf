/* Renders from Git commits, as the repo-server does them in a running process. Prints "name value unit"
 * lines; times are of the processor.
 *
 * bench_render: a plain directory of 2,000 objects: cold, again, and the proof that a new commit which
 * changes other files has the same result.
 * bench_render REPOSITORY COMMIT PATH: that source, again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <git2.h>

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "repo-server/git/gitlib.h"
#include "repo-server/render.h"
#include "repo-server/source/source.h"

enum {
    N_OBJECTS = 2000,
    N_RUNS = 5,
};

static const char OBJECT[] = "apiVersion: apps/v1\n"
                             "kind: Deployment\n"
                             "metadata:\n"
                             "  name: app-%d\n"
                             "  labels:\n"
                             "    app.kubernetes.io/name: app-%d\n"
                             "spec:\n"
                             "  replicas: 3\n"
                             "  selector:\n"
                             "    matchLabels:\n"
                             "      app.kubernetes.io/name: app-%d\n"
                             "  template:\n"
                             "    metadata:\n"
                             "      labels:\n"
                             "        app.kubernetes.io/name: app-%d\n"
                             "    spec:\n"
                             "      containers:\n"
                             "      - name: main\n"
                             "        image: registry.example/app:1.2.%d\n"
                             "        ports:\n"
                             "        - containerPort: 8080\n"
                             "        resources:\n"
                             "          requests: {cpu: 100m, memory: 64Mi}\n";

static void check(int rc, const char *what)
{
    if (rc < 0) {
        (void)fprintf(stderr, "bench_render: %s failed\n", what);
        exit(1);
    }
}

/* Commit what is in the index; 40 digits. */
static void commit(git_repository *repo, git_index *index, char ret_sha[GIT_OID_HEXSZ + 1])
{
    git_oid tree_id;
    git_oid id;
    git_tree *tree = NULL;
    git_signature *who = NULL;
    check(git_index_write_tree(&tree_id, index), "tree");
    check(git_tree_lookup(&tree, repo, &tree_id), "tree");
    check(git_signature_new(&who, "bench", "bench@example.com", 1700000000, 0), "signature");
    check(git_commit_create(&id, repo, NULL, who, who, NULL, "bench", tree, 0, NULL), "commit");
    (void)git_oid_tostr(ret_sha, GIT_OID_HEXSZ + 1, &id);
    git_signature_free(who);
    git_tree_free(tree);
}

static void add(git_index *index, const char *path, const char *text)
{
    git_index_entry entry = {.mode = GIT_FILEMODE_BLOB, .path = path};
    check(git_index_add_from_buffer(index, &entry, text, strlen(text)), "file");
}

/* A pack instead of 2,000 loose files, as a mirror has it. */
static void pack(git_repository *repo, const char *sha)
{
    git_packbuilder *builder = NULL;
    git_oid id;
    check(git_oid_fromstr(&id, sha), "id");
    check(git_packbuilder_new(&builder, repo), "pack");
    check(git_packbuilder_insert_commit(builder, &id), "pack");
    check(git_packbuilder_write(builder, NULL, 0, NULL, NULL), "pack");
    git_packbuilder_free(builder);
}

/* Processor time of this process so far. */
static double cpu_ms(void)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage); /* cannot fail with these arguments */
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static double milliseconds(const struct render_input *input, struct manifest_entry **ret)
{
    struct render_output output;
    struct err err;
    double from = cpu_ms();
    if (render_run(input, &output, &err) < 0) {
        (void)fprintf(stderr, "bench_render: %s\n", err.message);
        exit(1);
    }
    *ret = output.fresh;
    return cpu_ms() - from;
}

static void measure_one(const char *repo, const char *commit, const char *path)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct render_tree tree = {.mirror = str_from(repo), .id = str_from(commit)};
    struct render_input input = {.trees = &tree,
                                 .n_trees = 1,
                                 .source = arena_printf(arena, "{\"path\":\"%s\"}", path),
                                 .max_bytes = 100 * 1000 * 1000};
    double warm = 1e9;
    for (int i = 0; i <= N_RUNS; i++) {
        struct manifest_entry *entry;
        double ms = milliseconds(&input, &entry);
        warm = i > 0 && ms < warm ? ms : warm;
        manifest_entry_unref(entry);
    }
    (void)printf("again %.2f ms\n", warm);
}

static void measure(const char *path, const char *first, const char *second)
{
    struct render_tree tree = {.mirror = str_from(path), .id = str_from(first)};
    struct render_input input = {.trees = &tree,
                                 .n_trees = 1,
                                 .source = STR("{\"path\":\"apps\"}"),
                                 .max_bytes = 100 * 1000 * 1000};
    struct manifest_entry *entry;
    struct manifest_entry *again;
    double cold = milliseconds(&input, &entry);
    double warm = 1e9;
    for (int i = 0; i < N_RUNS; i++) {
        double ms = milliseconds(&input, &again);
        warm = ms < warm ? ms : warm;
        manifest_entry_unref(again);
    }
    tree.id = str_from(second);
    input.variants = &entry;
    input.n_variants = 1;
    double proof = 1e9;
    for (int i = 0; i < N_RUNS; i++) {
        double ms = milliseconds(&input, &again);
        proof = ms < proof ? ms : proof;
        check(again == NULL ? 0 : -1, "proof");
    }
    (void)printf("render_2000_objects_cold %.1f ms\n", cold);
    (void)printf("render_2000_objects_again %.1f ms\n", warm);
    (void)printf("render_2000_objects_unchanged_read_set %.2f ms\n", proof);
    (void)printf("render_2000_objects_read_set %.0f KiB\n",
                 (double)read_set_size(entry->inputs.trees[0].reads) / 1024);
    (void)printf("render_2000_objects_result %.0f KiB\n",
                 (double)arena_used(entry->set.arena) / 1024);
    manifest_entry_unref(entry);
}

static void measure_plain(void)
{
    char dir[] = "/tmp/belay-bench-render.XXXXXX";
    char first[GIT_OID_HEXSZ + 1];
    char second[GIT_OID_HEXSZ + 1];
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    git_repository *repo = NULL;
    git_index *index = NULL;
    check(mkdtemp(dir) != NULL ? 0 : -1, "directory");
    check(git_repository_init(&repo, dir, 1), "repository");
    check(git_repository_index(&index, repo), "index");
    for (int i = 0; i < N_OBJECTS; i++) {
        struct str path = arena_printf(arena, "apps/app-%04d.yaml", i);
        add(index, path.p, arena_printf(arena, OBJECT, i, i, i, i, i).p);
    }
    add(index, "README.md", "first");
    commit(repo, index, first);
    add(index, "README.md", "second");
    commit(repo, index, second);
    pack(repo, first);
    pack(repo, second);
    measure(dir, first, second);
    git_index_free(index);
    git_repository_free(repo);
    check(fs_remove_tree(dir, &err), "cleaning up");
}

int main(int argc, char **argv)
{
    struct err err;
    check(gitlib_init(&err), "libgit2");
    if (argc == 4) {
        measure_one(argv[1], argv[2], argv[3]);
    } else {
        measure_plain();
    }
    gitlib_done();
    return 0;
}
