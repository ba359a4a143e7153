// Before the first paint, so that a dark room stays dark. Storage may be forbidden; then the choice lasts for the page.
window.covidcxrTheme = {
  read: () => { try { return localStorage.getItem('theme'); } catch { return null; } },
  zoneMinutes: () => new Date().getTimezoneOffset(),
  write: theme => {
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem('theme', theme); } catch { /* the page itself has it */ }
    // The account pages are drawn by the server alone.
    const { pathname } = new URL(document.baseURI);
    document.cookie = `theme=${theme}; path=${pathname}; max-age=31536000; samesite=strict`;
  },
};
document.documentElement.dataset.theme = window.covidcxrTheme.read() ?? 'dark';
