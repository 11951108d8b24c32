import { readFileSync } from "node:fs";
import { projectFile } from "../../src/dev/workerd.ts";

export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly isPage: boolean;
};

/** Every route in the server's map, with an id that nobody has. A new route can't be forgotten by a test. */
export function readServerMap(): readonly Route[] {
  const map = readFileSync(projectFile("src/app.ts"), "utf8");
  const routes = [...map.matchAll(/(json|pages)\.(get|post|put|delete)\(\s*`([^`*]+)`/g)].map(
    ([, group, method = "", path = ""]) => ({
      method: method.toUpperCase() as Route["method"],
      path: path
        .replace(/\$\{path\}/, "")
        .replace(":id", crypto.randomUUID())
        .replace(/\$\{(?:change|change)\}/, "delete"),
      isPage: group === "pages",
    }),
  );
  if (routes.length < 60 || routes.some(({ path }) => !/^\/[\w./-]*$/.test(path)))
    throw new Error("src/app.ts reads otherwise now");
  return routes;
}
