/** Passkeys in this browser: what the server asks an authenticator for, and the answer in the API's words. */

import type { Answer } from "./api/client";

type NewOptions = Answer<"passkey_options">["data"];
type SignInOptions = Answer<"sign_in_options">["data"];

/** Why no passkey came about: the person said no or took too long, it is there already, or the browser allows none here. */
export type Refusal = "cancelled" | "known" | "impossible";
export type Asked = { ok: true; body: Record<string, string> } | { ok: false; why: Refusal };

/** Whether browsers allow passkeys at this address: it needs a name, and TLS or this machine. */
export function mayUsePasskeys(): boolean {
  const isAddress = /^[\d.]+$|^\[/.test(location.hostname);
  return isSecureContext && !isAddress && typeof PublicKeyCredential === "function";
}

/** Have an authenticator make a passkey. */
export async function makePasskey(options: NewOptions): Promise<Asked> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    rp: options.rp,
    user: { id: bytes(options.user.id), name: options.user.name, displayName: options.user.displayName },
    challenge: bytes(options.challenge),
    pubKeyCredParams: options.pubKeyCredParams.map(({ alg }) => ({ type: "public-key", alg })),
    timeout: options.timeout,
    excludeCredentials: options.excludeCredentials.map(({ id }) => ({ type: "public-key", id: bytes(id) })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    attestation: "none",
  };
  return ask(() => navigator.credentials.create({ publicKey }), (response) => ({
    attestation: text((response as AuthenticatorAttestationResponse).attestationObject),
  }));
}

/** Have an authenticator sign in. It shows the accounts that it knows here. */
export async function usePasskey(options: SignInOptions): Promise<Asked> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: bytes(options.challenge), timeout: options.timeout, userVerification: "required",
  };
  return ask(() => navigator.credentials.get({ publicKey }), (response) => {
    const given = response as AuthenticatorAssertionResponse;
    return {
      authenticatorData: text(given.authenticatorData),
      signature: text(given.signature),
      userHandle: given.userHandle ? text(given.userHandle) : "",
    };
  });
}

async function ask(
  start: () => Promise<Credential | null>, rest: (response: AuthenticatorResponse) => Record<string, string>,
): Promise<Asked> {
  try {
    const found = await start();
    if (!(found instanceof PublicKeyCredential)) return { ok: false, why: "cancelled" };
    const { rawId, response } = found;
    return { ok: true, body: { id: text(rawId), clientData: text(response.clientDataJSON), ...rest(response) } };
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    const why = name === "InvalidStateError" ? "known" : name === "NotAllowedError" || name === "AbortError" ? "cancelled" : "impossible";
    return { ok: false, why };
  }
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (each) => each.charCodeAt(0));
}

function text(value: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(value), (each) => String.fromCharCode(each)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
