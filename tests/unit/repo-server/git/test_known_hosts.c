/* known_hosts: lines of every kind. The hashed line was made by OpenSSH's ssh-keygen -H. */
#include "common/base/arena.h"
#include "common/base/b64.h"
#include "repo-server/git/known_hosts.h"
#include "tests/lib/check.h"

#define KEY   "AAAAC3NzaC1lZDI1NTE5AAAAIHwRWJLG1dLRFSVY2vxPQDDhhzqXFrhQvwVMfmjDkkzn"
#define OTHER "AAAAC3NzaC1lZDI1NTE5AAAAIBk7SFRhUa0S4fBq0rnSFHh+YVJmb2FSRCzRbfTgH5d3"

static const struct known_hosts_case {
    const char *lines;
    const char *host;
    uint16_t port;
    enum known_hosts_verdict want;
} CASES[] = {
    {"", "h.example", 22, KNOWN_HOSTS_UNKNOWN},
    {"h.example ssh-ed25519 " KEY, "h.example", 22, KNOWN_HOSTS_MATCH},
    {"h.example ssh-ed25519 " KEY " comment here\r\n", "h.example", 22, KNOWN_HOSTS_MATCH},
    {"  H.EXAMPLE\tssh-ed25519\t" KEY "\n", "h.example", 22, KNOWN_HOSTS_MATCH},
    {"h.example ssh-ed25519 " OTHER, "h.example", 22, KNOWN_HOSTS_MISMATCH},
    {"h.example ssh-ed25519 " OTHER "\nh.example ssh-ed25519 " KEY, "h.example", 22,
     KNOWN_HOSTS_MATCH},
    {"a.example,h.example,192.0.2.1 ssh-ed25519 " KEY, "192.0.2.1", 22, KNOWN_HOSTS_MATCH},
    {"h.example ssh-ed25519 " KEY, "h.example", 2222, KNOWN_HOSTS_UNKNOWN},
    {"[h.example]:2222 ssh-ed25519 " KEY, "h.example", 2222, KNOWN_HOSTS_MATCH},
    {"[h.example]:22 ssh-ed25519 " KEY, "h.example", 22, KNOWN_HOSTS_MATCH},
    {"[2001:db8::1]:2222 ssh-ed25519 " KEY, "2001:db8::1", 2222, KNOWN_HOSTS_MATCH},
    {"*.example ssh-ed25519 " KEY, "h.example", 22, KNOWN_HOSTS_MATCH},
    {"?.example ssh-ed25519 " KEY, "h.example", 22, KNOWN_HOSTS_MATCH},
    {"?.example ssh-ed25519 " KEY, "hh.example", 22, KNOWN_HOSTS_UNKNOWN},
    {"*.example,!h.example ssh-ed25519 " KEY, "h.example", 22, KNOWN_HOSTS_UNKNOWN},
    {"@cert-authority * ssh-ed25519 " KEY, "h.example", 22, KNOWN_HOSTS_UNKNOWN},
    {"h.example ssh-ed25519 " KEY "\n@revoked * ssh-ed25519 " KEY, "h.example", 22,
     KNOWN_HOSTS_REVOKED},
    {"@revoked h.example ssh-ed25519 " OTHER "\nh.example ssh-ed25519 " KEY, "h.example", 22,
     KNOWN_HOSTS_MATCH},
    {"# h.example ssh-ed25519 " KEY, "h.example", 22, KNOWN_HOSTS_UNKNOWN},
    {"h.example ssh-ed25519", "h.example", 22, KNOWN_HOSTS_UNKNOWN},
    {"h.example ssh-ed25519 not-base64!", "h.example", 22, KNOWN_HOSTS_MISMATCH},
    {"|1|x|y ssh-ed25519 " KEY "\n|1|\n|\n", "h.example", 22, KNOWN_HOSTS_UNKNOWN},
    {"|1|sW6GCi2el0ui+btv5tjeduGfBLI=|uWthMG+1a+vCyfuvHRbRMZCrNTc= ssh-ed25519 " KEY, "h.example",
     22, KNOWN_HOSTS_MATCH},
};

static struct str decode(struct arena *arena, const char *text)
{
    struct str key;
    struct err err;
    ASSERT_OK(b64_decode(arena, str_from(text), B64_STANDARD, &key, &err));
    return key;
}

static void judges_every_kind_of_line(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str key = decode(arena, KEY);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct known_hosts_case *c = &CASES[i];
        if (known_hosts_check(str_from(c->lines), str_from(c->host), c->port, key) != c->want) {
            fail_msg("case %zu: %s", i, c->lines);
        }
    }
}

static void writes_the_line_to_add(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf line;
    buf_init(&line, 1024);
    known_hosts_put_line(&line, STR("h.example"), 22, decode(arena, KEY));
    ASSERT_STR(buf_str(&line), "h.example ssh-ed25519 " KEY);
    buf_reset(&line);
    known_hosts_put_line(&line, STR("h.example"), 2222, decode(arena, KEY));
    ASSERT_STR(buf_str(&line), "[h.example]:2222 ssh-ed25519 " KEY);
    buf_reset(&line);
    known_hosts_put_line(&line, STR("h.example"), 22, STR("\xff\xff\xff\xffx"));
    assert_int_equal(line.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_kind_of_line),
        cmocka_unit_test(writes_the_line_to_add),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
