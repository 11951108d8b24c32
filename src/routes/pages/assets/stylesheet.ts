import buttons from "./style/buttons.css" with { type: "text" };
import charts from "./style/charts.css" with { type: "text" };
import forms from "./style/forms.css" with { type: "text" };
import ground from "./style/ground.css" with { type: "text" };
import lists from "./style/lists.css" with { type: "text" };
import notes from "./style/notes.css" with { type: "text" };
import panel from "./style/panel.css" with { type: "text" };
import question from "./style/question.css" with { type: "text" };
import sections from "./style/sections.css" with { type: "text" };
import tables from "./style/tables.css" with { type: "text" };
import tokens from "./style/tokens.css" with { type: "text" };

/** The one stylesheet, from its parts. Later parts override earlier ones. */
export const STYLESHEET = [
  tokens,
  ground,
  question,
  panel,
  sections,
  lists,
  tables,
  notes,
  forms,
  buttons,
  charts,
].join("\n");
