// The program that a command-line client opens instead of a browser. It tells the test the URL, which the test then
// visits.
await fetch(process.env["OPENED_AT"] ?? "", { method: "POST", body: process.argv[2] ?? "" });
