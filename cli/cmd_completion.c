/* Every script has the same shape: the words so far select a command, which selects what may come next. In the
 * scripts a command is its words with a blank before each: " app sync". */
#include "cli/cmd_completion.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/command.h"

enum { ITEM_MAX_BYTES = 1024 }; /* a flag or command and its explanation */

struct completion_flags {
    bool none;
};
const struct flag_set CMD_COMPLETION_FLAGS = {NULL, 0, sizeof(struct completion_flags)};

/* ---- what the tables say ---- */

static bool is_top(const struct command *c)
{
    return strchr(c->path, ' ') == NULL;
}

static const char *last_word(const struct command *c)
{
    const char *blank = strrchr(c->path, ' ');
    return blank != NULL ? blank + 1 : c->path;
}

static bool is_in_group(const struct command *c, const char *group)
{
    struct str path = str_from(c->path);
    return str_cut_prefix(&path, str_from(group)) && path.n > 0 && path.p[0] == ' ';
}

/* The argument is the name of an Application. */
static bool wants_app(const struct command *c)
{
    return is_in_group(c, "app") && strncmp(c->args, "NAME", 4) == 0;
}

static bool has_choices(const char *arg)
{
    return arg != NULL && strchr(arg, '|') != NULL;
}

/* In single quotes, for bash and zsh. */
static void quote_sh(struct buf *out, const char *text)
{
    buf_put_char(out, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            buf_put_c(out, "'\\''");
        } else {
            buf_put_char(out, *c);
        }
    }
    buf_put_char(out, '\'');
}

static void quote_fish(struct buf *out, const char *text)
{
    buf_put_char(out, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\') {
            buf_put_char(out, '\\');
        }
        buf_put_char(out, *c);
    }
    buf_put_char(out, '\'');
}

static void put_choices(struct buf *out, const char *choices)
{
    for (const char *c = choices; *c != '\0'; c++) {
        buf_put_char(out, *c == '|' ? ' ' : *c);
    }
}

/* Quoted paths of groups and commands, as alternatives of a `case`. */
static void put_paths(struct buf *out, const char *separator)
{
    const char *between = "";
    for (size_t i = 0; i < N_COMMAND_GROUPS; i++) {
        buf_printf(out, "%s' %s'", between, COMMAND_GROUPS[i].name);
        between = separator;
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        buf_printf(out, "%s' %s'", between, COMMANDS[i].path);
    }
}

/* ---- bash ---- */

static void bash_flags(struct buf *out, const struct flag_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        buf_printf(out, " --%s", set->rows[i].name);
    }
}

static void bash_words(struct buf *out)
{
    buf_put_c(out, "    case \"$at\" in\n    '') words='");
    for (size_t i = 0; i < N_COMMAND_GROUPS; i++) {
        buf_printf(out, "%s ", COMMAND_GROUPS[i].name);
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (is_top(&COMMANDS[i])) {
            buf_printf(out, "%s ", COMMANDS[i].path);
        }
    }
    buf_put_c(out, "' ;;\n");
    for (size_t g = 0; g < N_COMMAND_GROUPS; g++) {
        buf_printf(out, "    ' %s') words='", COMMAND_GROUPS[g].name);
        for (size_t i = 0; i < N_COMMANDS; i++) {
            if (is_in_group(&COMMANDS[i], COMMAND_GROUPS[g].name)) {
                buf_printf(out, "%s ", last_word(&COMMANDS[i]));
            }
        }
        buf_put_c(out, "' ;;\n");
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct command *c = &COMMANDS[i];
        buf_printf(out, "    ' %s') flags='", c->path);
        bash_flags(out, c->flags);
        buf_put_c(out, "'");
        if (wants_app(c)) {
            buf_put_c(out, " apps=1");
        } else if (has_choices(c->args)) {
            buf_put_c(out, " words='");
            put_choices(out, c->args);
            buf_put_c(out, "'");
        }
        buf_put_c(out, " ;;\n");
    }
    buf_put_c(out, "    esac\n");
}

static void bash_choices(struct buf *out)
{
    buf_put_c(out, "    case \"$at ${COMP_WORDS[COMP_CWORD-1]}\" in\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct flag_set *set = COMMANDS[i].flags;
        for (size_t j = 0; j < set->n; j++) {
            const struct flag_row *row = &set->rows[j];
            if (!has_choices(row->arg)) {
                continue;
            }
            buf_printf(out, "    ' %s --%s'", COMMANDS[i].path, row->name);
            if (row->letter != 0) {
                buf_printf(out, " | ' %s -%c'", COMMANDS[i].path, row->letter);
            }
            buf_put_c(out, ") words='");
            put_choices(out, row->arg);
            buf_put_c(out, "' flags= apps= ;;\n");
        }
    }
    buf_put_c(out, "    esac\n");
}

static void script_bash(struct buf *out)
{
    buf_put_c(out, "# bash completion of belay: source <(belay completion bash)\n"
                   "_belay() {\n"
                   "    local cur=${COMP_WORDS[COMP_CWORD]} at= words= flags= apps= globals word\n"
                   "    globals='");
    bash_flags(out, &CLI_GLOBAL_FLAGS);
    buf_put_c(out, "'\n"
                   "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                   "        case \"$at $word\" in\n        ");
    put_paths(out, " | ");
    buf_put_c(out, ") at=\"$at $word\" ;;\n        esac\n    done\n");
    bash_words(out);
    bash_choices(out);
    buf_put_c(out, "    if [[ $cur == -* ]]; then\n"
                   "        words=\"$flags $globals\"\n"
                   "    elif [[ -n $apps ]]; then\n"
                   "        words=$(belay app list -o name 2>/dev/null)\n"
                   "    fi\n"
                   "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                   "}\n"
                   "complete -o default -F _belay belay\n");
}

/* ---- zsh ---- */

/* 'word:explanation', where a colon in the word would need a backslash: ours have none. */
static void zsh_item(struct buf *out, const char *dashes, const char *word, const char *doc)
{
    AUTO(buf) struct buf item;
    buf_init(&item, ITEM_MAX_BYTES);
    buf_printf(&item, "%s%s:%s", dashes, word, doc);
    buf_put_char(out, ' ');
    quote_sh(out, item.p);
}

static void zsh_flags(struct buf *out, const struct flag_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        zsh_item(out, "--", set->rows[i].name, set->rows[i].doc);
    }
}

static void zsh_command(struct buf *out, const struct command *c)
{
    buf_printf(out, "    ' %s') flags=(", c->path);
    zsh_flags(out, c->flags);
    buf_put_c(out, ")");
    if (wants_app(c)) {
        buf_put_c(out, "; list=(${(f)\"$(belay app list -o name 2>/dev/null)\"})");
    } else if (has_choices(c->args)) {
        buf_put_c(out, "; list=(");
        put_choices(out, c->args);
        buf_put_c(out, ")");
    }
    buf_put_c(out, " ;;\n");
}

static void zsh_commands(struct buf *out)
{
    buf_put_c(out, "    case \"$at\" in\n    '') list=(");
    for (size_t i = 0; i < N_COMMAND_GROUPS; i++) {
        zsh_item(out, "", COMMAND_GROUPS[i].name, COMMAND_GROUPS[i].doc);
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (is_top(&COMMANDS[i])) {
            zsh_item(out, "", COMMANDS[i].path, COMMANDS[i].doc);
        }
    }
    buf_put_c(out, ") ;;\n");
    for (size_t g = 0; g < N_COMMAND_GROUPS; g++) {
        buf_printf(out, "    ' %s') list=(", COMMAND_GROUPS[g].name);
        for (size_t i = 0; i < N_COMMANDS; i++) {
            if (is_in_group(&COMMANDS[i], COMMAND_GROUPS[g].name)) {
                zsh_item(out, "", last_word(&COMMANDS[i]), COMMANDS[i].doc);
            }
        }
        buf_put_c(out, ") ;;\n");
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        zsh_command(out, &COMMANDS[i]);
    }
    buf_put_c(out, "    esac\n");
}

static void script_zsh(struct buf *out)
{
    buf_put_c(out, "#compdef belay\n"
                   "# zsh completion of belay: source <(belay completion zsh)\n"
                   "_belay() {\n"
                   "    local at='' word\n"
                   "    local -a list flags globals\n"
                   "    globals=(");
    zsh_flags(out, &CLI_GLOBAL_FLAGS);
    buf_put_c(out, ")\n    for word in ${words[2,CURRENT-1]}; do\n"
                   "        case \"$at $word\" in\n        ");
    put_paths(out, " | ");
    buf_put_c(out, ") at=\"$at $word\" ;;\n        esac\n    done\n");
    zsh_commands(out);
    buf_put_c(out, "    if [[ $words[CURRENT] == -* ]]; then\n"
                   "        flags+=($globals)\n"
                   "        _describe -o flag flags\n"
                   "    else\n"
                   "        _describe word list || _files\n"
                   "    fi\n"
                   "}\n"
                   "if [[ $funcstack[1] == _belay ]]; then\n" /* found in $fpath */
                   "    _belay \"$@\"\n"
                   "else\n"
                   "    compdef _belay belay\n"
                   "fi\n");
}

/* ---- fish ---- */

static void fish_word(struct buf *out, const char *at, const char *word, const char *doc)
{
    buf_printf(out, "complete -c belay -n \"__belay_at '%s'\" -a %s -d ", at, word);
    quote_fish(out, doc);
    buf_put_char(out, '\n');
}

static void fish_flag(struct buf *out, const char *at, const struct flag_row *row)
{
    buf_put_c(out, "complete -c belay");
    if (at != NULL) {
        buf_printf(out, " -n \"__belay_at ' %s'\"", at);
    }
    buf_printf(out, " -l %s", row->name);
    if (row->letter != 0) {
        buf_printf(out, " -s %c", row->letter);
    }
    if (has_choices(row->arg)) {
        buf_put_c(out, " -x -a '");
        put_choices(out, row->arg);
        buf_put_char(out, '\'');
    } else if (row->arg != NULL) {
        buf_put_c(out, " -r");
    }
    buf_put_c(out, " -d ");
    quote_fish(out, row->doc);
    buf_put_char(out, '\n');
}

static void fish_command(struct buf *out, const struct command *c)
{
    for (size_t j = 0; j < c->flags->n; j++) {
        fish_flag(out, c->path, &c->flags->rows[j]);
    }
    if (wants_app(c)) {
        buf_printf(out,
                   "complete -c belay -n \"__belay_at ' %s'\" -a "
                   "'(belay app list -o name 2>/dev/null)'\n",
                   c->path);
    } else if (has_choices(c->args)) {
        buf_printf(out, "complete -c belay -n \"__belay_at ' %s'\" -a '", c->path);
        put_choices(out, c->args);
        buf_put_c(out, "'\n");
    }
}

static void script_fish(struct buf *out)
{
    buf_put_c(out, "# fish completion of belay: belay completion fish | source\n"
                   "function __belay_at\n"
                   "    set -l at ''\n"
                   "    for word in (commandline -opc)[2..-1]\n"
                   "        switch \"$at $word\"\n"
                   "            case ");
    put_paths(out, " ");
    buf_put_c(out, "\n                set at \"$at $word\"\n        end\n    end\n"
                   "    test \"$at\" = \"$argv[1]\"\n"
                   "end\n");
    for (size_t i = 0; i < N_COMMAND_GROUPS; i++) {
        fish_word(out, "", COMMAND_GROUPS[i].name, COMMAND_GROUPS[i].doc);
    }
    for (size_t i = 0; i < CLI_GLOBAL_FLAGS.n; i++) {
        fish_flag(out, NULL, &CLI_GLOBAL_FLAGS.rows[i]);
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct command *c = &COMMANDS[i];
        if (is_top(c)) {
            fish_word(out, "", c->path, c->doc);
        }
        for (size_t g = 0; g < N_COMMAND_GROUPS; g++) {
            if (is_in_group(c, COMMAND_GROUPS[g].name)) {
                AUTO(buf) struct buf at;
                buf_init(&at, ITEM_MAX_BYTES);
                buf_printf(&at, " %s", COMMAND_GROUPS[g].name);
                fish_word(out, at.p, last_word(c), c->doc);
            }
        }
        fish_command(out, c);
    }
}

/* ---- the command ---- */

static const struct {
    const char *shell;
    void (*write)(struct buf *out);
} SHELLS[] = {
    {"bash", script_bash},
    {"zsh", script_zsh},
    {"fish", script_fish},
};

int cmd_completion_script(const char *shell, struct buf *out, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(SHELLS); i++) {
        if (strcmp(shell, SHELLS[i].shell) == 0) {
            SHELLS[i].write(out);
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "'%s' is not bash, zsh or fish", shell);
}

int cmd_completion(struct cli *cli, struct err *err)
{
    TRY(cmd_completion_script(cli->args.items[0], &cli->out, err));
    return CLI_EXIT_OK;
}
