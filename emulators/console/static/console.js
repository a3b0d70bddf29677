// What htmx does not do: copying to the clipboard, opening what an address points at, keeping a live table short, and
// telling that a live part has lost its sandbox.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.firstChild;
  const words = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = words; }, 1500);
});

document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const open = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.querySelector("summary").focus();
  }
};
addEventListener("hashchange", open);
open();

document.addEventListener("htmx:sse:after:message", () => {
  for (const row of document.querySelectorAll(".rows tbody > tr:nth-child(n + 501)")) row.remove();
});

document.addEventListener("htmx:sse:error", () => document.body.classList.add("lost"));
document.addEventListener("htmx:sse:after:connection", () => document.body.classList.remove("lost"));
