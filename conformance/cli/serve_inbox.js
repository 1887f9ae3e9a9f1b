// Looks for new mail every two seconds. A page that loads itself anew would take the focus along.
setInterval(async () => {
  const answer = await fetch("/").catch(() => null);
  if (answer === null) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = document.getElementById("mails"), fresh = page.getElementById("mails");
  if (fresh.textContent !== shown.textContent) shown.replaceChildren(...fresh.childNodes);
}, 2000);
