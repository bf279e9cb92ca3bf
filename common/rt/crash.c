/* Last words. The handler calls what is safe in a handler only. */
#include "common/rt/crash.h"

#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/macro.h"

enum {
    DEPTH_MAX = 64,          /* return addresses told */
    STACK_BYTES = 64 * 1024, /* the handler's own: the fault may be a stack that is used up */
};

static const struct {
    int number;
    const char *name;
} FAULTS[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
    {SIGILL, "SIGILL"},   {SIGABRT, "SIGABRT"},
};

static const char *crash_component;
static char crash_stack[STACK_BYTES];

static void say(const char *text)
{
    ssize_t n = write(STDERR_FILENO, text, strlen(text));
    (void)n; /* nobody is left to be told */
}

static const char *fault_name(int number)
{
    for (size_t i = 0; i < ARRAY_LEN(FAULTS); i++) {
        if (FAULTS[i].number == number) {
            return FAULTS[i].name;
        }
    }
    return "?";
}

static void on_fault(int number)
{
    void *frames[DEPTH_MAX];
    say("{\"level\":\"error\",\"component\":\"");
    say(crash_component);
    say("\",\"msg\":\"crashed\",\"signal\":\"");
    say(fault_name(number));
    say("\"}\n");
    backtrace_symbols_fd(frames, backtrace(frames, DEPTH_MAX), STDERR_FILENO);
    (void)raise(number); /* SA_RESETHAND: its default course */
}

static void handle(int number)
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) < 0 || action.sa_handler != SIG_DFL) {
        return;
    }
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_fault;
    action.sa_flags = (int)(SA_RESETHAND | SA_ONSTACK);
    (void)sigaction(number, &action, NULL); /* a number of the table: it cannot be refused */
}

void crash_report_init(const char *component)
{
    const stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof(crash_stack)};
    void *frame;
    crash_component = component;
    (void)backtrace(&frame, 1); /* the first call loads the unwinder, which allocates */
    (void)sigaltstack(&stack, NULL);
    for (size_t i = 0; i < ARRAY_LEN(FAULTS); i++) {
        handle(FAULTS[i].number);
    }
}
