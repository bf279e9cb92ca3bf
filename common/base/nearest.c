/* Damerau's distance (optimal string alignment) over names cut to a fixed length, so that the table is
 * three rows on the stack. */
#include "common/base/nearest.h"

#include "common/base/macro.h"

enum { DISTANCE_NAME_BYTES = 64 }; /* longer names are compared by their beginnings */

unsigned nearest_distance(struct str a, struct str b)
{
    a = str_sub(a, 0, DISTANCE_NAME_BYTES);
    b = str_sub(b, 0, DISTANCE_NAME_BYTES);
    unsigned before[DISTANCE_NAME_BYTES + 1]; /* row i - 2, i - 1 and i of the usual table */
    unsigned last[DISTANCE_NAME_BYTES + 1];
    unsigned now[DISTANCE_NAME_BYTES + 1];
    for (size_t j = 0; j <= b.n; j++) {
        last[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            unsigned replace = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            unsigned shift = MIN(last[j], now[j - 1]) + 1; /* insert or delete */
            now[j] = MIN(replace, shift);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1]) {
                now[j] = MIN(now[j], before[j - 2] + 1);
            }
        }
        memcpy(before, last, sizeof(last));
        memcpy(last, now, sizeof(now));
    }
    return last[b.n];
}

struct nearest nearest_to(struct str name)
{
    return (struct nearest){.name = name, .limit = (unsigned)MIN(name.n / 3 + 1, (size_t)4)};
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    unsigned distance = nearest_distance(nearest->name, str_from(candidate));
    bool better = nearest->best == NULL ? distance <= nearest->limit : distance < nearest->limit;
    if (candidate[0] != '\0' && better) {
        nearest->limit = distance;
        nearest->best = candidate;
    }
}
