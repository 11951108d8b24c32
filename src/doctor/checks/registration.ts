import { type Answer, describeAnswer, textOf, textsOf } from "../answer.ts";
import { type Check, type Judgement, judgeIf, unknown } from "../check.ts";
import type { Evidence, Registration } from "../evidence.ts";
import { isAllowedForBrowsers } from "./cors.ts";

const group = "Registration";

/** Judges an answer of the registration endpoint, if it was called and didn't ask to wait. */
const ofAnswer =
  (pick: (evidence: Evidence) => Answer | null | undefined, judge: (answer: Answer) => Judgement) =>
  (evidence: Evidence): Judgement => {
    const answer = pick(evidence);
    if (!answer) return unknown("nothing was registered");
    if (answer.trouble) return unknown(`the registration endpoint: ${answer.trouble}`);
    return answer.status === 429 ? unknown("the server limits registrations; come again later") : judge(answer);
  };

/** Judges the doctor's own registration, if there is one. */
const ofOwn =
  (judge: (own: Registration & { readonly json: NonNullable<Answer["json"]> }) => Judgement) =>
  (evidence: Evidence): Judgement => {
    const { own } = evidence.registration;
    const json = own?.answer.json;
    return own?.clientId && json ? judge({ ...own, json }) : unknown("nothing was registered");
  };

const isRefusal = ({ status, json }: Answer, codes: readonly string[]) =>
  status === 400 && codes.includes(textOf(json, "error") ?? "");

export const REGISTRATION_CHECKS: readonly Check[] = [
  {
    id: "registration",
    group,
    title: "A native app without a secret may register",
    rule: "RFC 7591 §3.2.1; RFC 8252 §7.3",
    remedy:
      "Answer 201 with client_id to a registration that has a loopback redirect URI and token_endpoint_auth_method none.",
    level: "fail",
    judge: ofAnswer(
      ({ registration }) => registration.own?.answer,
      (answer) =>
        answer.status === 401 || answer.status === 403
          ? unknown("registration needs a token here, which is the owner's choice")
          : judgeIf(
              answer.status === 201 && textOf(answer.json, "client_id") !== null,
              () => `the answer is ${describeAnswer(answer)}`,
            ),
    ),
  },
  {
    id: "registration-kept",
    group,
    title: "The answer says what was registered",
    rule: "RFC 7591 §3.2.1",
    remedy: "Answer with all metadata that is now in effect: redirect_uris, grant_types, token_endpoint_auth_method.",
    level: "fail",
    judge: ofOwn(({ sent, json }) => {
      const uris = textsOf(json, "redirect_uris") ?? [];
      return judgeIf(
        uris.join(" ") === sent.redirect_uris.join(" "),
        `redirect_uris is ${JSON.stringify(json["redirect_uris"])}`,
      );
    }),
  },
  {
    id: "registration-public",
    group,
    title: "A client without a secret stays one",
    rule: "RFC 7591 §2 and §3.2.1; RFC 8252 §8.4",
    remedy: "Give no client_secret to a client that registered with none, and keep its method.",
    level: "fail",
    judge: ofOwn(({ json }) => {
      const method = textOf(json, "token_endpoint_auth_method");
      return judgeIf(
        method === "none" && !json["client_secret"],
        `the method is ${method}${json["client_secret"] ? ", and there is a secret" : ""}`,
      );
    }),
  },
  {
    id: "registration-nulls",
    group,
    title: "No member of the answer is null",
    rule: "known from the official SDK: it refuses null where it expects a text or nothing",
    remedy: "Leave out what has no value.",
    level: "fail",
    judge: ofOwn(({ json }) => {
      const nulls = Object.entries(json)
        .filter(([, value]) => value === null)
        .map(([name]) => name);
      return judgeIf(nulls.length === 0, `${nulls.join(", ")} is null`);
    }),
  },
  {
    id: "registration-script",
    group,
    title: "A redirect URI that runs a script is refused",
    rule: "RFC 7591 §5; RFC 9700 §4.1.3",
    remedy:
      "Accept https, http on loopback and private-use schemes, and answer 400 invalid_redirect_uri to javascript:, data: and similar ones.",
    level: "fail",
    judge: ofAnswer(
      ({ registration }) => registration.script,
      (answer) =>
        judgeIf(answer.status >= 400 && answer.status < 500, () => `javascript: is answered ${describeAnswer(answer)}`),
    ),
  },
  {
    id: "registration-fragment",
    group,
    title: "A redirect URI with a fragment is refused",
    rule: "RFC 6749 §3.1.2; OAuth 2.1 §2.3.1",
    remedy: "Answer 400 invalid_redirect_uri.",
    level: "warn",
    judge: ofAnswer(
      ({ registration }) => registration.fragment,
      (answer) =>
        judgeIf(answer.status >= 400 && answer.status < 500, () => `it is answered ${describeAnswer(answer)}`),
    ),
  },
  {
    id: "registration-error",
    group,
    title: "A refusal says why, in the form of RFC 7591",
    rule: "RFC 7591 §3.2.2",
    remedy: "Answer 400 with JSON: error is invalid_redirect_uri or invalid_client_metadata.",
    level: "warn",
    judge: ofAnswer(
      ({ registration }) => registration.script,
      (answer) =>
        answer.status === 201
          ? unknown("nothing was refused")
          : judgeIf(
              isRefusal(answer, ["invalid_redirect_uri", "invalid_client_metadata"]),
              () => `it is answered ${describeAnswer(answer)}`,
            ),
    ),
  },
  {
    id: "registration-caching",
    group,
    title: "The answer is not stored",
    rule: "RFC 7591 §3.2.1",
    remedy: "Send Cache-Control: no-store, since a secret may be in it.",
    level: "warn",
    judge: ofOwn(({ answer }) => {
      const control = answer.headers.get("Cache-Control") ?? "";
      return judgeIf(/no-store/i.test(control), `Cache-Control is ${control || "missing"}`);
    }),
  },
  {
    id: "registration-cors",
    group,
    title: "A page may register",
    rule: "Fetch (CORS protocol); known from MCP Inspector",
    remedy: "Send Access-Control-Allow-Origin with the answer, and answer OPTIONS.",
    level: "warn",
    judge: ofAnswer(
      ({ registration }) => registration.clients.get("inspector")?.answer,
      (answer) => judgeIf(isAllowedForBrowsers(answer), "there is no Access-Control-Allow-Origin for it"),
    ),
  },
];
