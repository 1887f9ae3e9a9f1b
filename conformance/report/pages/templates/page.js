"use strict";
// Copy buttons: shown only where there is a script to serve them.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = button.parentElement.querySelector("code");
    const said = button.firstChild;
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.data = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      said.data = "Selected";
    }
    setTimeout(() => { said.data = "Copy"; }, 1500);
  });
}
// The target of a link may be in closed details: they are opened on the way.
function reveal(element) {
  for (let at = element; at; at = at.parentElement) {
    if (at instanceof HTMLDetailsElement) at.open = true;
  }
  element.scrollIntoView();
  const focus = element instanceof HTMLDetailsElement ? element.querySelector("summary") : element;
  focus.focus({ preventScroll: true });
}
function target() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* as it is */ }
  return id ? document.getElementById(id) : null;
}
function follow() {
  const found = target();
  if (found) reveal(found);
}
addEventListener("hashchange", follow);
follow();
// A second click on the same link leads there again.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  if (link && link.hash === location.hash) follow();
});
