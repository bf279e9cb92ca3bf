/* What a daemon says when it dies of a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT): one log line with
 * the signal, and the return addresses of the stack, on standard error, before the fault takes its default
 * course (a core file, where the system keeps them). The addresses are offsets into the program, which
 * `addr2line -e` turns into lines. */
#pragma once

/* component: of the log line; it must live as long as the process. A fault that already has a handler (of
 * a sanitizer) keeps it. Once, on the main thread, before other threads begin. */
void crash_report_init(const char *component);
