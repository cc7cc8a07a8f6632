package s3test_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote/s3test"
)

// runs counts the runs of the benchmark: no two send the same bytes, of which
// ours would send nothing the second time, or to the same place.
var runs atomic.Uint64

const serverEnv = "S3TEST_SERVER"

// TestServer is not a test of its own: it is the server of the benchmark, a
// process apart, so that its work is not counted as the client's.
func TestServer(t *testing.T) {
	dir := os.Getenv(serverEnv)
	if dir == "" {
		return
	}
	s, err := s3test.Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	k, err := s.AddUser("bench", "device")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{"plain": s.Plain, "id": k.ID, "secret": k.Secret})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("@ %s\n", text)
	bufio.NewReader(os.Stdin).ReadString('\n') // until the benchmark ends
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// remoteServer is a server in another process.
type remoteServer struct{ Plain, ID, Secret string }

func startServer(b *testing.B) remoteServer {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestServer$")
	cmd.Env = append(os.Environ(), serverEnv+"="+b.TempDir())
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		text, ok := strings.CutPrefix(lines.Text(), "@ ")
		if !ok {
			continue
		}
		var s remoteServer
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			b.Fatal(err)
		}
		go func() { // what the server says is of no matter, but it must not block
			for lines.Scan() {
			}
		}()
		return s
	}
	b.Fatal("the server does not come up")
	return remoteServer{}
}

// load is a set of files to be sent.
type load struct {
	name  string
	files int
	size  int
}

// BenchmarkPush sends files as the program does (packed, sealed to the user,
// through the outbox) and as rclone does (as they are, 4 and 16 at a time) to
// the same server, one after the other. It reports the seconds of each and of
// its own processor time. restic, which packs and seals as the program does,
// stands beside both. Each is used where it is installed.
func BenchmarkPush(b *testing.B) {
	s := startServer(b)
	d := newDeskFor(b, "bench", s3test.Key{ID: s.ID, Secret: s.Secret}, s.Plain)
	d.setup(b)
	warm := load{"", 4, 16 << 20} // so that the first to be timed does not meet a server that has just started
	a := d.open(b, s.Plain)
	if err := a.Deliver(b.Context(), queue(b, a, warm.made(runs.Add(1))), tell); err != nil {
		b.Fatal(err)
	}
	for _, l := range []load{{"4x64MB", 4, 64 << 20}, {"2000x20KB", 2000, 20 << 10}} {
		b.Run(l.name+"/ours", func(b *testing.B) { benchOurs(b, s, d, l) })
		for _, transfers := range []string{"4", "16"} {
			b.Run(l.name+"/rclone-"+transfers, func(b *testing.B) { benchRclone(b, s, l, transfers) })
		}
		b.Run(l.name+"/restic", func(b *testing.B) { benchRestic(b, s, l) })
	}
}

// made makes the files of a load, other ones each time.
func (l load) made(seed uint64) []bundle.File {
	out := make([]bundle.File, l.files)
	for i := range out {
		data := make([]byte, l.size)
		chance := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(i), byte(i >> 8)})
		chance.Read(data)
		out[i] = bundle.File{Path: fmt.Sprintf("f%04d/file-%d.png", i%50, i), Data: data}
	}
	return out
}

// write puts the files of a load into a folder.
func (l load) write(b *testing.B, dir string, seed uint64) {
	for _, f := range l.made(seed) {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}

func cpu(who int) time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(who, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// counted passes requests on and counts them.
func counted(b *testing.B, s remoteServer) (*httptest.Server, *handler) {
	b.Helper()
	h := newHandlerTo(b, s.Plain, nil)
	srv := httptest.NewServer(h)
	b.Cleanup(srv.Close)
	return srv, h
}

func benchOurs(b *testing.B, s remoteServer, d *desk, l load) {
	srv, h := counted(b, s)
	for range b.N {
		b.StopTimer()
		files := l.made(runs.Add(1))
		a := d.open(b, s.Plain)
		before := cpu(syscall.RUSAGE_SELF)
		b.StartTimer()
		start := time.Now()
		sh := queue(b, a, files)
		queued := time.Since(start)
		if err := a.Deliver(b.Context(), sh, tell); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		b.ReportMetric(queued.Seconds(), "s-packing")
		b.ReportMetric((cpu(syscall.RUSAGE_SELF) - before).Seconds(), "cpu-s")
		if l.files > 100 {
			files = l.made(runs.Add(1))
			n := h.count.Load()
			again := d.open(b, srv.URL)
			if err := again.Deliver(b.Context(), queue(b, again, files), tell); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(h.count.Load()-n), "requests")
		}
	}
}

func benchRclone(b *testing.B, s remoteServer, l load, transfers string) {
	tool, err := exec.LookPath("rclone")
	if err != nil {
		b.Skip("rclone is not installed")
	}
	srv, h := counted(b, s)
	copyTo := func(endpoint, dir, to string) time.Duration {
		before := cpu(syscall.RUSAGE_CHILDREN)
		cmd := exec.CommandContext(b.Context(), tool, "copy", "--transfers", transfers, "--s3-upload-concurrency", transfers, "--config", os.DevNull, dir,
			":s3:"+s3test.Private+"/users/bench/"+to)
		cmd.Env = append(os.Environ(), "AWS_CA_BUNDLE=", "RCLONE_S3_PROVIDER=Other", "RCLONE_S3_ENDPOINT="+endpoint, "RCLONE_S3_ACCESS_KEY_ID="+s.ID,
			"RCLONE_S3_SECRET_ACCESS_KEY="+s.Secret, "RCLONE_S3_REGION=us-east-1", "RCLONE_S3_NO_CHECK_BUCKET=true")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		return cpu(syscall.RUSAGE_CHILDREN) - before
	}
	for range b.N {
		b.StopTimer()
		run := runs.Add(1)
		dir := b.TempDir()
		l.write(b, dir, run)
		b.StartTimer()
		took := copyTo(s.Plain, dir, fmt.Sprintf("rclone-%d", run))
		b.StopTimer()
		b.ReportMetric(took.Seconds(), "cpu-s")
		if l.files > 100 {
			n := h.count.Load()
			copyTo(srv.URL, dir, fmt.Sprintf("counted-%d", run))
			b.ReportMetric(float64(h.count.Load()-n), "requests")
		}
	}
}

// benchRestic saves the files to a repository that was made beforehand. It does
// so as the server's owner: it asks for the bucket as a whole, which no user
// with a prefix of his own may.
func benchRestic(b *testing.B, s remoteServer, l load) {
	tool, err := exec.LookPath("restic")
	if err != nil {
		b.Skip("restic is not installed")
	}
	owner := s3test.Owner()
	for range b.N {
		b.StopTimer()
		run, dir := runs.Add(1), b.TempDir()
		l.write(b, dir, run)
		do := func(args ...string) {
			cmd := exec.CommandContext(b.Context(), tool, append([]string{"--quiet", "--no-cache"}, args...)...)
			cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+owner.ID, "AWS_SECRET_ACCESS_KEY="+owner.Secret, "AWS_DEFAULT_REGION=us-east-1", "RESTIC_PASSWORD=bench",
				fmt.Sprintf("RESTIC_REPOSITORY=s3:%s/%s/users/bench/restic-%d", s.Plain, s3test.Private, run))
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
		do("init")
		b.StartTimer()
		do("backup", dir)
		b.StopTimer()
	}
}
