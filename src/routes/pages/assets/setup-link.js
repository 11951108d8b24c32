// A setup link carries its code behind the #, where no server's log sees it. It is put into the form, which is sent.

const form = document.querySelector("form[data-setup]");

function sendCode() {
  const code = location.hash.slice(1);
  if (!form || !code) return;
  history.replaceState(null, "", location.pathname);
  form.code.value = code;
  form.requestSubmit();
}

// The link may be opened where this page is open already.
addEventListener("hashchange", sendCode);
sendCode();
