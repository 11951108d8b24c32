import type { Outbound } from "../../src/dev/workerd.ts";

type Answer = (request: Request) => Response | Promise<Response>;

/** The internet as the Worker sees it: answers by URL, which a test sets, and how often each was requested. */
type Internet = {
  readonly outbound: Outbound;
  serve(url: string, answer: Answer | object, headers?: Record<string, string>): void;
  readonly asked: (url: string) => number;
};

export function createInternet(): Internet {
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  return {
    outbound: async (request) => {
      asked.push(request.url);
      const answer = answers.get(request.url);
      return answer ? answer(request) : new Response("nobody is here", { status: 502 });
    },
    serve: (url, answer, headers = {}) => {
      answers.set(url, typeof answer === "function" ? (answer as Answer) : () => Response.json(answer, { headers }));
    },
    asked: (url) => asked.filter((each) => each === url).length,
  };
}
