"""
Asks ``segue serve`` over HTTP, by the standard library alone.

>>> from segue_client import SegueClient
>>> client = SegueClient("http://127.0.0.1:7341")
>>> client.recommend(like=["Plush", "Dream On"], k=5)["recommendations"]
"""

from ._client import SegueClient, SegueProblem, ServiceUnreachable, SnapshotGone

__all__ = ["SegueClient", "SegueProblem", "ServiceUnreachable", "SnapshotGone"]
