// A setup link carries its code behind the #, where no server's log sees it. It is put into the form, which is sent.

const form = document.querySelector("form[data-setup]");
const code = location.hash.slice(1);

if (form && code) {
  history.replaceState(null, "", location.pathname);
  form.code.value = code;
  form.requestSubmit();
}
