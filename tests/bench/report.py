# SPDX-License-Identifier: Apache-2.0
"""One table for people, one file for machines."""

import json
import os
import platform
import re
import statistics
import subprocess

import httpd
import rows as rows_of

ROOT = httpd.ROOT
COLUMNS = ("", "request", "clients", "µs CPU", "min-max", "x socket", "x proxy", "x items",
           "requests/s", "p50 ms", "p99 ms", "closed", "peak MB")


class Result:
    """What the turns of a row gave, a list for each number of clients."""

    def __init__(self, row):
        self.row = row
        self.turns = {clients: [] for clients in row.clients}
        self.peaks = []
        self.wrong = ""

    def add(self, found, peak):
        for clients, numbers in found.items():
            self.turns[clients].append(numbers)
        self.peaks.append(peak)

    def values(self, clients, name):
        return [turn[name] for turn in self.turns.get(clients, ())]

    def median(self, clients, name):
        return statistics.median(self.values(clients, name))


def _output(*command):
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as info:
        match = re.search(r"^model name\s*: (.*)$", info.read(), re.MULTILINE)
    return match.group(1) if match else platform.machine()


def about(arguments):
    """Where and with what this run was made."""
    version = re.search(r"Apache/\S+", _output(httpd.BINARY, "-v"))
    wrk = re.search(r"wrk \S+", _output("wrk", "-v"))
    return {
        "revision": _output("git", "describe", "--always", "--dirty", "--abbrev=12"),
        "httpd": version.group() if version else "",
        "wrk": wrk.group() if wrk else "",
        "kernel": platform.release(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "layout": "see the rows" if arguments.layouts else
        f"event MPM, {arguments.children} children x {arguments.threads} threads",
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "old": arguments.old_name,
    }


def heading(told, arguments):
    lines = [
        f"{told['httpd']}, {told['layout']}; "
        f"{told['processors']} x {told['processor']}; mod_items {told['revision']}"
        + (f" against {arguments.old_name}" if arguments.old else ""),
        f"{told['rounds']} rounds, {told['seconds']} s of load each; "
        f"load of the machine at the start {told['load_at_start']}",
    ]
    if told["load_at_start"] > 1.5:
        lines.append("Something else is running here: ratios hold, absolute numbers don't.")
    return "\n".join(lines)


def _ratio(result, clients, base):
    """The median of the ratios of each round; None without a base."""
    if base is None or base is result:
        return None
    pairs = zip(result.values(clients, "cpu_us"), base.values(clients, "cpu_us"))
    ratios = [value / other for value, other in pairs]
    return statistics.median(ratios) if ratios else None


def _find(results, server, group):
    for result in results:
        if result.row.server == server and result.row.group == group and not result.wrong and \
                not result.row.is_refused:
            return result
    return None


def bases(results, row):
    """The bare exchange (a GET) over the same transport, behind the same authentication, and the
    proxy's row of the same kind; for two modules the old one stands in the proxy's place."""
    socket = _find(results, "socket", ("GET", row.tls, row.late, bool(row.token)))
    other = _find(results, "proxy", row.group) or _find(results, "old", row.group)
    if row.layout:
        other = _find(results, row.server, row.group)  # the first
    return None if row.server == "memory" else socket, other if row.server != "memory" else None


def _order(result):
    row = result.row
    return (row.token, row.late, row.tls, list(rows_of.KINDS).index(row.kind),
            (*rows_of.SERVERS, *rows_of.PEERS, "old").index(row.server))


def lines_of(results):
    """The table's lines: dictionaries, as they stand in the file as well."""
    found = []
    for result in sorted(results, key=_order):
        socket, other = bases(results, result.row)
        for clients in result.row.clients:
            if result.wrong or not result.turns[clients]:
                continue
            costs = result.values(clients, "cpu_us")
            found.append({
                "server": result.row.name, "request": result.row.label,
                "backend": "" if result.row.server == "memory" else result.row.backend,
                "token": result.row.token, "clients": clients,
                "cpu_us": statistics.median(costs), "cpu_us_min": min(costs),
                "cpu_us_max": max(costs), "to_socket": _ratio(result, clients, socket),
                "to_proxy": _ratio(result, clients, other),
                "to_items": _ratio(result, clients, _find(results, "items", result.row.group))
                if result.row.is_peer or result.row.is_refused or result.row.server == "remembered"
                else None,
                "per_second": result.median(clients, "per_second"),
                "p50_us": result.median(clients, "p50_us"),
                "p99_us": result.median(clients, "p99_us"),
                "closed": result.median(clients, "closed"),
                "peak_bytes": statistics.median(result.peaks),
                "others": result.median(clients, "others"),
                "turns": result.turns[clients],
            })
    return found


def _cells(line):
    def ratio(value):
        return "" if value is None else f"{value:.2f}"

    return (
        line["server"], line["request"], str(line["clients"]), f"{line['cpu_us']:.1f}",
        f"{line['cpu_us_min']:.1f}-{line['cpu_us_max']:.1f}", ratio(line["to_socket"]),
        ratio(line["to_proxy"]), ratio(line["to_items"]), f"{line['per_second']:.0f}",
        f"{line['p50_us'] / 1000:.2f}",
        f"{line['p99_us'] / 1000:.2f}", f"{line['closed']:.0f}" if line["closed"] else "",
        f"{line['peak_bytes'] / 1e6:.0f}",
    )


def table(results):
    columns = list(COLUMNS)
    if any(result.row.server == "old" for result in results):
        columns[6] = "x old"
    if any(result.row.layout for result in results):
        columns[6] = "x first"
    lines = lines_of(results)
    cells = [tuple(columns), *map(_cells, lines)]
    used = [i for i in range(len(columns)) if i == 0 or any(row[i] for row in cells[1:])]
    cells = [[row[i] for i in used] for row in cells]
    widths = [max(map(len, column)) for column in zip(*cells)]
    text = []
    for row in cells:
        words = [cell.ljust(width) if i < 2 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        text.append("  ".join(words).rstrip())
    for i in range(len(lines) - 1, 0, -1):
        if any(lines[i][name] != lines[i - 1][name] for name in ("backend", "token")):
            text.insert(i + 1, "")
    text.insert(1, "-" * max(map(len, text)))
    text.append(
        "µs CPU: of all the server's processes per request, median; x: median of the ratios within a"
        "\nround, to the bare exchange (a GET) over the same transport and to rows of the same request."
    )
    others = [turn["others"] for result in results for turns in result.turns.values()
              for turn in turns]
    if others:
        text.append(f"Other processes took {statistics.median(others):.0%} of the processors meanwhile, "
                    f"{max(others):.0%} at the worst" +
                    (": trust the ratios more than the numbers." if max(others) > 0.1 else "."))
    for result in results:
        if result.wrong:
            text.append(f"WRONG {result.row.name}, {result.row.label}: {result.wrong}")
    return "\n".join(text)


def peers_lines(made):
    """Why a peer has no rows."""
    text = []
    for name, state in made.items():
        text += [f"NOT MEASURED {rows_of.NAMES[name]}: {words}" for how, words in state.items()
                 if how != "tool"]
    return text


def still_lines(found, results):
    text = ["", "Memory: of a child (resident and private at its start, private after load), and of an "
            "idle connection"]
    for key, numbers in found["memory"].items():
        text.append(
            f"  {key:<34} {numbers['child_resident'] / 1e6:6.1f} MB {numbers['child_private'] / 1e6:6.1f}"
            f" MB {numbers['child_loaded'] / 1e6:6.1f} MB  {numbers['idle_connection']:8.0f} bytes")
    text.append("Memory of a request under way: stack, pools, connection to the backend")
    for key, held in found["held"].items():
        text.append(f"  {key:<34} {held:8.0f} bytes")
    for result in results:
        if result.row.kind == "list 100" and result.peaks:
            text.append(f"  peak of all children, {result.row.name}, {result.row.label}: "
                        f"{statistics.median(result.peaks) / 1e6:.1f} MB")
    text.append("System calls of a request over kept connections, without waking threads: medians")
    for key, counts in found["system_calls"].items():
        names = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        text.append(f"  {key:<34} {sum(counts.values()):3}: {names}")
    text += [f"NOT MEASURED {words}" for words in found["failed"]]
    return "\n".join(text)


def save(told, results, found, name):
    place = os.path.join(ROOT, "build", "bench", name)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    wrong = [{"server": result.row.name, "request": result.row.label, "why": result.wrong}
             for result in results if result.wrong]
    with open(place, "w", encoding="utf-8") as out:
        json.dump({"about": told, "rows": lines_of(results), **found, "wrong": wrong}, out, indent=1)
        out.write("\n")
    return place
