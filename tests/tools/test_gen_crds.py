"""tools/gen_crds.py: the language of .crd files, the YAML it writes, and --check."""

import gen_crds
import pytest

SMALL = """\
# A comment.
crd Widget
  plural      widgets
  short       wd
  root        Widget
  subresource status
  column      .spec.size integer 10 Widget Size

type Widget -- Something small.
  metadata!   object
  spec!       WidgetSpec
  raw         object preserve

type WidgetSpec
  labels      {string}       -- Own labels.
  match       [Match] listType=atomic
  mode        string enum=one|two
  path!       string minLength=1 pattern=^.{2,}|[^./]$
  size        intstr
  free        {any preserve} bare

type Match
  at          time
  count       int64
"""


def generate(tree, text):
    return gen_crds.generate(tree({"a.crd": text}))


def schema_of(tree, kind_text):
    source = gen_crds.Source()
    source.load(tree({"a.crd": f"type T\n  field {kind_text}\n"}) / "a.crd")
    return gen_crds.Builder(source).schema("T", bare=False)["properties"]["field"]


def test_small_resource(tree):
    text = generate(tree, SMALL)["widget.yaml"]
    assert text.startswith(gen_crds.HEADER)
    assert "name: widgets.argoproj.io" in text
    assert "shortNames: [wd]" in text
    assert "{status: {}}" in text
    assert "priority: 10" in text and "name: Widget Size" in text
    assert "required: [metadata, spec]" in text
    assert "description: Something small." in text


@pytest.mark.parametrize(
    "kind, want",
    [
        ("string", {"type": "string"}),
        ("[string]", {"items": {"type": "string"}, "type": "array"}),
        ("{[string]}", {
            "additionalProperties": {"items": {"type": "string"}, "type": "array"},
            "type": "object",
        }),
        ("[any preserve] listType=atomic", {
            "items": {"x-kubernetes-preserve-unknown-fields": True},
            "type": "array",
            "x-kubernetes-list-type": "atomic",
        }),
        ("string enum=a|b", {"type": "string", "enum": ["a", "b"]}),
        ("string pattern=^.{2,}|[^./]$", {"type": "string", "pattern": "^.{2,}|[^./]$"}),
        ("string maxLength=255 -- Text.", {
            "type": "string", "maxLength": 255, "description": "Text.",
        }),
        ("time", {"type": "string", "format": "date-time"}),
    ],
)
def test_types_and_rules(tree, kind, want):
    assert schema_of(tree, kind) == want


def test_bare_leaves_out_descriptions_below(tree):
    source = gen_crds.Source()
    source.load(tree({"a.crd": "type A\n  b B bare -- Kept out too.\n  c string -- Stays.\n"
                               "type B -- Left out.\n  d string -- Left out.\n"}) / "a.crd")
    schema = gen_crds.Builder(source).schema("A", bare=False)
    assert "description" not in str(schema["properties"]["b"]["properties"])
    assert schema["properties"]["c"]["description"] == "Stays."


@pytest.mark.parametrize(
    "text, message",
    [
        ("type A\n  b C\n", "used but not defined"),
        ("type A\n  b A\n", "contains itself"),
        ("type A\n  b [string\n", "brackets do not match"),
        ("type A\n  b string width=3\n", "unknown rule 'width=3'"),
    ],
)
def test_bad_types(tree, text, message):
    source = gen_crds.Source()
    source.load(tree({"a.crd": text}) / "a.crd")
    with pytest.raises(gen_crds.SourceError, match=message):
        gen_crds.Builder(source).schema("A", bare=False)


@pytest.mark.parametrize(
    "text, message",
    [
        ("  b string\n", "a.crd:1: indented line outside a block"),
        ("kind A\n", "a.crd:1: expected 'crd KIND' or 'type NAME'"),
        ("type A\ntype A\n", "a.crd:2: type A is defined twice"),
        ("type A\n  b\n", "a.crd:2: field b has no type"),
        ("type A\n  b string\n  b string\n", "a.crd:3: field b is given twice"),
        (SMALL + "type Lost\n  a string\n", "types nothing refers to: Lost"),
        (SMALL.replace("  plural      widgets\n", ""), "property 'plural' is missing"),
        (SMALL.replace("  short ", "  shrot "), "unknown property 'shrot'"),
    ],
)
def test_bad_files(tree, text, message):
    with pytest.raises(gen_crds.SourceError, match=message):
        generate(tree, text)


@pytest.mark.parametrize(
    "value, want",
    [("plain words", "plain words"), ("a: b", '"a: b"'), ("no", '"no"'), ("", '""'),
     ("it's", '"it\'s"'), (True, "true"), (3, "3"), ({}, "{}"), ([], "[]"),
     ({"a": ["b", 1]}, "{a: [b, 1]}")],
)
def test_flow_yaml(value, want):
    assert gen_crds.flow(value) == want


def test_check_tells_stale_and_foreign_files(tree, capsys):
    root = tree({"src/a.crd": SMALL, "out/old.yaml": "x"})
    args = ["--source", str(root / "src"), "--target", str(root / "out")]
    assert gen_crds.main(args + ["--check"]) == 1
    err = capsys.readouterr().err
    assert "widget.yaml:1: stale" in err and "old.yaml:1: no such resource" in err
    (root / "out" / "old.yaml").unlink()
    assert gen_crds.main(args) == 0
    assert gen_crds.main(args + ["--check"]) == 0


def test_committed_files_are_fresh():
    assert gen_crds.main(["--check"]) == 0
