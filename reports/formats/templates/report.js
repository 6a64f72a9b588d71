"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const form = byId("tools"), words = byId("words"), sort = byId("sort");
  const choices = all("select[data-key]", form);
  const claims = all("article.claim").map((card, place) => ({ card, place, text: null, seen: true, ...card.dataset }));
  const mentions = new Map(claims.map((c) => [c.id, []]));
  for (const row of all("[data-of]")) mentions.get(row.dataset.of)?.push(row);
  const fits = {
    document: (c, v) => c.document === v, subject: (c, v) => c.subject === v,
    outcome: (c, v) => c.outcome === v, evidence: (c, v) => c.kinds.split("|").includes(v),
  };
  const textOf = (c) => (c.text ??= `${c.id} ${c.document} ${c.card.textContent}`.toLowerCase());

  function show() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const asked = choices.filter((s) => s.value);
    const counts = new Map();
    let found = 0;
    for (const c of claims) {
      const seen = asked.every((s) => fits[s.dataset.key](c, s.value)) && wanted.every((w) => textOf(c).includes(w));
      if (seen !== c.seen) {
        c.seen = seen;
        c.card.hidden = !seen;
        for (const row of mentions.get(c.id)) row.hidden = !seen;
      }
      if (!seen) continue;
      found += 1;
      for (const key of [`${c.document}\n${c.outcome}`, `${c.document}\n`, `\n${c.outcome}`, "\n"]) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const cell of all("#summary td")) cell.textContent = counts.get(`${cell.parentElement.dataset.document}\n${cell.dataset.outcome}`) ?? 0;
    for (const part of all("[data-document]:not(article)").filter((p) => p.dataset.document)) {
      const count = counts.get(`${part.dataset.document}\n`) ?? 0;
      part.hidden = count === 0;
      for (const sign of all(":scope > .count, :scope > h2 > .count", part)) sign.textContent = count;
    }
    for (const group of all("section.group")) {
      const count = all("li[data-of]", group).filter((row) => !row.hidden).length;
      group.hidden = count === 0;
      group.querySelector("h2 > .count").textContent = count;
      const entry = document.querySelector(`.contents a[href="#${group.id}"]`).parentElement;
      entry.hidden = count === 0;
      entry.querySelector(".count").textContent = count;
    }
    byId("nothing").hidden = found > 0;
    byId("found").textContent = `${found} of ${claims.length} claims`;
  }

  const ranks = choices.find((s) => s.dataset.key === "outcome");
  const rank = (c) => [...ranks.options].findIndex((o) => o.value === c.outcome);
  const title = (c) => c.card.querySelector(".title").textContent;
  const orders = {
    "": (a, b) => a.place - b.place, id: (a, b) => a.id.localeCompare(b.id, "en", { numeric: true }) || a.place - b.place,
    outcome: (a, b) => rank(a) - rank(b) || a.place - b.place, title: (a, b) => title(a).localeCompare(title(b), "en") || a.place - b.place,
  };
  let order = "";
  function arrange() {
    if (order === sort.value) return;  // cards that move lose focus and place
    order = sort.value;
    const sorted = [...claims].sort(orders[sort.value]);
    for (const section of all("section.document")) section.append(...sorted.filter((c) => c.document === section.dataset.document).map((c) => c.card));
  }

  function arrive() {
    const target = byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      words.value = "";
      for (const s of choices) s.value = "";
      show();
    }
    for (let d = target.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    target.scrollIntoView();
    if (target.matches("article, main")) target.focus({ preventScroll: true });
    requestAnimationFrame(() => target.scrollIntoView()); // what lies above has its true height only now
  }

  let waiting = 0;
  words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(show, 80); });
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  form.addEventListener("change", (event) => { if (event.target === sort) arrange(); else show(); });
  form.addEventListener("reset", () => setTimeout(() => { show(); arrange(); }));
  addEventListener("hashchange", arrive);
  document.addEventListener("click", (event) => {  // the same link twice is no change of the hash
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) arrive();
  });
  show();
  arrive();
})();
