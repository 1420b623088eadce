//go:build !nogui

package main

import (
	"bytes"
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

	"mwiz/docs"
)

// guideFirst is the page of the guide that is opened.
const guideFirst = "guide"

// guideLook makes the pages of the guide easy to read, by day and by night.
const guideLook = `:root{color-scheme:light dark}body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
img{max-width:100%;border:1px solid #8884;border-radius:4px}table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.3rem .6rem;text-align:left;vertical-align:top}
pre{overflow:auto;padding:.8rem;background:#8881;border-radius:4px}code{font-size:.92em}h1,h2,h3{line-height:1.25}`

// pageLink is a link to another page of the guide.
var pageLink = regexp.MustCompile(`href="([\w\-/]+)\.md(#[^"]*)?"`)

// writeGuide writes the guide as web pages into a folder, and returns the path of the first.
func writeGuide(folder string) (string, error) {
	convert := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	err := fs.WalkDir(docs.Files(), ".", func(path string, entry fs.DirEntry, err error) error {
		to := filepath.Join(folder, filepath.FromSlash(path))
		if err != nil || entry.IsDir() {
			return firstError(err, os.MkdirAll(to, 0o700))
		}
		text, err := docs.Files().ReadFile(path)
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
				html.EscapeString(name), guideLook, pageLink.ReplaceAllString(body.String(), `href="$1.html$2"`))
		}
		return os.WriteFile(to, text, 0o600)
	})
	return filepath.Join(folder, guideFirst+".html"), err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// guideFolder is where the guide is written: a place for what can be made anew.
func guideFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return os.MkdirTemp("", "mwiz-guide-")
	}
	return filepath.Join(cache, appName, "guide"), nil
}
