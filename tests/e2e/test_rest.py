"""The REST API as clients see it: sessions, rights, formats of errors, and Applications made, changed and deleted."""

import base64
import gzip
import json
import signal
import threading
import time

import pytest

from tests.e2e.apps import config_map, deployment
from tests.stack import RestClient, RestError

APPS = "/api/v1/applications"
ROLE = {"selfHeal": True, "prune": True}


def error_of(answer):
    """(status, body) of a raw answer that must be an error in the gateway's form."""
    status, headers, body = answer
    assert headers["Content-Type"] == "application/json"
    parsed = json.loads(body)
    assert set(parsed) == {"error", "code", "message"}
    assert parsed["error"] == parsed["message"] != ""
    return status, parsed


def refused(call, status, code, part=""):
    """The call is answered with this status, gRPC code and text."""
    with pytest.raises(RestError) as caught:
        call()
    assert caught.value.status == status, caught.value
    assert caught.value.body["code"] == code
    assert part in caught.value.message
    return caught.value


@pytest.fixture(name="made")
def fixture_made(rest, apps, repo, name):
    """Posts an Application over REST; returns the answer."""
    if not (repo.path / "refs/heads/main").exists():
        repo.commit({"a.yaml": config_map("a", x="1")}, "first")

    def make(query=None, **options):
        apps.make_namespace(name)
        apps.adopt()
        return rest.post(APPS, apps.manifest(name, repo.url, **options), **(query or {}))

    return make


# ---- sessions


def unsigned(claims, header):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return f"{part(header)}.{part(claims)}"


def claims_of(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def logged_in(stack, token=None, cookie=None):
    client = RestClient(stack.url)
    client.token = token
    headers = {"Cookie": cookie} if cookie else {}
    status, _, body = client.raw("GET", "/api/v1/session/userinfo", headers=headers)
    assert status == 200
    return json.loads(body)["loggedIn"]


def test_login_gives_a_token_and_a_cookie(stack):
    client = RestClient(stack.url)
    status, headers, body = client.raw("POST", "/api/v1/session",
                                       {"username": "admin", "password": stack.password})
    assert status == 200
    token = json.loads(body)["token"]
    assert set(json.loads(body)) == {"token"}
    claims = claims_of(token)
    assert claims["iss"] == "argocd" and claims["sub"] == "admin:login" and claims["jti"]
    assert claims["exp"] - claims["iat"] == 24 * 3600
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"argocd.token={token}; path=/; ")
    assert "HttpOnly" in cookie and "SameSite=" in cookie and "Secure" not in cookie
    assert logged_in(stack, token)
    assert logged_in(stack, cookie=f"a=b; argocd.token={token}")
    assert client.raw("GET", APPS, headers={"Cookie": f"argocd.token={token}"})[0] == 200


def test_nobody_gets_nothing(stack, rest):
    client = RestClient(stack.url)
    for method, path in (("GET", APPS), ("POST", APPS), ("GET", f"{APPS}/x"), ("DELETE", f"{APPS}/x"),
                         ("POST", f"{APPS}/x/sync"), ("GET", "/api/v1/stream/applications"),
                         ("GET", "/api/v1/clusters"), ("GET", "/api/v1/projects")):
        status, body = error_of(client.raw(method, path, {} if method == "POST" else None))
        assert (status, body["code"]) == (401, 16), path
        assert body["message"] == "no session information"
    assert client.get("/api/v1/session/userinfo") == {"loggedIn": False}
    assert set(client.get("/api/version")) == {"Version"}
    assert "Platform" in rest.get("/api/version")
    assert client.get("/api/v1/settings")["appLabelKey"]
    info = rest.get("/api/v1/session/userinfo")
    assert info == {"loggedIn": True, "username": "admin", "iss": "argocd"}


@pytest.mark.parametrize("body, message", [
    ({"username": "admin", "password": "wrong"}, "Invalid username or password"),
    ({"username": "somebody", "password": "x"}, "Invalid username or password"),
    ({"username": "someone", "password": "x" * 100}, "Invalid username or password"),
    ({"username": "admin"}, "no credentials supplied"),
    ({}, "no credentials supplied"),
    ([], "no credentials supplied"),
])
def test_wrong_credentials(stack, body, message):
    status, answer = error_of(RestClient(stack.url).raw("POST", "/api/v1/session", body))
    assert (status, answer["code"], answer["message"]) == (401, 16, message)


def test_very_long_user_name_is_refused(stack):
    status, answer = error_of(RestClient(stack.url).raw(
        "POST", "/api/v1/session", {"username": "u" * 5000, "password": "p"}))
    assert status == 400 and "too long" in answer["message"]


def test_guessing_locks_a_user_out(stack):
    client = RestClient(stack.url)
    for _ in range(6):
        refused(lambda: client.login("guessed", "x"), 401, 16)
    assert logged_in(stack, RestClient(stack.url).login("admin", stack.password))


def test_logout_revokes(stack):
    client = RestClient(stack.url)
    token = client.login("admin", stack.password)
    other = RestClient(stack.url).login("admin", stack.password)
    status, headers, body = client.raw("DELETE", "/api/v1/session")
    assert (status, json.loads(body)) == (200, {"token": ""})
    assert headers["Set-Cookie"].startswith("argocd.token=; path=/; ")
    assert "Max-Age=0" in headers["Set-Cookie"]
    assert not logged_in(stack, token)
    assert logged_in(stack, other)
    refused(lambda: client.get(APPS), 401, 16)


def test_tokens_that_are_not_ours(stack, rest):
    head, body, sign = rest.token.split(".")
    forged = unsigned({**claims_of(rest.token), "exp": 4102444800}, {"alg": "none", "typ": "JWT"})
    flipped = ("A" if sign[0] != "A" else "B") + sign[1:]
    longer = unsigned({**claims_of(rest.token), "exp": 4102444800}, {"alg": "HS256", "typ": "JWT"})
    for token in (f"{forged}.", f"{forged}.{sign}", f"{head}.{body}.{flipped}", f"{head}.{body}.",
                  f"{longer}.{sign}", f"{head}.{body}", "x", "..", "a.b.c", f"{rest.token}.x"):
        assert not logged_in(stack, token), token
    assert logged_in(stack, rest.token)


def test_session_ends(stack, cluster):
    """Sessions last as long as users.session.duration says, and not beyond a change of the password."""
    config = f"/api/v1/namespaces/{stack.namespace}/configmaps/argocd-cm"
    cluster.api.patch(config, {"data": {"users.session.duration": "2s"}})
    try:
        def short():
            token = RestClient(stack.url).login("admin", stack.password)
            claims = claims_of(token)
            return token if claims["exp"] - claims["iat"] == 2 else None
        token = stack.rest.wait("the setting to arrive", short)
        stack.rest.wait("the session to end", lambda: not logged_in(stack, token), 10)
    finally:
        cluster.api.patch(config, {"data": {"users.session.duration": None}})


def test_admin_disabled(stack, cluster, rest):
    config = f"/api/v1/namespaces/{stack.namespace}/configmaps/argocd-cm"
    cluster.api.patch(config, {"data": {"admin.enabled": "false"}})
    try:
        rest.wait("the session to be refused", lambda: not logged_in(stack, rest.token), 10)
        refused(lambda: RestClient(stack.url).login("admin", stack.password), 401, 16)
    finally:
        cluster.api.patch(config, {"data": {"admin.enabled": None}})
    rest.wait("the session to be good again", lambda: logged_in(stack, rest.token), 10)


# ---- what holds for every request


def test_content_type(rest):
    for kind in ("application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", ""):
        status, _, body = rest.raw("POST", APPS, {}, {"Content-Type": kind})
        assert (status, json.loads(body)["message"]) == (415, "Invalid content type"), kind
    assert rest.raw("POST", APPS, {}, {"Content-Type": "Application/JSON"})[0] == 400
    assert rest.raw("DELETE", f"{APPS}/x", None, {"Content-Type": "text/plain"})[0] == 415


def test_paths_and_methods(rest):
    for path in ("/api/v1/nothing", "/api/v2/applications", f"{APPS}/", f"{APPS}/a/b/c", "/api/v1"):
        status, body = error_of(rest.raw("GET", path))
        assert (status, body["code"], body["message"]) == (404, 5, "Not Found"), path
    assert error_of(rest.raw("GET", "/api/v1/applications/../session/userinfo"))[0] == 400
    assert error_of(rest.raw("GET", f"{APPS}/%2e%2e/x"))[0] == 400
    assert error_of(rest.raw("GET", f"{APPS}/%zz"))[0] == 400
    status, body = error_of(rest.raw("PATCH", APPS, {}))
    assert (status, body["code"]) == (405, 12)
    status, headers, body = rest.raw("HEAD", APPS)
    assert status == 200 and body == b"" and int(headers["Content-Length"]) > 0
    status, headers, body = rest.raw("HEAD", "/api/v1/stream/applications")
    assert status == 200 and body == b""


def test_names_that_are_no_text_are_told_as_text(rest):
    for name in ("%ff", "%0d%0aX-Injected:1", "a%2Fb", "%22%3Cscript%3E"):
        status, headers, body = rest.raw("GET", f"{APPS}/{name}?project=default")
        assert status == 404 and "X-Injected" not in headers
        assert json.loads(body)["message"]


def test_bad_bodies(rest):
    for body in (b"{", b"[1,", b'"x"', b"nul", b"{}{}", b"\xff\xfe", b"[" * 10000):
        status, answer = error_of(rest.raw("POST", APPS, body))
        assert status in (400, 429), body[:20]
        assert answer["code"] in (3, 8)
    assert rest.raw("POST", APPS, b"")[0] == 400


def test_fields_in_great_number(rest):
    status, answer = error_of(rest.raw("GET", f"{APPS}?fields=" + "a," * 5000))
    assert status == 429 and "fields" in answer["message"]


def test_compressed_answers(rest, made, name):
    app = made()
    app["metadata"]["annotations"] = {"long": "x" * 3000}
    rest.put(f"{APPS}/{name}", app)
    status, headers, body = rest.raw("GET", APPS, headers={"Accept-Encoding": "gzip"})
    assert status == 200 and headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(body))["items"]


def test_version_health_and_metrics(stack, rest):
    client = RestClient(stack.url)
    status, headers, body = client.raw("GET", "/healthz")
    assert (status, body) == (200, b"ok") and headers["Content-Type"].startswith("text/plain")
    status, headers, body = client.raw("GET", "/")
    assert status == 200 and headers["X-Frame-Options"] == "sameorigin"
    assert headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    rest.get(APPS)
    metrics = stack.metrics("api-server")
    assert any(m.startswith("argocd_info{") for m in metrics)
    assert any(m.startswith("argocd_login_request_total") and "success" in m for m in metrics)
    listed = [m for m in metrics if m.startswith("belay_api_requests_total") and
              'route="/api/v1/applications"' in m and 'code="200"' in m and 'method="GET"' in m]
    assert len(listed) == 1 and metrics[listed[0]] >= 1


# ---- finding


def test_unknown_application(rest):
    """Without a project there is no saying whether it exists; with one, it is not found."""
    for call in (lambda **q: rest.get(f"{APPS}/nowhere", **q),
                 lambda **q: rest.get(f"{APPS}/nowhere/resource-tree", **q),
                 lambda **q: rest.delete(f"{APPS}/nowhere", **q),
                 lambda **q: rest.post(f"{APPS}/nowhere/sync", {}, **q),
                 lambda **q: rest.get(f"{APPS}/nowhere/events", **q),
                 lambda **q: rest.get("/api/v1/stream/applications/nowhere/resource-tree", **q)):
        refused(call, 403, 7, "permission denied")
        refused(lambda c=call: c(project="default"), 404, 5, "nowhere")


def test_application_of_another_project_or_namespace(rest, made, name):
    made()
    assert rest.app(name, project="default")["metadata"]["name"] == name
    refused(lambda: rest.app(name, project="other"), 404, 5, name)
    refused(lambda: rest.app(name, appNamespace="elsewhere"), 403, 7, "elsewhere")
    assert rest.app(name, appNamespace="argocd")["metadata"]["name"] == name
    refused(lambda: rest.post(f"{APPS}/{name}/sync", {"appNamespace": "elsewhere"}), 403, 7)
    refused(lambda: rest.post(f"{APPS}/{name}/sync", {"project": "other"}), 404, 5)
    refused(lambda: rest.patch(f"{APPS}/{name}", {"patch": "{}", "patchType": "merge",
                                                  "project": "other"}), 404, 5)


def test_list_and_filters(rest, made, name):
    made()
    rest.patch(f"{APPS}/{name}", {"name": name, "patchType": "merge",
                                  "patch": json.dumps({"metadata": {"labels": {"team": name}}})})
    def names(**query):
        answer = rest.get(APPS, **query)
        assert answer["metadata"]["resourceVersion"]
        return [a["metadata"]["name"] for a in answer["items"]]
    assert name in names()
    assert names() == sorted(names())
    assert names(name=name) == [name]
    assert names(name="nowhere") == []
    assert names(selector=f"team={name}") == [name]
    assert names(selector=f"team in ({name},x),!other", projects=["default", "x"]) == [name]
    assert name not in names(selector="team=other")
    assert name not in names(projects="other")
    assert name in names(project="default")
    assert name in names(appNamespace="argocd") and name not in names(appNamespace="x")
    url = rest.app(name)["spec"]["source"]["repoURL"]
    assert names(repo=url) == [name]
    assert names(repo=url + "x") == []
    refused(lambda: rest.get(APPS, selector="a=b=c,,"), 400, 3, "selector")
    items = rest.get(APPS, name=name)["items"]
    assert "managedFields" not in items[0]["metadata"]


def test_fields(rest, made, name):
    made()
    answer = rest.get(APPS, name=name, fields="items.metadata.name,items.spec.project")
    assert answer["items"] == [{"metadata": {"name": name}, "spec": {"project": "default"}}]
    assert answer["metadata"]["resourceVersion"]
    left = rest.get(APPS, name=name, fields="-items.spec,items.metadata.name")["items"][0]
    assert "spec" not in left and "name" not in left["metadata"] and left["metadata"]["uid"]
    assert rest.app(name, fields="metadata.name,nothing.there") == {"metadata": {"name": name}}


# ---- create


def test_create_and_get(rest, made, name, repo, cluster):
    created = made(automated=ROLE)
    assert created["kind"] == "Application"
    assert created["apiVersion"] == "argoproj.io/v1alpha1"
    assert created["metadata"]["namespace"] == "argocd"
    assert "managedFields" not in created["metadata"]
    got = rest.app(name)  # at once: what one has written can be read
    assert got["metadata"]["uid"] == created["metadata"]["uid"]
    app = rest.wait("sync", lambda: (lambda a: a if a.get("status", {}).get("sync", {}).get("status") ==
                                     "Synced" else None)(rest.app(name, refresh="normal")))
    assert "argocd.argoproj.io/refresh" not in app["metadata"].get("annotations", {})
    [resource] = app["status"]["resources"]
    assert resource["kind"] == "ConfigMap" and resource["status"] == "Synced"


def test_what_is_written_can_be_read_at_once(rest, apps, repo, name):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.make_namespace(name)
    for i in range(10):
        one = f"{name[:40]}-{i}"
        apps.adopt(one, name)
        rest.post(APPS, apps.manifest(one, repo.url, namespace=name), validate="false")
        assert rest.app(one)["metadata"]["name"] == one


def test_refresh_kinds(rest, made, name):
    made()
    assert rest.app(name, refresh="hard")["status"]["sync"]["status"] == "OutOfSync"
    refused(lambda: rest.app(name, refresh="soft"), 400, 3, "refresh")


def test_upsert(rest, made, name):
    made()
    uid = rest.app(name)["metadata"]["uid"]
    assert made()["metadata"]["uid"] == uid  # the same again
    refused(lambda: made(revision="main"), 400, 3,
            "existing application spec is different, use upsert flag to force update")
    changed = made({"upsert": "true"}, revision="main")
    assert changed["metadata"]["uid"] == uid
    assert changed["spec"]["source"]["targetRevision"] == "main"


@pytest.mark.parametrize("change, part", [
    ({"project": "nowhere"}, "nowhere"),
    ({"source": None}, "source"),
    ({"destination": {"server": "https://192.0.2.1", "namespace": "x"}}, "192.0.2.1"),
    ({"destination": {"server": "https://kubernetes.default.svc", "name": "in-cluster"}}, "server"),
    ({"path": "missing"}, "missing"),
    ({"revision": "no-such-branch"}, "no-such-branch"),
])
def test_validation(rest, apps, repo, name, change, part):
    repo.commit({"a.yaml": config_map("a", x="1")})
    apps.adopt()
    bad = apps.manifest(name, repo.url, **change)
    if "source" in change:
        del bad["spec"]["source"]
    refused(lambda: rest.post(APPS, bad), 400, 3, part)
    refused(lambda: rest.app(name, project="default"), 404, 5)
    if set(change) & {"path", "revision"}:  # the repository is only asked when validation is wanted
        assert rest.post(APPS, bad, validate="false")["metadata"]["name"] == name


def test_create_refuses_what_is_no_application(rest, apps):
    for body in ({}, {"metadata": {}}, {"metadata": {"name": ""}}, [], "x", None):
        refused(lambda b=body: rest.request("POST", APPS, b), 400, 3)
    refused(lambda: rest.post(APPS, apps.manifest("Not_A_Name", "https://192.0.2.1/x"), validate="false"),
            400, 3)
    wrong = apps.manifest("elsewhere", "https://192.0.2.1/x")
    wrong["metadata"]["namespace"] = "kube-system"
    refused(lambda: rest.post(APPS, wrong), 403, 7, "kube-system")


# ---- change


def test_put(rest, made, name, apps):
    app = made()
    app["metadata"]["labels"] = {"team": "a"}
    app["metadata"]["annotations"] = {"note": "b"}
    app["spec"]["source"]["targetRevision"] = "main"
    changed = rest.put(f"{APPS}/{name}", app)
    assert changed["metadata"]["labels"] == {"team": "a"}
    assert changed["metadata"]["annotations"]["note"] == "b"
    assert changed["spec"]["source"]["targetRevision"] == "main"
    body = {"metadata": {"name": name}, "spec": changed["spec"]}
    bare = rest.put(f"{APPS}/{name}", body, validate="false")
    assert "labels" not in bare["metadata"] and "note" not in bare["metadata"].get("annotations", {})
    # the path decides which one it is
    other = rest.put(f"{APPS}/{name}", {"metadata": {"name": "other"}, "spec": bare["spec"]})
    assert other["metadata"]["name"] == name
    assert rest.put(f"{APPS}/{name}", {"spec": bare["spec"]})["metadata"]["name"] == name
    refused(lambda: rest.put(f"{APPS}/{name}", {"metadata": {"name": name}}), 400, 3, "spec")
    refused(lambda: rest.put(f"{APPS}/{name}", {**body, "spec": {**body["spec"], "project": "nowhere"}}),
            400, 3, "nowhere")


def test_put_spec(rest, made, name):
    spec = made()["spec"]
    spec["source"]["targetRevision"] = "main"
    assert rest.put(f"{APPS}/{name}/spec", spec) == rest.app(name)["spec"]
    assert rest.app(name)["spec"]["source"]["targetRevision"] == "main"
    refused(lambda: rest.put(f"{APPS}/{name}/spec", []), 400, 3)
    spec["source"]["path"] = "missing"
    refused(lambda: rest.put(f"{APPS}/{name}/spec", spec), 400, 3, "missing")
    assert rest.put(f"{APPS}/{name}/spec", spec, validate="false")["source"]["path"] == "missing"


def test_patch(rest, made, name):
    made()
    def patch(kind, value, **more):
        text = value if isinstance(value, str) else json.dumps(value)
        return rest.patch(f"{APPS}/{name}", {"name": name, "patch": text, "patchType": kind, **more})
    app = patch("merge", {"metadata": {"labels": {"a": "1", "b": "2"}}})
    assert app["metadata"]["labels"] == {"a": "1", "b": "2"}
    app = patch("json", [{"op": "remove", "path": "/metadata/labels/a"},
                         {"op": "replace", "path": "/spec/source/targetRevision", "value": "main"}])
    assert app["metadata"]["labels"] == {"b": "2"}
    assert app["spec"]["source"]["targetRevision"] == "main"
    refused(lambda: patch("json", [{"op": "remove", "path": "/spec/nothing"}]), 400, 3)
    refused(lambda: patch("json", "not json"), 400, 3)
    refused(lambda: patch("strange", {}), 400, 3, "strange")
    refused(lambda: patch("merge", {"metadata": {"name": "other"}}), 400, 3)
    refused(lambda: patch("merge", {"spec": {"source": {"path": "missing"}}}), 400, 3, "missing")
    refused(lambda: rest.patch(f"{APPS}/{name}", {}), 400, 3)


# ---- delete


def exists(api, ns, name):
    found = api.get(f"/api/v1/namespaces/{ns}/configmaps")["items"]
    return name in [c["metadata"]["name"] for c in found]


def wait_gone(rest, name):
    def gone():
        try:
            rest.app(name, project="default")
            return False
        except RestError as e:
            return e.status == 404
    rest.wait(f"{name} to be gone", gone)


@pytest.mark.parametrize("query", [{}, {"propagationPolicy": "foreground"}, {"propagationPolicy": "background"},
                                   {"cascade": "true"}])
def test_delete_with_everything(rest, made, apps, name, cluster, query):
    made(automated=ROLE)
    apps.wait_status("Synced")
    assert rest.delete(f"{APPS}/{name}", **query) == {}
    wait_gone(rest, name)
    assert not exists(cluster.api, name, "a")


def test_delete_leaves_the_objects(rest, made, apps, name, cluster):
    made(automated=ROLE, finalizer=True)
    apps.wait_status("Synced")
    assert rest.delete(f"{APPS}/{name}", cascade="false") == {}
    wait_gone(rest, name)
    assert exists(cluster.api, name, "a")


def test_delete_refuses(rest, made, name):
    made()
    refused(lambda: rest.delete(f"{APPS}/{name}", propagationPolicy="sideways"), 400, 3, "sideways")
    refused(lambda: rest.delete(f"{APPS}/{name}", cascade="false", propagationPolicy="foreground"), 400, 3)
    assert rest.app(name)["metadata"].get("deletionTimestamp") is None


def test_deleted_while_waiting_for_a_refresh(rest, made, name, stack, apps):
    """Who waits for the refresh of an Application that goes away is told so."""
    made()
    apps.wait_status("OutOfSync")
    stack.send("app-controller", signal.SIGSTOP)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(
        rest.raw("GET", f"{APPS}/{name}?refresh=normal&project=default")))
    try:
        waiting.start()
        rest.wait("the refresh to be asked for", lambda: "argocd.argoproj.io/refresh" in
                  apps.get()["metadata"].get("annotations", {}), 20)
        apps.delete()
        waiting.join(10)
        assert answers and answers[0][0] == 404
    finally:
        stack.send("app-controller", signal.SIGCONT)
        waiting.join(70)


# ---- inventories


def test_projects_clusters_and_repositories(rest, cluster, stack, name):
    assert "default" in [p["metadata"]["name"] for p in rest.get("/api/v1/projects")["items"]]
    assert rest.get("/api/v1/projects/default")["spec"]["sourceRepos"] == ["*"]
    assert len(rest.get("/api/v1/projects", name="default")["items"]) == 1
    refused(lambda: rest.get("/api/v1/projects/nowhere"), 404, 5, "nowhere")
    [here] = [c for c in rest.get("/api/v1/clusters")["items"] if c["name"] == "in-cluster"]
    assert here["server"] == "https://kubernetes.default.svc"
    assert here["connectionState"]["status"] in ("Successful", "Unknown")
    secrets = f"/api/v1/namespaces/{stack.namespace}/secrets"
    coded = {k: base64.b64encode(v.encode()).decode() for k, v in
             {"type": "git", "url": f"https://192.0.2.7/{name}.git", "username": "u",
              "password": "very-secret"}.items()}
    cluster.api.create(secrets, {
        "apiVersion": "v1", "kind": "Secret", "data": coded,
        "metadata": {"name": f"repo-{name}"[:60].rstrip("-"),
                     "labels": {"argocd.argoproj.io/secret-type": "repository"}}})
    try:
        url = f"https://192.0.2.7/{name}.git"
        found = rest.wait("the repository", lambda: rest.get("/api/v1/repositories", repo=url)["items"])
        assert found[0]["repo"] == url and found[0]["type"] == "git"
        assert "very-secret" not in json.dumps(rest.get("/api/v1/repositories"))
    finally:
        cluster.api.delete(f"{secrets}/" + f"repo-{name}"[:60].rstrip("-"))


def test_deployments_are_found_in_the_status(rest, apps, repo, name):
    repo.commit({"web.yaml": deployment("web")})
    apps.create(repo.url, automated=ROLE)
    apps.wait_status("Synced", "Healthy")
    began = time.monotonic()
    [web] = rest.app(name)["status"]["resources"]
    assert web["health"]["status"] == "Healthy"
    assert time.monotonic() - began < 5
