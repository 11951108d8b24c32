import { spawn } from "node:child_process";

/** Opens a browser if there is one. */
export function openBrowser(url: string): void {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  spawn(opener, [url], { detached: true, stdio: "ignore" })
    .once("error", () => console.error("There is no browser to open here. Follow the link yourself."))
    .unref();
}
