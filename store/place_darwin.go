package store

import "golang.org/x/sys/unix"

// networkKind returns the kind of network file system that holds a folder, "" where it is a local one.
func networkKind(dir string) (string, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return "", err
	}
	if s.Flags&unix.MNT_LOCAL != 0 {
		return "", nil
	}
	return unix.ByteSliceToString(s.Fstypename[:]), nil
}
