import { isCancel, log, password, text } from "@clack/prompts";
import type { Answers } from "./answers.ts";
import { QUESTIONS, type Question } from "./questions.ts";

/** Sources of answers that save asking. */
type Given = {
  readonly env: string | undefined;
  /** Flags, by the name of the question. */
  readonly flags: Partial<Answers>;
  /** Variables, from the shell or from a named file. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The answers of the last time. */
  readonly kept: Partial<Answers> | null;
};

/**
 * Collects the answers and checks each before the next. Flags come first, then variables, stored answers, and the
 * person.
 */
export async function collectAnswers(given: Given): Promise<Answers> {
  const lacking = QUESTIONS.filter((question) => find(question, given) === null);
  const isAlone = !process.stdin.isTTY;
  if (isAlone && lacking.length > 0)
    throw new Error(
      `There is no terminal to prompt in. Set ${lacking.map(({ flag, variable }) => (flag ? `${flag} or ${variable}` : variable)).join(", ")}.`,
    );
  const answers: Partial<Record<keyof Answers, string>> = {};
  for (const question of QUESTIONS) answers[question.name] = await answer(question, given, answers);
  return answers as Answers;
}

const find = ({ name, variable }: Question, { flags, variables, kept }: Given): string | null =>
  flags[name] || variables[variable] || kept?.[name] || null;

async function answer(question: Question, given: Given, before: Partial<Answers>): Promise<string> {
  const found = find(question, given);
  let typed = found ?? (await ask(question));
  for (;;) {
    const value = question.read(typed, given.env);
    const problem = typeof value === "string" ? await question.check(value, before) : value.problem;
    if (problem === null && typeof value === "string") return value;
    const sentence = `${question.flag ?? question.variable}: ${problem}`;
    if (!process.stdin.isTTY) throw new Error(sentence);
    log.error(sentence);
    typed = await ask(question);
  }
}

async function ask({ message, placeholder, flag, name }: Question): Promise<string> {
  const typed =
    flag === null
      ? await password({ message })
      : await text({ message, placeholder, ...(name === "origins" ? { defaultValue: placeholder } : {}) });
  if (isCancel(typed)) throw new Error("Nothing was changed.");
  return typed ?? "";
}
