// What htmx does not do: copying to the clipboard, and telling that a live part has lost its sandbox.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.firstChild;
  const words = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = words; }, 1500);
});

document.addEventListener("htmx:sse:error", () => document.body.classList.add("lost"));
document.addEventListener("htmx:sse:after:connection", () => document.body.classList.remove("lost"));
