"use strict";
(() => {
  const form = document.getElementById("packet");
  const told = document.getElementById("told");
  const count = document.getElementById("count");
  const asText = document.getElementById("as-text");
  let unsaved = false;

  const value = (key) => {
    const field = form.elements.namedItem(key);
    // Of several boxes the one that is chosen; new words only count where the participant wants to change the old ones.
    return key.startsWith("words ") && value(key.replace("words", "quotation")) !== "change" ? "" : field.value;
  };
  const keys = JSON.parse(form.dataset.questions);
  const answers = () => Object.fromEntries(keys.map((key) => [key, value(key)]));
  const file = () => JSON.stringify({
    qualcode: form.dataset.mark,
    study: form.dataset.study,
    return_code: form.dataset.code,
    answers: answers(),
  }, null, 1) + "\n";
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => key in values ? values[key] : whole);

  const show = () => {
    for (const block of form.querySelectorAll(".words")) {
      block.hidden = value(block.lastElementChild.name.replace("words", "quotation")) !== "change";
    }
    const counted = keys.filter((key) => /^(quotation|reflects) /.test(key));
    const answered = counted.filter((key) => value(key).trim()).length;
    count.textContent = fill(form.dataset.answered, { answered, questions: counted.length });
    asText.value = file();
  };
  // All that was written stays in sight, and on paper nothing of it is cut.
  const grow = (field) => {
    field.style.height = "";
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  };
  const changed = () => {
    unsaved = true;
    told.textContent = form.dataset.unsaved;
  };
  const done = (text) => {
    unsaved = false;
    told.textContent = text;
  };

  // What was chosen can be taken back. On paper nobody needs it.
  for (const choices of form.querySelectorAll("fieldset")) {
    const none = choices.lastElementChild.cloneNode(true);
    none.className = "none";
    none.firstElementChild.value = "";
    none.firstElementChild.checked = true;
    none.lastChild.textContent = form.dataset.none;
    choices.append(none);
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target === asText) return;
    if (event.target.rows) grow(event.target);
    changed();
    show();
  });
  document.getElementById("save").addEventListener("click", () => {
    const name = `answers-${form.dataset.code}.json`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file()], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    done(fill(form.dataset.saved, { file: name }));
  });
  document.getElementById("copy").addEventListener("click", () => {
    asText.focus();
    asText.select();
    // A page that was opened from a disk may not use the newer way.
    if (document.execCommand("copy")) done(form.dataset.copied);
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  document.getElementById("no-scripts").hidden = true;
  for (const part of document.querySelectorAll(".scripted")) part.hidden = false;
  show();
})();
