from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3.util.connection

from .servers import Site, running_site


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@dataclass
class Internet:
    """Names, addresses and the machines behind them, as far as the code under test can see.

    `names` gives the answers of successive DNS lookups (the last one repeats); `machines` says which loopback port
    really answers for a public address. Only addresses listed there, and real loopback ones, can be connected to.
    """

    names: dict[str, list[str]] = field(default_factory=dict)
    machines: dict[str, int] = field(default_factory=dict)
    connected_to: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    net = Internet()
    really_connect = urllib3.util.connection.create_connection

    def look_up(host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002
        net.lookups.append(host)
        if host in net.names:
            answers = net.names[host]
            address = answers.pop(0) if len(answers) > 1 else answers[0]
        else:
            try:
                address = str(ipaddress.ip_address(host))
            except ValueError:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port or 0))]

    def connect(address, *args, **kwargs):
        host, port = address[0].strip("[]"), address[1]
        net.connected_to.append(host)
        if host in net.machines:
            return really_connect_on_loopback(net.machines[host], *args, **kwargs)
        if ipaddress.ip_address(host).is_loopback:
            return really_connect_on_loopback(port, *args, **kwargs)
        raise ConnectionRefusedError(111, "Connection refused")

    def really_connect_on_loopback(port: int, *args: Any, **kwargs: Any) -> socket.socket:
        return really_connect(("127.0.0.1", port), *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    return net
