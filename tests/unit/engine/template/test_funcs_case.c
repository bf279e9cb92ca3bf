/* Functions on case: results of sprig 3.3 under Go 1.26. */
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"upper \"stra\xc3\x9f"
     "e \xc3\x9cn\xc3\xaf"
     "code\"",
     "STRA\xc3\x9f"
     "E \xc3\x9cN\xc3\x8f"
     "CODE"},
    {"lower \"\xc3\x80\xc3\x89 \xce\xa3\xce\x91\xce\xa3\"",
     "\xc3\xa0\xc3\xa9 \xcf\x83\xce\xb1\xcf\x83"},
    {"title \"the red-brown fox_jumps 2nd x.y\"", "The Red-Brown Fox_jumps 2nd X.Y"},
    {"title \"\xc3\xa9"
     "a \xef\xac\x81 \xc7\x86x\"",
     "\xc3\x89"
     "a \xef\xac\x81 \xc7\x85x"},
    {"title \"\"", ""},
    {"untitle \"The Red  Fox\"", "the red  fox"},
    {"untitle \"\xc3\x89T\xc3\x89\"", "\xc3\xa9T\xc3\x89"},
    {"swapcase \"Hello wORLD \xc7\x85x 1a\"", "hELLO World \xc7\x86X 1A"},
    {"swapcase \"\"", ""},
    {"camelcase \"image_pull-policy  now\"", "ImagePullPolicy Now"},
    {"camelcase \"HTTPServer\"", "Httpserver"},
    {"camelcase \"_private__name_\"", "_Private_Name_"},
    {"camelcase \"_\"", "__"},
    {"camelcase \"a\"", "A"},
    {"camelcase \"GO_IS_NICE\"", "GoIsNice"},
    {"camelcase \"\xc3\xa9"
     "a_\xc3\xa9"
     "b\"",
     "\xc3\x89"
     "a\xc3\x89"
     "b"},
    {"camelcase \"\"", ""},
    {"snakecase \"HTTPServer\"", "http_server"},
    {"snakecase \"http2Server\"", "http2_server"},
    {"snakecase \"HTTP20xOK\"", "http_20x_ok"},
    {"snakecase \"Bld4Floor3rd\"", "bld4_floor_3rd"},
    {"snakecase \"foo-bar.baz\"", "foo_bar.baz"},
    {"snakecase \"Duration2m3s\"", "duration_2m3s"},
    {"snakecase \"already_snake\"", "already_snake"},
    {"snakecase \"\xe6\x97\xa5\xe6\x9c\xacGo\xe8\xaa\x9e\"",
     "\xe6\x97\xa5\xe6\x9c\xac_go_\xe8\xaa\x9e"},
    {"snakecase \"A\"", "a"},
    {"snakecase \"a1\"", "a1"},
    {"snakecase \"1a 2B\"", "1a_2_b"},
    {"snakecase \"X--Y!!Z\"", "x__y!!z"},
    {"snakecase \"--x--\"", "__x__"},
    {"snakecase \"\xf0\x9f\x98\x80"
     "A\"",
     "\xf0\x9f\x98\x80_a"},
    {"snakecase \"\"", ""},
    {"kebabcase \"FirstName LastName\"", "first-name-last-name"},
    {"kebabcase \"IPv6Address\"", "i-pv6-address"},
    {"kebabcase \"v1beta2API\"", "v-1beta2-api"},
    {"upper \"a\xff"
     "b\"",
     "A\xef\xbf\xbd"
     "B"},
    {"snakecase \"Ab\xff"
     "Cd\"",
     "ab_\xef\xbf\xbd"
     "cd"},
    {"snakecase \"\xff"
     "A\"",
     "\xef\xbf\xbd"
     "a"},
    {"snakecase \"A\xff\"", "a\xef\xbf\xbd"},
    {"camelcase \"a\xff_b\"", "A\xef\xbf\xbd"
                              "B"},
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
