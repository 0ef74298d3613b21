// On a phone one question at a time; each has an address, so that links and Back find it. What is
// asked only after a certain answer comes and goes with it. A wide screen shows all of a section.

const narrow = matchMedia("(max-width: 40rem)");
const form = document.querySelector("form[data-writing]");
const questions = [...form.querySelectorAll(".question")];
const steps = form.querySelector("[data-steps]");
const place = form.querySelector("[data-place]");
const goOn = form.querySelector("[data-next]");

const asked = () => questions.filter((question) => !question.hidden);
const current = () => form.querySelector("[data-is-current]");

function ask() {
  for (const question of form.querySelectorAll("[data-ask-if]")) {
    question.hidden = !isAsked(question);
    question.querySelector(".question__only-if")?.remove();
  }
}

// What was answered on another page the server has looked at.
function isAsked(question) {
  const name = `own-${question.dataset.askIf}`;
  const inputs = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
  if (inputs.length === 0) return "isAsked" in question.dataset;
  return new FormData(form).getAll(name).includes(question.dataset.askIfAnswer);
}

// The question that the address names, itself or by a field in it; else where one begins.
function addressed() {
  const id = decodeURIComponent(location.hash.slice(1));
  const named = id && document.getElementById(id)?.closest(".question");
  return asked().includes(named) ? named : first();
}

function first() {
  return asked().find((question) => question.querySelector(".field__error")) ?? asked()[0];
}

function show(here = addressed()) {
  form.toggleAttribute("data-one-by-one", narrow.matches);
  steps.hidden = place.hidden = !narrow.matches;
  if (!narrow.matches) {
    goOn.hidden = false;
    return;
  }
  const number = asked().indexOf(here) + 1;
  for (const question of questions) question.toggleAttribute("data-is-current", question === here);
  form.toggleAttribute("data-has-begun", number > 1);
  const numbered = place.dataset.text.replace("{number}", number);
  place.textContent = numbered.replace("{count}", asked().length);
  here.setAttribute("role", "group");
  here.setAttribute("aria-label", place.textContent);
  steps.querySelector('[data-go="-1"]').hidden = number === 1;
  steps.querySelector('[data-go="1"]').hidden = number === asked().length;
  goOn.hidden = number !== asked().length;
}

// A link to a field goes into it; a step leads to the question, so that no keyboard covers its help.
function arrive() {
  show();
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const focused = target?.closest(".question") ? target : narrow.matches ? current() : null;
  focused?.focus({ preventScroll: narrow.matches });
  if (narrow.matches) place.scrollIntoView({ block: "start", behavior: "instant" });
}

function go(by) {
  const next = asked()[asked().indexOf(current()) + by];
  location.hash = next.id;
}

if (questions.length) {
  ask();
  show();
  if (location.hash) arrive();
  window.addEventListener("hashchange", arrive);
  narrow.addEventListener("change", () => show());
  for (const event of ["change", "filled"]) {
    form.addEventListener(event, () => {
      ask();
      show(current() ?? undefined);
    });
  }
  steps.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go]");
    if (button) go(Number(button.dataset.go));
  });
  // Enter in a field is the next question before it is the next page.
  form.addEventListener("submit", (event) => {
    if (!narrow.matches || event.submitter !== goOn || !goOn.hidden) return;
    event.preventDefault();
    go(1);
  });
}
