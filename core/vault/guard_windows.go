package vault

import (
	"io/fs"
	"os"
)

// ownerOnly does nothing on Windows. Mode bits do not exist there: access is
// decided by the access control list a file inherits from its folder. The
// default home lies in the person's own profile folder (%LOCALAPPDATA%), whose
// list admits that person, the system and administrators, and every file made
// below inherits it. A home chosen elsewhere, such as a shared folder or a
// stick formatted with FAT, has the protection of that place and no more; what
// lies in it is encrypted all the same.
func ownerOnly(*os.Root, string, fs.FileInfo) error { return nil }

// syncFolder does nothing on Windows, where a folder can't be synced; NTFS
// keeps its own journal of names.
func syncFolder(*os.Root) error { return nil }
