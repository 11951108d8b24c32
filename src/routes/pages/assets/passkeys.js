// Passkeys (WebAuthn Level 3). Each form that needs one carries the options. The authenticator's answer goes into its field
// `credential`, and the form is submitted like any other.

const supported = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;

if (supported) for (const form of document.querySelectorAll("form[data-passkey]")) void prepare(form);
else for (const each of document.querySelectorAll(".scripted")) each.hidden = true;

async function prepare(form) {
  const options = JSON.parse(form.dataset.options);
  if (form.dataset.passkey === "create") return prepareToCreate(form, options);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  let waiting = null;
  form.addEventListener("submit", (event) => {
    if (form.credential.value) return;
    event.preventDefault();
    // Only one request may be open at a time.
    waiting?.abort();
    waiting = null;
    void submitWith(form, () => navigator.credentials.get({ publicKey }));
  });
  waiting = await offerInField(form, publicKey);
}

function prepareToCreate(form, options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  form.addEventListener("submit", (event) => {
    if (form.credential.value) return;
    event.preventDefault();
    void submitWith(form, () => navigator.credentials.create({ publicKey }));
  });
}

/** Lets the browser offer passkeys where it fills in the email address (conditional UI). */
async function offerInField(form, publicKey) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return null;
  const waiting = new AbortController();
  void navigator.credentials
    .get({ publicKey, mediation: "conditional", signal: waiting.signal })
    .then((credential) => submit(form, credential))
    .catch(() => {});
  return waiting;
}

async function submitWith(form, ask) {
  const problem = form.querySelector("[role=alert]");
  problem.hidden = true;
  try {
    submit(form, await ask());
  } catch (error) {
    problem.textContent =
      error.name === "InvalidStateError"
        ? "This device has a passkey here already."
        : "No passkey was used. You can try again.";
    problem.hidden = false;
  }
}

function submit(form, credential) {
  form.credential.value = JSON.stringify(credential.toJSON());
  form.requestSubmit();
}
