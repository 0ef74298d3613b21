// Never required: each of these only improves a page that already works.

const RELEASE_AFTER = 5000;

function postsAPage(form) {
  return form.method === "post" && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]");
}

// What opens beside this page leaves it as it is: the next button has to answer at once.
function opensAnotherWindow(form, submitter) {
  return !["", "_self"].includes(submitter?.formTarget || form.target);
}

function release(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll('[aria-busy="true"]')) {
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  }
}

// A second click is stopped here. The button is marked, not disabled: a disabled one loses its
// value and the focus. A form that answers with a file stays on the page, so it is let go again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !postsAPage(form)) return;
  if (opensAnotherWindow(form, event.submitter)) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(release, RELEASE_AFTER, form);
});

// The browser's back button brings the page as it was left.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sending]").forEach(release);
});

// What went wrong is read first, also by a screen reader.
document.querySelector(".error-summary")?.focus();

// htmx leaves refusals (409, 422) unshown by default; ours carry the sentence to read.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([409, 422].includes(event.detail.xhr.status)) event.detail.shouldSwap = true;
});

// One tick for all rows: <input type="checkbox" data-ticks="name of the boxes">.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.ticks;
  if (!name) return;
  for (const box of event.target.form.querySelectorAll(`input[name="${CSS.escape(name)}"]`)) {
    box.checked = event.target.checked;
  }
});

// Who logs out leaves nothing of what they were writing in the browser (js/kept.js).
document.addEventListener("submit", (event) => {
  if (!event.target.getAttribute("action")?.endsWith("/logout/")) return;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("ungepuljen:")) localStorage.removeItem(key);
  }
});

// What was typed into a form that was sent is forgotten when another page has come (unsent.js).
const onItsWay = sessionStorage.getItem("ungepuljen:on-its-way");
if (onItsWay && !onItsWay.endsWith(`:${location.pathname}`)) {
  localStorage.removeItem(onItsWay);
  sessionStorage.removeItem("ungepuljen:on-its-way");
}
