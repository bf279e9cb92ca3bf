/* How long access policies take: 5,000 lines read, and questions answered by users with a few roles and by one role
 * that has most of the lines. Prints "name value unit" lines. */
#include <stdio.h>
#include <sys/resource.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/rbac/rbac.h"

enum {
    TEAMS = 1000,
    LINES_OF_TEAM = 4, /* and one of the role that sees all of them */
    QUESTIONS = 100 * 1000,
    BIG_QUESTIONS = 2000,
};

static double cpu_seconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage); /* cannot fail with these arguments */
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void put_policy(struct buf *out)
{
    static const char *const ACTIONS[LINES_OF_TEAM] = {"get", "sync", "action/*", "delete/*"};
    for (int team = 0; team < TEAMS; team++) {
        for (size_t i = 0; i < LINES_OF_TEAM; i++) {
            buf_printf(out, "p, role:team-%d, applications, %s, team-%d/*, allow\n", team,
                       ACTIONS[i], team);
        }
        buf_printf(out, "p, role:sees-all, applications, get, team-%d/*, allow\n", team);
        buf_printf(out, "g, crew-%d, role:team-%d\n", team, team);
    }
}

/* Nanoseconds a question; -1 when an answer is wrong. */
static double ask(struct rbac_policy *policy, struct rbac_question q, int n, bool allowed)
{
    AUTO(arena) struct arena *arena = arena_new();
    double begin = cpu_seconds();
    q.policy = policy;
    for (int i = 0; i < n; i++) {
        arena_reset(arena);
        if (rbac_decide(arena, &q).allowed != allowed) {
            return -1;
        }
    }
    return (cpu_seconds() - begin) / n * 1e9;
}

int main(void)
{
    AUTO(buf) struct buf text;
    AUTO(rbac_policy) struct rbac_policy *policy = NULL;
    struct err err;
    buf_init(&text, LIMIT_MIB);
    put_policy(&text);
    struct rbac_text one = {STR("policy.csv"), buf_str(&text)};
    struct rbac_opts opts = {.texts = &one, .n_texts = 1, .default_role = STR("role:none")};
    double begin = cpu_seconds();
    if (rbac_policy_new(&opts, &policy, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("rbac_read_6000 %.2f ms\n", (cpu_seconds() - begin) * 1e3);
    struct rbac_question user = {.user = STR("ann"),
                                 .groups = (const struct str[]){STR("crew-7"), STR("crew-8")},
                                 .n_groups = 2,
                                 .resource = STR("applications"),
                                 .action = STR("sync"),
                                 .object = STR("team-8/web")};
    struct rbac_question all = {.user = STR("role:sees-all"),
                                .resource = STR("applications"),
                                .action = STR("get"),
                                .object = STR("nobody/web")};
    double few = ask(policy, user, QUESTIONS, true);
    double many = ask(policy, all, BIG_QUESTIONS, false);
    if (few < 0 || many < 0) {
        fprintf(stderr, "wrong answer\n");
        return 1;
    }
    printf("rbac_decide_user %.0f ns\n", few);
    printf("rbac_decide_1000_lines %.0f ns\n", many);
    return 0;
}
