"""tools/cover.py: what counts as a line."""

import cover


def test_only_lines_of_code_count():
    lines = [
        {"line_number": 1, "count": 0, "gcovr/noncode": True, "gcovr/excluded": False},
        {"line_number": 2, "count": 3, "gcovr/noncode": False, "gcovr/excluded": False},
        {"line_number": 3, "count": 0, "gcovr/noncode": False, "gcovr/excluded": True},
        {"line_number": 4, "count": 0, "gcovr/noncode": False, "gcovr/excluded": False},
    ]
    assert cover.count(lines) == (1, 2)


def test_folders_have_two_levels():
    assert cover.folder_of("common/base/str.c") == "common/base"
    assert cover.folder_of("common/base/deep/str.c") == "common/base"
    assert cover.folder_of("cli/main.c") == "cli"
