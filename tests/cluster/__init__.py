"""A real Kubernetes control plane on loopback ports, for tests and the demo.  See README.md."""

from tests.cluster.api import Api, ApiError
from tests.cluster.cluster import Cluster, ClusterError
from tests.cluster.process import ProcessError, free_ports, wait_for

__all__ = ["Api", "ApiError", "Cluster", "ClusterError", "ProcessError", "free_ports", "wait_for"]
