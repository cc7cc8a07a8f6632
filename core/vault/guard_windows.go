package vault

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// ownerOnly takes the right to name from everybody but the person, the system
// and its administrators, if somebody else has it. A disk that keeps no access
// lists, such as a stick formatted with FAT, has none to take: what lies there
// is encrypted all the same.
func ownerOnly(root *os.Root, name string, _ fs.FileInfo) error {
	path := filepath.Join(root.Name(), name)
	me, err := ownSID()
	if err != nil {
		return err
	}
	who, err := strangersAt(path, me)
	if err != nil || len(who) == 0 {
		return err
	}
	own, err := windows.SecurityDescriptorFromString(ownList(me))
	if err != nil {
		return fmt.Errorf("access list: %w", err)
	}
	list, _, err := own.DACL()
	if err != nil {
		return fmt.Errorf("access list: %w", err)
	}
	const which = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	if err := windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, which, nil, nil, list, nil); err != nil {
		return fmt.Errorf("take the right to %s from others: %w", name, err)
	}
	return nil
}

// exposed reports whether others may do anything to name.
func exposed(root *os.Root, name string, _ fs.FileInfo) (bool, error) {
	me, err := ownSID()
	if err != nil {
		return false, err
	}
	who, err := strangersAt(filepath.Join(root.Name(), name), me)
	return len(who) > 0, err
}

// othersMayExchange is not asked here: the folder of a person's own data is hers
// alone unless she chose another.
func othersMayExchange(fs.FileInfo) bool { return false }

// ownSID names the person whom this process works for.
func ownSID() (string, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", fmt.Errorf("who is signed in: %w", err)
	}
	return user.User.Sid.String(), nil
}

// strangersAt gives who has a right at a path beside me, nobody where the disk
// keeps no lists.
func strangersAt(path, me string) ([]string, error) {
	if keeps, err := keepsLists(path); err != nil || !keeps {
		return nil, err
	}
	d, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return nil, fmt.Errorf("access list: %w", err)
	}
	return strangers(d.String(), me), nil
}

// keepsLists asks the disk of a path.
func keepsLists(path string) (bool, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return false, err
	}
	volume := make([]uint16, windows.MAX_PATH+1)
	if err := windows.GetVolumePathName(name, &volume[0], uint32(len(volume))); err != nil {
		return false, fmt.Errorf("disk of the profiles: %w", err)
	}
	var flags uint32
	if err := windows.GetVolumeInformation(&volume[0], nil, 0, nil, nil, &flags, nil, 0); err != nil {
		return false, fmt.Errorf("disk of the profiles: %w", err)
	}
	return flags&windows.FILE_PERSISTENT_ACLS != 0, nil
}

// syncFolder does nothing on Windows, where a folder can't be synced; NTFS
// keeps its own journal of names.
func syncFolder(*os.Root) error { return nil }
