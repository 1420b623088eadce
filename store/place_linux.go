package store

import "golang.org/x/sys/unix"

// networkKind returns the kind of network file system that holds a folder, "" where it is a local one.
func networkKind(dir string) (string, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return "", err
	}
	switch uint32(s.Type) { // linux/magic.h
	case unix.NFS_SUPER_MAGIC:
		return "NFS", nil
	case unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC:
		return "SMB", nil
	case unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC:
		return "AFS", nil
	case unix.CODA_SUPER_MAGIC:
		return "Coda", nil
	case unix.CEPH_SUPER_MAGIC:
		return "Ceph", nil
	case unix.V9FS_MAGIC:
		return "9P", nil
	}
	return "", nil
}
