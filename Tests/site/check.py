#!/usr/bin/env python3
# Looks at a site of `replicate report` as its readers do, in headless Chromium:
#
#   swift run replicate report --output site && python3 Tests/site/check.py site --screenshots shots
#
# Every page in light and dark, on a phone and a desk: nothing on the console and nothing from the network, no page wider
# than its window, contrast as WCAG AA asks, every link leading somewhere, the filter, the keyboard, and no script at all.

import argparse
import base64
import pathlib
import shutil
import sys
import urllib.parse

from browser import Browser

PHONE, DESK = (360, 780), (1280, 900)

# What stands on what: the contrast of each text with the colours below it, by WCAG 2.2.
CONTRAST = """
(() => {
  const parse = text => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const luminance = ([r, g, b]) => {
    const linear = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
  const background = element => {
    if (!element) return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    const color = parse(getComputedStyle(element).backgroundColor);
    return color[3] === 1 ? color : over(color, background(element.parentElement));
  };
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("script, style, svg, object") || !element.checkVisibility()) continue;
    count += 1;
    const style = getComputedStyle(element);
    const below = background(element);
    const [light, dark] = [luminance(over(parse(style.color), below)), luminance(below)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) {
      found.set(`${element.tagName}.${element.className}`, `${ratio.toFixed(2)}: ${node.data.trim().slice(0, 40)}`);
    }
  }
  return {count, found: [...found.entries()].map(([key, value]) => `${key} ${value}`)};
})()
"""

# What is wider than the window, but for what scrolls by itself.
OVERFLOW = """
(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter(element =>
    !element.closest(".scrolling, thead") && !element.closest(".skip") && element.checkVisibility()
    && element.getBoundingClientRect().right > width + 0.5);
  const names = wide.map(element => `${element.tagName}.${element.className}#${element.id}`);
  if (document.documentElement.scrollWidth > width) names.unshift(`the page: ${document.documentElement.scrollWidth}`);
  return names.slice(0, 5);
})()
"""

# The order of headings, names of landmarks and controls, headers of tables, unique identifiers.
STRUCTURE = """
(() => {
  const problems = [];
  const all = selector => [...document.querySelectorAll(selector)];
  let last = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const level = Number(heading.tagName[1]);
    if (level > last + 1) problems.push(`${heading.tagName} after H${last}: ${heading.textContent}`);
    last = level;
  }
  if (all("h1").length !== 1) problems.push(`${all("h1").length} titles`);
  for (const name of ["header", "nav", "main", "footer"]) {
    if (!document.querySelector(name)) problems.push(`no ${name}`);
  }
  const ids = all("[id]").map(element => element.id);
  for (const id of new Set(ids)) if (ids.filter(other => other === id).length > 1) problems.push(`id ${id} twice`);
  for (const element of all("[aria-labelledby]")) {
    if (!document.getElementById(element.getAttribute("aria-labelledby"))) problems.push("a label that is not there");
  }
  for (const input of all("input")) if (!input.labels.length) problems.push(`an input without a label`);
  for (const table of all("table")) if (!table.querySelector("thead th")) problems.push("a table without headers");
  for (const link of all("a[href]")) if (!link.textContent.trim()) problems.push(`an empty link to ${link.href}`);
  for (const element of all("[role=region], object, svg")) {
    if (!element.getAttribute("aria-label")) problems.push(`${element.tagName} without a name`);
  }
  for (const object of all("object")) {
    const box = object.getBoundingClientRect();
    if (box.width < 100 || box.height < 40) problems.push(`a figure of ${box.width} × ${box.height}`);
  }
  return problems;
})()
"""

FOCUSED = """
(() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const isFirst = element === (window.firstStop ??= element);
  const stops = window.countOfStops = (window.countOfStops ?? 0) + 1;
  return {
    isFirstAgain: isFirst && stops > 1,
    name: element.tagName + (element.id ? "#" + element.id : "") + " "
      + (element.getAttribute("aria-label") || element.value || element.textContent || "").trim().slice(0, 40),
    isBody: element === document.body, outline: parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none",
    isSeen: box.width > 0 && box.left > -100, top: box.top + scrollY, left: box.left,
  };
})()
"""

failures = []


def expect(condition, sentence):
    if not condition:
        failures.append(sentence)
        print(f"FAIL {sentence}")


def check_page(browser, page, site, shots):
    name = page.relative_to(site).as_posix()
    for scheme in ("light", "dark"):
        for width, height in (PHONE, DESK):
            browser.problems.clear()
            browser.show(width, height, scheme)
            browser.open(page.as_uri())
            view = f"{name}, {scheme}, {width} px"
            expect(not browser.problems, f"{view}: {browser.problems}")
            overflow = browser.evaluate(OVERFLOW)
            expect(not overflow, f"{view}: wider than the window: {overflow}")
            browser.evaluate("document.querySelectorAll('details').forEach(element => { element.open = true })")
            overflow = browser.evaluate(OVERFLOW)
            expect(not overflow, f"{view}, all opened: wider than the window: {overflow}")
            contrast = browser.evaluate(CONTRAST)
            expect(contrast["count"] > 20, f"{view}: only {contrast['count']} texts")
            expect(not contrast["found"], f"{view}: contrast {contrast['found'][:4]}")
            structure = browser.evaluate(STRUCTURE)
            expect(not structure, f"{view}: {structure[:5]}")
            if shots:
                browser.evaluate("document.querySelectorAll('details').forEach(element => { element.open = false })")
                stem = name.replace("/", "-").removesuffix(".html")
                take(browser, shots / f"{stem}-{scheme}-{width}", height)


def take(browser, stem, height):
    """Takes pictures of the first windows of a page."""
    total = browser.evaluate("document.documentElement.scrollHeight")
    for index, top in enumerate(range(0, min(total, 8 * height), height)):
        browser.evaluate(f"scrollTo({{top: {top}, behavior: 'instant'}})")
        stem.with_name(f"{stem.name}-{index}.png").write_bytes(base64.b64decode(browser.screenshot()))


def check_links(browser, pages, site):
    targets = {}
    for page in pages:
        browser.open(page.as_uri())
        targets[page] = set(browser.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)"))
    for page in pages:
        browser.open(page.as_uri())
        links = browser.evaluate(
            "[...document.querySelectorAll('a[href]')].map(a => a.href)"
            ".concat([...document.querySelectorAll('object')].map(o => o.data))")
        for link in sorted(set(links)):
            parts = urllib.parse.urlsplit(link)
            if parts.scheme != "file":
                expect(parts.scheme in ("http", "https"), f"{page.name}: a link to {link}")
                continue
            file = pathlib.Path(urllib.parse.unquote(parts.path))
            expect(file.is_file() and site in file.parents, f"{page}: {link} leads nowhere")
            fragment = urllib.parse.unquote(parts.fragment)
            if fragment and file in targets:
                expect(fragment in targets[file], f"{page}: {link} has no target")


def check_filter(browser, board):
    browser.show(*DESK, "light")
    browser.open(board.as_uri())
    visible = "[...document.querySelectorAll('table.claims tbody tr')].filter(row => row.checkVisibility())"
    every = browser.evaluate(f"{visible}.length")
    expect(every > 0, "the board shows no claim")
    expect(browser.evaluate("document.getElementById('filter').checkVisibility()"), "the filter does not show")
    first = browser.evaluate("document.querySelector('table.claims tbody code').textContent")

    def type_words(words):
        browser.evaluate("document.getElementById('filter-text').value = ''")
        browser.evaluate("document.getElementById('filter-text').focus()")
        browser.call("Input.insertText", text=words)
        return browser.evaluate(f"{visible}.length")

    expect(type_words(first.upper()) >= 1, "the filter does not find a claim by its name")
    expect(browser.evaluate(f"{visible}.every(row => row.textContent.includes('{first}'))"), "a row does not fit")
    expect(type_words("no such words") == 0, "words that are nowhere find something")
    expect(
        browser.evaluate("document.getElementById('filter-result').textContent") == f"none of {every} claims fits",
        "the filter does not say that nothing fits")
    expect(
        browser.evaluate("[...document.querySelectorAll('section.paper')].every(paper => !paper.checkVisibility())"),
        "a paper without claims still shows")
    browser.evaluate("document.querySelector('#filter button').click()")
    browser.evaluate("new Promise(done => setTimeout(done, 50))")
    expect(browser.evaluate(f"{visible}.length") == every, "the filter cannot be taken back")
    for name, key in (("state", "state"), ("comparison", "comparison")):
        values = browser.evaluate(f"[...document.querySelectorAll('input[name={name}]')].map(box => box.value)")
        for value in values:
            box = f"document.querySelector('input[name={name}][value={value}]')"
            count = browser.evaluate(f"{visible}.filter(row => row.dataset.{key} === '{value}').length")
            browser.evaluate(f"{box}.click()")
            expect(browser.evaluate(f"{visible}.length") == every - count, f"{name} {value} is not filtered")
            browser.evaluate(f"{box}.click()")
            expect(browser.evaluate(f"{visible}.length") == every, f"{name} {value} does not come back")


def check_keyboard(browser, page):
    """Tabs through a page: every stop is seen, has an outline, and none keeps the focus."""
    browser.show(*DESK, "light")
    browser.open(page.as_uri())
    wanted = browser.evaluate(
        "[...document.querySelectorAll('a[href], input, button, summary, [tabindex=\"0\"]')]"
        ".filter(element => element.checkVisibility()).length")
    order = []
    for _ in range(wanted + 5):
        browser.press("Tab", 9)
        focused = browser.evaluate(FOCUSED)
        # Past the last stop the focus goes to the window, or, where the window takes none, on to the first stop.
        if focused["isBody"] or focused["isFirstAgain"]:
            break
        expect(focused["outline"], f"{page.name}: no outline at {focused['name']}")
        expect(focused["isSeen"], f"{page.name}: the focus is out of sight at {focused['name']}")
        order.append(focused)
    expect(len(order) == wanted, f"{page.name}: {len(order)} stops of the tabulator, {wanted} things to reach")
    expect(order and "Skip" in order[0]["name"], f"{page.name}: the first stop is not the skip link")
    rows = [stop["top"] for stop in order[1:]]
    jumps = sum(1 for above, below in zip(rows, rows[1:]) if below < above - 60)
    expect(jumps == 0, f"{page.name}: the focus jumps upward {jumps} times")
    return order


def check_filter_by_keyboard(browser, board):
    browser.show(*DESK, "light")
    browser.open(board.as_uri())
    while browser.evaluate("document.activeElement.name") != "state":
        browser.press("Tab", 9)
    before = browser.evaluate("document.getElementById('filter-result').textContent")
    browser.press(" ", 32, " ")
    after = browser.evaluate("document.getElementById('filter-result').textContent")
    expect(before != after, "the space bar does not change the filter")


def check_without_script(browser, board, claims):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.show(*DESK, "light")
    browser.open(board.as_uri())
    rows = "document.querySelectorAll('table.claims tbody tr')"
    shown = browser.evaluate(f"[...{rows}].filter(row => row.checkVisibility()).length")
    expect(shown == claims, f"without scripts {shown} of {claims} claims show")
    expect(not browser.evaluate("document.getElementById('filter').checkVisibility()"), "a filter that cannot work shows")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def main():
    parser = argparse.ArgumentParser(description="Check a site in headless Chromium.")
    parser.add_argument("site", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for pictures of every page")
    parser.add_argument("--browser", default=shutil.which("chromium") or shutil.which("google-chrome"))
    options = parser.parse_args()
    site = options.site.resolve()
    pages = sorted(site.rglob("*.html"))
    if not (site / "site.json").is_file() or not pages:
        sys.exit(f"{site} holds no site")
    if not options.browser:
        sys.exit("no chromium was found; name one with --browser")
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    browser = Browser(options.browser)
    try:
        board = site / "index.html"
        for page in pages:
            check_page(browser, page, site, options.screenshots)
        check_links(browser, pages, site)
        check_filter(browser, board)
        check_filter_by_keyboard(browser, board)
        stops = {page.relative_to(site).as_posix(): len(check_keyboard(browser, page)) for page in pages}
        browser.open(board.as_uri())
        claims = browser.evaluate("document.querySelectorAll('table.claims tbody tr').length")
        check_without_script(browser, board, claims)
    finally:
        browser.close()
    print(f"{len(pages)} pages, {claims} claims, stops of the tabulator: {stops}")
    print(f"{len(failures)} failures" if failures else "site: all well")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
