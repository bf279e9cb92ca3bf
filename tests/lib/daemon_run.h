/* daemon_main() inside a test's process. */
#pragma once

struct daemon_spec;

/* The exit status of the daemon with these arguments and then `more`; both end with NULL, more may be
 * NULL. */
int daemon_run(const struct daemon_spec *spec, const char *const *fixed, const char *const *more);
