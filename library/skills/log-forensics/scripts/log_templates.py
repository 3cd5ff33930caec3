#!/usr/bin/env python3
"""Group log lines into templates, with counts and first and last times; optionally against a baseline.

usage: log_templates.py [--baseline GOOD] [--level L] [--top N] [--sort count|first] FILE ...
       "-" reads standard input; .gz is unpacked; lines of JSON use their message, level and time members
exit:  0 done, 2 input could not be read
"""
import argparse
import gzip
import io
import json
import re
import sys

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b")
LEVEL = re.compile(r"\b(trace|debug|info|information|warn|warning|error|err|fail|fatal|crit|critical)\b", re.I)
LEVELS = {"information": "info", "warning": "warn", "err": "error", "fail": "error", "crit": "fatal", "critical": "fatal",
          "10": "trace", "20": "debug", "30": "info", "40": "warn", "50": "error", "60": "fatal"}  # the numbers are pino's and bunyan's
VARIABLE = re.compile("|".join((
    r"\"[^\"]*\"|'[^']*'",                                                        # quoted values
    r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b",                  # UUID
    r"\b\w+://\S+|(?<![\w.])/(?:[\w.@%+~-]+/)*[\w.@%+~-]*\d[\w.@%+~-]*",          # URL, path with a digit in it
    r"\b[\w.+-]+@[\w-]+\.[\w.]+\b",                                               # e-mail address
    r"\b(?=[\w-]*\d)(?=[\w-]*[a-zA-Z])[\w-]{12,}\b",                              # long mixed identifiers
    r"\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]{16,}\b",
    r"(?<![A-Za-z])[-+]?\d+(?:[.,:]\d+)*(?:%|[a-zA-Zµ]{1,3}\b)?")))
MAX_TEMPLATES = 50_000
MAX_LINE = 4_000


def opened(name):
    if name == "-":
        return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    if name.endswith(".gz"):
        return gzip.open(name, "rt", encoding="utf-8", errors="replace")
    return open(name, encoding="utf-8", errors="replace")


def events(name):
    """Yield (line number, text); indented lines continue the one above, so a stack trace is one event."""
    start, held = 0, None
    with opened(name) as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")[:MAX_LINE]
            if held is not None and line[:1] in (" ", "\t"):
                continue
            if held:
                yield start, held
            start, held = number, line
    if held:
        yield start, held


def parse(text):
    """Return (time, level, message) of one event."""
    if text.startswith("{"):
        try:
            record = json.loads(text)
            fields = {str(key).lower().lstrip("@"): value for key, value in record.items()}
            pick = lambda *names: next((str(fields[n]) for n in names if fields.get(n) not in (None, "")), "")
            level = pick("level", "loglevel", "severity", "l").lower()
            return pick("timestamp", "time", "ts", "t"), LEVELS.get(level, level), pick("message", "msg", "mt", "m", "body") or text
        except ValueError:
            pass
    time = TIME.search(text[:80])
    level = LEVEL.search(text[:120])
    word = level.group(1).lower() if level else ""
    message = text[:time.start()] + text[time.end():] if time else text
    return time.group() if time else "", LEVELS.get(word, word), message.strip()


def collect(names, level):
    found, total = {}, 0
    for name in names:
        for number, text in events(name):
            time, severity, message = parse(text)
            if level and severity != level:
                continue
            total += 1
            key = " ".join(VARIABLE.sub("<*>", message).split())
            entry = found.get(key)
            if entry is None:
                if len(found) >= MAX_TEMPLATES:
                    key = "(further templates)"
                entry = found.setdefault(key, {"count": 0, "first": time, "at": f"{name}:{number}", "order": total, "level": severity})
            entry["count"] += 1
            entry["last"] = time
    return found, total


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--baseline", action="append", default=[], help="log of a good period; may be repeated")
    parser.add_argument("--level", help="trace, debug, info, warn, error or fatal")
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--sort", choices=("count", "first"), default="count")
    options = parser.parse_args()
    level = LEVELS.get((options.level or "").lower(), (options.level or "").lower())
    try:
        found, total = collect(options.files, level)
        base, base_total = collect(options.baseline, level) if options.baseline else ({}, 0)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2

    def show(title, entries, note=lambda key, entry: ""):
        print(f"\n{title} ({len(entries)})")
        for key, entry in entries[:options.top]:
            print(f"{entry['count']:>8}  {entry['level'] or '-':<5} {entry['first'] or '-'} .. {entry.get('last') or '-'}  {entry['at']}{note(key, entry)}\n          {key[:220]}")
        if len(entries) > options.top:
            print(f"          … {len(entries) - options.top} more, see --top")

    order = (lambda item: item[1]["order"]) if options.sort == "first" else (lambda item: -item[1]["count"])
    entries = sorted(found.items(), key=order)
    print(f"{total} events, {len(found)} templates" + (f"; baseline {base_total} events, {len(base)} templates" if options.baseline else ""))
    if not options.baseline:
        show("Templates", entries)
        return 0
    rate = lambda count, whole: count / whole if whole else 0
    show("New", [item for item in entries if item[0] not in base])
    show("More than three times as frequent",
         [item for item in entries if item[0] in base and rate(item[1]["count"], total) > 3 * rate(base[item[0]]["count"], base_total)],
         lambda key, entry: f"  ({base[key]['count']} in baseline)")
    show("Vanished", sorted(((k, v) for k, v in base.items() if k not in found), key=order))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(0)
