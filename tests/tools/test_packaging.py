"""Chart, Dockerfile and compose file fit the programs and each other; what needs helm is in tests/e2e."""

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts/belay"
COMPONENTS = ("repo-server", "app-controller", "api-server")


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def flags_of(component):
    rows = text("common/rt/daemon.def") + text(f"{component}/config.def")
    return set(re.findall(r'CONFIG\(\w+, \w+, "([a-z-]+)"', rows))


def compose():
    return yaml.safe_load(text("docker-compose.yml"))


def stages():
    return set(re.findall(r"^FROM \S+ AS (\S+)$", text("Dockerfile"), re.M))


def test_versions_agree():
    chart = yaml.safe_load(text("charts/belay/Chart.yaml"))
    assert chart["version"] == chart["appVersion"] == text("VERSION").strip()


@pytest.mark.parametrize("component", COMPONENTS)
def test_chart_uses_flags_that_exist(component):
    used = set(re.findall(r"- --([a-z-]+)", text(f"charts/belay/templates/{component}.yaml")))
    assert used and used <= flags_of(component)


def differences(values, schema, path=""):
    """Keys that values.yaml and its schema do not share."""
    if schema.get("additionalProperties") is not False:
        return
    properties = schema["properties"]
    for key in set(values) ^ set(properties):
        if f"{path}{key}" != "global":  # Helm's own, for charts that have this one in them
            yield f"{path}{key}"
    for key in set(values) & set(properties):
        if isinstance(values[key], dict):
            yield from differences(values[key], properties[key], f"{path}{key}.")


def test_schema_and_values_have_the_same_keys():
    values = yaml.safe_load(text("charts/belay/values.yaml"))
    schema = json.loads(text("charts/belay/values.schema.json"))
    resources = {"requests", "limits", "claims"}
    assert [d for d in differences(values, schema) if d.split(".")[-1] not in resources] == []


def test_every_value_is_used():
    templates = "".join(p.read_text(encoding="utf-8") for p in (CHART / "templates").iterdir())
    values = yaml.safe_load(text("charts/belay/values.yaml"))
    leaves = {key for part in values.values() if isinstance(part, dict) for key in part}
    unused = {key for key in leaves | set(values) if not re.search(rf"\b{re.escape(key)}\b", templates)}
    # passed on as they are
    assert unused <= set(values["podSecurityContext"]) | set(values["containerSecurityContext"]) | {
        "policy.default", "policy.csv"}


def test_image_stage_for_every_component():
    assert set(COMPONENTS) <= stages()
    values = yaml.safe_load(text("charts/belay/values.yaml"))
    repositories = {values[key]["image"]["repository"]
                    for key in ("repoServer", "appController", "apiServer")}
    assert repositories == {f"belay-{c}" for c in COMPONENTS}


def test_compose_builds_stages_that_exist():
    services = compose()["services"]
    assert set(COMPONENTS) <= set(services)
    targets = {s["build"]["target"] for s in services.values() if "build" in s}
    assert targets <= stages()


def test_compose_mounts_files_that_exist():
    named = set(compose()["volumes"])
    for service in compose()["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in named or (ROOT / source).is_file(), source


def test_compose_uses_flags_that_exist():
    services = compose()["services"]
    for component in COMPONENTS:
        for word in services[component].get("command", []):
            assert word.removeprefix("--").split("=")[0] in flags_of(component)


def test_what_the_build_copies_is_let_in():
    for line in text(".dockerignore").splitlines():
        assert line == "*" or (ROOT / line.removeprefix("!")).exists(), line
