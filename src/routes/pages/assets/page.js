// What is nicer with script, and works without: buttons that copy, and one that prints.

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
