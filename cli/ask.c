/* One line at a time, read byte by byte: what follows belongs to someone else. */
#include "cli/ask.h"

#include <errno.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/buf.h"

enum { ANSWER_MAX_BYTES = 4096 };

bool ask_can(void)
{
    return isatty(STDIN_FILENO) == 1;
}

static int read_line(struct buf *line, struct err *err)
{
    for (;;) {
        char c;
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return err_set_errno(err, errno, "standard input");
        }
        if (n == 0 && line->n == 0) {
            return err_set(err, ERR_CANCELED, "no answer on standard input");
        }
        if (n == 0 || c == '\n') {
            return buf_check(line, "the answer", err);
        }
        buf_put_char(line, c);
    }
}

enum { INTERRUPT = 3 }; /* what Ctrl-C enters when it raises no signal */

/* Neither echo nor signals while reading: a program killed here would leave the terminal without echo. */
static int read_hidden(struct buf *line, struct err *err)
{
    struct termios shown;
    if (tcgetattr(STDIN_FILENO, &shown) != 0) {
        return err_set_errno(err, errno, "terminal");
    }
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0) {
        return err_set_errno(err, errno, "terminal");
    }
    int rc = read_line(line, err);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown); /* as it was a moment ago */
    (void)fputc('\n', stderr);
    if (rc == 0 && str_find_char(buf_str(line), INTERRUPT) != STR_NONE) {
        return err_set(err, ERR_CANCELED, "interrupted");
    }
    return rc;
}

int ask_line(
    struct arena *arena, const char *prompt, enum ask_echo echo, struct str *ret, struct err *err)
{
    AUTO(buf) struct buf line;
    buf_init(&line, ANSWER_MAX_BYTES);
    if (ask_can()) {
        (void)fputs(prompt, stderr); /* a prompt that is not seen changes nothing */
    }
    int rc = ask_can() && echo == ASK_HIDDEN ? read_hidden(&line, err) : read_line(&line, err);
    if (rc < 0) {
        return rc;
    }
    struct str text = buf_str(&line);
    (void)str_cut_suffix(&text, STR("\r"));
    *ret = arena_str(arena, text);
    return 0;
}

int ask_yes(const char *prompt, bool *ret, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str answer;
    TRY(ask_line(arena, prompt, ASK_SHOWN, &answer, err));
    answer = str_trim(answer);
    *ret = answer.n > 0 && (answer.p[0] == 'y' || answer.p[0] == 'Y');
    return 0;
}
