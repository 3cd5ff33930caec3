#!/usr/bin/env python3
"""Report statements in PostgreSQL migrations that are risky on a live database.

usage: check_migration.py [--json] FILE.sql ...      ("-" reads standard input)
exit:  0 no errors, 1 at least one error, 2 input could not be read
"""
import argparse
import json
import re
import sys

FLAGS = re.IGNORECASE | re.DOTALL
NAME = r'(?:"[^"]+"|[\w.$]+)(?:\."[^"]+"|\.\w+)*'


def tokens(sql):
    """Yield (kind, text, offset) for comments, literals, dollar quotes, semicolons and everything else."""
    pattern = re.compile(
        r"(?P<line>--[^\n]*)|(?P<block>/\*.*?(?:\*/|\Z))|(?P<string>'(?:[^']|'')*(?:'|\Z))"
        r"|(?P<ident>\"(?:[^\"]|\"\")*\")|(?P<dollar>\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))|(?P<end>;)",
        re.DOTALL)
    position = 0
    for match in pattern.finditer(sql):
        if match.start() > position:
            yield "code", sql[position:match.start()], position
        yield match.lastgroup if match.lastgroup != "tag" else "dollar", match.group(), match.start()
        position = match.end()
    if position < len(sql):
        yield "code", sql[position:], position


def statements(sql):
    """Yield (line, text, exceptions). Comments are blanked, literals shortened; exceptions are rules excused by comments."""
    text, start, excused = "", None, {}
    for kind, value, offset in tokens(sql):
        if kind in ("line", "block"):
            note = re.search(r"safe:\s*([\w-]+)\s+(\S.*)", value)
            if note:
                excused[note.group(1)] = note.group(2).strip()
            text += " "
        elif kind == "end":
            if start is not None:
                yield start, " ".join(text.split()), excused
            text, start, excused = "", None, {}
        else:
            if start is None and value.strip():
                start = sql.count("\n", 0, offset + len(value) - len(value.lstrip())) + 1
            text += {"string": "''", "dollar": "$$ $$"}.get(kind, value)
    if start is not None:
        yield start, " ".join(text.split()), excused


def matches(pattern, text):
    return re.search(pattern, text, FLAGS)


def inspect(text, created, in_transaction):
    """Yield (level, rule, explanation) for one statement."""
    index = matches(r"^create\s+(?:unique\s+)?index\s+(concurrently\s+)?.*?\son\s+(?:only\s+)?(" + NAME + ")", text)
    if index and not index.group(1) and index.group(2).lower() not in created:
        yield "error", "index-blocks-writes", "builds the index under a lock that blocks writes; use CREATE INDEX CONCURRENTLY outside a transaction"
    if matches(r"^(?:create\s+(?:unique\s+)?index|drop\s+index|reindex.*?)\s+concurrently", text) and in_transaction:
        yield "error", "concurrently-in-transaction", "CONCURRENTLY cannot run inside a transaction block; give it a file of its own"
    if matches(r"^drop\s+index\s+(?!concurrently)", text):
        yield "warning", "drop-index-locks", "takes ACCESS EXCLUSIVE on the table; DROP INDEX CONCURRENTLY waits instead"
    if matches(r"^drop\s+table", text):
        yield "warning", "drop-table", "cannot be undone; make sure no deployed version reads it and a backup exists"
    if matches(r"^truncate\b", text):
        yield "error", "truncate", "removes all rows under ACCESS EXCLUSIVE; not a migration step on a live table"
    if matches(r"^(?:vacuum\s*\(?[^;]*\bfull\b|cluster\b)", text):
        yield "error", "table-rewrite", "rewrites the table under ACCESS EXCLUSIVE"
    if matches(r"^(?:update|delete\s+from)\b", text) and not matches(r"\bwhere\b", text):
        yield "error", "unbounded-write", "touches every row in one transaction; work in committed batches"
    if matches(r"^lock\s+table", text):
        yield "warning", "explicit-lock", "holds the lock until the transaction ends"

    table = matches(r"^alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(" + NAME + ")", text)
    if not table or table.group(1).lower() in created:
        return
    if matches(r"\brename\s+(?:column\s+)?" + NAME + r"\s+to\b|\brename\s+to\b", text):
        yield "error", "rename-breaks-running-version", "the version still running fails at once; add, copy, switch, then drop"
    if matches(r"\bdrop\s+column\b", text):
        yield "warning", "drop-column", "deployed code that still names the column fails; drop one release after its last use"
    if matches(r"\balter\s+(?:column\s+)?" + NAME + r"\s+(?:set\s+data\s+)?type\b", text):
        yield "error", "type-change-rewrites", "usually rewrites the table under ACCESS EXCLUSIVE; see recipes for the exceptions"
    if matches(r"\bset\s+not\s+null\b", text):
        yield "warning", "set-not-null-scans", "reads the whole table under ACCESS EXCLUSIVE unless a validated CHECK proves it"
    if matches(r"\badd\s+(?:constraint\s+" + NAME + r"\s+)?(?:foreign\s+key|check)\b", text) and not matches(r"\bnot\s+valid\b", text):
        yield "error", "constraint-scans", "checks all rows under lock; add it NOT VALID and VALIDATE it in a later transaction"
    if matches(r"\badd\s+(?:constraint\s+" + NAME + r"\s+)?(?:unique|primary\s+key)\b", text) and not matches(r"\busing\s+index\b", text):
        yield "error", "unique-builds-index", "builds the index under ACCESS EXCLUSIVE; create it concurrently, then USING INDEX"
    for column in re.finditer(r"\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?(?!constraint|unique|check|foreign|primary|exclude)" + NAME + r"\s+((?:\([^)]*\)|\([^)]*|[^,(])*)", text, FLAGS):
        body = column.group(1)
        if matches(r"\bnot\s+null\b", body) and not matches(r"\bdefault\b|\bgenerated\b", body) and not matches(r"serial", body):
            yield "error", "not-null-without-default", "fails when the table has rows, and old code does not fill the column"
        if matches(r"\bdefault\s+(?:gen_random_uuid|uuid_generate|uuidv|random|clock_timestamp|nextval|timeofday)", body) or matches(r"\b(?:big|small)?serial\b|\bstored\b|\bas\s+identity\b", body):
            yield "error", "volatile-default-rewrites", "computes a value per row and rewrites the table; add the column empty, set the default, backfill"


def check(name, sql):
    created, findings, timeout, needs_timeout = set(), [], False, None
    in_transaction = False
    for line, text, excused in statements(sql):
        if matches(r"^(?:begin|start\s+transaction)\b", text):
            in_transaction = True
        elif matches(r"^(?:commit|end|rollback)\b", text):
            in_transaction = False
        if matches(r"^set\s+(?:local\s+|session\s+)?lock_timeout\b", text):
            timeout = True
        for level, rule, why in inspect(text, created, in_transaction):
            if rule not in excused:
                findings.append({"file": name, "line": line, "level": level, "rule": rule, "why": why})
        made = matches(r"^create\s+(?:unlogged\s+|temp(?:orary)?\s+)?table\s+(?:if\s+not\s+exists\s+)?(" + NAME + ")", text)
        if made:
            created.add(made.group(1).lower())
        altered = matches(r"^(?:alter|drop)\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(" + NAME + ")", text)
        if altered and altered.group(1).lower() not in created and not timeout and needs_timeout is None and "no-lock-timeout" not in excused:
            needs_timeout = line
    if needs_timeout is not None:
        findings.append({"file": name, "line": needs_timeout, "level": "warning", "rule": "no-lock-timeout",
                         "why": "set lock_timeout first; while this waits for its lock it blocks everyone behind it"})
    return sorted(findings, key=lambda f: f["line"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    findings = []
    for name in options.files:
        try:
            sql = sys.stdin.read() if name == "-" else open(name, encoding="utf-8-sig").read()
        except (OSError, UnicodeDecodeError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
        findings += check(name, sql)
    if options.json:
        json.dump(findings, sys.stdout, indent=2)
        print()
    else:
        for f in findings:
            print(f"{f['file']}:{f['line']}: [{f['level']}] {f['rule']}: {f['why']}")
        print(f"{len(options.files)} file(s), {sum(f['level'] == 'error' for f in findings)} error(s), "
              f"{sum(f['level'] == 'warning' for f in findings)} warning(s)")
    return int(any(f["level"] == "error" for f in findings))


if __name__ == "__main__":
    sys.exit(main())
