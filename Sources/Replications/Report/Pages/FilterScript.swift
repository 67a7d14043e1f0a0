// The one script of the site. Without it the board shows all claims and no form.

/// The filter of the board.
enum FilterScript {
  static let text = """

    "use strict";
    (() => {
      const form = document.getElementById("filter");
      const text = document.getElementById("filter-text");
      const result = document.getElementById("filter-result");
      const papers = [...document.querySelectorAll("section.paper")].map(section => ({
        section,
        heading: section.querySelector("h3").textContent.toLowerCase(),
        rows: [...section.querySelectorAll("tbody tr")],
      }));
      const chosen = name => new Set(
        [...form.querySelectorAll(`input[name=${name}]:checked`)].map(box => box.value));

      function update() {
        const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
        const states = chosen("state");
        const comparisons = chosen("comparison");
        let shown = 0, all = 0;
        for (const paper of papers) {
          let left = 0;
          for (const row of paper.rows) {
            const content = paper.heading + " " + row.textContent.toLowerCase();
            const fits = states.has(row.dataset.state) && comparisons.has(row.dataset.comparison)
              && words.every(word => content.includes(word));
            row.hidden = !fits;
            if (fits) left += 1;
          }
          paper.section.hidden = left === 0;
          shown += left;
          all += paper.rows.length;
        }
        result.textContent = shown === 0 ? `none of ${all} claims fits` : `${shown} of ${all} claims`;
      }

      form.addEventListener("input", update);
      form.addEventListener("submit", event => event.preventDefault());
      form.addEventListener("reset", () => setTimeout(update));
      form.hidden = false;
      update();
    })();

    """
}
