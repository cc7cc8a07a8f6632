package place

// IsState reports whether a name or code is of one of Nigeria's 37 states, the
// Capital Territory included.
func IsState(name string) bool { return len(stateCodes(NormaliseState(name))) > 0 }
