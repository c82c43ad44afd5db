# SPDX-License-Identifier: Apache-2.0
"""A private httpd: Debian's binary and modules, a server root of its own, in the foreground."""

import os
import shutil
import signal
import subprocess

import process

BINARY = "/usr/sbin/apache2"
MODULES = "/usr/lib/apache2/modules"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILT = os.path.join(ROOT, "build", "mod_items.so")

# A program that httpd runs under, with its arguments: valgrind, say (tests/prove).
UNDER = os.environ.get("ITEMS_UNDER", "").split()

# The MPM and what a resource server needs; log_config, version and unixd are compiled in.
LOADED = [
    "authz_core",
    "authn_core",
    "authz_user",
    "authz_host",
    "reqtimeout",
    "env",
    "headers",
    "auth_openidc",
]

# Small servers: a test's, or a person's who tries things.
SIZES = {
    "event": "StartServers 1\nThreadsPerChild 25\nMaxRequestWorkers 50\n"
    "MinSpareThreads 1\nMaxSpareThreads 50\n",
    "worker": "StartServers 1\nThreadsPerChild 25\nMaxRequestWorkers 50\n"
    "MinSpareThreads 1\nMaxSpareThreads 50\n",
    "prefork": "StartServers 2\nMaxRequestWorkers 8\nMinSpareServers 1\nMaxSpareServers 4\n",
}


# Another build of a module than Debian's, where one is to be tried.
BUILDS = {"auth_openidc": os.environ.get("ITEMS_OIDC_MODULE")}


def loads(names):
    lines = [
        f"LoadModule {name}_module {BUILDS.get(name) or f'{MODULES}/mod_{name}.so'}" for name in names
    ]
    return "\n".join(lines) + "\n"


def server_config(mpm="event", module=BUILT, more_modules=(), log_level="warn"):
    """Everything but Listen and virtual hosts; paths are relative to the server root."""
    identity = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    return (
        "PidFile run/httpd.pid\n"
        "DefaultRuntimeDir run\n"
        "Mutex file:run default\n"
        "ServerName localhost\n"
        "ServerTokens Prod\n"
        f"{identity}"
        f"ErrorLog logs/error.log\n"
        f"LogLevel {log_level}\n"
        f"{loads([f'mpm_{mpm}', *LOADED, *more_modules])}"
        f"LoadModule items_module {module}\n"
        f"{SIZES[mpm]}"
        "GracefulShutdownTimeout 10\n"
        "TraceEnable Off\n"
        "HttpProtocolOptions Strict Require1.0\n"
        "RequestReadTimeout handshake=5 header=10-20,MinRate=500 body=10,MinRate=500\n"
        "DocumentRoot docs\n"
        "<Directory />\n  AllowOverride None\n  Require all denied\n</Directory>\n"
        "<Directory docs>\n  Require all granted\n</Directory>\n"
    )


def token_config(issuer, ca):
    """mod_auth_openidc as a resource server for the issuer's access tokens."""
    return (
        f"OIDCOAuthVerifyJwksUri {issuer.jwks}\n"
        f"OIDCCABundlePath {ca}\n"
        "OIDCHTTPTimeoutLong 5\n"
        "OIDCOAuthRemoteUserClaim sub\n"
    )


def location_config(path="/items"):
    """Who may call: a verified token, or a preflight, which has none."""
    return (
        f'<Location "{path}">\n'
        "  AuthType oauth20\n"
        "  AuthName items\n"
        "  OIDCOAuthAcceptTokenAs header\n"
        "  OIDCPassClaimsAs environment\n"
        "  <RequireAny>\n"
        "    Require method OPTIONS\n"
        "    Require valid-user\n"
        "  </RequireAny>\n"
        "</Location>\n"
    )


class Httpd:
    """folder must be readable for www-data when we are root."""

    def __init__(self, folder, config, env):
        self.folder = folder
        self.config = os.path.join(folder, "httpd.conf")
        self.error_log = os.path.join(folder, "logs", "error.log")
        for name in ("run", "logs", "docs"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(os.path.join(folder, "run"), "www-data", "www-data")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(config)
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", **env}
        self.child = None

    @property
    def pid(self):
        return self.child.pid

    def command(self, *more):
        return [*UNDER, BINARY, "-d", self.folder, "-f", self.config, *more]

    def check(self):
        """Status and words of `httpd -t`."""
        done = subprocess.run([BINARY, "-d", self.folder, "-f", self.config, "-t"], env=self.env, text=True,
                              capture_output=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def start(self, port):
        self.child = process.Child(
            "httpd",
            self.command("-D", "FOREGROUND"),
            env=self.env,
            folder=self.folder,
            log=os.path.join(self.folder, "logs", "stderr"),
        )
        try:
            self.child.wait_until(lambda: process.answers(port), 120 if UNDER else 20)
        except process.ChildDied as died:
            raise process.ChildDied(f"{died}{self.log()[-4000:]}") from None

    def log(self):
        try:
            with open(self.error_log, encoding="utf-8", errors="replace") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def send(self, how):
        self.child.process.send_signal(how)

    def restart(self):
        """Gracefully; returns when the next generation serves."""
        words = "resuming normal operations"
        before = self.log().count(words)
        self.send(signal.SIGUSR1)
        self.child.wait_until(lambda: self.log().count(words) > before)

    def stop(self, how=signal.SIGTERM):
        """The exit status. httpd gives its children 10 seconds and 10 more, and says who needed them."""
        return self.child.stop(how, 30) if self.child else 0
