// Package docs is the user's guide, built into the program.
package docs

import "embed"

//go:embed *.md images
var files embed.FS

// Files returns the guide: Markdown, and the pictures that it shows.
func Files() embed.FS { return files }
