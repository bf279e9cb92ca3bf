"""tools/check_layers.py: who may include whom."""

import check_layers
import pytest

TABLE = """\
# comment
common/base:  | zlib
common/kube:  common/base |
engine:       common/base |
engine/helm:  common/base engine/env.h |
api-server:   common engine/engine.h proto | uv
planned cli:  common |
tests:        common | *
"""
FILES = {
    "tools/layers.txt": TABLE,
    "common/base/buf.h": "#include <stdio.h>\n#include <sys/stat.h>\n",
    "common/kube/kube.h": '#include "common/base/buf.h"\n',
    "engine/engine.h": '#include "engine/helm/chart.h"\n',
    "engine/env.h": "",
    "engine/helm/chart.h": '#include "engine/env.h"\n',
    "api-server/main.c": '#include "common/base/buf.h"\n#include <uv.h>\n'
                         '#include "proto/repo.pb-c.h"\n#include "version.h"\n',
    "proto/repo.proto": "",
    "tests/unit/test_a.c": '#include <cmocka.h>\n#include "common/base/buf.h"\n',
}


def test_good(lint):
    assert lint(check_layers, FILES) == []


@pytest.mark.parametrize(
    "path, include, message",
    [
        ("common/base/buf.h", '"common/kube/kube.h"', "common/base may not include"),
        ("common/base/buf.h", "<uv.h>", "common/base may not include <uv.h>; use the module that wraps uv"),
        ("common/base/buf.h", "<mystery.h>", "<mystery.h> belongs to no known library"),
        ("engine/helm/chart.h", '"engine/engine.h"', "engine/helm may not include"),
        ("api-server/main.c", '"engine/env.h"', "api-server may not include"),
        ("api-server/main.c", '"../common/base/buf.h"', 'climbs with ".."'),
        ("common/base/buf.h", '"str.h"', "is not a file below the repository root"),
        ("api-server/main.c", '"proto/none.pb-c.h"', "is not a file below"),
        ("engine/env.h", '"engine/engine.h"', "include cycle: engine/engine.h > engine/helm/chart.h"
                                             " > engine/env.h > engine/engine.h"),
    ],
)
def test_bad_includes(lint, path, include, message):
    problems = lint(check_layers, {**FILES, path: FILES[path] + f"#include {include}\n"})
    assert any(message in problem for problem in problems), problems


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("planned cli", "cli", "cli does not exist"),
        ("engine:  ", "planned engine:  ", "engine exists by now"),
        ("| zlib", "| zip", "unknown library 'zip'"),
        ("common/kube:", "common/base:", "common/base is listed twice"),
        ("# comment", "common/net", "line without ':' and '|'"),
        ("tests:    ", "planned bench: ", "no rule covers tests/unit"),
    ],
)
def test_bad_tables(lint, old, new, message):
    problems = lint(check_layers, {**FILES, "tools/layers.txt": TABLE.replace(old, new)})
    assert any(message in problem for problem in problems), problems
