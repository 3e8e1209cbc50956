// Lets the table of scenarios be sorted by its columns and filtered by verdict and words.
(() => {
  "use strict";
  const table = document.querySelector("table.scenarios");
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows];
  const value = (row, column) => {
    const v = row.cells[column].dataset.v;
    return isNaN(v) ? v : Number(v);
  };

  [...table.tHead.rows[0].cells].forEach((th, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...th.childNodes);
    th.append(button);
    button.onclick = () => {
      const down = th.ariaSort === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      th.ariaSort = down ? "descending" : "ascending";
      rows.sort((a, b) => {
        const x = value(a, column), y = value(b, column);
        return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
      });
      body.append(...rows);
    };
  });

  const bar = document.createElement("p");
  bar.className = "filter";
  bar.setAttribute("role", "search");
  const words = Object.assign(document.createElement("input"), { type: "search", placeholder: say`name, label or promise`, ariaLabel: say`Show scenarios with these words` });
  const shown = document.createElement("small");
  shown.setAttribute("role", "status");
  bar.append(words);
  for (const verdict of new Set(rows.map(r => r.cells[0].dataset.v))) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: verdict, ariaPressed: "false" });
    button.onclick = () => {
      button.ariaPressed = button.ariaPressed === "true" ? "false" : "true";
      filter();
    };
    bar.append(button);
  }
  bar.append(shown);
  table.parentElement.before(bar);

  function filter() {
    const verdicts = [...bar.querySelectorAll("button[aria-pressed=true]")].map(b => b.textContent);
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.dataset.words.toLowerCase();
      row.hidden = (verdicts.length > 0 && !verdicts.includes(row.cells[0].dataset.v)) || !wanted.every(w => text.includes(w));
    }
    const n = rows.filter(r => !r.hidden).length;
    shown.textContent = n === rows.length ? "" : say`${n} of ${rows.length}`;
  }
  words.oninput = filter;
})();
