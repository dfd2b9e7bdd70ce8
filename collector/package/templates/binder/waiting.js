// Ask again until the page itself comes, and tell how far it is meanwhile.
const told = document.querySelector("[role=status]");
const ask = async () => {
  try {
    const answer = await fetch(location.href);
    if (answer.status !== 503) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.querySelector("[role=status]").textContent;
    if (said !== told.textContent) told.textContent = said;
  } catch {
    told.textContent = "Nobody answers any more: was the program stopped?";
  }
  setTimeout(ask, 1500);
};
setTimeout(ask, 1500);
