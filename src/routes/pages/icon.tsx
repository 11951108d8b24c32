import archiveBox from "heroicons/24/outline/archive-box.svg" with { type: "text" };
import arrowDown from "heroicons/24/outline/arrow-down.svg" with { type: "text" };
import arrowDownTray from "heroicons/24/outline/arrow-down-tray.svg" with { type: "text" };
import arrowLeft from "heroicons/24/outline/arrow-left.svg" with { type: "text" };
import arrowRight from "heroicons/24/outline/arrow-right.svg" with { type: "text" };
import arrowRightStartOnRectangle from "heroicons/24/outline/arrow-right-start-on-rectangle.svg" with { type: "text" };
import arrowUp from "heroicons/24/outline/arrow-up.svg" with { type: "text" };
import arrowsRightLeft from "heroicons/24/outline/arrows-right-left.svg" with { type: "text" };
import bars3 from "heroicons/24/outline/bars-3.svg" with { type: "text" };
import bellAlert from "heroicons/24/outline/bell-alert.svg" with { type: "text" };
import bolt from "heroicons/24/outline/bolt.svg" with { type: "text" };
import check from "heroicons/24/outline/check.svg" with { type: "text" };
import checkBadge from "heroicons/24/outline/check-badge.svg" with { type: "text" };
import checkCircle from "heroicons/24/outline/check-circle.svg" with { type: "text" };
import clipboardDocument from "heroicons/24/outline/clipboard-document.svg" with { type: "text" };
import clipboardDocumentList from "heroicons/24/outline/clipboard-document-list.svg" with { type: "text" };
import clock from "heroicons/24/outline/clock.svg" with { type: "text" };
import computerDesktop from "heroicons/24/outline/computer-desktop.svg" with { type: "text" };
import devicePhoneMobile from "heroicons/24/outline/device-phone-mobile.svg" with { type: "text" };
import exclamationTriangle from "heroicons/24/outline/exclamation-triangle.svg" with { type: "text" };
import eye from "heroicons/24/outline/eye.svg" with { type: "text" };
import fingerPrint from "heroicons/24/outline/finger-print.svg" with { type: "text" };
import globeAlt from "heroicons/24/outline/globe-alt.svg" with { type: "text" };
import heart from "heroicons/24/outline/heart.svg" with { type: "text" };
import informationCircle from "heroicons/24/outline/information-circle.svg" with { type: "text" };
import key from "heroicons/24/outline/key.svg" with { type: "text" };
import link from "heroicons/24/outline/link.svg" with { type: "text" };
import magnifyingGlass from "heroicons/24/outline/magnifying-glass.svg" with { type: "text" };
import stopCircle from "heroicons/24/outline/minus-circle.svg" with { type: "text" };
import pencilSquare from "heroicons/24/outline/pencil-square.svg" with { type: "text" };
import plus from "heroicons/24/outline/plus.svg" with { type: "text" };
import printer from "heroicons/24/outline/printer.svg" with { type: "text" };
import puzzlePiece from "heroicons/24/outline/puzzle-piece.svg" with { type: "text" };
import questionMarkCircle from "heroicons/24/outline/question-mark-circle.svg" with { type: "text" };
import serverStack from "heroicons/24/outline/server-stack.svg" with { type: "text" };
import shieldCheck from "heroicons/24/outline/shield-check.svg" with { type: "text" };
import shieldExclamation from "heroicons/24/outline/shield-exclamation.svg" with { type: "text" };
import squares2x2 from "heroicons/24/outline/squares-2x2.svg" with { type: "text" };
import ticket from "heroicons/24/outline/ticket.svg" with { type: "text" };
import trash from "heroicons/24/outline/trash.svg" with { type: "text" };
import tv from "heroicons/24/outline/tv.svg" with { type: "text" };
import user from "heroicons/24/outline/user.svg" with { type: "text" };
import users from "heroicons/24/outline/users.svg" with { type: "text" };
import { raw } from "hono/html";

/** The icons of the pages, by their meaning. They are from Heroicons (MIT), and are part of the page itself. */
const ICONS = {
  circle: stopCircle,
  event: bellAlert,
  health: heart,
  check_circle: checkCircle,
  person: user,
  trash: trash,
  plus: plus,
  down: arrowDown,
  up: arrowUp,
  apps: puzzlePiece,
  arrow_right: arrowRight,
  arrows: arrowsRightLeft,
  audit: clipboardDocumentList,
  back: arrowLeft,
  bolt: bolt,
  broad: shieldExclamation,
  change: pencilSquare,
  check: check,
  checked: checkBadge,
  clock: clock,
  computer: computerDesktop,
  connections: link,
  copy: clipboardDocument,
  device: tv,
  download: arrowDownTray,
  ended: archiveBox,
  eye: eye,
  finger_print: fingerPrint,
  globe: globeAlt,
  info: informationCircle,
  key: key,
  menu: bars3,
  overview: squares2x2,
  people: users,
  phone: devicePhoneMobile,
  print: printer,
  question: questionMarkCircle,
  registration: ticket,
  search: magnifyingGlass,
  security: shieldCheck,
  servers: serverStack,
  sign_ins: computerDesktop,
  sign_out: arrowRightStartOnRectangle,
  warning: exclamationTriangle,
} as const;

export type IconName = keyof typeof ICONS;

/** Without attributes that the stylesheet sets for all icons, since a page may have a hundred. */
const slim = (svg: string): string =>
  svg
    .replace(/<svg [^>]*>/, '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">')
    .replaceAll(/ stroke-line(?:cap|join)="round"|\n\s*/g, "");

const SLIM = Object.fromEntries(Object.entries(ICONS).map(([name, svg]) => [name, raw(slim(svg))]));

/** An icon. It always goes with words that say the same, so screen readers skip it. */
export const Icon = ({ name }: { name: IconName }) => SLIM[name];
