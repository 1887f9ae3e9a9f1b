"use strict";
{
  const bar = document.querySelector("[data-filters]");
  const said = document.querySelector("[data-filter-said]");
  const buttons = [...bar.querySelectorAll("[data-filter]")];
  const rows = [...document.querySelectorAll("[data-kind]")];
  const groups = [...document.querySelectorAll("[data-group]")];
  const openAll = bar.querySelector("[data-open-all]");

  const show = (kind) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.filter === kind));
    }
    for (const row of rows) row.hidden = kind !== "all" && row.dataset.kind !== kind;
    for (const group of groups) group.hidden = !group.querySelector("[data-kind]:not([hidden])");
    const shown = rows.filter((row) => !row.hidden);
    said.textContent = `${shown.length} of ${rows.length} requirements shown`;
  };
  const asked = () => {
    const kind = location.hash.startsWith("#show=") ? location.hash.slice(6) : null;
    return buttons.some((button) => button.dataset.filter === kind) ? kind : null;
  };
  // The address says what is shown, so that it can be sent to somebody.
  const fromAddress = () => {
    const kind = asked();
    if (kind) return show(kind);
    if (target()?.closest("[data-kind][hidden]")) {
      show("all");
      follow();
    } else if (!location.hash) show("all");
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const kind = button.dataset.filter;
      show(kind);
      history.replaceState(null, "", kind === "all" ? location.pathname + location.search : `#show=${kind}`);
    });
  }
  openAll.addEventListener("click", () => {
    const open = openAll.textContent === "Open all";
    for (const row of rows) row.open = open;
    openAll.textContent = open ? "Close all" : "Open all";
  });
  bar.hidden = false;
  addEventListener("hashchange", fromAddress);
  fromAddress();
}
