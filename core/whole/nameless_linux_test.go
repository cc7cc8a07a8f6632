package whole

import "testing"

// Where the drive has nameless files, a killed writer leaves nothing at all,
// without anybody's sweeping.
func TestKilledNamelessWriterLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	probe, err := nameless(dir)
	if err != nil {
		t.Skip("the drive of the temporary folder has no nameless files:", err)
	}
	probe.Close()
	kill := writing(t, dir, "best")
	kill()
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}
