// Package docs is the user's guide, built into the program.
package docs

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

//go:embed *.md images providers
var files embed.FS

// first is the page to begin with.
const first = "guide"

// look makes the pages easy to read, by day and by night.
const look = `:root{color-scheme:light dark}body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
img{max-width:100%;border:1px solid #8884;border-radius:4px}table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.3rem .6rem;text-align:left;vertical-align:top}
pre{overflow:auto;padding:.8rem;background:#8881;border-radius:4px}code{font-size:.92em}h1,h2,h3{line-height:1.25}`

// pageLink is a link to another page.
var pageLink = regexp.MustCompile(`href="([\w\-/.]+)\.md(#[^"]*)?"`)

// WritePages writes the guide as web pages into a folder, over those that are there, and returns the path of the first.
func WritePages(folder string) (string, error) {
	convert := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		to := filepath.Join(folder, filepath.FromSlash(path))
		if err != nil || entry.IsDir() {
			return errors.Join(err, os.MkdirAll(to, 0o700))
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		if name, is := strings.CutSuffix(path, ".md"); is {
			to = strings.TrimSuffix(to, ".md") + ".html"
			var body bytes.Buffer
			if err := convert.Convert(text, &body); err != nil {
				return err
			}
			text = fmt.Appendf(nil, "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>mwiz-desktop: %s</title><style>%s</style>\n%s</html>\n",
				html.EscapeString(name), look, pageLink.ReplaceAllString(body.String(), `href="$1.html$2"`))
		}
		return os.WriteFile(to, text, 0o600)
	})
	return filepath.Join(folder, first+".html"), err
}
