import { Layout } from "./layout.tsx";

type Props = { issuer: string; csrf: string; continuation: string; email: string; failed: boolean };

/** The sign-in. A failure is one sentence, whatever was wrong. */
export const LoginPage = ({ issuer, csrf, continuation, email, failed }: Props) => (
  <Layout title="Sign in">
    <h1>Sign in</h1>
    <form method="post" action={`${issuer}/login`}>
      <input type="hidden" name="csrf" value={csrf} />
      <input type="hidden" name="continue" value={continuation} />
      {failed && (
        <p class="error" id="problem" role="alert">
          That email address and password don’t go together.
        </p>
      )}
      <label for="email">Email address</label>
      <input
        id="email"
        name="email"
        type="email"
        autocomplete="username"
        required
        maxlength={320}
        value={email}
        autofocus={email === ""}
        {...(failed ? { "aria-invalid": "true", "aria-describedby": "problem" } : {})}
      />
      <label for="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        maxlength={128}
        autofocus={email !== ""}
        {...(failed ? { "aria-invalid": "true", "aria-describedby": "problem" } : {})}
      />
      <button type="submit">Sign in</button>
    </form>
  </Layout>
);
