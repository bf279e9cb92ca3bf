"""The Api of tests/cluster for any cluster a kubeconfig names, through `kubectl proxy`."""

import json
import shutil
import subprocess
import urllib.error
import urllib.request

from tests.cluster import ApiError

MERGE_PATCH = "application/merge-patch+json"


class KubectlApi:
    """Context manager; needs kubectl."""

    def __init__(self, kubeconfig):
        if shutil.which("kubectl") is None:
            raise ApiError(0, "KUBECONFIG is set, but there is no kubectl in PATH to reach that cluster")
        self._process = subprocess.Popen(
            ["kubectl", f"--kubeconfig={kubeconfig}", "proxy", "--port=0", "--reject-paths=^$"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line = self._process.stdout.readline()
        if "Starting to serve on" not in line:
            raise ApiError(0, f"kubectl proxy: {line.strip()}")
        self._base = "http://" + line.rsplit(" ", 1)[1].strip()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._process.terminate()
        self._process.wait(10)

    def request(self, method, path, body=None, content_type="application/json"):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if data else {}
        request = urllib.request.Request(self._base + path, data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as e:
            text = e.read().decode("utf-8", "replace")
            try:
                text = json.loads(text)["message"]
            except (ValueError, KeyError):
                pass
            raise ApiError(e.code, text) from e

    def get(self, path):
        return self.request("GET", path)

    def create(self, path, body):
        return self.request("POST", path, body)

    def patch(self, path, body, content_type=MERGE_PATCH):
        return self.request("PATCH", path, body, content_type)

    def delete(self, path, body=None):
        return self.request("DELETE", path, body)
