#!/usr/bin/env python3
"""Measures the house as text, so that any commit can be measured without a build.

    python3 tests/CovidCxr.Architecture.Tests/measure-house.py [ROOT] [--mirrors] [--edges]

Prints one Markdown table; --mirrors lists the pairs of mirror records under it, --edges what the folders of each room use of each
other. How it counts:

- Files: .cs, .razor, .css and .js below src, tests and wwwroot-assets. Migrations and what others wrote (*.umd.js, *.min.js) are left out.
- Methods: methods, constructors and operators with a body, from the first word of the signature to the end of the body. Properties and
  local functions are not counted, nor the code in .razor files.
- A file uses a type where its name stands as a type: after new, is, as, case, typeof, in <...>, before the name that it declares, in a
  base list, in a cast, as a component's tag, or before a dot and one of its static members; or where an extension method of a name of
  its own is called. The name must be visible by namespace and usings. CycleTests reads the built assemblies and sees one use in eight
  more: the types that no text names, such as those of var.
- Mirrors: two records of two rooms that have three or more properties, all properties of the one being properties of the other.
"""
import os
import re
import sys
from collections import defaultdict

CSHARP_LINE, MARKUP_LINE, SIBLINGS, PARAMETERS, MIRRORED = 140, 120, 30, 6, 3
LEFT_OUT = {"bin", "obj", "wwwroot", "Migrations", "node_modules", "TestResults", "artifacts"}
VENDORED = re.compile(r"\.(umd|min)\.(js|css)$")
TYPE = re.compile(r"\b(class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+([A-Za-z_]\w*)\s*(<)?")
DELEGATE = re.compile(r"\bdelegate\s+.*?(\w+)\s*(<[^()]*>)?\s*\(")
VAGUE = re.compile(r"(Manager|Helpers?|Utils?|Utilities|Common)$")
MODIFIERS = ("public|private|internal|protected|static|async|readonly|override|virtual|abstract|sealed|partial|unsafe|extern|new|"
             "required|ref|const|event|volatile")
AFTER_VALUE = ("is|as|and|or|not|in|on|by|when|with|switch|where|select|orderby|ascending|descending|into|join|equals|let|from|group|else|"
               "return|await|new|out|ref|params")


# --- Text -----------------------------------------------------------------------------------------------------------------------------

CHARACTER = re.compile(r"'(\\.[^']*|[^'\\\n])'")
STRING = re.compile(r'(\$*)@?(\$*)("""+|")')


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def mask(text):
    """The code with comments and the insides of strings blanked; what is interpolated stays. Lines keep their numbers."""
    out, i, n = [], 0, len(text)
    while i < n:
        end = i
        if text.startswith("//", i):
            end = text.find("\n", i) if "\n" in text[i:] else n
        elif text.startswith("/*", i):
            end = text.find("*/", i + 2) + 2
        elif character := CHARACTER.match(text, i):
            end = character.end()
        elif string := STRING.match(text, i):
            i = mask_string(text, i, string, out)
            continue
        out.append(blank(text[i:end]) if end > i else text[i])
        i = max(end, i + 1)
    return "".join(out)


def mask_string(text, start, opening, out):
    """Appends the string that opens at start, blanked but for the code in its holes; says where it ends."""
    dollars, quotes = len(opening[1]) + len(opening[2]), opening[3]
    verbatim, raw = "@" in opening[0], len(quotes) > 2
    hole = "{" * (dollars if raw else 1)
    out.append(blank(opening[0]))
    i = opening.end()
    while i < len(text):
        if text.startswith(quotes, i) and not (verbatim and text.startswith('""', i)):
            out.append(blank(quotes))
            return i + len(quotes)
        if dollars and text.startswith(hole, i) and (raw or not text.startswith("{{", i)):
            end = hole_end(text, i + len(hole))
            out.append(blank(hole) + mask(text[i + len(hole):end]) + blank(hole))
            i = end + len(hole)
        else:
            pair = not raw and (text[i:i + 2] in ("{{", '""') or (text[i] == "\\" and not verbatim))
            out.append(blank(text[i:i + 1 + pair]))
            i += 1 + pair
    return i


def hole_end(text, i):
    depth = 0
    while i < len(text):
        if string := STRING.match(text, i):
            i = mask_string(text, i, string, [])
        elif character := CHARACTER.match(text, i):
            i = character.end()
        elif text[i] in "})]" and depth == 0:
            return i
        else:
            depth += (text[i] in "{([") - (text[i] in "})]")
            i += 1
    return i


def split_commas(text):
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += c in "<([{"
        depth -= c in ")]}" or (c == ">" and text[i - 1] != "=")
        if c == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [p for p in parts + [text[start:]] if p.strip()]


def in_parentheses(text, opening):
    depth = 0
    for i in range(opening, len(text)):
        depth += text[i] == "("
        depth -= text[i] == ")"
        if depth == 0:
            return text[opening + 1:i], i + 1
    return text[opening + 1:], len(text)


# --- Declarations ---------------------------------------------------------------------------------------------------------------------

class Declared:
    """A type that no other type holds."""

    def __init__(self, kind, name, generic, source):
        self.kind, self.name, self.generic, self.source = kind, name, generic, source
        self.properties, self.statics, self.bases = [], set(), ""

    @property
    def key(self):
        return self.source.namespace, self.name


class Source:
    def __init__(self, root, path):
        self.path = os.path.relpath(path, root).replace(os.sep, "/")
        parts = self.path.split("/")
        self.wing, self.room = parts[0], parts[1] if len(parts) > 2 else ""
        self.folder = "/".join(parts[2:-1]) or "(root)"
        self.extension = os.path.splitext(path)[1]
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            self.text = file.read()
        self.lines = self.text.splitlines()
        self.types, self.methods, self.constructors, self.extensions, self.method_names = [], [], [], [], set()
        self.code = ""
        if self.extension == ".cs":
            self.code = mask(self.text)
            self.read(self.code, [])
        elif self.extension == ".razor":
            markup = re.sub(r"@\*.*?\*@|<!--.*?-->", lambda m: blank(m[0]), self.text, flags=re.S)
            start = re.search(r"^@code\b", markup, re.M)
            self.code = markup[:start.start()] + mask(markup[start.start():]) if start else markup
            if parts[-1] != "_Imports.razor":
                component = self.declare("component", parts[-1][:-6], False, None)
                if start:
                    self.read(self.code[self.code.index("{", start.end()) + 1:], [component])
        declared = re.search(r"^\s*namespace\s+([\w.]+)", self.code, re.M)
        self.namespace = declared[1] if declared else ".".join(parts[1:-1])
        self.usings = set(re.findall(r"^\s*@?(?:global\s+)?using\s+(?:static\s+)?([\w.]+)\s*;?\s*$", self.code, re.M))

    def read(self, code, scopes):
        """Walks over the members of namespaces and types; the bodies of members are stepped over."""
        i, n = 0, len(code)
        while i < n:
            if code[i].isspace() or code[i] == ";":
                i += 1
            elif code[i] == "#":
                i = code.find("\n", i) if "\n" in code[i:] else n
            elif code[i] == "}":
                if scopes:
                    scopes.pop()
                i += 1
            elif code[i] == "[":
                i = self.after_brackets(code, i)
            else:
                i = self.member(code, i, scopes)

    @staticmethod
    def after_brackets(code, i):
        depth = 0
        while i < len(code):
            depth += code[i] == "["
            depth -= code[i] == "]"
            i += 1
            if depth == 0:
                break
        return i

    def member(self, code, start, scopes):
        holder = next((s for s in reversed(scopes) if s), None)
        if holder and holder.kind == "enum" and scopes[-1] is holder:
            end = code.find("}", start)
            holder.statics.update(re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", code[start:end].strip()))
            return end
        end, header, body = self.span(code, start)
        if re.match(r"(global\s+)?using\b|extern\b", header):
            return end
        if re.match(r"namespace\b", header):
            scopes.append(None)
            return body + 1 if body is not None and code[body] == "{" else end
        words = re.sub(r"\(.*|=.*", "", header, flags=re.S)
        if found := TYPE.search(words) or TYPE.search(header.split("(")[0]):
            return self.type(code, found, header, end, body, scopes, holder)
        if found := DELEGATE.search(header):
            self.declare("delegate", found[1], bool(found[2]), holder)
            return end
        if re.match(r"extension\b", header) and body is not None:
            scopes.append(holder)
            return body + 1
        self.plain_member(code, start, end, header, body, holder)
        return end

    @staticmethod
    def span(code, start):
        """Where a member ends, its header, and where its body begins: at a brace or at =>."""
        depth, i, n, body, assigned = 0, start, len(code), None, False
        while i < n:
            c = code[i]
            if c in "([":
                depth += 1
            elif c in ")]":
                depth -= 1
            elif c == "{":
                if depth == 0 and body is None and not assigned:
                    body = i
                depth += 1
            elif c == "}":
                depth -= 1
                if depth < 0:
                    return i, code[start:i], body
                if depth == 0 and body is not None and code[body] == "{":
                    rest = re.compile(r"\s*=(?![=>])").match(code, i + 1)
                    if not rest:
                        return i + 1, code[start:body], body
                    assigned = True
            elif depth == 0 and c == "=" and body is None:
                if code[i + 1] == ">":
                    body = i
                elif code[i + 1] != "=" and code[i - 1] not in "!<>=":
                    assigned = True
            elif depth == 0 and c == ";" and (body is None or code[body] != "{" or assigned):
                return i + 1, code[start:i if body is None else body], body
            i += 1
        return n, code[start:body or n], body

    def declare(self, kind, name, generic, holder):
        if holder:
            holder.statics.add(name)
            return holder
        declared = Declared(kind, name, generic, self)
        self.types.append(declared)
        return declared

    def type(self, code, found, header, end, body, scopes, holder):
        kind = found[1].split()[0]
        nested = holder is not None
        own = self.declare(kind, found[2], bool(found[3]), holder)
        rest = header[found.end(2):]
        if "(" in rest.split(":")[0]:
            parameters, after = in_parentheses(rest, rest.index("("))
            names = [m[1] for p in split_commas(parameters) if (m := re.search(r"(\w+)\s*(?:=.*)?$", p.strip(), re.S))]
            if kind == "record":
                if not nested:
                    own.properties += names
            else:
                self.constructors.append((len(names), found[2]))
            rest = rest[after:]
        own.bases += " " + (rest.split(":", 1)[1] if ":" in rest else "")
        if body is None or code[body] != "{":
            return end
        if nested and kind == "enum":
            return end
        scopes.append(own)
        return body + 1

    def plain_member(self, code, start, end, header, body, holder):
        call = re.search(rf"(?<![\w.])(?!(?:{MODIFIERS})\b)(~?[\w.]+|operator\s*\S+?)\s*(<[^()=]*>)?\s*\(", header)
        assigned = re.search(r"(?<![=!<>])=(?![=>])", re.sub(r"\(.*?\)", "", header, flags=re.S))
        if call and not assigned and holder:
            name = call[1].split(".")[-1]
            parameters, _ = in_parentheses(header, call.end() - 1)
            before = header[:call.start()].split()
            if all(re.fullmatch(MODIFIERS, w) for w in before) and name[0] != "~":
                if "static" not in before:
                    self.constructors.append((len(split_commas(parameters)), name))
            else:
                self.method_names.add(name)
                if "static" in before:
                    holder.statics.add(name)
                if re.match(r"\s*this\s", parameters):
                    self.extensions.append((name, holder))
            if body is not None:
                lines = code.count("\n", start, end) + 1
                self.methods.append((lines, end - start, f"{holder.name}.{name}", self.path))
            return
        name = re.search(r"(\w+)\s*(=.*)?$", header.strip(), re.S)
        if name and holder:
            if re.search(r"\b(static|const)\b", header):
                holder.statics.update(re.findall(r"(\w+)\s*(?:=(?!=)|,|$)", header.strip()))
            elif body is not None and re.match(r".*\bpublic\b", header, re.S) and "override" not in header.split():
                holder.properties.append(name[1])


def read_house(root):
    sources = []
    for wing in ("src", "tests", "wwwroot-assets"):
        for folder, folders, files in os.walk(os.path.join(root, wing)):
            folders[:] = sorted(f for f in folders if f not in LEFT_OUT)
            sources += [Source(root, os.path.join(folder, f)) for f in sorted(files)
                        if f.endswith((".cs", ".razor", ".css", ".js")) and not VENDORED.search(f)]
    return sources


# --- Uses -----------------------------------------------------------------------------------------------------------------------------

class Uses:
    """Which types each file of src names."""

    def __init__(self, sources):
        self.types, self.extensions = defaultdict(list), defaultdict(list)
        method_names = defaultdict(int)
        for source in sources:
            for declared in source.types:
                parts = [d for d in self.types[declared.name] if d.key == declared.key]
                if parts:
                    parts[0].statics |= declared.statics
                else:
                    self.types[declared.name].append(declared)
            for name, holder in source.extensions:
                self.extensions[name].append(holder)
            for name in source.method_names:
                method_names[name] += 1
        self.extensions = {n: h[0] for n, h in self.extensions.items() if method_names[n] == 1}
        self.imports = defaultdict(set)
        for source in sources:
            if source.path.endswith("_Imports.razor"):
                self.imports[source.room] |= source.usings
        self.of = {s.path: self.read(s) for s in sources}

    def read(self, source):
        code = re.sub(r"^\s*@?(global\s+)?using\s+(static\s+)?[\w.]+\s*(=.*)?;?\s*$|^\s*namespace\s.*$", "", source.code, flags=re.M)
        used = set()
        for name in self.candidates(source, code):
            if declared := self.resolve(source, name):
                used.add(declared)
        for name, member in re.findall(r"(?<![\w.])([A-Z]\w*)\s*\.\s*(\w+)", code):
            if (declared := self.resolve(source, name)) and member in declared.statics:
                used.add(declared)
        # Resampling.Clusters, where the file stands in a room that has a folder Resampling; or the whole name.
        for qualifier, name in re.findall(r"(?<![\w.])([A-Z][\w.]*)\.([A-Z]\w*)", code):
            used.update(d for d in self.types.get(name, ()) if d.source.namespace in (qualifier, f"{source.room}.{qualifier}"))
        for name in re.findall(r"\.\s*(\w+)\s*(?:<[^()<>]*>)?\(", code):
            if name in self.extensions and self.visible(source, self.extensions[name]):
                used.add(self.extensions[name])
        own = {d.key for d in source.types}
        return {d for d in used if d.key not in own}

    def candidates(self, source, code):
        generic, suffix = r"(?:<[^;{}<>]*(?:<[^;{}<>]*(?:<[^;{}<>]*>[^;{}<>]*)*>[^;{}<>]*)*>)?", r"(?:\?|\[,*\])*"
        yield from re.findall(r"\b(?:new|is|is\s+not|as|case|throw)\s+([A-Z]\w*)", code)
        yield from re.findall(r"\b(?:typeof|default|sizeof)\s*\(([A-Z]\w*)", code)
        # A type before the name that it declares: a local, a parameter, a field, a property, a method.
        yield from re.findall(rf"(?<![\w.])([A-Z]\w*){generic}{suffix}\s+(?!(?:{AFTER_VALUE})\b)@?[a-z_]\w*\b", code)
        yield from re.findall(rf"(?<![\w.])([A-Z]\w*){generic}{suffix}\s+[A-Z]\w*(?:<\w+>)?\s*(?:[{{(;,)=]|$)", code, re.M)
        yield from re.findall(rf"(?<!if )(?<!while )(?<!switch )(?<!\w)\(([A-Z]\w*){suffix}\)\s*[\w(@]", code)
        yield from re.findall(r"^\s*\[([A-Z]\w*)[(\]]", code, re.M)
        for opening in re.finditer(r"\w<(?=[\w(])", code):
            yield from re.findall(r"(?<![\w.])([A-Z]\w*)", self.generic_arguments(code, opening.end()))
        for name in re.findall(r"(?<![\w.])([A-Z]\w*)<[\w(]", code):
            if any(d.generic for d in self.types.get(name, [])):
                yield name
        for declared in source.types:
            yield from re.findall(r"(?<![\w.])([A-Z]\w*)", declared.bases)
        if source.extension == ".razor":
            yield from re.findall(r"<([A-Z]\w*)[\s/>]", code)
            yield from re.findall(r"^@(?:inherits|layout|implements|inject)\s+([A-Z]\w*)", code, re.M)

    @staticmethod
    def generic_arguments(code, i):
        start, depth = i, 1
        while i < len(code) and depth:
            if code[i] not in "<>?,.[]() \n_" and not code[i].isalnum():
                return ""
            depth += code[i] == "<"
            depth -= code[i] == ">"
            i += 1
        return code[start:i]

    def visible(self, source, declared):
        space = declared.source.namespace
        return (source.namespace + ".").startswith(space + ".") or space in source.usings \
            or (source.extension == ".razor" and space in self.imports[source.room])

    def resolve(self, source, name):
        seen = [d for d in self.types.get(name, []) if self.visible(source, d)]
        # The nearest namespace wins, as for the compiler.
        around = source.namespace + "."
        return max(seen, key=lambda d: len(d.source.namespace) if around.startswith(d.source.namespace + ".") else 0, default=None)


def knots(edges):
    """Sets of two or more nodes that reach each other (Tarjan 1972)."""
    index, low, open_nodes, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        open_nodes.append(node)
        for other in sorted(edges.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in open_nodes:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            knot = []
            while not knot or knot[-1] != node:
                knot.append(open_nodes.pop())
            if len(knot) > 1:
                found.append(sorted(knot))

    sys.setrecursionlimit(10000)
    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def folder_edges(sources, uses):
    edges = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for source in sources:
        for declared in uses.of[source.path]:
            other = declared.source
            if other.room == source.room and other.folder != source.folder:
                edges[source.room][source.folder][other.folder].add((source.path, declared.name))
    return edges


# --- The table ------------------------------------------------------------------------------------------------------------------------

def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0


def over(sources, extensions, most):
    lengths = [len(line) for s in sources if s.extension in extensions for line in s.lines]
    count = sum(length > most for length in lengths)
    return f"{count} of {len(lengths)} ({100 * count / max(1, len(lengths)):.1f}%)"


def siblings(sources):
    count = defaultdict(int)
    for s in sources:
        if s.extension in (".cs", ".razor"):
            count[os.path.dirname(s.path)] += 1
    return sorted(((n, f) for f, n in count.items() if n > SIBLINGS), reverse=True)


def mirrors(sources):
    records = [(d, set(d.properties)) for s in sources for d in s.types if d.kind == "record" and len(set(d.properties)) >= MIRRORED]
    for i, (one, few) in enumerate(records):
        for other, many in records[i + 1:]:
            if one.source.room != other.source.room and (few <= many or many <= few):
                yield (one, other) if few <= many else (other, one)


def listed(items, most=12):
    return "none" if not items else f"{len(items)}: " + ", ".join(items[:most]) + (", ..." if len(items) > most else "")


def short(room):
    return room.removeprefix("CovidCxr.")


def table(sources):
    rows = []
    wings = {w: [s for s in sources if s.wing == w] for w in ("src", "tests")}
    code = {w: [s for s in wings[w] if s.extension == ".cs"] for w in wings}

    def row(name, measure, of=wings):
        rows.append((name, *(str(measure(of[w])) for w in ("src", "tests"))))

    rooms = {w: sorted({short(s.room) for s in wings[w] if s.room}) for w in wings}
    row("rooms", lambda names: listed(names, 20), rooms)
    row("C# files", len, code)
    row("lines a C# file: median, 90th percentile, longest",
        lambda s: ", ".join(str(percentile([len(f.lines) for f in s], p)) for p in (0.5, 0.9, 1)), code)
    methods = {w: [m for s in code[w] for m in s.methods] for w in wings}
    row("methods with a body", len, methods)
    for i, unit in enumerate(("lines", "characters")):
        row(f"{unit} a method: median, 90th percentile",
            lambda m, i=i: ", ".join(str(percentile([x[i] for x in m], p)) for p in (0.5, 0.9)), methods)
    row("longest method", lambda m: "{0} lines, {2}".format(*max(m)) if m else "none", methods)
    row(f"C# lines over {CSHARP_LINE}", lambda s: over(s, (".cs",), CSHARP_LINE))
    served = {"src": wings["src"] + [s for s in sources if s.wing == "wwwroot-assets"], "tests": wings["tests"]}
    row(f"Razor, CSS and JavaScript lines over {MARKUP_LINE}", lambda s: over(s, (".razor", ".css", ".js"), MARKUP_LINE), served)

    uses = Uses(wings["src"])
    edges = folder_edges(wings["src"], uses)
    for room in sorted({s.room for s in wings["src"] if s.room}):
        found = knots(edges[room])
        rows.append((f"folder cycles in {short(room)}", "none" if not found else
                     f"{len(found)} of {', '.join(str(len(k)) for k in found)} folders: " + "; ".join(", ".join(k) for k in found), ""))
    rows.append(("folder cycles", f"{sum(len(knots(edges[r])) for r in edges)}, holding "
                 f"{sum(len(k) for r in edges for k in knots(edges[r]))} folders", ""))
    pairs = list(mirrors(wings["src"]))
    rows.append(("mirror records", f"{len(pairs)} pairs", ""))
    widest = max(wings["src"], key=lambda s: len(uses.of[s.path]))
    rows.append(("largest fan-out of a file", f"{len(uses.of[widest.path])} own types, {widest.path.removeprefix('src/CovidCxr.')}", ""))
    row(f"folders with over {SIBLINGS} files", lambda s: listed([f"{short(f.split('/', 1)[1])} {n}" for n, f in siblings(s)]))
    wide = {w: sorted((c for f in code[w] for c in f.constructors if c[0] > PARAMETERS), reverse=True) for w in code}
    row(f"constructors with over {PARAMETERS} parameters", lambda c: listed([f"{name} {n}" for n, name in c]), wide)
    row("types named Manager, Helper, Utils, Common", lambda s: listed([d.name for f in s for d in f.types if VAGUE.search(d.name)]), wings)
    return rows, pairs, edges


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    root = arguments[0] if arguments else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    rows, pairs, edges = table(read_house(root))
    print("| measure | src | tests |\n| --- | --- | --- |")
    for name, *cells in rows:
        print(f"| {name} | {' | '.join(cells)} |")
    if "--mirrors" in sys.argv:
        print()
        for few, many in sorted(pairs, key=lambda p: (p[0].source.path, p[1].source.path)):
            relation = "equals" if set(few.properties) == set(many.properties) else "is within"
            print(f"- {short(few.source.room)}.{few.name} {relation} {short(many.source.room)}.{many.name}: {', '.join(few.properties)}")
    if "--edges" in sys.argv:
        for room in sorted(edges):
            for a in sorted(edges[room]):
                for b in sorted(edges[room][a]):
                    for path, name in sorted(edges[room][a][b]):
                        print(f"{short(room)}: {a} -> {b}: {path} uses {name}")


if __name__ == "__main__":
    main()
