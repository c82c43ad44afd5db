# SPDX-License-Identifier: Apache-2.0
"""The rivals that are no httpd (PEERS=1): how they are built, once, and how one is run.

Each is a folder of tests/bench/peers with its sources and its pins. It is copied to
build/bench/peers and built there with what the tool's own registry has for those pins. As long as
sources and tool stay the same that is not done again.
"""

import glob
import hashlib
import os
import re
import shutil
import subprocess

import process

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCES = os.path.join(ROOT, "tests", "bench", "peers")
BUILT = os.path.join(ROOT, "build", "bench", "peers")
BUILD_SECONDS = 3600
READY = "listening on "


class Absent(Exception):
    """The peer's tool is not here, or too old: nothing to measure, and nothing wrong."""


class BuildFailed(RuntimeError):
    pass


def _read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _parts(version):
    return tuple(map(int, version.split(".")))


class Peer:
    name = ""      # its folder
    tool = ""
    version = ()   # the words that make the tool tell its version
    needs = ()     # the file that says which version it must be, and where in it

    def __init__(self):
        self.sources = os.path.join(SOURCES, self.name)
        self.place = os.path.join(BUILT, self.name)
        self.path = ""  # of the tool
        self.said = ""  # its version

    def build(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def find_tool(self):
        """One that is new enough, or Absent."""
        file, pattern = self.needs
        wanted = re.search(pattern, _read(os.path.join(self.sources, file)), re.MULTILINE).group(1)
        old = []
        for folder in (None, os.path.join(ROOT, "build", "venv", "bin")):
            path = shutil.which(self.tool, path=folder)
            if not path:
                continue
            done = subprocess.run([path, *self.version], stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.DEVNULL, check=False)
            found = re.search(r"\d+(\.\d+)+", done.stdout)
            if found and _parts(found.group()) >= _parts(wanted):
                self.path, self.said = path, done.stdout.strip()
                return
            old.append(found.group() if found else "one that does not start")
        raise Absent(f"it needs {self.tool} {wanted}, here is {' and '.join(old) or 'none'}")

    def make(self):
        """Build it unless that has been done; Absent, BuildFailed."""
        self.find_tool()
        files = sorted(filter(os.path.isfile,
                              glob.glob(os.path.join(self.sources, "**"), recursive=True)))
        digest = hashlib.sha256(f"{self.path} {self.said}".encode())
        for path in files:
            with open(path, "rb") as file:
                digest.update(os.path.relpath(path, self.sources).encode() + file.read())
        stamp = os.path.join(self.place, "built")
        if _read(stamp) == digest.hexdigest():
            return
        print(f"building the peer in {os.path.relpath(self.sources, ROOT)}", flush=True)
        if os.path.exists(stamp):
            os.remove(stamp)
        for path in files:
            copy = os.path.join(self.place, os.path.relpath(path, self.sources))
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(path, copy)
        self.build()
        with open(stamp, "w", encoding="ascii") as out:
            out.write(digest.hexdigest())

    def step(self, *command):
        """One command of the build. What it says is kept, and its end told when it fails."""
        log = os.path.join(self.place, "log")
        env = process.environment()  # cargo would go by make's job server
        env["PATH"] = os.path.dirname(self.path) + os.pathsep + env["PATH"]
        with open(log, "w", encoding="utf-8") as out:
            done = subprocess.run(["nice", "-n", "19", *command], cwd=self.place, env=env, stdout=out,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  timeout=BUILD_SECONDS, check=False)
        if done.returncode:
            words = " | ".join(_read(log).strip().splitlines()[-3:])[-500:]
            raise BuildFailed(f"{os.path.basename(command[0])} {command[1]}: {words} "
                              f"({os.path.relpath(log, ROOT)})")


class Node(Peer):
    name, tool, version = "node", "node", ("--version",)
    needs = ("package.json", r'"node": ">=([\d.]+)"')

    def build(self):
        npm = shutil.which("npm", path=os.path.dirname(self.path)) or shutil.which("npm")
        if not npm:
            raise Absent("it needs npm, here is none")
        self.step(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier",
                  "--cache", os.path.join(ROOT, "build", "npm"))

    def command(self):
        return [process.node_behind(self.path), os.path.join(self.place, "server.mjs")]


class Go(Peer):
    name, tool, version = "go", "go", ("version",)
    needs = ("go.mod", r"^go ([\d.]+)$")

    def build(self):
        self.step(self.path, "build", "-buildvcs=false", "-trimpath", "-mod=readonly", "-o", "peer")

    def command(self):
        return [os.path.join(self.place, "peer")]


class Rust(Peer):
    name, tool, version = "rust", "cargo", ("--version",)
    needs = ("Cargo.toml", r'^rust-version = "([\d.]+)"$')

    def build(self):
        """Our lock file stands without the registry's address, but cargo takes none without. It knows
        it: into a lock file of its own it writes it, and from there it goes into ours."""
        lock = os.path.join(self.place, "Cargo.lock")
        pins = _read(lock)
        os.remove(lock)
        self.step(self.path, "generate-lockfile")
        source = re.search(r'^source = "registry\+.*$', _read(lock), re.MULTILINE)
        if not source:
            raise BuildFailed("cargo generate-lockfile names no registry")
        with open(lock, "w", encoding="utf-8") as out:
            out.write(re.sub("^checksum = ", lambda match: source.group() + "\n" + match.group(),
                             pins, flags=re.MULTILINE))
        self.step(self.path, "build", "--release", "--locked", "--target-dir", "target")

    def command(self):
        return [os.path.join(self.place, "target", "release", "peer")]


PEERS = {peer.name: peer() for peer in (Node, Go, Rust)}


def make_all():
    """Build what can be built. What came of it, by peer: its tool's version, or why it is not there."""
    found = {}
    for name, peer in PEERS.items():
        try:
            peer.make()
            found[name] = {"tool": peer.said}
        except Absent as why:
            found[name] = {"absent": str(why)}
        except (BuildFailed, OSError, subprocess.SubprocessError) as why:
            found[name] = {"failed": str(why)}
    return found


class Server:
    """A running peer: to the bench what the kit's Httpd is."""

    def __init__(self, folder, name, endpoint, ca, keys):
        self.name = name
        self.folder = folder
        self.child = None
        self.env = {
            "PATH": "/usr/bin:/bin", "TABLE_NAME": "items", "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint, **keys,
            # nothing of the person's who runs this
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
            "SSL_CERT_FILE": ca, "NODE_EXTRA_CA_CERTS": ca, "NODE_ENV": "production",
            # words about what Node will be needed some day
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
        }

    @property
    def pid(self):
        return self.child.pid

    def start(self, port):
        self.child = process.Child(
            self.name, PEERS[self.name].command(), env={**self.env, "PORT": str(port)},
            folder=self.folder, log=os.path.join(self.folder, "log"))
        self.child.wait_until(lambda: READY in self.child.log_tail())

    def complaints(self):
        """What it said beside that it is up: it has no reason to."""
        return [line for line in self.child.log_tail(1000).splitlines() if READY not in line]

    def stop(self):
        return self.child.stop() if self.child else 0
