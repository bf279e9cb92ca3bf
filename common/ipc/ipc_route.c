/* Rendezvous hashing with 64-bit FNV-1a and a finaliser that mixes all bits. */
#include "common/ipc/ipc_route.h"

#include <stdint.h>

static uint64_t fnv1a(uint64_t hash, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        hash ^= (unsigned char)s.p[i];
        hash *= 0x100000001b3u;
    }
    return hash;
}

/* Without it the last bytes of the name alone would decide between like names. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t score(const char *server, struct str key)
{
    uint64_t hash = fnv1a(0xcbf29ce484222325u, str_from(server));
    return mix(fnv1a(mix(hash), key));
}

void ipc_route_order(const char *const *servers, size_t n, struct str key, size_t *order)
{
    for (size_t i = 0; i < n; i++) { /* insertion sort: there are few servers */
        uint64_t own = score(servers[i], key);
        size_t at = i;
        while (at > 0 && score(servers[order[at - 1]], key) < own) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}
