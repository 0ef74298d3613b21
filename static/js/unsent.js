// What is typed into a form that is sent whole lies in this browser until the form has been sent:
// a reload, or a network that is gone when one sends, costs no word. The names that are kept stand
// in data-unsent, so that nothing about a person waits on a computer that others use.

const form = document.querySelector("form[data-unsent]");
const writer = form.querySelector('[name="writer"]')?.value ?? "";
const key = `ungepuljen:${writer}:form:${location.pathname}`;
const fields = form.dataset.unsent.split(" ").map((name) => form.elements[name]).filter(Boolean);

function kept() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

// Only where the server knows nothing newer.
for (const field of fields) {
  const typed = kept()[field.name];
  if (typed && field.value === field.defaultValue) field.value = typed;
}

form.addEventListener("input", () => {
  try {
    localStorage.setItem(
      key,
      JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value]))),
    );
  } catch {
    // No room, or not allowed: the page itself still holds it.
  }
});

// The page that follows says that it arrived (site.js).
form.addEventListener("submit", () => sessionStorage.setItem("ungepuljen:on-its-way", key));
