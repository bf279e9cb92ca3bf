/* Functions on paths: results of sprig 3.3 under Go 1.26. */
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"base \"/a/b.txt\"", "b.txt"},
    {"base \"\"", "."},
    {"base \"///\"", "/"},
    {"base \"a/\"", "a"},
    {"dir \"/a/b/c\"", "/a/b"},
    {"dir \"c\"", "."},
    {"dir \"/c\"", "/"},
    {"dir \"a//b//\"", "a/b"},
    {"dir \"\"", "."},
    {"clean \"/a/../../b/./c//\"", "/b/c"},
    {"clean \"../../a\"", "../../a"},
    {"clean \"a/../..\"", ".."},
    {"clean \"./\"", "."},
    {"clean \"\"", "."},
    {"clean \"/..\"", "/"},
    {"clean \"a/b/../../../c\"", "../c"},
    {"ext \"a/b.tar.gz\"", ".gz"},
    {"ext \"a.b/c\"", ""},
    {"ext \".profile\"", ".profile"},
    {"isAbs \"/x\"", "true"},
    {"isAbs \"x\"", "false"},
    {"osBase \"/a/b\"", "b"},
    {"osDir \"/a/b\"", "/a"},
    {"osClean \"a//b\"", "a/b"},
    {"osExt \"x.y\"", ".y"},
    {"osIsAbs \"/\"", "true"},
};

static void gives_what_sprig_gives(void **state UNUSED)
{
    tfunc_check(NULL, RESULTS, ARRAY_LEN(RESULTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_sprig_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
