"""The connection under every fetch of a foreign URL: which addresses it may reach, and when it is cut.

requests-hardened resolves the host once, refuses private addresses and connects to the very address it checked (so a
second DNS answer changes nothing). Two things are added here: the special ranges its filter lets through, and a
lifeline that ends a transfer at a fixed moment however slowly the server drips.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from functools import partial
from types import TracebackType
from typing import Any, Self

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool

PrivateAddress = InvalidIPAddress

# IPv6 forms that carry an IPv4 address (translated, compatible, ISATAP-like) or are plainly not the public Internet;
# only 2000::/3 is given out to it, and from that the tunnels and special blocks are taken away.
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(block)
    for block in (
        "100.64.0.0/10",  # shared by carriers (RFC 6598)
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2002::/16",  # 6to4: the IPv4 address inside may be a private one
        "3fff::/20",
    )
)


def is_public(address: str) -> bool:
    """Whether `address` (IPv4 or IPv6, with or without brackets) belongs to the public Internet."""
    ip = ipaddress.ip_address(address.strip("[]"))
    if ip.version == 6 and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_multicast or ip.is_reserved or not ip.is_global:
        return False
    if ip.version == 6 and ip not in _PUBLIC_IPV6:
        return False
    return not any(ip in block for block in _NOT_PUBLIC if block.version == ip.version)


class Lifeline:
    """Cuts every connection it holds once `seconds` have passed.

    Read timeouts count from the last byte, so a server that sends one byte now and then could keep a worker for ever.
    """

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        with self._lock:
            for held in self._held:
                held.close()

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends_at

    def hold(self, connection: socket.socket) -> None:
        """Remember a second descriptor of `connection`: TLS takes the first one away from its socket object."""
        with self._lock:
            self._held.append(connection.dup())
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            for held in self._held:
                try:
                    held.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # already closed by the other side


class _HeldHTTPConnection(HTTPConnection):
    def __init__(self, *args: Any, lifeline: Lifeline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lifeline = lifeline

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        self._lifeline.hold(connection)
        return connection


class _HeldHTTPSConnection(HTTPSConnection):
    def __init__(self, *args: Any, lifeline: Lifeline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lifeline = lifeline

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        self._lifeline.hold(connection)
        return connection


class GuardedAdapter(IPFilterAdapter):
    """A requests transport for one fetch; `public_only=False` is for the origin of a team's own provider."""

    def __init__(self, *, https: bool, public_only: bool, lifeline: Lifeline) -> None:
        self._public_only = public_only
        self._connection_class = partial(_HeldHTTPSConnection if https else _HeldHTTPConnection, lifeline=lifeline)
        super().__init__(is_https_proto=https)

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: bool | str, cert: str | tuple[str, str] | None = None
    ) -> Any:
        if not self._public_only:
            return HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if not is_public(host["host"]):
            raise PrivateAddress(host["host"])
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = self._connection_class
        return pool
