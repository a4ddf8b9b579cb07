"""What a browser can say of a page's looks: each function returns complaints, none if all is well."""

from __future__ import annotations

# Text that nobody can scroll to. A box that scrolls names itself to a screen reader and takes the keyboard.
CUT = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && each.textContent.trim() && !(each instanceof SVGElement))
  .filter((each) => !each.closest(".skip, .scroll, .pan, pre, select"))
  .filter((each) => getComputedStyle(each).overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1)
  .map((each) => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 60)}`)"""

# Captions that a phone shows only in part: they stay where the eye is while the table scrolls.
HIDDEN = """() => [...document.querySelectorAll(".scroll caption span")].filter((each) => {
    const edge = each.closest(".scroll").getBoundingClientRect().right;
    return each.checkVisibility() && each.getBoundingClientRect().right > edge;
  }).map((each) => each.textContent.slice(0, 60))"""

# Tables of a few columns and code that a desk has no room for.
SCROLLED = """() => [...document.querySelectorAll(".scroll, pre")]
  .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
  .filter((box) => !(box.querySelector("tr")?.cells.length > 6))
  .map((box) => `${box.scrollWidth - box.clientWidth} ${box.ariaLabel ?? box.textContent.slice(-60)}`)"""

# Words of two lines or two elements on top of each other.
OVERLAPPING = """() => {
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const owner = node.parentElement;
    if (!node.data.trim() || owner.closest("title, script, style, .skip, option")) continue;
    if (!owner.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    range.selectNodeContents(node);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      const air = (bottom - top) * 0.22;  // of a line's height, above and below its letters
      if (right - left > 1) lines.push({ left, right, top: top + air, bottom: bottom - air, node });
    }
  }
  lines.sort((a, b) => a.top - b.top);
  const found = [];
  lines.forEach((one, index) => {
    for (let next = index + 1; next < lines.length && lines[next].top < one.bottom - 1; next++) {
      const other = lines[next];
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      if (wide > 1.5) found.push([one, other].map((line) => line.node.data.trim().slice(0, 40)).join(" | "));
    }
  });
  return found;
}"""

# Labels of charts that leave the picture.
OUTSIDE = """() => [...document.querySelectorAll("figure svg")].filter((svg) => svg.checkVisibility())
  .flatMap((svg) => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter((text) => {
      const own = text.getBoundingClientRect();
      return own.left < box.left - 1.5 || own.right > box.right + 1.5
        || own.top < box.top - 3 || own.bottom > box.bottom + 3;
    }).map((text) => `${svg.ariaLabel}: ${text.textContent}`);
  })"""

# Titles of axes that have no room: names of columns and values may be shortened, our own words not.
SHORTENED = """() => [...document.querySelectorAll("figure svg text.at")]
  .filter((title) => title.textContent.endsWith("…")).map((title) => title.textContent)"""

# Charts have a title, a name for screen readers and titles of axes; maps have the names of their columns.
UNNAMED = """() => [...document.querySelectorAll("figure svg")].filter((svg) => {
    const title = svg.closest("figure").querySelector("figcaption");
    const axes = svg.querySelectorAll("text.at, text[transform]");
    return !title?.textContent.trim() || !svg.ariaLabel?.trim() || !axes.length
      || [...axes].some((axis) => !axis.textContent.trim());
  }).map((svg) => svg.closest("figure").textContent.trim().slice(0, 60))"""

# What a screen reader goes by: one h1, no level left out, controls with names, tables with heads.
UNREADABLE = """() => {
  const found = [];
  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((head) => +head.tagName[1]);
  if (levels.filter((level) => level === 1).length !== 1) found.push(`h1: ${levels}`);
  const skipped = levels.filter((level, at) => at && level > levels[at - 1] + 1);
  found.push(...skipped.map((level) => `h${level} follows too high a head`));
  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!control.labels?.length && !control.ariaLabel) found.push(`no label: ${control.outerHTML}`);
  for (const control of document.querySelectorAll("a[href], button"))
    if (!control.textContent.trim() && !control.ariaLabel) found.push(`no name: ${control.outerHTML}`);
  for (const table of document.querySelectorAll("table"))
    if (!table.querySelector("th")) found.push(`no heads: ${table.textContent.trim().slice(0, 60)}`);
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  ids.forEach((id, at) => ids.indexOf(id) !== at && found.push(`twice: ${id}`));
  return found;
}"""

EVERYWHERE = {
    "cut": CUT,
    "hidden": HIDDEN,
    "overlapping": OVERLAPPING,
    "outside": OUTSIDE,
    "shortened": SHORTENED,
    "unnamed": UNNAMED,
    "unreadable": UNREADABLE,
}
