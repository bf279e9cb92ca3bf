/* Fault injection: counters of named points, set up from the environment on first use. */
#include "common/base/fault.h"

#if defined(BELAY_FAULTS)

#    include <pthread.h>
#    include <stdint.h>
#    include <stdlib.h>

#    include "common/base/num.h"
#    include "common/base/str.h"

enum {
    FAULTS_MAX = 16, /* points named in one environment */
};

struct fault {
    struct str point; /* in the environment's text */
    uint64_t nth;
    uint64_t calls;
    bool and_later;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct fault faults[FAULTS_MAX];
static size_t n_faults;

/* "point:n" or "point:n+"; anything else is ignored, as there is nobody to tell. */
static void add(struct str text)
{
    struct fault f = {0};
    struct str number;
    if (!str_cut(text, ':', &f.point, &number)) {
        return;
    }
    f.and_later = str_cut_suffix(&number, STR("+"));
    if (n_faults < FAULTS_MAX && num_digits(number, 10, &f.nth)) {
        faults[n_faults++] = f;
    }
}

static void set_up(void)
{
    struct str rest = str_from(secure_getenv("BELAY_FAULT"));
    struct str part;
    while (rest.n > 0 && str_next(&rest, ',', &part)) {
        add(part);
    }
}

bool fault_hit(const char *point)
{
    bool hit = false;
    (void)pthread_once(&once, set_up);
    if (n_faults == 0) {
        return false;
    }
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_faults; i++) {
        struct fault *f = &faults[i];
        if (str_eq_c(f->point, point)) {
            f->calls++;
            hit = hit || f->calls == f->nth || (f->and_later && f->calls > f->nth);
        }
    }
    (void)pthread_mutex_unlock(&lock);
    return hit;
}

#endif
