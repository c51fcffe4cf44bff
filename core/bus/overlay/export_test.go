package overlay

// LineLimit is for the tests.
const LineLimit = lineLimit
