#!/usr/bin/env python3
"""Counts whose controls the pages are made of, as text, so that any commit can be measured without a build.

    python3 tests/CovidCxr.Architecture.Tests/measure-controls.py [ROOT]

Prints one Markdown table by folder of Web. MudBlazor's are tags that begin with Mud, and those of components of ours that are one of them (Dense...)
or do nothing but hold one (PARTS). Written by hand are table, select, input, textarea, button, dialog, progress and
links dressed as buttons. Hidden fields and what a script draws are not counted. CSS rules are those of wwwroot-assets.
"""
import os
import re
import sys
from collections import defaultdict

HAND = re.compile(r'<(table|select|textarea|button|dialog|progress|InputFile)\b|<(input)\b(?![^>]*type="hidden")|<a class="(button)"')
PARTS = ("ErrorAlert", "NumberField", "DateField", "Pager")


def holds_mud(web, part):
    for folder, _, files in os.walk(os.path.join(web, "Shared")):
        if part + ".razor" in files:
            with open(os.path.join(folder, part + ".razor"), encoding="utf-8-sig") as file:
                return re.search(r"<(Mud|Dense)", file.read()) is not None
    return False


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "..")
    web = os.path.join(root, "src", "CovidCxr.Web")
    mud_tag = re.compile(r"<(Mud\w+|Dense\w+" + "".join("|" + part for part in PARTS if holds_mud(web, part)) + r")\b")
    rows = defaultdict(lambda: [0, 0, 0, 0])
    for folder, folders, files in os.walk(web):
        folders[:] = [f for f in folders if f not in ("bin", "obj", "wwwroot")]
        for name in files:
            if not name.endswith(".razor") or name == "_Imports.razor":
                continue
            with open(os.path.join(folder, name), encoding="utf-8-sig") as file:
                text = re.sub(r"@\*.*?\*@", "", file.read(), flags=re.S)
            mud, hand = len(mud_tag.findall(text)), len(HAND.findall(text))
            row = rows["/".join(os.path.relpath(folder, web).split(os.sep)[:3])]
            for i, count in enumerate((1, mud > 0, mud, hand)):
                row[i] += count
    print("| folder | pages and parts | with MudBlazor | its tags | by hand |\n| --- | --: | --: | --: | --: |")
    for folder in sorted(rows):
        print(f"| {folder} | " + " | ".join(map(str, rows[folder])) + " |")
    print("| all | " + " | ".join(str(sum(r[i] for r in rows.values())) for i in range(4)) + " |")
    for folder, _, files in os.walk(os.path.join(root, "wwwroot-assets")):
        for name in sorted(f for f in files if f.endswith(".css")):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
            rules = len(re.findall(r"[^{}]+\{[^{}]*\}", text))
            print(f"{name}: {rules} rules, {len(text.splitlines())} lines, {len(text.encode())} bytes")


if __name__ == "__main__":
    main()
