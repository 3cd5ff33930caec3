#!/usr/bin/env python3
"""Lint an OpenAPI 3.x document, or list what a new version breaks.

usage: openapi_check.py lint FILE
       openapi_check.py diff OLD NEW
exit:  0 no errors, 1 at least one error, 2 input could not be read
"""
import json
import re
import sys

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def load(path):
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    try:
        document = json.loads(text)
    except ValueError:
        try:
            import yaml
        except ImportError:
            raise ValueError(f"{path}: not JSON, and PyYAML is not installed to read it as YAML") from None
        try:
            document = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ValueError(f"{path}: neither JSON nor YAML: {error}") from None
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise ValueError(f"{path}: not an OpenAPI 3.x document")
    return document


def resolve(document, node):
    """Follow local references; a reference that leads nowhere, round in a circle or to another file gives {}."""
    seen = set()
    while isinstance(node, dict) and "$ref" in node:
        reference = node["$ref"]
        if reference in seen or not reference.startswith("#/"):
            return {}
        seen.add(reference)
        node = document
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            node = node.get(part) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def operations(document):
    for path, item in (document.get("paths") or {}).items():
        item = resolve(document, item)
        for method in METHODS:
            if isinstance(item.get(method), dict):
                operation = item[method]
                parameters = {}
                for parameter in (item.get("parameters") or []) + (operation.get("parameters") or []):
                    parameter = resolve(document, parameter)
                    parameters[(parameter.get("in"), parameter.get("name"))] = parameter
                yield (method.upper(), path), operation, parameters


def body_schema(document, holder):
    content = resolve(document, holder).get("content") or {}
    media = content.get("application/json") or next(iter(content.values()), {})
    return resolve(document, (media or {}).get("schema") or {})


def types(schema):
    value = schema.get("type")
    return set(value) if isinstance(value, list) else {value} if value else set()


def lint(document):
    ids = {}
    for key, operation, parameters in operations(document):
        method, path = key
        responses = {str(code): value for code, value in (operation.get("responses") or {}).items()}
        identifier = operation.get("operationId")
        if not identifier:
            yield "warning", key, "operation-id", "no operationId; generated clients invent a name that changes with the path"
        elif identifier in ids:
            yield "error", key, "operation-id", f"operationId '{identifier}' is also used by {' '.join(ids[identifier])}"
        else:
            ids[identifier] = key
        if not (operation.get("summary") or operation.get("description")):
            yield "warning", key, "summary", "neither summary nor description"
        for name in re.findall(r"{([^}]+)}", path):
            if ("path", name) not in parameters:
                yield "error", key, "path-parameter", f"'{name}' is in the path but not declared"
        if not any(code.startswith("2") for code in responses) and "101" not in responses and not any(c.startswith("3") for c in responses):
            yield "error", key, "success", "no success answer is described"
        takes_input = bool(parameters) or "requestBody" in operation
        if takes_input and not any(code.startswith("4") or code == "default" for code in responses):
            yield "warning", key, "client-errors", "takes input but describes no 4xx answer"
        secured = operation.get("security", document.get("security"))
        if secured and not {"401", "403", "4XX", "default"} & set(responses):
            yield "warning", key, "auth-errors", "needs sign-in but describes neither 401 nor 403"
        if secured is None and method not in ("GET", "HEAD", "OPTIONS"):
            yield "warning", key, "security", "a write without a security requirement; state 'security: []' if it is meant to be public"
        if method in ("GET", "HEAD") and "requestBody" in operation:
            yield "error", key, "get-body", "a GET body is dropped by many intermediaries"
        for code, response in responses.items():
            if not code.startswith("2"):
                continue
            schema = body_schema(document, response)
            lists = [schema] if "array" in types(schema) else [
                value for value in (resolve(document, p) for p in (schema.get("properties") or {}).values()) if "array" in types(value)]
            pages = any(where == "query" and re.search(r"limit|size|cursor|page|top|take", name or "", re.I) for where, name in parameters)
            if method == "GET" and "{" not in path.rsplit("/", 1)[-1] and any("maxItems" not in one for one in lists) and not pages:
                yield "warning", key, "unbounded-list", f"answer {code} holds an array without maxItems, and there is no paging parameter"
            if "array" in types(schema):
                yield "warning", key, "bare-array", f"answer {code} is a bare array; nothing can be added beside it later"
    for name, schema in ((document.get("components") or {}).get("schemas") or {}).items():
        schema = resolve(document, schema)
        properties = schema.get("properties") or {}
        for required in schema.get("required") or []:
            if properties and required not in properties:
                yield "error", ("SCHEMA", name), "required", f"'{required}' is required but not a property"
        for field, value in properties.items():
            value = resolve(document, value)
            if re.search(r"(price|amount|cost|total)(_|$)", field, re.I) and value.get("type") == "number" and value.get("format") in ("float", "double"):
                yield "warning", ("SCHEMA", name), "money-as-float", f"'{field}' looks like money in binary floating point"


def compare(old, new, before, after, key, direction, where="", depth=0):
    """Yield breaking differences of two schemas. direction 'in' = sent by clients, 'out' = read by clients."""
    before, after = resolve(old, before), resolve(new, after)
    if depth > 8 or not before or not after:
        return
    place = where or "body"
    a, b = types(before), types(after)
    lost = (a - b) if direction == "in" else (b - a)
    if a and b and lost - ({"integer"} if "number" in (b if direction == "in" else a) else set()):
        yield "error", key, "type-changed", f"{place}: {'/'.join(sorted(a))} became {'/'.join(sorted(b))}"
    if "enum" in before and "enum" in after:
        gone = [v for v in before["enum"] if v not in after["enum"]]
        added = [v for v in after["enum"] if v not in before["enum"]]
        if direction == "in" and gone:
            yield "error", key, "enum-narrowed", f"{place}: no longer accepts {gone}"
        if direction == "out" and added:
            yield "warning", key, "enum-grew", f"{place}: may now be {added}"
    was, now = before.get("properties") or {}, after.get("properties") or {}
    for name in was:
        if name not in now and now:
            level = "error" if direction == "out" else "warning"
            yield level, key, "property-removed", f"{place}.{name}"
        elif name in now:
            yield from compare(old, new, was[name], now[name], key, direction, f"{where}.{name}" if where else name, depth + 1)
    must, had = set(after.get("required") or []), set(before.get("required") or [])
    if direction == "in":
        for name in sorted(must - had):
            yield "error", key, "property-now-required", f"{place}.{name}"
    else:
        for name in sorted(had - must):
            if name in now:
                yield "warning", key, "property-now-optional", f"{place}.{name} may be absent from now on"
    if "items" in before and "items" in after:
        yield from compare(old, new, before["items"], after["items"], key, direction, f"{place}[]", depth + 1)


def diff(old, new):
    after = {key: (operation, parameters) for key, operation, parameters in operations(new)}
    for key, operation, parameters in operations(old):
        if key not in after:
            yield "error", key, "operation-removed", "clients that call it fail"
            continue
        changed, now = after[key]
        for name, parameter in now.items():
            was = parameters.get(name)
            if parameter.get("required") and not (was or {}).get("required"):
                yield "error", key, "parameter-now-required", f"{name[0]} '{name[1]}'"
            if was:
                yield from compare(old, new, was.get("schema") or {}, parameter.get("schema") or {}, key, "in", f"{name[0]} '{name[1]}'")
        for name in parameters:
            if name not in now:
                yield "warning", key, "parameter-removed", f"{name[0]} '{name[1]}' is ignored or refused now"
        if resolve(new, changed.get("requestBody")).get("required") and not resolve(old, operation.get("requestBody")).get("required"):
            yield "error", key, "body-now-required", "a request body is required now"
        yield from compare(old, new, body_schema(old, operation.get("requestBody")), body_schema(new, changed.get("requestBody")), key, "in")
        answers = {str(code): value for code, value in (changed.get("responses") or {}).items()}
        for code, response in (operation.get("responses") or {}).items():
            if not str(code).startswith("2"):
                continue
            if str(code) not in answers:
                yield "error", key, "success-removed", f"{code} is no longer answered"
            else:
                yield from compare(old, new, body_schema(old, response), body_schema(new, answers[str(code)]), key, "out", f"answer {code}")


def main(arguments):
    if len(arguments) not in (2, 3) or arguments[0] != ("lint" if len(arguments) == 2 else "diff"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        documents = [load(path) for path in arguments[1:]]
        findings = list(lint(*documents) if arguments[0] == "lint" else diff(*documents))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except (AttributeError, TypeError) as error:  # a list where the specification wants an object, and the like
        print(f"the document does not have the structure of OpenAPI, validate it against the schema first: {error}", file=sys.stderr)
        return 2
    for level, (method, path), rule, why in sorted(findings, key=lambda f: f[0]):
        print(f"[{level}] {method} {path} {rule}: {why}")
    errors = sum(level == "error" for level, *_ in findings)
    print(f"{errors} error(s), {len(findings) - errors} warning(s)")
    return int(errors > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
