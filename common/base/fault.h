/* FAULT("point"): places where tests make a call fail.
 *
 *     if (FAULT("fs.write")) {
 *         return err_set_errno(err, ENOSPC, "write '%s'", path);
 *     }
 *
 * Always false unless the build defines BELAY_FAULTS (all profiles but release) and the environment asks
 * for it: BELAY_FAULT="fs.write:3" makes the third call of that point true, "fs.write:3+" that one and
 * all later ones. Several are separated by commas. Any thread. */
#pragma once

#include <stdbool.h>

#if defined(BELAY_FAULTS)
bool fault_hit(const char *point);
#    define FAULT(point) fault_hit("" point)
#else
#    define FAULT(point) false
#endif
