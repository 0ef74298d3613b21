// A member's paper is saved as it is written, and kept in this browser while there is no network;
// it can be filled in with keys. Without this script it is saved by its buttons.
//
// A unit is what is saved by itself: a score, a note, or the answer with its amount.

import { papersOf, sendPapers } from "./committee.js";
import { forget, keep, keptOf, post } from "./kept.js";

const PAUSE = 700; // after the last key
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 60_000;
const KEYS = "ungepuljen-keys"; // stays when one logs out: it says nothing about anybody

const form = document.querySelector("form[data-assessing]");
const words = JSON.parse(document.getElementById("words").textContent);
const { assessing: reference, writer, save } = form.dataset;
const papers = papersOf(writer);
const saved = form.querySelector("[data-saved]");
const told = saved.querySelector("[data-told]");
const aloud = form.querySelector("[data-aloud]");
const criteria = [...form.querySelectorAll("[data-criterion]")];

const unsent = new Map(); // unit: what is written and not acknowledged, as kept.js keeps it
const mistakes = new Map(); // name of an input: sentence, told when one leaves it
const left = new Set(); // names of inputs that one has been in
let sending = null;
let wait = 0;
let isLeaving = false;
let sendTimer;

// --- units and their inputs --------------------------------------------------------------------

const isOurs = ({ name }) => /^(score-|note-|answer$|less$)/.test(name ?? "");
const unitOf = (name) => (name === "less" ? "answer" : name);
const inputsOf = (unit) =>
  [...form.elements].filter((input) => isOurs(input) && unitOf(input.name) === unit);

// {name: [value]}, as the form would send them.
function valuesOf(unit) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (unitOf(name) === unit) (values[name] ??= []).push(value);
  }
  return values;
}

function fill(unit, values) {
  for (const input of inputsOf(unit)) {
    const given = values[input.name] ?? [];
    if (input.type === "radio") input.checked = given.includes(input.value);
    else input.value = given[0] ?? "";
    if (input.value && input.closest("details")) input.closest("details").open = true;
  }
}

// --- what is told ------------------------------------------------------------------------------

function tell(state, sentence = words[state]) {
  saved.dataset.state = state;
  if (told.textContent !== sentence) told.textContent = sentence;
  saved.querySelector("[data-log-in]").hidden = state !== "logged_out";
}

const isScored = (criterion) => Boolean(criterion.querySelector("input:checked"));
const answer = () => form.querySelector('[name="answer"]:checked')?.value ?? "";

function isReady() {
  if (["", "abstain"].includes(answer())) return answer() === "abstain";
  const hasAmount = answer() !== "less" || form.elements.less.value.trim() !== "";
  return hasAmount && criteria.every(isScored);
}

function showVote(state) {
  for (const each of document.querySelectorAll("[data-vote]")) {
    each.hidden = each.dataset.vote !== state;
  }
}

const shownVote = () => form.querySelector("[data-vote]:not([hidden])").dataset.vote;

// Before the server has said so, and without a network: what is left is always right.
function showLeft(unit) {
  const scored = document.querySelector("[data-scored]");
  if (scored) {
    scored.textContent = words.scored.replace("{scored}", criteria.filter(isScored).length);
  }
  if (unit.startsWith("note-")) return;
  if (["cast", "changed"].includes(shownVote())) showVote("changed");
  else showVote(isReady() ? "ready" : "missing");
}

// As templates/django/forms/field.html shows it.
function showMistake(name) {
  const input = form.elements[name];
  const sentence = mistakes.get(name);
  if (!sentence || !(input instanceof HTMLElement)) return;
  clearMistake(name);
  const template = form.querySelector("template[data-mistake]");
  const error = template.content.firstElementChild.cloneNode(true);
  error.id = `id_${name}_error`;
  error.querySelector("[data-sentence]").textContent = sentence;
  input.before(error);
  input.closest(".field").classList.add("field--wrong");
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `id_${name}_helptext ${error.id}`);
  aloud.textContent = sentence;
}

function clearMistake(name) {
  const input = form.elements[name];
  if (!(input instanceof HTMLElement)) return;
  document.getElementById(`id_${name}_error`)?.remove();
  input.closest(".field").classList.remove("field--wrong");
  input.removeAttribute("aria-invalid");
}

// --- saving ------------------------------------------------------------------------------------

function changed(unit) {
  const entry = { to: save, values: valuesOf(unit), seen: "" };
  unsent.set(unit, entry);
  keep(papers, `${reference}/${unit}`, entry);
  showLeft(unit);
}

const waiting = () => [...unsent.keys()].filter((unit) => !unsent.get(unit).isWrong);

function soon(pause) {
  clearTimeout(sendTimer);
  sendTimer = setTimeout(sendAll, pause);
}

// One request at a time, in order. Whoever asks meanwhile waits for the same.
function sendAll() {
  clearTimeout(sendTimer);
  sending ??= sendEach().finally(() => (sending = null));
  return sending;
}

async function sendEach() {
  for (let unit; ([unit] = waiting()) && unit; ) {
    const entry = unsent.get(unit);
    const said = await post(save, entry);
    if (said.state !== "ok") return failed(said);
    wait = 0;
    take(unit, entry, said);
  }
}

function failed(said) {
  if (said.state === "refused") {
    for (const unit of unsent.keys()) forget(papers, `${reference}/${unit}`);
    return tell("refused", said.sentence);
  }
  tell(said.state);
  if (said.state === "logged_out") return; // the page is loaded anew after logging in
  wait = Math.min(Math.max(FIRST_WAIT, wait * 2), LONGEST_WAIT);
  soon(wait);
}

// What is empty and was never entered is not wrong yet: one is on the way to it.
function isDoneWith(name) {
  const isHere = name === document.activeElement?.name;
  return !isHere && (left.has(name) || Boolean(form.elements[name].value));
}

function take(unit, entry, said) {
  const names = inputsOf(unit).map((input) => input.name);
  for (const name of new Set(names)) {
    mistakes.delete(name);
    if (said.errors[name]) mistakes.set(name, said.errors[name]);
    else clearMistake(name);
  }
  if (unsent.get(unit) !== entry) return; // written on meanwhile
  if (names.some((name) => mistakes.has(name))) {
    entry.isWrong = true;
    names.filter(isDoneWith).forEach(showMistake);
  } else {
    unsent.delete(unit);
    forget(papers, `${reference}/${unit}`);
    tell("saved", said.told);
  }
  if (!waiting().length) showVote(said.left.vote);
}

// --- what was left from before -----------------------------------------------------------------

// Written while this script was still on its way.
function takeUpTouched() {
  const isTouched = (input) =>
    input.type === "radio"
      ? input.checked !== input.defaultChecked
      : input.value !== input.defaultValue;
  const touched = [...form.elements].filter((input) => isOurs(input) && isTouched(input));
  for (const unit of new Set(touched.map((input) => unitOf(input.name)))) changed(unit);
}

function takeUpKept() {
  for (const [key, entry] of keptOf(papers)) {
    const unit = key.slice(reference.length + 1);
    if (entry.to !== save || unsent.has(unit) || !inputsOf(unit).length) continue;
    fill(unit, entry.values);
    changed(unit);
  }
}

// --- voting, and leaving the page --------------------------------------------------------------

// The form goes off with all that is on it; only where nothing can arrive it stays.
async function cast(button) {
  await sendAll();
  await new Promise((done) => setTimeout(done)); // not before this submit is over
  if (saved.dataset.state === "offline" && waiting().length) return tell("offline", words.not_cast);
  isLeaving = true;
  form.requestSubmit(button);
}

form.addEventListener("submit", (event) => {
  if (isLeaving || event.defaultPrevented) return;
  event.preventDefault();
  if (!navigator.onLine) return tell("offline", words.not_cast);
  cast(event.submitter);
});

// The page may be gone before an answer comes; what is not acknowledged stays kept.
window.addEventListener("pagehide", () => {
  if (isLeaving) return;
  for (const unit of waiting()) post(save, unsent.get(unit), true);
});

window.addEventListener("pageshow", () => (isLeaving = false));

// --- keys --------------------------------------------------------------------------------------

const keys = form.querySelector("[data-keys]");
const areOn = keys.querySelector("[data-keys-on]");

function wantsKeys() {
  try {
    return localStorage.getItem(KEYS) !== "off";
  } catch {
    return true;
  }
}

areOn.addEventListener("change", () => {
  try {
    if (areOn.checked) localStorage.removeItem(KEYS);
    else localStorage.setItem(KEYS, "off");
  } catch {
    // Not allowed: it holds for this page.
  }
});

const isTyping = (target) =>
  target.isContentEditable || target.matches("textarea, select, input:not([type=radio])");

// Scores where one is, or the first without a score; then goes on to the next without one.
function score(points) {
  const here = document.activeElement.closest("[data-criterion]");
  const criterion = here ?? criteria.find((each) => !isScored(each));
  if (!criterion) return;
  criterion.querySelector(`input[value="${points}"]`).click();
  aloud.textContent = `${criterion.querySelector("legend").textContent}: ${points}`;
  const after = criteria.slice(criteria.indexOf(criterion) + 1);
  const next = after.find((each) => !isScored(each)) ?? criteria.find((each) => !isScored(each));
  (next ?? form.querySelector(".field:has([name=answer])")).querySelector("input").focus();
}

function goTo(link) {
  if (navigator.onLine) document.querySelector(link)?.click();
  else tell("offline");
}

document.addEventListener("keydown", (event) => {
  if (!areOn.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  if (/^[0-5]$/.test(event.key)) score(event.key);
  else if (event.key === "j") goTo("[data-after]");
  else if (event.key === "k") goTo("[data-before]");
});

// --- what starts it all ------------------------------------------------------------------------

form.addEventListener("input", ({ target }) => {
  if (!isOurs(target)) return;
  changed(unitOf(target.name));
  soon(target.type === "radio" ? 0 : PAUSE);
});

form.addEventListener("focusout", ({ target }) => {
  if (!isOurs(target)) return;
  left.add(target.name);
  showMistake(target.name);
});

document.addEventListener("visibilitychange", () => sendAll());
window.addEventListener("offline", () => tell("offline"));
window.addEventListener("online", () => {
  wait = 0;
  if (!unsent.size) return tell("saved");
  sendAll();
});

form.querySelector("[data-save-button]").hidden = true;
keys.hidden = false;
areOn.checked = wantsKeys();
takeUpTouched();
takeUpKept();
soon(0);
sendPapers(writer, save);
