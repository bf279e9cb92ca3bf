/* daemon_main() inside a test's process. */
#include "tests/lib/daemon_run.h"

#include "common/base/arena.h"
#include "common/rt/daemon.h"
#include "tests/lib/check.h"

enum { ARGS_MAX = 32 };

struct args {
    struct arena *arena;
    char *argv[ARGS_MAX];
    int argc;
};

static void add(struct args *args, const char *const *list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        assert_true(args->argc < ARGS_MAX - 1);
        args->argv[args->argc++] = arena_strdup(args->arena, list[i]);
    }
}

int daemon_run(const struct daemon_spec *spec, const char *const *fixed, const char *const *more)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct args args = {.arena = arena};
    const char *const program[] = {spec->program, NULL};
    add(&args, program);
    add(&args, fixed);
    add(&args, more);
    return daemon_main(args.argc, args.argv, spec);
}
