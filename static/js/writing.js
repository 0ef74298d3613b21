// Each answer is saved as it is typed, and what others on the team write comes in. Without this
// script the page saves by its buttons.
//
// A unit is what is saved by itself: a field, a line of the budget ("line-KEY"), or all of the
// municipalities ("parts"). For each the browser knows the version it has seen; the server takes
// an answer only if nobody has changed it since, so nothing is overwritten unseen.

import { addLine } from "./budget.js";
import { call, forget, keep, keptOf, post, sendRest } from "./kept.js";
import { ore } from "./money.js";

const PAUSE = 700; // after the last key
const ASK_EVERY = 4000;
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 60_000;
const NEAR = 20; // characters left when it is said aloud

const form = document.querySelector("form[data-writing]");
const words = JSON.parse(document.getElementById("words").textContent);
const draft = { writer: form.dataset.writer, reference: form.dataset.writing };
const saved = form.querySelector("[data-saved]");
const told = saved.querySelector("[data-told]");
const aloud = form.querySelector("[data-aloud]");

let seen = Number(form.dataset.seen); // of what was on the page, and what came in later
const ours = new Map(); // unit: the version at which this page saved it
const unsent = new Map(); // unit: what is typed and not acknowledged, as kept.js keeps it
const held = new Map(); // unit: what others wrote in a field that is being written in
const conflicts = new Map(); // unit: the panel that shows both
const mistakes = new Map(); // unit: {name of an input: sentence}, told when one leaves it
let typedIn = ""; // the unit that somebody writes in at this moment
let sending = null;
let wait = 0;
let isLeaving = false;
let sendTimer, askTimer, aloudTimer;

// --- units and their inputs --------------------------------------------------------------------

function unitOf(name) {
  if (name.startsWith("part-")) return "parts";
  if (name.startsWith("line-")) return name.slice(0, name.lastIndexOf("-"));
  return name.replace(/^(own-.*)-shown$/, "$1");
}

const NOT_OURS = ["csrfmiddlewaretoken", "writer", "seen", "later", ""];
const isOurs = (input) => !NOT_OURS.includes(input.name ?? "");
const inputsOf = (unit) =>
  [...form.elements].filter((input) => isOurs(input) && unitOf(input.name) === unit);
const shownOf = (unit) => inputsOf(unit).filter((input) => input.type !== "hidden");
const inputNamed = (name) => form.querySelector(`[name="${CSS.escape(name)}"]`);
const boxOf = (unit) =>
  unit === "parts"
    ? form.querySelector('[data-question="parts"]')
    : inputsOf(unit)[0].closest("[data-line], .question");

// {name: [value]}, as the form would send them.
function valuesOf(unit) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (unitOf(name) === unit) (values[name] ??= []).push(value);
  }
  return values;
}

function fill(unit, values) {
  for (const input of shownOf(unit)) {
    const given = values[input.name] ?? [];
    if (["radio", "checkbox"].includes(input.type)) input.checked = given.includes(input.value);
    else input.value = given[0] ?? "";
  }
  shownOf(unit).forEach(countLeft);
  form.dispatchEvent(new Event("filled"));
}

// {unit: {name: [value]}} of what the server says; a line that is gone has no values.
function byUnit(values) {
  const units = {};
  for (const [name, value] of Object.entries(values)) {
    const unit = value === null ? name : unitOf(name);
    units[unit] ??= {};
    if (value !== null) units[unit][name] = [value].flat().map(String);
  }
  return units;
}

// Whether two mean the same: the server gives amounts and percentages back in its own way.
function same(unit, some, others) {
  if (unit === "parts") return partsOf(some, others) === partsOf(others, some);
  return shownOf(unit).every((input) => bare(input, some) === bare(input, others));
}

function bare(input, values) {
  const text = [...(values[input.name] ?? [])].sort().join("\n").replaceAll("\r\n", "\n").trim();
  if (input.inputMode === "decimal") return String(ore(text) ?? text);
  return input.inputMode === "numeric" ? text.replace(/[\s%]/g, "") : text;
}

// Without its percentages a share is as equal as the other's: the server works them out.
function partsOf(values, others) {
  const hasBlank = [values, others].some((each) => rowsOf(each).some(([, percent]) => !percent));
  const told = rowsOf(values).map(([place, percent]) => (hasBlank ? place : `${place} ${percent}`));
  return told.sort().join();
}

function rowsOf(values) {
  return Object.keys(values)
    .filter((name) => name.endsWith("-municipality") && values[name][0])
    .map((name) => [name, values[name.replace("municipality", "percent")]?.[0] ?? ""])
    .map(([name, percent]) => [values[name][0], percent.replace(/[\s%]/g, "")]);
}

// What people read of it, beside another's.
function textOf(unit, values) {
  const parts = shownOf(unit).flatMap((input) => {
    const given = values[input.name] ?? [];
    if (input.tagName === "SELECT") {
      const chosen = [...input.options].filter((each) => each.value && given.includes(each.value));
      return chosen.map((each) => each.text);
    }
    if (!["radio", "checkbox"].includes(input.type)) return given;
    return given.includes(input.value) ? [input.labels[0].textContent.trim()] : [];
  });
  return parts.filter(Boolean).join(", ") || words.empty;
}

// --- what is told ------------------------------------------------------------------------------

// The same sentence is not said twice: a screen reader hears a change, not each save.
function tell(state, sentence = words[state]) {
  saved.dataset.state = state;
  if (told.textContent !== sentence) told.textContent = sentence;
  saved.querySelector("[data-log-in]").hidden = state !== "logged_out";
}

function say(sentence, pause = 0) {
  clearTimeout(aloudTimer);
  aloudTimer = setTimeout(() => (aloud.textContent = sentence), pause);
}

function note(unit, sentence) {
  const box = boxOf(unit);
  box.querySelector(".field__note")?.remove();
  const line = document.createElement("p");
  line.className = "field__note";
  line.textContent = sentence;
  box.append(line);
}

function fromTemplate(name) {
  return form.querySelector(`template[data-${name}]`).content.firstElementChild.cloneNode(true);
}

// As templates/django/forms/field.html shows it.
function showMistake(name, sentence) {
  const input = inputNamed(name);
  const field = input ? input.closest(".field") : boxOf(name);
  clearMistake(field);
  const error = fromTemplate("mistake");
  error.id = input ? `id_${name}_error` : `${name}_error`;
  error.querySelector("[data-sentence]").textContent = sentence;
  const above = [".field__help", "legend, .field__label"].map((each) => field.querySelector(each));
  above.find(Boolean).after(error);
  field.classList.add("field--wrong");
  if (input) describe(input, error.id);
  say(sentence);
}

function describe(input, id) {
  input.setAttribute("aria-invalid", "true");
  const by = input.getAttribute("aria-describedby");
  input.setAttribute("aria-describedby", by ? `${by} ${id}` : id);
}

function clearMistake(field) {
  field.classList.remove("field--wrong");
  const error = field.querySelector(":scope > .field__error");
  if (!error) return;
  for (const input of field.querySelectorAll(`[aria-describedby~="${CSS.escape(error.id)}"]`)) {
    input.removeAttribute("aria-invalid");
    const by = input.getAttribute("aria-describedby").split(" ");
    const others = by.filter((each) => each !== error.id);
    if (others.length) input.setAttribute("aria-describedby", others.join(" "));
    else input.removeAttribute("aria-describedby");
  }
  error.remove();
}

// Nothing turns red under somebody's hands: only what they are not in now.
function showMistakes(unit, isIn = document.activeElement?.name) {
  for (const [name, sentence] of Object.entries(mistakes.get(unit) ?? {})) {
    if (name !== isIn) showMistake(name, sentence);
  }
}

function clearMistakes(unit) {
  mistakes.delete(unit);
  for (const input of shownOf(unit)) clearMistake(input.closest(".field"));
  if (unit === "parts") clearMistake(boxOf(unit));
}

// As the server counts: characters, an emoji one, without what is around the text.
function countLeft(input) {
  if (!input.dataset?.most) return;
  const left = Number(input.dataset.most) - [...input.value.trim()].length;
  const sentence = (left < 0 ? words.over : words.left).replace("{count}", Math.abs(left));
  let line = input.nextElementSibling;
  if (!line?.matches(".field__left")) {
    line = document.createElement("p");
    line.className = "field__left";
    input.after(line);
  }
  line.textContent = sentence;
  line.classList.toggle("field__left--over", left < 0);
  if (left <= NEAR && input === document.activeElement) say(sentence, 1000);
}

// --- sending -----------------------------------------------------------------------------------

// The version of the unit that the writer has in front of them.
function seenOf(unit) {
  return held.get(unit)?.seen ?? Math.max(seen, ours.get(unit) ?? 0);
}

function changed(unit) {
  const before = unsent.get(unit);
  const entry = {
    to: form.dataset.save,
    values: valuesOf(unit),
    seen: before?.seen ?? seenOf(unit),
    sent: before?.sent ?? [],
  };
  held.delete(unit);
  unsent.set(unit, entry);
  keep(draft, unit, entry);
  boxOf(unit).querySelector(".field__note")?.remove();
}

// Those that can be sent: not what waits for a choice between two, nor what was found wrong.
const waiting = () =>
  [...unsent.keys()].filter((unit) => !conflicts.has(unit) && !unsent.get(unit).isWrong);

function soon(pause) {
  clearTimeout(sendTimer);
  sendTimer = setTimeout(sendAll, pause);
}

// One request at a time, in order. Whoever asks meanwhile waits for the same.
function sendAll() {
  clearTimeout(sendTimer);
  sending ??= sendEach().finally(() => {
    sending = null;
    delete saved.dataset.isSaving;
  });
  return sending;
}

async function sendEach() {
  for (let unit; ([unit] = waiting()) && unit; ) {
    saved.dataset.isSaving = "yes";
    const entry = unsent.get(unit);
    goesOff(unit, entry);
    const answer = await post(entry.to, entry);
    if (answer.state !== "ok") return failed(answer);
    wait = 0;
    if (take(unit, entry, answer)) tell("saved", answer.told);
  }
}

// What is on its way is remembered: should the answer be lost, we know our own words again.
function goesOff(unit, entry) {
  if (entry.sent.at(-1) !== entry.values) entry.sent.push(entry.values);
  keep(draft, unit, entry);
}

function failed(answer) {
  if (answer.state === "refused" && answer.code !== "faster") return tell("refused", answer.sentence);
  tell(answer.state === "refused" ? "problem" : answer.state);
  if (answer.state === "logged_out") return; // the page is loaded anew after logging in
  wait = Math.min(Math.max(FIRST_WAIT, wait * 2), LONGEST_WAIT);
  soon(wait);
}

// Whether it is saved.
function take(unit, entry, answer) {
  const theirs = byUnit(answer.elsewhere)[unit];
  if (theirs && !same(unit, theirs, entry.values)) {
    disagree(unit, entry, theirs, answer.version);
    return false;
  }
  if (Object.keys(answer.errors).length) {
    entry.isWrong = true;
    mistakes.set(unit, answer.errors);
    showMistakes(unit);
    return false;
  }
  acknowledge(unit, entry, answer.version);
  return true;
}

function acknowledge(unit, entry, version) {
  ours.set(unit, version);
  clearMistakes(unit);
  const now = unsent.get(unit);
  if (now === entry) {
    unsent.delete(unit);
    forget(draft, unit);
  } else {
    // Typed on meanwhile.
    now.seen = version;
    now.sent = [];
    keep(draft, unit, now);
  }
  form.dispatchEvent(new CustomEvent("saved", { detail: unit }));
}

// Changed since, by somebody else; or by ourselves, when an answer to us was lost on its way.
function disagree(unit, entry, theirs, version) {
  const isOurOwn = entry.sent.some((values) => same(unit, theirs, values));
  if (isOurOwn) unsent.get(unit).seen = version;
  else showBoth(unit, theirs, version);
}

function showBoth(unit, theirs, version) {
  const panel = fromTemplate("both");
  panel.querySelector("[data-theirs]").textContent = textOf(unit, theirs);
  panel.querySelector("[data-yours]").textContent = textOf(unit, unsent.get(unit).values);
  panel.addEventListener("click", (event) => {
    const use = event.target.closest("[data-use]")?.dataset.use;
    if (use) settle(unit, use === "theirs" ? theirs : null, version);
  });
  conflicts.set(unit, panel);
  if (unit.startsWith("line-")) boxOf(unit).before(panel);
  else boxOf(unit).prepend(panel);
  say(words.changed);
}

// theirs: what takes the place of ours; null keeps ours.
function settle(unit, theirs, version) {
  conflicts.get(unit).remove();
  conflicts.delete(unit);
  shownOf(unit)[0].focus();
  if (theirs) {
    fill(unit, theirs);
    acknowledge(unit, unsent.get(unit), version);
  } else {
    Object.assign(unsent.get(unit), { seen: version, sent: [] });
    sendAll();
  }
}

// --- what others write -------------------------------------------------------------------------

async function ask() {
  clearTimeout(askTimer);
  const answer = await call(`${form.dataset.changes}?seen=${seen}`);
  if (answer.state === "ok") await heard(answer);
  else if (answer.state !== "refused") tell(answer.state);
  if (answer.is_open === false || answer.state === "logged_out") return answer.state;
  const pause = answer.state === "ok" ? ASK_EVERY : Math.max(ASK_EVERY, wait);
  askTimer = setTimeout(askIfSeen, pause);
  return answer.state;
}

function askIfSeen() {
  if (document.visibilityState === "visible") ask();
}

async function heard(answer) {
  if (!answer.is_open) return tell("sent");
  for (const [unit, values] of Object.entries(byUnit(answer.values))) {
    // What we have saved ourselves, or are about to: the server compares that.
    if (answer.versions[unit] <= (ours.get(unit) ?? 0) || unsent.has(unit)) continue;
    if (unit === typedIn) {
      held.set(unit, { values, seen: seenOf(unit) });
    } else {
      bringIn(unit, values);
    }
  }
  seen = Math.max(seen, answer.version);
  if (["offline", "problem", "logged_out"].includes(saved.dataset.state)) {
    wait = 0;
    if (!unsent.size) tell("saved");
    await sendAll();
  }
}

function bringIn(unit, values) {
  held.delete(unit);
  const key = unit.slice("line-".length);
  const [kind] = values[`${unit}-kind`] ?? [];
  if (kind && !inputsOf(unit).length) addLine(kind, key);
  if (!inputsOf(unit).length || same(unit, values, valuesOf(unit))) return;
  fill(unit, values);
  note(unit, words.updated);
}

// --- what was left from before -----------------------------------------------------------------

// Typed while this script was still on its way.
function takeUpTouched() {
  const touched = [...form.elements].filter((input) => isOurs(input) && isTouched(input));
  for (const unit of new Set(touched.map((input) => unitOf(input.name)))) changed(unit);
}

function isTouched(input) {
  if (["radio", "checkbox"].includes(input.type)) return input.checked !== input.defaultChecked;
  if (input.tagName !== "SELECT") return input.value !== input.defaultValue;
  const [first] = input.options;
  return input.value !== ([...input.options].find((each) => each.defaultSelected) ?? first)?.value;
}

function takeUpKept() {
  for (const [unit, entry] of keptOf(draft)) {
    if (entry.to !== form.dataset.save || unsent.has(unit)) continue;
    const [kind] = entry.values[`${unit}-kind`] ?? [];
    if (kind && !inputsOf(unit).length) addLine(kind, unit.slice("line-".length));
    if (!inputsOf(unit).length || same(unit, entry.values, valuesOf(unit))) {
      forget(draft, unit);
      continue;
    }
    fill(unit, entry.values);
    unsent.set(unit, { ...entry, isWrong: false });
    note(unit, words.kept);
  }
}

// --- leaving the page --------------------------------------------------------------------------

// Saves what is left, takes in what others wrote, and only then lets the form go: so what it posts
// is nothing old. Stays when something has to be settled here first.
async function leave(button) {
  await sendAll();
  await sendAll(); // what was typed while the first was on its way
  const [unsettled] = conflicts.values();
  if (unsettled) return unsettled.querySelector("button").focus();
  const wrong = [...unsent.keys()].find((unit) => unsent.get(unit).isWrong);
  if (wrong) return goTo(wrong);
  if (unsent.size || (await ask()) !== "ok") return say(told.textContent);
  for (const [unit, { values }] of held) bringIn(unit, values);
  form.elements.seen.value = seen;
  isLeaving = true;
  form.requestSubmit(button);
}

function goTo(unit) {
  showMistakes(unit, null);
  const [name] = Object.keys(mistakes.get(unit));
  const id = (inputNamed(name) ?? boxOf(unit)).id;
  if (location.hash === `#${id}`) document.getElementById(id).focus();
  else location.hash = id;
}

form.addEventListener("submit", (event) => {
  if (event.defaultPrevented || isLeaving) return;
  event.preventDefault();
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  leave(button).finally(() => button?.removeAttribute("aria-busy"));
});

// The page may be gone before an answer comes; what is not acknowledged stays kept.
window.addEventListener("pagehide", () => {
  if (isLeaving) return;
  for (const unit of waiting()) {
    const entry = unsent.get(unit);
    goesOff(unit, entry);
    post(entry.to, entry, true);
  }
});

window.addEventListener("pageshow", (event) => {
  isLeaving = false;
  if (event.persisted) ask();
});

// --- what starts it all ------------------------------------------------------------------------

form.addEventListener("input", ({ target }) => {
  if (!isOurs(target)) return;
  typedIn = unitOf(target.name);
  changed(typedIn);
  countLeft(target);
  soon(PAUSE);
});

form.addEventListener("change", ({ target }) => {
  if (isOurs(target) && unsent.has(unitOf(target.name))) soon(0);
});

form.addEventListener("focusout", ({ target, relatedTarget }) => {
  if (!isOurs(target)) return;
  const unit = unitOf(target.name);
  showMistakes(unit, relatedTarget?.name);
  if (inputsOf(unit).includes(relatedTarget)) return;
  typedIn = "";
  if (held.has(unit)) bringIn(unit, held.get(unit).values);
});

// How it falls on the municipalities the server works out, to the øre.
form.addEventListener("saved", async ({ detail }) => {
  const shares = form.querySelector("[data-shares]");
  if (detail !== "parts" || !shares) return;
  const page = await fetch(location.pathname).then((answer) => answer.text(), () => "");
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-shares]");
  if (fresh) shares.replaceWith(fresh);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") ask();
  else sendAll();
});
window.addEventListener("offline", () => tell("offline"));
window.addEventListener("online", () => {
  wait = 0;
  ask();
});

form.querySelectorAll("[data-most]").forEach(countLeft);
takeUpTouched();
takeUpKept();
soon(0);
askTimer = setTimeout(askIfSeen, ASK_EVERY);
sendRest(draft, form.dataset.save);
