/** The one script: it hides rows without the words that are typed. Without it the field is not there, and nothing is missing. */
export const filterScript = `
const field = document.querySelector("#filter");
field.closest("div").hidden = false;
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\\s+/);
  let count = 0;
  for (const row of document.querySelectorAll("tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    count += row.hidden ? 0 : 1;
  }
  for (const more of document.querySelectorAll("details")) more.open = field.value !== "";
  document.querySelector("#count").textContent = field.value === "" ? "" : count + (count === 1 ? " row" : " rows");
});
addEventListener("beforeprint", () => { for (const more of document.querySelectorAll("details")) more.open = true; });
`;
