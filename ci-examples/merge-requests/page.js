/** The page for a name. */
exports.page = (name) => `<h1>Hello, ${name}</h1>\n`;
