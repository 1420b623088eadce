package store

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// networkKind returns what kind of network drive holds a folder, "" where it is a local one.
func networkKind(dir string) (string, error) {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil {
		return "", err
	}
	if windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return "share", nil
	}
	return "", nil
}
