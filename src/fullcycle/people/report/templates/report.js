// Search and sort, for pages with hundreds of columns. Without script everything is shown, in the order of the evidence.
"use strict";
const order = (a, b) => {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  return a.localeCompare(b, document.documentElement.lang);
};
for (const box of document.querySelectorAll(".searched")) {
  const line = box.querySelector(".search");
  if (!line) continue;
  const input = line.querySelector("input");
  const found = line.querySelector(".found");
  const items = [...box.querySelectorAll("tbody tr, .card")];
  const texts = items.map((item) => (item.dataset.name || item.textContent).toLowerCase());
  const filter = () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    items.forEach((item, index) => {
      item.hidden = !texts[index].includes(wanted);
      shown += item.hidden ? 0 : 1;
    });
    found.textContent = wanted ? found.dataset.text.replace("{n}", shown) : "";
  };
  const clear = () => {
    input.value = "";
    filter();
  };
  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => event.key === "Escape" && clear());
  line.hidden = false;
  const select = line.querySelector("select");
  select?.addEventListener("change", () => {
    const at = Number(select.value);
    const keys = new Map(items.map((item, index) => [item, at ? JSON.parse(item.dataset.orders)[at] : index]));
    box.append(...[...items].sort((a, b) => order(keys.get(a), keys.get(b))));
  });
  // A link into the page must find its card, also when a search has hidden it.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.hidden && box.contains(target)) {
      clear();
      target.scrollIntoView();
    }
  });
}
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, index) => {
    const cell = row.cells[index];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(text);
    return text === "" || Number.isNaN(number) ? text : number;
  };
  heads.forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending" && head.classList.contains("num");
      const again = head.getAttribute("aria-sort") === "ascending";
      const sign = down || again ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
      body.append(...[...body.rows].sort((a, b) => sign * order(key(a, index), key(b, index))));
    });
  });
}
