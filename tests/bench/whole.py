#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions of a whole GET inside httpd, by what its token is: what identity costs, in numbers that
don't wobble.

    whole.py --built FOLDER

httpd runs under valgrind --tool=callgrind, with a virtual host for each way, and what was counted is
dumped between them; the trivial handler has a server of its own. All of it counts: httpd's core,
mod_auth_openidc, mod_items, the exchange with the backend. Valgrind shows programs a processor without
SHA instructions, so digests weigh more than they do. What must hold:

- the claim checks (the guard in front of mod_auth_openidc and what it keeps of the token) take no more
  than SHARE of a GET with a token;
- with a remembered token (ItemsTokenMemory) a GET costs less than a trivial handler behind mod_auth_openidc;
- a bad token costs less than a good one.
"""
import argparse
import http.client
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "kit")]

import certs  # noqa: E402
import httpd  # noqa: E402
import process  # noqa: E402
import rows as table  # noqa: E402
import run  # noqa: E402

WARM, COUNTED = 20, 100
SHARE = 0.05
CHECKS = ("httpd_identity_guard", "httpd_identity_get")  # with all that they call

# name: words, virtual host, token, status
WAYS = {
    "public": ("ItemsPublic On, no token", "public", None, 200),
    "token": ("verified by mod_auth_openidc", "token", "good", 200),
    "remembered": ("ItemsTokenMemory 60s", "remembered", "good", 200),
    "trivial": ("trivial handler behind mod_auth_openidc", None, "good", 200),
    "forged": ("wrong signature", "token", "forged", 401),
    "expired": ("expired", "token", "expired", 401),
    "junk": ("no token at all", "token", "junk", 401),
}
HOSTS = {
    "token": "",
    "remembered": "ItemsTokenMemory 60s\n",
    "public": 'ItemsPublic On\n<Location "/items">\nAuthType None\nRequire all granted\n</Location>\n',
}


def config(site, port, server):
    text = site.config(table.Row(server, "GET", (1,), token="good"), port)
    text = re.sub(r"^(User|Group) .*\n", "", text, flags=re.MULTILINE)  # valgrind writes files
    if server == "items":
        text += "".join(f"<VirtualHost 127.0.0.1:{port}>\nServerName {name}.test\n{words}</VirtualHost>\n"
                        for name, words in HOSTS.items())
    return text


class Counter:
    """httpd under callgrind."""

    def __init__(self, folder, site, name):
        folder = os.path.join(folder, name)
        os.mkdir(folder)
        self.port = process.free_port()
        self.dumps = 0
        server = httpd.Httpd(folder, config(site, self.port, name), run.KEYS)
        self.out = os.path.join(folder, "callgrind")
        self.child = process.Child(
            "httpd", ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.out}",
                      *server.command("-X")],
            env=server.env, folder=folder, log=os.path.join(folder, "stderr"))
        self.child.wait_until(lambda: process.answers(self.port), 60)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, way, tokens, times):
        _, host, token, status = WAYS[way]
        headers = {"Host": f"{host}.test"}
        if token:
            headers["Authorization"] = "Bearer " + tokens[token]
        for _ in range(times):
            self.connection.request("GET", table.KINDS["GET"][1], headers=headers)
            answer = self.connection.getresponse()
            answer.read()
            if answer.status != status:
                sys.exit(f"{way}: status {answer.status}")

    def dump(self):
        """The file with what was counted since the last one."""
        subprocess.run(["callgrind_control", "-d", "x", str(self.child.pid)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        self.dumps += 1
        path = f"{self.out}.{self.dumps}"
        self.child.wait_until(lambda: os.path.exists(path) and total(path), 60)
        return path


def total(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        match = re.search(r"^(?:totals|summary): (\d+)", file.read(), re.MULTILINE)
    return int(match.group(1)) if match else 0


def checks_of(path):
    """Instructions of the functions of CHECKS with all that they call."""
    said = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", path], text=True,
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    found = 0
    for name in CHECKS:
        match = re.search(r"^ *([\d,]+) .*[:/]" + name + r"\b", said, re.MULTILINE)
        if not match:
            sys.exit(f"callgrind saw no {name}")
        found += int(match.group(1).replace(",", ""))
    return found


def judge(counted, checks):
    """One line for each promise; how many are not kept."""
    share = checks / counted["token"]
    promises = [
        (share <= SHARE, f"claim checks: {checks} instructions, {share:.1%} of a GET with a token "
                         f"(at most {SHARE:.0%})"),
        (counted["remembered"] < counted["trivial"],
         f"with a remembered token: {counted['remembered'] / counted['trivial']:.2f} of a trivial handler "
         "behind mod_auth_openidc"),
    ] + [
        (counted[bad] < counted["token"],
         f"{WAYS[bad][0]}: {counted[bad] / counted['token']:.2f} of a good token")
        for bad in ("forged", "expired", "junk")
    ]
    for kept, words in promises:
        print(("" if kept else "NOT KEPT ") + words)
    return len(promises), sum(not kept for kept, _ in promises)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--built", default="build")
    built = os.path.abspath(parser.parse_args().built)
    process.end_with_parent()
    folder = process.public_folder("mod_items-whole.")
    counted = {}
    checks = 0
    children = []
    try:
        authority = certs.Authority(folder)
        key_file = os.path.join(folder, "token.pem")
        tokens = run.make_tokens(key_file)
        children.append(run.Backend(folder, built, authority))
        site = table.Site(folder, built, children[0].ports, authority, key_file, 1, 4)
        for server in ("items", "memory"):
            counter = Counter(folder, site, server)
            children.append(counter)
            ways = [way for way in WAYS if (way == "trivial") == (server == "memory")]
            for way in ways:
                counter.ask(way, tokens, WARM)
            counter.dump()
            for way in ways:
                counter.ask(way, tokens, COUNTED)
                path = counter.dump()
                counted[way] = round(total(path) / COUNTED)
                if way == "token":
                    checks = round(checks_of(path) / COUNTED)
                print(f"{way:<12} {counted[way]:>8}  {WAYS[way][0]}")
    finally:
        for each in children:
            each.child.stop()
        shutil.rmtree(folder, ignore_errors=True)
    count, failed = judge(counted, checks)
    print(f"{count - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
