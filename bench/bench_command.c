/* Runs a command once and prints what it took: "WALL_MS CPU_MS PEAK_KIB".
 *
 * Small, because the peak memory Linux tells of a process includes that of the one it was forked from. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static double ms(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static double now_ms(void)
{
    struct timeval t;
    /* allow(gettimeofday): fractions of a millisecond, in a program that only measures */
    (void)gettimeofday(&t, NULL);
    return ms(t);
}

int main(int argc, char **argv)
{
    int status = 0;
    struct rusage usage;
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_command PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    double start = now_ms();
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) != NULL) {
            (void)execvp(argv[1], argv + 1);
        }
        perror(argv[1]);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
        perror("bench_command");
        return 1;
    }
    double wall = now_ms() - start;
    printf("%.3f %.3f %ld\n", wall, ms(usage.ru_utime) + ms(usage.ru_stime), usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
