import { Command } from "commander";

/**
 * Loaded before the CLI (`node --import`), it prints the CLI's commands with their descriptions, one a line, instead of
 * running one.
 */
Command.prototype.parseAsync = async function (this: Command) {
  const print = (command: Command, path: readonly string[]): void => {
    for (const each of command.commands) {
      const own = [...path, each.name()];
      if (each.commands.length > 0) print(each, own);
      else {
        const usage = [
          ...own,
          ...each.registeredArguments.map((arg) => (arg.required ? `<${arg.name()}>` : `[${arg.name()}]`)),
        ];
        console.log(`${usage.join(" ")}\t${each.description()}`);
      }
    }
  };
  print(this, []);
  return this;
};
