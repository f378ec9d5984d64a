from __future__ import annotations

import gzip
import hashlib
import io
import ipaddress
import socket
import ssl
import threading
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from assets_app.media.fetch import MAX_REDIRECTS, FetchError, fetch_to, origin_of
from assets_app.media.guard import is_public

from .conftest import Internet
from .servers import PATIENCE_SECONDS, Site, respond, running_site

MEGABYTE = 1_000_000


def fetch(
    url: str,
    *,
    allowed: Site | None = None,
    max_bytes=MEGABYTE,
    deadline=PATIENCE_SECONDS,
    timeout=(PATIENCE_SECONDS, PATIENCE_SECONDS),
):
    """Fetch into memory; gives the outcome and the bytes."""
    file = io.BytesIO()
    origins = frozenset({allowed.origin}) if allowed else frozenset()
    outcome = fetch_to(
        url, file, max_bytes=max_bytes, deadline_seconds=deadline, allowed_origins=origins, timeout=timeout
    )
    return outcome, file.getvalue()


def refusal(url: str, **options) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(url, **options)
    return caught.value


@pytest.fixture
def foreign(internet: Internet, site: Site) -> Site:
    """`site`, as http://films.example with a public address."""
    internet.names["films.example"] = ["93.184.216.34"]
    internet.machines["93.184.216.34"] = site.port
    return site


# What a good fetch gives


def test_a_file_arrives_with_its_type_size_and_hash(site: Site):
    body = b"frame" * 50_000
    url = site.serves("/a.mp4", body, "Video/MP4; charset=binary")
    outcome, received = fetch(url, allowed=site)
    assert received == body
    assert outcome.final_url == url
    assert outcome.content_type == "video/mp4"
    assert outcome.byte_size == len(body)
    assert outcome.sha256 == hashlib.sha256(body).hexdigest()


def test_a_public_name_is_connected_to_at_the_address_that_was_checked(internet: Internet, foreign: Site):
    foreign.serves("/a.png", b"x")
    fetch("http://films.example/a.png")
    assert internet.connected_to == ["93.184.216.34"]
    assert foreign.seen[0][1]["Host"] == "films.example"


def test_nothing_of_ours_is_sent_along(foreign: Site, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine films.example login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@127.0.0.1:9")
    foreign.answers(
        "/a", lambda handler: respond(handler, 302, b"", {"Location": "/b", "Set-Cookie": "session=1; Path=/"})
    )
    foreign.serves("/b", b"ok")
    fetch("http://films.example/a")
    for _, headers in foreign.seen:
        assert set(headers) == {"Host", "User-Agent", "Accept-Encoding", "Accept"}
        assert headers["User-Agent"].startswith("Castboard")


def test_a_fragment_is_dropped_and_a_relative_redirect_followed(foreign: Site):
    foreign.redirects("/here", "there/b.png")
    foreign.serves("/there/b.png", b"png")
    outcome, received = fetch("http://films.example/here#scene-2")
    assert received == b"png"
    assert outcome.final_url == "http://films.example/there/b.png"


# Addresses nobody should reach through us


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1", "100.64.0.1",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::10.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
        "::ffff:0:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:20::1", "2001:db8::1",
        "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "4000::1",
    ],
)  # fmt: skip
def test_an_address_outside_the_public_internet_is_refused_before_connecting(internet: Internet, address: str):
    internet.names["trap.example"] = [address]
    error = refusal("http://trap.example/")
    assert error.code == "private_address"
    assert not error.retryable
    assert internet.connected_to == []


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1", "[2606::1]"])
def test_ordinary_addresses_are_public(address: str):
    assert is_public(address)


def test_a_private_ipv4_address_is_never_public_however_it_is_wrapped_in_ipv6():
    private = int(ipaddress.ip_address("10.0.0.1"))
    for prefix in ("::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::"):
        assert not is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | private)))
    assert not is_public(str(ipaddress.IPv6Address((0x2002 << 112) | (private << 80))))


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://2130706433:{port}/",
     "http://0x7f.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://127.1:{port}/"],
)  # fmt: skip
def test_every_spelling_of_loopback_is_refused(site: Site, url: str):
    assert refusal(url.format(port=site.port)).code == "private_address"
    assert site.seen == []


def test_a_name_that_answers_public_first_and_private_later_is_reached_only_at_the_public_address(
    internet: Internet, site: Site
):
    internet.names["rebind.example"] = ["93.184.216.34", "127.0.0.1"]
    internet.machines["93.184.216.34"] = site.port
    site.serves("/", b"public")
    assert fetch("http://rebind.example/")[1] == b"public"
    assert internet.connected_to == ["93.184.216.34"]
    assert refusal("http://rebind.example/").code == "private_address"


def test_a_redirect_into_a_private_network_is_refused(internet: Internet, foreign: Site):
    internet.names["intranet.example"] = ["192.168.0.10"]
    foreign.redirects("/a", "http://intranet.example/secret")
    assert refusal("http://films.example/a").code == "private_address"
    assert internet.connected_to == ["93.184.216.34"]


def test_a_name_may_not_turn_private_between_redirects(internet: Internet, foreign: Site):
    internet.names["films.example"] = ["93.184.216.34", "127.0.0.1"]
    foreign.redirects("/a", "/b")
    assert refusal("http://films.example/a").code == "private_address"


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://films.example/a", "http://me:pw@films.example/", "http://:80/"]
)
def test_a_redirect_to_anything_but_a_plain_web_address_is_refused(foreign: Site, target: str):
    foreign.redirects("/a", target)
    assert refusal("http://films.example/a").code == "bad_url"


def test_a_redirect_to_a_broken_address_is_refused(foreign: Site):
    foreign.redirects("/a", "http://[oops/")
    assert refusal("http://films.example/a").code == "bad_url"


# The team's own provider


def test_an_allowed_origin_may_lie_on_loopback_and_redirect_within_itself(site: Site):
    site.redirects("/a", "/b")
    site.serves("/b", b"ok")
    assert fetch(site.url("/a"), allowed=site)[1] == b"ok"


def test_the_allowed_origin_is_exact_about_its_port(site: Site):
    with running_site() as neighbour:
        neighbour.serves("/", b"secret")
        assert refusal(neighbour.url("/"), allowed=site).code == "private_address"


def test_an_allowed_origin_cannot_redirect_to_another_private_address(site: Site):
    with running_site() as neighbour:
        neighbour.serves("/", b"secret")
        site.redirects("/a", neighbour.url("/"))
        assert refusal(site.url("/a"), allowed=site).code == "private_address"
        assert neighbour.seen == []


def test_a_foreign_site_cannot_redirect_to_an_allowed_private_origin(internet: Internet, foreign: Site):
    with running_site() as sandbox:
        sandbox.serves("/control", b"done")
        foreign.redirects("/a", sandbox.url("/control"))
        assert refusal("http://films.example/a", allowed=sandbox).code == "private_address"
        assert sandbox.seen == []


def test_an_allowed_origin_that_redirects_out_gets_no_way_back_in(internet: Internet, foreign: Site):
    with running_site() as sandbox:
        sandbox.redirects("/out", "http://films.example/back")
        sandbox.serves("/control", b"done")
        foreign.redirects("/back", sandbox.url("/control"))
        assert refusal(sandbox.url("/out"), allowed=sandbox).code == "private_address"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://CDN.apiframe.ai/videos/x.mp4", "https://cdn.apiframe.ai:443"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("http://[::1]/", "http://[::1]:80"),
    ],
)
def test_an_origin_is_written_in_one_way(url: str, origin: str):
    assert origin_of(url) == origin


# Addresses that are not addresses


@pytest.mark.parametrize(
    "url",
    [
        "", "films", "films.example/a.png", "ftp://films.example/a", "file:///etc/passwd", "javascript:alert(1)",
        "data:image/png;base64,AAAA", "http://", "http:///a", "http://user@films.example/", "http://:pw@films.example/",
        "http://films.example:99999/", "http://films.example:0/", "http://[::1/", "http://films.example/a b",
        "http://films.example/\r\nHost: x", "http://films.example\\@127.0.0.1/", "http://films.example/" + "a" * 9000,
        "http://" + "a" * 70 + ".example/", "http://.example/", "http://films..example/",
    ],
)  # fmt: skip
def test_what_is_not_a_plain_web_address_is_refused_without_a_connection(internet: Internet, url: str):
    internet.names["films.example"] = ["93.184.216.34"]
    error = refusal(url)
    assert error.code in {"bad_url", "unresolvable"}
    assert error.message.endswith(".")
    assert internet.connected_to == []


# Bad servers


def test_an_unknown_name_is_unresolvable(internet: Internet):
    error = refusal("http://nowhere.example/")
    assert (error.code, error.retryable) == ("unresolvable", False)


def test_a_name_server_that_is_out_for_a_moment_is_worth_another_try(internet: Internet, monkeypatch):
    def unavailable(*args, **kwargs):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unavailable)
    error = refusal("http://films.example/")
    assert (error.code, error.retryable) == ("unresolvable", True)


def test_a_closed_port_is_refused(site: Site):
    with running_site() as closed:
        pass
    error = refusal(closed.url("/"), allowed=closed)
    assert (error.code, error.retryable) == ("refused", True)


@pytest.mark.parametrize(
    ("status", "gone", "retryable"),
    [(404, True, False), (410, True, False), (403, False, False), (401, False, False), (500, False, True),
     (503, False, True), (429, False, True), (204, False, False), (206, False, False), (304, False, False)],
)  # fmt: skip
def test_an_answer_other_than_200_says_whether_the_file_is_gone_or_worth_another_try(site, status, gone, retryable):
    url = site.answers("/a", lambda handler: respond(handler, status, b"", {}))
    error = refusal(url, allowed=site)
    assert error.code == "http_status"
    assert (error.gone, error.retryable) == (gone, retryable)
    assert str(status) in error.message


def test_five_redirects_are_followed_and_a_sixth_is_not(site: Site):
    for step in range(MAX_REDIRECTS + 1):
        site.redirects(f"/{step}", f"/{step + 1}", status=307)
    site.serves(f"/{MAX_REDIRECTS + 1}", b"end")
    assert fetch(site.url("/1"), allowed=site)[1] == b"end"
    assert refusal(site.url("/0"), allowed=site).code == "too_many_redirects"


def test_a_declared_size_above_the_cap_is_refused_before_the_body_is_read(site: Site):
    def huge(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(73 * 2**20))
        handler.end_headers()
        site.closing.wait(PATIENCE_SECONDS)

    error = refusal(site.answers("/a", huge), allowed=site)
    assert error.code == "too_big"
    assert "73 MB" in error.message


def test_a_body_that_outgrows_the_cap_without_having_said_so_is_cut(site: Site):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        while not site.closing.is_set():
            handler.wfile.write(b"x" * 65536)

    assert refusal(site.answers("/a", endless), allowed=site).code == "too_big"


def test_exactly_the_cap_is_accepted(site: Site):
    assert fetch(site.serves("/a", b"x" * 1000), allowed=site, max_bytes=1000)[0].byte_size == 1000


def test_a_gzip_bomb_is_cut_at_the_cap_without_being_unpacked_in_memory(site: Site):
    bomb = gzip.compress(bytes(200 * MEGABYTE), compresslevel=9)
    url = site.answers("/a", lambda handler: respond(handler, 200, bomb, {"Content-Encoding": "gzip"}))
    tracemalloc.start()
    try:
        error = refusal(url, allowed=site)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.code == "too_big"
    assert peak < 10 * MEGABYTE


def test_a_body_compressed_unasked_is_unpacked(site: Site):
    packed = gzip.compress(b"frame" * 100)
    url = site.answers("/a", lambda handler: respond(handler, 200, packed, {"Content-Encoding": "gzip"}))
    outcome, received = fetch(url, allowed=site)
    assert received == b"frame" * 100
    assert outcome.byte_size == 500


def test_a_body_shorter_than_declared_is_dropped(site: Site):
    url = site.answers("/a", lambda handler: respond(handler, 200, b"half", {"Content-Length": "8"}))
    error = refusal(url, allowed=site)
    assert (error.code, error.retryable) == ("dropped", True)


def test_a_connection_closed_without_an_answer_is_dropped(site: Site):
    error = refusal(site.answers("/a", lambda handler: handler.wfile.flush()), allowed=site)
    assert (error.code, error.retryable) == ("dropped", True)


def test_chunks_that_make_no_sense_are_dropped(site: Site):
    def garbled(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"zz\r\nnot a chunk\r\n")

    assert refusal(site.answers("/a", garbled), allowed=site).code == "dropped"


def test_a_silent_server_times_out(site: Site):
    def silent(_: object) -> None:
        site.closing.wait(PATIENCE_SECONDS)

    error = refusal(site.answers("/a", silent), allowed=site, timeout=(PATIENCE_SECONDS, 0.1))
    assert (error.code, error.retryable) == ("timeout", True)


def drip(site: Site, first_lines: bytes):
    def answer(handler):
        handler.wfile.write(first_lines)
        while not site.closing.wait(0.02):
            handler.wfile.write(b"x")

    return answer


@pytest.mark.parametrize(
    "first_lines",
    [
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;",
    ],
    ids=["headers", "body", "body without a length", "chunk header"],
)
def test_a_server_that_drips_is_cut_at_the_deadline(site: Site, first_lines: bytes):
    error = refusal(site.answers("/a", drip(site, first_lines)), allowed=site, deadline=0.3)
    assert (error.code, error.retryable) == ("timeout", True)


def test_the_deadline_covers_all_redirects_together(site: Site):
    def slow_redirect(handler):
        site.closing.wait(0.2)
        respond(handler, 302, b"", {"Location": "/a"})

    assert refusal(site.answers("/a", slow_redirect), allowed=site, deadline=0.5).code == "timeout"


def test_no_thread_or_connection_is_left_behind(site: Site):
    url = site.serves("/a", b"ok")
    before = threading.active_count()
    fetch(url, allowed=site, deadline=600)
    assert threading.active_count() <= before + 1  # the server's own handler may still be ending


def test_a_full_disk_is_reported_as_what_it_is(site: Site):
    class FullDisk(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fetch_to(
            site.serves("/a", b"x"),
            FullDisk(),
            max_bytes=10,
            deadline_seconds=PATIENCE_SECONDS,
            allowed_origins=frozenset({site.origin}),
        )


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> str:
    """A PEM file with a key and a self-signed certificate for films.example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "films.example")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("films.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "films.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return str(path)


@pytest.fixture
def tls_site(internet: Internet, certificate: str):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running_site(context) as running:
        internet.machines["93.184.216.34"] = running.port
        internet.names["films.example"] = internet.names["other.example"] = ["93.184.216.34"]
        yield running


def test_a_certificate_nobody_vouches_for_is_refused(tls_site: Site):
    error = refusal("https://films.example/a")
    assert (error.code, error.retryable) == ("tls", False)


def test_https_checks_the_name_and_not_the_pinned_address(tls_site: Site, certificate: str, monkeypatch):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", certificate)
    tls_site.serves("/a", b"ok")
    assert fetch("https://films.example/a")[1] == b"ok"
    assert refusal("https://other.example/a").code == "tls"


def test_a_dripping_tls_server_is_cut_at_the_deadline(tls_site: Site, certificate: str, monkeypatch):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", certificate)
    tls_site.answers("/a", drip(tls_site, b"HTTP/1.1 200 OK\r\n\r\n"))
    assert refusal("https://films.example/a", deadline=0.3).code == "timeout"
