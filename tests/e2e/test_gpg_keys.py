"""The keys commits may be signed with, over REST and with `belay gpg`, and that they count at once."""

import pytest

from tests.cluster import ApiError
from tests.e2e.test_rest import refused
from tests.e2e.test_signatures import fixture_keyring, fixture_project  # noqa: F401 pylint: disable=unused-import
from tests.e2e.apps import config_map

KEYS = "/api/v1/gpgkeys"


@pytest.fixture(name="entries")
def fixture_entries(cluster, stack):
    """entries(): the data of argocd-gpg-keys-cm, which the test may fill."""
    path = f"/api/v1/namespaces/{stack.namespace}/configmaps/argocd-gpg-keys-cm"
    yield lambda: cluster.api.get(path)
    try:
        cluster.api.delete(path)
    except ApiError as e:
        assert e.status == 404


def test_keys_over_rest(rest, keyring, entries):
    alice, bob = keyring.make("rest-alice"), keyring.make("rest-bob", subkey=True)
    assert rest.get(KEYS) == {"metadata": {}, "items": []}
    both = "some words\n" + keyring.armored(alice) + keyring.armored(bob)
    made = rest.post(KEYS, {"keyData": both})
    assert {k["keyID"] for k in made["created"]["items"]} == {alice, bob} and "skipped" not in made
    stored = entries()
    assert stored["metadata"]["labels"]["app.kubernetes.io/part-of"] == "argocd"
    assert {k: v.strip() for k, v in stored["data"].items()} == {k: keyring.armored(k).strip() for k in (alice, bob)}
    listed = {k["keyID"]: k for k in rest.get(KEYS)["items"]}
    assert listed[alice] == {"keyID": alice, "fingerprint": keyring.fingerprint("rest-alice@example.com"),
                             "owner": "rest-alice <rest-alice@example.com>", "trust": "unknown", "subType": "ed25519"}
    assert rest.get(f"{KEYS}/{bob}") == {**listed[bob], "keyData": stored["data"][bob]}
    assert rest.post(KEYS, {"keyData": keyring.armored(alice)})["skipped"] == [alice]
    assert entries()["metadata"]["resourceVersion"] == stored["metadata"]["resourceVersion"]
    assert rest.delete(KEYS, keyID=alice) == {}
    assert set(entries()["data"]) == {bob}
    refused(lambda: rest.get(f"{KEYS}/{alice}"), 404, 5, f"No such key: {alice}")
    refused(lambda: rest.post(KEYS, {"keyData": "nothing"}), 400, 3, "no armoured OpenPGP public key")


def test_a_key_that_is_added_counts_at_once(cli, keyring, entries, project, apps, repo, name, tmp_path):
    key = keyring.make("dora")
    project(signatureKeys=[{"keyID": key}])
    keyring.commit(repo, {"a.yaml": config_map("a", x="1")}, key)
    apps.create(repo.url, project=name)
    apps.wait_condition("ComparisonError", "signed with key not in keyring")
    file = tmp_path / "key.asc"
    file.write_text(keyring.armored(key), encoding="utf-8")
    assert cli.ok("gpg", "add", "--from", str(file)) == "Created 1 key(s) from input file.\n"
    assert "1 key(s) were skipped" in cli.ok("gpg", "add", "-f", str(file))
    apps.wait_status("OutOfSync")
    table = [line.split(maxsplit=2) for line in cli.ok("gpg", "list").splitlines()]
    assert table == [["KEYID", "TYPE", "IDENTITY"], [key, "ED25519", "dora <dora@example.com>"]]
    assert cli.ok("gpg", "get", key).endswith(keyring.armored(key) + "\n")
    assert cli.json("gpg", "get", key)["keyID"] == key
    assert cli.ok("gpg", "rm", key) == f"Deleted key with key ID {key}\n"
    apps.wait_condition("ComparisonError", "signed with key not in keyring")
    assert "No such key" in cli.fails(20, "gpg", "rm", key)
    assert not entries().get("data")
