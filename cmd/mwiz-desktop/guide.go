//go:build !nogui

package main

import (
	"context"
	"os"
	"path/filepath"

	"mwiz/docs"
)

// guide writes the user's guide and returns where it lies: a place for what can be made anew.
func guide(context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		if cache, err = os.MkdirTemp("", "mwiz-guide-"); err != nil {
			return "", err
		}
	}
	return docs.WritePages(filepath.Join(cache, appName, "guide"))
}
