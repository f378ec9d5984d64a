// A form[data-passkey] is filled in by a passkey: the browser makes ("create") or asks for ("get") a credential, and the
// form carries it to the server. Shown only where the browser can do it.
const canDoIt = window.PublicKeyCredential?.parseRequestOptionsFromJSON;

async function credentialFor(form) {
  const { options, optionsFrom, passkey } = form.dataset;
  const { publicKey } = optionsFrom ? await fetched(optionsFrom) : JSON.parse(options);
  const home = publicKey.rpId ?? publicKey.rp.id;
  if (location.hostname !== home && !location.hostname.endsWith(`.${home}`)) {
    throw new Error(`Passkeys work at ${home}: open Castboard there.`);
  }
  if (passkey === "get") {
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  }
  // Signing in with nothing but the passkey asks more of it: that it remembers whom it is for, and checks who holds it.
  if (form.elements.passwordless?.checked) {
    publicKey.authenticatorSelection = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
  }
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
}

async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("Castboard did not answer. Try again in a minute.");
  return (await answer.json()).request_options;
}

function inPlainWords(error) {
  if (error.name === "NotAllowedError") return "No passkey was used. Try again, or sign in another way.";
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (error.name === "SecurityError") return "Passkeys need a name in the address, such as localhost, and no bare IP address.";
  return error.message;
}

for (const form of canDoIt ? document.querySelectorAll("form[data-passkey]") : []) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-passkey-problem]");
    problem.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await credentialFor(form));
      form.submit();
    } catch (error) {
      problem.textContent = inPlainWords(error);
      problem.hidden = false;
    }
  });
}
