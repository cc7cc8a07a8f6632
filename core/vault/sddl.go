package vault

import (
	"slices"
	"strings"
)

// An access list as Windows writes it down (the security descriptor definition
// language, [MS-DTYP] 2.5.1): O:owner G:group D:flags(entry)(entry)… with
// entries of the form type;flags;rights;object;inherited object;who. It is read
// here, apart from the system that has it, so that it is tested everywhere.

// strangers names who an access list lets in besides the person, the system and
// its administrators, who can let themselves in anywhere. A list that is
// missing lets everybody in. Entries that deny take nothing away here: what
// they deny today may be allowed by another order.
func strangers(descriptor, me string) (who []string) {
	list, ok := discretionary(descriptor)
	if !ok {
		return []string{"everybody"}
	}
	trusted := []string{me, "SY", "S-1-5-18", "BA", "S-1-5-32-544", "CO", "S-1-3-0", "OW", "S-1-3-4"}
	for _, entry := range entriesIn(list) {
		part := strings.Split(entry, ";")
		if len(part) < 6 {
			return []string{"somebody the access list does not name clearly"}
		}
		allows := slices.Contains([]string{"A", "OA", "XA", "ZA"}, part[0])
		if allows && part[2] != "" && !slices.Contains(trusted, part[5]) && !slices.Contains(who, part[5]) {
			who = append(who, part[5])
		}
	}
	return who
}

// discretionary gives the part of a descriptor that says who may do what; ok is
// false when there is none, which is no protection.
func discretionary(descriptor string) (list string, ok bool) {
	i := strings.Index(descriptor, "D:")
	if i < 0 {
		return "", false
	}
	list = descriptor[i+2:]
	if end := strings.Index(list, "S:"); end >= 0 && strings.LastIndex(list[:end], "(") <= strings.LastIndex(list[:end], ")") {
		list = list[:end]
	}
	return list, !strings.Contains(list, "NO_ACCESS_CONTROL")
}

// entriesIn gives what stands in brackets. A condition, which an entry may end
// in, has brackets of its own and is kept with it.
func entriesIn(list string) (entries []string) {
	depth, from := 0, 0
	for i, r := range list {
		switch r {
		case '(':
			if depth++; depth == 1 {
				from = i + 1
			}
		case ')':
			if depth--; depth == 0 {
				entries = append(entries, list[from:i])
			}
		}
	}
	if depth != 0 {
		entries = append(entries, list[from:]) // cut off: too short to be understood
	}
	return entries
}

// ownList is the access list that lets in the person, the system and its
// administrators alone, for a folder and all that is made in it. P: nothing is
// taken over from the folder above.
func ownList(me string) string {
	return "D:P(A;OICI;FA;;;" + me + ")(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
}
