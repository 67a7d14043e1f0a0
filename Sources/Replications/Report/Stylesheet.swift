// The look of the site, inlined into every page. Colours are those of the figures, for a light page and a dark one; each
// text has a contrast of at least 4.5:1 to what it stands on, which `Tests/site/check.py` computes.

/// The style sheet of the site.
enum Stylesheet {
  static let text = colors + layout + tables + parts + small

  private static let colors = """
    :root {
      color-scheme: light dark;
      --surface: #ffffff; --raised: #f4f6f8; --text: #1b1f24; --muted: #57606a; --line: #d3d9df; --field: #7d8690;
      --link: #0058a3; --focus: #0068b8;
      --reproduced: #0b5238; --reproduced-surface: #d9f2e6;
      --notReproduced: #8a1538; --notReproduced-surface: #fce4ea;
      --inconclusive: #5f4300; --inconclusive-surface: #fbeecb;
      --notEvaluated: #454d57; --notEvaluated-surface: #e9edf1;
      --error: #4c1d95; --error-surface: #ece5fb;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --surface: #15181d; --raised: #1e232a; --text: #e8eaed; --muted: #a9b1ba; --line: #363d47; --field: #78828e;
        --link: #7cbdf5; --focus: #86dcf7;
        --reproduced: #8fe3bf; --reproduced-surface: #12362a;
        --notReproduced: #ffabc0; --notReproduced-surface: #471927;
        --inconclusive: #fbd98a; --inconclusive-surface: #3d2f0c;
        --notEvaluated: #c3cad2; --notEvaluated-surface: #2d333b;
        --error: #cfc1ff; --error-surface: #332459;
      }
    }

    """

  private static let layout = """
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
    body {
      margin: 0; background: var(--surface); color: var(--text); line-height: 1.55;
      font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
    }
    header.top, main, footer { max-width: 82rem; margin: 0 auto; padding: 0 1.25rem; }
    header.top {
      display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.5rem; padding-block: .9rem;
      border-bottom: 1px solid var(--line);
    }
    .name { font-weight: 700; }
    header.top ul, nav.contents ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
    nav a[aria-current] { color: var(--text); font-weight: 600; text-decoration-thickness: 3px; }
    nav a { display: inline-block; padding: .25rem 0; }
    main { padding-block: 1.5rem 3rem; }
    main:focus { outline: none; }
    footer { border-top: 1px solid var(--line); color: var(--muted); font-size: .9rem; padding-block: .5rem 1.5rem; }
    h1, h2, h3, h4 { line-height: 1.25; overflow-wrap: break-word; text-wrap: balance; }
    h1 { font-size: 1.9rem; margin: .5rem 0 .75rem; }
    h2 { font-size: 1.4rem; margin: 2.25rem 0 .75rem; }
    h3 { font-size: 1.12rem; margin: 1.75rem 0 .5rem; }
    p, dl, .note ul, .note ol { max-width: 46rem; overflow-wrap: break-word; }
    .lead { font-size: 1.08rem; }
    a { color: var(--link); text-underline-offset: .15em; overflow-wrap: anywhere; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
    .skip { position: absolute; left: -999rem; top: .5rem; background: var(--surface); padding: .5rem 1rem; z-index: 1; }
    .skip:focus { left: .5rem; }
    [hidden] { display: none !important; }
    code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
    code { overflow-wrap: anywhere; }
    pre { margin: 0; padding: .7rem .9rem; background: var(--raised); border-radius: 6px; width: max-content; min-width: 100%; }
    pre code { overflow-wrap: normal; }
    pre.command { width: auto; max-width: 60rem; white-space: pre-wrap; margin: .75rem 0; }
    pre.command code { overflow-wrap: anywhere; }
    hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
    blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 4px solid var(--line); }
    .scrolling { overflow-x: auto; max-width: 100%; margin: .75rem 0; }

    """

  private static let tables = """
    table { border-collapse: collapse; font-size: .92rem; }
    th, td { text-align: left; vertical-align: top; padding: .45rem .7rem; border-bottom: 1px solid var(--line); }
    thead th { color: var(--muted); font-weight: 600; border-bottom: 2px solid var(--line); }
    tbody th { font-weight: 400; }
    th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
    .note table { min-width: 52rem; }
    .note td, .note td code { overflow-wrap: break-word; }
    table.claims { width: 100%; font-variant-numeric: tabular-nums; }
    table.claims th, table.claims td { padding-inline: .45rem; overflow-wrap: break-word; }
    table.claims tbody tr:hover { background: var(--raised); }
    .statement { display: block; }
    th .statement { margin-top: .15rem; }
    .interval, .unit, .quiet { color: var(--muted); }
    .interval { white-space: nowrap; }
    .remark { display: inline-block; font-size: .92em; }
    .reason { display: block; overflow-wrap: anywhere; color: var(--muted); font-size: .92em; margin-top: .3rem; }
    abbr { text-decoration: none; }

    """

  private static let parts = """
    .verdict {
      display: inline-block; padding: .08rem .55rem; border-radius: 1rem; font-weight: 600; font-size: .88rem;
      white-space: nowrap;
    }
    .verdict.reproduced { color: var(--reproduced); background: var(--reproduced-surface); }
    .verdict.notReproduced { color: var(--notReproduced); background: var(--notReproduced-surface); }
    .verdict.inconclusive { color: var(--inconclusive); background: var(--inconclusive-surface); }
    .verdict.notEvaluated { color: var(--notEvaluated); background: var(--notEvaluated-surface); }
    .verdict.error { color: var(--error); background: var(--error-surface); }
    .kind { display: inline-block; padding: 0 .5rem; border: 1px solid var(--field); border-radius: 4px; font-size: .88rem; }
    dl { margin: .75rem 0; }
    dl > div { display: grid; grid-template-columns: 8.5rem 1fr; gap: 0 1rem; padding: .25rem 0; }
    dt { color: var(--muted); }
    dt .kind { color: var(--text); }
    dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
    .by { color: var(--muted); margin-top: 0; }
    .filter {
      display: flex; flex-wrap: wrap; gap: .75rem 2rem; align-items: end; background: var(--raised); padding: 1rem 1.1rem;
      border-radius: 8px;
    }
    .filter p { margin: 0; }
    .filter label[for] { display: block; color: var(--muted); font-size: .9rem; }
    .filter input[type=search] {
      font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--field); border-radius: 6px;
      padding: .4rem .6rem; width: 18rem; max-width: 100%;
    }
    .filter fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1rem; min-width: 0; }
    .filter legend { color: var(--muted); font-size: .9rem; padding: 0; }
    .filter fieldset label { display: inline-flex; align-items: center; gap: .4rem; min-height: 2rem; cursor: pointer; }
    .filter input[type=checkbox] { width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--link); }
    .filter button {
      font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--field); border-radius: 6px;
      padding: .35rem .9rem; cursor: pointer;
    }
    .filter output { margin-right: 1rem; }
    article.claim { border-top: 1px solid var(--line); padding-top: .25rem; margin-top: 1.75rem; }
    article.claim:target { border-top: 3px solid var(--focus); }
    article.claim h3 { margin-top: 1rem; font-weight: 600; }
    article.claim > .statement { font-size: 1.05rem; margin: .25rem 0 .5rem; }
    .marks { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: .5rem 0; }
    .label { color: var(--muted); margin: .75rem 0 -.5rem; }
    details { margin: .4rem 0; }
    summary { cursor: pointer; padding: .2rem 0; width: fit-content; }
    .downloads { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; }
    .figure { margin: 1.5rem 0; }
    .figure object { display: block; border: 0; }
    figcaption { color: var(--muted); font-size: .92rem; max-width: 46rem; }
    .sparkline { display: block; overflow: visible; }
    .sparkline line { stroke: var(--muted); stroke-width: 1; }
    .sparkline path { fill: var(--text); stroke: none; }
    .sparkline path.reproduced { fill: var(--reproduced); }
    .sparkline path.notReproduced { fill: none; stroke: var(--notReproduced); stroke-width: 1.8; }
    .sparkline path.inconclusive { fill: var(--inconclusive); }

    """

  /// Narrow screens: a row of the board becomes a card, each cell with the heading of its column.
  private static let small = """
    @media (min-width: 70.01rem) {
      .overview { display: grid; grid-template-columns: auto 1fr; gap: 3.5rem; align-items: start; }
      table.claims { table-layout: fixed; }
      table.claims thead th:nth-child(2) { width: 10.8rem; }
      table.claims thead th:nth-child(3) { width: 6.6rem; }
      table.claims thead th:nth-child(4) { width: 8.2rem; }
      table.claims thead th:nth-child(5) { width: 6.8rem; }
      table.claims thead th:nth-child(6) { width: 11.2rem; }
      table.claims thead th:nth-child(7) { width: 2.4rem; }
      table.claims thead th:nth-child(8) { width: 4.6rem; }
      table.claims thead th:nth-child(9) { width: 7rem; }
    }
    @media (max-width: 70rem) {
      table.claims, table.claims tbody, table.claims tr, table.claims tbody th, table.claims td { display: block; width: auto; }
      table.claims thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      table.claims tr { border-bottom: 1px solid var(--line); padding: .8rem 0; }
      table.claims tbody th, table.claims td { border: 0; padding: .12rem 0; }
      table.claims tbody th { padding-bottom: .35rem; }
      table.claims td { display: grid; grid-template-columns: 7rem 1fr; column-gap: .75rem; }
      table.claims td::before { content: attr(data-label); color: var(--muted); grid-row: 1 / span 3; }
      table.claims td > * { grid-column: 2; justify-self: start; }
      .interval { white-space: normal; }
    }
    @media (max-width: 36rem) {
      header.top, main, footer { padding-inline: 1rem; }
      h1 { font-size: 1.55rem; }
      dl > div { grid-template-columns: 1fr; }
      dl.facts > div { padding: .35rem 0; }
      .filter { padding: .8rem; }
      th, td { padding-inline: .4rem; }
      .overview table { font-size: .84rem; }
      .overview th, .overview td { padding-inline: .2rem; }
      .overview .verdict { font-size: .8rem; padding-inline: .4rem; }
    }
    @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
    @media print { .filter, header.top nav, .skip { display: none; } }

    """
}
