/* Times and durations: results of sprig 3.3 and Helm 4 under Go 1.26, in UTC. */
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"date \"2006-01-02 15:04:05\" 0", "1970-01-01 00:00:00"},
    {"date \"2006-01-02\" (int64 1700000000)", "2023-11-14"},
    {"date \"Monday Mon January Jan 1 01 2 02 _2 __2 002\" 1700000000",
     "Tuesday Tue November Nov 11 11 14 14 14 318 318"},
    {"date \"3 03 15 4 04 5 05 06 PM pm MST\" 1700000000", "10 10 22 13 13 20 20 23 PM pm UTC"},
    {"date \"3PM 03pm\" 1700040000", "9AM 09am"},
    {"date \"-07 -0700 -07:00 -070000 -07:00:00 Z07 Z0700 Z07:00 Z070000 Z07:00:00\" 1700000000",
     "+00 +0000 +00:00 +000000 +00:00:00 Z Z Z Z Z"},
    {"date \"Month Janet _2006 20060102150405 .000 .999 ,00 .0a .01 x\" 1700000000",
     "Month Janet _2023 20231114221320 .000  ,00 .0a .11 x"},
    {"date \"2006-01-02T15:04:05Z07:00\" -62135596801", "0000-12-31T23:59:59Z"},
    {"date \"2006 06 002\" -99999999999", "-1199 99 046"},
    {"date \"15:04:05.000 15:04:05.999\" 5", "00:00:05.000 00:00:05"},
    {"dateInZone \"15:04 MST\" 0 \"UTC\"", "00:00 UTC"},
    {"dateInZone \"15:04 MST\" 0 \"No/Where\"", "00:00 UTC"},
    {"date_in_zone \"2006\" 0 \"\"", "1970"},
    {"htmlDate 1700000000", "2023-11-14"},
    {"htmlDateInZone 1700000000 \"UTC\"", "2023-11-14"},
    {"toDate \"2006-01-02\" \"2017-12-31\"", "2017-12-31 00:00:00 +0000 UTC"},
    {"toDate \"2006-01-02\" \"x\"", "0001-01-01 00:00:00 +0000 UTC"},
    {"toDate \"2006-01-02 15:04:05 -0700\" \"2017-12-31 23:59:58 +0130\"",
     "2017-12-31 23:59:58 +0130 +0130"},
    {"toDate \"2006-01-02 15:04:05 MST\" \"2017-12-31 23:59:58 CET\"",
     "2017-12-31 23:59:58 +0000 CET"},
    {"toDate \"2006-01-02 15:04:05 MST\" \"2017-12-31 23:59:58 GMT+3\"",
     "2018-01-01 02:59:58 +0300 GMT+3"},
    {"toDate \"2006-01-02 15:04:05 -0700 MST\" \"2017-12-31 23:59:58 +0100 CET\"",
     "2017-12-31 23:59:58 +0100 CET"},
    {"toDate \"2006-01-02T15:04:05Z07:00\" \"2017-12-31T23:59:58Z\"",
     "2017-12-31 23:59:58 +0000 UTC"},
    {"toDate \"2006-01-02T15:04:05Z07:00\" \"2017-12-31T23:59:58.123456789+02:00\"",
     "2017-12-31 23:59:58.123456789 +0200 +0200"},
    {"toDate \"2006-01-02T15:04:05Z07:00\" \"2017-12-31T23:59:58-00:00\"",
     "2017-12-31 23:59:58 +0000 UTC"},
    {"toDate \"15:04:05\" \"01:02:03.5\"", "0000-01-01 01:02:03.5 +0000 UTC"},
    {"toDate \"15:04:05.00\" \"01:02:03,25\"", "0000-01-01 01:02:03.25 +0000 UTC"},
    {"toDate \"15:04:05.999\" \"01:02:03\"", "0000-01-01 01:02:03 +0000 UTC"},
    {"toDate \"Jan _2 06 3:04PM\" \"feb  3 69 12:05AM\"", "1969-02-03 00:05:00 +0000 UTC"},
    {"toDate \"January 2, 2006 at 3:04pm (MST)\" \"February 29, 2004 at 1:05pm (UTC)\"",
     "2004-02-29 13:05:00 +0000 UTC"},
    {"toDate \"Monday, 02-Jan-06\" \"Friday, 03-Mar-23\"", "2023-03-03 00:00:00 +0000 UTC"},
    {"toDate \"2006-002\" \"2024-060\"", "2024-02-29 00:00:00 +0000 UTC"},
    {"toDate \"2006-002\" \"2024-366\"", "2024-12-31 00:00:00 +0000 UTC"},
    {"toDate \"2006 __2\" \"2023   7\"", "2023-01-07 00:00:00 +0000 UTC"},
    {"toDate \"06\" \"-5\"", "1995-01-01 00:00:00 +0000 UTC"},
    {"toDate \"2006-01-02\" \"2024-02-29\"", "2024-02-29 00:00:00 +0000 UTC"},
    {"dateModify \"1h30m\" (toDate \"2006-01-02\" \"2020-02-29\")",
     "2020-02-29 01:30:00 +0000 UTC"},
    {"dateModify \"-1.5s\" (toDate \"2006-01-02\" \"2020-01-01\")",
     "2019-12-31 23:59:58.5 +0000 UTC"},
    {"date_modify \"bad\" (toDate \"2006-01-02\" \"2020-01-01\")", "2020-01-01 00:00:00 +0000 UTC"},
    {"mustDateModify \"24h\" (toDate \"2006-01-02\" \"2020-02-28\")",
     "2020-02-29 00:00:00 +0000 UTC"},
    {"must_date_modify \"-0\" (toDate \"2006-01-02\" \"2020-02-28\")",
     "2020-02-28 00:00:00 +0000 UTC"},
    {"unixEpoch (toDate \"2006-01-02\" \"2020-02-29\")", "1582934400"},
    {"unixEpoch (toDate \"2006\" \"1960\")", "-315619200"},
    {"unixEpoch (toDate \"x\" \"y\")", "-62135596800"},
    {"duration \"61\"", "1m1s"},
    {"duration \"3600\"", "1h0m0s"},
    {"duration 5", "0s"},
    {"duration (int64 86399)", "23h59m59s"},
    {"duration \"x\"", "0s"},
    {"duration nil", "0s"},
    {"duration \"99999999999999999999\"", "-1s"},
    {"duration \"-5\"", "-5s"},
    {"durationRound \"2h10m5s\"", "2h"},
    {"durationRound \"2400h\"", "3mo"},
    {"durationRound \"24h\"", "24h"},
    {"durationRound \"25h\"", "1d"},
    {"durationRound \"9000h\"", "1y"},
    {"durationRound \"-61s\"", "1m"},
    {"durationRound \"1s\"", "0s"},
    {"durationRound \"1001ms\"", "1s"},
    {"durationRound \"x\"", "0s"},
    {"durationRound (int64 90000000000)", "1m"},
    {"durationRound 90000000000", "0s"},
    {"durationRound nil", "0s"},
    {"mustToDuration \"1h30m\"", "1h30m0s"},
    {"mustToDuration \" 90 \"", "1m30s"},
    {"mustToDuration \"1.5\"", "1.5s"},
    {"mustToDuration 90", "1m30s"},
    {"mustToDuration 1.25", "1.25s"},
    {"mustToDuration (int64 61)", "1m1s"},
    {"mustToDuration (mustToDuration \"5s\")", "5s"},
    {"mustToDuration \"-1m0.5s\"", "-1m0.5s"},
    {"mustToDuration \"1us\"", "1µs"},
    {"mustToDuration \"1.5µs\"", "1.5µs"},
    {"mustToDuration \"123ns\"", "123ns"},
    {"mustToDuration \"1e3\"", "16m40s"},
    {"mustToDuration \"0\"", "0s"},
    {"typeOf (mustToDuration 1)", "time.Duration"},
    {"kindOf (mustToDuration 1)", "int64"},
    {"durationSeconds \"1500ms\"", "1.5"},
    {"durationSeconds \"x\"", "0"},
    {"durationSeconds nil", "0"},
    {"durationMilliseconds \"1.5s\"", "1500"},
    {"durationMicroseconds \"1.5ms\"", "1500"},
    {"durationNanoseconds \"1us\"", "1000"},
    {"durationMinutes \"90s\"", "1.5"},
    {"durationHours \"90m\"", "1.5"},
    {"durationDays \"36h\"", "1.5"},
    {"durationWeeks \"84h\"", "0.5"},
    {"durationDays 1", "1.1574074074074073e-05"},
    {"durationRoundTo \"1h44m30s\" \"1m\"", "1h45m0s"},
    {"durationRoundTo \"-90s\" 60", "-2m0s"},
    {"durationRoundTo \"1h44m29s\" \"1m\"", "1h44m0s"},
    {"durationRoundTo \"1h44m\" \"x\"", "1h44m0s"},
    {"durationRoundTo \"x\" \"1m\"", "0s"},
    {"durationTruncateTo \"1h44m59s\" \"1m\"", "1h44m0s"},
    {"durationTruncateTo \"-90s\" \"1m\"", "-1m0s"},
    {"durationTruncateTo \"90s\" 0", "1m30s"},
    {"typeOf (durationRoundTo \"1h\" \"1m\")", "time.Duration"},
    {"durationSeconds true", "0"},
    {"durationNanoseconds 9223372036", "9223372036000000000"},
    {"durationNanoseconds 9223372037", "0"},
    {"mustToDuration \"2562047h47m16.854775807s\"", "2562047h47m16.854775807s"},
    {"mustToDuration \"-2562047h47m16.854775808s\"", "-2562047h47m16.854775808s"},
    {"mustToDuration \".5h\"", "30m0s"},
    {"mustToDuration \"1.h\"", "1h0m0s"},
    {"mustToDuration \"0.100000000000000000000h\"", "6m0s"},
};

/* Three hours east of UTC, as "TZif" of version 1; other names are unknown. */
static int on_zone(struct arena *arena, struct str name, struct str *ret, struct err *err)
{
    static const char DATA[] =
        "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\1\0\0\0\4"
        "\0\0\x2a\x30\0\0"
        "EAT";
    if (str_eq_c(name, "No/Database")) {
        return err_set(err, ERR_UNSUPPORTED, "no zones");
    }
    *ret =
        str_eq_c(name, "Africa/Nairobi") ? arena_str(arena, str_of(DATA, sizeof(DATA))) : STR_EMPTY;
    return 0;
}

static void named_zones_come_from_the_environment(void **state UNUSED)
{
    static const struct tfunc_case CASES[] = {
        {"dateInZone \"15:04 MST -07\" 0 \"Africa/Nairobi\"", "03:00 EAT +03"},
        {"date_in_zone \"15:04 MST\" 0 \"Africa/Nowhere\"", "00:00 UTC"},
        {"dateInZone \"15:04 MST\" 0 \"Local\"", "00:00 UTC"},
        {"htmlDateInZone 79200 \"Africa/Nairobi\"", "1970-01-02"},
    };
    static const struct tfunc_case FAILURE = {"dateInZone \"15\" 0 \"No/Database\"", "no zones"};
    struct engine_env env = {.zone = on_zone};
    tfunc_check(&env, CASES, ARRAY_LEN(CASES));
    tfunc_check_errors(&env, &FAILURE, 1);
}

static void results_are_as_gos(void **state UNUSED)
{
    struct engine_env env = {0};
    tfunc_check(&env, RESULTS, ARRAY_LEN(RESULTS));
}

static const struct tfunc_case FAILURES[] = {
    {"mustToDate \"2006-01-02\" \"2017-13-31\"", "parsing time \"2017-13-31\": month out of range"},
    {"mustToDate \"2006-01-02\" \"2017-12-32\"", "parsing time \"2017-12-32\": day out of range"},
    {"mustToDate \"2006-01-02\" \"2017-02-29\"", "parsing time \"2017-02-29\": day out of range"},
    {"mustToDate \"2006-01-02\" \"17-02-29\"",
     "parsing time \"17-02-29\" as \"2006-01-02\": cannot parse \"17-02-29\" as \"2006\""},
    {"mustToDate \"2006-01-02\" \"2017-2-9\"",
     "parsing time \"2017-2-9\" as \"2006-01-02\": cannot parse \"2-9\" as \"01\""},
    {"mustToDate \"2006-01-02\" \"2017-02-09x\"",
     "parsing time \"2017-02-09x\": extra text: \"x\""},
    {"mustToDate \"2006-01-02\" \"\"",
     "parsing time \"\" as \"2006-01-02\": cannot parse \"\" as \"2006\""},
    {"mustToDate \"x2006\" \"y2006\"",
     "parsing time \"y2006\" as \"x2006\": cannot parse \"y2006\" as \"x\""},
    {"mustToDate \"15:04:05\" \"24:00:00\"", "parsing time \"24:00:00\": hour out of range"},
    {"mustToDate \"15:04:05\" \"23:60:00\"", "parsing time \"23:60:00\": minute out of range"},
    {"mustToDate \"15:04:05\" \"23:59:60\"", "parsing time \"23:59:60\": second out of range"},
    {"mustToDate \"3PM\" \"13PM\"", "parsing time \"13PM\": hour out of range"},
    {"mustToDate \"3PM\" \"1XM\"",
     "parsing time \"1XM\" as \"3PM\": cannot parse \"XM\" as \"PM\""},
    {"mustToDate \"3pm\" \"1PM\"",
     "parsing time \"1PM\" as \"3pm\": cannot parse \"PM\" as \"pm\""},
    {"mustToDate \"Jan\" \"Foo\"",
     "parsing time \"Foo\" as \"Jan\": cannot parse \"Foo\" as \"Jan\""},
    {"mustToDate \"Monday\" \"Mon\"",
     "parsing time \"Mon\" as \"Monday\": cannot parse \"Mon\" as \"Monday\""},
    {"mustToDate \"-0700\" \"+2500\"",
     "parsing time \"+2500\": time zone offset hour out of range"},
    {"mustToDate \"-0700\" \"+0061\"",
     "parsing time \"+0061\": time zone offset minute out of range"},
    {"mustToDate \"-0700\" \"0100\"",
     "parsing time \"0100\" as \"-0700\": cannot parse \"0100\" as \"-0700\""},
    {"mustToDate \"-07:00\" \"+0100\"",
     "parsing time \"+0100\" as \"-07:00\": cannot parse \"+0100\" as \"-07:00\""},
    {"mustToDate \"Z07:00\" \"+01\"",
     "parsing time \"+01\" as \"Z07:00\": cannot parse \"+01\" as \"Z07:00\""},
    {"mustToDate \"MST\" \"xx\"", "parsing time \"xx\" as \"MST\": cannot parse \"xx\" as \"MST\""},
    {"mustToDate \"MST\" \"ABCD\"",
     "parsing time \"ABCD\" as \"MST\": cannot parse \"ABCD\" as \"MST\""},
    {"mustToDate \"2006 002\" \"2023 366\"", "parsing time \"2023 366\": day-of-year out of range"},
    {"mustToDate \"2006 002 01\" \"2023 100 05\"",
     "parsing time \"2023 100 05\": day-of-year does not match month"},
    {"mustToDate \"2006 002 02\" \"2023 100 05\"",
     "parsing time \"2023 100 05\": day-of-year does not match day"},
    {"mustToDate \"15:04:05.000\" \"01:02:03.5\"",
     "parsing time \"01:02:03.5\" as \"15:04:05.000\": cannot parse \".5\" as \".000\""},
    {"mustToDate \"15:04:05.00\" \"01:02:03.-5\"",
     "parsing time \"01:02:03.-5\": fractional second out of range"},
    {"mustToDate \"2006 Jan\" \"2006ä\"",
     "parsing time \"2006\\xc3\\xa4\" as \"2006 Jan\": cannot parse \"\\xc3\\xa4\" as \" \""},
    {"mustDateModify \"x\" (toDate \"2006-01-02\" \"2020-02-28\")", "time: invalid duration \"x\""},
    {"mustDateModify \"\" (toDate \"2006-01-02\" \"2020-02-28\")", "time: invalid duration \"\""},
    {"mustDateModify \"1\" (toDate \"2006-01-02\" \"2020-02-28\")",
     "time: missing unit in duration \"1\""},
    {"mustDateModify \"1d\" (toDate \"2006-01-02\" \"2020-02-28\")",
     "time: unknown unit \"d\" in duration \"1d\""},
    {"mustDateModify \".h\" (toDate \"2006-01-02\" \"2020-02-28\")",
     "time: invalid duration \".h\""},
    {"mustDateModify \"9999999h\" (toDate \"2006-01-02\" \"2020-02-28\")",
     "time: invalid duration \"9999999h\""},
    {"mustDateModify \"99999999999999999999h\" (toDate \"2006-01-02\" \"2020-02-28\")",
     "time: invalid duration \"99999999999999999999h\""},
    {"mustToDuration \"\"", "empty duration"},
    {"mustToDuration \"  \"", "empty duration"},
    {"mustToDuration \"x\"", "could not parse duration \"x\""},
    {"mustToDuration nil", "invalid duration"},
    {"mustToDuration true", "unsupported duration type bool"},
    {"mustToDuration (list)", "unsupported duration type []interface {}"},
    {"mustToDuration \"NaN\"", "invalid duration seconds: NaN"},
    {"mustToDuration 9223372037", "duration seconds overflow: 9223372037"},
    {"mustToDuration 1e10", "duration seconds overflow: 1e+10"},
    {"mustToDuration \"1d\"", "could not parse duration \"1d\""},
    {"mustToDuration \"2562047h47m16.854775808s\"",
     "could not parse duration \"2562047h47m16.854775808s\""},
};

static void failures_are_as_gos(void **state UNUSED)
{
    struct engine_env env = {0};
    tfunc_check_errors(&env, FAILURES, ARRAY_LEN(FAILURES));
}

static void now_is_given(void **state UNUSED)
{
    static const struct tfunc_case CASES[] = {
        {"now", "2023-11-14 22:13:20.5 +0000 UTC"},
        {"date \"2006-01-02\" 1.5", "2023-11-14"},
        {"htmlDate nil", "2023-11-14"},
        {"ago (dateModify \"-90s\" (now))", "1m30s"},
        {"ago 1700000000", "1s"},
        {"ago (int64 1699996400)", "1h0m1s"},
        {"ago \"\"", "0s"},
        {"durationRound (toDate \"2006-01-02\" \"2023-11-01\")", "13d"},
        {"ago (toDate \"2006\" \"0001\")", "2562047h47m16.854775807s"},
    };
    struct engine_env env = {.now_ms = INT64_C(1700000000500)};
    tfunc_check(&env, CASES, ARRAY_LEN(CASES));
}

static void only_times_are_modified(void **state UNUSED)
{
    static const struct tfunc_case CASES[] = {
        {"dateModify \"1h\" 5", "wrong type for value; expected time.Time; got int"},
        {"mustDateModify \"1h\" nil", "wrong type for value; expected time.Time; got interface {}"},
        {"unixEpoch \"x\"", "wrong type for value; expected time.Time; got string"},
    };
    struct engine_env env = {0};
    tfunc_check_errors(&env, CASES, ARRAY_LEN(CASES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_as_gos),
        cmocka_unit_test(named_zones_come_from_the_environment),
        cmocka_unit_test(failures_are_as_gos),
        cmocka_unit_test(now_is_given),
        cmocka_unit_test(only_times_are_modified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
