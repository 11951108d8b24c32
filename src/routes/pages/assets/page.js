// Conveniences that the pages can do without: buttons that copy or print, and buttons that show that they are busy.

for (const block of document.querySelectorAll("[data-copy]")) {
  const button = block.querySelector("button");
  if (!navigator.clipboard || !button) continue;
  const words = button.querySelector("span");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("code").textContent);
    words.textContent = "Copied";
    setTimeout(() => {
      words.textContent = "Copy";
    }, 2000);
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

/** What takes longer than this shows that it is going on. */
const SOON_MS = 400;

document.addEventListener("submit", ({ submitter, defaultPrevented }) => {
  if (submitter && !defaultPrevented) setTimeout(() => submitter.setAttribute("aria-busy", "true"), SOON_MS);
});
// A page that somebody returns to isn't busy any more.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
