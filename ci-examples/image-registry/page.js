/** The page for a name. */
exports.page = (name) => `<h1>Hello, ${name}, from an image</h1>\n`;
