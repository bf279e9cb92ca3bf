/* urlParse and urlJoin: results of sprig 3.3 under Go 1.26. */
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"urlParse \"https://me:se%40cret@example.org:8443/a%20b/c?q=1&r=%20#top%41\"",
     "map[fragment:topA host:example.org:8443 hostname:example.org opaque: path:/a b/c "
     "query:q=1&r=%20 scheme:https userinfo:me:se%40cret]"},
    {"urlParse \"mailto:someone@example.org\"",
     "map[fragment: host: hostname: opaque:someone@example.org path: query: scheme:mailto "
     "userinfo:]"},
    {"urlParse \"//host/path\"",
     "map[fragment: host:host hostname:host opaque: path:/path query: scheme: userinfo:]"},
    {"urlParse \"/only/path?x#\"",
     "map[fragment: host: hostname: opaque: path:/only/path query:x scheme: userinfo:]"},
    {"urlParse \"http://[2001:db8::1]:80/\"",
     "map[fragment: host:[2001:db8::1]:80 hostname:2001:db8::1 opaque: path:/ query: scheme:http "
     "userinfo:]"},
    {"urlParse \"http://[fe80::1%25en0]/\"",
     "map[fragment: host:[fe80::1%en0] hostname:fe80::1%en0 opaque: path:/ query: scheme:http "
     "userinfo:]"},
    {"urlParse \"HTTP://Host?\"",
     "map[fragment: host:Host hostname:Host opaque: path: query: scheme:http userinfo:]"},
    {"urlParse \"*\"", "map[fragment: host: hostname: opaque: path:* query: scheme: userinfo:]"},
    {"urlParse \"\"", "map[fragment: host: hostname: opaque: path: query: scheme: userinfo:]"},
    {"urlParse \"http://u@h\"",
     "map[fragment: host:h hostname:h opaque: path: query: scheme:http userinfo:u]"},
    {"urlParse \"x:?a?b\"",
     "map[fragment: host: hostname: opaque: path: query:a?b scheme:x userinfo:]"},
    {"urlParse \"http://h:/\"",
     "map[fragment: host:h: hostname:h opaque: path:/ query: scheme:http userinfo:]"},
    {"urlParse \"git://h:1:2/\"",
     "map[fragment: host:h:1:2 hostname:h:1 opaque: path:/ query: scheme:git userinfo:]"},
    {"urlParse \"///three\"",
     "map[fragment: host: hostname: opaque: path:///three query: scheme: userinfo:]"},
    {"urlParse \"a:b/c\"",
     "map[fragment: host: hostname: opaque:b/c path: query: scheme:a userinfo:]"},
    {"urlJoin (dict \"scheme\" \"https\" \"host\" \"example.org:80\" \"path\" \"a!b\" \"userinfo\" "
     "\"me:p%40\")",
     "https://me:p%40@example.org:80/a%21b"},
    {"urlJoin (dict \"scheme\" \"mailto\" \"opaque\" \"a@b\" \"query\" \"subject=x\")",
     "mailto:a@b?subject=x"},
    {"urlJoin (dict \"path\" \"a:b/c\")", "./a:b/c"},
    {"urlJoin (dict \"path\" \"*\" \"host\" \"h\")", "//h/*"},
    {"urlJoin (dict \"scheme\" \"file\" \"path\" \"/etc/x\")", "file:///etc/x"},
    {"urlJoin (dict \"scheme\" \"x\")", "x:"},
    {"urlJoin (dict \"host\" \"[::1]:80\" \"userinfo\" \"u\")", "//u@[::1]:80"},
    {"urlJoin (dict)", ""},
};

static const struct tfunc_case ERRORS[] = {
    {"urlParse \"http://h/%zz\"",
     "unable to parse url: parse \"http://h/%zz\": invalid URL escape \"%zz\""},
    {"urlParse \"http://h%41/\"",
     "unable to parse url: parse \"http://h%41/\": invalid URL escape \"%41\""},
    {"urlParse \"http://a b/\"",
     "unable to parse url: parse \"http://a b/\": invalid character \" \" in host name"},
    {"urlParse \"http://h:port/\"",
     "unable to parse url: parse \"http://h:port/\": invalid port \":port\" after host"},
    {"urlParse \"http://h:1:2/\"",
     "unable to parse url: parse \"http://h:1:2/\": invalid port \":1:2\" after host"},
    {"urlParse \"http://[::1/\"",
     "unable to parse url: parse \"http://[::1/\": missing ']' in host"},
    {"urlParse \"http://a[::1]/\"",
     "unable to parse url: parse \"http://a[::1]/\": invalid IP-literal"},
    {"urlParse \"http://[1.2.3.4]/\"",
     "unable to parse url: parse \"http://[1.2.3.4]/\": invalid IP-literal"},
    {"urlParse \"http://u^@h/\"",
     "unable to parse url: parse \"http://u^@h/\": net/url: invalid userinfo"},
    {"urlParse \":x\"", "unable to parse url: parse \":x\": missing protocol scheme"},
    {"urlParse \"1a:b\"",
     "unable to parse url: parse \"1a:b\": first path segment in URL cannot contain colon"},
    {"urlParse \"tab\t\"",
     "unable to parse url: parse \"tab\\t\": net/url: invalid control character in URL"},
    {"urlParse \"#%x\"", "unable to parse url: parse \"#%x\": invalid URL escape \"%x\""},
    {"urlJoin (dict \"scheme\" \"https\" \"host\" \"example.org:80\" \"path\" \"/a b\" \"query\" "
     "\"q=1 2\" \"fragment\" \"f g\" \"userinfo\" \"me:pa ss\")",
     "unable to parse userinfo in dict: parse \"proto://me:pa ss@host\": net/url: invalid "
     "userinfo"},
    {"urlJoin (dict \"path\" 7)",
     "unable to parse path key, must be of type string, but int found"},
    {"urlJoin (dict \"host\" nil)",
     "runtime error: invalid memory address or nil pointer dereference"},
    {"urlJoin (dict \"query\" (list))",
     "unable to parse query key, must be of type string, but slice found"},
    {"urlJoin (dict \"userinfo\" \"a%\")",
     "unable to parse userinfo in dict: parse \"proto://a%@host\": invalid URL escape \"%\""},
};

static void gives_what_sprig_gives(void **state UNUSED)
{
    tfunc_check(NULL, RESULTS, ARRAY_LEN(RESULTS));
}

static void fails_as_sprig_does(void **state UNUSED)
{
    tfunc_check_errors(NULL, ERRORS, ARRAY_LEN(ERRORS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_sprig_gives),
        cmocka_unit_test(fails_as_sprig_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
