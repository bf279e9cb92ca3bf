"""Projects that want commits signed: what is refused, what is let in, and what is told."""

import pytest

from tests.cluster import ApiError
from tests.e2e.apps import config_map
from tests.e2e.test_rest import APPS
from tests.e2e.test_rest import refused as rest_refused
from tests.servers.git.signing import Keyring

AUTOMATED = {"prune": True, "selfHeal": True}
SEAL = "all before this was looked at\n\nArgocd-gpg-seal: reviewed"


@pytest.fixture(scope="module", name="keyring")
def fixture_keyring():
    with Keyring() as keyring:
        yield keyring


@pytest.fixture(scope="module", name="alice")
def fixture_alice(keyring):
    return keyring.make("alice")


@pytest.fixture(scope="module", name="bob")
def fixture_bob(keyring):
    return keyring.make("bob")


@pytest.fixture(name="known")
def fixture_known(cluster, stack, keyring):
    """known(*keys): these are the keys of argocd-gpg-keys-cm."""
    base = f"/api/v1/namespaces/{stack.namespace}/configmaps"
    made = []

    def set_keys(*keys):
        data = {key: keyring.armored(key) for key in keys}
        if made:
            cluster.api.patch(f"{base}/argocd-gpg-keys-cm", {"data": data})
            return
        made.append(cluster.api.create(base, {
            "apiVersion": "v1", "kind": "ConfigMap", "data": data,
            "metadata": {"name": "argocd-gpg-keys-cm",
                         "labels": {"app.kubernetes.io/part-of": "argocd"}}}))

    yield set_keys
    if made:
        cluster.api.delete(f"{base}/argocd-gpg-keys-cm")


@pytest.fixture(name="project")
def fixture_project(cluster, stack, name):
    """project(**spec): the rules of a project of the test's own."""
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{stack.namespace}/appprojects"
    made = []

    def set_spec(**rules):
        if made:
            cluster.api.patch(f"{path}/{name}", {"spec": rules})
            return
        spec = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
                "clusterResourceWhitelist": [{"group": "*", "kind": "*"}], **rules}
        made.append(cluster.api.create(path, {
            "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
            "metadata": {"name": name, "namespace": stack.namespace}, "spec": spec}))

    yield set_spec
    if made:
        try:
            cluster.api.delete(f"{path}/{name}")
        except ApiError:
            pass


def policy(mode, *keys, url="*"):
    return {"repos": [{"url": url}], "gpg": {"mode": mode, "keys": list(keys)}}


def rules(*policies):
    return {"sourceIntegrity": {"git": {"policies": list(policies)}}}


def refused(apps, text):
    apps.wait_condition("ComparisonError", text)
    apps.wait_status("Unknown")


def value_of(cluster, namespace, name):
    try:
        return cluster.api.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")["data"]["x"]
    except ApiError as e:
        assert e.status == 404
        return None


def test_only_commits_of_listed_keys(project, known, apps, repo, rest, cluster, keyring, alice, bob, name):
    known(alice, bob)
    project(signatureKeys=[{"keyID": alice}])
    unsigned = repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name, automated=AUTOMATED)
    refused(apps, f"GIT/GPG: Failed verifying revision {unsigned} by "
                  "'Belay Test <test@example.com>': unsigned (key_id=)")
    apps.sync()
    ended = apps.wait(lambda a: a.get("operation") is None and a["status"].get("operationState"),
                      "the sync to be refused")["status"]["operationState"]
    assert ended["phase"] in ("Failed", "Error") and "unsigned (key_id=)" in ended["message"], ended
    assert value_of(cluster, name, "a") is None

    signed = keyring.commit(repo, {"a.yaml": config_map("a", x="2")}, alice)
    apps.refresh()
    apps.wait_status("Synced")
    assert value_of(cluster, name, "a") == "2"
    told = rest.get(f"{APPS}/{name}/revisions/{signed}/metadata")
    assert told["signatureInfo"] == f"Good signature from Sig Ner <signer@example.com> key {alice}"
    answer = rest.get(f"{APPS}/{name}/manifests")
    assert answer["sourceIntegrityResult"] == {"Checks": [{"Name": "GIT/GPG", "Problems": []}]}
    assert answer["verifyResult"].startswith("Good signature") and len(answer["manifests"]) == 1

    keyring.commit(repo, {"a.yaml": config_map("a", x="3")}, bob)
    apps.refresh()
    refused(apps, f"signed with unallowed key (key_id={bob})")
    answer = rest.get(f"{APPS}/{name}/manifests")
    [check] = answer["sourceIntegrityResult"]["Checks"]
    assert "unallowed key" in check["Problems"][0] and not answer.get("manifests")
    assert value_of(cluster, name, "a") == "2"
    project(signatureKeys=[{"keyID": alice}, {"keyID": bob}])
    apps.wait(lambda _: value_of(cluster, name, "a") == "3", "what Bob has signed")


def test_keys_that_are_not_good(project, known, apps, repo, keyring, alice, cluster, name):
    carol = keyring.make("carol", subkey=True)
    old = keyring.make("old", expired=True)
    known(alice, old)
    project(**rules(policy("head", alice, carol, old)))
    keyring.commit(repo, {"a.yaml": config_map("a", x="1")}, old, expired=True)
    apps.create(repo.url, project=name, automated=AUTOMATED)
    refused(apps, f"signed with expired key (key_id={old})")
    keyring.commit(repo, {"a.yaml": config_map("a", x="2")}, carol)
    apps.refresh()
    refused(apps, "signed with key not in keyring")
    known(alice, old, carol)  # nobody asks for a refresh; a subkey of hers has signed
    apps.wait_status("Synced")
    assert value_of(cluster, name, "a") == "2"


def test_manifests_brought_along_are_refused(project, known, apps, repo, rest, alice, keyring, cluster, name):
    known(alice)
    project(signatureKeys=[{"keyID": alice}])
    keyring.commit(repo, {"a.yaml": config_map("a", x="1")}, alice)
    apps.create(repo.url, project=name)
    apps.wait_status("OutOfSync")
    rest_refused(lambda: rest.post(f"{APPS}/{name}/sync", {"manifests": ["{}"]}), 400, 3,
                 "Cannot use local sync when source integrity is enforced.")
    apps.sync(manifests=['{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}}'])
    ended = apps.wait_operation("Error")["status"]["operationState"]
    assert "Cannot use local manifests when source integrity is enforced" in ended["message"]
    assert value_of(cluster, name, "a") is None


def test_tags(project, known, apps, repo, keyring, alice, cluster, name):
    known(alice)
    project(signatureKeys=[{"keyID": alice}])
    repo.commit({"a.yaml": config_map("a", x="1")}, "not signed itself")
    keyring.tag(repo, "v1", alice)
    repo.tag("v2", message="not signed")
    apps.create(repo.url, project=name, automated=AUTOMATED, revision="v2")
    refused(apps, "Failed verifying revision v2 by 'Belay Test \"<test@example.com>\"': unsigned")
    apps.patch({"spec": {"source": {"targetRevision": "v1"}}})
    apps.wait_status("Synced")
    assert value_of(cluster, name, "a") == "1"


def test_strict(project, known, apps, repo, keyring, alice, cluster, name):
    known(alice)
    project(**rules(policy("strict", alice)))
    keyring.commit(repo, {"a.yaml": config_map("a", x="1")}, alice)
    apps.create(repo.url, project=name, automated=AUTOMATED)
    apps.wait_status("Synced")
    hidden = repo.commit({"b.yaml": config_map("b", x="1")}, "nobody's")
    keyring.commit(repo, {"a.yaml": config_map("a", x="2")}, alice)
    apps.refresh()
    refused(apps, f"Failed verifying revision {hidden} by")
    assert value_of(cluster, name, "b") is None
    keyring.commit(repo, {}, alice, message=SEAL)
    apps.refresh()
    apps.wait_status("Synced")
    assert value_of(cluster, name, "b") == "1"
    keyring.commit(repo, {"a.yaml": config_map("a", x="3")}, alice)
    apps.refresh()
    apps.wait(lambda _: value_of(cluster, name, "a") == "3", "what comes after the seal")


def test_policies(project, known, apps, repo, alice, keyring, name):
    known(alice)
    project(**rules(policy("none", url=repo.url), policy("head", alice)))
    repo.commit({"a.yaml": config_map("a", x="1")}, "first")
    apps.create(repo.url, project=name, automated=AUTOMATED)
    refused(apps, f"multiple (2) git source integrity policies found for repo URL: {repo.url}")
    project(**rules(policy("none", url=repo.url), policy("head", alice, url="https://elsewhere.example/*")))
    apps.wait_status("Synced")
    project(**rules(policy("head", alice)))
    refused(apps, "unsigned (key_id=)")
    keyring.sign_head(repo, repo.head(), alice, "now it is")
    apps.refresh()
    apps.wait_status("Synced")
