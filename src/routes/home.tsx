import type { AppContext } from "./app-env.ts";
import { frameOf } from "./frame.ts";
import { HomePage } from "./pages/home.tsx";

/** `GET /`: what this server is, for whoever comes across its address. */
export const getHome = (c: AppContext) => c.html(<HomePage frame={frameOf(c)} />);
