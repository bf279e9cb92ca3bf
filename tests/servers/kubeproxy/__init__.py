"""Proxies in front of a cluster's API server that inject faults."""

from tests.servers.kubeproxy.proxy import KubeProxy, Write
from tests.servers.kubeproxy.tcp import TcpProxy

__all__ = ["KubeProxy", "TcpProxy", "Write"]
