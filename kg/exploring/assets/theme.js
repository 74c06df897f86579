// The colours, set before anything is drawn: those that were chosen, else those of the system.
(() => {
  const root = document.documentElement;
  let chosen = null;
  try {
    chosen = localStorage.getItem("kg-theme");
  } catch {
    // storage can be switched off; then the system's colours stay
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const dark = chosen ? chosen === "dark" : system.matches;
    root.dataset.theme = dark ? "dark" : "light";
    document.getElementById("theme")?.setAttribute("aria-pressed", String(dark));
    document.dispatchEvent(new Event("themechange"));
  };
  system.addEventListener("change", apply);
  apply();
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    document.getElementById("theme").addEventListener("click", () => {
      chosen = root.dataset.theme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("kg-theme", chosen);
      } catch {
        // as above
      }
      apply();
    });
  });
})();
