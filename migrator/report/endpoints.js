(() => {
  const levels = new Set();
  const rows = [...document.querySelectorAll("#endpoints tbody tr")];
  const text = document.querySelector("[data-filter=endpoints]");
  const show = () => rows.forEach(row => {
    row.hidden = (levels.size && !levels.has(row.dataset.level)) || !row.textContent.toLowerCase().includes(text.value.toLowerCase());
  });
  text?.addEventListener("input", show);
  document.querySelectorAll("button[data-level]").forEach(button => button.addEventListener("click", () => {
    const level = button.dataset.level;
    levels.has(level) ? levels.delete(level) : levels.add(level);
    button.setAttribute("aria-pressed", levels.has(level));
    show();
  }));
})();
