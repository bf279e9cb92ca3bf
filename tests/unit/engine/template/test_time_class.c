/* Methods of times, durations, months and weekdays: results of Helm 4.2. */
#include "tests/lib/template_fixture.h"

#define T "{{$t := toDate \"2006-01-02 15:04:05\" \"2024-03-05 06:07:08\"}}"
#define D "{{$d := mustToDuration \"1h30m5.5s\"}}"

static void times_have_gos_methods(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {T "{{$t.Unix}} {{$t.UnixMilli}} {{$t.UnixMicro}} {{$t.UnixNano}}", "{}",
         "1709618828 1709618828000 1709618828000000 1709618828000000000"},
        {T "{{$t.Year}} {{$t.Month}} {{$t.Day}} {{$t.Hour}} {{$t.Minute}} {{$t.Second}} "
           "{{$t.Nanosecond}} {{$t.YearDay}} {{$t.Weekday}}",
         "{}", "2024 March 5 6 7 8 0 65 Tuesday"},
        {T "{{typeOf $t.Unix}} {{typeOf $t.Year}} {{typeOf $t.Location}} {{typeOf $t.UTC}}", "{}",
         "int64 int *time.Location time.Time"},
        {T "{{$t.Format \"Jan 2\"}} {{\"2006\" | $t.Format}} {{$t.String}}", "{}",
         "Mar 5 2024 2024-03-05 06:07:08 +0000 UTC"},
        {T "{{$t.AddDate 1 2 3}} {{$t.AddDate 0 -3 0}} {{$t.AddDate 0 11 26}}", "{}",
         "2025-05-08 06:07:08 +0000 UTC 2023-12-05 06:07:08 +0000 UTC 2025-03-03 06:07:08 +0000 "
         "UTC"},
        {T "{{$t.Add 5000000000}} {{$t.Sub ($t.AddDate 0 0 -1)}}", "{}",
         "2024-03-05 06:07:13 +0000 UTC 24h0m0s"},
        {T "{{$t.Truncate (mustToDuration \"1h\")}} {{$t.Round (mustToDuration \"24h\")}} "
           "{{$t.Round 0}} {{$t.Truncate -5}}",
         "{}",
         "2024-03-05 06:00:00 +0000 UTC 2024-03-05 00:00:00 +0000 UTC 2024-03-05 06:07:08 +0000 "
         "UTC 2024-03-05 06:07:08 +0000 UTC"},
        {T "{{$u := $t.AddDate 0 0 1}}{{$t.After $u}} {{$t.Before $u}} {{$t.Equal $t}} "
           "{{$t.Compare $u}} {{$u.Compare $t}} {{$t.Compare $t}}",
         "{}", "false true true -1 1 0"},
        {"{{$t := toDate \"2006\" \"x\"}}{{$t.IsZero}} {{$t.Unix}} {{$t.Year}} {{now.IsZero}} "
         "{{now.IsDST}}",
         "{}", "true -62135596800 1 false false"},
        {"{{$t := toDate \"2006 -0700\" \"2024 +0130\"}}{{$t.UTC}} {{$t.UTC.Location}} "
         "{{now.In $t.Location}} {{now.Location.String}} {{now.Local}}",
         "{}",
         "2023-12-31 22:30:00 +0000 UTC UTC 2023-11-14 23:43:20 +0130 +0130 UTC 2023-11-14 "
         "22:13:20 +0000 UTC"},
    };
    template_fixture_check(ROWS, ARRAY_LEN(ROWS));
}

static void arguments_are_checked_as_those_of_functions(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{now.Format}}", "{}",
         "t:1:2\n  executing \"t\" at <now>:\n    wrong number of args for Format: want 1 "
         "got "
         "0"},
        {"{{now.Format 5}}", "{}",
         "t:1:13\n  executing \"t\" at <5>:\n    expected string; found 5"},
        {"{{now.Add \"1h\"}}", "{}",
         "t:1:10\n  executing \"t\" at <\"1h\">:\n    expected integer; found \"1h\""},
        {"{{now.Sub 5}}", "{}",
         "t:1:10\n  executing \"t\" at <5>:\n    can't handle 5 for arg of type time.Time"},
        {"{{now.Sub .s}}", "{s: x}",
         "t:1:10\n  executing \"t\" at <.s>:\n    wrong type for value; expected time.Time; got "
         "string"},
        {"{{now.Add (int64 5)}}", "{}",
         "t:1:17\n  executing \"t\" at <5>:\n    wrong type for value; expected "
         "time.Duration; "
         "got int64"},
        {"{{now.In 5}}", "{}",
         "t:1:9\n  executing \"t\" at <5>:\n    can't handle 5 for arg of type *time.Location"},
        {"{{now.Nope}}", "{}",
         "t:1:2\n  executing \"t\" at <now>:\n    can't evaluate field Nope in type "
         "time.Time"},
        {"{{now.AddDate 0 99999999999 0}}", "{}", "template 't': AddDate: 99999999999 is too much"},
    };
    template_fixture_check(ROWS, ARRAY_LEN(ROWS));
}

static void durations_have_gos_methods(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {D "{{$d.Hours}} {{$d.Minutes}} {{$d.Seconds}} {{$d.Milliseconds}} {{$d.Microseconds}} "
           "{{$d.Nanoseconds}} {{$d.String}} {{$d.Abs}}",
         "{}",
         "1.5015277777777778 90.09166666666667 5405.5 5405500 5405500000 5405500000000 1h30m5.5s "
         "1h30m5.5s"},
        {D "{{$d.Round 1000000000}} {{$d.Truncate 60000000000}} {{$d.Truncate 0}}", "{}",
         "1h30m6s 1h30m0s 1h30m5.5s"},
        {"{{$d := mustToDuration \"-1h\"}}{{$d.Abs}} {{toJson $d}} {{eq $d -3600000000000}} "
         "{{printf \"%d %v\" $d $d}}",
         "{}", "1h0m0s -3600000000000 true -3600000000000 -1h0m0s"},
    };
    template_fixture_check(ROWS, ARRAY_LEN(ROWS));
}

/* They are numbers that print as names. */
static void months_and_weekdays_are_ints_with_names(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {T "{{typeOf $t.Month}} {{kindOf $t.Month}} {{typeOf $t.Weekday}} {{$t.Month.String}} "
           "{{$t.Weekday.String}}",
         "{}", "time.Month int time.Weekday March Tuesday"},
        {T "{{printf \"%d %v %s %02d %x %T %q\" $t.Month $t.Month $t.Month $t.Month $t.Month "
           "$t.Month $t.Month}}",
         "{}", "3 March March 03 4d61726368 time.Month \"March\""},
        {T "{{int $t.Month}} {{int64 $t.Weekday}} {{toString $t.Month}} {{quote $t.Month}} "
           "{{float64 $t.Month}} {{add $t.Month 1}}",
         "{}", "3 2 March \"March\" 3 4"},
        {T "{{eq $t.Month 3}} {{lt $t.Month 4}} {{eq $t.Weekday 2}} {{if $t.Weekday}}T{{end}}",
         "{}", "true true true T"},
        {T "{{toJson $t.Month}} {{toYaml $t.Weekday}} {{toJson (dict \"m\" $t.Month)}}", "{}",
         "3 2 {\"m\":3}"},
        {T "{{deepEqual $t.Month $t.Month}} {{deepEqual $t.Month 3}} {{range $t.Weekday}}.{{end}}",
         "{}", "true false .."},
    };
    template_fixture_check(ROWS, ARRAY_LEN(ROWS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_have_gos_methods),
        cmocka_unit_test(arguments_are_checked_as_those_of_functions),
        cmocka_unit_test(durations_have_gos_methods),
        cmocka_unit_test(months_and_weekdays_are_ints_with_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
