// Sending files: what cannot be taken is told before it is sent, each file goes by itself, and a
// network that is gone costs only the file that was on its way. Without this the form posts as it is.

// What the server answers to one file: the list as it is now, or a sentence that says why not.
const KEPT = 201;
const REFUSED = 422;

for (const form of document.querySelectorAll(".files__form")) {
  form.addEventListener("change", (event) => {
    if (event.target.type === "file") tell(form);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.dataset.isSending) send(form);
  });
}

const chooser = (form) => form.querySelector("input[type=file]");

// The state of each file that was chosen: a line under the chooser.
const lines = new WeakMap();

// What the form says itself is translated on the page: data-too-large and its like.
function obstacle(form, file) {
  if (file.size > Number(form.dataset.largest)) return form.dataset.tooLarge;
  const [suffix] = file.name.toLowerCase().match(/\.[^.]*$/) ?? [""];
  const isTaken = suffix === "" || chooser(form).accept.split(",").includes(suffix);
  return isTaken ? "" : form.dataset.wrongKind;
}

function tell(form) {
  const told = form.querySelector(".files__told");
  const files = [...chooser(form).files];
  told.replaceChildren(
    ...files.map((file) => {
      const line = document.createElement("li");
      lines.set(file, line);
      const sentence = obstacle(form, file);
      say(file, sentence, sentence ? "is-refused" : "");
      return line;
    }),
  );
  told.hidden = files.length === 0;
}

function say(file, sentence, state = "", between = " ") {
  const line = lines.get(file);
  line.className = state;
  line.textContent = sentence ? file.name + between + sentence : file.name;
}

async function send(form) {
  const waiting = [...chooser(form).files].filter((file) => !obstacle(form, file));
  if (waiting.length === 0) return;
  form.dataset.isSending = "yes";
  const progress = form.querySelector(".files__progress");
  progress.hidden = false;
  const left = await sendEach(form, waiting, progress);
  progress.hidden = true;
  delete form.dataset.isSending;
  choose(form, left);
}

// One after another. Returns those that the network did not take; what was refused stays told.
async function sendEach(form, files, progress) {
  for (const [place, file] of files.entries()) {
    say(file, `${form.dataset.onItsWay} …`, "", ": ");
    const answer = await post(form, file, (part) => {
      progress.value = (100 * (place + part)) / files.length;
    });
    if (answer === null) {
      files.slice(place).forEach((each) => say(each, ""));
      say(file, form.dataset.networkGone, "is-refused", ": ");
      return files.slice(place);
    }
    if (answer.status === KEPT) {
      form.closest(".files").querySelector("[data-files-there]").outerHTML = answer.responseText;
      say(file, form.dataset.isSent, "is-sent");
    } else if (answer.status === REFUSED) {
      say(file, answer.responseText, "is-refused", ": ");
    } else {
      say(file, form.dataset.wentWrong, "is-refused", ": ");
      return [];
    }
  }
  return [];
}

// The chooser holds what is still to be sent, so that one press sends the rest.
function choose(form, files) {
  const held = new DataTransfer();
  files.forEach((file) => held.items.add(file));
  chooser(form).files = held.files;
}

// The answer, or null when there was none.
function post(form, file, tellPart) {
  const body = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (name !== chooser(form).name) body.append(name, value);
  }
  body.append(chooser(form).name, file, file.name);
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) tellPart(event.loaded / event.total);
    });
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", () => resolve(null));
    request.addEventListener("abort", () => resolve(null));
    request.open("POST", form.action);
    request.setRequestHeader("X-Sends", "one");
    request.send(body);
  });
}
