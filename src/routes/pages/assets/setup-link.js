// A setup link carries its code after the #, which no server's log sees. This puts the code into the form and submits it.

const form = document.querySelector("form[data-setup]");

function sendCode() {
  const code = location.hash.slice(1);
  if (!form || !code) return;
  history.replaceState(null, "", location.pathname);
  form.code.value = code;
  form.requestSubmit();
}

// The link may be opened in a tab that already shows this page.
addEventListener("hashchange", sendCode);
sendCode();
