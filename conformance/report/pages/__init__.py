"""Pages for people: a shell with one look, templates that escape, highlighted Gherkin."""
