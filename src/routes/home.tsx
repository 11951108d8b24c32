import type { AppContext } from "./app-env.ts";
import { HomePage } from "./pages/home.tsx";
import { shellOf } from "./shell.ts";

/** `GET /`: says what this server is, for people who come across its address. */
export const getHome = (c: AppContext) => c.html(<HomePage shell={shellOf(c)} />);
