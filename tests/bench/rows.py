# SPDX-License-Identifier: Apache-2.0
"""The rows of the benchmark: who answers which kind of request in front of which backend."""

import os

import httpd

ID = "3f0c5a52-9b1e-4f6e-8d2b-000000000000"  # of answers.h
ITEM = {"name": "Darjeeling", "description": "First flush, spring harvest, 100 g",
        "status": "active"}
STAMP = "2026-02-12T10:11:12.345Z"
ISSUER = "https://issuer.test/pool"
CLIENT = "bench"

# kind: method, target, has a body
KINDS = {
    "GET": ("GET", f"/items/{ID}", False),
    "list 20": ("GET", "/items?limit=20", False),
    "list 100": ("GET", "/items?limit=100", False),
    "POST": ("POST", "/items", True),
    "PUT": ("PUT", f"/items/{ID}", True),
    "DELETE": ("DELETE", f"/items/{ID}", False),
}

CLIENTS = (1, 64, 256)

SERVERS = ("memory", "socket", "proxy", "items", "remembered")
PEERS = ("node", "go", "rust")  # processes of their own, no httpd
NAMES = {
    "memory": "handler, from memory",
    "socket": "bare socket exchange",
    "proxy": "mod_proxy_http",
    "items": "mod_items",
    "remembered": "mod_items, ItemsTokenMemory",
    "old": "mod_items, old",
    "node": "Node, AWS SDK 3",
    "go": "Go, aws-sdk-go-v2",
    "rust": "Rust, aws-sdk-dynamodb",
}


class Layout:
    """MPM, children, threads of each, kept client connections, connections to DynamoDB per child."""

    def __init__(self, mpm="event", children=2, threads=128, keep_alive=True, connections=None):
        self.mpm = mpm
        self.children = children
        self.threads = threads
        self.keep_alive = keep_alive
        self.connections = connections

    @property
    def words(self):
        words = [f"{self.mpm} {self.children}x{self.threads}"]
        if not self.keep_alive:
            words.append("KeepAlive Off")
        if self.connections:
            words.append(f"ItemsConnections {self.connections}")
        return ", ".join(words)

    def config(self):
        """Of the MPM, with nothing started or ended while it is measured."""
        workers = self.children * self.threads
        sizes = f"ServerLimit {self.children}\nStartServers {self.children}\n" \
            f"MaxRequestWorkers {workers}\nMaxConnectionsPerChild 0\n"
        if self.mpm == "prefork":
            sizes += f"MinSpareServers 1\nMaxSpareServers {workers}\n"
        else:
            sizes += f"ThreadLimit {self.threads}\nThreadsPerChild {self.threads}\n" \
                f"MinSpareThreads 1\nMaxSpareThreads {workers}\n"
        return sizes + f"KeepAlive {'On' if self.keep_alive else 'Off'}\n"


class Row:
    """One configuration of httpd, or a peer, measured with each number of clients."""

    def __init__(self, server, kind, clients, *, tls=False, late=False, token="", module=None,
                 layout=None):
        self.server = server
        self.kind = kind
        self.clients = clients
        self.tls = tls
        self.late = late
        self.token = token  # "good", "forged", "expired", "junk"; "": none is asked for
        self.module = module
        self.layout = layout  # None: event, as the command line says

    @property
    def backend(self):
        """Which of the backend's ports."""
        return ("tls" if self.tls else "plain") + ("-late" if self.late else "")

    @property
    def is_peer(self):
        return self.server in PEERS

    @property
    def is_refused(self):
        return self.token not in ("", "good")

    @property
    def name(self):
        return self.layout.words if self.layout else NAMES[self.server]

    @property
    def group(self):
        """What rows must have in common to be compared."""
        return (self.kind, self.tls, self.late, bool(self.token))

    @property
    def label(self):
        words = [self.kind]
        if self.server != "memory":
            words.append("TLS" if self.tls else "plain")
        if self.late:
            words.append("5 ms")
        if self.token:
            words.append("token" if self.token == "good" else f"{self.token} token")
        return ", ".join(words)


def full():
    """Everything in front of everything: each kind over each backend, without and with a token."""
    rows = []
    for token in ("", "good"):
        ours = ("items", "remembered") if token else ("items",)
        rows.append(Row("memory", "GET", CLIENTS, token=token))
        for late in (False, True):
            for tls in (False, True):
                rows.append(Row("socket", "GET", CLIENTS, tls=tls, late=late, token=token))
                rows += [Row(server, kind, CLIENTS, tls=tls, late=late, token=token)
                         for kind in KINDS for server in ("proxy", *ours)]
    rows += [Row("items", "GET", CLIENTS, token=token) for token in ("forged", "expired", "junk")]
    return rows


def quick():
    rows = [Row("memory", "GET", (64,))]
    for tls in (False, True):
        rows.append(Row("socket", "GET", (64,), tls=tls))
        for kind in ("GET", "list 20", "POST"):
            for server in ("proxy", "items"):
                rows.append(Row(server, kind, (64,), tls=tls))
    rows += [Row(server, "GET", (64,), token="good")
             for server in ("memory", "proxy", "items", "remembered")]
    rows.append(Row("items", "GET", (64,), token="forged"))
    return rows


def peers(names):
    """PEERS=1: what else people put between clients and DynamoDB."""
    return [Row(name, kind, CLIENTS, tls=tls) for tls in (False, True)
            for kind in KINDS for name in names]


def two_modules(old, new):
    """`make bench-old`: the same kinds, the two modules beside each other."""
    rows = []
    for tls in (False, True):
        for kind in ("GET", "list 20", "POST"):
            rows.append(Row("old", kind, (64,), tls=tls, module=old))
            rows.append(Row("items", kind, (64,), tls=tls, module=new))
    return rows


def layouts():
    """`make bench-layouts`: the same module under what an operator chooses. The first row of a group
    is what its others are compared with."""
    usual = Layout()
    busy = [usual, Layout(children=1, threads=256), Layout(children=8, threads=32),
            Layout("worker"), Layout("prefork", children=256, threads=1),
            Layout(keep_alive=False)]
    slow = [Layout(threads=256), Layout(threads=64), Layout(threads=256, connections=8)]
    return [Row("items", "GET", (64,), tls=True, layout=layout) for layout in busy] + \
        [Row("items", "GET", (256,), tls=True, late=True, layout=layout) for layout in slow]


class Site:
    """What the configurations have in common: ports, files, sizes."""

    def __init__(self, folder, built, ports, authority, key_file, children, threads):
        self.folder = folder
        self.built = built
        self.ports = ports
        self.authority = authority
        self.key_file = key_file
        self.layout = Layout(children=children, threads=threads)
        self.patience = ""  # directives, where a backend takes its time

    def endpoint(self, row):
        """The backend, as somebody who calls DynamoDB names it."""
        return f"{'https' if row.tls else 'http'}://127.0.0.1:{self.ports[row.backend]}"

    def _server(self, row):
        host, port, scheme = "127.0.0.1", self.ports[row.backend], "https" if row.tls else "http"
        ca = self.authority.file
        if row.server == "memory":
            return "BenchAnswer memory\n"
        if row.server == "socket":
            return f"BenchAnswer tls {host}:{port} {ca}\n" if row.tls else \
                f"BenchAnswer socket {host}:{port}\n"
        if row.server == "proxy":
            # The certificate is checked as mod_items does; a name, since mod_ssl takes no address.
            host = "localhost" if row.tls else host
            tls = f"SSLProxyEngine On\nSSLProxyVerify require\nSSLProxyCACertificateFile {ca}\n" \
                "SSLProxyCheckPeerName On\n" if row.tls else ""
            return f"{tls}ProxyPass /items {scheme}://{host}:{port}/items\n"
        who = f"ItemsIssuer {ISSUER}\nItemsClientId {CLIENT}\n" if row.token else \
            "ItemsPublic On\n"
        if row.server == "remembered":
            who += "ItemsTokenMemory 60s\n"
        return (
            "ItemsTable items\nItemsRegion us-east-1\n"
            f"ItemsEndpoint {self.endpoint(row)}\n{who}"
            + (f"ItemsCAFile {ca}\n" if row.tls else "") + self.patience
            + (f"ItemsConnections {row.layout.connections}\n"
               if row.layout and row.layout.connections else "")
        )

    def _modules(self, row):
        names = [f"mpm_{row.layout.mpm if row.layout else 'event'}", "authz_core"]
        if row.token:
            names += ["authn_core", "authz_user", "auth_openidc"]
        if row.server == "proxy":
            names += ["proxy", "proxy_http"] + (["ssl"] if row.tls else [])
        own = ""
        if row.server in ("memory", "socket"):
            own = f"LoadModule bench_module {self.built}/bench/mod_bench.so\n"
        if row.server in ("items", "old", "remembered"):
            module = row.module or os.path.join(self.built, "mod_items.so")
            own = f"LoadModule items_module {module}\n"
        return httpd.loads(names) + own

    def _token(self, row):
        if not row.token:
            return ""
        return (
            f"OIDCOAuthVerifyCertFiles k1#{self.key_file}\nOIDCOAuthRemoteUserClaim sub\n"
            + httpd.location_config()
        )

    def config(self, row, port):
        """The same for all rows but for modules and what answers /items."""
        identity = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        return (
            "PidFile run/httpd.pid\nDefaultRuntimeDir run\nMutex file:run default\n"
            "ServerName localhost\nServerTokens Prod\nErrorLog logs/error.log\nLogLevel warn\n"
            f"{identity}{self._modules(row)}"
            # A fixed number of children and threads: nothing is started while it is measured. One
            # child alone has a thread for each of 256 clients, for where all threads are busy the
            # event MPM closes kept connections, and clients see that as errors.
            f"{(row.layout or self.layout).config()}MaxKeepAliveRequests 0\nKeepAliveTimeout 60\n"
            "DocumentRoot docs\n"
            f"Listen 127.0.0.1:{port}\n"
            "<Directory />\n  AllowOverride None\n</Directory>\n"
            f"{self._server(row)}{self._token(row)}"
        )
