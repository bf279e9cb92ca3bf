"""A control plane of its own whose controller reaches the cluster through the fault proxy."""

import contextlib

from tests.servers.kubeproxy import KubeProxy
from tests.stack import Stack


@contextlib.contextmanager
def proxied_stack(build, directory, cluster, namespace, flags=()):
    """Yields (stack, proxy): repo-server and controller; Applications live in `namespace`."""
    with KubeProxy(cluster) as proxy:
        stack = Stack(build, directory, proxy.kubeconfig(), cluster.api, namespace,
                      extra={"app-controller": list(flags)})
        stack.install_crds()
        stack.install_settings()
        try:
            stack.start("repo-server", "app-controller")
            yield stack, proxy
        finally:
            proxy.gate = None
            proxy.faults.clear()
            stack.stop()


def created(proxy, plural):
    """Names of the objects that were created, as often as they were."""
    return [w.name for w in proxy.writes
            if w.method == "POST" and w.path.endswith(f"/{plural}") and w.status == 201]


def deleted(proxy):
    """Paths of what was deleted."""
    return [w.path for w in proxy.writes if w.method == "DELETE" and w.status < 300]
