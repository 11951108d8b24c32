import { isBotBlock } from "../bot-block.ts";
import { type Check, holds, judgeIf, unknown } from "../check.ts";
import { allAnswers, isLoopback } from "../evidence.ts";

const group = "Transport";
const SLOW_MS = 5000;
const FORTNIGHT_MS = 14 * 24 * 3600 * 1000;

export const TRANSPORT_CHECKS: readonly Check[] = [
  {
    id: "transport-reached",
    group,
    title: "Every request is answered",
    rule: "known from all clients: discovery, registration and tokens give up after 10 seconds",
    remedy: "Check DNS, the certificate and the firewall of the host.",
    level: "fail",
    judge: (evidence) => {
      const lost = allAnswers(evidence).filter(
        ({ trouble }) =>
          trouble !== null && trouble !== "host not named" && trouble !== "too many requests" && trouble !== "no URL",
      );
      return judgeIf(lost.length === 0, () =>
        lost
          .slice(0, 3)
          .map(({ request, trouble }) => `${request}: ${trouble}`)
          .join("; "),
      );
    },
  },
  {
    id: "transport-https",
    group,
    title: "The server is reached over https",
    rule: "OAuth 2.1 §1.5; MCP authorization",
    remedy: "Serve it over https. http is only for this machine.",
    level: "fail",
    judge: ({ target, issuer }) => {
      const urls = [target, ...(issuer && URL.canParse(issuer) ? [new URL(issuer)] : [])];
      const open = urls.filter((url) => url.protocol !== "https:" && !isLoopback(url));
      return judgeIf(open.length === 0, () => open.join(" and "));
    },
  },
  {
    id: "transport-tls",
    group,
    title: "It speaks TLS 1.2 or later",
    rule: "RFC 9325 §3.1.1; RFC 8996",
    remedy: "Turn TLS 1.0 and 1.1 off, and 1.3 on.",
    level: "fail",
    judge: ({ tls }) => {
      const old = tls.filter(({ protocol }) => protocol !== null && !/^TLSv1\.[23]$/.test(protocol));
      return judgeIf(old.length === 0, () => old.map(({ host, protocol }) => `${host} speaks ${protocol}`).join("; "));
    },
  },
  {
    id: "transport-certificate",
    group,
    title: "The certificate is valid for two more weeks",
    rule: "RFC 5280 §4.1.2.5; known from all clients, which refuse an expired one",
    remedy: "Renew it, and find out why it wasn't renewed automatically.",
    level: "warn",
    judge: ({ tls }) => {
      const soon = tls.filter(({ validTo }) => validTo !== null && validTo.getTime() < Date.now() + FORTNIGHT_MS);
      return judgeIf(soon.length === 0, () =>
        soon
          .map(({ host, validTo }) => `the certificate of ${host} ends ${validTo?.toISOString().slice(0, 10)}`)
          .join("; "),
      );
    },
  },
  {
    id: "transport-port",
    group,
    title: "It listens on port 443",
    rule: "known from Claude, which connects to no other port",
    remedy: "Serve it on port 443.",
    level: "warn",
    judge: ({ target }) => (isLoopback(target) ? holds : judgeIf(target.port === "", `the port is ${target.port}`)),
  },
  {
    id: "transport-redirects",
    group,
    title: "Nothing redirects to another host",
    rule: "known from Claude and the official SDK, which don't follow; RFC 9110 §15.4",
    remedy: "Answer at the address itself, whether or not it has www or a slash.",
    level: "fail",
    judge: ({ resource, server, token, registration }) => {
      const answers = [
        ...(resource ? [resource.withoutToken, ...resource.metadata.tried] : []),
        ...server.tried,
        ...token.probes.values(),
        ...(registration.own ? [registration.own.answer] : []),
      ];
      const away = answers.filter(({ location, status }) => location !== null && status >= 300 && status < 400);
      return judgeIf(away.length === 0, () =>
        away.map(({ request, location }) => `${request} leads to ${location?.origin}`).join("; "),
      );
    },
  },
  {
    id: "transport-errors",
    group,
    title: "No answer is a server error",
    rule: "RFC 6749 §5.2; known from the official SDK, which ends discovery at a 5xx",
    remedy: "Answer bad input with 4xx. The server's log has the cause.",
    level: "fail",
    judge: (evidence) => {
      const failed = allAnswers(evidence).filter(({ status }) => status >= 500);
      return judgeIf(failed.length === 0, () =>
        failed.map(({ request, status }) => `${request} is answered ${status}`).join("; "),
      );
    },
  },
  {
    id: "transport-time",
    group,
    title: "Every answer comes within five seconds",
    rule: "known from all clients, which wait for ten",
    remedy: "Find out what is slow, such as a sleeping database or a distant region.",
    level: "warn",
    judge: (evidence) => {
      const slow = allAnswers(evidence).filter(({ ms, trouble }) => !trouble && ms > SLOW_MS);
      return judgeIf(slow.length === 0, () =>
        slow.map(({ request, ms }) => `${request} took ${Math.round(ms / 1000)} s`).join("; "),
      );
    },
  },
  {
    id: "transport-bots",
    group,
    title: "Nothing in front of the server takes clients for bots",
    rule: "known from Claude and ChatGPT, whose requests come from data centres",
    remedy: "Exempt the paths of MCP and OAuth from bot blocking. Claude's requests come from 160.79.104.0/21.",
    level: "fail",
    judge: (evidence) => {
      const blocked = allAnswers(evidence).find(isBotBlock);
      return judgeIf(
        !blocked,
        () => `${blocked?.request} is answered ${blocked?.status} by what looks like bot blocking`,
      );
    },
  },
  {
    id: "transport-hsts",
    group,
    title: "Browsers are told to stay with https",
    rule: "RFC 6797 §6.1; RFC 9700 §2.6",
    remedy: "Send Strict-Transport-Security from the authorization server.",
    level: "warn",
    judge: ({ authorize, issuer }) => {
      const page = authorize.probes.get("good");
      if (!issuer || !page || page.trouble) return unknown("there was no page");
      if (URL.canParse(issuer) && isLoopback(new URL(issuer))) return holds;
      return judgeIf(page.headers.has("Strict-Transport-Security"), "there is no Strict-Transport-Security");
    },
  },
];
