package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// The canaries: one in the rows of the data, one in the names a user gives to
// files, projects, columns and titles. Neither may be anywhere on the disk but
// in the outputs that were asked for; a failing command may repeat a name the
// user typed, but no row.
const (
	rowCanary  = "Zxqvkanari"
	nameCanary = "Qjwhkanari"
)

// cage is a whole little world: a home, a folder for temporary files, the
// user's inputs and outputs, and a watcher.
type cage struct {
	t                     *testing.T
	home, tmp, in, out    string
	secret, wrong         string
	said                  bytes.Buffer // all that failing commands wrote
	found                 map[string]bool
	failed                int
	rounds, files, opened int
}

func newCage(t *testing.T) *cage {
	t.Helper()
	c := &cage{t: t, home: t.TempDir(), tmp: t.TempDir(), in: t.TempDir(), out: t.TempDir(), found: map[string]bool{}}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, c.tmp)
	}
	c.secret, c.wrong = c.write("passphrase", "correct horse battery\n"), c.write("wrong", "incorrect horse battery\n")
	return c
}

func (c *cage) write(name, text string) string {
	c.t.Helper()
	path := filepath.Join(c.in, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// mrpt runs a command line. What failing ones say is kept, in turn as text and
// as JSON.
func (c *cage) mrpt(want int, args ...string) {
	c.t.Helper()
	var out, errs bytes.Buffer
	term := newTerminal(c.t, strings.NewReader(""), &out, &errs)
	global := []string{"--home", c.home, "--passphrase-file", c.secret, "--user", "Amina", "--project", "P " + nameCanary, fmt.Sprintf("--json=%v", c.failed%2 == 1)}
	if status := term.main(c.t.Context(), append(global, args...)); status != want {
		c.t.Fatalf("mrpt %s: status %d, want %d: %s%s", strings.Join(args, " "), status, want, errs.String(), out.String())
	}
	if want != 0 {
		c.failed++
		c.said.Write(errs.Bytes())
		c.said.Write(out.Bytes())
	}
}

// look searches the home, the temporary folder and every file of theirs, or of
// nobody any more, that this process holds open.
func (c *cage) look() {
	c.rounds++
	for _, root := range []string{c.home, c.tmp} {
		// Files come and go while commands run; one that is gone is no find.
		_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return nil
			}
			c.files++
			c.search(path, []byte(strings.TrimPrefix(path, root)))
			if !e.IsDir() {
				data, _ := os.ReadFile(path)
				c.search(path, data)
			}
			return nil
		})
	}
	c.lookAtOpenFiles()
}

// lookAtOpenFiles finds what was deleted while open, as databases do with
// their temporary files, or never had a name. Where there is no /proc it finds
// nothing.
func (c *cage) lookAtOpenFiles() {
	open, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range open {
		target, err := os.Readlink(fd)
		if err != nil || !strings.HasSuffix(target, " (deleted)") {
			continue
		}
		if strings.HasPrefix(target, c.out+string(filepath.Separator)) {
			continue // an export on its way, which has no name before it is whole
		}
		if info, err := os.Stat(fd); err != nil || !info.Mode().IsRegular() {
			continue
		}
		c.opened++
		data, _ := os.ReadFile(fd)
		c.search(target, data)
	}
}

// search notes where a canary sits, in either case and in UTF-8 or UTF-16.
func (c *cage) search(where string, data []byte) {
	low := bytes.ToLower(data)
	for _, canary := range []string{rowCanary, nameCanary} {
		small := []byte(strings.ToLower(canary))
		wide := bytes.Join(bytes.Split(small, nil), []byte{0})
		if bytes.Contains(low, small) || bytes.Contains(low, wide) {
			c.found[where+": "+canary] = true
		}
	}
}

// watch looks again and again until the returned function is called.
func (c *cage) watch() (stop func()) {
	end := make(chan struct{})
	var wg sync.WaitGroup
	pause := time.NewTicker(time.Millisecond) // leaves the processor to the commands
	wg.Go(func() {
		defer pause.Stop()
		for {
			select {
			case <-end:
				return
			case <-pause.C:
				c.look()
			}
		}
	})
	return func() { close(end); wg.Wait() }
}

// inputs writes the files of the chain: three wards in two LGAs, one of which
// the tables spell so that a person has to decide.
func (c *cage) inputs() (wards, facilities, variables string) {
	ward := func(i int) string { return fmt.Sprintf("%s%c", rowCanary, 'a'+i) }
	var features []string
	rows := "State,LGA,WardName,rain_" + nameCanary + ",evi,Population\n"
	reports := "State,LGA,WardName,orgunitlevel5,periodname,tested_rdt_u5,positive_rdt_u5\n"
	for i := range 6 {
		lga := fmt.Sprintf("%sLga%d", rowCanary, i/3)
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"StateName":"%sState","LGAName":"%s","WardName":"%s","WardCode":"W%d"},`+
			`"geometry":{"type":"Polygon","coordinates":[[[%d,8],[%d,8],[%d,9],[%d,9],[%d,8]]]}}`, rowCanary, lga, ward(i), i, i, i+1, i+1, i, i))
		rows += fmt.Sprintf("%sState,%s,%s,%d,%d,%d\n", rowCanary, lga, ward(i), i*i, 7*i%5, 1000+i)
		reports += fmt.Sprintf("%sState,%s,%s Ward,%s Clinic %d,2024-01,%d,%d\n", rowCanary, lga, ward(i), rowCanary, i, 10+i, i)
	}
	reports += fmt.Sprintf("%sState,%sLga0,%sx unknown place,%s Post,2024-01,5,1\n", rowCanary, rowCanary, rowCanary, rowCanary)
	return c.write("wards "+nameCanary+".geojson", `{"type":"FeatureCollection","features":[`+strings.Join(features, ",")+`]}`),
		c.write("facilities "+nameCanary+".csv", reports), c.write("variables "+nameCanary+".csv", rows)
}

// chain does the whole main job.
func (c *cage) chain() {
	wards, facilities, variables := c.inputs()
	to := func(name string) string { return filepath.Join(c.out, name) }
	c.mrpt(0, "user", "add", "Amina")
	c.mrpt(0, "import", wards)
	c.mrpt(0, "import", facilities, "--as", "facilities")
	c.mrpt(0, "import", variables, "--as", "wards", "--name", "vars "+nameCanary)
	c.mrpt(0, "match", "--export", to("review.csv"))
	review, err := os.ReadFile(to("review.csv"))
	if err != nil {
		c.t.Fatal(err)
	}
	decided := strings.NewReplacer(",review", ",not_a_ward", ",unmatched", ",not_a_ward").Replace(string(review))
	if decided == string(review) {
		c.t.Fatal("nothing was left for a person to decide")
	}
	c.mrpt(0, "match", "--accept", c.write("decided.csv", decided))
	c.mrpt(0, "positivity", "--level", "all", "--age", "u5", "--test", "rdt", "--period", "2024")
	c.mrpt(0, "score", "--vars", "positivity,evi,rain_"+nameCanary)
	c.mrpt(0, "plan", "--nets", "1000")
	c.mrpt(0, "map", "--show", "rank", "--out", to("rank.svg"))
	c.mrpt(0, "map", "--show", "rain_"+nameCanary, "--out", to("rain.png"))
	c.mrpt(0, "report", "--title", "Report "+nameCanary, "--out", to("report.pdf"))
	for _, name := range []string{"ranking.csv", "ranking.geojson", "ranking.json"} {
		c.mrpt(0, "export", "--what", "ranking", "--out", to(name))
	}
	c.mrpt(0, "data", "--all")
	c.mrpt(0, "runs")
}

// failures are commands that fail with rows in hand.
func (c *cage) failures() {
	row := rowCanary + "State," + rowCanary + "Lga0," + rowCanary + "a"
	c.mrpt(4, "--passphrase-file", c.wrong, "data")
	c.mrpt(3, "import", c.write("zero.csv", "State,LGA,WardName,rain\n"+row+",1\n"+rowCanary+"\x00,,,\n"))
	c.mrpt(3, "import", c.write("quote.csv", "State,LGA,WardName,rain\n"+row+",1\n\""+row+"\n"))
	c.mrpt(3, "import", c.write("noward.csv", "year,rain,note\n2024,1,"+rowCanary+"\n2024,2,"+rowCanary+"\n"))
	c.mrpt(3, "import", c.write("points.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"WardName":"`+rowCanary+`"},"geometry":{"type":"Point","coordinates":[5,8]}}]}`))
	c.mrpt(3, "import", c.write("cut.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"WardName":"`+rowCanary))
	c.mrpt(3, "match", "--accept", c.write("word.csv", "given_state,given_lga,given_ward,rows,state,lga,ward,ward_code,score,margin,decision\n"+row+",1,,,,,,,perhaps\n"))
	c.mrpt(3, "map", "--show", "rank", "--out", filepath.Join(c.out, "nowhere", "rank.svg"))
	c.mrpt(5, "score", "--vars", "evi,sunshine")
	c.mrpt(3, "import", c.write("rows.tif", "II*\x00"+rowCanary))
}

// TestCanaryIsNowhereButInTheExports searches the disk while the whole job
// runs and afterwards.
func TestCanaryIsNowhereButInTheExports(t *testing.T) {
	c := newCage(t)
	probe := filepath.Join(c.tmp, "probe")
	if err := os.WriteFile(probe, []byte(strings.ToUpper(rowCanary)), 0o600); err != nil {
		t.Fatal(err)
	}
	c.look()
	if len(c.found) != 1 {
		t.Fatalf("the search finds %v, want the one that was laid out", c.found)
	}
	clear(c.found)
	if err := os.Remove(probe); err != nil {
		t.Fatal(err)
	}

	stop := c.watch()
	c.chain()
	c.failures()
	stop()
	c.look()
	for where := range c.found {
		t.Errorf("in clear in %s", where)
	}
	if left, err := os.ReadDir(c.tmp); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v %v", left, err)
	}
	if said := strings.ToLower(c.said.String()); strings.Contains(said, strings.ToLower(rowCanary)) {
		t.Errorf("a failing command repeats a row: %s", said)
	}
	for _, name := range []string{"review.csv", "ranking.csv", "ranking.geojson", "ranking.json"} {
		if data, err := os.ReadFile(filepath.Join(c.out, name)); err != nil || !bytes.Contains(data, []byte(rowCanary)) {
			t.Errorf("%s doesn't hold what was asked for: %v", name, err)
		}
	}
	if c.rounds < 20 {
		t.Errorf("only %d looks at the disk while the job ran", c.rounds)
	}
	t.Logf("%d looks at %d files and %d deleted ones", c.rounds, c.files, c.opened)
}
