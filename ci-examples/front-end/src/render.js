exports.render = (title) => `<!doctype html>
<html lang="en">
<title>${title}</title>
<link rel="stylesheet" href="/assets/style.css">
<h1>${title}</h1>
`;
