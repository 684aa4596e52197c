const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text) => String(text).replace(/[&<>"]/g, (char) => escapes[char]);

/** The page: a heading and one row for each greeting. `greetings` are `{author, words}`. */
export const page = ({ title, greetings }) => `<!doctype html>
<html lang="en">
<title>${escape(title)}</title>
<h1>${escape(title)}</h1>
<ul>
${greetings.map(({ author, words }) => `  <li><b>${escape(author)}</b>: ${escape(words)}</li>`).join('\n')}
</ul>
</html>
`;
