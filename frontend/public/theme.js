// Before the first paint, so that a page does not flash in the other theme; a file, because the
// policy allows no inline script. src/app/theme.ts writes what is read here.
try {
  var theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage in this browser: the system's theme it is.
}
