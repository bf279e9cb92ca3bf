"""Helm charts and servers for them: a chart repository and an OCI registry, for tests and the demo."""

from tests.servers.charts.archive import chart_archive
from tests.servers.charts.oci_server import OciServer
from tests.servers.charts.repo_server import ChartServer

__all__ = ["ChartServer", "OciServer", "chart_archive"]
