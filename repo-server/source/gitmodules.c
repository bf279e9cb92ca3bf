/* A reader of Git's configuration format, as much of it as .gitmodules has: sections, keys, quotes, comments,
 * lines that go on. */
#include "repo-server/source/gitmodules.h"

#include <ctype.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"

struct module {
    struct str name;
    struct str path;
    struct str url;
};

struct parser {
    struct arena *arena;
    struct str rest;
    uint32_t line;
    VEC(struct module) modules;
    struct module *module; /* of the section; NULL: one of another kind */
};

static int complain(struct parser *p, struct err *err, const char *what)
{
    (void)err_set(err, ERR_INVALID, "%s", what);
    return err_at(err, STR(".gitmodules"), p->line, 0);
}

static char peek(const struct parser *p)
{
    return p->rest.n > 0 ? p->rest.p[0] : '\n';
}

static char take(struct parser *p)
{
    char c = peek(p);
    p->rest = p->rest.n > 0 ? str_sub(p->rest, 1, p->rest.n) : p->rest;
    p->line += c == '\n';
    return c;
}

static void skip_blanks(struct parser *p)
{
    while (p->rest.n > 0 && (peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\r')) {
        (void)take(p);
    }
}

static void skip_line(struct parser *p)
{
    while (p->rest.n > 0 && take(p) != '\n') {
    }
}

/* ---- sections ---- */

static struct module *module_named(struct parser *p, struct str name)
{
    VEC_FOREACH(&p->modules, m) {
        if (str_eq(m->name, name)) {
            return m;
        }
    }
    struct module m = {.name = name};
    vec_push_in(p->arena, &p->modules, m);
    return &p->modules.items[p->modules.n - 1];
}

static int read_quoted_name(struct parser *p, struct str *ret, struct err *err)
{
    AUTO(buf) struct buf name;
    buf_init(&name, LIMIT_PATH_BYTES);
    (void)take(p);
    while (peek(p) != '"') {
        if (peek(p) == '\\') {
            (void)take(p);
        }
        if (peek(p) == '\n') {
            return complain(p, err, "the name of a section has no end");
        }
        buf_put_char(&name, take(p));
    }
    (void)take(p);
    TRY(buf_check(&name, "name of a section", err));
    *ret = buf_to_arena(&name, p->arena);
    return 0;
}

static int read_section(struct parser *p, struct err *err)
{
    size_t n = 0;
    struct str name = STR_EMPTY;
    (void)take(p);
    while (n < p->rest.n &&
           (isalnum((unsigned char)p->rest.p[n]) || p->rest.p[n] == '-' || p->rest.p[n] == '.')) {
        n++;
    }
    struct str kind = str_sub(p->rest, 0, n);
    p->rest = str_sub(p->rest, n, p->rest.n);
    skip_blanks(p);
    if (peek(p) == '"') {
        TRY(read_quoted_name(p, &name, err));
    }
    if (take(p) != ']') {
        return complain(p, err, "a section must end with ]");
    }
    if (p->modules.n >= LIMIT_GITMODULES) {
        return err_set(err, ERR_LIMIT, "more than %d submodules", LIMIT_GITMODULES);
    }
    p->module = str_eq_nocase(kind, STR("submodule")) ? module_named(p, name) : NULL;
    return 0;
}

/* ---- keys ---- */

static int put_escaped(struct parser *p, struct buf *out, struct err *err)
{
    static const char FROM[] = "nt\"\\";
    static const char TO[] = "\n\t\"\\";
    char c = take(p);
    if (c == '\n') {
        return 0; /* the line goes on */
    }
    for (size_t i = 0; i < sizeof(FROM) - 1; i++) {
        if (c == FROM[i]) {
            buf_put_char(out, TO[i]);
            return 0;
        }
    }
    return complain(p, err, "an unknown escape");
}

/* Blanks at the end do not count unless they are quoted. */
static int read_value(struct parser *p, struct str *ret, struct err *err)
{
    AUTO(buf) struct buf out;
    bool quoted = false;
    size_t n = 0;
    buf_init(&out, LIMIT_PATH_BYTES);
    while (p->rest.n > 0 && peek(p) != '\n') {
        char c = take(p);
        if (!quoted && (c == '#' || c == ';')) {
            skip_line(p);
            break;
        }
        if (c == '"') {
            quoted = !quoted;
        } else if (c == '\\') {
            TRY(put_escaped(p, &out, err));
        } else {
            buf_put_char(&out, c);
        }
        n = quoted || (c != ' ' && c != '\t' && c != '\r') ? out.n : n;
    }
    if (quoted) {
        return complain(p, err, "a quoted value has no end");
    }
    TRY(buf_check(&out, "value", err));
    *ret = str_sub(buf_to_arena(&out, p->arena), 0, n);
    return 0;
}

static int read_key(struct parser *p, struct err *err)
{
    size_t n = 0;
    struct str value = STR_EMPTY;
    while (n < p->rest.n && (isalnum((unsigned char)p->rest.p[n]) || p->rest.p[n] == '-')) {
        n++;
    }
    struct str key = str_sub(p->rest, 0, n);
    if (n == 0) {
        return complain(p, err, "neither a section nor a key");
    }
    p->rest = str_sub(p->rest, n, p->rest.n);
    skip_blanks(p);
    if (peek(p) == '=') {
        (void)take(p);
        skip_blanks(p);
        TRY(read_value(p, &value, err));
    }
    if (p->module != NULL && str_eq_nocase(key, STR("path"))) {
        p->module->path = value;
    } else if (p->module != NULL && str_eq_nocase(key, STR("url"))) {
        p->module->url = value;
    }
    return 0;
}

static int read_all(struct parser *p, struct err *err)
{
    while (p->rest.n > 0) {
        char c = peek(p);
        if (isspace((unsigned char)c)) {
            (void)take(p);
        } else if (c == '#' || c == ';') {
            skip_line(p);
        } else {
            TRY(c == '[' ? read_section(p, err) : read_key(p, err));
        }
    }
    return 0;
}

int gitmodules_parse(struct arena *arena, struct str text, struct gitmodules *ret, struct err *err)
{
    struct parser p = {.arena = arena, .rest = text, .line = 1};
    VEC(struct gitmodule) found = {0};
    TRY(read_all(&p, err));
    VEC_FOREACH(&p.modules, m) {
        if (m->path.n > 0 && m->url.n > 0) {
            struct gitmodule module = {m->path, m->url};
            vec_push_in(arena, &found, module);
        }
    }
    *ret = (struct gitmodules){found.items, found.n};
    return 0;
}

const struct gitmodule *gitmodules_find(const struct gitmodules *modules, struct str path)
{
    for (size_t i = 0; i < modules->n; i++) {
        if (str_eq(modules->items[i].path, path)) {
            return &modules->items[i];
        }
    }
    return NULL;
}

/* ---- addresses ---- */

static bool is_relative(struct str url)
{
    return str_starts_with(url, STR("./")) || str_starts_with(url, STR("../"));
}

/* What may not be cut off: the scheme and host, or the host of "host:path". */
static size_t host_end(struct str base)
{
    size_t scheme = str_find(base, STR("://"));
    size_t from = scheme == STR_NONE ? 0 : scheme + 3;
    size_t end = str_find_char(str_sub(base, from, base.n), scheme == STR_NONE ? ':' : '/');
    return end == STR_NONE ? base.n : from + end;
}

static struct str cut_last(struct str base, size_t host)
{
    size_t n = base.n;
    while (n > host && base.p[n - 1] != '/') {
        n--;
    }
    return str_sub(base, 0, n > host + 1 ? n - 1 : MIN(host, base.n));
}

int gitmodule_url(
    struct arena *arena, struct str base, struct str url, struct str *ret, struct err *err)
{
    struct str rest = url;
    if (!is_relative(url)) {
        *ret = url;
        return 0;
    }
    size_t host = host_end(base);
    bool colon = host < base.n && base.p[host] == ':';
    while (base.n > 0 && base.p[base.n - 1] == '/') {
        base = str_sub(base, 0, base.n - 1);
    }
    while (is_relative(rest)) {
        if (!str_cut_prefix(&rest, STR("./"))) {
            (void)str_cut_prefix(&rest, STR("../")); /* it begins with one of the two */
            if (base.n <= host) {
                return err_set(err, ERR_INVALID, "the URL '" STR_FMT "' leaves its host",
                               STR_ARG(url));
            }
            base = cut_last(base, host);
        }
    }
    *ret = arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(base),
                        colon && base.n <= host ? ":" : "/", STR_ARG(rest));
    return 0;
}
