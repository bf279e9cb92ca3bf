/* The process_* metrics, from getrusage(2) and /proc/self. What cannot be read keeps its old
 * value. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/num.h"
#include "common/rt/metrics_internal.h"

static void set(struct metrics *metrics, enum metrics_own id, double value)
{
    metric_set(metrics->own, (int)id, value, METRIC_NO_LABELS);
}

/* A small file of /proc; the empty string when it cannot be read. */
static struct str read_proc(const char *path, char *dst, size_t size)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, dst, size) : -1;
    return n > 0 ? str_of(dst, (size_t)n) : STR_EMPTY;
}

/* Field n (from 0) of words separated by blanks. */
static bool number_field(struct str text, size_t n, uint64_t *ret)
{
    struct str word;
    while (str_next(&text, ' ', &word)) {
        if (n-- == 0) {
            return num_digits(str_trim(word), 10, ret);
        }
    }
    return false;
}

static void collect_cpu(struct metrics *metrics)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return;
    }
    set(metrics, METRICS_OWN_CPU,
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
            (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

static void collect_memory(struct metrics *metrics)
{
    char text[256];
    struct str statm = read_proc("/proc/self/statm", text, sizeof(text));
    double page_bytes = (double)sysconf(_SC_PAGESIZE);
    uint64_t pages;
    if (number_field(statm, 0, &pages)) {
        set(metrics, METRICS_OWN_VIRTUAL, (double)pages * page_bytes);
    }
    if (number_field(statm, 1, &pages)) {
        set(metrics, METRICS_OWN_RESIDENT, (double)pages * page_bytes);
    }
}

static void collect_files(struct metrics *metrics)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        set(metrics, METRICS_OWN_MAX_FDS, (double)limit.rlim_cur);
    }
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return;
    }
    double n = -1; /* the directory itself */
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        n += entry->d_name[0] != '.';
    }
    (void)closedir(dir); /* only read from */
    set(metrics, METRICS_OWN_FDS, n);
}

/* Boot time plus the start time since boot; both stay the same, so it is reckoned each time. */
static void collect_start(struct metrics *metrics)
{
    static const struct str BTIME = {"\nbtime ", 7};
    enum {
        STARTTIME_AFTER_NAME = 20
    }; /* field 22 of stat; the name is field 2 and may have blanks */
    char stat[1024];
    char system[65536]; /* btime comes after the interrupts, of which there are many */
    struct str self = read_proc("/proc/self/stat", stat, sizeof(stat));
    struct str text = read_proc("/proc/stat", system, sizeof(system));
    size_t name_end = str_rfind_char(self, ')');
    size_t at = str_find(text, BTIME);
    if (name_end == STR_NONE || at == STR_NONE) {
        return;
    }
    struct str line = str_sub(text, at + BTIME.n, text.n);
    line = str_sub(line, 0, str_find_char(line, '\n'));
    uint64_t ticks;
    uint64_t boot_s;
    if (number_field(str_sub(self, name_end + 1, self.n), STARTTIME_AFTER_NAME, &ticks) &&
        num_digits(line, 10, &boot_s)) {
        set(metrics, METRICS_OWN_START,
            (double)boot_s + (double)ticks / (double)sysconf(_SC_CLK_TCK));
    }
}

void metrics_process_collect(void *data)
{
    struct metrics *metrics = data;
    collect_cpu(metrics);
    collect_memory(metrics);
    collect_files(metrics);
    collect_start(metrics);
}
