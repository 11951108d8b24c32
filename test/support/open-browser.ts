// What a command-line client opens in place of a browser: it tells the test which URL, which then walks there.
await fetch(process.env["OPENED_AT"] ?? "", { method: "POST", body: process.argv[2] ?? "" });
