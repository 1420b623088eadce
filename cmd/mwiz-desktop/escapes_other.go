//go:build !windows

package main

import "os"

// enableEscapes reports that a terminal understands the sequences that move the cursor.
func enableEscapes(*os.File) bool { return true }
