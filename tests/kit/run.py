# SPDX-License-Identifier: Apache-2.0
"""`make run`: mod_items on 127.0.0.1, with everything it needs, until Ctrl-C.

Without TABLE: offline. One ministack process is DynamoDB (it checks every
signature) and the issuer of Cognito tokens. With TABLE and REGION: the same httpd
in front of a real table, with the caller's own AWS_* keys; the issuer stays local.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
import urllib.request

import certs
import emulator
import httpd
import issuer
import process

WISHED_PORT = 8080


def say(words):
    print(words, flush=True)


def parent_is_interrupted(parent):
    """Is make in its handler of SIGINT or SIGHUP? Interrupted alone (kill -INT, without the
    terminal's Ctrl-C for us), it waits for us to end but does not tell us."""
    try:
        with open(f"/proc/{parent}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("SigBlk:"):
                    blocked = int(line.split()[1], 16)
                    return bool(blocked & (1 << (signal.SIGINT - 1) | 1 << (signal.SIGHUP - 1)))
    except (OSError, ValueError):
        pass
    return False


def local_dynamodb(dynamo, folder):
    dynamo.create_table()
    key_id, secret = dynamo.user()
    say(
        f"  DynamoDB    https://127.0.0.1:{dynamo.port} (ministack), "
        "table items, an IAM user that may use it"
    )
    env = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
    config = (
        "  ItemsTable items\n"
        f"  ItemsRegion {dynamo.admin.region}\n"
        f"  ItemsEndpoint https://127.0.0.1:{dynamo.port}\n"
        f"  ItemsCAFile {os.path.basename(dynamo.authority.file)}\n"
    )
    return env, config


def real_dynamodb(table, region):
    env = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    if not (env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY")):
        raise SystemExit(
            "make run TABLE=...: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and "
            "AWS_SESSION_TOKEN for temporary keys, in the environment"
        )
    say(f"  DynamoDB    table {table} in {region}, with the keys of your environment")
    return env, f"  ItemsTable {table}\n  ItemsRegion {region}\n"


def start_httpd(folder, tokens, port, env, dynamodb_config):
    config = (
        httpd.server_config()
        + f"Listen 127.0.0.1:{port}\n"
        + f"<VirtualHost 127.0.0.1:{port}>\n"
        + dynamodb_config
        + f"  ItemsIssuer {tokens.url}\n"
        + f"  ItemsClientId {tokens.client_id}\n"
        + "  AllowEncodedSlashes NoDecode\n"
        + httpd.token_config(tokens, tokens.emulator.authority.file)
        + httpd.location_config()
        + "</VirtualHost>\n"
    )
    server = httpd.Httpd(folder, config, env)
    server.start(port)
    say(f"  httpd       http://127.0.0.1:{port}/items (configuration: {server.config})")
    return server


def call(url, token, method="GET", item=None):
    request = urllib.request.Request(url, method=method)
    request.add_header("Authorization", "Bearer " + token)
    if item is not None:
        request.data = json.dumps(item).encode()
        request.add_header("Content-Type", "application/json")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as response:
        return json.load(response)


def print_lines(url, item_id, token_file, is_real):
    auth = f"-w '\\n' -H @{token_file}"
    kind = "-H 'Content-Type: application/json'"
    about = f"the item\n{item_id} was just made through the same door."
    if is_real:
        about = "put the id that\nthe first line prints in the place of ID (they change your table)."
    say(
        f"""
Paste these into another terminal. The token is in {token_file}; {about}

# create an item
curl -s {auth} {kind} -d '{{"name":"Tea","description":"Darjeeling, first flush"}}' {url}
# get one
curl -s {auth} {url}/{item_id}
# list
curl -s {auth} '{url}?limit=10'
# update
curl -s {auth} {kind} -X PUT -d '{{"status":"archived"}}' {url}/{item_id}
# delete
curl -s {auth} -X DELETE {url}/{item_id}
# without a token: 401
curl -s -w '\\n' {url}
"""
    )


def run(arguments, folder, running):
    say("starting:")
    dynamo = emulator.Emulator(folder, certs.Authority(folder))
    running.append(dynamo)
    dynamo.start()
    if arguments.table:
        env, config = real_dynamodb(arguments.table, arguments.region)
    else:
        env, config = local_dynamodb(dynamo, folder)
    tokens = issuer.Issuer(dynamo)
    token = tokens.token()
    token_file = os.path.join(folder, "token")
    with open(token_file, "w", encoding="ascii") as out:
        out.write(f"Authorization: Bearer {token}\n")
    say(f"  tokens      {tokens.url}, a token for 12 hours")
    port = process.free_port(arguments.port)
    server = start_httpd(folder, tokens, port, env, config)
    running.append(server)
    url = f"http://127.0.0.1:{port}/items"
    if arguments.table:
        item_id = "ID"
    else:
        item_id = call(url, token, "POST", {"name": "Coffee"})["data"]["id"]
    print_lines(url, item_id, token_file, bool(arguments.table))
    say(f"Errors go to {server.error_log}. Ctrl-C ends everything.")
    parent = os.getppid()
    while True:
        time.sleep(0.5)
        for child in (dynamo.child, server.child):
            if not child.alive():
                raise process.ChildDied(f"{child.name} has ended:\n{child.log_tail()}")
        if parent_is_interrupted(parent) or os.getppid() != parent:
            raise KeyboardInterrupt("make")


def parse(words):
    parser = argparse.ArgumentParser(prog="make run")
    parser.add_argument("--table", default="", help="a real table (TABLE=)")
    parser.add_argument("--region", default="", help="its region (REGION=)")
    parser.add_argument("--port", type=int, default=WISHED_PORT, help="PORT=, if it is free")
    arguments = parser.parse_args(words)
    if bool(arguments.table) != bool(arguments.region):
        raise SystemExit("make run: TABLE and REGION go together")
    return arguments


def main():
    arguments = parse(sys.argv[1:])
    running = []
    folder = None
    status = 0
    process.end_with_parent()
    try:
        folder = process.public_folder("mod_items-run.")
        run(arguments, folder, running)
    except KeyboardInterrupt:
        say("\nstopping")
    except (process.ChildDied, OSError, RuntimeError) as failure:
        print(f"make run: {failure}", file=sys.stderr, flush=True)
        if folder and len(running) > 1:
            print(running[1].log()[-4000:], file=sys.stderr, flush=True)
        status = 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # we are at it
        for part in reversed(running):
            part.stop()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    return status


sys.exit(main())
